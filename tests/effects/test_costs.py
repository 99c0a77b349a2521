"""What a policy costs, and what a job costs."""

import numpy as np
import pytest
from economies import START
from worked_by_hand import BASE, POLICY
from worked_by_hand import result as by_hand

from chainsim.effects.costs import (
    NEGATIVE,
    ONE_PAIR,
    PAYS_BACK,
    TAX_MEASURES,
    TOO_FEW,
    UNDEFINED,
    costs,
    items,
    ratio,
    resamples,
)
from chainsim.levers import LEVERS
from chainsim.runs.results import Result
from chainsim.validation import audit_checks


def test_costs_are_those_worked_out_by_hand():
    found = costs(BASE, POLICY).query("scope == 'all'").set_index("item")["value"]
    assert found["outlay"] == 35.0
    assert found["recovered"] == 3.0
    assert found["cofinanced"] == 2.0
    assert found["tax_return"] == (2.0 + 5.0) / 2
    assert found["net_cost"] == 35.0 - 3.0 - 3.5
    assert found["job_years"] == (10.0 + 30.0) / 2
    assert found["jobs_induced"] == 6.0
    assert found["localization"] == pytest.approx(2.0)
    assert found["net_cost_per_job_year"] == 28.5 / 20.0
    assert found["outlay_per_job_year"] == 35.0 / 20.0
    assert found["net_cost_per_job_year_with_induced"] == 28.5 / 26.0
    assert found["net_cost_per_point"] == pytest.approx(28.5 / 2.0)
    assert found["net_cost_per_value_added"] == 28.5 / 8.0


def test_a_ratio_is_undefined_where_the_effect_cannot_be_told_from_zero_or_is_negative():
    cost = np.array([10.0, 12.0, 9.0, 11.0])
    assert ratio(cost, np.array([5.0, -4.0, 3.0, -1.0])).note == UNDEFINED
    assert ratio(cost, np.zeros(4)).note == UNDEFINED
    assert ratio(cost, -np.ones(4)).note == UNDEFINED
    assert ratio(np.ones(10), -np.ones(10)).note == NEGATIVE
    assert np.isnan(ratio(np.ones(10), -np.ones(10)).value)
    spread = np.linspace(-3.5, 3.4, 32)
    assert spread.sum() < 0.0
    assert ratio(np.ones(32), spread, 16).note == UNDEFINED
    assert ratio(np.ones(32), np.full(32, -1.0) - np.tile([0.0, 9.0], 16), 16).note == NEGATIVE
    assert ratio(np.ones(16), -np.ones(16), 16).note == UNDEFINED  # one seed a world tells no luck
    assert ratio(np.ones(18), -np.ones(18), 9).note == UNDEFINED


def test_a_ratio_of_sums_lies_in_its_interval_and_is_exact_where_pairs_agree():
    value, low, high, note = ratio(np.tile([10.0, 12.0, 9.0, 11.0], 3), np.tile([5.0, 4.0, 3.0, 6.0], 3))
    assert value == 42.0 / 18.0
    assert low < value < high
    assert note == ""
    assert ratio(np.full(10, 6.0), np.full(10, 2.0)) == (3.0, 3.0, 3.0, "")
    assert ratio(np.full(10, -6.0), np.full(10, 2.0)).note == PAYS_BACK


@pytest.mark.parametrize(("pairs", "worlds"), [(9, 0), (18, 9)])
def test_few_pairs_or_worlds_give_a_ratio_without_interval(pairs, worlds):
    found = ratio(np.full(pairs, -6.0), np.full(pairs, 2.0), worlds)
    assert (found.value, found.note) == (-3.0, TOO_FEW)
    assert np.isnan([found.low, found.high]).all()


@pytest.mark.parametrize(("worlds", "seeds"), [(10, 2), (0, 10), (32, 2)])
def test_intervals_of_ratios_hold_what_is_planted_in_nine_of_ten_draws(worlds, seeds):
    """Effects differ by 4 between worlds and by 2 within, about 10: costs of 20 are 2 a unit."""
    luck, held = np.random.default_rng(11), []
    for _ in range(400):
        between = np.repeat(luck.normal(0, 4, worlds), seeds) if worlds else 0.0
        effect = 10.0 + between + luck.normal(0, 2, (worlds or 1) * seeds)
        _, low, high, _ = ratio(np.full(effect.size, 20.0), effect, worlds)
        held.append(low <= 2.0 <= high)
    assert 0.86 <= np.mean(held) <= 0.94


def test_one_pair_gives_a_ratio_without_interval():
    value, low, high, note = ratio(np.array([6.0]), np.array([2.0]))
    assert value == 3.0
    assert np.isnan(low)
    assert np.isnan(high)
    assert note == ONE_PAIR


def test_resamples_draw_every_pair_alike_and_always_the_same():
    drawn = resamples(5)
    assert (drawn == resamples(5)).all()
    assert np.bincount(drawn.ravel()) / drawn.size == pytest.approx(0.2, abs=0.02)
    nested = resamples(10, 5)
    assert (nested[:, ::2] // 2 == nested[:, 1::2] // 2).all()  # pairs of one world stay together
    assert np.bincount(nested.ravel()) / nested.size == pytest.approx(0.1, abs=0.01)


def test_a_yuan_of_a_later_year_counts_less_in_the_discounted_net_cost():
    found = items(BASE, POLICY)
    yearly = []
    for result in (BASE, POLICY):
        region = result.region[result.region["scope"] == "all"]
        net = (
            region.set_index(["replication", "year"])["fiscal_outlay"]
            - region.set_index(["replication", "year"])["tax_revenue"]
        )
        back = result.levers.groupby(["replication", "year"])["recovered"].sum() if len(result.levers) else 0.0
        yearly.append(net.sub(back, fill_value=0.0) if len(result.levers) else net)
    gap = yearly[1] - yearly[0]
    wait = gap.index.get_level_values("year").to_numpy() - BASE.years[0]
    by_hand = (gap / 1.04**wait).groupby("replication").sum()
    assert found["net_cost_discounted"].pairs == pytest.approx(by_hand.to_numpy())
    assert gap.groupby("replication").sum().to_numpy() == pytest.approx(found["net_cost"].pairs)


def test_the_region_alone_keeps_its_share_of_the_tax_return():
    dearer = Result(BASE.scenario.replace({"local_tax_share": 0.25}), BASE._source, BASE.provenance)
    found = items(dearer, POLICY)
    paid = found["outlay"].pairs - found["recovered"].pairs
    assert found["net_cost_region"].pairs == pytest.approx(paid - 0.25 * found["tax_return"].pairs)
    assert found["net_cost"].pairs == pytest.approx(paid - found["tax_return"].pairs)


def test_the_region_bears_its_share_of_tax_forgone_and_all_of_what_is_paid():
    """Outlays of 30 and 40 of which 8 and 10 are tax not levied, 1 and 2 of them paid back, with taxes of +2 and +5."""
    levers = [(run, START + 1, "a", "grant", 0.0, 0.0, outlay) for run, outlay in ((0, 22.0), (1, 30.0))]
    levers += [
        (0, START + 1, "b", "profit_tax_break", 1.0, 0.0, 5.0),
        (0, START + 1, "c", "rd_tax_deduction", 0.0, 0.0, 3.0),
    ]
    levers += [(1, START + 1, "b", "profit_tax_break", 2.0, 0.0, 10.0)]
    policy = by_hand({"tax_revenue": (12.0, 25.0), "fiscal_outlay": (30.0, 40.0)}, levers)
    found = items(Result(BASE.scenario.replace({"local_tax_share": 0.25}), BASE._source, BASE.provenance), policy)
    assert found["tax_forgone"].pairs.tolist() == [7.0, 8.0]
    assert found["net_cost"].pairs.tolist() == [30.0 - 1.0 - 2.0, 40.0 - 2.0 - 5.0]
    grants, taxes = np.array([22.0, 30.0]), np.array([7.0 - 2.0, 8.0 - 5.0])
    assert found["net_cost_region"].pairs == pytest.approx(grants + 0.25 * taxes)
    swapped = items(policy, BASE)
    assert swapped["tax_forgone"].pairs.tolist() == [-7.0, -8.0]


def test_tax_measures_are_the_levers_whose_money_flows_with_taxes():
    assert sorted(kind for kind, lever in LEVERS.items() if lever.paid_at == "taxes") == sorted(TAX_MEASURES)
    assert TAX_MEASURES == audit_checks.TAX_MEASURES


def test_the_discount_is_that_of_the_baseline_scenario():
    dearer = Result(BASE.scenario.replace({"discount": 0.2}), BASE._source, BASE.provenance)
    found, usual = (items(base, POLICY)["net_cost_discounted"] for base in (dearer, BASE))
    assert "20 %" in found.meaning
    assert "4 %" in usual.meaning
    assert abs(found.pairs.mean()) < abs(usual.pairs.mean())
