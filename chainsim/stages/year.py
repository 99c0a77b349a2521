"""One simulated year: levers set the entry points, the stages act in the order of the calendar, the books close."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from chainsim.economy import sectors
from chainsim.stages import CALENDAR

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


LEVERS, ACCOUNTS = "levers", "accounts"
"""Names of the steps before and after the stages."""


class RunError(ArithmeticError):
    """A run that cannot go on: names seed, year and stage."""


def advance(economy: Economy) -> None:
    """Simulate the next year in place.

    Raises:
        RunError: a stage failed or the books do not close; names seed, year and stage.
    """
    for _ in steps(economy):
        pass


def steps(economy: Economy) -> Iterator[str]:
    """Simulate the next year in place, stopping after every step: yields its name, levers first, accounts last.

    Raises:
        RunError: as `advance`.
    """
    economy.begin_year(economy.year + 1)
    if economy.programme is not None:
        with _named(economy, LEVERS):
            economy.programme.open(economy)
    yield LEVERS
    for stage in CALENDAR:
        with _named(economy, stage.key):
            getattr(economy.stages, stage.key).step(economy)
        yield stage.key
    with _named(economy, ACCOUNTS):
        sectors.settle(economy)
        economy.ledger.check()
        sectors.check_stocks(economy)
    yield ACCOUNTS


class _named:
    """Adds seed, year and stage to an error raised inside."""

    def __init__(self, economy: Economy, stage: str) -> None:
        self.place = f"seed {economy.seed}, year {economy.year}, stage {stage}"

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, (ArithmeticError, ValueError)):
            raise RunError(f"{self.place}: {error}") from error
