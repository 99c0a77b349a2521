"""The report: one offline page that an economist can read, print and trust."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import synthetic
from page_tree import tree, without_chinese

from chainsim.economy.parameters import counted_in
from chainsim.report.flow import local_share, picture
from chainsim.report.flow_svg import flow_svg, ribbon_scale
from chainsim.report.pages import environment, report
from chainsim.report.sources import source_groups
from chainsim.report.tables import (
    MOST_PURCHASES,
    findings,
    headline_rows,
    link_row,
    link_rows,
    purchase_rows,
    segment_groups,
)
from chainsim.report.translation import names_of
from chainsim.runs.results import Result
from chainsim.scenario.load import load
from chainsim.scenario.write import write_resolved

MADE = synthetic.scenario(replications=5).model_copy(update={"money": "EUR million"})


@cache
def shared_result() -> Result:
    """Its result."""
    return Result(MADE, synthetic.recordings(MADE))


@cache
def shared_page() -> str:
    """The page of that."""
    return report(shared_result())


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages without fan charts, which take most of the time."""
    monkeypatch.setattr("chainsim.report.pages.charts", lambda result: [])


def test_the_page_needs_no_other_file_and_no_network() -> None:
    assert all(address.startswith("#") for address in tree(shared_page()).addresses)
    assert not re.search(r"@import|url\((?!#)|<script|<link|https?://(?!www\.w3\.org)", shared_page())


def test_the_page_counts_in_the_money_of_the_scenario() -> None:
    assert "EUR million" in shared_page()
    assert "thousand EUR/person" in shared_page()
    assert not re.search("CNY|yuan|(?<!欧)(?<!单)元(?!件)", shared_page())


def test_the_page_is_small_and_well_formed() -> None:
    assert len(shared_page().encode()) < 3_000_000
    parsed = tree(shared_page())
    assert parsed.open == []
    assert len(parsed.ids) == len(set(parsed.ids))


def test_the_same_result_gives_the_same_bytes() -> None:
    again = Result(MADE, synthetic.recordings(MADE), shared_result().provenance)
    assert report(again) == shared_page()


def test_only_the_identity_differs_between_two_times_of_the_same_run() -> None:
    later = replace(
        shared_result().provenance, started="2031-01-01T00:00:00+00:00", finished="2031-01-01T00:01:00+00:00"
    )
    page = report(Result(MADE, synthetic.recordings(MADE), later))
    assert page.partition("<footer>")[0] == shared_page().partition("<footer>")[0]
    assert "2031-01-01" in page.partition("<footer>")[2]


@pytest.mark.usefixtures("quick")
def test_text_of_a_scenario_is_shown_not_run() -> None:
    evil = MADE.model_copy(update={"description": "<script>alert(1)</script>", "name": "<b>"})
    page = report(Result(evil, synthetic.recordings(evil)))
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_chinese_titles_stand_beside_the_english_ones() -> None:
    text = "".join(tree(shared_page()).words)
    assert "虚构产业链" in text
    assert "车规级控制芯片" in text


def test_the_switch_changes_every_text_that_a_reader_sees() -> None:
    assert without_chinese(shared_page(), names_of(MADE)) == set()
    body = shared_page()[shared_page().index("<body>") :]
    assert body.index('id="zh"') < body.index("<header>")
    assert '<tspan class="l-zh" lang="zh">百万欧元</tspan>' in body
    assert "T for a trial of this model" in body


def test_every_table_but_the_first_tells_on_a_narrow_screen_what_each_of_its_cells_is() -> None:
    """Tables of many columns become lists there, in which the heads of columns stand before the cells in both languages."""
    page = shared_page()
    heads = re.findall(r'data-en="([^"]+)" data-zh="([^"]+)"', page)
    assert {"Output, EUR million in 2020", "Minimum scale, EUR million"} <= {en for en, _ in heads}
    assert [en for en, zh in heads if not re.search("[\u4e00-\u9fff]", zh)] == []
    for table in re.findall(r"<table[^>]*>.*?</table>", page, re.DOTALL):
        if "stacked" in table[: table.index(">")]:
            rows = re.findall(r"<tr[^>]*><td.*?</tr>", table, re.DOTALL)
            assert rows
            assert all(row.count("<td") - row.count("data-en=") <= 1 + ("verdict" in row) for row in rows)


def test_the_headline_table_shows_the_numbers_of_the_headline() -> None:
    shown = {row.title: row for row in headline_rows(shared_result())}
    table = shared_result().headline().set_index("indicator")
    assert shown["Output"].last == f"{table.loc['output', 'last']:,.0f}"
    assert shown["Localization rate"].last == f"{100 * table.loc['localization_rate', 'last']:.1f}"
    low, high = shown["Employment"].band.replace(",", "").split(" to ")
    assert float(low) <= table.loc["employment", "last"] <= float(high)


def test_strength_without_research_is_undefined_and_says_why() -> None:
    plain = Result(MADE, synthetic.recordings(MADE))
    plain.region.loc[:, "strength"] = 0.0
    row = next(row for row in headline_rows(plain) if row.title == "Strength")
    assert (row.first, row.last, row.change, row.band) == ("–", "–", "–", "–")
    assert row.unit == "undefined: no R&D in the base year"
    assert np.isnan(plain.headline().set_index("indicator").loc["strength", "first"])
    assert next(row for row in headline_rows(shared_result()) if row.title == "Strength").unit == "index"


def test_findings_say_the_direction_that_the_numbers_have() -> None:
    falling = synthetic.recordings(MADE)
    for recording in falling:
        recording.tables["region"]["output"] = recording.tables["region"]["output"][::-1].copy()
        recording.tables["region"]["scope"] = recording.tables["region"]["scope"][::-1].copy()
    assert findings(shared_result())[0].startswith("Output of the chain rises from 68,080")
    assert findings(Result(MADE, falling))[0].startswith("Output of the chain falls from")


@pytest.mark.usefixtures("quick")
def test_a_single_run_claims_no_band() -> None:
    one = synthetic.scenario(replications=1)
    result = Result(one, synthetic.recordings(one))
    assert "nine runs in ten" not in report(result)
    assert {row.band for row in headline_rows(result)} == {"–"}


def test_the_picture_contains_all_purchases_of_the_chain_once() -> None:
    drawn = picture(shared_result(), 2020)
    trade = shared_result().trade.query("year == 2020 and replication == 0")
    chain = trade[~trade["from_segment"].isin(synthetic.TIERS["application"])]
    total = sum(flow.value for flow in (*drawn.flows, *drawn.small, *drawn.inside))
    assert total == pytest.approx(chain["value"].sum())
    pairs = [(flow.supplier, flow.buyer) for flow in (*drawn.flows, *drawn.small, *drawn.inside)]
    assert len(pairs) == len(set(pairs))


def test_a_box_divides_the_demand_for_its_product_by_origin() -> None:
    sensors = next(box for box in picture(shared_result(), 2035).boxes if box.segment == "sensors")
    bought = shared_result().trade.query("year == 2035 and from_segment == 'sensors'")
    mean = bought.groupby("origin")["value"].sum() / shared_result().replications
    np.testing.assert_allclose(sensors.sourcing, mean[["local", "national", "abroad"]])


def test_missing_links_are_dashed_and_named() -> None:
    drawn = picture(shared_result(), 2020)
    svg = flow_svg(drawn, ribbon_scale([drawn]))
    assert svg.count('class="segment missing"') == len(synthetic.MISSING)
    assert svg.count(">missing link<") == len(synthetic.MISSING)
    assert svg.count('class="name l-zh"') == len(drawn.boxes)


def test_a_link_filled_in_some_runs_says_in_how_many() -> None:
    drawn = picture(shared_result(), 2035)
    svg = flow_svg(drawn, ribbon_scale([drawn]))
    assert "missing link, filled in 2 of 5 runs" in svg
    rows = {row.title: row for _, tier in segment_groups(shared_result()) for row in tier}
    assert rows["Auto Chips"].missing == "missing link, filled in 2 of 5 runs"
    assert rows["Wafers"].missing == "missing link"
    assert rows["Software"].missing == ""


def test_ribbons_start_and_end_inside_their_boxes() -> None:
    drawn = picture(shared_result(), 2035)
    svg = flow_svg(drawn, ribbon_scale([drawn]))
    _, _, width, height = map(float, re.search(r'viewBox="([^"]*)"', svg)[1].split())  # type: ignore[index]
    numbers = [float(n) for path in re.findall(r' d="([^"]*)"', svg) for n in re.findall(r"-?[\d.]+", path)]
    assert min(numbers) >= 0
    assert max(numbers) <= max(width, height)


def test_both_years_are_drawn_to_one_scale() -> None:
    first, last = picture(shared_result(), 2020), picture(shared_result(), 2035)
    assert ribbon_scale([first, last]) <= min(ribbon_scale([first]), ribbon_scale([last]))


def test_local_share_of_nothing_is_zero() -> None:
    assert local_share([]) == 0.0


def test_every_parameter_is_listed_with_its_range() -> None:
    assert "stages.sourcing.substitution" in shared_page()
    assert "1.5 to 5" in shared_page()


def test_a_changed_parameter_does_not_borrow_the_source_of_its_default() -> None:
    changed = MADE.replace(
        {"stages.pricing.markup_response": 0.05, "stages.pricing.lag": {"value": 0.1, "source": "E1"}}
    )
    rows = {item.path: item for group in source_groups(changed) for item in group.rows}
    assert rows["stages.pricing.markup_response"].basis == "stated in the scenario"
    assert rows["stages.pricing.markup_response"].source == ""
    assert rows["stages.pricing.lag"].source == "E1"
    assert rows["stages.sourcing.substitution"].source == "Bajzik et al. 2020"


def test_a_resolved_scenario_lists_the_same_sources(tmp_path: Path) -> None:
    jilin = load(Path(__file__).parents[2] / "scenarios" / "jilin.yaml")
    groups = source_groups(jilin)
    assert sum(len(group.rows) for group in groups) > 1000
    assert source_groups(load(write_resolved(jilin, tmp_path))) == groups


@pytest.mark.usefixtures("quick")
def test_a_scenario_without_application_tier_has_a_report() -> None:
    chain = MADE.chain.model_copy(update={"application": ()})
    plain = MADE.model_copy(update={"chain": chain})
    page = report(Result(plain, synthetic.recordings(plain)))
    assert "Users of the chain" not in page
    assert "uses the chain" not in page


@pytest.mark.usefixtures("quick")
def test_levers_are_listed_with_what_they_paid() -> None:
    recordings = synthetic.recordings(MADE)
    for recording in recordings:
        recording.tables["levers"] = {
            "year": np.array([2021, 2022]),
            "lever": np.array(["chip_rd", "chip_rd"], dtype=object),
            "budget": np.array([300.0, 300.0]),
            "requested": np.array([500.0, 500.0]),
            "outlay": np.array([300.0, 250.0]),
            "recipients": np.array([10.0, 20.0]),
        }
    page = report(Result(MADE, recordings))
    assert "<td>chip rd</td><td>600</td><td>1,000</td><td>550</td><td>15</td>" in page


def test_the_page_says_why_links_are_missing_and_what_would_open_them() -> None:
    rows, links = link_rows(shared_result()), shared_result().missing_links
    assert [row.title for row in rows] == [
        row.title for _, tier in segment_groups(shared_result()) for row in tier if row.missing
    ]
    assert "Why links are missing" in shared_page()
    for row, (_, found) in zip(rows, links.groupby("segment", sort=False), strict=True):
        last = found[found["year"] == shared_result().years[1]]
        assert row.filled == f"{100 * (last['filled'] > 0).mean():.0f} %"
        assert row.viability[1] == f"{last['viability'].mean():.2f}"
        assert row.title in shared_page()


def test_what_opens_a_link_in_few_runs_alone_is_not_told_to_open_it() -> None:
    scenario, name = shared_result().scenario, str(shared_result().missing_links["segment"].iloc[0])
    year = shared_result().years[1]
    last = shared_result().missing_links.query("segment == @name and year == @year").head(1)
    runs = pd.concat([last] * 3, ignore_index=True).assign(
        viability=0.5, opens_demand=2.0, opens_grant=[0.4, 0.5, np.nan]
    )
    row = link_row(scenario.chain.segments[name], name, runs.assign(opens_quality=[0.3, np.nan, np.nan]), (year, year))
    assert row.opens == ("× 2.0", "45 %", "none")


def test_a_chain_without_missing_links_has_no_part_on_them() -> None:
    made = synthetic.recordings(MADE)
    for recording in made:
        recording.tables["missing_links"] = {key: each[:0] for key, each in recording.tables["missing_links"].items()}
    assert link_rows(Result(MADE, made)) == []


def test_a_template_is_in_the_money_of_each_page_that_is_made_of_it():
    words = environment().from_string('{{ "CNY million" | in_money }}')
    assert words.render() == "CNY million"
    with counted_in("EUR million"):
        assert words.render() == "EUR million"


def test_a_narrow_screen_lists_what_the_drawing_shows() -> None:
    result = shared_result()
    first, last = (picture(result, year) for year in result.years)
    rows = purchase_rows(first, last, drawn=True)
    assert len(rows) == min(len(last.flows), MOST_PURCHASES)
    narrow = shared_page().partition('<div class="narrow">')[2].partition("</table>")[0]
    assert narrow.count("<tr><td") == len(rows)
    assert all(row.last in narrow and row.first in narrow for row in rows)
