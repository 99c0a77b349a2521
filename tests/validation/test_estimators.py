"""Estimators find the parameters of samples drawn with known ones, and say NaN where there is nothing to find."""

import numpy as np
import pytest

from chainsim.validation import estimators as estimate


@pytest.fixture
def luck():
    return np.random.default_rng(20200628)


def test_hill_tail_of_four_sizes_is_the_hand_computed_one():
    assert estimate.hill_tail([8, 4, 2, 1], top_share=0.5) == pytest.approx(2 / (3 * np.log(2)))


@pytest.mark.parametrize("exponent", [0.9, 1.1, 2.5])
def test_hill_tail_finds_the_exponent_of_a_pareto_sample(luck, exponent):
    sizes = luck.random(40_000) ** (-1 / exponent)
    standard_error = exponent / np.sqrt(2000)
    assert estimate.hill_tail(sizes) == pytest.approx(exponent, abs=3 * standard_error)


def test_hill_tail_does_not_depend_on_the_unit_or_on_empty_enterprises(luck):
    sizes = luck.random(1000) ** -1.0
    assert estimate.hill_tail(np.append(1000 * sizes, [0.0, -1.0])) == pytest.approx(estimate.hill_tail(sizes))


def test_customer_tail_finds_the_exponent_of_a_zeta_sample(luck):
    customers = luck.zipf(2.2, 20_000)
    customers = customers[customers < 100_000]
    suppliers = np.repeat(np.arange(customers.size), customers)
    assert estimate.customer_degree_tail(suppliers, top_share=1.0) == pytest.approx(1.2, abs=0.05)
    assert estimate.customer_degree_tail(suppliers) == pytest.approx(1.2, abs=0.1)


@pytest.mark.parametrize("shape", [0.6, 1.0, 2.0])
def test_subbotin_shape_finds_the_shape_of_its_own_sample(luck, shape):
    size = 20_000
    rates = luck.choice([-1.0, 1.0], size) * 0.1 * luck.gamma(1 / shape, size=size) ** (1 / shape)
    assert estimate.subbotin_shape(rates + 0.05) == pytest.approx(shape, rel=0.05)


def test_subbotin_shape_does_not_depend_on_the_unit(luck):
    rates = luck.laplace(size=500)
    assert estimate.subbotin_shape(1e-6 * rates) == pytest.approx(estimate.subbotin_shape(rates), rel=1e-4)


def test_excess_kurtosis_of_a_fair_coin_is_minus_two_and_of_a_uniform_minus_six_fifths():
    assert estimate.excess_kurtosis([-1, 1, -1, 1]) == pytest.approx(-2)
    assert estimate.excess_kurtosis(np.linspace(-1, 1, 100_001)) == pytest.approx(-1.2, abs=1e-4)


def test_excess_kurtosis_of_a_laplace_sample_is_three(luck):
    assert estimate.excess_kurtosis(luck.laplace(size=400_000)) == pytest.approx(3, abs=0.2)


def test_volatility_slope_is_the_elasticity_that_made_the_sample(luck):
    size = np.exp(luck.normal(3, 1.5, 40_000))
    growth = 0.1 * size**-0.15 * luck.laplace(size=size.size)
    assert estimate.volatility_size_slope(size, growth) == pytest.approx(-0.15, abs=0.01)


def test_percentile_ratio_of_one_to_a_hundred_is_nine():
    assert estimate.percentile_ratio(np.arange(1, 101)) == 9


def test_weights_count_like_repeated_values(luck):
    values, weights = luck.random(50) + 0.1, luck.integers(1, 6, 50)
    repeated = estimate.percentile_ratio(np.repeat(values, weights))
    assert estimate.percentile_ratio(values, weights) == pytest.approx(repeated)


def test_percentile_ratio_of_a_lognormal_sample_is_the_closed_form(luck):
    values = np.exp(luck.normal(0, 0.26, 100_000))
    assert estimate.percentile_ratio(values) == pytest.approx(np.exp(2 * 1.2815516 * 0.26), rel=0.01)


def test_ar1_finds_the_persistence_of_an_autoregression(luck):
    previous = luck.normal(2, 1, 50_000)
    current = 0.5 + 0.7 * previous + luck.normal(0, 1, 50_000)
    assert estimate.ar1(previous, current) == pytest.approx(0.7, abs=3 / np.sqrt(50_000))


@pytest.mark.parametrize("adjustment", [1.0, 0.4])
def test_wage_curve_is_the_response_of_pay_to_unemployment_in_the_long_run(luck, adjustment):
    unemployment = np.log(0.05) + luck.normal(0, 0.1, 20)
    pay = [0.0]
    for year in range(1, 20):
        curve = 0.04 * year - 0.07 * unemployment[year]
        pay.append(pay[-1] + 0.04 + adjustment * (curve - pay[-1] - 0.04))
    assert estimate.wage_curve(pay, unemployment) == pytest.approx(-0.07)


def test_hazards_count_closures_over_those_at_risk_in_each_class():
    age = [0, 1, 1, 2, 2, 2, 2, 5, 7, 16, 40]
    exited = [1, 1, 0, 0, 0, 1, 0, 1, 1, 0, 1]
    hazards = estimate.hazard_by_age(age, exited)
    nobody = np.nan
    assert list(hazards.values()) == pytest.approx([0.5, 0.25, nobody, 1.0, nobody, 0.5], nan_ok=True)


def test_hazards_of_a_drawn_population_are_the_drawn_ones(luck):
    age = luck.integers(1, 30, 200_000)
    exited = luck.random(age.size) < np.where(age == 1, 0.016, 0.08)
    hazards = estimate.hazard_by_age(age, exited)
    assert hazards["1"] == pytest.approx(0.016, abs=0.005)
    assert all(hazards[label] == pytest.approx(0.08, abs=0.01) for label in ("2", "3", "4-7", "8-15", "16+"))


def test_age_shares_count_the_limits_as_stated():
    assert estimate.age_shares([0, 4, 5, 10, 11]).tolist() == pytest.approx([0.4, 0.4, 0.2])


@pytest.mark.parametrize(("hazard", "growth"), [(0.08, 0.0), (0.08, 0.04), (0.05, -0.02)])
def test_implied_age_shares_are_geometric_where_the_hazard_is_the_same_at_all_ages(hazard, growth):
    kept = (1 - hazard) / (1 + growth)
    shares = estimate.implied_age_shares(dict.fromkeys(estimate.AGE_CLASSES, hazard), growth)
    assert shares == pytest.approx([1 - kept**5, kept**5 - kept**11, kept**11])


def test_implied_age_shares_are_those_of_a_population_that_lived_by_the_hazards():
    hazards = {"1": 0.016, "2": 0.063, "3": 0.095, "4-7": 0.086, "8-15": 0.067, "16+": 0.05}
    kept = 1 - np.array([hazards[estimate._age_class(year)] for year in range(1, 1000)])
    alive = np.zeros(1000)
    for year in range(1500):
        alive[1:] = alive[:-1] * kept
        alive[0] = 1.03 ** (year - 1500)
    stock = [alive[:5].sum(), alive[5:11].sum(), alive[11:].sum()]
    assert estimate.implied_age_shares(hazards, 0.03) == pytest.approx(stock / alive.sum())


def test_investment_spikes_are_the_years_above_the_threshold():
    assert estimate.investment_spikes([0.1, 0.3, 5.0, 0.2, 9.0], [1, 1, 10, 1, 0]) == 0.5


def test_link_survival_is_the_share_of_links_kept_whatever_their_order_and_number_of_slots():
    before = [[1, 7], [1, 8], [2, 7], [2, 7]]
    after = [[2, 7], [3, 7], [1, 8]]
    assert estimate.link_survival(before, after) == pytest.approx(2 / 3)


def test_entry_and_exit_are_measured_against_the_stock_at_the_start():
    assert estimate.entry_rate(12, 100) == 0.12
    assert estimate.exit_rate(6, 100) == 0.06


NOTHING = {
    "hill_tail": [([],), ([3.0],), ([2.0] * 100,), ([0.0] * 100,)],
    "customer_degree_tail": [([],), ([4],), (np.arange(100),)],
    "subbotin_shape": [([],), ([0.1],), ([0.1] * 50,), ([0.1, 0.2, 0.4],)],
    "excess_kurtosis": [([],), ([1.0],), ([2.0, 2.0],)],
    "volatility_size_slope": [([], []), ([1.0], [0.1]), (np.ones(100), np.linspace(0, 1, 100)), ([0.0] * 50, [1] * 50)],
    "percentile_ratio": [([],), ([1.0], [0.0]), ([0.0, 0.0, 1.0],)],
    "ar1": [([], []), ([1.0], [1.0]), ([1.0, 1.0], [1.0, 2.0])],
    "wage_curve": [([], []), ([0.1] * 5, [0.1] * 5), (np.arange(9.0), np.zeros(9))],
    "age_shares": [([],)],
    "investment_spikes": [([], []), ([1.0], [0.0])],
    "link_survival": [(np.empty((0, 3)), [[1, 2, 3]])],
    "entry_rate": [(0, 0)],
    "exit_rate": [(0, 0)],
}


@pytest.mark.parametrize(("name", "arguments"), [(name, case) for name, cases in NOTHING.items() for case in cases])
def test_what_the_data_cannot_tell_is_nan(name, arguments):
    assert np.all(np.isnan(getattr(estimate, name)(*arguments)))


def test_one_value_has_a_percentile_ratio_of_one():
    assert estimate.percentile_ratio([3.0]) == 1


def test_implied_age_shares_are_nan_where_a_hazard_is_unknown_or_no_profile_is_stable():
    hazards = dict.fromkeys(estimate.AGE_CLASSES, 0.05)
    assert np.all(np.isnan(estimate.implied_age_shares({**hazards, "3": np.nan}, 0.0)))
    assert np.all(np.isnan(estimate.implied_age_shares(hazards, -0.06)))


def test_survival_is_the_product_of_what_each_year_of_life_leaves():
    age, exited = [1, 1, 1, 1, 2, 2, 3], [True, False, False, False, True, False, False]
    assert estimate.survival(age, exited) == pytest.approx([0.75, 0.375, 0.375])


def test_survival_ends_before_the_first_year_of_life_that_nobody_is_seen_in():
    assert estimate.survival([1, 1, 3], [False, True, False]) == pytest.approx([0.5])
    assert estimate.survival([], []).size == 0


def test_median_life_lies_between_whole_years_by_the_line():
    assert estimate.median_life([0.8, 0.6, 0.4]) == pytest.approx(2.5)
    assert estimate.median_life([0.5, 0.3]) == pytest.approx(1.0)
    assert np.isnan(estimate.median_life([0.9, 0.8]))
