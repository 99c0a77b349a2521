"""What may surprise in a base year is told, though nothing is wrong."""

import economies
import pytest

from chainsim.economy.parameters import counted_in
from chainsim.scenario.cautions import cautions, warnings
from chainsim.scenario.check_base_year import staff


def told(scenario):
    with counted_in(scenario.money):
        return {".".join(caution.path): caution.message for caution in cautions(scenario)}


def wafers_for(chips):
    """Makers of wafers that sell .93 of their output to makers of chips in the region, all of what those need."""
    buyers = economies.segment(chips, {"wafers": (0.3, 1.0)}, number=20)
    return economies.chain({"wafers": economies.segment(100.0, number=4), "chips": buyers})


def test_a_localization_that_suppliers_cannot_serve_is_told_with_what_is_left_of_it():
    message = told(wafers_for(310.0))["chain.segments.wafers.output"]
    assert "buy 0.93 of its output, more than population.supply_limit 0.9" in message
    assert "0.968 of what is stated" in message
    economy = economies.built(wafers_for(310.0))
    trade = economy.flows.trade[0, 1]
    assert trade[0] / trade.sum() == pytest.approx(0.968, abs=0.01)


def test_a_localization_within_the_limit_is_not_told():
    assert told(wafers_for(290.0)) == {}


def beside_a_giant(local, small=3):
    """A giant makes .96 of what its segment makes, and buys .07 of it from the others of its segment."""
    few = {"number": 1, "small": small, "small_output": 37.5 / small}
    parts = economies.segment(1000.0, {"parts": (0.07, local)}, value_added_share=0.6, rd_share=0.0, enterprises=few)
    return economies.chain({"parts": parts}, growth=0.0)


def test_a_giant_that_cannot_buy_from_itself_is_told_and_buys_outside():
    message = told(beside_a_giant(0.8))["chain.segments.parts.localization.parts"]
    assert "one enterprise makes 0.963 of its output and cannot buy from itself" in message
    assert "to 0.65 of what is stated at most" in message
    economy = economies.built(beside_a_giant(0.8))
    trade = economy.flows.trade[0, 0]
    assert trade.sum() == pytest.approx(70.0)
    assert 0.2 < trade[0] / trade.sum() <= 0.65 * 0.8
    assert economy.output.sum() == pytest.approx(1000.0)
    assert (economy.intermediate_sales < economy.output).all()
    assert "chain.segments.parts.localization.parts" not in told(beside_a_giant(0.5))


def test_a_market_that_a_giant_would_overfill_is_warned_of_and_one_that_it_would_not_is_built():
    """It buys .07 of 1000, half of it in the region at most, so that its markets get 27.5 more than is stated."""
    giant = beside_a_giant(0.9)
    path = "chain.segments.parts.markets"
    full, fitting = (giant.replace({path: {"local_other": {"sales": 937.0, "local_share": s}}}) for s in (0.99, 0.9))
    (found,) = [finding for finding in warnings(full) if finding.path[-1] == "local_other"]
    assert "cannot buy from itself" in found.message
    with pytest.raises(ValueError, match="times what its market local_other buys"):
        economies.built(full)
    assert [finding for finding in warnings(fitting) if finding.path[-1] == "local_other"] == []
    economies.built(fitting)


@pytest.mark.parametrize("small", range(1, 9))
def test_a_base_year_can_be_built_beside_any_giant(small):
    for seed in range(1, 9):
        economy = economies.built(beside_a_giant(0.9, small), seed)
        assert economy.final_sales.sum() == pytest.approx(1000.0 - economy.flows.trade[0, 0, 0])


def with_giant(employees):
    giant = economies.maker("giant", "cars", 500.0, employees=employees)
    return economies.chain({"cars": economies.segment(1000.0, number=5)}, enterprises=[giant])


@pytest.mark.parametrize(("part", "odd"), [(0.2, True), (0.5, False), (0.8, True)])
def test_named_enterprises_that_leave_the_others_odd_staff_are_told(part, odd):
    whole = staff(with_giant(1).chain.segments["cars"])
    assert ("chain.segments.cars.labour_share" in told(with_giant(int(part * whole)))) is odd


def test_staff_that_is_warned_of_is_not_told_once_more():
    scenario = with_giant(int(0.1 * staff(with_giant(1).chain.segments["cars"])))
    assert told(scenario) == {}
    assert [finding.path[-1] for finding in warnings(scenario)] == ["labour_share"]


def test_a_chain_without_research_is_told_that_its_strength_cannot_be_measured():
    segments = {"cars": economies.segment(1000.0, number=5, rd_share=0.0)}
    assert "strength of the chain is undefined" in told(economies.chain(segments))["chain.segments"]


def test_defaults_in_money_that_keep_their_number_in_another_currency_are_told():
    chain = economies.chain({"cars": economies.segment(1000.0, number=5)})
    assert told(chain) == {}
    message = told(chain.replace({"money": "EUR million"}))["money"]
    assert message.startswith("defaults keep the number that they have in CNY: region.households.services_pay 50.3, ")
    assert "population.slot_purchases 10" in message
    assert "chain.segments.*.wage_ordinary 59" in message
    assert "institute_spin_offs" not in message  # there is no institute
    levers = {"partners": {"type": "matchmaking", "rate": 0.1, "years": 2021}}
    policy = chain.replace({"money": "EUR million", "levers": levers, "population.slot_purchases": 10.0})
    message = told(policy)["money"]
    assert "levers.partners.cost 0.02" in message
    assert "slot_purchases" not in message
    assert message.endswith("; state what it is in EUR")


def test_a_number_is_guessed_near_the_usual_where_the_range_begins_at_zero():
    """`usual_defaults` is declared from 0 to .005: a millionth of anything lies in it."""
    chain = economies.chain({"cars": economies.segment(1000.0, number=5)})
    odd = chain.replace({"stages.demography.usual_defaults": 0.4})
    (message,) = [finding.message for finding in warnings(odd) if finding.path[-1] == "usual_defaults"]
    assert message.endswith("0 to 0.005; did you mean 0.0004?")
