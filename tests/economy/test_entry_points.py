"""Entry points: neutral every January, replaced by levers and shocks, never changed in place."""

import numpy as np
import pytest

from chainsim.economy.entry_points import Policy, entry_points


def arrays(policy):
    """Entry points that hold an array, by name."""
    held = {name: getattr(policy, name) for name in entry_points()}
    return {name: value for name, value in held.items() if isinstance(value, np.ndarray)}


def test_no_neutral_array_can_be_changed_in_place():
    found = arrays(Policy.neutral(5, 3, 2))
    assert {"outside_price", "outside_supply", "reach"} <= set(found)
    assert [name for name, value in found.items() if value.flags.writeable] == []


def test_what_a_lever_puts_there_cannot_be_changed_in_place_by_the_next():
    policy = Policy.neutral(5, 3, 2)
    policy.outside_price = policy.outside_price * 2.0
    policy.state()
    with pytest.raises(ValueError, match="read-only"):
        policy.outside_price[0] *= 2.0


def test_the_entry_points_that_were_moved_are_named():
    policy = Policy.neutral(5, 3, 2)
    before = policy.state()
    policy.outside_supply = policy.outside_supply * [1.0, 0.5]
    policy.outside_price = policy.outside_price.copy()
    assert policy.moved(before) == ("outside_supply",)
    assert not policy.is_neutral("outside_supply")
