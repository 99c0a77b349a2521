"""The Mesa host: `ChainModel` is a mesa.Model whose agents are views of the rows of the economy."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np
from mesa.agent import AgentSet

from chainsim.economy.arrays import OWNERS
from chainsim.economy.columns import COLUMNS
from chainsim.runs.ensemble import seeds_of
from chainsim.runs.simulation import Simulation

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy
    from chainsim.scenario.scenario import Scenario

COLUMN_NAMES = frozenset(column.name for column in COLUMNS)


class Enterprise(mesa.Agent):
    """A view of one enterprise: its columns are attributes, read and written in place.

    Built when asked for and not registered with Mesa, so runs that never look at agents never pay for them. A view may
    be kept over the years: it stays the same enterprise.
    """

    def __init__(self, model: ChainModel, row: int) -> None:
        self.__dict__.update(model=model, last_row=row, unique_id=int(model.economy.identity[row]), pos=None)

    @property
    def row(self) -> int:
        """Present row in the economy; rows move when those of closed enterprises are dropped.

        Raises:
            LookupError: the enterprise has closed and left the table.
        """
        economy, row = self.model.economy, self.__dict__["last_row"]
        if row >= economy.n or economy.identity[row] != self.unique_id:
            found = np.flatnonzero(economy.identity == self.unique_id)
            if found.size == 0:
                raise LookupError(f"enterprise {self.unique_id} has closed and left the table")
            self.__dict__["last_row"] = row = int(found[0])
        return row

    def __getattr__(self, name: str) -> Any:
        if "model" not in self.__dict__:
            raise AttributeError(name)  # a copy that has no content yet
        economy: Economy = self.model.economy
        row = self.row
        if name == "segment":
            return economy.arrays.names[economy.segment[row]]
        if name == "tier":
            return economy.arrays.tiers[economy.arrays.tier[economy.segment[row]]]
        if name == "park":
            return economy.arrays.park_names[economy.park[row]]
        if name == "owner":
            return OWNERS[economy.owner[row]]
        if name == "name":
            return economy.names.get(row, "")
        if name == "employment" or name in COLUMN_NAMES:
            return getattr(economy, name)[row]
        raise AttributeError(f"an enterprise has no '{name}'; it has {', '.join(sorted(COLUMN_NAMES))}")

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in COLUMN_NAMES or name in {"identity", "segment", "park", "owner"}:
            raise AttributeError(f"'{name}' of an enterprise cannot be set")
        getattr(self.model.economy, name)[self.row] = value

    def __eq__(self, other: object) -> bool:
        """Whether both are views of the same enterprise of the same model."""
        return isinstance(other, Enterprise) and self.model is other.model and self.unique_id == other.unique_id

    def __hash__(self) -> int:
        return hash(self.__dict__.get("unique_id"))

    def remove(self) -> None:
        """Refused: enterprises close through the demography stage, which settles their money.

        Raises:
            TypeError: always.
        """
        raise TypeError("an enterprise closes through the demography stage; override Demography.closes")

    @property
    def suppliers(self) -> list[Enterprise]:
        """Local suppliers, each once."""
        links, economy, row = self.model.economy.links, self.model.economy, self.row
        rows = links.supplier[links.start[row] : links.start[row + 1]]
        return [Enterprise(self.model, int(row)) for row in np.unique(rows[rows >= 0]) if economy.active[row]]


def batch_iteration() -> int:
    """Which of the equal runs of a `mesa.batch_run` is being made, 0 elsewhere.

    Mesa tells a model neither that it belongs to a batch nor its number, which only the frame that makes it knows.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_name != "_model_run_func":
        frame = frame.f_back
    run = frame.f_locals.get("run") if frame is not None else None
    return run[1] if isinstance(run, tuple) and len(run) > 1 and isinstance(run[1], int) else 0


class ChainModel(mesa.Model):
    """A simulation as a Mesa model: `step()`, `agents`, `datacollector`, `mesa.batch_run`.

    Without a seed it has the scenario's; iteration i of a batch has that seed + i, as replications have.
    `config` is the scenario; `year` is the simulated year, beside Mesa's own step count. The data collector holds the
    region's indicators of the chain, one row a year, the base year first.
    """

    def __init__(self, config: Scenario, seed: int | None = None, rng: Any = None) -> None:
        if not hasattr(config, "chain"):
            raise TypeError(f"expected a scenario, found {config!r}; mesa.batch_run takes it in a list: [scenario]")
        drawn = rng if seed is None else seed
        own = config.seed + batch_iteration() if drawn is None else seeds_of(config, int(drawn), 1)[0]
        super().__init__(rng=own)
        self.config = config
        self.simulation = Simulation(config, own)
        self._views: list[Enterprise] = []
        self._enterprises: AgentSet | None = None
        names = [name for name, values in self._latest().items() if np.issubdtype(values.dtype, np.number)]
        self.datacollector = mesa.DataCollector(
            model_reporters={name: partial(ChainModel.indicator, name=name) for name in names}
        )
        self.datacollector.collect(self)
        self.running = self.simulation.running

    @property
    def economy(self) -> Economy:
        """The state of the economy."""
        return self.simulation.economy

    @property
    def year(self) -> int:
        """The last simulated year."""
        return self.economy.year

    def _latest(self) -> Mapping[str, Any]:
        return self.simulation.latest("region")

    def indicator(self, name: str) -> float:
        """An indicator of the chain in the last simulated year."""
        return float(self._latest()[name][0])

    def step(self) -> None:
        """Simulate the next year; after the last it only says that the model has stopped.

        Mesa's batches, in versions before 3.5, leave out what was collected in the step that stops the model.
        """
        self.running = self.simulation.running
        if self.running:
            self.simulation.step()
            self._enterprises = None
            self.datacollector.collect(self)

    @property
    def agents(self) -> AgentSet:
        """The enterprises in business, as views built on first use in every year."""
        if "simulation" not in self.__dict__:
            return AgentSet([], random=self.random)
        if self._enterprises is None:
            self._views = [Enterprise(self, int(row)) for row in self.economy.rows]
            self._enterprises = AgentSet(self._views, random=self.random)
        return self._enterprises
