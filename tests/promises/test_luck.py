"""Luck belongs to enterprise and event: the same seed gives the same bits, and a newcomer moves nobody's draws."""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import pairwise

import economies
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainsim.economy import draws
from chainsim.runs.simulation import Simulation, base_year, simulate
from chainsim.scenario.scenario import Scenario
from chainsim.stages import Demography, Pricing
from chainsim.stages.year import advance

CROWD = economies.crowd(record={"enterprises": True, "links": True})
PURPOSES = ("demand.shock", "innovation.discovery", "demography.exit")


def bits(recording) -> dict:
    """Every column of every table as bytes."""
    return {
        (table, name): np.ascontiguousarray(values).tobytes()
        for table, columns in recording.tables.items()
        for name, values in columns.items()
    }


def run_to_bits(scenario: Scenario, seed: int) -> dict:
    return bits(simulate(scenario, seed))


@pytest.fixture(scope="module")
def once() -> dict:
    return run_to_bits(CROWD, 5)


def test_the_same_seed_gives_the_same_bits(once):
    assert run_to_bits(CROWD, 5) == once


def test_a_scenario_read_again_gives_the_same_bits(once):
    again = Scenario.model_validate_json(CROWD.model_dump_json())
    assert run_to_bits(again, 5) == once


def test_another_seed_gives_another_life_from_the_same_base_year(once):
    other = simulate(CROWD, 6).tables["region"]["output"]
    first = simulate(CROWD, 5).tables["region"]["output"]
    assert (other[:2] == first[:2]).all()
    assert (other[2:] != first[2:]).all()


def test_runs_between_leave_no_trace(once):
    for seed in range(3):
        simulate(economies.cyclic(), seed)
    assert run_to_bits(CROWD, 5) == once


class Meddling(Pricing):
    """Changes everything in place that it can reach of the region, the constants and the books."""

    def step(self, economy):
        super().step(economy)
        for part in (economy.region, economy.calibration):
            for value in vars(part).values():
                if isinstance(value, np.ndarray) and value.dtype.kind == "f":
                    value *= 1.01
        economy.links.coefficient[:] *= 0.9


def test_what_a_run_does_to_its_economy_stays_in_it():
    scenario = CROWD.replace(stages=[Meddling()])
    first = run_to_bits(scenario, 5)
    assert run_to_bits(scenario, 5) == first


def test_the_years_recorded_stay_as_they_were_recorded():
    simulation, kept = Simulation(CROWD, 5), {}
    while simulation.running:
        simulation.step()
        kept[simulation.economy.year] = bits(simulation.recording())
    for year, then in kept.items():
        assert before(simulation.recording(), year + 1) == {key: bytes(values) for key, values in then.items()}


def test_replications_share_their_population_unless_it_varies():
    shared, varied = CROWD, CROWD.replace({"population.vary": True})
    assert np.array_equal(base_year(shared, 1).output, base_year(shared, 2).output)
    assert np.array_equal(base_year(varied, 1).output, base_year(shared, 1).output)
    assert not np.array_equal(base_year(varied, 1).output, base_year(varied, 2).output)
    assert base_year(varied, 2).sales.sum() == pytest.approx(1500.0, rel=1e-12)


def test_the_seed_of_the_population_can_be_stated_apart():
    stated = CROWD.replace({"population.seed": 9})
    assert np.array_equal(base_year(stated, 1).quality, base_year(CROWD.replace({"seed": 9}), 9).quality)
    assert not np.array_equal(base_year(stated, 1).quality, base_year(CROWD, 1).quality)


def test_a_life_interleaved_with_others_is_the_same_life(once):
    simulations = [Simulation(CROWD, seed) for seed in (5, 6)]
    while simulations[0].running:
        for simulation in simulations:
            simulation.step()
    assert bits(simulations[0].recording()) == once


def test_a_fresh_process_gives_the_same_bits(once):
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        assert pool.submit(run_to_bits, CROWD, 5).result() == once
        assert pool.submit(os.getpid).result() != os.getpid()


def test_two_threads_give_the_bits_of_one(once):
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(run_to_bits, CROWD, seed) for seed in (5, 6, 5, 6)]
        results = [run.result() for run in runs]
    assert results[0] == results[2] == once
    assert results[1] == results[3] == run_to_bits(CROWD, 6)


def test_threads_with_more_scenarios_than_are_kept_do_not_disturb_each_other():
    scenarios = [economies.three_makers(seed=seed, end=2021) for seed in range(8)]
    alone = [run_to_bits(scenario, 1) for scenario in scenarios]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(run_to_bits, scenarios * 3, [1] * 24))
    assert together == alone * 3


# --- draws ---


def draws_of(economy):
    """Uniform draws of every identity for every purpose this year."""
    return {
        (int(identity), purpose): draw
        for purpose in PURPOSES
        for identity, draw in zip(economy.identity, draws.uniform(economy, purpose), strict=True)
    }


def test_one_enterprise_more_leaves_the_draws_of_all_others():
    small = base_year(CROWD, 5)
    large = base_year(CROWD.replace({"chain.segments.lenses.enterprises.small": 21}), 5)
    assert large.n == small.n + 1
    before, after = draws_of(small), draws_of(large)
    assert set(before) < set(after)
    assert {key: after[key] for key in before} == before


def test_who_enters_leaves_the_draws_of_all_others():
    economy, other = base_year(CROWD, 5), base_year(CROWD, 5)
    other.append(3)
    other.identity[-3:] = [1, 2, 3]
    for year in (2021, 2022):
        economy.year = other.year = year
        assert draws_of(economy).items() <= draws_of(other).items()


def test_draws_differ_by_seed_year_purpose_identity_and_partner():
    identity = np.array([1, 2, 2**63], dtype=np.uint64)
    keys = [draws.draw_key(seed, what, year) for seed in (0, 1) for what in ("a", "b") for year in (2020, 2021)]
    drawn = [draws.uniform_for(key, identity, partner) for key in keys for partner in (0, 1)]
    assert len(set(np.concatenate(drawn).tolist())) == len(drawn) * identity.size


@pytest.mark.parametrize("seed", [0, 1, 2**31, 2**63 - 1])
def test_any_seed_gives_uniform_numbers(seed):
    u = draws.uniform_for(draws.draw_key(seed, "test", 2020), np.arange(20_000, dtype=np.uint64))
    assert 0.0 < u.min() < u.max() < 1.0
    counts = np.histogram(u, 20, (0, 1))[0]
    assert ((counts - 1000.0) ** 2 / 1000.0).sum() < 43.8  # 99.9 % point of chi-square with 19 degrees of freedom


# --- small changes ---


def before(recording, year: int) -> dict:
    """Every column of every table in the years before one."""
    return {
        (table, name): values[columns["year"] < year].tobytes()
        for table, columns in recording.tables.items()
        for name, values in columns.items()
    }


FROM_A_YEAR_ON = {
    "tax": lambda year: ({"region.taxes.rd_deduction": {1900: 0.75, year: 2.0}}, year),
    "tax of a segment": lambda year: ({"chain.segments.lenses.rd_deduction": {1900: 0.75, year: 2.0}}, year),
    "market": lambda year: ({"chain.segments.cameras.markets.national.growth": {2020: 0.03, year: 0.5}}, year - 1),
}
"""Changes, and the first year that they may show in: orders of a year are planned with its markets the year before."""


@pytest.mark.parametrize("year", [2022, 2024])
@pytest.mark.parametrize("what", FROM_A_YEAR_ON)
def test_scenarios_that_differ_from_a_year_on_agree_to_the_bit_before_it(what, year):
    change, first_year = FROM_A_YEAR_ON[what](year)
    first, second = simulate(CROWD, 5), simulate(CROWD.replace(change), 5)
    assert before(first, first_year) == before(second, first_year)
    last = first.tables["region"]["year"] == 2025
    assert (first.tables["region"]["rd"][last] != second.tables["region"]["rd"][last]).all()


@pytest.mark.parametrize("growth", [0.03, {2020: 0.03, 2024: 0.5}])
def test_a_longer_run_begins_with_the_bits_of_the_shorter(growth):
    scenario = CROWD.replace({"chain.segments.cameras.markets.national.growth": growth})
    short, long = (simulate(scenario.replace({"years.end": end}), 5) for end in (2023, 2026))
    assert before(short, 2024) == before(long, 2024)


@pytest.mark.parametrize(
    "same",
    [
        {"chain.segments.cameras.markets.national.growth": {2020: 0.03, 2023: 0.03}},
        {"chain.segments.cameras.price_trend": 0.0},
        {"stages.sourcing.review_rate": 0.10},
        {"region.wage_growth": 0.04},
        {"region.taxes.rd_deduction": {1900: 0.75, 2022: 0.75}},
    ],
)
def test_a_change_of_size_zero_changes_no_bit(once, same):
    assert run_to_bits(CROWD.replace(same), 5) == once


@given(st.floats(0, 40), st.floats(0, 0.5), st.lists(st.floats(0.001, 0.999), min_size=1, max_size=20))
def test_a_small_rise_of_the_mean_adds_events_and_drops_none(mean, rise, uniform):
    u = np.array(uniform)
    first = draws.poisson(u, np.full(u.size, mean))
    second = draws.poisson(u, np.full(u.size, mean + rise))
    assert (second >= first).all()
    assert draws.poisson(u, mean).tolist() == first.tolist()


def test_poisson_counts_have_their_mean_and_variance():
    u = (np.arange(100_000) + 0.5) / 100_000
    for mean in (0.3, 2.0, 17.5):
        counts = draws.poisson(u, np.full(u.size, mean))
        assert counts.mean() == pytest.approx(mean, rel=1e-3)
        assert counts.var() == pytest.approx(mean, rel=1e-2)


class MoreEntrants(Demography):
    """A mean of entrants that is higher by a fixed number."""

    more: float = 0.0

    def entry_mean(self, economy):
        return super().entry_mean(economy) + self.more


def entrants_of(more: float) -> list[set[int]]:
    """Identities founded in the first year by segment, when the mean is higher."""
    economy = base_year(CROWD.replace(stages=[MoreEntrants(more=more)]), 5)
    known = set(economy.identity.tolist())
    advance(economy)
    return [
        {int(i) for i, k in zip(economy.identity, economy.segment, strict=True) if k == segment} - known
        for segment in range(2)
    ]


def test_a_higher_mean_of_entrants_adds_the_last_ones_only():
    steps = [entrants_of(more) for more in (0.0, 0.3, 0.6, 1.0, 2.0, 4.0)]
    for fewer, more in pairwise(steps):
        for one, other in zip(fewer, more, strict=True):
            assert one <= other
            assert len(other) - len(one) <= 3
    assert sum(map(len, steps[0])) < sum(map(len, steps[-1]))


def test_entrants_that_come_anyway_are_the_same_enterprises():
    def founded(more):
        economy = base_year(CROWD.replace(stages=[MoreEntrants(more=more)]), 5)
        known = set(economy.identity.tolist())
        advance(economy)
        return {
            int(identity): (economy.capital[row], economy.log_productivity[row], economy.park[row])
            for row, identity in enumerate(economy.identity)
            if int(identity) not in known
        }

    assert founded(0.0).items() <= founded(2.0).items()


def test_identities_are_never_used_twice():
    economy = base_year(economies.crowd(end=2050), 5)
    seen: dict[int, int] = {}
    while economy.year < 2050:
        advance(economy)
        assert np.unique(economy.identity).size == economy.n
        for identity, founded in zip(economy.identity.tolist(), economy.founded.tolist(), strict=True):
            assert seen.setdefault(identity, founded) == founded
