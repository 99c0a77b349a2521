"""Every compiled kernel against its plain twin, on random small inputs.

What is added or chosen in the same order must agree to the bit. Where the twin adds in another order, or `log` and
`exp` come from another library, 1e-12 holds: a dozen sums and products of numbers with 16 digits.
"""

import numpy as np
import pytest
from oracles import philox
from twins import luck, orders, suppliers
from twins.world import choosing, world

from chainsim import draws, kernels

SEEDS = range(25)
ROUNDING = 1e-12
PLAIN = {name for name, kernel in vars(kernels).items() if hasattr(kernel, "py_func")}


def links(made):
    return made.start, made.supplier, made.input, made.coefficient


def found():
    return np.empty(64, dtype=np.int64)


def test_every_kernel_has_a_twin():
    tested = {"philox", "uniform_of", "fill_uniform", "mix", "place_members", "probe_end", "add_orders"}
    twins = {name for module in (luck, orders, suppliers) for name, value in vars(module).items() if callable(value)}
    assert PLAIN - tested <= twins


# --- luck ---


def test_mixing_is_the_finalizer_of_splitmix():
    assert luck.mix(0, 1) == 0xE220A8397B1DCDAF  # the first number of SplitMix64 from state 0
    for a, b in np.random.default_rng(1).integers(0, 2**64, (200, 2), dtype=np.uint64):
        expected = luck.mix(int(a), int(b))
        assert int(kernels.mix(a, b)) == draws.mix(int(a), int(b)) == int(draws.mixed(np.array([a]), b)[0]) == expected


def test_uniform_numbers_of_many_identities_are_those_of_each():
    identity = np.random.default_rng(2).integers(0, 2**64, 100, dtype=np.uint64)
    key, partner = np.uint64(2**63 + 11), np.uint64(77)
    out = np.empty(100)
    kernels.fill_uniform(key, identity, partner, out)
    assert out.tolist() == [philox.uniform(int(key), int(i), int(partner)) for i in identity]
    assert out.tolist() == [kernels.uniform_of(key, i, partner) for i in identity]


# --- orders ---


@pytest.mark.parametrize("seed", SEEDS)
def test_input_cost_is_its_twin_to_the_bit(seed):
    made, out = world(seed), np.full(world(seed).n, np.nan)
    start, supplier, bought, coefficient = links(made)
    arguments = start, made.active, supplier, bought, coefficient, made.price, made.outside_price
    kernels.input_cost(*arguments, out)
    assert out.tolist() == orders.input_cost(*arguments)


def local(made):
    """The local links as the kernel lays them out, and how many there are."""
    start = np.full(made.order.size + 1, -1, dtype=np.int64)
    supplier, coefficient = np.full_like(made.supplier, -9), np.full_like(made.coefficient, np.nan)
    count = kernels.local_links(made.order, made.start, made.supplier, made.coefficient, start, supplier, coefficient)
    return start, supplier, coefficient, count


@pytest.mark.parametrize("seed", SEEDS)
def test_local_links_are_their_twin_to_the_bit(seed):
    made = world(seed)
    start, supplier, coefficient, count = local(made)
    expected = orders.local_links(made.order, made.start, made.supplier, made.coefficient)
    assert count == start[-1] == sum(map(len, expected))
    for p, partners in enumerate(expected):
        here = slice(start[p], start[p + 1])
        assert list(zip(supplier[here].tolist(), coefficient[here].tolist(), strict=True)) == partners


@pytest.mark.parametrize("seed", SEEDS)
def test_added_orders_are_their_twin_to_the_bit(seed):
    made, out = world(seed), np.full(world(seed).n, np.nan)
    kernels.add_orders(made.order, *local(made)[:3], made.final, made.output, out)
    twin = orders.local_links(made.order, made.start, made.supplier, made.coefficient)
    assert out.tolist() == orders.orders_of(made.order, twin, made.final, made.output)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_cascade_ends_where_its_twin_does(seed):
    made, received = world(seed), np.empty(world(seed).n)
    output = made.output.copy()
    rules = made.final, made.limit, made.covered, 1e-14, 400
    used = kernels.cascade(made.order, *local(made)[:3], *rules, output, received)
    twin = orders.local_links(made.order, made.start, made.supplier, made.coefficient)
    expected, expected_orders, sweeps = orders.cascade(made.order, twin, *rules, made.output)
    assert used > 0
    assert sweeps > 0
    assert output == pytest.approx(expected, rel=ROUNDING, abs=ROUNDING)
    assert received == pytest.approx(expected_orders, rel=ROUNDING, abs=ROUNDING)


def ring(coefficient, before):
    """Two enterprises without final sales that buy from each other: output and sweeps."""
    start, order = np.array([0, 1, 2]), np.array([0, 1])
    supplier, coefficients = np.array([1, 0], dtype=np.int32), np.full(2, coefficient)
    output, received = np.full(2, before), np.empty(2)
    unlimited = np.full(2, np.inf), np.ones(2)
    used = kernels.cascade(order, start, supplier, coefficients, np.zeros(2), *unlimited, 1e-12, 1000, output, received)
    return output, used


@pytest.mark.parametrize("coefficient", [0.1, 0.9, 0.95])
def test_enterprises_that_only_sell_to_each_other_wind_down(coefficient):
    output, used = ring(coefficient, before=1000.0)
    assert used > 0
    assert output == pytest.approx([0.0, 0.0], abs=1e-11)  # rounding of the thousand they made before


def test_enterprises_without_any_final_sales_never_make_less_than_nothing():
    for seed in SEEDS:
        made, received = world(seed), np.empty(world(seed).n)
        output = made.output.copy()
        arguments = np.zeros(made.n), made.limit, made.covered, 1e-12, 1000, output, received
        assert kernels.cascade(made.order, *local(made)[:3], *arguments) > 0
        assert output.min() >= 0.0


@pytest.mark.parametrize("seed", SEEDS)
def test_segment_totals_are_their_twin_to_the_bit(seed):
    made = world(seed)
    values, out = made.luck.normal(0, 1, (3, made.n)), np.zeros((3, made.size))
    kernels.segment_totals(values, made.segment, made.active, out)
    assert out.tolist() == orders.segment_totals(values, made.segment, made.active, made.size)


@pytest.mark.parametrize("seed", SEEDS)
def test_deliveries_are_their_twin_to_the_bit(seed):
    made = world(seed)
    start, supplier, bought, coefficient = links(made)
    given = made.order, made.segment, start, supplier, bought, coefficient, made.output, made.price, made.fill
    local_, outside, sold = np.zeros(made.n), np.zeros((made.n, 2)), np.zeros(made.n)
    trade = np.zeros((made.size, made.size, 3))
    kernels.deliver(*given, made.outside_price, 0.1, local_, outside, sold, trade)
    paid, received, traded = orders.deliver(*given, made.outside_price, 0.1)
    for i in range(made.n):
        assert [local_[i], *outside[i]] == [paid[i, origin] for origin in range(3)]
        assert sold[i] == received[i]
    assert all(value == traded[place] for place, value in np.ndenumerate(trade))


@pytest.mark.parametrize("seed", SEEDS)
def test_coverage_is_its_twin_to_the_bit(seed):
    made, out = world(seed), np.full(world(seed).n, np.nan)
    start, supplier, bought, coefficient = links(made)
    given = start, made.segment, made.active, supplier, bought, coefficient
    given = *given, made.technical, made.criticality, made.missing
    kernels.coverage(*given, out)
    assert out.tolist() == orders.coverage(*given)


# --- suppliers ---


@pytest.mark.parametrize("seed", SEEDS)
def test_members_lie_in_the_cells_of_the_twin(seed):
    made = np.random.default_rng(seed)
    n, groups = int(made.integers(1, 30)), 3
    group, homes = made.integers(0, groups, n), made.integers(0, 8, n)
    order = np.lexsort((homes, group))
    last = np.zeros(groups, dtype=np.int64)
    kernels.probe_end(order, group, homes, last)
    offset = np.concatenate(([0], np.cumsum(np.maximum(last, 8))))
    cells = np.full(offset[-1], -1, dtype=np.int32)
    kernels.place_members(order, group, homes, cells, offset, np.maximum(last, 8))
    for g in range(groups):
        members = order[group[order] == g]
        places = suppliers.layout(homes[members].tolist())
        assert last[g] == max((place + 1 for place in places), default=0)
        assert cells[offset[g] + np.array(places, dtype=int)].tolist() == members.tolist()
    assert (cells >= 0).sum() == n


@pytest.mark.parametrize("seed", SEEDS)
def test_candidates_are_those_of_the_twin(seed):
    made = choosing(seed)
    for buyer in range(made.n):
        for slot, incumbent in ((0, -1), (5000, int(made.luck.integers(made.n)))):
            l, wanted, buffer = int(made.luck.integers(made.size)), int(made.luck.integers(1, 9)), found()
            key, identity = made.keys[0], made.identity[buyer]
            number = kernels.sample(key, identity, slot, buyer, incumbent, l, wanted, *made.table, buffer)
            twin = suppliers.sample(int(key), int(identity), slot, buyer, incumbent, l, wanted, made.table)
            assert buffer[:number].tolist() == twin


@pytest.mark.parametrize("seed", SEEDS)
def test_the_pull_of_a_supplier_is_that_of_the_twin(seed):
    made = choosing(seed)
    state, rules = made.state, made.rules
    seen = state.attraction, state.quality, state.spare, state.park
    weights = rules.quality_weight, rules.capacity_weight, rules.park_weight
    for j in range(made.n):
        order, own, required = made.luck.uniform(0, 200), made.luck.uniform(0, 5), made.luck.normal()
        got = kernels.local_pull(j, order, own, required, 1, *seen, *weights)
        assert got == pytest.approx(suppliers.local_pull(j, order, own, required, 1, state, rules), rel=ROUNDING)


@pytest.mark.parametrize("seed", SEEDS)
def test_reviews_choose_as_the_twin_does(seed):
    made = choosing(seed)
    start, supplier, bought, coefficient = links(made)
    given = made.order, made.keys, made.state, made.table, made.rules, start
    expected, there, kept = suppliers.review(
        made.order, [int(key) for key in made.keys], *given[2:], supplier, bought, coefficient, made.outside
    )
    got = kernels.review(*given, supplier, bought, coefficient, made.outside, found())
    assert got == (there, kept)
    assert supplier.tolist() == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_mean_pulls_are_those_of_the_twin(seed):
    made = choosing(seed)
    start, supplier, bought, coefficient = links(made)
    given = made.state, made.table, made.rules, start, supplier, bought, coefficient
    for draw in range(2):
        out = np.full(supplier.size, -1.0)
        kernels.local_pulls(made.order, made.keys[0], draw, *given, found(), out)
        expected = suppliers.local_pulls(made.order, int(made.keys[0]), draw, *given)
        assert out == pytest.approx([expected.get(e, -1.0) for e in range(supplier.size)], rel=ROUNDING)


@pytest.mark.parametrize("seed", SEEDS)
def test_base_year_suppliers_are_those_of_the_twin(seed):
    made = choosing(seed)
    luck_, size = made.luck, made.size
    buyer = np.repeat(np.arange(made.n), np.diff(made.start))
    slot_of = np.arange(buyer.size) - made.start[buyer]
    needed, room = made.coefficient * made.output[buyer], luck_.uniform(0, 40, made.n)
    slots = np.argsort(-needed, kind="stable")
    local_rate, abroad_rate = luck_.random((size, size)), luck_.random((size, size))
    given = buyer, slot_of, made.input, needed, made.state, made.table, made.rules
    expected = suppliers.assign(slots, int(made.keys[0]), *given, room, local_rate, abroad_rate)
    out = np.full(buyer.size, -9, dtype=np.int32)
    kernels.assign(slots, made.keys[0], *given, room.copy(), local_rate, abroad_rate, found(), out)
    assert out.tolist() == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_the_roomiest_and_the_first_with_room_are_those_of_the_twin(seed):
    made = choosing(seed)
    room = made.luck.uniform(0, 40, made.n)
    for i in range(made.n):
        seen, size = made.luck.permutation(made.n)[:5], made.luck.uniform(0, 40)
        given = i, size, 3, made.keys[0], made.state, made.rules, room
        twin = suppliers.roomiest(seen, i, size, 3, int(made.keys[0]), made.state, made.rules, room)
        assert kernels.roomiest(seen.size, seen, *given) == twin
        low, high = made.table.member_start[0], made.table.member_start[1]
        members = made.table.members
        got = kernels.first_with_room(members, low, high, i, size, room)
        assert got == suppliers.first_with_room(members[low:high], i, size, room)


@pytest.mark.parametrize("seed", SEEDS)
def test_spin_offs_copy_the_suppliers_that_the_twin_copies(seed):
    made = world(seed)
    m = 4
    parent = made.luck.integers(-1, made.n, m)
    buyer, bought = np.divmod(np.arange(m * made.size), made.size)
    number = made.luck.integers(1, 5, buyer.size)
    first, out = np.cumsum(number) - number, np.full(number.sum(), kernels.NOBODY, dtype=np.int32)
    given = made.start, made.input, made.supplier
    expected = suppliers.copy_suppliers(parent, buyer, bought, number, *given, out.copy())
    kernels.copy_suppliers(parent, buyer, bought.astype(np.int32), number, first, *given, out)
    assert out.tolist() == expected
