"""Switches, limits and edges: what is turned off stays as it was, and small or empty economies run."""

import economies
import numpy as np
import pytest

from chainsim.economy.links import ABROAD, CLOSED, NATIONAL, NOBODY
from chainsim.runs.simulation import Simulation, base_year, simulate
from chainsim.scenario import ScenarioError, load
from chainsim.stages import CALENDAR, Demography
from chainsim.stages.year import advance

ACTING = [stage.key for stage in CALENDAR if stage.key != "production"]
"""Stages that can be off; production always runs."""
END = 2025


def off(*keys, **more):
    """A crowd with these stages disabled, and with other values at dotted paths."""
    return economies.crowd().replace({f"stages.{key}.enabled": False for key in keys} | more)


def lived(scenario, seed=1):
    """The economy in the base year and in the last year."""
    economy = base_year(scenario, seed)
    before = economy.copy(seed)
    while economy.year < economy.arrays.end:
        advance(economy)
    return before, economy


def is_kept(before, economy, *columns):
    """Whether these columns have the same bits for the same enterprises."""
    assert np.array_equal(before.identity, economy.identity)
    return all(np.array_equal(getattr(before, column), getattr(economy, column)) for column in columns)


# --- stages off ---


def test_without_pricing_prices_and_markups_stay():
    assert is_kept(*lived(off("pricing", "demography")), "price", "markup")


def test_fixed_prices_stay():
    assert is_kept(*lived(off("demography", **{"stages.pricing.fixed": True})), "price", "markup")


def test_without_sourcing_links_stay():
    before, economy = lived(off("sourcing", "demography"))
    assert np.array_equal(before.links.supplier, economy.links.supplier)


def test_without_sourcing_only_the_links_of_closed_suppliers_change_and_pass_to_the_nation():
    economy = base_year(off("sourcing"), 1)
    changes = 0
    while economy.year < END:
        known = links_by_identity(economy)
        advance(economy)
        for link, supplier in links_by_identity(economy).items():
            if link in known and known[link] != supplier:
                changes += 1
                assert supplier in ("national", "closed")
    assert changes > 0


def links_by_identity(economy):
    """Supplier of every link by (buyer, number)."""
    links, identity = economy.links, economy.identity.tolist()
    words = {NATIONAL: "national", ABROAD: "abroad", NOBODY: "nobody", CLOSED: "closed"}
    here = [words.get(row) or (identity[row] if economy.active[row] else "closed") for row in links.supplier.tolist()]
    number = np.arange(links.supplier.size) - links.start[links.buyer]
    return {
        (identity[buyer], slot): seller for buyer, slot, seller in zip(links.buyer, number.tolist(), here, strict=True)
    }


def test_without_demand_market_shares_stay():
    assert is_kept(*lived(off("demand", "demography")), "market_share", "goodwill")


def test_without_goodwill_shocks_demand_knows_no_luck():
    still = off("innovation", "demography", "sourcing", **{"stages.demand.goodwill": "off"})
    (before, first), (_, second) = lived(still, seed=1), lived(still, seed=2)
    assert is_kept(first, second, "market_share", "output", "price")
    assert is_kept(before, first, "goodwill")


def test_replicator_goodwill_is_the_log_of_last_years_share_and_this_years_shock():
    economy = base_year(off("demography", **{"stages.demand.goodwill": "replicator"}), 1)
    advance(economy)
    last = economy.market_share.copy()
    economy.begin_year(economy.year + 1)
    shock = economy.stages.demand.shock(economy)
    economy.stages.demand.step(economy)
    served = last > 0
    expected = np.log(last[served]) + np.broadcast_to(shock[:, None], last.shape)[served]
    assert economy.goodwill[served] == pytest.approx(expected, rel=1e-14)


def test_without_labour_wages_follow_the_trend_and_staff_is_what_is_wanted():
    _, economy = lived(off("labour"))
    assert (economy.region.wage_index == economy.trend).all()
    there = economy.operated
    assert np.array_equal(economy.ordinary[there], economy.wanted_ordinary[there])
    assert np.array_equal(economy.skilled[there], economy.wanted_skilled[there])


def test_without_a_regional_labour_market_wages_follow_the_trend_and_everybody_wanted_is_hired():
    _, economy = lived(off(**{"stages.labour.regional": False}))
    assert (economy.region.wage_index == economy.trend).all()
    assert (economy.ordinary >= economy.wanted_ordinary * economy.active).all()


def test_without_capacity_limits_output_is_what_is_ordered():
    scenario = off(**{"stages.production.capacity": False, "chain.segments.lenses.markets.national.growth": 0.9})
    _, economy = lived(scenario)
    there = economy.operated
    assert economy.output[there] == pytest.approx(economy.orders[there], rel=1e-10)
    assert economy.fill[there] == pytest.approx(np.ones(there.sum()), rel=1e-10)
    limited = lived(scenario.replace({"stages.production.capacity": True}))[1]
    assert limited.fill[limited.operated].min() < 0.9


def test_without_innovation_research_is_paid_but_productivity_and_quality_stay():
    before, economy = lived(off("innovation", "demography"))
    assert is_kept(before, economy, "productivity", "log_productivity", "quality")
    assert (economy.rd[economy.active] > 0).all()
    assert (economy.knowledge != before.knowledge).all()


def test_without_investment_capital_is_replaced_only():
    before, economy = lived(off("investment", "finance", "demography"))
    assert economy.capital == pytest.approx(before.capital, rel=1e-12)
    assert economy.investment == pytest.approx(economy.depreciation, rel=1e-12)


def test_without_finance_there_are_no_loans_no_defaults_and_the_deduction_of_the_base_year():
    scenario = off("finance", "demography", **{"region.taxes.rd_deduction": {1900: 0.75, 2022: 2.0}})
    before, economy = lived(scenario)
    assert is_kept(before, economy, "debt", "default_years")
    assert (economy.rd_deduction() == 0.75).all()
    assert (lived(scenario.replace({"stages.finance.enabled": True}))[1].rd_deduction() == 2.0).all()


def test_without_demography_nobody_enters_or_leaves():
    before, economy = lived(off("demography"))
    assert is_kept(before, economy, "founded", "active")
    region = simulate(off("demography"), 1).tables["region"]
    assert not region["entries"].any()
    assert not region["exits"].any()


def test_named_enterprises_leave_by_default_only():
    named = [economies.maker(f"firm_{k}", "lenses", 20.0) for k in range(8)]
    deadly = economies.crowd(enterprises=named).replace({"stages.demography.hazard_scale": 1e3})
    before, economy = lived(deadly)
    assert before.named.sum() == economy.active[economy.named].sum() == 8
    assert not np.isin(before.identity[~before.named], economy.identity[economy.active]).any()


@pytest.mark.parametrize("key", ACTING)
def test_every_stage_can_be_off_alone(key):
    region = simulate(off(key), 1).tables["region"]
    assert all(np.isfinite(values).all() for values in region.values() if values.dtype.kind == "f")


def test_with_everything_off_output_follows_the_markets():
    scenario = off(*ACTING, **{"stages.production.capacity": False})
    before, economy = lived(scenario)
    assert economy.output == pytest.approx(before.output * 1.03**5, rel=1e-9)


def test_what_is_off_is_off_in_every_combination():
    luck = np.random.default_rng(3)
    for _ in range(12):
        keys = [key for key in ACTING if luck.random() < 0.5]
        _, economy = lived(off(*keys))
        assert economy.ledger.check() <= 1e-12
        assert np.isfinite(economy.cash).all()


# --- missing links ---


def plants(scenario, seed=1):
    """Enterprises that make wafers, and the share of chips' wafers they supply, by year."""
    simulation, path = Simulation(scenario, seed), []
    while simulation.running:
        simulation.step()
        economy = simulation.economy
        trade = economy.flows.trade[0, 1]
        path.append((int((economy.active & (economy.segment == 0)).sum()), trade[0] / trade.sum()))
    return path, simulation


EAGER = {"stages.demography.link_rate": 50.0, "stages.demography.outside_rate": 1.0}


def test_a_missing_link_is_filled_and_its_pioneer_finds_customers():
    scenario = economies.with_missing_link(end=2035).replace(EAGER)
    path, simulation = plants(scenario)
    economy = simulation.economy
    assert path[-1][0] >= 1
    assert path[-1][1] > 0.02
    assert economy.pioneer[economy.segment == 0].all()
    assert not economy.pioneer[economy.segment != 0].any()
    segments = simulation.recording().tables["segments"]
    wafers = segments["segment"] == "wafers"
    assert segments["output"][wafers][0] == 0.0
    assert segments["viable"][wafers][-1] > segments["viable"][wafers][0] == 0.0


def test_a_missing_link_stays_missing_where_nobody_founds_plants():
    never = {"stages.demography.link_rate": 0.0, "stages.demography.outside_rate": 0.0}
    path, _ = plants(economies.with_missing_link(end=2050).replace(never))
    assert set(path) == {(0, 0.0)}


def test_a_missing_link_stays_missing_without_demography():
    path, _ = plants(economies.with_missing_link(end=2035).replace(EAGER | {"stages.demography.enabled": False}))
    assert set(path) == {(0, 0.0)}


def test_a_missing_link_that_few_need_is_not_filled_from_demand():
    scenario = economies.with_missing_link(demand=0.01, end=2035)
    path, _ = plants(scenario.replace({"stages.demography.link_rate": 50.0, "stages.demography.outside_rate": 0.0}))
    assert {number for number, _ in path} == {0}


def test_more_arrivals_fill_the_link_earlier():
    def first_year(rate):
        path, _ = plants(economies.with_missing_link(end=2050).replace({"stages.demography.link_rate": rate}))
        return next((year for year, (number, _) in enumerate(path) if number), len(path))

    years = [first_year(rate) for rate in (0.003, 0.03, 0.3, 30.0)]
    assert years == sorted(years, reverse=True)
    assert years[-1] < years[0]


# --- edges ---


class Closing(Demography):
    """Closes every enterprise of some segments in one year, and founds nobody."""

    segments: tuple[int, ...] = (0,)

    def closes(self, economy):
        return economy.active & np.isin(economy.segment, self.segments) & (economy.year == 2022)

    def entry_mean(self, economy):
        return np.zeros(economy.arrays.size)


@pytest.mark.parametrize("segments", [(0,), (1,), (0, 1)])
@pytest.mark.parametrize("make", [economies.crowd, economies.cyclic])
def test_segments_whose_enterprises_all_close_do_not_stop_the_run(make, segments):
    scenario = make(record={"enterprises": True, "links": True}).replace(stages=[Closing(segments=segments)])
    recorded = simulate(scenario, 1).tables
    for table in recorded.values():
        assert all(np.isfinite(values).all() for values in table.values() if values.dtype.kind == "f")
    last = recorded["segments"]["year"] == END
    assert (recorded["segments"]["output"][last] > 0).tolist() == [k not in segments for k in range(2)]
    assert recorded["region"]["ledger_residual"].max() <= 1e-12


def test_buyers_of_a_segment_that_closed_buy_outside():
    recorded = simulate(economies.crowd().replace(stages=[Closing(segments=(0,))]), 1).tables["region"]
    rates = dict(zip(recorded["year"], recorded["localization_rate"], strict=True))
    assert rates[2022] > 0.4
    assert rates[2024] == rates[2025] == 0.0


def one_segment(**more):
    return economies.chain({"boards": economies.segment(100.0, number=4, small=3)}, **more)


def test_a_chain_of_one_segment_runs():
    before, economy = lived(one_segment())
    assert before.links.supplier.size == 0
    assert economy.by_segment(economy.sales)[0] > 50.0


def test_a_segment_that_buys_from_itself_alone_runs():
    boards = economies.segment(100.0, {"boards": (0.4, 0.5)}, number=5, small=5)
    before, economy = lived(economies.chain({"boards": boards}))
    assert before.flows.trade[0, 0, 0] == pytest.approx(20.0, rel=1e-12)
    assert economy.links.supplier.max() >= 0


def test_one_single_enterprise_runs():
    before, economy = lived(economies.chain({"boards": economies.segment(100.0, number=1)}).replace(NOBODY_MOVES))
    assert before.n == economy.n == 1
    assert before.output[0] == pytest.approx(100.0, rel=1e-12)


NOBODY_MOVES = {"stages.demography.enabled": False}


def test_a_chain_that_is_all_missing_is_refused():
    with pytest.raises(ScenarioError, match=r"chain\.segments: every segment has output 0"):
        one_segment().replace({"chain.segments.boards": economies.segment(0.0, number=0)})


def test_a_chain_of_application_tiers_only_is_refused():
    with pytest.raises(ScenarioError, match="the chain itself needs at least one"):
        load(
            economies.ROOT / "scenarios" / "minimal.yaml",
            {"chain.application": ["upstream", "midstream", "downstream"]},
        )


def test_an_application_tier_stays_out_of_the_headline():
    region = simulate(economies.crowd(chain={"application": ["downstream"]}), 1).tables["region"]
    chain = region["scope"] == "chain"
    assert region["output"][chain][0] == pytest.approx(600.0, rel=1e-12)
    assert region["output"][~chain][0] == pytest.approx(1500.0, rel=1e-12)
    assert region["supporting_rate"][0] == pytest.approx(0.6, rel=1e-12)


def test_a_region_without_parks_has_one():
    before, economy = lived(economies.three_makers())
    assert before.arrays.park_names == ("region",)
    assert set(economy.park.tolist()) == {0}


@pytest.mark.parametrize("scale", [0.2, 3.0])
def test_another_scale_of_population_makes_the_same_output_with_other_numbers(scale):
    before, economy = lived(economies.crowd().replace({"population.scale": scale}))
    usual = base_year(economies.crowd(), 1)
    assert before.by_segment(before.output) == pytest.approx([600.0, 900.0], rel=1e-12)
    assert before.n == pytest.approx(scale * usual.n, rel=0.1)
    assert economy.by_segment(economy.sales).sum() == pytest.approx(lived(economies.crowd())[1].sales.sum(), rel=0.5)


@pytest.mark.slow
@pytest.mark.parametrize("scale", [0.2, 3.0])
def test_jilin_runs_at_another_scale(scale):
    region = simulate(economies.shipped("jilin", population__scale=scale, years__end=2025), 1).tables["region"]
    chain = region["scope"] == "chain"
    usual = simulate(economies.shipped("jilin", years__end=2025), 1).tables["region"]
    assert region["output"][chain][0] == pytest.approx(usual["output"][chain][0], rel=1e-12)
    assert region["output"][chain][-1] == pytest.approx(usual["output"][chain][-1], rel=0.1)


def test_a_tier_named_in_chinese_is_refused_with_its_place_and_titles_in_chinese_are_introduced_factor(tmp_path):
    text = (economies.ROOT / "scenarios" / "minimal.yaml").read_text(encoding="utf-8")
    file = tmp_path / "chinese.yaml"
    file.write_text(text.replace("upstream", "上游"), encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"chinese\.yaml:\d+:\d+ .*chain\.tiers.*上游"):
        load(file)
    file.write_text(text.replace("zh: 三环节示例", "zh: 上游、中游、下游"), encoding="utf-8")
    assert load(file).title.zh == "上游、中游、下游"


def test_a_base_year_without_labour_or_research_runs():
    bare = {"labour_share": 0.0, "rd_share": 0.0, "production_tax_share": 0.0, "high_tech_share": 0.0}
    boards = economies.segment(100.0, number=4, small=3, **bare)
    _, economy = lived(economies.chain({"boards": boards}))
    assert economy.labour_cost.sum() == economy.rd.sum() == 0.0
    assert economy.sales.sum() > 0.0


def test_a_market_that_dies_takes_its_enterprises_along_without_an_error():
    recorded = simulate(economies.crowd(growth=-0.9, end=2035), 1).tables
    assert recorded["region"]["output"][-1] < 1.0
    for table in recorded.values():
        assert all(np.isfinite(values).all() for values in table.values() if values.dtype.kind == "f")


def test_a_market_that_explodes_meets_the_limits_of_capital_and_staff():
    recorded = simulate(economies.crowd(growth=3.0, end=2030), 1).tables["region"]
    assert np.isfinite(recorded["output"]).all()
    assert recorded["fill_rate"].min() < 0.5
    assert recorded["unemployment_skilled"].min() > 0.0
