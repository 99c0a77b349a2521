"""The page of a comparison: what it holds, and that it needs nothing else."""

from __future__ import annotations

import itertools
import re
from functools import cache
from types import SimpleNamespace
from typing import Any

import matplotlib
import pandas as pd
import pytest
from economies import START, crowd, shipped, three_makers
from effect_cases import GRANT, PLANTS, granted, small
from page_tree import tree, without_chinese

import chainsim as cs
from chainsim.effects.effect_tables import interval_of
from chainsim.report import effect_figures, effect_text, summary
from chainsim.report.effects import effect_report
from chainsim.report.language import indicator
from chainsim.report.several import softened, titles
from chainsim.report.summary import PATHS, in_short
from chainsim.report.terminal_tables import costs_sheet, effects_sheet
from chainsim.report.translation import names_of
from chainsim.report.who import NAMED, named_effects, who_got_what

matplotlib.use("Agg")

ROUGH: dict[str, Any] = {
    "levers.研发": GRANT | {"title": {"en": "Research grants", "zh": "研发补助"}},
    "levers.plants": PLANTS | {"budget": 30},
}

BASE = crowd(name="tiny", title={"en": "A tiny chain"}, money="EUR million", chain={"application": ["downstream"]})

POLICY = BASE.replace(ROUGH | {"name": "grants", "title": {"en": "Grants & <more>", "zh": "资助"}})

SLUMP = {"slump": {"type": "demand_shift", "change": -0.3, "years": str(START + 1)}}


@cache
def shared_effect() -> cs.Effect:
    """A comparison with everything that a page can show."""
    return cs.compare(BASE, POLICY, replications=4, split=2, rank=2)


@cache
def shared_page() -> str:
    """Its page."""
    return effect_report(shared_effect())


def test_the_page_needs_no_other_file_and_no_network() -> None:
    assert all(address.startswith("#") for address in tree(shared_page()).addresses)
    assert not re.search(r"@import|url\((?!#)|<script|<link|https?://(?!www\.w3\.org)", shared_page())


def test_page_terminal_and_tables_count_in_the_money_of_the_scenario() -> None:
    for sheet in (effects_sheet(shared_effect()), costs_sheet(shared_effect())):
        text = " ".join(str(cell) for column in sheet.columns for cell in column._cells)
        assert "EUR million" in text
        assert "CNY" not in text
    units = {unit for table in shared_effect().tables().values() if "unit" in table for unit in table["unit"]}
    assert {"EUR million", "EUR million/person-year"} <= units
    assert not [unit for unit in units if "CNY" in unit]
    assert "百万欧元" in shared_page()
    assert not re.search("CNY|yuan|(?<!欧)元", shared_page())
    assert "EUR million" in shared_effect().plot("output").get_ylabel()


def test_the_page_is_well_formed_and_its_ids_are_unique() -> None:
    parsed = tree(shared_page())
    assert parsed.open == []
    assert len(parsed.ids) == len(set(parsed.ids))


def test_the_page_says_what_the_policy_does_costs_and_reaches() -> None:
    words = " ".join(" ".join(tree(shared_page()).words).split())
    for heading in (
        "In short", "What it costs, and what a job costs", "Where the money goes", "Who got it", "To whom it goes, and what is left", "Effects over the years",
        "Which lever carries the result", "What each lever made its recipients add, and what others lost",
        "What recipients did under the whole policy", "Which lever does what", "How it works its way", "Certificate",
        "The chain only", "Net cost per job-year", "Windfall",
    ):  # fmt: skip
        assert heading in words, heading
    assert "Grants & <more>" in words
    assert "<more>" not in shared_page()
    assert shared_effect().certificate.lines()[0][1:] in words
    assert number_of("outlay") in words


def number_of(item: str) -> str:
    """An item of costs as the page shows it."""
    value = shared_effect().costs().query("scope == 'all'").set_index("item").loc[item, "value"]
    return effect_text.number(float(value), 0)


def test_the_same_comparison_gives_the_same_page() -> None:
    assert effect_report(shared_effect()) == shared_page()


def test_panels_that_share_a_sheet_are_those_drawn_on_axes_of_their_own() -> None:
    shared = effect_figures.charts(shared_effect())
    assert shared[-1] == effect_figures.chart(shared_effect(), effect_figures.CHARTS[-1])
    assert len({panel.svg for chart in shared for panel in chart.near}) > 1


def test_tiers_stand_in_the_words_of_the_policy_only_where_the_chain_has_them() -> None:
    assert effect_figures.aims(shared_effect()) == []
    assert "Complete, extend, strengthen" not in shared_page()
    minimal = shipped("minimal", years__end=START + 2)
    aims = effect_figures.aims(cs.compare(minimal, minimal.replace({"levers.a": GRANT}), replications=1))
    assert [(aim.verb, aim.indicator) for aim in aims] == [
        ("complete", "completeness_fixed"),
        ("extend", "extension"),
        ("strengthen", "strength"),
    ]


def test_a_policy_without_effect_and_a_single_pair_have_a_page_as_well() -> None:
    page = effect_report(cs.compare(BASE, BASE, replications=1))
    assert "the worlds never part" in page
    assert "No effect in any year." in page
    assert tree(page).open == []


def test_several_policies_share_a_page() -> None:
    other = BASE.replace({"name": "plants", "levers.plants": PLANTS})
    page = effect_report(cs.compare(BASE, POLICY, other, replications=1))
    parsed = tree(page)
    assert page.count(">In short<") == 2
    assert without_chinese(page, names_of(BASE, POLICY, other)) == set()
    assert "The policies beside one another" in page
    assert "Cost against effect" in page
    assert "The policies beside one another" not in shared_page()
    assert len(parsed.ids) == len(set(parsed.ids))


def test_levers_are_called_by_their_titles_in_both_languages() -> None:
    assert (
        shared_page().count('<span class="l-en">Research grants</span><span class="l-zh" lang="zh">研发补助</span>') > 3
    )
    assert ">Plants<" in shared_page()


def test_a_title_that_another_scenario_has_too_gives_way_to_the_name() -> None:
    inherited = BASE.replace({"name": "plants_only", "levers.plants": PLANTS})
    found = titles(cs.compare(BASE, POLICY, inherited, replications=1))
    assert [item.en for item in found.values()] == ["Grants & <more>", "plants only"]


def test_the_page_says_whether_the_policy_softens_a_shock() -> None:
    struck = small(name="slump").replace({"shocks": SLUMP})
    effect = cs.compare(small(), granted(small()).replace({"name": "grants"}), replications=2, under=struck)
    page = effect_report(effect)
    assert without_chinese(page, [*names_of(granted(small())), "grants", "slump", "grants under slump"]) == set()
    assert "Does the policy soften the shock?" in page
    assert "The policies beside one another" not in page
    assert {"output", "employment"} <= {row[0].lower() for row in softened(effect)[0].rows}


def test_every_number_of_the_page_is_a_mean_and_every_interval_says_what_it_holds() -> None:
    assert "edian" not in shared_page()
    assert shared_page().count(">90 % of luck<") > 5
    assert "90 % of pairs" not in shared_page()
    output = shared_effect().table(years=shared_effect().base.years[1], indicators=["output"])["mean"].item()
    shown = next(
        row
        for row in effect_text.effect_rows(shared_effect(), [shared_effect().base.years[1]])
        if row.title == "Output"
    )
    assert float(shown.cells[2].replace("−", "-").replace(",", "")) == pytest.approx(output, abs=0.5)
    assert [column.header for column in effects_sheet(shared_effect()).columns][-1] == "90 % of luck"
    assert interval_of(3) == "90 % of luck and worlds"
    assert shared_page().count(">90 % of the ratio<") > 0
    cells = [[str(cell) for cell in column.cells] for column in costs_sheet(shared_effect()).columns]
    assert cells[2][cells[0].index("cost of a unit")] == "90 % of the ratio"


def test_an_uncertain_sign_is_marked() -> None:
    assert effect_text.is_weak(-1.0, 1.0)
    assert not effect_text.is_weak(0.5, 1.0)
    assert not effect_text.is_weak(float("nan"), float("nan"))
    weak = [row for row in effect_text.effect_rows(shared_effect(), [START + 5]) if row.weak]
    weak_channels = sum(row.weak for *_, rows in effect_text.why(shared_effect()) for row, _, _ in rows)
    weak_bars = sum(bar[-1] for _, bars in effect_text.where_rows(shared_effect()) for bar in bars)
    weak_named = sum(row.weak for _, row in named_effects(shared_effect()))
    assert shared_page().count('class="weak"') == len(weak) + weak_channels + weak_bars + weak_named


def test_tables_for_a_terminal_have_no_interval_for_a_single_pair() -> None:
    one = cs.compare(BASE, POLICY, replications=1)
    assert len(effects_sheet(shared_effect()).columns) == len(effects_sheet(one).columns) + 1
    assert costs_sheet(one).row_count == costs_sheet(shared_effect()).row_count


def test_the_first_screen_shows_the_three_aims_of_the_mission_beside_the_sentences() -> None:
    first = shared_page()[shared_page().index('<div class="first">') : shared_page().index("headline effects")]
    assert first.count('<figure class="path">') == len(PATHS) == 3
    assert first.count("<svg") == 3
    assert first.count("<li>") == len(in_short(shared_effect()))
    for name in PATHS:
        assert str(indicator(name).zh) in first


def test_every_heading_and_sentence_stands_in_both_languages() -> None:
    assert shared_page().count('class="l-en"') == shared_page().count('class="l-zh" lang="zh"')
    for sentence in in_short(shared_effect()):
        assert sentence.en.endswith(".")
        assert sentence.zh.endswith("。")
        assert re.search("[\u4e00-\u9fff]", sentence.zh)
    assert "资助" in shared_page()
    assert without_chinese(shared_page(), names_of(BASE, POLICY)) == set()


def test_the_language_is_switched_without_a_script_by_what_precedes_the_page() -> None:
    body = shared_page()[shared_page().index("<body>") :]
    assert body.index('id="zh"') < body.index("<header>") < body.index("<main>")
    assert 'for="zh"' in body
    assert "#zh:checked ~ * .l-en" in shared_page()


def test_losers_and_dips_are_named_and_none_where_a_policy_does_nothing() -> None:
    base = BASE.replace({"years.end": START + 2})
    harm = base.replace(
        {"name": "harm", "shocks.cut": {"type": "demand_shift", "change": -0.5, "years": f"{START + 1}-{START + 2}"}}
    )
    told = " ".join(sentence.en for sentence in in_short(cs.compare(base, harm, replications=10)))
    assert "Losers of output" in told
    assert "Dip: Output is below the baseline" in told
    few = " ".join(sentence.en for sentence in in_short(cs.compare(base, harm, replications=2)))
    assert "Fewer than ten pairs or worlds cannot tell who loses" in few
    assert "but so few runs leave the sign uncertain" in few
    assert "Dip:" not in few
    nothing = " ".join(sentence.en for sentence in in_short(cs.compare(base, base, replications=10)))
    assert "No segment surely loses" in nothing
    assert "Dip:" not in nothing


def test_the_page_says_where_the_policy_acts_and_folds_what_only_experts_read() -> None:
    where = dict(effect_text.where_rows(shared_effect()))
    assert len(where["segment"]) == 2 - len(BASE.chain.application)
    parks = {
        "region.parks": {"north": {"share": 0.5, "title": {"en": "The north", "zh": "北区"}}, "south": {"share": 0.5}}
    }
    effect = cs.compare(BASE.replace(parks), POLICY.replace(parks), replications=1)
    bars = {en: zh for en, zh, *_ in dict(effect_text.where_rows(effect))["park"]}
    assert bars == {"The north": "北区", "south": "south"}
    assert effect.table(years=START + 5, by="park", indicators=["output"])["mean"].sum() == pytest.approx(
        effect.table(years=START + 5, indicators=["output"])["mean"].item()
    )
    assert effect.plot("output", by="park").get_legend_handles_labels()[1] == ["north", "south"]
    assert shared_page().count("The certificate in full") == 1
    assert "<em>trial of the model</em> (T)" in shared_page()


def test_the_page_says_who_got_what_by_lever_and_what_becomes_of_named_enterprises() -> None:
    got = who_got_what(shared_effect())
    paid = shared_effect().seen["support"].query("by == 'segment'")["paid"].sum() / shared_effect().replications
    assert sum(float(row.paid.replace(",", "")) for row in got) == pytest.approx(paid, abs=0.5 * len(got))
    assert got[0].segments
    assert "Most of it to" in shared_page()
    base = three_makers()
    named = named_effects(cs.compare(base, base.replace({"levers.a": GRANT}), replications=2))
    assert {cells.title for _, cells in named} == {"a", "b", "c"}
    assert all(len(cells.cells) == 6 for _, cells in named)


@pytest.mark.parametrize(("worlds", "pairs", "weak"), [(0, 10, False), (10, 20, False), (10, 10, True), (9, 18, True)])
def test_what_becomes_of_a_named_enterprise_is_certain_as_signs_of_effects_are(worlds, pairs, weak) -> None:
    def side(output: float) -> Any:
        rows = [(run, START, "a", output, 1.0) for run in range(pairs)]
        table = pd.DataFrame(rows, columns=["replication", "year", "name", *NAMED])
        scenario = SimpleNamespace(enterprises=())
        return SimpleNamespace(tables=("named",), table=lambda _: table, years=(START, START), scenario=scenario)

    effect: Any = SimpleNamespace(base=side(1.0), policy=side(2.0), replications=pairs, worlds=worlds)
    assert [cells.weak for _, cells in named_effects(effect)] == [weak]


def test_levers_are_said_to_carry_the_result_by_six_pairs_or_more(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Only 2 pairs do not tell which levers carry the result." in [line.en for line in in_short(shared_effect())]
    monkeypatch.setattr(summary, "LEAST", 2)
    told = " ".join(line.en for line in in_short(shared_effect()))
    assert "Only 2 pairs" not in told
    assert "Levers that carry the result" in told or "No single lever" in told


def test_levers_told_at_stated_numbers_beside_means_of_worlds_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = shared_effect()
    monkeypatch.setattr(summary, "LEAST", 2)
    monkeypatch.setattr(summary, "carrying", lambda _: [(shared.ranking.levers[0], 1.0)])
    parts = {"has_ranking": True, "ranking": shared.ranking, "policy": shared.policy}
    together = f"{shared.ranking.together('output').mean():+,.0f}".replace("-", "\u2212")
    told = [summary.levers(SimpleNamespace(worlds=worlds, **parts)) for worlds in (0, 16)]  # type: ignore[arg-type]
    assert [len(lines) for lines in told] == [1, 2]
    assert f"all levers together add {together} (2 pairs)" in told[1][1].en
    assert f"全部工具合计增加{together}" in told[1][1].zh


def test_tables_with_many_columns_become_lists_on_a_narrow_screen() -> None:
    narrow = shared_page()[shared_page().index("@media (max-width: 640px)") : shared_page().index("@media print")]
    assert ".stacked thead { display: none; }" in narrow
    assert 'data-en="Windfall" data-zh="无谓支付"' in shared_page()


def test_in_short_tells_the_net_cost_to_the_region_apart_from_all_levels() -> None:
    alone = [each for each in in_short(shared_effect()) if "To the region alone" in each.en]
    assert len(alone) == 1
    assert number_of("net_cost_region") in alone[0].en
    assert number_of("net_cost_region") in alone[0].zh


def test_the_first_table_breaks_its_cells_on_a_narrow_screen_rather_than_cutting_numbers() -> None:
    narrow = shared_page()[shared_page().index("@media (max-width: 640px)") : shared_page().index("@media print")]
    assert ".effects th, .effects td { white-space: normal;" in narrow
    tables = re.findall(r'<(div class="scroller"|table[^>]*)>', shared_page())
    loose = [
        name
        for before, name in itertools.pairwise(tables)
        if name.startswith("table") and "bars" not in name and not before.startswith("div")
    ]
    assert loose == []
