"""One simulated year on one screen: who acts when, and when public money flows.

    levers        entry points move; what is promised is rationed; levers paid in January pay
    pricing, sourcing, demand, labour
    production    goods are made and sold; levers pay what they buy; suppliers and staff are paid
    innovation, investment
    finance       taxes; levers pay tax relief; guarantees go to loans asked for; loans; levers pay for them; dividends
    demography    guarantees pay for loans lost; those who close pay support back; entry; levers pay those who came
    accounts      households, government, bank and nation balance; the books are checked

Stages that a user adds act after the stage that they name. Levers move money in `open_levers`, `pay_levers`, `recover`
and `cover` only; the government's own rows (taxes, its purchases and enterprises) are booked by the stages themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, cast

import numpy as np

from chainsim.economy import sectors
from chainsim.stages import ACCOUNTS, LEVERS, Stage, Stages

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy
    from chainsim.economy.protocols import Point
    from chainsim.economy.types import Array, Flags


FAR_OUTSIDE = "a number of the scenario lies far outside its range; `chainsim check` and `explain` tell ranges"


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
    with named(economy, LEVERS, shipped(() if economy.programme is None else economy.programme.interventions)):
        open_levers(economy)
    yield LEVERS
    for stage, own in economy.once(acting, economy.stages):
        with named(economy, stage.key, own):
            act(economy, stage)
        yield stage.key
    with named(economy, ACCOUNTS):
        sectors.close_accounts(economy)
        economy.ledger.check()
        sectors.check_stocks(economy)
        sectors.check_plausible(economy)
    yield ACCOUNTS


def acting(stages: Stages) -> list[tuple[Stage, bool]]:
    """The stages that act in the year, in their order, and whether each is the package's own."""
    return [(stage, shipped([stage])) for stage in stages.calendar()]


def step_names(economy: Economy) -> list[str]:
    """Names of the steps of the year, in their order."""
    return [LEVERS, *(stage.key for stage in cast(Stages, economy.stages).calendar()), ACCOUNTS]


def act(economy: Economy, stage: Stage) -> None:
    """Let a stage act; production, finance and demography pause for money of levers."""
    acts = IN_PARTS.get(stage.key)
    if acts is None:
        stage.step(economy)
    else:
        acts(economy)


def produce(economy: Economy) -> None:
    """Make and sell goods, let levers pay what they buy, then pay suppliers and staff."""
    production = cast(Stages, economy.stages).production
    production.produce(economy)
    pay_levers(economy, "production")
    production.pay(economy)


def finance(economy: Economy) -> None:
    """Tax, lend and pay out; levers pay relief from taxes, and guarantee and pay what goes with loans, if any."""
    finance = cast(Stages, economy.stages).finance
    finance.tax(economy)
    pay_levers(economy, "taxes")
    if finance.enabled:
        hold_promises(economy)
        finance.lend(economy)
        pay_levers(economy, "credit")
    finance.pay_out(economy)


def renew(economy: Economy) -> None:
    """Enterprises fail, close and come: guarantees pay for lost loans, support is clawed back, levers pay for entry."""
    demography = cast(Stages, economy.stages).demography
    if demography.enabled:
        demography.count_losses(economy)
        turnover = demography.turnover(economy)
        cover(economy, turnover.restructured, demography.debt_cut)
        demography.restructure(economy, turnover.restructured)
        demography.repay(economy, turnover.closing)
        recover(economy, turnover.closing)
        cover(economy, turnover.closing, demography.debt_left)
        demography.close(economy, turnover.closing)
        demography.found(economy, turnover)
    pay_levers(economy, "founding")


IN_PARTS: dict[str, Callable[[Economy], None]] = {"production": produce, "finance": finance, "demography": renew}
"""How stages act in the midst of which money of levers flows, by key."""


def open_levers(economy: Economy) -> None:
    """January: shocks strike, levers move entry points, and those paid in January pay."""
    if economy.programme is not None:
        economy.programme.open(economy)


def hold_promises(economy: Economy) -> None:
    """Before banks lend: guarantees promised in January go to the loans that are asked for."""
    if economy.programme is not None:
        economy.programme.hold(economy)


def pay_levers(economy: Economy, point: Point) -> None:
    """Pay the levers whose money flows at a point of the year."""
    if economy.programme is not None:
        economy.programme.pay_levers(economy, point)


def recover(economy: Economy, closing: Flags) -> None:
    """Claw support back from enterprises that close, (n,)."""
    if economy.programme is not None:
        economy.programme.recover(economy, closing)


def cover(economy: Economy, failing: Flags, lost: Callable[[Economy, Flags], Array]) -> None:
    """Pay the bank what levers guaranteed of the loans that are `lost`, (n,), by `failing` enterprises (n,)."""
    if economy.programme is not None:
        economy.programme.cover(economy, failing, lost(economy, failing) if failing.any() else np.zeros(economy.n))


def shipped(parts: Iterable[object]) -> bool:
    """Whether all of these stages, levers or shocks are the package's own."""
    return all(type(part).__module__.startswith("chainsim.") for part in parts)


class named:
    """Adds seed, year and stage to an error raised inside.

    In a `strict` step, whose rules are the package's own, a division by nothing or an overflow is an error: it comes
    from a number far outside of its range, and whatever followed would be no result.
    """

    def __init__(self, economy: Economy, stage: str, strict: bool = False) -> None:
        self.economy, self.stage = economy, stage
        self.errors = np.errstate(divide="raise", over="raise", invalid="raise") if strict else None

    def __enter__(self) -> None:
        if self.errors is not None:
            self.errors.__enter__()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if self.errors is not None:
            self.errors.__exit__(None, None, None)
        if isinstance(error, ArithmeticError | ValueError):
            where = f"seed {self.economy.seed}, year {self.economy.year}, stage {self.stage}"
            hint = f"; {FAR_OUTSIDE}" if isinstance(error, FloatingPointError) else ""
            raise RunError(f"{where}: {error}{hint}") from error
