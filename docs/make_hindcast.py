"""Writes the scenarios of the hindcast from the facts of the repository: `python docs/make_hindcast.py`.

A scenario holds what was known of a province in its base year, and the path of the nation. Later figures of a province
stand only among its targets, which change nothing of a run.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from pathlib import Path

HERE = Path(__file__).parent
FACTS = HERE.parent / "scenarios" / "data" / "jilin" / "facts.csv"
FOLDER = HERE.parent / "scenarios" / "hindcast"
RUNS = 20
REVENUE, FIRMS = "principal business revenue", "above-scale enterprises"
TURNS = (2010, 2016, 2020, 2023)
"""Years in which the nation's revenue is known: its path grows at an even rate from one to the next."""


@dataclass(frozen=True)
class Province:
    """A province from a base year on, and the block that its anchor arrives in, where history had one."""

    name: str
    zh: str
    first: int = 2010
    last: int = 2023
    anchor: str = ""
    why: str = ""

    @property
    def file(self) -> str:
        """The stem of its file."""
        piece = "" if (self.first, self.last) == (2010, 2023) else f"-{self.first}"
        return self.name.lower() + piece


PROVINCES = (
    Province("Anhui", "安徽", anchor="components", why="display panels in Hefei (D022)"),
    Province("Chongqing", "重庆", anchor="devices", why="laptops (D030, D034)"),
    Province("Hubei", "湖北", anchor="devices", why="terminals in Wuhan; no fact of an anchor is at hand"),
    Province(
        "Sichuan", "四川", anchor="devices", why="tablets and laptops in Chengdu; no fact of an anchor is at hand"
    ),
    Province("Liaoning", "辽宁"),
    Province("Heilongjiang", "黑龙江"),
    Province("Jilin", "吉林", last=2016),
    Province("Jilin", "吉林", first=2018),
)

WHOLE = 0.4
"""Band of a growth over 13 years, as in data/jilin/targets.csv; that of shorter growth narrows with the root of its years."""

Facts = Mapping[tuple[str, str, int], tuple[float, str]]
"""Value and id of a fact by region or sector, quantity and year."""


def facts(rows: Iterable[Mapping[str, str]]) -> Facts:
    """Yearly revenue and enterprises of provinces and the nation, and coefficients of the nation by sector."""
    found = {}
    for row in rows:
        if row["year"].isdigit() and row["value"]:
            provincial = row["segment"] == "high-tech manufacturing (incl. pharmaceuticals)"
            region = row["region"] if provincial else row["segment"] if row["region"] == "China" else ""
            found[region, row["quantity"], int(row["year"])] = float(row["value"]), row["id"]
    return found


def read() -> Facts:
    """The facts of the repository."""
    with FACTS.open(encoding="utf-8", newline="") as file:
        return facts(csv.DictReader(file))


def growth(known: Facts, first: int) -> dict[int, float]:
    """Growth a year of the nation's revenue by the first year it holds for, from a base year on."""
    levels = {year: known["China", REVENUE, year][0] for year in TURNS}
    rates = {
        start + 1: (levels[end] / levels[start]) ** (1 / (end - start)) - 1
        for start, end in pairwise(TURNS)
        if end > first
    }
    return {max(year, first + 1): round(rate, 4) for year, rate in rates.items()}


def nation(known: Facts, year: int) -> float:
    """The nation's revenue in a year, CNY billion: known, or on the even path between two that are."""
    before = max(turn for turn in TURNS if turn <= year)
    rate = growth(known, before)[before + 1] if before < TURNS[-1] else 0.0
    return float(known["China", REVENUE, before][0] * (1 + rate) ** (year - before))


def productivity(known: Facts) -> float:
    """Growth a year of the nation's revenue per head in electronics at current prices, 2010 to 2018."""
    sector = "computers, communication, other electronics"
    staff = [known[sector, "employed persons", year][0] for year in (2010, 2018)]
    levels = [nation(known, year) for year in (2010, 2018)]
    return float(round((levels[1] / levels[0] / (staff[1] / staff[0])) ** (1 / 8) - 1, 3))


COEFFICIENT = "direct input coefficient (input per unit of gross output, domestic plus imported)"
IMPORTS, EXPORTS = "import share of domestic absorption IM/(GO+IM-EX)", "export share of gross output"
BLOCKS = {"components": ("COMP", "midstream"), "devices": ("HW", "downstream")}
INLAND = {"components": 0.3, "devices": 0.1}
JUDGED = {
    "components": "min_efficient_scale: 60\n      exit_hazard: 0.065",
    "devices": "min_efficient_scale: 80\n      exit_hazard: 0.075",
}
CROSS_HAULING, RD_SHARE, WAGES = 0.35, 0.0227, (59.0, 82.0)


def block(known: Facts, province: Province, name: str) -> str:
    """A block of a province as YAML: revenue and enterprises of the base year, coefficients of the nation."""
    (code, tier), year = BLOCKS[name], province.first
    total, revenue = known[province.name, REVENUE, year]
    count, counted = known[province.name, FIRMS, year]
    sizes = {each: known[sector, "gross output", 2020][0] for each, (sector, _) in BLOCKS.items()}
    share = sizes[name] / sum(sizes.values())
    outputs = {each: 1000 * total * size / sum(sizes.values()) for each, size in sizes.items()}
    table = {field: known[code, f"{words} over gross output", 2020][0] for field, words in FIELDS.items()}
    tax = table["value_added"] - table["labour"] - table["depreciation"] - table["surplus"]
    coefficients = {each: known[f"COMP->{sector}", COEFFICIENT, 2012][0] for each, (sector, _) in BLOCKS.items()}
    imports = {each: known[sector, IMPORTS, 2012][0] for each, (sector, _) in BLOCKS.items()}
    used = sum(coefficients[each] * outputs[each] for each in BLOCKS)
    local = CROSS_HAULING * (1 - imports["components"]) * min(1.0, outputs["components"] / used)
    between = local * used if name == "components" else 0.0
    exports = known[code, EXPORTS, 2020][0]
    abroad = exports * INLAND[name] * outputs[name]
    volume = 1000 * nation(known, year) * share * (1 - exports) / (1 - imports[name])
    path = "{" + ", ".join(f"{start}: {rate}" for start, rate in growth(known, year).items()) + "}"
    pay = [wage / (1 + productivity(known)) ** (2020 - year) for wage in WAGES]
    firms = round(count * share)
    split = "split as the nation's gross output of 2020 (C034, C052)"
    return f"""    {name}:
      tier: {tier}
      output: {{value: {outputs[name]:.0f}, status: derived, source: {revenue}, note: "{split}"}}
      inputs: {{components: {{value: {coefficients[name]:.5f}, status: sourced, source: {"C313" if name == "components" else "C330"}}}}}
      localization: {{components: {{value: {local:.4f}, status: assumption, note: supply-demand pool as in Jilin}}}}
      abroad: {{components: {{value: {imports["components"]:.4f}, status: derived, source: C327}}}}
      value_added_share: {table["value_added"]:.5f}
      labour_share: {table["labour"]:.5f}
      production_tax_share: {tax:.5f}
      capital_per_output: {table["depreciation"] / 0.08:.4f}
      rd_share: {{value: {RD_SHARE}, status: assumption, source: B028, note: the nation in 2018}}
      wage_ordinary: {{value: {pay[0]:.1f}, status: assumption, note: pay of 2020 taken back by productivity}}
      wage_skilled: {{value: {pay[1]:.1f}, status: assumption, note: pay of 2020 taken back by productivity}}
      {JUDGED[name]}
      enterprises:
        number: {{value: {firms}, status: derived, source: {counted}, note: split as output}}
        small: {{value: {firms}, status: assumption, note: one for each above scale}}
      markets:
        national: {{sales: {outputs[name] - between - abroad:.3f}, volume: {volume:.0f}, growth: {path}}}
        abroad: {{sales: {abroad:.3f}, volume: {3 * volume:.0f}, growth: {path}}}
"""


FIELDS = {
    "value_added": "value added",
    "labour": "labour compensation",
    "depreciation": "depreciation",
    "surplus": "operating surplus",
}


def scenario(known: Facts, province: Province) -> str:
    """The scenario of a province as YAML, targets last."""
    years = f"{province.first}-{province.last}"
    head = f"""# yaml-language-server: $schema=../scenario.schema.json
# {province.name} {years}, blind: what was known in {province.first}, and the path of the nation. Written by docs/make_hindcast.py; docs/hindcast.md says
# how and what is judgement. Money is at current prices, so prices have no trend here, and pay grows with the nation's revenue per head.
name: hindcast-{province.file}
title: {{en: "{province.name}, {years}", zh: "{province.zh}，{province.first}—{province.last}年"}}
years: {{start: {province.first}, end: {province.last}}}
replications: {RUNS}
seed: {province.first}
citations: ../data/jilin/facts.csv
chain:
  tiers: [midstream, downstream]
  anchors: [devices]
  segments:
"""
    region = f"region: {{productivity_growth: {productivity(known)}}} # at current prices (CE021, CE029, DT287, DT293, DT296)\n"
    return (
        head
        + "".join(block(known, province, name) for name in BLOCKS)
        + region
        + shock(province)
        + aims(known, province)
    )


def shock(province: Province) -> str:
    """The anchor of a province as YAML, as large as that of hefei-like-anchor.yaml; nothing where history had none."""
    if not province.anchor:
        return ""
    return f"""shocks:
  anchor: # {province.why}
    type: anchor_arrival
    segment: {province.anchor}
    output: {{value: 20000, low: 10000, high: 30000, status: assumption, note: that of hefei-like-anchor.yaml}}
    years: {province.first + 1}
"""


def aims(known: Facts, province: Province) -> str:
    """What was observed of a province as targets in YAML: growth over the whole, and over the pieces before and after 2016."""
    spans = [(province.first, province.last)]
    if province.first < 2016 < province.last:
        spans += [(province.first, 2016), (2016, province.last)]
    lines = ["targets:\n"]
    for name, quantity, indicator in (("output", REVENUE, "output"), ("firms", FIRMS, "above_scale")):
        for first, last in spans:
            ends = [known.get((province.name, quantity, year)) for year in (first, last)]
            if ends[0] is not None and ends[1] is not None:
                lines += [aim(name, indicator, (first, last), (ends[0], ends[1]), province)]
    return "".join(lines)


def aim(
    name: str,
    indicator: str,
    span: tuple[int, int],
    ends: tuple[tuple[float, str], tuple[float, str]],
    province: Province,
) -> str:
    """One target: a ratio with its band."""
    (before, earlier), (after, later) = ends
    value, width = after / before, WHOLE * sqrt((span[1] - span[0]) / 13)
    what = "revenue" if name == "output" else "enterprises above scale"
    return f"""  - {{id: {name}_{span[0]}_{span[1]}, use: held_out, region: {province.name}, target: "{what}, {span[1]} over {span[0]}", period: "{span[0]}-{span[1]}", unit: ratio,
      value: {value:.4f}, low: {value * (1 - width):.4f}, high: {value * (1 + width):.4f}, source: {earlier}; {later},
      how: ratio, indicator: {indicator}, first: {span[0]}, last: {span[1]}}}
"""


def main() -> None:
    """Write the scenarios."""
    known = read()
    FOLDER.mkdir(exist_ok=True)
    for province in PROVINCES:
        (FOLDER / f"{province.file}.yaml").write_text(scenario(known, province), encoding="utf-8")


if __name__ == "__main__":
    main()
