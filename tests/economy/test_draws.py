"""Random numbers are Philox4x32-10, and uniform numbers are made of its first 53 bits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import philox
from oracles.table import agree

from chainsim.economy import draws

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
