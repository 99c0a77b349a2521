"""The state of the program as plain lists, floats and dicts: all that the second opinion takes from it.

Beside the state it takes the public draws, and the parameters and numbers that a scenario declares.
"""

from dataclasses import is_dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from chainsim.economy import draws
from chainsim.economy.columns import COLUMNS
from chainsim.economy.entry_points import entry_points
from chainsim.economy.ledger import ENTERPRISES

LINKS = ("start", "input", "supplier", "coefficient", "wedge")
OWN = ("rival_share", "reference_profit", "first_plant", "labour_income")


def plain(value: Any) -> Any:
    """Arrays as lists, tables as namespaces, all copied."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return SimpleNamespace(**{key: plain(item) for key, item in value._asdict().items()})
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if is_dataclass(value):
        return table(value)
    return value


def table(record: Any) -> SimpleNamespace:
    """The fields of a record."""
    return SimpleNamespace(**{name: plain(value) for name, value in vars(record).items()})


def read(economy: Any) -> SimpleNamespace:
    """The state of an economy between two steps."""
    state = SimpleNamespace(year=economy.year, seed=economy.seed, n=economy.n, S=economy.arrays.size)
    for column in COLUMNS:
        setattr(state, column.name, plain(getattr(economy, column.name)))
    for name in OWN:
        setattr(state, name, plain(getattr(economy, name)))
    state.link = SimpleNamespace(**{name: plain(getattr(economy.links, name)) for name in LINKS})
    state.link.wedge = state.link.wedge if any(state.link.wedge) else []
    state.region, state.cal, state.arrays = table(economy.region), table(economy.calibration), table(economy.arrays)
    state.flows = table(economy.flows) if hasattr(economy, "flows") else None
    state.policy = SimpleNamespace(**{name: plain(getattr(economy.policy, name)) for name in entry_points()})
    state.years = economy.year - economy.arrays.start
    state.names = list(economy.arrays.names)
    state.reference = None if economy.reference is None else plain(economy.reference.income)
    state.booked = {}
    for (row, _, _), amount in economy.ledger.entries.items():
        state.booked[row] = state.booked.get(row, 0.0) + amount
    for stage in type(economy.stages).model_fields:
        setattr(state, f"at_{stage}", SimpleNamespace(**getattr(economy.stages, stage).model_dump()))
    return state


def uniform(e: SimpleNamespace, purpose: str, rows: list[int] | None = None) -> list[float]:
    """The public draws of enterprises."""
    identity = np.array(e.identity if rows is None else [e.identity[i] for i in rows], dtype=np.uint64)
    return draws.uniform_for(draws.draw_key(e.seed, purpose, e.year), identity).tolist()


def normal(e: SimpleNamespace, purpose: str, names: list[str] | None = None) -> list[float]:
    """The public normal draws of enterprises, or of names."""
    identity = np.array(e.identity, dtype=np.uint64) if names is None else draws.hashed(names)
    return draws.normal_for(draws.draw_key(e.seed, purpose, e.year), identity).tolist()


def book(e: SimpleNamespace, row: Any, amount: list[float] | float) -> None:
    """A row of the ledger: it moves the cash of enterprises where it has an amount for each."""
    if isinstance(amount, list):
        for i, paid in enumerate(amount):
            if row.payer == ENTERPRISES:
                e.cash[i] -= paid
            if row.receiver == ENTERPRISES:
                e.cash[i] += paid
        amount = sum(amount)
    e.booked[str(row)] = e.booked.get(str(row), 0.0) + amount


def uniform_by_name(e: SimpleNamespace, purpose: str, names: list[str] | None = None) -> list[float]:
    """The public draws of segments, or of other names."""
    return draws.uniform_for(draws.draw_key(e.seed, purpose, e.year), draws.hashed(names or e.names)).tolist()


def poisson_by_name(e: SimpleNamespace, purpose: str, mean: list[float]) -> list[int]:
    """The public Poisson counts of segments."""
    return draws.poisson(np.array(uniform_by_name(e, purpose)), np.array(mean)).tolist()
