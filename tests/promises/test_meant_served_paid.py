"""A lever acts as far as it is meant, served and paid for: the same experiments with every lever.

Nobody meant, or no money: no bit changes. Next to no money: next to no effect, and no more is spent than there is. A
strength that grows from nothing does nothing in its first year. Of two equal levers the highest is one of them. A tier
is the segments in it.
"""

import itertools
from functools import cache

import economies
import numpy as np
import policies
import pytest
from lever_cases import CASES, FIRST, LAST, LEVER, SPENDS, bits, own_numbers, place, refused, stated
from policies import lived

from chainsim.economy import arrivals
from chainsim.economy.arrays import OWNERS
from chainsim.economy.columns import FIRST_PLANTS
from chainsim.economy.entry_points import entry_points
from chainsim.levers import LEVERS
from chainsim.runs.simulation import Simulation

NOBODY = {
    "old": {"where": "age > 150"},
    "profitable": {"where": "profit_margin > 0.99"},
    "large": {"target": {"min_employees": 1e9}},
    "foreign": {"target": {"owners": ["foreign"]}},
}
"""Whom there is none of, neither here nor among those who may come; plants from outside may be foreign."""
BY_SEGMENT = {"investment_attraction", "institute_platform", "other_industries"}
"""Levers that read segments or industries alone, and refuse the rest of a target."""
FREE = {"local_content_rule", "floor"}
"""Levers that pay nothing."""
ASKING = {"security_standard"}
"""Levers that ask for something whether they pay for it or not."""


def under(*levers, until=LAST):
    """The place under levers, after their last year."""
    return lived(place().replace({"levers": {f"l{number}": lever for number, lever in enumerate(levers)}}), until)


@cache
def without():
    """The place without a lever."""
    return bits(under())


@pytest.mark.parametrize("case", CASES)
def test_it_does_something_here(case):
    assert economies.same_bits(bits(under(stated(case))), without()) != []


@pytest.mark.parametrize("who", sorted(NOBODY))
@pytest.mark.parametrize("case", CASES)
def test_where_nobody_is_meant_no_bit_changes(case, who):
    if not refused(case, **NOBODY[who]):
        assert economies.same_bits(bits(under(stated(case, **NOBODY[who]))), without()) == []


@pytest.mark.parametrize("case", sorted(set(CASES) - FREE - ASKING))
def test_without_money_no_bit_changes(case):
    assert economies.same_bits(bits(under(stated(case, budget=0.0))), without()) == []


@pytest.mark.parametrize("case", sorted(set(CASES) - FREE - ASKING))
def test_what_rounding_leaves_of_a_total_moves_nothing(case):
    """Whoever asks for nothing is not offered anything of it either."""

    def spend(economy):
        economy.programme.spent["it"] = np.nextafter(1.0, 0.0)

    merit = {} if refused(case, rationing="merit") else {"rationing": "merit"}
    yearly = {} if not SPENDS[case] else {"yearly": 1.0}
    moved, account, _ = january(case, spend, budget=yearly | {"total": 1.0}, **merit)
    assert account.budget == account.granted == 0.0
    assert moved == {}
    assert not account.offer.any()


@pytest.mark.parametrize("case", CASES)
def test_a_strength_that_grows_from_nothing_does_nothing_in_its_first_year(case):
    field = LEVERS[LEVER[case]["type"]].strength_field
    field = "floor" if case == "floor" else field
    path = {FIRST: 0.0, LAST + 1: LEVER[case][field]}
    path = {"yearly": path} if field == "budget" else path
    fields = stated(case, **{field: path})
    del fields["years"]
    assert economies.same_bits(bits(under(fields)), without()) == []


@pytest.mark.parametrize("case", CASES)
def test_the_highest_of_two_equal_levers_is_one_of_them(case):
    """Where it has money enough for all."""
    limit = {} if SPENDS[case] or case in FREE else {"budget": None}
    lever = stated(case, stacking="highest", **limit)
    if not refused(case, stacking="highest") and not LEVERS[lever["type"]](**lever).contradiction():
        one, two = under(lever), under(lever, lever)
        assert economies.same_bits(bits(one), bits(two)) == []
        assert one.economy.programme.spent["l0"] == sum(two.economy.programme.spent.values())


@pytest.mark.parametrize("case", CASES)
def test_a_tier_is_its_segments(case):
    if not refused(case, target={"tiers": ["upstream"]}):
        lever = stated(case) | ({"buys": {}} if case == "digitisation" else {})
        tier = under(lever | {"target": {"tiers": ["upstream"]}})
        segments = under(lever | {"target": {"segments": ["wafers", "lenses"]}})
        assert economies.same_bits(bits(tier), bits(segments)) == []


def january(case, change=lambda economy: None, **more):
    """What an economy, changed beforehand, and its lever do in the first January: entry points moved, and account."""
    named = [economies.maker("a", "cameras", 100.0), economies.maker("b", "lenses", 60.0)]
    economy = Simulation(place().replace({"enterprises": named, "levers": {"it": stated(case, **more)}}), 2).economy
    change(economy)
    economy.begin_year(FIRST)
    before = economy.policy.state()
    economy.programme.open(economy)
    moved = policies.moved_by(economy.policy, before, economy.programme.moved.get("it", ()))
    return moved, economy.programme.lever_years["it"], economy


HOW = {"relabelling", "attraction_most", "required", "required_inputs", "rival_certificates"}
"""Entry points that say how an offer works or what is asked for, and not how much is paid."""


@pytest.mark.parametrize("case", sorted(set(CASES) - FREE))
def test_next_to_no_money_does_next_to_nothing(case):
    whole, account, _ = january(case, **({} if SPENDS[case] else {"budget": None}))
    budget = 1e-4 * account.requested
    part, account, _ = january(case, budget=budget)
    assert account.granted <= budget * (1 + 1e-12)
    unpaid = {"certificates", "income"} if case in ASKING else set()  # of those for whom it pays without support
    most = {name: amount for name, amount in whole.items() if name not in HOW | unpaid}
    assert [name for name, amount in most.items() if part.get(name, 0.0) > 0.05 * amount] == []


@pytest.mark.parametrize("case", sorted(set(CASES) - FREE - BY_SEGMENT))
def test_what_is_meant_for_one_enterprise_is_promised_to_no_other(case):
    moved, *_ = january(case, target={"enterprises": ["a"]})
    assert not moved.keys() & {"location", "entrants", "plant_grant", "link_talent", "park_pull"}


def test_a_cluster_of_one_tier_moves_no_entrant_of_another_to_its_park():
    parks = []
    for levers in (
        {},
        {"it": stated("cluster_incentive", rate=1.0, target={"parks": ["south"], "tiers": ["upstream"]})},
    ):
        economy = lived(place().replace({"levers": levers}), FIRST).economy
        new = economy.founded > FIRST
        who = zip(
            economy.identity[new].tolist(), economy.arrays.tier[economy.segment[new]], economy.park[new], strict=True
        )
        parks.append({identity: (tier, park) for identity, tier, park in who})
    without_it, with_it = parks
    moved = [place for identity, place in with_it.items() if without_it.get(identity) not in (None, place)]
    assert moved
    assert {(economy.arrays.tiers[tier], park) for tier, park in moved} == {("upstream", 1)}


def test_a_break_for_those_smaller_than_any_plant_brings_none():
    for where, brings in ("employees < 3", False), ("employees < 500", True), ("profit_margin > 0.5", False):
        moved, account, _ = january("profit_tax_break", where=where)
        assert ("location" in moved) == brings
        assert account.requested > 0.0 or where == "profit_margin > 0.5"


def test_nobody_is_introduced_to_no_buyer():
    _, account, _ = january("matchmaking", buyers={"min_employees": 1e9})
    assert account.requested == 0.0


def test_a_break_for_foreign_owners_brings_foreign_plants_as_one_for_all_does_and_no_others():
    half = {f"chain.segments.{name}.owners": {"private": 0.5, "foreign": 0.5} for name in ("lenses", "cameras")}

    def came(**target):
        lever = stated("profit_tax_break", points=0.1, budget=None, target=target)
        economy = Simulation(place().replace(half | {"levers": {"it": lever}}), 2).economy
        economy.begin_year(FIRST)
        economy.programme.open(economy)
        return arrivals.means(economy) / np.maximum(arrivals.usual(economy), 1e-300)

    nobody, foreign, everybody = came(min_employees=1e9), came(owners=["foreign"]), came()
    by_foreign = np.equal(arrivals.OWNER, OWNERS.index("foreign"))
    assert foreign[:, by_foreign] == pytest.approx(everybody[:, by_foreign], rel=1e-12)
    assert (foreign[:, ~by_foreign] == nobody[:, ~by_foreign]).all()
    assert everybody.max() > 1.2


def test_no_more_is_taken_off_the_tax_than_there_is():
    rate, whole = 0.25, [january("profit_tax_break", points=points) for points in (0.25, 1.0)]
    assert whole[0][0]["location"] == pytest.approx(whole[1][0]["location"], rel=1e-12)
    assert whole[1][1].requested <= rate * whole[1][2].profit.clip(0.0).sum()


@pytest.mark.parametrize("case", ["profit_tax_break", "rd_tax_deduction"])
def test_where_nobody_has_a_profit_to_tax_nothing_moves(case):
    def lose(economy):
        economy.profit[:] = -1.0

    moved, account, _ = january(case, lose, **({"rd_response": 1.0} if case == "profit_tax_break" else {}))
    assert account.requested == 0.0
    assert moved.keys() <= {"tax_cut"}  # whoever earns this year pays less


def test_a_service_half_built_up_costs_and_does_half():
    half, whole = january("planning_service", budget=None, ramp=2), january("planning_service", budget=None)
    assert half[1].outlay == pytest.approx(0.5 * whole[1].outlay, rel=1e-12)
    for name in "entrants", "delay_saved":
        assert half[0][name] == pytest.approx(0.5 * whole[0][name], rel=1e-9)


@pytest.mark.parametrize("rationing", ["pro_rata", "first_come"])
def test_certificates_are_as_many_as_are_paid_for_beside_those_that_pay_by_themselves(rationing):
    certified = {}
    for budget in (0.0, 1e-6, 0.4, 1e3):
        lever = stated("security_standard", budget=budget, rationing=rationing, hazard=1.0, years="2021-2021")
        economy = lived(place().replace({"levers": {"it": lever}}), FIRST).economy
        account = economy.programme.lever_years["it"]
        certified[budget] = int(economy.certificate.sum())
        assert account.outlay <= budget
        assert (economy.certificate[: account.paid.size][account.paid > 0.0] == 1.0).all()
    assert certified[0.0] == certified[1e-6] < certified[1e3]
    assert certified[0.4] < certified[1e3]


@pytest.mark.parametrize("case", sorted(set(CASES) - FREE))
def test_half_paid_by_others_makes_twice_of_every_yuan(case):
    """Co-financing has one meaning: the budget is the region's part, and whatever it pays for is shared alike."""
    whole = january(case, **({} if SPENDS[case] else {"budget": None}))[1].requested
    alone, shared = january(case, budget=0.5 * whole), january(case, budget=0.25 * whole, cofinancing=0.5)
    assert shared[1].granted == pytest.approx(alone[1].granted, rel=1e-9)
    assert shared[0] == pytest.approx(alone[0], rel=1e-9)


@pytest.mark.parametrize("case", sorted(set(CASES) - FREE))
def test_rows_of_the_ledger_add_up_to_what_region_and_others_pay(case):
    simulation = Simulation(place().replace({"levers": {"it": stated(case, cofinancing=0.4)}}), 1)
    while simulation.economy.year < LAST + 2:
        simulation.step()
        account = simulation.economy.programme.lever_years["it"]
        rows = [row for row in simulation.economy.ledger.rows() if row.row.split(", ")[1:2] == ["it"]]
        own = sum(row.amount for row in rows if row.payer == "government")
        others = sum(row.amount for row in rows if row.row.endswith(", co-financed"))
        assert (own, others) == pytest.approx((account.outlay, account.cofinanced), rel=1e-9, abs=1e-12)
        assert own == pytest.approx(0.6 * account.granted, rel=1e-9, abs=1e-12)
        assert others == pytest.approx(0.4 * account.granted, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("gain", [0.0, 0.05])
def test_whoever_is_paid_to_adopt_is_paid_once(gain):
    """So are those who would have adopted anyway, and those who win nothing by it."""
    simulation, paid = Simulation(place().replace({"levers": {"it": stated("digitisation", gain=gain)}}), 1), []
    while simulation.economy.year < LAST:
        simulation.step()
        account = simulation.economy.programme.lever_years["it"]
        paid += simulation.economy.identity[: account.paid.size][account.paid > 0.0].tolist()
    assert len(set(paid)) == len(paid) > 20


@pytest.mark.parametrize("rationing", ["pro_rata", "small_first", "merit"])
@pytest.mark.parametrize("case", ["digitisation", "matchmaking", "security_standard"])
def test_whoever_can_be_served_whole_only_is_paid_whole_and_no_money_is_left_that_reaches_another(case, rationing):
    """In every order: so nobody is marked as served who was not, and what is short for one serves the next."""
    asked = january(case, budget=None, rationing=rationing)[1].asked
    budget = 0.4 * asked.sum()
    lever = stated(case, budget=budget, rationing=rationing)
    named = [economies.maker("a", "cameras", 100.0), economies.maker("b", "lenses", 60.0)]
    simulation = Simulation(place().replace({"enterprises": named, "levers": {"it": lever}}), 2)
    simulation.step()
    account = simulation.economy.programme.lever_years["it"]
    paid = account.paid[: asked.size]
    assert paid[paid > 0.0] == pytest.approx(asked[paid > 0.0], rel=1e-9)
    assert account.outlay == pytest.approx(paid.sum())
    assert 0 < account.recipients < np.count_nonzero(asked)
    assert budget - account.outlay < asked[(asked > 0.0) & (paid == 0.0)].min()


def test_next_to_no_money_first_takes_nobody_from_later_money():
    spent = []
    for first in 0.0, 1e-6:
        budget = {"yearly": {FIRST: first, LAST: 1000.0}}
        lever = stated("digitisation", rate=1.0, budget=budget)
        spent.append(under(lever).economy.programme.spent["l0"])
    assert min(spent) > 1.0
    assert spent[0] == pytest.approx(spent[1], rel=0.01)


@pytest.mark.parametrize("budget", [0.1, 0.3])
def test_whoever_is_paid_to_meet_buyers_meets_them(budget):
    economy = january("matchmaking", rate=1.0, budget=budget)[2]
    account = economy.programme.lever_years["it"]
    (introduction,) = economy.policy.introductions
    assert ((account.paid > 0.0) == introduction.suppliers).all()
    assert account.recipients == round(budget / 0.02)
    assert account.outlay == pytest.approx(0.02 * account.recipients)


@pytest.mark.parametrize("case", ["digitisation", "matchmaking"])
def test_two_levers_that_add_serve_as_many_as_one_of_both_rates_and_nobody_twice(case):
    lever = stated(case, rate=0.3, stacking="add")
    accounts = under(lever, lever, until=FIRST).economy.programme.lever_years
    one = under(lever | {"rate": 0.6}, until=FIRST).economy.programme.lever_years["l0"]
    first, second = (account.paid > 0.0 for account in accounts.values())
    assert not (first & second).any()
    assert ((first | second) == (one.paid > 0.0)).all()


@pytest.mark.parametrize("rates", [(0.9, 0.9), (0.5, 0.5, 0.5), (0.3, 0.4)])
def test_attractions_together_pay_no_more_than_a_plant_costs(rates):
    levers = [stated("investment_attraction", rate=rate, budget=None, stacking="add") for rate in rates]
    economy = under(*levers, until=FIRST).economy
    paid = sum(account.paid for account in economy.programme.lever_years.values())
    plants = paid > 0.0
    first = np.isin(np.arange(paid.size), economy.flows.entered.get(FIRST_PLANTS, []))
    share = np.where(first, min(1.0 - np.prod(np.subtract(1.0, rates)), 0.9), min(sum(rates), 1.0))
    assert paid[plants] == pytest.approx((share * economy.capital)[plants], rel=1e-9)
    assert (plants & first).any()
    assert (plants & ~first).any()


def test_an_attraction_asks_and_promises_for_the_room_that_is_left():
    """And has nothing to promise where there is none."""
    lever, whole = (stated("investment_attraction", rate=rate, budget=None, stacking="add") for rate in (0.9, 1.0))
    alone, both, beyond = opened(lever), opened(lever, lever), opened(lever, lever, whole)
    assert both["asked"] == pytest.approx(10 / 9 * alone["asked"], rel=1e-9)
    assert both["attraction"] == pytest.approx(10 / 9 * alone["attraction"], rel=1e-9)
    assert beyond["asked"] == pytest.approx(both["asked"], rel=1e-9)
    assert beyond["attraction"] == pytest.approx(both["attraction"], rel=1e-9)


@pytest.mark.parametrize("parts", [(0.3, 0.3), (0.2, 0.4), (0.4, 0.2), (0.1,) * 6])
def test_deductions_that_add_pay_what_one_of_all_of_them_does(parts):
    """Law deducts relabelled cost once, however many levers name it."""

    def spent(*extras):
        levers = [
            stated("rd_tax_deduction", extra=extra, budget=None, stacking="add", relabelled=0.45) for extra in extras
        ]
        return sum(under(*levers, until=FIRST).economy.programme.spent.values())

    assert spent(*parts) == pytest.approx(spent(0.6), rel=1e-9)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_tax_breaks_and_deductions_relieve_the_same_whichever_is_named_first(order):
    """Taxable profit less what is deducted, at the lower rate."""
    one, other = (stated("profit_tax_break", points=points, budget=None, stacking="add") for points in (0.05, 0.1))
    levers = [one, other, stated("rd_tax_deduction", extra=0.5, budget=None)]

    def spent(numbers):
        return sum(under(*(levers[number] for number in numbers), until=FIRST).economy.programme.spent.values())

    assert spent(order) == pytest.approx(spent(range(3)), rel=1e-9)
    assert spent(order) > 1.001 * spent(range(2))


@pytest.mark.parametrize("halved", [0, 1])
@pytest.mark.parametrize("case", sorted(set(CASES) - {"investment_attraction"}))
def test_of_a_whole_and_half_of_it_the_highest_is_the_whole(case, halved):
    """Whichever comes first."""
    field = "floor" if case == "floor" else LEVERS[LEVER[case]["type"]].strength_field
    limit = {} if SPENDS[case] or case in FREE else {"budget": None}
    whole = stated(case, stacking="highest", **limit)
    half = whole | {field: 0.5 * whole[field]}
    one, two = (opened(*levers) for levers in ((whole,), (whole, half) if halved else (half, whole)))
    del one["purchases"]
    assert two == pytest.approx(one, rel=1e-9, abs=1e-9)


def opened(*levers):
    """What stands at the entry points in the first January under levers, in all."""
    scenario = place().replace({"levers": {f"l{number}": lever for number, lever in enumerate(levers)}})
    economy = Simulation(scenario, 2).economy
    economy.begin_year(FIRST)
    economy.programme.open(economy)
    asked = sum(account.requested for account in economy.programme.lever_years.values())
    points = {name: getattr(economy.policy, name) for name in entry_points()}
    bought = {"purchases": float(sum(p.local.sum() + p.certificate_weight for p in economy.policy.purchases))}
    sums = {name: float(np.sum(p)) for name, p in points.items() if isinstance(p, float | np.ndarray)}
    return {"asked": asked} | sums | (bought if len(levers) == 1 else {})


@pytest.mark.parametrize("asks", [{"cost": 0.01}, {"markets": [], "buyers": ["cameras"], "cost": 0.03}])
def test_enterprises_and_rivals_answer_to_all_that_standards_ask_together(asks):
    """Two halves that add ask for three quarters."""
    lever = stated("security_standard", **{"buyers": []} | asks, grant=1e-6, hazard=1.0, stacking="add")
    alone, twice, whole = (
        lived_until_asked(*levers) for levers in ([lever], [lever, lever], [lever | {"share": 0.75}])
    )
    for part, both, all_of_it in zip(alone, twice, whole, strict=True):
        assert both == pytest.approx(all_of_it, rel=1e-9)
        assert (part < all_of_it).any()


def test_whichever_standard_is_named_first_enterprises_answer_to_all_that_is_asked():
    """The one that asks for less pays for certificates, which are worth it by what both ask."""
    alike = {"cost": 0.015, "hazard": 1.0, "stacking": "add", "buyers": []}
    paying, asking = (
        stated("security_standard", **alike, **more) for more in ({"share": 0.2, "grant": 0.3}, {"grant": 1e-6})
    )
    alone, one, other = (lived_until_asked(*levers) for levers in ([asking], [paying, asking], [asking, paying]))
    for part, found, turned in zip(alone[:2], one[:2], other[:2], strict=True):
        assert found == pytest.approx(turned, rel=1e-12)
        assert (part < found).any()


def lived_until_asked(*levers):
    """Who certifies, of rivals what share, and what is asked for, in the first January under levers."""
    scenario = place().replace({"levers": {f"l{number}": lever for number, lever in enumerate(levers)}})
    economy = Simulation(scenario, 2).economy
    economy.begin_year(FIRST)
    economy.programme.open(economy)
    policy = economy.policy
    return policy.certificates, policy.rival_certificates, policy.required + policy.required_inputs.sum()


def test_two_halves_of_purchases_displace_what_the_whole_does():
    def kept(*budgets):
        levers = [stated("application_scenario", budget=budget, additional=0.5) for budget in budgets]
        return opened(*levers)["market"]

    assert kept(50.0, 50.0) == pytest.approx(kept(100.0), rel=1e-12)
    assert kept(50.0) > kept(100.0) + 0.01
    assert kept(1e6, 50.0) == kept(1e6)


PARTS = {
    "owners": [{"target": {"owners": ["private"]}}, {"target": {"owners": ["state", "foreign", "institute"]}}],
    "parks": [{"target": {"parks": ["north"]}}, {"target": {"parks": ["south"]}}],
    "certificates": [{"target": {"high_tech": True}}, {"target": {"high_tech": False}}],
}
"""Targets that nobody shares and that leave out nobody."""
COUNTED_ON = {"profit_tax_break": "location", "planning_service": "entrants", "investment_grant": "plant_grant"}
"""What newcomers answer to of levers that promise them something."""


def promised(case, *fields):
    """What newcomers answer to in the first January under levers, summed up, (S,); (S, 4) of a tax break."""
    levers = [stated(case, **{"budget": None, **more}) for more in fields]
    scenario = place().replace({"levers": {f"l{number}": lever for number, lever in enumerate(levers)}})
    economy = Simulation(scenario, 2).economy
    economy.begin_year(FIRST)
    economy.programme.open(economy)
    found = getattr(economy.policy, COUNTED_ON[case])
    return np.log(found) if case == "profit_tax_break" else found - (case == "planning_service")


@pytest.mark.parametrize("stacking", ["add", "highest"])
@pytest.mark.parametrize("parts", sorted(PARTS))
@pytest.mark.parametrize("case", sorted(COUNTED_ON))
def test_levers_for_different_newcomers_do_what_each_does_alone_in_any_order(case, parts, stacking):
    strength = LEVERS[LEVER[case]["type"]].strength_field
    ours, theirs = ({**part, "stacking": stacking, strength: 0.1 * (k + 1)} for k, part in enumerate(PARTS[parts]))
    alone = promised(case, ours) + promised(case, theirs)
    assert promised(case, ours, theirs) == pytest.approx(alone, rel=1e-9)
    assert promised(case, theirs, ours) == pytest.approx(alone, rel=1e-9)
    assert alone.max() > 0.005


@pytest.mark.parametrize("parts", ["certificates", "parks"])
@pytest.mark.parametrize("case", sorted(COUNTED_ON))
def test_levers_that_share_some_newcomers_count_there_by_their_stacking_in_any_order(case, parts):
    strength = LEVERS[LEVER[case]["type"]].strength_field
    some, others = PARTS[parts]
    for stacking, both in ("add", 0.15), ("highest", 0.1):
        few, all_of_them = some | {"stacking": stacking, strength: 0.05}, {"stacking": stacking, strength: 0.1}
        more = promised(case, some | {strength: both}) + promised(case, others | {strength: 0.1})
        assert promised(case, few, all_of_them) == pytest.approx(more, rel=1e-9)
        assert promised(case, all_of_them, few) == pytest.approx(more, rel=1e-9)


@pytest.mark.parametrize("stacking", ["add", "highest"])
def test_where_all_who_ask_are_meant_by_both_newcomers_count_on_both_in_any_order(stacking):
    """All enterprises are private, so the north has none that only its break is meant for, but such plants may come."""
    private, north = (
        {"target": target, "stacking": stacking} for target in ({"owners": ["private"]}, {"parks": ["north"]})
    )
    one, other = promised("profit_tax_break", private, north), promised("profit_tax_break", north, private)
    assert one == pytest.approx(other, rel=1e-9)
    assert (one[1:, OWNERS.index("foreign")] > 0.0).all()


@pytest.mark.parametrize(("case", "name", "value"), list(own_numbers()))
def test_every_number_of_a_lever_is_read_or_refused(case, name, value):
    if not refused(case, **{name: value}):
        lever = stated(case, **{name: value})
        announced = opened(lever) != opened(stated(case))
        assert announced or economies.same_bits(bits(under(lever)), lived_under(case)) != []


@cache
def lived_under(case):
    """The place after the years of a lever."""
    return bits(under(stated(case)))


def test_what_another_field_makes_deaf_is_refused_with_its_name():
    for case, name, value in own_numbers():
        deaf = {"local_content_rule": {"pressure"}, "other_industries": {"gain", "cost"}, "digitisation": {"raised"}}
        assert refused(case, **{name: value}) == (name in deaf.get(case, ())), (case, name)


def test_without_an_institute_grants_follow_research_and_without_research_none_is_given():
    moved, account, _ = january("institute_platform", steered=0.0, target={"segments": ["cameras"]})
    assert account.outlay == moved["institutes"] == pytest.approx(20.0)

    def search_nothing(economy):
        economy.rd[:] = 0.0

    moved, account, _ = january("institute_platform", search_nothing, target={"segments": ["cameras"]})
    assert (account.requested, account.outlay, moved) == (0.0, 0.0, {})
