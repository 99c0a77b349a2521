"""The model after the ODD protocol (Grimm et al. 2020, JASSS 23(2)7), written from the code and a scenario.

What can be read from the code is: state, schedule, rules, parameters, draws, levers, indicators. Purpose, concepts,
initialisation and input data are four texts written by hand, in `odd_texts`, and so is the table of symbols.
"""

from __future__ import annotations

import inspect
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from chainsim.economy.arrays import ScenarioArrays
from chainsim.economy.columns import COLUMNS, Calibration, Flows, Reference, Region
from chainsim.economy.entry_points import entry_points
from chainsim.economy.parameters import in_money, in_money_of
from chainsim.economy.types import meanings
from chainsim.indicators.table import INDICATORS
from chainsim.levers import LEVERS
from chainsim.policy.lever import Intervention
from chainsim.report.odd_chain import chain, shown, table
from chainsim.report.odd_draws import Draw, named_constants, named_draws
from chainsim.runs.provenance import source_hash, version_of
from chainsim.scenario.explain import explained
from chainsim.scenario.field_types import declared
from chainsim.scenario.scenario import Scenario
from chainsim.shocks import SHOCKS
from chainsim.stages import Stage, year
from chainsim.validation.patterns import PATTERNS

AROUND = " around a value of the run"
TEXTS = Path(__file__).parent / "odd_texts"
SUBMODELS = (
    "chainsim.stages.missing_links",
    "chainsim.stages.spin_offs",
    "chainsim.economy.arrivals",
    "chainsim.population.sizes",
    "chainsim.population.links",
    "chainsim.population.founding",
    "chainsim.economy.candidates",
    "chainsim.economy.ledger",
    "chainsim.economy.sectors",
    "chainsim.policy.programme",
)
"""Modules beside the stages whose docstrings state rules."""
STATE = {"economy.region": Region, "economy.calibration": Calibration, "economy.flows": Flows}
STATE |= {"economy.reference": Reference, "economy.arrays": ScenarioArrays}
"""Parts of the state beside the columns of enterprises, by where an economy holds them."""


@in_money_of(lambda scenario: scenario.money)
def odd(scenario: Scenario) -> str:
    """The document in Markdown. The same code and scenario give the same bytes."""
    title = scenario.title.en if scenario.title is not None else scenario.name
    parts = [
        f"# chainsim: ODD description of the scenario {scenario.name}",
        f"*{title}. After the ODD protocol (Grimm et al. 2020, JASSS 23(2)7), written by `chainsim odd` from the code of "
        f"chainsim {version_of('chainsim')} (source {source_hash()[:12]}) and the scenario {scenario.hash[:12]}; sections "
        "1, 4, 5 and 6 open with texts written by hand.*",
        *section("1 Purpose and patterns", text("purpose"), patterns(), *observed(scenario)),
        *section("2 Entities, state variables and scales", *entities(scenario)),
        *section("3 Process overview and scheduling", *schedule(scenario)),
        *section("4 Design concepts", text("concepts"), "### Draws", draws(scenario), "### Indicators", indicators()),
        *section("5 Initialization", text("initialisation"), *start(scenario)),
        *section("6 Input data", text("input_data"), *inputs(scenario)),
        *section("7 Submodels", *submodels(scenario), *constants()),
    ]
    return "\n\n".join(parts) + "\n"


def section(title: str, *parts: str) -> list[str]:
    """A heading and what stands below it."""
    return [f"## {title}", *parts]


def text(name: str) -> str:
    """A text written by hand."""
    return in_money((TEXTS / f"{name}.md").read_text(encoding="utf-8").strip())


def patterns() -> str:
    """The patterns that a baseline is held against."""
    rows = [
        (item.name, f"{item.low:g} to {item.high:g}{AROUND * bool(item.around)}", item.source, item.note)
        for item in PATTERNS
    ]
    return table(("pattern", "band", "source", "note"), rows)


def observed(scenario: Scenario) -> list[str]:
    """What was observed of the region, which the scenario can be held against; nothing where it states none."""
    if not scenario.targets:
        return []
    keys = tuple(type(scenario.targets[0]).model_fields)
    fields = type(scenario.targets[0]).model_fields.items()
    words = "; ".join(f"`{key}`: {(field.description or '').rstrip('.')}" for key, field in fields)
    rows = [[shown(getattr(target, key)) for key in keys] for target in scenario.targets]
    return [
        "### Targets observed of the region",
        f"`chainsim validate --targets` holds runs against them; they change nothing of a run. {words}.",
        table([f"`{key}`" for key in keys], rows),
    ]


def entities(scenario: Scenario) -> list[str]:
    """Kinds of entities with all their state variables, and the scales of the scenario."""
    chain, years = scenario.chain, scenario.years
    parks = ", ".join(scenario.region.parks) if isinstance(scenario.region.parks, Mapping) else ""
    rows = [(f"`{c.name}`", c.shape, in_money(c.unit), c.time, c.meaning) for c in COLUMNS]
    parts = [
        "**Enterprises** (n), each of a segment and a park, are the only agents. **Supply links** (L) join the slots of a "
        "buyer to a supplier: a local enterprise, the rest of the nation or abroad. **Segments** (S), in tiers, share a "
        "technology, final markets and a frontier; **parks** (P) share knowledge and congestion. The **region** has two labour "
        "pools, institutes and accounts of households, government, bank and the rest of its industry; the **rest of the "
        "nation** and **abroad** are suppliers and rivals without limit. **Levers and shocks** are events that move entry points.",
        f"**Scales.** One step is a year, {years.start} to {years.end}; {len(chain.segments)} segments in the tiers "
        f"{', '.join(chain.tiers)}; {number_of_enterprises(scenario):,} enterprises in the base year, "
        f"{len(scenario.enterprises)} of them named"
        + (f"; parks {parks}" if parks else "")
        + f". Space is the park, without distances. Money is {scenario.money} at the outside price level; prices are relative to "
        "outside prices and 1 in the base year.",
        "### Enterprises",
        table(("variable", "shape", "unit", "time", "meaning"), rows),
        "### Supply links",
        "`input` (L,) the segment bought; `supplier` (L,) a row, the nation, abroad or nobody; `coefficient` (L,) the quantity "
        "per unit of the buyer's output; `wedge` (L,) the log price forgone for a supplier that policy made preferred.",
    ]
    for place, kind in STATE.items():
        fields = [(f"`{name}`", m.shape, in_money(m.unit), m.time, m.meaning) for name, m in meanings(kind).items()]
        parts += [f"### `{place}`", first_line(kind), table(("variable", "shape", "unit", "time", "meaning"), fields)]
    points = [
        (
            f"`{name}`",
            item.metadata["stage"],
            in_money(item.metadata["unit"]),
            item.metadata["stacking"],
            item.metadata["meaning"],
        )
        for name, item in entry_points().items()
    ]
    head = ("entry point", "read by", "unit", "several levers", "meaning")
    return [*parts, "### Entry points of policy", "Neutral again every January.", table(head, points)]


def number_of_enterprises(scenario: Scenario) -> int:
    """Enterprises of the base year."""
    return sum(segment.enterprises.number + segment.enterprises.small for segment in scenario.chain.segments.values())


def schedule(scenario: Scenario) -> list[str]:
    """The order of the year, and what every stage does, reads and writes."""
    rows = [
        (
            number,
            f"`{stage.key}`" + ("" if stage.enabled else " (off)"),
            first_line(type(stage)),
            ", ".join(sorted(stage.reads_stages)),
            ", ".join(f"`{name}`" for name in sorted(stage.writes)),
        )
        for number, stage in enumerate(scenario.stages.calendar(), 1)
    ]
    return [
        "Time is discrete. Within a stage all enterprises act at once on the state before it (synchronous updating); the "
        "order of the stages is fixed:",
        f"```text\n{inspect.getdoc(year)}\n```",
        table(("", "stage", "what happens", "asks the rules of", "writes the columns"), rows),
    ]


def draws(scenario: Scenario) -> str:
    """Every purpose of random numbers with the rule that draws."""
    rows = [
        (f"`{draw.purpose}`", ", ".join(can_be(draw, scenario)), f"`{draw.where}`, {draw.file}", draw.meaning)
        for draw in named_draws()
    ]
    return table(("purpose", "in this scenario", "drawn in", "for"), rows)


def can_be(draw: Draw, scenario: Scenario) -> list[str]:
    """What a purpose with a computed part can be in a scenario; nothing of one that is written out."""
    return [f"`{purpose}`" for purpose in sorted(draw.possible(scenario) - {draw.purpose})]


def indicators() -> str:
    """What is recorded."""
    return table(("indicator", "unit", "meaning"), [(f"`{name}`", i.unit, i.meaning) for name, i in INDICATORS.items()])


def start(scenario: Scenario) -> list[str]:
    """The seeds, the chain of the base year, and what the scenario says of the population."""
    return [
        f"Seeds are {scenario.seed} to {scenario.seed + scenario.replications - 1}. The tables below are the base year: "
        "with the region (section 6) and the stages (section 7) they state all that the scenario does.",
        *chain(scenario),
        *values(scenario, "population"),
    ]


def inputs(scenario: Scenario) -> list[str]:
    """Where the values come from, and the values of the region."""
    files = Counter(value.origin.split(":")[0] for value in explained(scenario))
    rows = [
        (f"`{name}`" if name != "default" else "defaults of the code", count) for name, count in files.most_common()
    ]
    return [table(("origin", "values"), rows), *cited(scenario), "### The region", *values(scenario, "region")]


def cited(scenario: Scenario) -> list[str]:
    """What the keys in sources stand for; nothing where there are none."""
    known = {key: item for value in explained(scenario) for key, item in value.cited}
    rows = [(f"`{key}`", item.source, item.url) for key, item in sorted(known.items())]
    return ["### What the keys in sources stand for", table(("key", "source", "address"), rows)] if rows else []


def values(scenario: Scenario, block: str) -> list[str]:
    """The values of a block of the scenario with their sources; nothing where it has none."""
    rows = [(f"`{v.path}`", v.shown, v.unit, v.range, v.source, v.meaning) for v in explained(scenario, block)]
    return [table(("value of the scenario", "value", "unit", "range", "source", "meaning"), rows)] if rows else []


def submodels(scenario: Scenario) -> list[str]:
    """Equations, rules and parameters of all stages, then the mechanisms beside them, levers and shocks."""
    parts: list[str] = [
        "Equations stand as in the code. Sources: S published, C read in published model code, T found in trials of the "
        "equations, J judgement, whose range is to be swept.",
        "### Symbols of the equations",
        text("symbols"),
    ]
    for stage in scenario.stages.calendar():
        module = [type(stage).__module__] if type(stage).__module__.startswith("chainsim.") else []
        parts += [f"### {stage.key}", *(docstring(sys.modules[name]) for name in module), docstring(type(stage))]
        parts += [table(("rule", "answer"), rules(type(stage))), parameters(type(stage), stage)]
    for name in SUBMODELS:
        parts += [f"### {name.removeprefix('chainsim.')}", docstring(sys.modules[name])]
    for title, known, used in (("lever", LEVERS, scenario.levers), ("shock", SHOCKS, scenario.shocks)):
        parts += [f"### Fields that all {title}s share", parameters(common_base(known))]
        for name, kind in known.items():
            parts += [f"### {title} `{name}`", docstring(sys.modules[kind.__module__]), docstring(kind)]
            stated = [key for key, item in used.items() if type(item) is kind]
            parts += [f"In the scenario: {', '.join(f'`{key}`' for key in stated)}."] if stated else []
            parts += [parameters(kind, beside=common_base(known))]
    for block in ("levers", "shocks"):
        if getattr(scenario, block):
            parts += [f"### {block.capitalize()} of the scenario", *values(scenario, block)]
    return parts


def constants() -> list[str]:
    """Numbers of the rules that no scenario states, from the code."""
    rows = [(f"`{item.name}`", item.value, item.file, in_money(item.meaning)) for item in named_constants()]
    words = "Numbers that stand in the code beside the parameters and that no scenario states."
    return ["### Constants of the code", words, table(("constant", "value", "file", "meaning"), rows)]


def common_base(kinds: Mapping[str, type[Intervention]]) -> type[Intervention]:
    """The class that all levers, or all shocks, extend."""
    return next(iter(kinds.values())).__mro__[1]


def rules(stage: type[Stage]) -> list[tuple[str, str]]:
    """Rules of a stage with what they answer."""
    modules = {kind.__module__ for kind in stage.__mro__ if issubclass(kind, Stage) and kind is not Stage}
    found = [(name, item) for name, item in inspect.getmembers(stage, inspect.isfunction) if not name.startswith("_")]
    own = [(name, item) for name, item in found if item.__module__ in modules]
    return [(f"`{name}`", in_money(" ".join((inspect.getdoc(item) or "").split()))) for name, item in own]


def parameters(kind: type[BaseModel], stated: BaseModel | None = None, beside: type[BaseModel] | None = None) -> str:
    """The fields of a stage, lever or shock, with the value of the scenario where there is one."""
    known = beside.model_fields if beside is not None else {}
    fields = {name: field for name, field in kind.model_fields.items() if name not in known or name == "type"}
    head = ("parameter", *(("value",) if stated is not None else ()), "default", "unit", "range", "source", "meaning")
    return table(head, [parameter_row(name, field, stated) for name, field in fields.items()])


def parameter_row(name: str, field: FieldInfo, stated: BaseModel | None) -> list[str]:
    """The row of a field."""
    unit, low, high, source = (declared(field, key) for key in ("unit", "low", "high", "source"))
    value = [shown(getattr(stated, name))] if stated is not None else []
    default = "to be stated" if field.is_required() else shown(field.get_default(call_default_factory=True))
    width = f"{low:g} to {high:g}" if low is not None and high is not None else ""
    return [f"`{name}`", *value, default, unit or "", width, source or "", in_money(field.description or "")]


def docstring(thing: Any) -> str:
    """The docstring of a module or class, as it stands."""
    return f"```text\n{in_money(inspect.getdoc(thing) or '')}\n```"


def first_line(thing: Any) -> str:
    """First line of a docstring."""
    return in_money((inspect.getdoc(thing) or "").partition("\n")[0])
