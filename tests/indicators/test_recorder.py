"""Indicators of an economy of three enterprises, worked out by hand.

Makers `a` (60) and `b` (40) sell parts; `c` makes devices for 100 with parts for 40: 20 local, 14 national, 6 foreign.
Value added is .25 of output and what R&D services cost on top: .4 of R&D, which is .02 of parts and .04 of devices.
"""

import economies
import numpy as np
import policies
import pytest

import chainsim as cs
from chainsim.economy import sectors
from chainsim.indicators.recorder import Recorder
from chainsim.runs.simulation import base_year, simulate

PARTS, DEVICES = 0, 1
ANCHORED = {"chain": {"anchors": ["devices"]}}


class Watch:
    """The three-enterprise economy and what is recorded of it."""

    def __init__(self, **more):
        self.economy = base_year(economies.three_makers(**(ANCHORED | more)), 1)
        self.recorder = Recorder(self.economy)

    def again(self):
        """Record the economy as it is now."""
        self.recorder.record(self.economy)

    def __call__(self, table, name, year=-1):
        return self.recorder.years[table][year][name]


@pytest.fixture
def watch():
    return Watch()


def near(*values):
    return pytest.approx(np.array(values), rel=1e-12, abs=1e-14)


def test_output_and_enterprises(watch):
    assert watch("segments", "output") == near(100, 100)
    assert watch("region", "output") == near(200, 200)
    assert watch("segments", "enterprises") == near(2, 1)
    assert watch("region", "above_scale") == near(3, 3)


def test_purchases_by_origin(watch):
    for name, devices in (("purchases_local", 20), ("purchases_national", 14), ("purchases_abroad", 6)):
        assert watch("segments", name) == near(0, devices)
        assert watch("region", name) == near(devices, devices)
    assert watch("segments", "demand") == near(40, 0)


def test_localization_is_half(watch):
    assert watch("segments", "localization_rate") == near(0, 0.5)
    assert watch("tiers", "localization_rate") == near(0, 0.5)
    for name in ("localization_rate", "localization_rate_fixed", "supporting_rate"):
        assert watch("region", name) == near(0.5, 0.5)
    assert watch("segments", "local_supply_rate") == near(0.5, 0)


def test_import_dependence_is_six_of_forty(watch):
    assert watch("region", "import_dependence") == near(0.15, 0.15)


def test_value_added_holds_research_as_investment(watch):
    assert watch("segments", "value_added") == near(25.8, 26.6)
    assert watch("segments", "rd") == near(2, 4)
    assert watch("segments", "rd_intensity") == near(0.02, 0.04)


def test_local_content_is_own_value_added_and_that_of_local_parts(watch):
    assert watch("segments", "local_content") == near(0.258, 0.266 + 0.2 * 0.258)
    assert watch("region", "local_content")[0] == pytest.approx((80 * 0.258 + 100 * 0.3176) / 180, rel=1e-12)


def test_local_content_of_all_final_sales_is_all_value_added(watch):
    content, final = watch("segments", "local_content"), np.array([80.0, 100.0])
    assert content @ final == pytest.approx(watch("segments", "value_added").sum(), rel=1e-12)


def test_upstreamness_is_one_and_what_is_sold_on(watch):
    assert watch("segments", "upstreamness") == near(1 + 0.2 * 1, 1)


def test_output_multiplier_is_one_and_the_parts_ordered(watch):
    assert watch("segments", "output_multiplier") == near(1, 1.2)


def test_concentration_of_sixty_and_forty(watch):
    assert watch("segments", "hhi") == near(0.36 + 0.16, 1)
    assert watch("segments", "largest_share") == near(0.6, 1)


def test_single_source_risk_is_the_largest_sellers_part_of_all_demand(watch):
    sold = watch.economy.intermediate_sales
    assert sold[:2].sum() == pytest.approx(20, rel=1e-12)
    assert watch("segments", "single_source_risk") == near(sold[:2].max() / 40, 0)


def test_extension_counts_segments_of_equal_size_as_one_each(watch):
    assert watch("region", "extension_segments") == near(2, 2)
    assert watch("tiers", "extension_segments") == near(1, 1)


def test_extension_is_the_number_of_products_where_all_are_alike(watch):
    watch.economy.products[:] = 3.0
    watch.again()
    assert watch("region", "extension") == near(6, 6)
    assert watch("tiers", "extension") == near(3, 3)
    assert watch("region", "products") == near(3, 3)


def test_extension_weighs_segments_as_in_the_base_year_and_the_raw_one_as_now(watch):
    watch.economy.products[:] = 1.0
    watch.economy.sales[2] = 300.0
    watch.again()
    share = np.array([0.25, 0.75])
    assert watch("region", "extension") == near(2, 2)
    assert watch("region", "extension_raw")[0] == pytest.approx(np.exp(-(share * np.log(share)).sum()), rel=1e-12)


def test_a_segment_that_is_gone_takes_its_products_with_it(watch):
    watch.economy.products[:] = 1.0
    watch.economy.sales[:2] = 0.0
    watch.again()
    assert watch("region", "extension")[0] == pytest.approx(np.sqrt(2.0), rel=1e-12)
    assert watch("tiers", "extension")[PARTS] == 0.0


def test_extension_of_unequal_segments_is_the_exponential_of_their_entropy(watch):
    watch.economy.sales[2] = 300.0
    watch.again()
    share = np.array([0.25, 0.75])
    assert watch("region", "extension_segments")[0] == pytest.approx(np.exp(-(share * np.log(share)).sum()), rel=1e-12)


def test_parts_are_complete_because_two_makers_can_serve_a_tenth_of_the_demand(watch):
    assert watch("segments", "viable")[PARTS] == 1.0
    assert watch("tiers", "completeness")[PARTS] == 1.0


def test_a_tier_that_nobody_in_the_region_buys_from_does_not_count_as_incomplete(watch):
    assert watch("segments", "demand")[DEVICES] == 0.0
    assert watch("region", "completeness") == near(1, 1)


def test_completeness_of_the_region_is_the_mean_of_its_tiers():
    economy = base_year(economies.with_missing_link(), 1)
    recorded = Recorder(economy).years
    tiers = recorded["tiers"][0]["completeness"]
    assert tiers[:2].tolist() == [0.0, 1.0]  # wafers are missing, chips are there, nobody buys boards
    assert recorded["region"][0]["completeness"] == near(0.5, 0.5)


@pytest.mark.parametrize("lacking", ["output", "fill", "quality", "active"])
def test_makers_that_are_too_small_late_poor_or_closed_do_not_count(watch, lacking):
    economy = watch.economy
    economy.intermediate_sales[:] = 0.0  # nobody has accepted them yet
    economy.quality[:] = 0.0
    getattr(economy, lacking)[:2] = {"output": 0.9, "fill": 0.79, "quality": -0.41, "active": False}[lacking]
    watch.again()
    assert watch("segments", "viable")[PARTS] == 0.0
    assert watch("tiers", "completeness")[PARTS] == 0.0


def test_two_small_makers_count_like_one_of_their_size(watch):
    economy = watch.economy
    economy.quality[:2] = -3.0  # accepted all the same, for the two together sell more than a twentieth of the demand
    economy.output[:2], economy.intermediate_sales[:2] = [1.2, 1.2], [1.2, 1.2]
    economy.capital[:2] *= 1.5 / economy.capacity[:2]
    watch.again()
    assert watch("segments", "viable")[PARTS] == pytest.approx(3.0 / (0.1 * 40), rel=1e-12)


def test_one_small_maker_covers_its_part_of_a_tenth_of_the_demand(watch):
    economy = watch.economy
    economy.output[:2] = [0.0, 2.5]
    economy.capital[1] *= 3.0 / economy.capacity[1]
    watch.again()
    assert watch("segments", "viable")[PARTS] == pytest.approx(3.0 / (0.1 * 40), rel=1e-12)


def test_strength_is_one_in_the_base_year(watch):
    for table in ("region", "tiers", "segments"):
        assert watch(table, "strength") == near(1, 1)


@pytest.mark.parametrize(("column", "factor"), [("rd", 8.0), ("final_sales", 8.0), ("rd", 0.125)])
def test_strength_is_the_geometric_mean_of_share_quality_and_research(watch, column, factor):
    getattr(watch.economy, column)[:] *= factor
    watch.again()
    assert watch("region", "strength") == near(factor ** (1 / 3), factor ** (1 / 3))


def test_strength_rises_by_a_third_of_the_log_of_quality(watch):
    watch.economy.quality[:] += 0.3
    watch.again()
    assert watch("region", "strength") == near(np.exp(0.1), np.exp(0.1))


def test_localization_follows_a_link_that_moves_outside(watch):
    economy, links = watch.economy, watch.economy.links
    lost = int(np.flatnonzero(links.supplier >= 0)[0])
    part = links.coefficient[lost] / 0.4
    links.supplier[lost] = -1
    economy.ledger.open(economy.year)
    economy.flows.trade[:] = 0.0
    economy.stages.production.deliver(economy)
    sectors.close_accounts(economy)
    watch.again()
    assert watch("region", "localization_rate")[0] == pytest.approx(0.5 - part, rel=1e-12)
    assert watch("region", "localization_rate_fixed")[0] == pytest.approx(0.5 - part, rel=1e-12)


def test_localization_is_its_parts_within_and_between_in_every_table_and_year():
    tables = simulate(economies.crowd(), 1).tables
    for name in ("region", "tiers", "segments"):
        table = tables[name]
        assert table["localization_within"] + table["localization_between"] == near(*table["localization_rate"])
        assert table["localization_within"] == near(*table["localization_rate_fixed"])
        assert table["localization_between"][table["year"] == economies.START] == pytest.approx(0.0, abs=1e-12)


def test_fixed_weights_ignore_who_buys_more():
    two = economies.chain(
        {
            "parts": economies.segment(200.0, number=4),
            "left": economies.segment(100.0, {"parts": (0.4, 0.5)}, number=2),
            "right": economies.segment(100.0, {"parts": (0.4, 0.1)}, number=2),
        }
    )
    economy = base_year(two, 1)
    recorder = Recorder(economy)
    economy.flows.trade[0, 1] *= 3.0
    economy.purchases_local[economy.segment == 1] *= 3.0
    economy.purchases_national[economy.segment == 1] *= 3.0
    economy.purchases_abroad[economy.segment == 1] *= 3.0
    recorder.record(economy)
    latest = recorder.years["region"][-1]
    assert latest["localization_rate_fixed"][0] == pytest.approx(0.3, rel=1e-12)
    assert latest["localization_rate"][0] == pytest.approx((60 + 4) / (120 + 40), rel=1e-12)
    assert latest["localization_between"][0] == pytest.approx(0.1, rel=1e-12)


def test_completeness_at_fixed_weights_ignores_who_buys_more(watch):
    watch.economy.flows.trade[DEVICES, DEVICES, 1] = 40.0
    watch.economy.active[2] = False
    watch.again()
    assert watch("tiers", "completeness_fixed")[PARTS] == 1.0
    assert watch("region", "completeness")[0] < 1.0
    assert watch("region", "completeness_fixed") == near(1, 1)


def test_strength_at_fixed_weights_ignores_which_segment_grows(watch):
    economy = watch.economy
    for column in (economy.sales, economy.rd, economy.final_sales):
        column[2] *= 3.0
    watch.again()
    intensity = np.array([0.02 + 3 * 0.04, 0.02 + 0.04]) / np.array([4, 2])
    relative = watch("region", "strength_raw")[0] / watch("region", "strength")[0]
    assert relative == pytest.approx((intensity[0] / intensity[1]) ** (1 / 3), rel=1e-12)


def test_market_shares_are_sales_over_expenditure(watch):
    assert watch("segments", "market_share") == near(0.2, 0.2)
    assert watch("region", "exports") == near(0, 0)


def test_staff_and_pay_follow_from_the_labour_share(watch):
    staff = watch("segments", "employment_ordinary"), watch("segments", "employment_skilled")
    bill = (staff[0] * watch("segments", "wage_ordinary") + staff[1] * watch("segments", "wage_skilled")) / 1000
    assert bill * 1.25 == near(10, 10)
    assert watch("segments", "wage_ordinary") == near(59, 59)
    assert watch("segments", "wage_skilled") == near(82, 82)


def test_capacity_is_used_to_eighty_percent_and_orders_are_filled(watch):
    assert watch("segments", "capacity_utilisation") == near(0.8, 0.8)
    assert watch("segments", "fill_rate") == near(1, 1)
    assert watch("segments", "price") == near(1, 1)


def test_price_is_value_over_quantity(watch):
    watch.economy.sales[2] = 130.0
    watch.again()
    assert watch("segments", "price") == near(1, 1.3)


def test_volume_is_quantity_at_the_outside_prices_of_the_base_year():
    scenario = economies.three_makers(growth=0.0, stages=economies.FROZEN, region={"productivity_growth": 0.0})
    still = {"stages.pricing.fixed": True, "stages.production.capacity": False}
    scenario = scenario.replace({"chain.segments.devices.price_trend": 0.1} | still)
    table = simulate(scenario, 1).tables["segments"]
    devices = table["segment"] == "devices"
    years = np.arange(6)
    assert table["output"][devices] == pytest.approx(100 * 1.1**years, rel=1e-9)
    assert table["output_volume"][devices] == pytest.approx(np.full(6, 100.0), rel=1e-9)


def test_the_chain_leaves_the_application_out():
    region = simulate(economies.three_makers(chain={"application": ["downstream"]}), 1).tables["region"]
    assert region["output"][:2] == near(100, 200)
    assert region["supporting_rate"][:2] == near(0.5, 0.5)
    assert region["extension_segments"][:2] == near(1, 2)


def test_tiers_and_segments_add_up_to_the_region():
    recorded = simulate(economies.crowd(), 1).tables
    for name in ("output", "value_added", "employment", "rd", "enterprises", "tax_revenue", "investment", "entries"):
        everything = recorded["region"][name][recorded["region"]["scope"] == "all"]
        for table in ("tiers", "segments"):
            parts = recorded[table][name].reshape(everything.size, -1).sum(axis=1)
            assert parts == pytest.approx(everything, rel=1e-12), name


def test_industries_are_sums_over_their_segments_of_the_chain():
    tables = simulate(economies.shipped("jilin").replace({"years.end": 2021}), 1).tables
    industries, segments = tables["industries"], tables["segments"]
    assert list(dict.fromkeys(industries["industry"])) == [
        "integrated_circuits",
        "display_and_lighting",
        "automotive_electronics",
        "remote_sensing_satellites",
        "industrial_internet",
    ]
    for year in (2020, 2021):
        for name in dict.fromkeys(industries["industry"]):
            group = (industries["industry"] == name) & (industries["year"] == year)
            members = (segments["industry"] == name) & (segments["year"] == year)
            for column in ("output", "value_added", "employment", "rd", "purchases_local"):
                assert industries[column][group] == near(segments[column][members].sum()), (name, column)
            shares = (
                industries["localization_rate"][group]
                * (industries["purchases_local"] + industries["purchases_national"] + industries["purchases_abroad"])[
                    group
                ]
            )
            assert shares == near(segments["purchases_local"][members].sum())


def test_parks_are_those_of_the_scenario_and_add_up_to_the_chain():
    scenario = economies.shipped("jilin").replace({"years.end": 2021})
    tables = simulate(scenario, 1).tables
    parks, region = tables["parks"], tables["region"]
    assert list(dict.fromkeys(parks["park"])) == list(scenario.region.parks)
    for year in (2020, 2021):
        chain = (region["scope"] == "chain") & (region["year"] == year)
        for column in ("output", "value_added", "employment", "rd", "enterprises", "support"):
            assert parks[column][parks["year"] == year].sum() == near(region[column][chain]), (year, column)


def test_a_scenario_without_leading_industries_has_no_table_of_them():
    assert "industries" not in simulate(economies.crowd(), 1).tables


def test_independent_research_is_that_of_own_staff():
    segments = simulate(economies.shipped("minimal").replace({"years.end": 2021}), 1).tables["segments"]
    assert ((segments["independent_rd"] > 0.3) & (segments["independent_rd"] <= 1.0)).all()


def test_support_tells_of_each_lever_whom_it_paid_how_much():
    made = policies.under("rd_grant", years={"start": 2020, "end": policies.FIRST})
    result = cs.run(made.replace({"record.enterprises": True}), seed=1)
    support, levers = result.table("support"), result.table("levers").set_index(["year", "lever"])
    firms = result.table("enterprises").set_index(["year", "identity"])
    assert set(support["lever"]) == {"rd_grant"}
    paid = support.set_index(["year", "identity"])["paid"]
    assert (paid > 0.0).all()
    assert paid.to_numpy() == pytest.approx(firms["support"][paid.index].to_numpy())
    assert paid.sum() == pytest.approx(levers["granted"][policies.FIRST, "rd_grant"])
    for column in ("segment", "park", "owner"):
        assert (support[column].to_numpy() == firms[column][paid.index].to_numpy()).all(), column
