"""Random numbers, order cascade, supplier choice and ledger against results nobody here wrote."""

from contextlib import suppress
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import choice, economies, leontief, philox, sfc
from oracles.table import agree

from chainsim.economy import draws
from chainsim.economy.ledger import Ledger
from chainsim.economy.links import NATIONAL, Links
from chainsim.stages import Production

words = st.integers(0, 2**32 - 1)
identities = st.integers(0, 2**64 - 1)


# --- Philox4x32-10 ---


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


# --- orders ---


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


# --- supplier choice ---

PRICES = [0.8, 0.9, 1.0, 1.15, 1.3]
ELASTICITY = 3.0
SUPPLIERS = len(PRICES)


def market_of_suppliers(number, **sourcing):
    """Makers of one input and a thousand buyers with up to forty slots each, who look at price only."""
    segment = {"tier": "all", "labour_share": 0.1, "value_added_share": 0.3, "production_tax_share": 0.0}
    makers = segment | {
        "output": 3e7,
        "enterprises": {"number": number},
        "markets": {"national": MARKET | {"sales": 2e7}},
    }
    users = segment | {"output": 2e7, "enterprises": {"number": 1000}, "markets": {"national": MARKET | {"sales": 2e7}}}
    inputs = {"inputs": {"parts": 0.5}, "localization": {"parts": 0.5}}
    mapping = {"name": "five", "years": {"start": 2020, "end": 2021}, "population": {"slots": 40, "largest": 0.3}}
    chain = {"tiers": ["all"], "segments": {"parts": makers, "users": users | inputs}}
    only_price = dict.fromkeys(("quality_weight", "capacity_weight", "park_weight", "home_offset", "break_rate"), 0.0)
    rules = only_price | {"review_rate": 1.0, "substitution": ELASTICITY} | sourcing
    return economies.built(mapping | {"chain": chain}, sourcing=rules)


MARKET = {"local_share": 0.5}


def chosen_suppliers(home, abroad, national_price=1.0):
    """Suppliers chosen by the stage: a maker's row, or -1 for national and -2 for foreign supply."""
    economy = market_of_suppliers(SUPPLIERS)
    economy.price[:SUPPLIERS] = PRICES
    economy.calibration.home[:], economy.calibration.abroad[:] = np.log(home), np.log(abroad)
    economy.policy.outside_price[:, 0] = national_price
    economy.stages.sourcing.step(economy)
    return economy.links


def chi_square(counts, shares):
    """Pearson's statistic."""
    expected = np.asarray(shares) * counts.sum()
    return float(((counts - expected) ** 2 / expected).sum())


def test_choices_follow_the_logit_quantity_spending_and_mean_price():
    supplier = chosen_suppliers(home=1.0, abroad=1e-9, national_price=1e3).supplier
    assert supplier.min() >= 0
    counts = np.bincount(supplier, minlength=SUPPLIERS)
    quantities = choice.quantity_shares(PRICES, ELASTICITY)
    spending = counts * PRICES / (counts @ PRICES)
    paid = float(counts @ PRICES / counts.sum())
    agree("logit, shares in quantity ~ p^-s", expected=quantities, got=counts / counts.sum(), tolerance=1e-2)
    expected = choice.spending_shares(PRICES, ELASTICITY)
    agree("logit, shares in spending ~ p^(1-s)", expected=expected, got=spending, tolerance=1e-2)
    expected = choice.mean_price_paid(PRICES, ELASTICITY)
    agree("logit, mean price paid", expected=expected, got=paid, tolerance=3e-3)
    assert chi_square(counts, quantities) < 18.5  # 99.9 % point of chi-square with four degrees of freedom


def test_local_odds_against_outside_supply_are_the_home_constant_times_the_mean_local_pull():
    supplier = chosen_suppliers(home=0.7, abroad=0.4).supplier
    counts = np.bincount(supplier + 2, minlength=SUPPLIERS + 2)
    constants = [0.4, 1.0] + [0.7 / SUPPLIERS] * SUPPLIERS
    shares = choice.quantity_shares([1.0, 1.0, *PRICES], ELASTICITY, constants)
    agree("logit with outside supply", expected=shares, got=counts / counts.sum(), tolerance=1e-2)
    assert chi_square(counts, shares) < 22.5  # 99.9 % point with six degrees of freedom


def test_slots_of_one_buyer_choose_independently():
    links = chosen_suppliers(home=1.0, abroad=1e-9, national_price=1e3)
    following = np.flatnonzero(links.buyer[1:] == links.buyer[:-1])
    agree(
        "logit, neighbouring slots agree by chance only",
        expected=sum(share**2 for share in choice.quantity_shares(PRICES, ELASTICITY)),
        got=np.mean(links.supplier[following] == links.supplier[following + 1]),
        tolerance=1e-2,
    )


def test_the_only_candidate_shown_is_drawn_in_proportion_to_its_size():
    economy = market_of_suppliers(60, sample=1, visibility=1.0)
    economy.calibration.home[:], economy.calibration.abroad[:] = 0.0, np.log(1e-9)
    economy.policy.outside_price[:, 0] = 1e3
    economy.links.supplier[:] = NATIONAL
    economy.stages.sourcing.step(economy)
    counts = np.bincount(economy.links.supplier[economy.links.supplier >= 0], minlength=60)
    assert counts.sum() > 0.95 * economy.links.supplier.size  # sixty-four tries can all meet an empty cell
    size = economy.expected_orders[:60]
    agree("candidates by size", expected=size / size.sum(), got=counts / counts.sum(), tolerance=1e-2)
    assert chi_square(counts, size / size.sum()) < 98.3  # 99.9 % point with 59 degrees of freedom


# --- ledger ---


def year_of_sim(ledger, wealth, year):
    """Book a year of model SIM: spending makes income, income makes spending, round by round. Returns income, wealth."""
    ledger.open(year)
    ledger.post("spending", "government", "producers", sfc.GOVERNMENT_SPENDING)
    ledger.post("consumption", "households", "producers", sfc.PROPENSITY_WEALTH * wealth)
    while (income := ledger.balance("producers")) > 1e-13:
        ledger.post("wages", "producers", "households", income)
        ledger.post("taxes", "households", "government", sfc.TAX_RATE * income)
        consumed = sfc.PROPENSITY_INCOME * (1 - sfc.TAX_RATE) * income
        ledger.post("consumption", "households", "producers", consumed)
    saved = ledger.balance("households")
    ledger.close_column("money", "households", "government")
    ledger.check()
    wages = sum(entry.amount for entry in ledger.rows() if entry.row == "wages")
    return wages, wealth + saved


def test_the_ledger_keeps_the_books_of_godley_and_lavoies_model_sim():
    ledger = Ledger(columns=("households", "government", "producers"))
    wealth, incomes, stocks = 0.0, [], []
    for year in range(1, 101):
        income, wealth = year_of_sim(ledger, wealth, year)
        incomes.append(income)
        stocks.append(wealth)
    expected, money = sfc.income_path(100)
    agree("Godley-Lavoie SIM, income, printed", expected=sfc.PUBLISHED, got=incomes[:2], tolerance=5e-5)
    agree("Godley-Lavoie SIM, income", expected=expected, got=incomes, tolerance=1e-9)
    agree("Godley-Lavoie SIM, money", expected=money, got=stocks, tolerance=1e-9)
    agree("Godley-Lavoie SIM, stationary", expected=sfc.stationary_income(), got=incomes[-1], tolerance=1e-3)
