"""The order of the rows says nothing: an economy with its rows shuffled lives the same life."""

import economies
import numpy as np
import pytest

from chainsim.economy.candidates import candidate_table
from chainsim.economy.columns import COLUMNS
from chainsim.economy.economy import Economy
from chainsim.economy.links import Links
from chainsim.runs.simulation import base_year
from chainsim.stages.year import advance

SAME = 1e-12
"""Sums over enterprises in another order may differ in the last digits."""
SETTLED = 1e-9
"""Where enterprises of one segment sell to each other, orders are iterated in the order of rows, to 1e-12 each."""

YEARS = 8


def permuted(economy: Economy, order: np.ndarray) -> Economy:
    """A copy with row `order[p]` in place `p`; links, names and columns follow."""
    other = economy.copy(economy.seed)
    place = np.empty(economy.n, dtype=np.int64)
    place[order] = np.arange(economy.n)
    for column in COLUMNS:
        getattr(other, column.name)[:] = getattr(economy, column.name)[order]
    links = economy.links
    kept = np.concatenate([np.arange(links.start[row], links.start[row + 1]) for row in order])
    supplier = links.supplier[kept]
    supplier = np.where(supplier >= 0, place[np.maximum(supplier, 0)], supplier).astype(np.int32)
    start = np.concatenate(([0], np.cumsum(np.diff(links.start)[order])))
    other.links = Links(start, links.input[kept], supplier, links.coefficient[kept])
    other._by_identity = np.zeros(0, dtype=np.int64)  # kept from before the rows moved
    other.names = {int(place[row]): name for row, name in economy.names.items()}
    return other


def shuffled(economy: Economy) -> Economy:
    return permuted(economy, np.random.default_rng(7).permutation(economy.n))


def gaps(one: Economy, other: Economy) -> dict[str, float]:
    """Largest difference of every column between the same enterprises, money relative to what each moves and owns."""
    first, second = np.argsort(one.identity), np.argsort(other.identity)
    assert np.array_equal(one.identity[first], other.identity[second])
    size = 1.0 + one.sales + np.abs(one.cash) + one.capital
    found = {}
    for column in COLUMNS:
        a, b = getattr(one, column.name)[first].astype(float), getattr(other, column.name)[second].astype(float)
        scale = size[first] if column.unit == "CNY million" else np.maximum(np.abs(a), 1.0).reshape(a.shape)
        found[column.name] = float((np.abs(a - b).T / scale.T).max())
    return found


def partners(economy: Economy) -> list[tuple[int, int, int, float]]:
    """Every link as identities of buyer and supplier (below 0 outside the region), input and coefficient."""
    links, identity = economy.links, economy.identity.tolist()
    seller = [identity[row] if row >= 0 else row for row in links.supplier.tolist()]
    buyer = [identity[row] for row in links.buyer.tolist()]
    return sorted(zip(buyer, links.input.tolist(), seller, links.coefficient.tolist(), strict=True))


CASES = {
    "crowd": (lambda: economies.crowd(end=2020 + YEARS), SAME),
    "missing link": (lambda: economies.with_missing_link(end=2020 + YEARS), SAME),
    "minimal": (lambda: economies.shipped("minimal"), SAME),
    "cycle": (lambda: economies.cyclic(end=2020 + YEARS), SETTLED),
    "jilin": (lambda: economies.shipped("jilin", years__end=2024), SETTLED),
}


@pytest.fixture(scope="module", params=CASES)
def lives(request):
    """Years of an economy and of its shuffled copy, side by side, and how close they must stay."""
    make, tolerance = CASES[request.param]
    scenario = make()
    economy = base_year(scenario, scenario.seed)
    other, path, known = shuffled(economy), [], set(economy.identity.tolist())
    while economy.year < economy.arrays.end:
        advance(economy)
        advance(other)
        path.append((economy.copy(1), other.copy(1)))
    assert set(economy.identity.tolist()) != known, "nobody entered or left"
    return path, tolerance


def test_every_enterprise_lives_the_same_life(lives):
    path, tolerance = lives
    for one, other in path:
        assert {name: gap for name, gap in gaps(one, other).items() if gap > tolerance} == {}


def test_the_same_enterprises_are_there(lives):
    for one, other in lives[0]:
        assert sorted(one.identity[one.active]) == sorted(other.identity[other.active])
        assert {int(one.identity[row]): name for row, name in one.names.items()} == {
            int(other.identity[row]): name for row, name in other.names.items()
        }


def test_everyone_has_the_same_partners(lives):
    for one, other in lives[0]:
        assert partners(one) == partners(other)


def test_region_and_books_are_the_same(lives):
    path, tolerance = lives
    for one, other in path:
        for name, value in vars(one.region).items():
            assert getattr(other.region, name) == pytest.approx(value, rel=tolerance, abs=tolerance), name
        assert {entry[:3] for entry in one.ledger.entries} == {entry[:3] for entry in other.ledger.entries}
        for entry, amount in one.ledger.entries.items():
            assert other.ledger.entries[entry] == pytest.approx(amount, abs=tolerance * one.ledger.turnover())
        assert other.flows.trade == pytest.approx(one.flows.trade, rel=tolerance, abs=tolerance * one.sales.sum())
        assert np.array_equal(one.flows.entries, other.flows.entries)
        assert np.array_equal(one.flows.exits, other.flows.exits)


def test_shuffling_changes_nothing_but_the_order():
    economy = base_year(economies.crowd(), 1)
    other = shuffled(economy)
    assert not np.array_equal(economy.identity, other.identity)
    assert max(gaps(economy, other).values()) == 0.0
    assert partners(economy) == partners(other)


def test_the_table_of_candidates_does_not_depend_on_the_order_of_rows():
    economy = base_year(economies.crowd(), 1)
    other = shuffled(economy)
    first, second = (
        candidate_table(e.segment, e.identity, e.rows_by_identity(), e.stages.sourcing.visibility_weight(e), "ab")
        for e in (economy, other)
    )
    rows = [table.cells["row"] for table in (first, second)]
    seen = [np.where(row >= 0, e.identity[row], 0) for row, e in zip(rows, (economy, other), strict=True)]
    assert np.array_equal(*seen)
    assert np.array_equal(economy.identity[first.members], other.identity[second.members])
    assert np.array_equal(economy.median_by_segment(economy.output), other.median_by_segment(other.output))


def test_dropping_the_rows_of_closed_enterprises_changes_nothing(monkeypatch):
    def life(share):
        monkeypatch.setattr("chainsim.economy.economy.MOST_CLOSED", share)
        economy = base_year(economies.crowd(end=2030), 1)
        while economy.year < 2030:
            advance(economy)
        economy.drop_closed()
        return economy

    kept, dropped = life(1.0), life(0.0)
    assert np.array_equal(kept.identity, dropped.identity)
    assert {c.name: gap for c in COLUMNS if (gap := gaps(kept, dropped)[c.name]) > SAME} == {}
    assert partners(kept) == partners(dropped)
