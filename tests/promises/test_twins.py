"""Every compiled kernel against its plain twin, on random small inputs.

What is added or chosen in the same order must agree to the bit. Where the twin adds in another order, or `log` and
`exp` come from another library, 1e-12 holds: a dozen sums and products of numbers with 16 digits.
"""

from importlib import import_module
from pkgutil import iter_modules
from types import SimpleNamespace

import numpy as np
import pytest
from oracles import philox
from twins import base_links, luck, markets, orders, purchases, replays, suppliers, turnover
from twins.world import choosing, matched, sampled, two_sides, world

from chainsim.economy import candidates, draws, kernels
from chainsim.economy.links import NATIONAL

SEEDS = range(25)
ROUNDING = 1e-12
MODULES = [import_module(found.name) for found in iter_modules(kernels.__path__, "chainsim.economy.kernels.")]
PLAIN = {name for module in MODULES for name, kernel in vars(module).items() if hasattr(kernel, "py_func")}


def links(made):
    return made.start, made.supplier, made.input, made.coefficient


def test_every_kernel_has_a_twin():
    tested = {"philox", "uniform_of", "fill_uniform", "mix", "unit_of", "add_orders", "cell_of", "soonest"}
    tested |= {"aim_of", "cell_at", "words_below", "weigh"}  # parts of `sample_candidates`, `reviewed` and `choose`
    tested |= {"list_options", "offers", "complete", "mark_moving"}  # parts of `replay`; the twin lays all out at once
    passes = {"pay", "tax", "lend", "pay_out", "invest"}  # their twins are the rules of the stages: test_passes.py
    tested |= {"find_beta"}  # quantiles of SciPy's distribution: tests/economy/test_draws.py
    assert len(PLAIN) > 20
    twins = {
        name
        for module in (base_links, luck, markets, orders, purchases, replays, suppliers, turnover)
        for name, value in vars(module).items()
        if callable(value)
    }
    assert PLAIN - tested - passes <= twins


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


@pytest.mark.parametrize("seed", SEEDS)
def test_who_is_next_on_the_circle_is_who_the_sorted_places_say(seed):
    rng = np.random.default_rng(seed)
    n, segments = 40, 6
    identity, segment = rng.integers(0, 2**64, n, dtype=np.uint64), rng.integers(0, segments - 1, n).astype(np.int32)
    rows, wanted = np.flatnonzero(rng.random(n) < 0.7), rng.integers(0, segments + 1, 60).astype(np.int32)
    key, u = np.uint64(rng.integers(0, 2**64, dtype=np.uint64)), rng.random(60)
    expected = luck.next_on_circle(identity, segment, rows, int(key), wanted, wanted + u)
    assert candidates.peers(identity, segment, rows, key, wanted, u).tolist() == expected
    assert candidates.peers(identity, segment, rows[:0], key, wanted, u).tolist() == [-1] * 60


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
    values, out = made.luck.normal(0, 1, (6, made.n)), np.zeros((6, made.size))
    kernels.segment_totals(values, made.segment, made.active, out)
    assert out.tolist() == orders.segment_totals(values, made.segment, made.active, made.size)


@pytest.mark.parametrize("seed", SEEDS)
def test_column_totals_are_their_twin_to_the_bit(seed):
    made = world(seed)
    values, out = made.luck.normal(0, 1, (made.n, 3)), np.zeros((made.size, 3))
    kernels.column_totals(values, made.segment, made.active, out)
    assert out.tolist() == orders.column_totals(values, made.segment, made.active, made.size)


@pytest.mark.parametrize("seed", SEEDS)
def test_totals_of_products_are_their_twin_to_the_bit(seed):
    made = world(seed)
    (first, second), out = made.luck.normal(0, 1, (2, made.n)), made.luck.normal(0, 1, made.size)
    expected = orders.product_totals(first, second, made.segment, made.active, out)
    kernels.product_totals(first, second, made.segment, made.active, out)
    assert out.tolist() == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_closing_by_chance_is_as_likely_as_the_twin_says(seed):
    made = world(seed)
    factors, out = made.luck.lognormal(0, 1, (2, made.n)), np.full(made.n, np.nan)
    by_age, class_of = made.luck.uniform(0, 0.3, 3), np.array([-1, 0, 1, 1, 2])
    age, level = made.luck.integers(-1, 9, made.n), made.luck.uniform(0, 2, made.size)
    given = made.active, age, made.segment, *factors, 0.9, by_age, class_of, level
    kernels.closing_chance(*given, out)
    assert out.tolist() == turnover.closing_chance(*given)


@pytest.mark.parametrize("seed", SEEDS)
def test_sales_are_handed_on_as_by_the_twin(seed):
    made = world(seed)
    factor, growth = made.luck.lognormal(0, 0.2, (made.size, 4)), made.luck.lognormal(0, 0.1, made.size)
    orders_before, price = made.luck.lognormal(2, 1, (2, made.n))
    sold, share, known = made.luck.lognormal(0, 1, (3, made.n, 4))
    given = made.active, made.segment, factor, np.log(factor), growth, price, sold, orders_before, share, known
    expected = turnover.hand_on(*given)
    kernels.hand_on(*given)
    assert list(zip(orders_before.tolist(), share.tolist(), known.tolist(), strict=True)) == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_staff_quits_and_is_hired_as_by_the_twin(seed):
    luck = np.random.default_rng(seed)
    present, wanted = np.maximum(luck.normal(5, 9, (2, 20)), 0.0)
    leaving = np.empty((2, 20))
    kernels.quit(present, wanted, 0.9, *leaving)
    assert leaving.tolist() == list(turnover.quit(present, wanted, 0.9))
    expected = turnover.hire(present, wanted, *leaving, rate=0.4, least=0.6)
    kernels.hire(wanted, *leaving, 0.4, 0.6, present)
    assert present.tolist() == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_totals_are_the_twins_sums(seed):
    luck = np.random.default_rng(seed)
    block, out = luck.normal(0, 1, (3, seed + 2)), np.empty(3)
    kernels.totals(block, seed, out)
    assert out == pytest.approx(orders.totals(block, seed), rel=ROUNDING, abs=ROUNDING)


@pytest.mark.parametrize("seed", SEEDS)
def test_segment_medians_are_their_twin_to_the_bit(seed):
    made = world(seed)
    values, out = made.luck.normal(0, 1, made.n).round(made.luck.integers(0, 3)), np.zeros(made.size)
    kernels.segment_medians(values, made.segment, made.active, out)
    assert out.tolist() == orders.segment_medians(values, made.segment, made.active, made.size)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_selected_is_what_sorting_puts_there_and_smaller_numbers_stand_before_it(seed):
    luck = np.random.default_rng(seed)
    own = luck.normal(0, 1, 30).round(luck.integers(0, 3))
    first, end = sorted(luck.choice(31, 2, replace=False))
    place = luck.integers(first, end)
    expected, outside = orders.select(own, first, end, place), (own[:first].tolist(), own[end:].tolist())
    assert kernels.select(own, first, end, place) == expected == own[place]
    assert (own[first:place] <= expected).all()
    assert (own[place:end] >= expected).all()
    assert (own[:first].tolist(), own[end:].tolist()) == outside


def test_selection_ends_where_nothing_is_a_number():
    assert np.isnan(kernels.select(np.full(5, np.nan), 0, 5, 2))


@pytest.mark.parametrize("seed", SEEDS)
def test_rows_are_merged_as_if_all_were_sorted(seed):
    made = world(seed)
    rows, known = np.lexsort((made.identity, made.segment)), made.luck.random(made.n) < 0.7
    out = np.empty(made.n, dtype=np.int64)
    kernels.merge_rows(rows[known[rows]], rows[~known[rows]], made.segment, made.identity, out)
    assert out.tolist() == suppliers.merge_rows(range(made.n), made.segment, made.identity) == rows.tolist()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_largest_of_a_segment_is_the_twins(seed):
    made = world(seed)
    values, out = made.luck.normal(0, 1, made.n), np.zeros(made.size)
    kernels.segment_largest(values, made.segment, made.active, out)
    assert out.tolist() == orders.segment_largest(values, made.segment, made.active, made.size)


@pytest.mark.parametrize("seed", SEEDS)
def test_deliveries_are_their_twin_to_the_bit(seed):
    made = world(seed)
    start, supplier, bought, coefficient = links(made)
    given = made.order, made.segment, start, supplier, bought, coefficient, made.output, made.covered, made.price
    rules = made.fill, made.outside_price, made.supply, made.replaced, made.unmet, 0.1
    local_, outside, sold = np.zeros(made.n), np.zeros((made.n, 2)), np.zeros(made.n)
    trade = np.zeros((made.size, made.size, 3))
    kernels.deliver(*given, *rules, local_, outside, sold, trade)
    paid, received, traded = orders.deliver(*given, *rules)
    for i in range(made.n):
        assert [local_[i], *outside[i]] == [paid[i, origin] for origin in range(3)]
        assert sold[i] == received[i]
    assert all(value == traded[place] for place, value in np.ndenumerate(trade))


@pytest.mark.parametrize("seed", SEEDS)
def test_coverage_is_its_twin_to_the_bit(seed):
    made, out = world(seed), np.full(world(seed).n, np.nan)
    start, supplier, bought, coefficient = links(made)
    given = start, made.segment, made.active, supplier, bought, coefficient
    given = *given, made.criticality, made.missing
    kernels.coverage(*given, out)
    assert out.tolist() == orders.coverage(*given)


# --- suppliers ---


@pytest.mark.parametrize("seed", SEEDS)
def test_members_lie_in_the_cells_of_the_twin(seed):
    made = np.random.default_rng(seed)
    n, size = int(made.integers(1, 60)), 3
    group, weight = made.integers(0, size, n), made.random(n)
    groups, length = np.zeros(size, dtype=candidates.GROUP), candidates.table_sizes(np.bincount(group, minlength=size))
    groups["first"], groups["per_upper"] = np.cumsum(length) - length, made.random(size)
    identity, order = made.integers(0, 2**64, n, dtype=np.uint64), made.permutation(n)
    cells = np.zeros(length.sum(), dtype=candidates.CELL)
    cells["row"] = -1
    kernels.place_members(order, group, identity, np.uint64(77), weight, length, groups, cells)
    twin = suppliers.place_members(order, group, identity, 77, length, groups)
    assert cells["row"].tolist() == [twin.get(cell, -1) for cell in range(cells.size)]
    share = weight * groups["per_upper"][group]
    assert cells["share"].tolist() == [share[twin[cell]] if cell in twin else 0.0 for cell in range(cells.size)]


@pytest.mark.parametrize("seed", SEEDS)
def test_guides_are_those_of_the_twin(seed):
    made = np.random.default_rng(seed)
    length = made.integers(0, 5, (3, 6)) * (made.random((3, 6)) < 0.6)
    length[2] = 0
    end = np.cumsum((length * 2.0 ** np.arange(6))[:, ::-1], axis=1)[:, ::-1].copy()
    out = np.empty((3, 16), dtype=np.uint8)
    kernels.guide(end, end[:, 0].copy(), out)
    assert out.tolist() == suppliers.guide(end, end[:, 0], 16)


@pytest.mark.parametrize("seed", SEEDS)
def test_links_under_review_are_those_of_the_twin(seed):
    made = choosing(seed)
    start, supplier, bought, _ = links(made)
    given = (
        made.identity,
        made.table.name,
        made.active,
        made.turnover,
        made.outside_turnover,
        0.1,
        start,
        supplier,
        bought,
    )
    slots = np.full((4, supplier.size), -9, dtype=np.int64)
    number, there, kept = kernels.reviewed(made.order, made.keys[0], *given, slots)
    expected, *counts = suppliers.reviewed(made.order, int(made.keys[0]), *given)
    assert [tuple(slot) for slot in slots[:, :number].T.tolist()] == expected
    assert [there, kept] == counts


@pytest.mark.parametrize("seed", SEEDS)
def test_suppliers_shown_are_those_of_the_twin(seed):
    made = choosing(seed)
    for draw in range(2):
        wanted = int(made.luck.integers(1, 9))
        sample = sampled(made, wanted, draw)
        for m, (e, buyer, running) in enumerate(made.slots[:3].T):
            given = int(made.keys[0]), draw, wanted, made.identity, made.start, made.input, made.table
            word, shown = suppliers.sample_candidates(e, buyer, running, *given)
            assert int(sample.random_word[m]) == word
            assert sample.found[m, : sample.number[m]].tolist() == shown


def test_crowding_is_that_of_the_twin():
    for given in np.random.default_rng(3).uniform([0, -20, 0, 1e-4], [200, 100, 3, 0.2], (300, 4)):
        assert kernels.crowding(*given) == pytest.approx(suppliers.crowding(*given), rel=1e-12)
    assert kernels.crowding(0.0, 0.0, 2.0, 0.01) == 1.0


@pytest.mark.parametrize("seed", SEEDS)
def test_buyers_choose_as_the_twin_does(seed):
    made = choosing(seed)
    sample = sampled(made, 6, introductions=matched(made, 2, 1))
    given = made.slots, sample, made.seen, made.rules, made.outside, made.bias, made.input, made.coefficient
    expected, kept, forgone = suppliers.choose(*given)
    supplier, wedge = made.supplier.copy(), np.full(made.input.size, np.nan)
    assert kernels.choose(*given, supplier, wedge) == kept
    assert supplier[made.slots[0]].tolist() == expected
    assert wedge[made.slots[0]] == pytest.approx(forgone, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_suppliers_introduced_are_those_of_the_twin(seed):
    made = choosing(seed)
    introductions = matched(made, *made.luck.integers(1, 4, 2).tolist())
    sample = sampled(made, 4, introductions=introductions)
    expected = suppliers.introduce(made.slots, made.input, introductions, made.identity, sample)
    for m, rows in enumerate(expected):
        behind = slice(sample.number[m], sample.number[m] + sample.introduced[m])
        assert sample.found[m, behind].tolist() == rows


@pytest.mark.parametrize("seed", SEEDS)
def test_spin_offs_copy_the_suppliers_that_the_twin_copies(seed):
    made = world(seed)
    parent, segment = made.luck.integers(-1, made.n, 4), made.luck.integers(0, made.size, 4)
    number = made.luck.integers(0, 5, (4, made.size))
    given = parent, segment, number, made.technical, made.start, made.input, made.supplier
    bought, chosen = np.zeros((2, number.sum()), dtype=np.int32)
    coefficient = np.zeros(number.sum())
    kernels.lay_slots(*given, bought, chosen, coefficient)
    found = zip(bought.tolist(), chosen.tolist(), coefficient.tolist(), strict=True)
    assert list(found) == suppliers.lay_slots(*given)


@pytest.mark.parametrize("seed", SEEDS)
def test_luck_for_several_purposes_and_names_is_that_of_the_twin(seed):
    made = world(seed)
    words, who = made.luck.integers(0, 2**64, 3, dtype=np.uint64), made.identity
    numbers, mixed = np.empty((3, made.n)), np.empty(3 * made.n, dtype=np.uint64)
    kernels.fill_several(words, np.uint64(2020 + seed), who, numbers)
    kernels.mix_with_names(who, words, mixed)
    assert numbers.tolist() == luck.fill_several(words.tolist(), 2020 + seed, who.tolist())
    assert mixed.tolist() == luck.mix_with_names(who.tolist(), words.tolist())


@pytest.mark.parametrize("seed", SEEDS)
def test_newcomers_are_numbered_as_by_the_twin(seed):
    made = world(seed)
    counts, names = made.luck.integers(0, 4, made.size), made.luck.integers(0, 2**64, made.size, dtype=np.uint64)
    kind, identity = np.empty(counts.sum(), dtype=np.int64), np.empty(counts.sum(), dtype=np.uint64)
    kernels.number_newcomers(counts, names, np.uint64(2020 + seed), kind, identity)
    found = list(zip(kind.tolist(), identity.tolist(), strict=True))
    assert found == luck.number_newcomers(counts.tolist(), names.tolist(), 2020 + seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_slots_are_as_many_as_the_twin_counts(seed):
    made = world(seed)
    names = made.luck.integers(0, 2**64, made.size, dtype=np.uint64)
    bought = made.luck.lognormal(4, 2, made.n), np.uint64(seed), names, made.technical
    given, out = (made.identity, made.segment, *bought), np.full((made.n, made.size), -1)
    kernels.count_slots(*given, draws.poisson_steps(1.0), 10.0, 9, out)
    assert out.tolist() == suppliers.count_slots(*given, draws.poisson_steps(1.0), 10.0, 9)


@pytest.mark.parametrize("width", [1, 4])
@pytest.mark.parametrize("seed", SEEDS)
def test_rows_that_stay_are_those_of_the_twin(seed, width):
    made = world(seed)
    rows, block = np.flatnonzero(made.active), made.luck.integers(-9, 9, (3, (made.n + 2) * width))
    expected = suppliers.keep_rows(rows, width, block)
    kernels.keep_rows(rows, width, block)
    assert block[:, : rows.size * width].tolist() == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_links_that_stay_are_those_of_the_twin(seed):
    made = world(seed)
    rows = np.flatnonzero(made.active)
    place = np.full(made.n, -1)
    place[rows] = np.arange(rows.size)
    given = made.start, made.supplier, made.input, made.coefficient
    expected = suppliers.keep_links(rows, place, *given)
    start, supplier, bought, coefficient = (array.copy() for array in given)
    assert kernels.keep_links(rows, place, start, supplier, bought, coefficient) == sum(map(len, expected))
    for q, partners in enumerate(expected):
        here = slice(start[q], start[q + 1])
        kept = zip(supplier[here].tolist(), bought[here].tolist(), coefficient[here].tolist(), strict=True)
        assert list(kept) == partners


@pytest.mark.parametrize("seed", SEEDS)
def test_links_to_closing_suppliers_are_those_of_the_twin(seed):
    made = world(seed)
    supplier = made.supplier.copy()
    kernels.close_links(~made.active, supplier)
    assert supplier.tolist() == suppliers.close_links(~made.active, made.supplier)


@pytest.mark.parametrize("seed", SEEDS)
def test_links_that_differ_between_two_worlds_are_as_many_as_the_twin_finds(seed):
    made = world(seed)
    luck, rows = made.luck, np.flatnonzero(made.active)
    kept = np.flatnonzero(luck.random(made.n) < 0.8)
    place = np.full(made.n, -1)
    place[kept] = np.arange(kept.size)
    other = suppliers.keep_links(kept, place, made.start, made.supplier, made.input, made.coefficient)
    other_start = np.concatenate(([0], np.cumsum([len(buyer) for buyer in other]))).astype(np.int64)
    other_supplier = np.array([j for buyer in other for j, _, _ in buyer], dtype=np.int32)
    changed = luck.random(other_supplier.size) < 0.2
    other_supplier[changed] = NATIONAL
    given = rows, place, made.start, made.supplier, other_start, other_supplier
    assert kernels.unlike_links(*given) == suppliers.unlike_links(*given)
    if kept.size == made.n and not changed.any():
        assert kernels.unlike_links(*given) == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_partners_of_the_chosen_are_those_of_the_twin(seed):
    made = world(seed)
    chosen, linked = made.luck.random(made.n) < 0.3, made.luck.random(made.n) < 0.1
    expected = suppliers.mark_partners(made.start, made.supplier, chosen, linked)
    kernels.mark_partners(made.start, made.supplier, chosen, linked)
    assert linked.tolist() == expected


# --- choices of two worlds replayed ---


@pytest.mark.parametrize("seed", SEEDS)
def test_choices_are_replayed_as_the_twin_does_and_change_sign_with_the_worlds(seed):
    (ours, ours_here), (theirs, theirs_here) = two_sides(seed)
    places = np.arange(ours.slots.shape[1])
    shares, turned = np.zeros((2, places.size, 8))
    kernels.replay(ours=ours, theirs=theirs, at_ours=places, at_theirs=places, shares=shares)
    kernels.replay(ours=theirs, theirs=ours, at_ours=places, at_theirs=places, shares=turned)
    plain = SimpleNamespace(**ours._asdict(), here=ours_here), SimpleNamespace(**theirs._asdict(), here=theirs_here)
    assert shares.tolist() == [replays.replay(*plain, m, m) for m in places]
    assert (shares == -turned).all()
    settled = [replays.is_settled(replays.lay_out(*plain, m, m)) for m in places]
    assert (shares[settled] == 0.0).all()
