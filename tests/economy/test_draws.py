"""Random numbers are Philox4x32-10, and uniform numbers are made of its first 53 bits."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import philox
from oracles.table import agree
from scipy import special, stats

from chainsim.economy import draws, kernels

words = st.integers(0, 2**32 - 1)

identities = st.integers(0, 2**64 - 1)


@pytest.mark.parametrize("name", philox.KNOWN_ANSWERS)
def test_philox_gives_the_known_answers_of_random123(name):
    counter, key, answer = philox.KNOWN_ANSWERS[name]
    agree(f"Philox4x32-10, {name}", expected=answer, got=draws.philox4x32(counter, key), tolerance=0)


@settings(deadline=None)
@given(st.tuples(words, words, words, words), st.tuples(words, words))
def test_philox_is_its_plain_twin_for_every_counter_and_key(counter, key):
    assert draws.philox4x32(counter, key) == philox.philox4x32(counter, key)


@settings(deadline=None)
@given(identities, identities, identities)
def test_a_uniform_number_is_made_of_the_first_53_bits_of_its_counter(key, identity, partner):
    got = draws.uniform_for(np.uint64(key), np.array([identity], dtype=np.uint64), partner)
    assert got[0] == philox.uniform(key, identity, partner)


def test_names_fall_to_identities_by_their_chances_in_any_order():
    names, chance = ("north", "south", "nowhere"), np.array([3.0, 1.0, 0.0])
    who = np.arange(8000, dtype=np.uint64)
    chosen, backwards = (
        np.array(names)[::step][draws.chosen_by_name(np.uint64(1), who, names[::step], chance[::step])]
        for step in (1, -1)
    )
    assert np.array_equal(chosen, backwards)
    # Three standard errors of a share of three quarters among 8,000.
    assert np.mean(chosen == "north") == pytest.approx(0.75, abs=3 * (0.75 * 0.25 / 8000) ** 0.5)
    assert "nowhere" not in chosen


SPLITMIX = (0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC)
"""First numbers of SplitMix64 from seed 0, as its authors' generator gives them: states are multiples of one constant."""


def test_the_hash_gives_the_known_numbers_of_splitmix():
    states = np.arange(1, 5, dtype=np.uint64)
    assert tuple(draws.mix(0, int(state)) for state in states) == SPLITMIX
    assert tuple(draws.mixed(np.zeros(4, dtype=np.uint64), states).tolist()) == SPLITMIX
    assert tuple(int(kernels.mix(np.uint64(0), state)) for state in states) == SPLITMIX
    assert draws.mix(5 * draws.GOLDEN & draws.MASK64, 0) == draws.mix(0, 5)


CRC, ADLER = 0xCBF43926, 0x091E01DE
"""Check values of both sums, those of the digits from 1 to 9."""


def test_names_and_keys_are_hashes_of_published_sums():
    assert draws.name_hash("123456789") == draws.mix(CRC, 9 << 32 | ADLER)
    assert draws.hashed(["a", "123456789"]).tolist() == [draws.name_hash("a"), draws.mix(CRC, 9 << 32 | ADLER)]
    for seed, year in ((7, 2021), (-1, -3)):
        whole = 2**64
        assert draws.draw_key(seed, "123456789", year) == draws.mix(draws.mix(seed % whole, CRC), year % whole)


CLOCK = SimpleNamespace(
    seed=7, year=2021, identity=np.array([3, 5, 8], dtype=np.uint64), segment_names=("chips", "boards")
)


def test_draws_of_enterprises_and_names_are_those_of_their_keys():
    key = int(draws.draw_key(7, "luck", 2021))
    luck = [philox.uniform(key, identity, 0) for identity in (3, 5, 8)]
    assert draws.uniform(CLOCK, "luck").tolist() == luck
    assert draws.uniform(CLOCK, "luck", np.array([2, 0])).tolist() == [luck[2], luck[0]]
    assert draws.normal(CLOCK, "luck") == pytest.approx(stats.norm.ppf(luck), rel=1e-12)
    assert draws.normal(CLOCK, "luck", np.array([1])) == pytest.approx(stats.norm.ppf(luck[1:2]), rel=1e-12)
    both = draws.several(CLOCK, ("luck", "another"), CLOCK.identity).tolist()
    assert both == [luck, draws.uniform(CLOCK, "another").tolist()]
    of_names = [philox.uniform(key, draws.name_hash(name), 0) for name in ("chips", "boards")]
    assert draws.by_name(CLOCK, "luck").tolist() == of_names
    assert draws.normal_by_name(CLOCK, "luck", ["boards"]) == pytest.approx(stats.norm.ppf(of_names[1:]), rel=1e-12)


LEVELS = np.array([1e-6, 0.01, 0.25, 0.4, 0.5, 0.6, 0.75, 0.99, 1 - 1e-6])


def test_distributions_are_those_of_the_textbook():
    assert draws.laplace(LEVELS, 2.0) == pytest.approx(stats.laplace.ppf(LEVELS, scale=2.0), rel=1e-10)
    assert draws.beta(LEVELS) == pytest.approx(stats.beta.ppf(LEVELS, 3, 3), rel=1e-12)
    assert kernels.beta_below(LEVELS) == pytest.approx(stats.beta.cdf(LEVELS, 3, 3), rel=1e-9)


@pytest.mark.parametrize("mean", [0.0, 1e-4, 0.3, 2.0, 40.0, 5000.0])
def test_counts_are_those_of_the_textbook(mean):
    due = stats.poisson.ppf(LEVELS, mean).tolist() if mean else [0] * LEVELS.size
    assert draws.poisson(LEVELS, np.full(LEVELS.size, mean)).tolist() == due
    assert draws.poisson(LEVELS, mean).tolist() == due


EXTREME = np.array([2.0**-53, 1e-12, 1.0 - 1e-12, 1.0 - 2.0**-53])


@pytest.mark.parametrize("mean", [1e-3, 0.7, 1.0, 3.3, 25.0, 900.0])
def test_counts_of_any_luck_are_those_of_the_textbook_for_one_mean_as_for_many(mean):
    u = np.concatenate((EXTREME, np.random.default_rng(12).random(2000)))
    due = stats.poisson.ppf(u, mean).tolist()
    assert draws.poisson(u, np.full(u.size, mean)).tolist() == due
    assert draws.poisson(u, mean).tolist() == due


def test_where_means_differ_each_count_is_that_of_its_own_mean_and_none_is_below_nothing():
    luck = np.random.default_rng(12)
    u, mean = luck.random(500), luck.choice([0.0, 0.01, 1.0, 30.0], 500)
    due = [stats.poisson.ppf(each, of) if of else 0.0 for each, of in zip(u, mean, strict=True)]
    assert draws.poisson(u, mean).tolist() == due
    assert draws.poisson(u.reshape(20, 25)[0], mean.reshape(20, 25)[0]).shape == (25,)


@pytest.mark.parametrize("mean", [12.0, 300.0, 5000.0])
def test_a_count_is_found_in_two_looks_at_the_distribution(monkeypatch, mean):
    """One look says that it is enough and one that less is not, unless the search starts beside it."""
    looks = []

    def looked_up(count, of):
        looks.append(count.size)
        return special.pdtr(count, of)

    monkeypatch.setattr(draws, "_special", lambda: SimpleNamespace(ndtri=special.ndtri, pdtr=looked_up))
    u = np.random.default_rng(12).random(20_000)
    draws.poisson(u, np.full(u.size, mean))
    assert sum(looks) < 2.02 * u.size


def test_identities_of_names_are_the_same_each_time_and_nobody_can_change_them():
    known = draws.hashed(("chips", "boards"))
    with pytest.raises(ValueError, match="read-only"):
        known[0] = 1
    assert draws.hashed(("chips", "boards")).tolist() == [draws.name_hash("chips"), draws.name_hash("boards")]
    assert draws.uniform_for(np.uint64(1), known).tolist() == draws.uniform_for(np.uint64(1), known.copy()).tolist()


def test_where_nobody_is_nothing_is_drawn():
    nobody = np.zeros(0, dtype=np.uint64)
    assert draws.chosen_by_name(np.uint64(1), nobody, ("north", "south"), np.array([1.0, 1.0])).tolist() == []
    assert draws.uniform_for(np.uint64(1), nobody).shape == (0,)


def test_a_name_wins_by_an_exponential_race_of_identity_and_name():
    names, chance, key = ("north", "south", "west"), np.array([3.0, 0.0, 1.5]), 11
    luck = {
        (who, name): -np.log(philox.uniform(key, draws.mix(who, draws.name_hash(name)), 0))
        for who in range(50)
        for name in names
    }
    due = [min((0, 2), key=lambda place: luck[who, names[place]] / chance[place]) for who in range(50)]
    assert draws.chosen_by_name(np.uint64(key), np.arange(50, dtype=np.uint64), names, chance).tolist() == due
