"""Kernels that link the base year against their plain twins, on random small inputs."""

import numpy as np
import pytest
from twins import base_links
from twins.world import choosing, sampled

from chainsim.economy import candidates, kernels

SEEDS = range(25)
WANTED = 6


@pytest.mark.parametrize("seed", SEEDS)
def test_mean_pulls_are_those_of_the_twin(seed):
    made = choosing(seed)
    sample = sampled(made, WANTED)
    out, given = np.full(made.input.size, -1.0), (made.slots, sample, made.seen, made.rules, made.coefficient)
    kernels.local_pulls(*given, out)
    assert out[made.slots[0]] == pytest.approx(base_links.local_pulls(*given), rel=1e-12)


@pytest.mark.parametrize("links", [0, 1, 64, 200])
def test_expected_changes_are_those_of_the_twin_to_the_bit(links):
    luck = np.random.default_rng(links)
    each = luck.integers(0, 9, links), luck.random((4, links)), luck.uniform(0.1, 3.0, links), luck.random(9)
    orders, flows = luck.random((2, links)), luck.random((2, 9))
    expected = base_links.expected_changes(*each, *orders, flows)
    kernels.expected_changes(*each, *orders, flows)
    assert flows.tolist() == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_base_year_suppliers_are_those_of_the_twin_which_sees_all_samples_beforehand(seed):
    made = choosing(seed)
    orders = np.zeros(made.input.size)
    orders[made.slots[0]] = made.coefficient[made.slots[0]] * made.output[made.slots[1]]
    rates, room = made.luck.random((2, made.size, made.size)), made.luck.uniform(0, 40, made.n)
    expected = base_links.assign(
        made.slots, sampled(made, WANTED), made.input, orders, made.seen, made.rules, made.table, room, rates
    )
    out = np.full(orders.size, -9, dtype=np.int32)
    kernels.assign(
        slots=made.slots,
        key=made.keys[0],
        wanted=WANTED,
        link_input=made.input,
        orders=orders,
        seen=made.seen,
        rules=made.rules,
        table=made.table,
        room=room.copy(),
        rates=rates,
        shown=np.full(made.n, -1),
        sample=candidates.room_for(1, WANTED),
        ordered=np.zeros((4, made.size, made.size)),
        supplier=out,
    )
    assert out[made.slots[0]].tolist() == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_the_first_with_room_is_that_of_the_twin(seed):
    made = choosing(seed)
    room, members = made.luck.uniform(0, 40, made.n), made.table.members
    low, high = made.table.member_start[0], made.table.member_start[1]
    for i in range(made.n):
        size = made.luck.uniform(0, 40)
        got = kernels.first_with_room(members, low, high, i, size, room)
        assert got == base_links.first_with_room(members[low:high], i, size, room)


@pytest.mark.parametrize("seed", range(100))
def test_slots_change_kind_as_the_twin_changes_them(seed):
    made = choosing(seed)
    supplier = np.maximum(made.supplier, -2)  # the base year knows neither closed suppliers nor slots without any
    buyer = np.repeat(np.arange(made.n), np.diff(made.start))
    given = {
        "pairs": made.luck.permutation(made.size**2),
        "code": made.input.astype(np.int64) * made.size + made.segment[buyer],
        "rates": np.clip(made.luck.uniform(-0.2, 1.2, (2, made.size**2)), 0.0, 1.0),
        "most": 0.5,
        "buyer": buyer,
        "orders": made.coefficient * made.luck.uniform(1.0, 100.0, made.n)[buyer],
        "segment": made.segment,
        "limit": made.luck.uniform(0.0, 60.0, made.n),
        "sold": made.luck.uniform(0.0, 30.0, made.n),
    }
    expected = base_links.mix_kinds(**given, supplier=supplier)
    kernels.mix_kinds(**given, supplier=supplier)
    assert supplier.tolist() == expected


def test_slots_are_sorted_by_pair_as_the_twin_sorts_them():
    code = np.random.default_rng(1).integers(0, 7, 200)
    place, end = kernels.sorted_by_code(code, 9)
    assert (place.tolist(), end.tolist()) == base_links.sorted_by_code(code, 9)
