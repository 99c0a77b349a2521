"""Random scenarios of twenty years hold every identity of the auditor.

Segments, gaps and numbers are drawn, levers and shocks in half of them.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import economies
import numpy as np
import pandas as pd
import policies
import pytest
from sizes import size

import chainsim as cs
from chainsim.runs import results as page_room
from chainsim.scenario.errors import ScenarioError
from chainsim.scenario.scenario import Scenario
from chainsim.validation.audit import audit, audit_tables, written
from chainsim.validation.audit_budgets import check_levers
from chainsim.validation.audit_checks import Check, Checks, Stated
from chainsim.validation.audit_items import check_items

AUDITED = size("AUDITED")
SEGMENTS = 2, 3, 4
"""Numbers of segments."""
TOGETHER = 50
"""Most scenarios of one test."""
YEARS, FEW = 20, 4
"""Of a scenario whose tables are audited, and of one that is written."""


RANGES = economies.declared_ranges(Scenario.model_fields["stages"].annotation)
"""Of the parameters of stages, by stage and name."""


def drawn(seed: int) -> Scenario | None:
    """A random scenario; None where the draw has no economy or is refused."""
    luck = np.random.default_rng([seed, 12])
    end = {"years.end": economies.START + YEARS, "record.enterprises": True}
    for path in luck.choice(sorted(RANGES), 4, replace=False):
        end[f"stages.{path}"] = RANGES[path][int(luck.integers(2))]
    try:
        made = economies.random_chain(SEGMENTS[seed % len(SEGMENTS)], seed, used=0.4).replace(end)
        return policies.random_policy(made, seed) if seed % 2 else made
    except (ScenarioError, AssertionError):
        return None


def results(seeds: Iterable[int]) -> Iterator[tuple[int, cs.Result]]:
    """The runs of the scenarios that there are, with their seeds; a run that ends in words has no tables."""
    for seed in seeds:
        scenario = drawn(seed)
        with suppress(cs.RunFailed):
            if scenario is not None:
                yield seed, cs.run(scenario, seed=seed)


TOLD = Stated(years=(economies.START, economies.START + YEARS), working=frozenset({"pricing", "finance", "demography"}))
"""What is stated of all scenarios alike."""
UNTOLD = (
    "the rates of the scenario are not known",
    "labour cost over pay is not known",
    "what the scenario states of levers is not known",
    "an error in one of these columns may go unseen",
    "an error in one of these rows may go unseen",
    "no table holds their parts; they close their columns",
    "links are not recorded",
)
"""Why something is not checked of scenarios that are audited together."""


def audited(seeds: Iterable[int]) -> tuple[int, list[Check]]:
    """How many of some scenarios of equal size ran, and what the auditor says of them as points of one sweep.

    Ledger and levers are held against every single scenario besides.
    """
    made = list(results(seeds))
    tables = {
        name: pd.concat([result.table(name).assign(point=seed) for seed, result in made], ignore_index=True)
        for name in made[0][1].tables
    }
    alone = Checks()
    for _, result in made:
        held, stated = written(result)
        check_items(alone, held, stated)
        check_levers(alone, held, stated)
    return len(made), [*audit_tables(tables, TOLD), *(check for check in alone.found if not check.missing)]


def equally_large() -> list[Sequence[int]]:
    """The seeds, those of equally many segments together."""
    all_of = [range(first, AUDITED, len(SEGMENTS)) for first in range(len(SEGMENTS))]
    return [seeds[first : first + TOGETHER] for seeds in all_of for first in range(0, len(seeds), TOGETHER)]


@pytest.mark.parametrize("seeds", equally_large(), ids=str)
def test_random_scenarios_hold_every_identity(seeds: Sequence[int]) -> None:
    ran, checks = audited(seeds)
    assert [check for check in checks if check.failed] == []
    assert {check.missing for check in checks} <= {"", *UNTOLD}
    assert ran > 0.8 * len(seeds)


ON_DISK = range(3, AUDITED, 30)
"""Seeds of the scenarios that are audited as they are written, with and without levers in turns."""


@pytest.mark.parametrize("seed", ON_DISK)
def test_random_scenarios_hold_every_identity_as_they_are_written(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_room, "page_of", lambda *_: "")  # most of the time, and nothing of it is read
    scenario = drawn(seed)
    assert scenario is not None
    checks = audit(cs.run(scenario.replace({"years.end": economies.START + FEW}), seed=seed).save(tmp_path / "run"))
    assert [check for check in checks if check.failed] == []
    assert not {check.missing for check in checks} & {*UNTOLD[:3]}, "less is known than the scenario states"


@pytest.mark.parametrize("seeds", [(95, 185), (195, 825), (341,), (997,)])
def test_what_the_long_job_found_holds(seeds: Sequence[int]) -> None:
    """Certificates kept up when their lever asks for no more; years in which nobody is left, or nobody but who comes."""
    ran, checks = audited(seeds)
    assert [check for check in checks if check.failed] == []
    assert ran == len(seeds)
