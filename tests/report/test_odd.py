"""The ODD document: every part of the model that a referee needs appears in it, whatever changes in the code."""

from __future__ import annotations

import ast
import re
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import economies
import pytest
from ruamel.yaml import YAML

import chainsim as cs
from chainsim.economy import draws
from chainsim.economy.columns import COLUMNS
from chainsim.economy.entry_points import entry_points
from chainsim.indicators.table import INDICATORS
from chainsim.levers import LEVERS
from chainsim.report.odd import SUBMODELS, odd
from chainsim.report.odd_draws import (
    COMPUTED,
    MECHANICS,
    ROOMS,
    Draw,
    Function,
    called,
    named_constants,
    named_draws,
    purposes,
)
from chainsim.report.odd_draws import (
    PACKAGE as ODD_PACKAGE,
)
from chainsim.scenario.explain import explained
from chainsim.scenario.region import Target
from chainsim.scenario.schema import NamedEnterprise, Segment
from chainsim.shocks import SHOCKS
from chainsim.stages import CALENDAR, Pricing

SCENARIOS = Path(__file__).parents[2] / "scenarios"
PACKAGE = cs.load(SCENARIOS / "jilin-package.yaml", {"years.end": 2022})
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


@cache
def document() -> str:
    """The document of the package."""
    return odd(PACKAGE)


def below(heading: str) -> str:
    """What stands under a heading of the third level."""
    return document().partition(f"\n### {heading}\n")[2].partition("\n### ")[0]


def rows_of(block: str) -> list[dict[str, str]]:
    """The rows of a table by the names of their columns, without code style around a cell."""
    lines = [re.split(r"(?<!\\)\|", line[1:-1]) for line in block.strip().split("\n")]
    head, _, *rows = [[cell.strip() for cell in cells] for cells in lines]
    names = [name.strip("`") for name in head]
    return [dict(zip(names, map(unquoted, row), strict=True)) for row in rows]


def unquoted(cell: str) -> str:
    """A cell without the code style around all of it."""
    return cell.strip("`") if cell.count("`") == 2 and cell.startswith("`") and cell.endswith("`") else cell


def tables_of(first: str) -> list[dict[str, str]]:
    """The rows of all tables of the document whose first column has the name."""
    blocks = re.findall(rf"^\| {first} \|.*\n(?:\|.*\n)+", document(), re.M)
    return [row for block in blocks for row in rows_of(block)]


def test_all_elements_and_concepts_of_the_protocol_are_answered_in_order() -> None:
    places = [document().index(f"\n## {element}\n") for element in ELEMENTS]
    assert places == sorted(places)
    places = [document().index(f"\n**{concept}.** ") for concept in CONCEPTS]
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
    assert [name for name in names if f"\n| `{name}` |" not in document()] == []


def test_every_draw_of_a_run_is_one_of_the_named(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, key, several = set(), draws.draw_key, draws.several

    def noted(seed: int, purpose: str, year: int) -> object:
        drawn.add(purpose)
        return key(seed, purpose, year)

    def noted_together(economy: draws.Clock, purposes: tuple[str, ...], identity: Any) -> Any:
        drawn.update(purposes)
        return several(economy, purposes, identity)

    monkeypatch.setattr(draws, "draw_key", noted)
    monkeypatch.setattr(draws, "several", noted_together)
    closing = {"type": "plant_closure", "share": 0.1, "years": "2021"}
    queues = [name for name, lever in PACKAGE.levers.items() if lever.asked_singly]
    lottery = {f"levers.{name}.rationing": "lottery" for name in queues}
    scenario = PACKAGE.replace({"shocks.closing": closing, "population.seed": 99, **lottery})
    cs.run(scenario, seed=1)
    named = named_draws()
    assert drawn - set().union(*(draw.possible(scenario) for draw in named)) == set()
    assert len(drawn) > 30
    assert [draw.purpose for draw in named if f"| `{draw.purpose}` |" not in document() or not draw.meaning] == []


def test_what_a_purpose_can_be_is_bounded_by_the_names_of_the_scenario() -> None:
    assert {draw.purpose for draw in named_draws() if "<" in draw.purpose} == set(COMPUTED)
    grant = next(draw for draw in named_draws() if draw.purpose.startswith("lever.<"))
    kind = next(iter(PACKAGE.levers.values())).type
    assert f"lever.{kind}.lottery" in grant.possible(PACKAGE)
    assert not grant.possible(PACKAGE) & {"lever.unknown.lottery", f"lever.{kind}.secret", "shock.closing"}


def test_a_computed_purpose_that_nobody_declares_covers_no_draw() -> None:
    body = "def secret(self, economy):\n    return draws.uniform(economy, purpose_of(self))"
    function = Function("stages/own.py", "secret", ast.parse(body).body[0])
    call = next(call for call in function.calls() if called(call) == "uniform")
    [(purpose, _)] = purposes(call.args[1], function)
    assert Draw(purpose, "secret", "stages/own.py", "Hidden.").possible(PACKAGE) == set()


def rows_below(heading: str) -> list[list[dict[str, str]]]:
    """The tables under a heading of the third level."""
    return [rows_of(block) for block in below(heading).strip().split("\n\n") if block.startswith("| ")]


def stated(cells: dict[str, str], leave: tuple[str, ...] = ()) -> dict[str, Any]:
    """What the cells of a row state, empty ones left out."""
    return {name: YAML(typ="safe").load(cell) for name, cell in cells.items() if cell and name not in leave}


def nested(flat: dict[str, Any]) -> dict[str, Any]:
    """The values of `enterprises.number` and the like in a block of their own."""
    block = {name.partition(".")[2]: value for name, value in flat.items() if "." in name}
    return {name: value for name, value in flat.items() if "." not in name} | {"enterprises": block}


def test_the_chain_can_be_built_again_from_the_document_alone() -> None:
    meanings, _, *by_segment = rows_below("Segments of the chain")
    common = {row["value of a segment"]: row["value"] for row in meanings if "below" not in row["value"]}
    segments: dict[str, dict[str, Any]] = {}
    for row in (row for rows in by_segment for row in rows):
        segments.setdefault(row["segment"], stated(common)).update(stated(row, leave=("segment",)))
    segments = {name: nested(values) | {"markets": {}} for name, values in segments.items()}
    for row in rows_below("Inputs of the segments")[0]:
        for name, value in stated(row, leave=("buyer", "input")).items():
            segments[row["buyer"]].setdefault(name, {})[row["input"]] = value
    for row in rows_below("Final markets")[0]:
        segments[row["segment"]]["markets"][row["market"]] = stated(row, leave=("segment", "market"))
    for name, values in segments.items():
        assert Segment.model_validate(values) == PACKAGE.chain.segments[name].model_copy(update={"title": None})
    assert list(segments) == list(PACKAGE.chain.segments)
    assert list(segments["vehicles"]["inputs"]) == list(PACKAGE.chain.segments["vehicles"].inputs)
    enterprises = [NamedEnterprise.model_validate(stated(row)) for row in rows_below("Named enterprises")[0]]
    assert tuple(enterprises) == PACKAGE.enterprises
    chain = {row["value of the chain"]: row["value"] for row in tables_of("value of the chain")}
    assert stated(chain) == {name: list(getattr(PACKAGE.chain, name)) for name in ("tiers", "application", "anchors")}


EQUATION = re.compile(r"[=~^(]")
LETTERS = re.compile(r"(?<![\w`.&'])[A-Za-z]{1,7}\d?(?:_[A-Za-z]\w*|_[0-9]|)\*?(?![\w`&.])")
GREEK = {"delta", "eps", "eta", "gamma", "lambda", "mu", "nu", "phi", "psi", "rho", "sigma", "tau", "theta"}
SHORT = {"Pr", "ad", "as", "at", "by", "do", "if", "in", "is", "it", "ln", "of", "on", "or", "so", "to", "x"}


def symbols_of(module: str) -> set[str]:
    """Letters, Greek names and names with an index in the equations of a module's docstring."""
    lines = [line for line in (sys.modules[module].__doc__ or "").splitlines() if line.startswith("    ")]
    lines += re.findall(r"^(?:m =|U are).*$", sys.modules[module].__doc__ or "", re.M)
    parts = [part for line in lines for part in re.split(r" {3,}", line) if EQUATION.search(part)]
    words = [word for part in parts for word in LETTERS.findall(re.sub(r"\ba (?=[a-z]{3})", "", part))]
    named = [word.removesuffix("_") for word in words if word.split("_")[0] not in SHORT]
    return {word for word in named if len(word.rstrip("*").split("_")[0]) <= 2 or word.split("_")[0] in GREEK}


def test_every_symbol_of_an_equation_stands_in_the_table_of_symbols() -> None:
    table: dict[str, set[str]] = {}
    for row in tables_of("section"):
        table.setdefault(row["section"].replace("`", ""), set()).update(row["symbol"].split(", "))
    modules = {stage.key: type(stage).__module__ for stage in PACKAGE.stages.calendar()}
    modules |= {name.removeprefix("chainsim."): name for name in SUBMODELS}
    modules |= {f"lever {name}": kind.__module__ for name, kind in LEVERS.items()}
    short = {name.removeprefix("stages."): module for name, module in modules.items()}
    missing = {name: symbols_of(module) - table.get(name, set()) for name, module in short.items()}
    assert {name: symbols for name, symbols in missing.items() if symbols} == {}
    stale = {name: {s for s in table[name] if s not in (sys.modules[short[name]].__doc__ or "")} for name in table}
    assert {name: symbols for name, symbols in stale.items() if symbols} == {}


def test_names_in_the_table_of_symbols_are_those_of_the_document() -> None:
    names = set(re.findall(r"`([a-z]\w+)`", below("Symbols of the equations"))) - set(LEVERS) - {"dlog"}
    assert len(names) > 60
    rows = set(re.findall(r"^\| `(?:[\w.]+\.)?(\w+)` \|", document(), re.M))
    assert names - rows == set()


def test_a_stage_of_one_s_own_is_described_in_its_place() -> None:
    class Dear(Pricing):
        """Prices half as high again."""

        greed: float = 0.5

    text = odd(cs.load(SCENARIOS / "minimal.yaml").replace(stages=[Dear()]))
    assert "| `pricing` | Prices half as high again. |" in text
    assert "| `greed` | 0.5 |" in text


def test_every_key_that_a_source_names_stands_in_the_document_with_what_it_is() -> None:
    scenario = economies.shipped("jilin")
    text = odd(scenario)
    keys = {key for value in explained(scenario) for key, _ in value.cited}
    assert len(keys) > 20
    for key in keys:
        assert re.search(rf"^\| `{key}` \| .*{re.escape(scenario.citations[key].source[:20])}", text, re.M), key


def test_values_of_the_scenario_stand_beside_the_defaults() -> None:
    changed = odd(cs.load(SCENARIOS / "minimal.yaml", {"stages.pricing.lag": 0.35}))
    assert "| `lag` | 0.35 | 0.2 | 1 | 0 to 0.5 |" in changed


def test_the_same_code_and_scenario_give_the_same_bytes_and_no_place_of_a_machine() -> None:
    assert odd(PACKAGE) == document()
    assert not re.search(r"(?<![\w.])/(?:home|Users|root|tmp|work)/|0x[0-9a-f]{6}", document())


def test_tables_of_the_document_are_whole() -> None:
    lines = document().splitlines()
    broken = [
        line
        for head, line in pairwise(lines)
        if head.startswith("| ")
        and line.startswith("|")
        and len(re.findall(r"(?<!\\)\|", head)) != len(re.findall(r"(?<!\\)\|", line))
    ]
    assert broken == []


def capitals(module: str) -> set[str]:
    """Names in capitals that a module sets to numbers, in any way but by counting places."""
    text, held = Path(str(sys.modules[module].__file__)).read_text(encoding="utf-8"), vars(sys.modules[module]).items()
    counted = {
        name
        for line in re.findall(r"^\(?([A-Z_, ]+)\)? = (?:range|\w+\.index)", text, re.M)
        for name in re.findall(r"\w+", line)
    }
    return {name for name, value in held if name.isupper() and type(value) in (int, float)} - counted


def test_every_constant_of_the_rules_stands_in_the_document_with_its_meaning() -> None:
    constants = named_constants()
    assert [item.name for item in constants if not item.meaning] == []
    rows = {row["constant"]: row["value"] for row in rows_of(below("Constants of the code").split("\n\n")[-1])}
    assert {item.name for item in constants} <= set(rows)
    assert (rows["MARGIN"], rows["SMALLEST"], rows["OLDEST"], rows["MOST_SURPLUS"]) == ("0.04", "1.0", "60", "0.6")
    mechanics = {f"chainsim.{file.removesuffix('.py').replace('/', '.')}" for file in MECHANICS}
    rooms = tuple(f"chainsim.{room}." for room in ROOMS)
    modules = [name for name in sys.modules if name.startswith(rooms) and name not in mechanics]
    own = {item.name for item in constants}.union(*(capitals(name) for name in mechanics if name in sys.modules))
    stray = {name: capitals(name) - own for name in modules}
    assert {name: names for name, names in stray.items() if names} == {}


PLAIN = {0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 1000.0}
"""Halves, wholes and thousands, which equations write out."""


def written_out(path: Path) -> set[str]:
    """Decimal numbers within the functions of a file that its docstring does not say; bounds against rounding apart."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    body = [part for function in functions for statement in function.body for part in ast.walk(statement)]
    numbers = {node.value for node in body if isinstance(node, ast.Constant) and type(node.value) is float}
    said = set(re.findall(r"[\d.]+", ast.get_docstring(tree) or ""))
    return {f"{path.name}: {n}" for n in numbers - PLAIN if 1e-5 <= abs(n) < 1e300 and f"{n:g}" not in said}


def test_no_rule_holds_a_number_that_the_document_does_not_name() -> None:
    files = [path for room in ROOMS for path in (ODD_PACKAGE / room).rglob("*.py")]
    rules = [path for path in files if path.relative_to(ODD_PACKAGE).as_posix() not in MECHANICS]
    assert set().union(*map(written_out, rules)) == set()
    assert {"SMALLEST", "LARGE_FLOOR", "MOST_OF_SMALL", "HIGH_TECH_RESEARCH"} <= {
        item.name for item in named_constants()
    }


def test_the_targets_of_a_scenario_stand_in_the_document() -> None:
    jilin = cs.load(SCENARIOS / "jilin.yaml", {"years.end": 2021})
    text = odd(jilin).partition("### Targets observed of the region")[2].partition("\n## ")[0]
    block = text.strip().split("\n\n")[-1]
    found = [Target.model_validate(stated(row)) for row in rows_of(block)]
    assert tuple(found) == jilin.targets
    assert len(found) > 10
