"""What each lever is for, and by which channels: it spends, moves what it is meant to move, and does so by each of them.

Every entry point that a lever moves, and every parameter that alone carries what it is for, has a row: the lever with and
without this one channel, in pairs of the same luck, must differ by more than luck in what the channel is for, and in the
stated direction. So a test here fails where a lever no longer moves an entry point, or no stage answers to it.

One small chain and one set of worlds without policy for all levers. Sizes are those of `chainsim validate --levers`, and
larger where a channel would drown in luck; the answers of the Jilin chain stand in `test_lever_signs.py`.
"""

from contextlib import contextmanager
from functools import cache
from typing import NamedTuple

import economies
import numpy as np
import pytest

from chainsim.economy.arrays import GOVERNMENT_MARKET
from chainsim.economy.ledger import ENTERPRISES
from chainsim.levers import LEVERS, Lever
from chainsim.policy.programme import Programme
from chainsim.runs.simulation import Simulation

SEEDS = range(1, 11)
FEW = range(1, 6)
"""Seeds of what is told from luck by fewer."""
FIRST, LAST = economies.START + 1, economies.START + 5
PAID = "the money itself"
"""The channel of a payment to enterprises of which nothing else comes."""
LEVER = "the lever"
"""What is off in a world without policy."""


class Arm(NamedTuple):
    """A lever of a type with its fields, and in its economy other values by path and other levers `beside` it.

    An arm of a missing link lives in the chain that has one.
    """

    type: str
    fields: dict
    values: dict
    beside: dict
    missing: bool


def of_chain(name):
    """Mean of an indicator of the chain over the years of the lever."""
    return lambda tables, economy: of("region", "scope", "chain", name, tables)


def of_segment(name, where):
    """The same of a segment."""
    return lambda tables, economy: of("segments", "segment", where, name, tables)


def of(table, key, where, name, tables):
    """Mean of an indicator of one row over the years of the lever."""
    return float(tables[table][name][tables[table][key] == where][1:].mean())


def link(name):
    """Mean of a column of the missing link over the years of the lever."""
    return lambda tables, economy: float(tables["missing_links"][name][1:].mean())


def certified(tables, economy):
    """Share of certified enterprises in the end."""
    return float(economy.certificate[economy.active].mean())


def bought_certified(tables, economy):
    """Part of certified suppliers in what cameras buy of lenses, in the end."""
    lenses = economy.segment == economy.arrays.names.index("lenses")
    sold = np.where(lenses, economy.intermediate_sales, 0.0)
    return float(sold[economy.certificate].sum() / sold.sum())


def government_buys_certified(tables, economy):
    """Part of certified makers in what government buys of cameras, in the end."""
    cameras = economy.segment == economy.arrays.names.index("cameras")
    sold = np.where(cameras, economy.final_sales[:, GOVERNMENT_MARKET], 0.0)
    return float(sold[economy.certificate].sum() / sold.sum())


def money(tables, economy):
    """Cash of enterprises in the end, CNY million."""
    return float(economy.cash[economy.active].sum())


def entrants_of_the_south(tables, economy):
    """Enterprises in the southern park that were founded under the lever."""
    return float(np.count_nonzero(economy.active & (economy.park == 1) & (economy.founded >= FIRST)))


def outlay(tables, economy):
    """Mean outlay of all levers of a year, CNY million."""
    return of("region", "scope", "chain", "fiscal_outlay", tables)


def arm(type, values=None, beside=None, **fields):
    """The arm of a lever."""
    return Arm(type, fields, values or {}, beside or {}, fields.get("target") == WAFERS)


PLANTS = {"stages.demography.link_rate": 20.0}
"""A first plant comes soon."""
LENSES, CAMERAS, WAFERS = ({"segments": [name]} for name in ("lenses", "cameras", "wafers"))
SOUTH = {"parks": ["south"]}
CROWDED = {f"region.parks.{park}.room": 0.8 for park in ("north", "south")} | {"stages.innovation.congestion": 0.5}
RESEARCHING = {f"chain.segments.{name}.rd_share": 0.08 for name in ("lenses", "cameras")}
HALF = {"extra": 0.5, "stacking": "add"}
ARMS = {
    "rd_grant": arm("rd_grant", rate=0.3),
    "rd_tax_deduction": arm("rd_tax_deduction", extra=1.0),
    "rd_tax_deduction, beside another": arm(
        "rd_tax_deduction", RESEARCHING, HALF | {"type": "rd_tax_deduction"}, **HALF
    ),
    "profit_tax_break": arm("profit_tax_break", points=0.25),
    "profit_tax_break, that deductions answer to": arm("profit_tax_break", points=0.2, rd_response=1.0),
    "profit_tax_break, beside a deduction": arm(
        "profit_tax_break", beside={"type": "rd_tax_deduction", "extra": 1.0}, points=0.1
    ),
    "investment_grant": arm("investment_grant", rate=0.2, where="employees < 150"),
    "investment_grant, a link": arm("investment_grant", rate=0.5, target=WAFERS),
    "investment_grant, a plant": arm("investment_grant", PLANTS, rate=0.5, target=WAFERS),
    "loan_guarantee": arm("loan_guarantee", {"stages.investment.loan_to_value": 0.2}, share=0.6),
    "talent_introduction": arm("talent_introduction", heads=300),
    "talent_introduction, a link": arm("talent_introduction", heads=100, target=WAFERS),
    "cluster_incentive": arm("cluster_incentive", rate=0.1),
    "cluster_incentive, of neighbours": arm("cluster_incentive", rate=0.1, spillover=3.0),
    "cluster_incentive, of the south": arm("cluster_incentive", rate=0.1, pull=2.0, target=SOUTH),
    "cluster_incentive, in full parks": arm("cluster_incentive", CROWDED, rate=0.1),
    "investment_attraction": arm("investment_attraction", rate=0.3, but_for=0.8),
    "investment_attraction, a link": arm("investment_attraction", rate=0.5, target=WAFERS),
    "investment_attraction, a plant": arm("investment_attraction", PLANTS, rate=0.5, target=WAFERS),
    "matchmaking": arm("matchmaking", rate=1.0),
    "matchmaking, of some": arm("matchmaking", rate=1.0, bonus=1.0, places=4, buyers=SOUTH),
    "matchmaking, of few suppliers seen": arm(
        "matchmaking", {"stages.sourcing.sample": 1}, rate=1.0, places=8, buyers=SOUTH
    ),
    "local_content_rule": arm("local_content_rule", bonus=0.8, target=CAMERAS),
    "local_content_rule, a floor": arm("local_content_rule", floor=0.9, pressure=4.0, target=CAMERAS),
    "application_scenario": arm("application_scenario", budget=60, target=CAMERAS),
    "application_scenario, in part": arm("application_scenario", budget=60, additional=0.5, target=CAMERAS),
    "institute_platform": arm("institute_platform", budget=60),
    "institute_platform, a link": arm("institute_platform", budget=60, target=WAFERS),
    "digitisation": arm("digitisation", rate=0.2, target=CAMERAS),
    "digitisation, of buyers": arm("digitisation", rate=0.2, buys={"lenses": 0.1}, target=CAMERAS),
    "digitisation, other industries": arm("digitisation", rate=0.3, industries_buy=["cameras"]),
    "security_standard": arm("security_standard", share=0.5, target=CAMERAS),
    "security_standard, for a few": arm("security_standard", share=1.0, hazard=0.1, target=CAMERAS),
    "security_standard, for buyers": arm(
        "security_standard", share=1.0, hazard=0.1, markets=[], buyers=["cameras"], target=LENSES
    ),
    "planning_service": arm("planning_service", saved=0.9),
    "planning_service, of founders": arm("planning_service", saved=0.9, entry=1.0),
}
"""Levers of every type; a type has several arms where one economy cannot show all of its channels."""
LOCALIZATION = of_chain("localization_rate_fixed")
MISSION = {
    "rd_grant": of_chain("rd"),
    "rd_tax_deduction": of_chain("rd"),
    "profit_tax_break": of_chain("entries"),
    "investment_grant": of_chain("investment"),
    "investment_grant, a link": link("rate"),
    "loan_guarantee": of_chain("debt"),
    "talent_introduction": of_chain("employment_skilled"),
    "talent_introduction, a link": link("viability"),
    "cluster_incentive": of_chain("quality"),
    "investment_attraction": of_chain("entries"),
    "investment_attraction, a link": link("rate"),
    "matchmaking": LOCALIZATION,
    "local_content_rule": LOCALIZATION,
    "local_content_rule, a floor": LOCALIZATION,
    "application_scenario": of_segment("output", "cameras"),
    "institute_platform": of_chain("productivity"),
    "institute_platform, a link": link("viability"),
    "digitisation": of_segment("productivity", "cameras"),
    "digitisation, of buyers": of_segment("demand", "lenses"),
    "digitisation, other industries": of_segment("output", "cameras"),
    "security_standard": certified,
    "planning_service": of_chain("capital"),
    "planning_service, of founders": of_chain("entries"),
}
"""What a lever is meant to raise."""
FREE = {"local_content_rule", "local_content_rule, a floor"}
"""Levers that pay nothing; what they cost buyers pay."""
MORE, LESS = 1, -1
CHANNELS = {
    ("rd_grant", "rd_support"): (MORE, of_chain("rd")),
    ("rd_grant", "own_response=-1"): (MORE, of_chain("rd")),
    ("rd_grant", "income"): (MORE, of_chain("profit")),
    ("rd_tax_deduction", "rd_deduction"): (MORE, of_chain("rd")),
    ("rd_tax_deduction", "relabelling"): (LESS, of_chain("rd")),
    ("rd_tax_deduction, beside another", "relieved"): (LESS, outlay),
    ("profit_tax_break", PAID): (MORE, money),
    ("profit_tax_break", "location"): (MORE, of_chain("entries")),
    ("profit_tax_break, that deductions answer to", "rd_tax_cut"): (LESS, of_chain("rd")),
    ("profit_tax_break, beside a deduction", "tax_cut"): (LESS, outlay),
    ("investment_grant", PAID): (MORE, money),
    ("investment_grant", "capital_subsidy"): (MORE, of_chain("investment")),
    ("investment_grant", "reach"): (MORE, of_chain("output")),
    ("investment_grant", "reach=0"): (MORE, of_chain("output")),
    ("investment_grant, a link", "plant_grant"): (MORE, link("viability")),
    ("investment_grant, a plant", "plant_grants"): (MORE, outlay),
    ("loan_guarantee", "guarantee"): (MORE, of_chain("debt")),
    ("talent_introduction", "talent"): (MORE, of_chain("quality")),
    ("talent_introduction", "skilled_inflow"): (MORE, of_chain("employment_skilled")),
    ("talent_introduction", "additional=0"): (MORE, of_chain("employment_skilled")),
    ("talent_introduction, a link", "link_talent"): (MORE, link("entry_quality")),
    ("cluster_incentive", "discovery"): (MORE, of_chain("quality")),
    ("cluster_incentive", "discoveries=0"): (MORE, of_chain("quality")),
    ("cluster_incentive", "rd_effort"): (LESS, of_chain("rd")),
    ("cluster_incentive, of neighbours", "spillover"): (MORE, of_chain("quality")),
    ("cluster_incentive, of the south", "park_pull"): (MORE, entrants_of_the_south),
    ("cluster_incentive, in full parks", "park_places"): (MORE, of_chain("productivity")),
    ("investment_attraction", PAID): (MORE, money),
    ("investment_attraction", "attraction"): (MORE, of_chain("entries")),
    ("investment_attraction", "attraction_most"): (MORE, of_chain("entries")),
    ("investment_attraction, a link", "plant_grant"): (MORE, link("viability")),
    ("investment_attraction, a plant", "plant_grants"): (MORE, outlay),
    ("matchmaking", "introductions"): (MORE, LOCALIZATION),
    ("matchmaking, of few suppliers seen", "introductions"): (MORE, LOCALIZATION),
    ("matchmaking, of few suppliers seen", "places=1"): (MORE, LOCALIZATION),
    ("matchmaking, of some", "introductions"): (MORE, LOCALIZATION),
    ("matchmaking, of some", "bonus=0"): (MORE, LOCALIZATION),
    ("local_content_rule", "local_bonus"): (MORE, LOCALIZATION),
    ("local_content_rule, a floor", "local_bonus"): (MORE, LOCALIZATION),
    ("application_scenario", PAID): (MORE, money),
    ("application_scenario", "purchases"): (MORE, of_segment("output", "cameras")),
    ("application_scenario", "local=0"): (MORE, of_segment("output", "cameras")),
    ("application_scenario, in part", "market"): (LESS, of_segment("output", "cameras")),
    ("institute_platform", "institutes"): (MORE, of_chain("productivity")),
    ("institute_platform, a link", "institutes"): (MORE, link("entry_quality")),
    ("digitisation", "adoption"): (MORE, of_segment("productivity", "cameras")),
    ("digitisation", "gain=0"): (MORE, of_segment("productivity", "cameras")),
    ("digitisation", "costs"): (LESS, money),
    ("digitisation", "income"): (LESS, of_chain("profit")),
    ("digitisation, of buyers", "purchases_raised"): (MORE, of_segment("demand", "lenses")),
    ("digitisation, other industries", "adopters"): (MORE, of_segment("output", "cameras")),
    ("security_standard, for a few", PAID): (MORE, money),
    ("security_standard", "certificates"): (MORE, certified),
    ("security_standard", "hazard=0"): (MORE, certified),
    ("security_standard", "rival_certificates"): (LESS, of_segment("output", "cameras")),
    ("security_standard", "costs"): (LESS, money),
    ("security_standard", "income"): (LESS, of_chain("profit")),
    ("security_standard, for a few", "required"): (MORE, government_buys_certified),
    ("security_standard, for buyers", "required_inputs"): (MORE, bought_certified),
    ("planning_service", "delay_saved"): (MORE, of_chain("capital")),
    ("planning_service, of founders", "entrants"): (MORE, of_chain("entries")),
    ("planning_service, of founders", "entry=0"): (MORE, of_chain("entries")),
}
"""By arm and what takes one channel away, an entry point or a parameter: in which direction the channel moves what."""


class Without(Programme):
    """A programme whose lever `it` leaves one entry point as it was, or pays enterprises nothing."""

    def __init__(self, levers, off=""):
        super().__init__(levers, {})
        self.off = off
        self.ever = set()  # entry points that the lever has moved in some year

    @contextmanager
    def leaving(self, policy, name="it"):
        """Put the entry point back behind what a lever does; purchases stay, as they are delivered, but of nothing."""
        put_back = self.off in vars(policy) and name == "it"
        before = getattr(policy, self.off) if put_back else None
        yield
        if put_back:
            nothing = [purchase._replace(local=0.0 * purchase.local) for purchase in policy.purchases]
            setattr(policy, self.off, nothing if self.off == "purchases" else before)

    def promise(self, economy, lever, lever_year, offer):
        with self.leaving(economy.policy, lever_year.name):
            super().promise(economy, lever, lever_year, offer)

    def hold(self, economy):
        with self.leaving(economy.policy):
            super().hold(economy)

    def pay_claims(self, economy, lever, lever_year):
        with self.leaving(economy.policy, lever_year.name):
            super().pay_claims(economy, lever, lever_year)

    def pay(self, economy, lever, lever_year, amount):
        super().pay(economy, lever, lever_year, 0.0 * amount if self.off == PAID else amount)

    def pay_levers(self, economy, point):
        super().pay_levers(economy, point)
        if "it" in self.lever_years:
            self.ever.update(self.lever_years["it"].entry_points)


@cache
def lived(seed, name, off=""):
    """Tables and economy of a world with the lever of an arm, of one whose lever or one channel of it is `off`."""
    here, (parameter, stated, value) = ARMS[name], off.partition("=")
    own = {parameter: float(value)} if stated else {}
    levers = {"it": {"type": here.type, **here.fields, **own}} if off != LEVER else {}
    levers |= {"other": here.beside} if here.beside else {}
    levers = {key: {**lever, "years": f"{FIRST}-{LAST}"} for key, lever in levers.items()}
    make = economies.with_missing_link if here.missing else economies.crowd
    scenario = make(end=LAST, stages={"demography": {"arrivals": 100.0}}, levers=levers)
    simulation = Simulation(scenario.replace(here.values) if here.values else scenario, seed)
    simulation.economy.programme = Without(scenario.levers, off)
    while simulation.running:
        simulation.step()
    return simulation.recording().tables, simulation.economy


def without(seed, name):
    """The same of the world without the lever, which arms of the same economy share."""
    alike = next(each for each, arm in ARMS.items() if arm[2:] == ARMS[name][2:])
    return lived(seed, alike, LEVER)


def beyond_luck(moved):
    """Whether the mean of pairs is above 0 by more than two standard errors."""
    return np.mean(moved) > 2.0 * np.std(moved, ddof=1) / np.sqrt(len(moved))


def test_every_lever_has_a_mission():
    assert {ARMS[name].type for name in MISSION} == set(LEVERS)


@pytest.mark.parametrize("name", sorted(MISSION))
def test_it_spends_and_moves_what_it_is_for_by_more_than_luck(name):
    measure = MISSION[name]
    worlds = [(lived(seed, name), without(seed, name)) for seed in SEEDS]
    outlays = [float(tables["levers"]["outlay"].sum()) for (tables, _), _ in worlds]
    paid = max(outlays) if ARMS[name].missing else min(outlays)  # few links get their plant within five years
    assert paid > 0.0 if name not in FREE else max(outlays) == 0.0
    effects = [measure(*there) - measure(*base) for there, base in worlds]
    assert beyond_luck(effects), effects


@pytest.mark.parametrize(("name", "off"), sorted(CHANNELS))
def test_without_the_channel_what_it_is_for_moves_less_by_more_than_luck(name, off):
    sign, measure = CHANNELS[name, off]
    by_channel = [sign * (measure(*lived(seed, name)) - measure(*lived(seed, name, off))) for seed in FEW]
    assert beyond_luck(by_channel), by_channel


@pytest.mark.parametrize("kind", sorted(LEVERS))
def test_every_channel_of_a_lever_is_held(kind):
    arms = [name for name, each in ARMS.items() if each.type == kind]
    moved = set().union(*(lived(FEW[0], name)[1].programme.ever for name in arms))
    lever = LEVERS[kind]
    if lever.pays and lever.payee == ENTERPRISES and lever.act is Lever.act:
        moved.add(PAID)
    assert moved == {off for name, off in CHANNELS if name in arms and "=" not in off}
