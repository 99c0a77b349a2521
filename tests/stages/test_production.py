"""Orders go up the chain, output and deliveries come down."""

from contextlib import suppress
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import leontief
from oracles.table import agree
from switched import lived, off

from chainsim.economy.links import NATIONAL, Links
from chainsim.stages import Production


def test_without_capacity_limits_output_is_what_is_ordered():
    scenario = off(**{"stages.production.capacity": False, "chain.segments.lenses.markets.national.growth": 0.9})
    _, economy = lived(scenario)
    there = economy.operated
    assert economy.output[there] == pytest.approx(economy.orders[there], rel=1e-10)
    assert economy.fill[there] == pytest.approx(np.ones(there.sum()), rel=1e-10)
    limited = lived(scenario.replace({"stages.production.capacity": True}))[1]
    assert limited.fill[limited.operated].min() < 0.9


class Limited(Production):
    """Production with stated limits of output."""

    limit: list[float]

    def feasible_output(self, economy, labour):
        return np.array(self.limit)


def cascade(links, final, limit=None, output=None):
    """Output and orders after the stage has solved them, for links given as (buyer, supplier, coefficient)."""
    n, links = len(final), sorted(links)
    buyer, supplier, coefficient = (np.array(column) for column in zip(*links, strict=True))
    start = np.concatenate(([0], np.cumsum(np.bincount(buyer.astype(np.int64), minlength=n))))
    inputs = np.zeros(len(links), dtype=np.int32)
    economy = SimpleNamespace(
        n=n,
        links=Links(start, inputs, supplier.astype(np.int32), coefficient.astype(float)),
        final_sales=np.asarray(final, float)[:, None],
        output=np.zeros(n) if output is None else output,
        policy=SimpleNamespace(outside_supply=np.ones((1, 2))),
        cascade_rows=lambda: np.arange(n),
        active=np.ones(n, dtype=bool),
        flows=SimpleNamespace(sweeps=0),
        year=2021,
        **{column: np.ones(n) for column in ("price", "orders", "feasible", "fill")},
    )
    stage = Production(capacity=False) if limit is None else Limited(limit=list(limit))
    stage.solve(economy, np.full(n, np.inf))
    return economy.output, economy.orders


def sector_links(coefficients):
    """One link for every coefficient: enterprise i is sector i."""
    n = len(coefficients)
    return [(buyer, supplier, coefficients[supplier][buyer]) for buyer in range(n) for supplier in range(n)]


def test_two_enterprises_reproduce_the_example_of_miller_and_blair():
    output, _ = cascade(sector_links(leontief.MILLER_BLAIR), [600, 1500])
    agree("Miller-Blair 2x2, cascade, printed", expected=[1247.5, 1841.6], got=output, tolerance=5e-2)
    exact = np.linalg.solve(np.eye(2) - leontief.MILLER_BLAIR, [600, 1500])
    agree("Miller-Blair 2x2, cascade, solved", expected=exact, got=output, tolerance=1e-9, relative=True)


@st.composite
def networks(draw):
    """Segments with common coefficients and local rates, enterprises in them, links drawn at random."""
    number = [draw(st.integers(1, 5)) for _ in range(draw(st.integers(2, 5)))]
    luck = np.random.default_rng(draw(st.integers(0, 2**32)))
    size = len(number)
    technical = luck.random((size, size)) * (luck.random((size, size)) < 0.7)
    technical *= 0.8 / np.maximum(technical.sum(axis=0), 0.8)
    local = luck.random((size, size))
    first = np.concatenate(([0], np.cumsum(number)))
    links = []
    for k in range(size):
        for buyer in range(first[k], first[k + 1]):
            for source in np.flatnonzero(technical[:, k]):
                slots = luck.dirichlet(np.ones(luck.integers(1, 4)))
                suppliers = luck.integers(first[source], first[source + 1], slots.size)
                for supplier, weight in zip(suppliers, slots, strict=True):
                    links.append((buyer, int(supplier), technical[source, k] * local[source, k] * weight))
                links.append((buyer, NATIONAL, technical[source, k] * (1 - local[source, k])))
    final = luck.random(first[-1]) * 100 * (luck.random(first[-1]) < 0.8)
    segment = np.repeat(np.arange(size), number)
    return technical * local, segment, sorted(links), final


@settings(max_examples=60, deadline=None)
@given(networks())
def test_any_network_with_common_coefficients_adds_up_to_its_leontief_economy(network):
    local_coefficients, segment, links, final = network
    output, _ = cascade(links, final)
    demand = np.bincount(segment, weights=final)
    exact = np.linalg.solve(np.eye(len(demand)) - local_coefficients, demand)
    assert np.bincount(segment, weights=output) == pytest.approx(exact, rel=1e-9, abs=1e-9)


def test_a_large_network_adds_up_to_its_leontief_economy():
    luck = np.random.default_rng(7)
    technical = np.array([[0.1, 0.2, 0.05], [0.3, 0.1, 0.2], [0.1, 0.0, 0.4]])
    local = np.array([[0.2, 0.9, 0.5], [0.7, 0.1, 1.0], [0.4, 0.3, 0.6]])
    segment = np.repeat(np.arange(3), 200)
    links = [
        (buyer, int(200 * source + luck.integers(200)), technical[source, k] * local[source, k] / 4)
        for buyer, k in enumerate(segment)
        for source in range(3)
        for _ in range(4)
    ]
    final = luck.pareto(1.1, segment.size)
    output, _ = cascade(links, final)
    exact = np.linalg.solve(np.eye(3) - technical * local, np.bincount(segment, weights=final))
    got = np.bincount(segment, weights=output)
    agree("open-region Leontief, 600 enterprises", expected=exact, got=got, tolerance=1e-9, relative=True)


@pytest.mark.parametrize("sweeps", [1, 2, 3, 4, 5])
def test_output_after_n_sweeps_against_the_stream_is_the_sum_of_n_rounds_of_orders(sweeps, monkeypatch):
    monkeypatch.setattr("chainsim.stages.production.MOST_SWEEPS", sweeps)
    upstream = [[0, 0.3, 0.1, 0.2], [0, 0, 0.4, 0.1], [0, 0, 0, 0.5], [0, 0, 0, 0]]
    final, output = [1.0, 2.0, 3.0, 4.0], np.zeros(4)
    with suppress(ArithmeticError):
        cascade(sector_links(upstream), final, output=output)
    expected = leontief.rounds(upstream, final, sweeps - 1)
    agree(f"power series after {sweeps} rounds", expected=expected, got=output, tolerance=1e-14, relative=True)


@settings(max_examples=60, deadline=None)
@given(networks(), st.integers(0, 2**32))
def test_rationed_output_is_that_of_the_plain_twin(network, seed):
    _, segment, links, final = network
    limit = np.random.default_rng(seed).random(segment.size) * 200
    output, orders = cascade(links, final, limit)
    local = [link for link in links if link[1] >= 0]
    assert output == pytest.approx(leontief.rationed_output(local, final, limit, 300), rel=1e-9, abs=1e-9)
    assert output == pytest.approx(np.minimum(orders, limit), rel=1e-9, abs=1e-9)


@settings(max_examples=200, deadline=None)
@given(networks(), st.integers(0, 2**32))
def test_output_does_not_depend_on_what_was_made_last_year(network, seed):
    _, segment, links, final = network
    before = np.random.default_rng(seed).random(segment.size) * 300
    cold, _ = cascade(links, final)
    warm, _ = cascade(links, final, output=before)
    assert warm == pytest.approx(cold, rel=1e-9, abs=1e-9)
