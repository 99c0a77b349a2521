"""Suppliers are introduced to buyers: what a meeting is worth does not depend on who else would have shown them."""

import economies
import numpy as np

from chainsim.runs.simulation import Simulation

FEW = 5
"""Makers whom every buyer knows: fewer than are shown at a review."""


def local_links(buyers=None, **fields):
    """Share of links with local suppliers after three years of matchmaking."""
    lever = {"type": "matchmaking", "years": "2021-2023", "rate": 1.0, "target": {"segments": ["parts"]}, **fields}
    if buyers:
        lever["buyers"] = buyers
    made = {
        "parts": economies.segment(400.0, number=FEW, tier="upstream"),
        "devices": economies.segment(900.0, {"parts": (0.3, 0.5)}, number=40, tier="downstream"),
    }
    still = {"demography": {"enabled": False}, "sourcing": {"review_rate": 0.5}}
    simulation = Simulation(economies.chain(made, levers={"it": lever}, stages=still), 1)
    for _ in range(3):
        simulation.step()
    links = simulation.economy.links
    return float(np.mean(links.supplier >= 0))


def test_a_supplier_whom_buyers_know_anyway_is_chosen_more_often_once_they_have_met():
    assert local_links(bonus=2.0) > local_links(bonus=0.0) + 0.1


def test_buyers_who_do_not_take_part_choose_as_before():
    nobody = {"segments": ["parts"]}
    assert local_links(nobody, bonus=2.0) == local_links(nobody, bonus=0.0)


def test_two_programmes_introduce_their_own_suppliers_to_their_own_buyers_with_their_own_bonus_and_places():
    made = {
        "parts": economies.segment(400.0, number=20, small=20, tier="upstream"),
        "chips": economies.segment(400.0, number=20, small=20, tier="upstream"),
        "devices": economies.segment(900.0, {"parts": (0.2, 0.5), "chips": (0.2, 0.5)}, number=40, tier="downstream"),
        "cars": economies.segment(900.0, {"parts": (0.2, 0.5), "chips": (0.2, 0.5)}, number=40, tier="application"),
    }
    scenario = economies.chain(made, stages={"demography": {"enabled": False}, "sourcing": {"review_rate": 0.5}})
    lever = {"type": "matchmaking", "years": "2021", "rate": 1.0}
    few = lever | {"target": {"segments": ["parts"]}, "buyers": {"segments": ["devices"]}, "bonus": 3.0, "places": 1}
    many = lever | {"target": {"segments": ["chips"]}, "buyers": {"segments": ["cars"]}, "bonus": 0.1, "places": 8}

    def chosen(**levers):
        """Suppliers that the review of 2021 chose, by input and buyers."""
        simulation = Simulation(scenario.replace({"levers": levers}), 1)
        simulation.step()
        economy, names = simulation.economy, simulation.economy.arrays.names
        links = economy.links
        inputs, buyers = np.array(names)[links.input], np.array(names)[economy.segment[links.buyer]]
        return {(k, b): links.supplier[(inputs == k) & (buyers == b)].tolist() for k in names[:2] for b in names[2:]}

    none, one, other, both = chosen(), chosen(a=few), chosen(b=many), chosen(a=few, b=many)
    assert both == none | {("parts", "devices"): one["parts", "devices"], ("chips", "cars"): other["chips", "cars"]}
    assert one["parts", "devices"] != none["parts", "devices"]
    assert other["chips", "cars"] != none["chips", "cars"]
