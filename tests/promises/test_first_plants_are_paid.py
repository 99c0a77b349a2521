"""What a first plant of a missing link counts on is what it is paid, however levers, budgets and rationing meet."""

import economies
import numpy as np
import pytest
from sizes import size

from chainsim.economy.arrivals import MOST_GRANTED
from chainsim.economy.columns import FIRST_PLANTS
from chainsim.runs.simulation import Simulation

RATIONING = "pro_rata", "merit", "first_come", "small_first", "lottery"
LINKS = "wafers", "lasers"


def place(levers):
    """Three segments of makers, and two missing links that first plants come to in most years."""
    made = {
        name: economies.segment(0.0, number=0, tier="upstream", min_efficient_scale=scale, market=4000.0)
        for name, scale in zip(LINKS, (8.0, 20.0), strict=True)
    }
    made["lenses"] = economies.segment(300.0, number=6, small=15, tier="upstream")
    bought = {"lenses": (0.3, 0.6), "wafers": (0.1, 0.0), "lasers": (0.05, 0.0)}
    made["cameras"] = economies.segment(500.0, bought, 6, 15, tier="downstream")
    often = {"link_rate": 2.0, "outside_share": 0.003}
    return economies.chain(made, levers=levers, stages={"demography": often}, end=2024)


def drawn(seed):
    """One or two attractions and up to three grants, most of them with too little money."""
    luck = np.random.default_rng(seed)
    levers, stacking = {}, str(luck.choice(["add", "highest"]))
    for number in range(int(luck.integers(0, 3))):
        levers[f"a{number}"] = {"type": "investment_attraction", "stacking": "add"}
    for number in range(int(luck.integers(not levers, 4))):
        levers[f"g{number}"] = {
            "type": "investment_grant",
            "stacking": stacking,
            "rationing": str(luck.choice(RATIONING)),
        }
    for lever in levers.values():
        lever |= {"years": "2021-2024", "rate": round(float(luck.uniform(0.05, 0.95)), 3)}
        lever["cofinancing"] = float(luck.choice([0.0, 0.0, 0.4]))
        if luck.random() < 0.8:
            lever["budget"] = float(10.0 ** luck.uniform(-2, 2))
        if luck.random() < 0.2 and "budget" in lever:
            lever["budget"] = {"yearly": lever["budget"], "total": 1.7 * lever["budget"]}
        if luck.random() < 0.3:
            lever["target"] = {"segments": [str(luck.choice(LINKS))]}
    return levers


def plants_of(levers, seed):
    """Of every first plant of a run: what was promised, counted on and paid, as shares of its capital, and how many came."""
    simulation = Simulation(place(levers), seed)
    while simulation.running:
        simulation.step()
        economy, rows = simulation.economy, simulation.economy.flows.entered.get(FIRST_PLANTS, np.zeros(0, dtype=int))
        accounts = economy.programme.lever_years.values()
        for row in rows:
            paid = [float(account.paid[row] / economy.capital[row]) for account in accounts if account.paid.size > row]
            counted = [shares[economy.segment[row]] for shares in economy.flows.plant_shares.values()]
            yield economy.policy.plant_grant[economy.segment[row]], sum(counted), sum(paid), rows.size


@pytest.mark.parametrize("part", range(4))
def test_a_first_plant_is_paid_the_share_of_its_capital_that_it_counted_on(part):
    alone, few = 0, 0
    for seed in range(part, 1000 if size("NAMES") else 120, 4):
        for promised, counted, paid, number in plants_of(drawn(seed), seed):
            assert paid == pytest.approx(counted, abs=1e-9), seed
            assert paid <= MOST_GRANTED + 1e-9
            assert counted <= promised + 1e-12
            alone, few = alone + (number == 1), few + (counted < promised - 1e-6)
            if number == 1:
                assert counted == pytest.approx(promised, abs=1e-12), seed
    assert alone > 10
    assert few > 0
