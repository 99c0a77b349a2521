"""The tables of the Jilin scenario balance, cite facts that exist and stay inside their stated ranges."""

from __future__ import annotations

import csv
import math
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from chainsim.scenario.load import load

SCENARIOS = Path(__file__).parents[1] / "scenarios"
TABLES = SCENARIOS / "data" / "jilin"
STATUS = {"sourced", "derived", "assumption"}
CITATION = re.compile(r"\b(?:[ABCDN]\d{3}|AT\d{3}|DT\d{3}|CE\d{3})\b")
LABOUR_COST_FACTOR = 1.25
EXACT = 1e-9
"""Rounding error of sums over 18 segments at full precision."""

Row = dict[str, str]


@cache
def table(name: str) -> tuple[Row, ...]:
    """Rows of a table of the Jilin scenario, as text."""
    with (TABLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def segments() -> dict[str, Row]:
    """Value of every field by segment, in the order of the file."""
    values: dict[str, Row] = defaultdict(dict)
    for row in table("segments"):
        values[row["segment"]][row["field"]] = row["value"]
    return dict(values)


def number(segment: str, field: str) -> float:
    return float(segments()[segment][field])


def output(segment: str) -> float:
    return number(segment, "output")


def employment(segment: str) -> tuple[float, float]:
    """Ordinary and skilled staff, persons: labour cost over mean labour cost a head."""
    skilled = number(segment, "skilled_share")
    wage = (1 - skilled) * number(segment, "wage_ordinary") + skilled * number(segment, "wage_skilled")
    staff = 1000 * number(segment, "labour_share") * output(segment) / (wage * LABOUR_COST_FACTOR)
    return staff * (1 - skilled), staff * skilled


def segments_of(*tiers: str) -> list[str]:
    return [name for name, fields in segments().items() if fields["tier"] in tiers]


CHAIN = ("upstream", "midstream", "downstream")
SERVICES = ("software_it", "industrial_internet", "info_services")
TABLE_NAMES = ("segments", "inputs", "markets", "enterprises")
WORDS = ("tier", "title.en", "title.zh", "industry")
"""Fields of segments.csv that are words and need no range."""


def ranged() -> list[tuple[str, float, float, float]]:
    """Place, value, low and high of every number that has a range."""
    found = []
    for name in TABLE_NAMES:
        for line, row in enumerate(table(name), start=2):
            for column in row:
                prefix = "" if column == "value" else f"{column}_"
                low, high = row.get(f"{prefix}low"), row.get(f"{prefix}high")
                if low and high:
                    found.append((f"{name}.csv:{line} {column}", float(row[column]), float(low), float(high)))
    return found


def statuses() -> list[tuple[str, str, str]]:
    """Place, status and source of every number that has a status."""
    found = []
    for name in TABLE_NAMES:
        for line, row in enumerate(table(name), start=2):
            for column in (column for column in row if column.endswith("status") and row.get("field") not in WORDS):
                found.append((f"{name}.csv:{line} {column}", row[column], row[column.replace("status", "source")]))
    return found


def test_inputs_and_value_added_leave_a_share_for_purchases_outside_the_chain() -> None:
    for name in segments():
        inputs = sum(float(row["coefficient"]) for row in table("inputs") if row["to"] == name)
        assert 0 < 1 - inputs - number(name, "value_added_share") < 1, name


def test_output_equals_local_intermediate_sales_plus_final_sales() -> None:
    sold: dict[str, float] = defaultdict(float)
    for row in table("inputs"):
        sold[row["from"]] += float(row["coefficient"]) * float(row["localization"]) * output(row["to"])
    for row in table("markets"):
        sold[row["segment"]] += float(row["sales"])
    for name in segments():
        assert math.isclose(sold[name], output(name), rel_tol=EXACT, abs_tol=EXACT), name


def test_local_supporting_rate_of_vehicles_is_38_percent() -> None:
    inputs = [
        (float(row["coefficient"]), float(row["localization"])) for row in table("inputs") if row["to"] == "vehicles"
    ]
    rate = sum(coefficient * local for coefficient, local in inputs) / sum(coefficient for coefficient, _ in inputs)
    assert math.isclose(rate, 0.38, rel_tol=EXACT)


def test_origins_of_every_input_are_shares_of_one() -> None:
    for row in table("inputs"):
        local, abroad = float(row["localization"]), float(row["abroad"])
        assert min(local, abroad, 1 - local - abroad) >= 0, row


def test_local_enterprises_never_hold_a_whole_market() -> None:
    assert all(float(row["sales"]) < float(row["volume"]) for row in table("markets"))


def test_owners_hold_the_whole_output() -> None:
    for name, fields in segments().items():
        shares = sum(float(value) for field, value in fields.items() if field.startswith("owners."))
        assert math.isclose(shares, 1, rel_tol=EXACT), name


def test_operating_margin_after_depreciation_is_positive() -> None:
    for name in segments():
        cost = (
            number(name, "labour_share")
            + number(name, "production_tax_share")
            + 0.08 * number(name, "capital_per_output")
        )
        assert number(name, "value_added_share") > cost, name


def test_missing_links_have_no_output_enterprises_or_local_sales() -> None:
    missing = [name for name in segments() if output(name) == 0]
    assert missing == ["photoresist_chemicals", "wafers", "substrates", "auto_chips"]
    assert all(number(name, "enterprises.number") == number(name, "enterprises.small") == 0 for name in missing)
    assert all(float(row["localization"]) == 0 for row in table("inputs") if row["from"] in missing)
    assert all(float(row["sales"]) == 0 for row in table("markets") if row["segment"] in missing)


def test_totals_agree_with_the_published_ones() -> None:
    city = sum(output(name) for name in segments_of(*CHAIN)) - 1900  # power chips are made in Jilin city (N019)
    making = sum(output(name) for name in segments_of(*CHAIN) if name not in SERVICES) - 1900
    assert math.isclose(city, 66288.7, rel_tol=1e-6)  # A029
    assert math.isclose(making / city, 0.35, rel_tol=1e-6)  # A016 over A014


def test_makers_of_the_city_employ_about_as_many_as_reported() -> None:
    makers = [name for name in segments_of(*CHAIN) if name not in SERVICES]
    power_chips = sum(employment("power_ics")) * 1900 / output("power_ics")
    assert 18_000 < sum(sum(employment(name)) for name in makers) - power_chips < 30_000  # "over 20,000", A022


def test_named_enterprises_leave_room_for_the_rest_of_their_segment() -> None:
    for name in {row["segment"] for row in table("enterprises")}:
        named = [row for row in table("enterprises") if row["segment"] == name]
        assert len(named) < number(name, "enterprises.number")
        assert sum(float(row["revenue"]) for row in named) < output(name)
        assert sum(float(row["employees"]) for row in named) < sum(employment(name))
        assert sum(float(row["rd"]) for row in named) < number(name, "rd_share") * output(name)


def test_every_range_holds_its_value() -> None:
    assert len(ranged()) > 1000
    slack = {place: EXACT * max(1, abs(value)) for place, value, _, _ in ranged()}
    assert [
        place for place, value, low, high in ranged() if not low - slack[place] <= value <= high + slack[place]
    ] == []


def test_every_number_is_sourced_derived_or_assumed() -> None:
    assert [place for place, status, _ in statuses() if status not in STATUS] == []


def test_every_sourced_number_cites_a_fact() -> None:
    assert [place for place, status, source in statuses() if status == "sourced" and not CITATION.search(source)] == []


def test_no_number_rests_on_a_fact_held_out_to_test_the_model() -> None:
    held_out = {row["id"] for row in table("facts") if row["use"] == "held_out"}
    assert len(held_out) > 100
    assert [place for place, _, source in statuses() if held_out & set(CITATION.findall(source))] == []


def test_every_cited_fact_exists() -> None:
    known = {row["id"] for row in table("facts")}
    text = " ".join(" ".join(value for value in row.values() if value) for name in TABLE_NAMES for row in table(name))
    text += (SCENARIOS / "jilin.yaml").read_text(encoding="utf-8")
    cited = set(CITATION.findall(text))
    assert len(known) == len(table("facts"))
    assert len(cited) > 200
    assert cited - known == set()


def test_observed_output_is_the_sum_of_the_facts_it_names() -> None:
    values = {row["id"]: float(row["value"]) for row in table("facts") if row["unit"] in ("bn CNY", "m CNY")}
    scale = {row["id"]: 1000.0 if row["unit"] == "bn CNY" else 1.0 for row in table("facts")}
    rows = [row for row in table("observed") if row["indicator"] == "output"]
    for row in rows:
        named = sum(values[name] * scale[name] for name in CITATION.findall(row["source"]))
        assert float(row["value"]) == pytest.approx(named, abs=1.0)
    assert len(rows) == 3


def test_tables_name_only_segments_that_exist() -> None:
    names = {row["from"] for row in table("inputs")} | {row["to"] for row in table("inputs")}
    names |= {row["segment"] for name in ("markets", "enterprises") for row in table(name)}
    assert names <= set(segments())


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_scenario_loads(path: Path) -> None:
    assert load(path).chain.segments
