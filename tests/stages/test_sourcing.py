"""Who buys from whom: choices follow the logit, and who is shown is drawn by size."""

import numpy as np
from oracles import choice
from oracles.economies import built
from oracles.table import agree
from switched import END, lived, off

from chainsim.economy.links import ABROAD, CLOSED, NATIONAL, NOBODY
from chainsim.runs.simulation import base_year
from chainsim.stages.year import advance


def test_without_sourcing_links_stay():
    before, economy = lived(off("sourcing", "demography"))
    assert np.array_equal(before.links.supplier, economy.links.supplier)


def test_without_sourcing_only_the_links_of_closed_suppliers_change_and_pass_to_the_nation():
    economy = base_year(off("sourcing"), 1)
    changes = 0
    while economy.year < END:
        known = links_by_identity(economy)
        advance(economy)
        for link, supplier in links_by_identity(economy).items():
            if link in known and known[link] != supplier:
                changes += 1
                assert supplier in ("national", "closed")
    assert changes > 0


def links_by_identity(economy):
    """Supplier of every link by (buyer, number)."""
    links, identity = economy.links, economy.identity.tolist()
    words = {NATIONAL: "national", ABROAD: "abroad", NOBODY: "nobody", CLOSED: "closed"}
    here = [words.get(row) or (identity[row] if economy.active[row] else "closed") for row in links.supplier.tolist()]
    number = np.arange(links.supplier.size) - links.start[links.buyer]
    return {
        (identity[buyer], slot): seller for buyer, slot, seller in zip(links.buyer, number.tolist(), here, strict=True)
    }


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
    only_price = dict.fromkeys(("quality_weight", "capacity_weight", "park_weight", "break_rate"), 0.0)
    rules = only_price | {"review_rate": 1.0, "substitution": ELASTICITY} | sourcing
    return built(mapping | {"chain": chain}, sourcing=rules)


MARKET = {"local_share": 0.5}


def chosen_suppliers(home, abroad, national_price=1.0):
    """Suppliers chosen by the stage: a maker's row, or -1 for national and -2 for foreign supply."""
    economy = market_of_suppliers(SUPPLIERS)
    economy.price[:SUPPLIERS] = PRICES
    economy.calibration.home[:], economy.calibration.abroad[:] = np.log(home), np.log(abroad)
    economy.policy.outside_price = economy.policy.outside_price * [national_price, 1.0]
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
    economy.policy.outside_price = economy.policy.outside_price * [1e3, 1.0]
    economy.links.supplier[:] = NATIONAL
    economy.stages.sourcing.step(economy)
    counts = np.bincount(economy.links.supplier[economy.links.supplier >= 0], minlength=60)
    assert counts.sum() > 0.95 * economy.links.supplier.size  # sixty-four tries can all meet an empty cell
    size = economy.expected_orders[:60]
    agree("candidates by size", expected=size / size.sum(), got=counts / counts.sum(), tolerance=1e-2)
    assert chi_square(counts, size / size.sum()) < 98.3  # 99.9 % point with 59 degrees of freedom
