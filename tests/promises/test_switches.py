"""Switches, limits and edges: every stage can be off, and small or empty economies run."""

import economies
import numpy as np
import pytest
from switched import END, lived, off

from chainsim.runs.simulation import base_year, simulate
from chainsim.scenario.errors import ScenarioError
from chainsim.scenario.load import load
from chainsim.stages import CALENDAR, Demography

ACTING = [stage.key for stage in CALENDAR if stage.key != "production"]
"""Stages that can be off; production always runs."""


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
    scenario = make(record={"enterprises": True, "links": True}).replace(
        stages=[Closing(segments=segments, arrivals=0.0)]
    )
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


def test_a_tier_named_in_chinese_runs_as_under_any_other_name(tmp_path):
    text = (economies.ROOT / "scenarios" / "minimal.yaml").read_text(encoding="utf-8")
    file = tmp_path / "chinese.yaml"
    tiers = []
    for name in ("upstream", "上游"):
        file.write_text(text.replace("upstream", name), encoding="utf-8")
        tiers.append(simulate(load(file), 1).tables["tiers"])
    assert set(tiers[1]["tier"]) - set(tiers[0]["tier"]) == {"上游"}
    assert np.array_equal(tiers[0]["output"], tiers[1]["output"])


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
