"""The ODD document: every part of the model that a referee needs appears in it, whatever changes in the code."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

import chainsim as cs
from chainsim.economy import draws
from chainsim.economy.columns import COLUMNS
from chainsim.economy.entry_points import entry_points
from chainsim.indicators import INDICATORS
from chainsim.levers import LEVERS
from chainsim.report.odd import odd
from chainsim.report.odd_draws import named_draws
from chainsim.shocks import SHOCKS
from chainsim.stages import CALENDAR, Pricing

SCENARIOS = Path(__file__).parents[2] / "scenarios"
PACKAGE = cs.load(SCENARIOS / "jilin-package.yaml", {"years.end": 2022})
DOCUMENT = odd(PACKAGE)
ELEMENTS = (
    "1 Purpose and patterns",
    "2 Entities, state variables and scales",
    "3 Process overview and scheduling",
    "4 Design concepts",
    "5 Initialization",
    "6 Input data",
    "7 Submodels",
)
CONCEPTS = (
    *("Basic principles", "Emergence", "Adaptation", "Objectives", "Learning", "Prediction", "Sensing", "Interaction"),
    *("Stochasticity", "Collectives", "Observation"),
)
"""The seven elements and eleven concepts of Grimm et al. 2020."""


def below(heading: str) -> str:
    """What stands under a heading of the third level."""
    return DOCUMENT.partition(f"\n### {heading}\n")[2].partition("\n### ")[0]


def test_all_elements_and_concepts_of_the_protocol_are_answered_in_order() -> None:
    places = [DOCUMENT.index(f"\n## {element}\n") for element in ELEMENTS]
    assert places == sorted(places)
    places = [DOCUMENT.index(f"\n**{concept}.** ") for concept in CONCEPTS]
    assert places == sorted(places)


@pytest.mark.parametrize("stage", CALENDAR, ids=lambda stage: stage.key)
def test_every_parameter_and_rule_of_a_stage_appears(stage: type) -> None:
    text = below(stage.key)
    assert [name for name in stage.model_fields if f"| `{name}` |" not in text] == []
    said = re.findall(r"^\| `(\w+)` \| (.*) \|$", text, re.M)
    assert "step" in dict(said) or stage.parts
    assert [name for name, cells in said if not cells.strip(" |")] == [], "rules without a docstring"


@pytest.mark.parametrize(("name", "kind"), [*LEVERS.items(), *SHOCKS.items()])
def test_every_parameter_of_levers_and_shocks_appears(name: str, kind: type) -> None:
    of = "lever" if name in LEVERS else "shock"
    text = below(f"{of} `{name}`") + below(f"Fields that all {of}s share")
    assert [field for field in kind.model_fields if f"| `{field}` |" not in text] == []


def test_every_variable_entry_point_and_indicator_appears() -> None:
    names = [*(column.name for column in COLUMNS), *entry_points(), *INDICATORS]
    assert [name for name in names if f"\n| `{name}` |" not in DOCUMENT] == []


def test_every_draw_of_a_run_is_one_of_the_named(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, key = set(), draws.draw_key

    def noted(seed: int, purpose: str, year: int) -> object:
        drawn.add(purpose)
        return key(seed, purpose, year)

    monkeypatch.setattr(draws, "draw_key", noted)
    closing = {"type": "plant_closure", "share": 0.1, "years": "2021"}
    lottery = {f"levers.{name}.rationing": "lottery" for name in PACKAGE.levers}
    cs.run(PACKAGE.replace({"shocks.closing": closing, "population.seed": 99, **lottery}), seed=1)
    named = named_draws()
    assert [purpose for purpose in sorted(drawn) if not any(draw.covers(purpose) for draw in named)] == []
    assert len(drawn) > 30
    assert [draw.purpose for draw in named if f"| `{draw.purpose}` |" not in DOCUMENT or not draw.meaning] == []


def test_a_stage_of_one_s_own_is_described_in_its_place() -> None:
    class Dear(Pricing):
        """Prices half as high again."""

        greed: float = 0.5

    text = odd(cs.load(SCENARIOS / "minimal.yaml").replace(stages=[Dear()]))
    assert "| `pricing` | Prices half as high again. |" in text
    assert "| `greed` | 0.5 |" in text


def test_values_of_the_scenario_stand_beside_the_defaults() -> None:
    changed = odd(cs.load(SCENARIOS / "minimal.yaml", {"stages.pricing.lag": 0.35}))
    assert "| `lag` | 0.35 | 0.2 | 1 | 0 to 0.5 |" in changed


def test_the_same_code_and_scenario_give_the_same_bytes_and_no_place_of_a_machine() -> None:
    assert odd(PACKAGE) == DOCUMENT
    assert not re.search(r"(?<![\w.])/(?:home|Users|root|tmp|work)/|0x[0-9a-f]{6}", DOCUMENT)


def test_tables_of_the_document_are_whole() -> None:
    lines = DOCUMENT.splitlines()
    broken = [
        line
        for head, line in pairwise(lines)
        if head.startswith("| ")
        and line.startswith("|")
        and len(re.findall(r"(?<!\\)\|", head)) != len(re.findall(r"(?<!\\)\|", line))
    ]
    assert broken == []
