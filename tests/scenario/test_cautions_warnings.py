"""What is legal and hardly meant is told with what probably was; the nearest sound file is told nothing."""

from __future__ import annotations

import re
from pathlib import Path

import economies
import numpy as np
import pytest
from scenario_files import SMALL, loaded

from chainsim.policy.targeting import QUANTITIES, Target
from chainsim.runs.simulation import Simulation
from chainsim.scenario.cautions import warnings
from chainsim.scenario.cautions_policy import who
from chainsim.scenario.scenario import Scenario

GUIDE = Path(__file__).parents[2] / "docs" / "own-region.md"
NAMED = "enterprises: [{{id: a, name: A, segment: cars, revenue: {0}, employees: {1}}}]\n"
GRANT = "levers: {{a: {{type: rd_grant, rate: 0.2, years: 2021-2024, {0}}}}}\n"

ABSURD_AND_SOUND = [
    ("budget: in yuan", GRANT, ("budget: 50000000",), ("budget: 50",), "levers.a.budget: did you mean 50?"),
    ("budget: path", GRANT, ("budget: {yearly: {2021: 5.0e6}}",), ("budget: {yearly: {2021: 5}}",), "did you mean 5?"),
    ("budget: in all", GRANT, ("budget: {total: 9.0e6}",), ("budget: {total: 9}",), "levers.a.budget.total"),
    ("years: before", "levers: {{a: {{type: rd_grant, rate: 0.2, years: {0}}}}}\n", ("2012-2018",), ("2012-2021",),
     "2012-2018 lies outside the simulated years 2021-2025"),
    ("years: after", "levers: {{a: {{type: rd_grant, rate: 0.2, years: {0}}}}}\n", ("2026",), ("2025",), "a.years"),
    ("years: path", "levers: {{a: {{type: rd_grant, rate: {{{0}: 0.2}}}}}}\n", ("2030",), ("2025",), "levers.a: 2030"),
    ("years: of a shock", "shocks: {{a: {{type: demand_shift, change: 0.1, years: {0}}}}}\n", ("2019",),
     ("2023",), "shocks.a.years"),
    ("ramp", GRANT, ("ramp: 2024",), ("ramp: 3",), "levers.a.ramp"),
    ("cost", "levers: {{a: {{type: talent_introduction, heads: 5, cost: {0}, years: 2022}}}}\n", ("60000",), ("0.06",),
     "levers.a.cost: did you mean 0.06?"),
    ("heads", "levers: {{a: {{type: talent_introduction, heads: {0}, years: 2022}}}}\n", ("1000000",), ("50",),
     "levers.a.heads"),
    ("target: owners", GRANT, ("target: {owners: [foreign]}",), ("target: {owners: [private]}",), "owners there: private"),
    ("target: institutes", GRANT, ("target: {owners: [institute]}",), ("target: {owners: [private]}",), "owners there"),
    ("target: size", GRANT, ("target: {min_sales: 20000000}",), ("target: {min_sales: 20}",), "did you mean 20?"),
    ("target: staff", GRANT, ("target: {min_employees: 30000}",), ("target: {min_employees: 30}",), "min_employees"),
    ("target: age", GRANT, ("target: {min_age: 80}",), ("target: {min_age: 60}",), "levers.a.target.min_age: older than 63"),
    ("target: founded", GRANT, ("target: {min_age: 2010}",), ("target: {min_age: 14}",), "did you mean 14"),
    ("target: research", GRANT, ("target: {min_rd_share: 0.3}",), ("target: {min_rd_share: 0.1}",),
     "levers.a.target.min_rd_share: at most 0.03 of sales"),
    ("target: park", "region: {{parks: {{north: {{share: 1}}, south: {{share: 0}}}}}}\n" + GRANT,
     ("target: {parks: [south]}",), ("target: {parks: [north]}",), "parks there: north"),
    ("target: together", NAMED.format(50, 70).replace("{", "{{").replace("}", "}}") + GRANT,
     ("target: {enterprises: [a], min_sales: 550}",), ("target: {enterprises: [a], min_sales: 60}",), "levers.a.target"),
    ("where: age", GRANT, ("where: age > 100",), ("where: age > 40",), "levers.a.where: age 0 to 63"),
    ("where: research", GRANT, ("where: rd / sales > 2 and rd_share > 0.5",), ("where: rd_share > 0.05",), "to 0.18"),
    ("where: owner", GRANT, ("where: owner == 'foreign'",), ("where: owner != 'foreign'",), "there: owner private"),
    ("where: sales", GRANT, ("where: not sales / 2 < 400000",), ("where: not sales > 400000",), "levers.a.where"),
    ("where: words", GRANT, ("where: segment == 'cars' and tier == 'upstream'",), ("where: segment == 'cars'",),
     "levers.a.where"),
    ("path: heads", "levers: {{a: {{type: talent_introduction, heads: {0}, cost: 0.06, years: 2021-2023}}}}\n",
     ("{2021: 5, 2024: 9}",), ("{2021: 5, 2023: 9}",), "levers.a.heads: 2024: after its own years 2021-2023"),
    ("path: budget", GRANT, ("budget: {yearly: {2021: 5, 2025: 9}}",), ("budget: {yearly: {2020: 5, 2024: 9}}",),
     "levers.a.budget.yearly: 2025: after its own years"),
    ("path: rate", "levers: {{a: {{type: rd_grant, rate: {0}, years: 2021-2023}}}}\n", ("{2024: 0.2}",), ("{2023: 0.2}",),
     "levers.a.rate: does nothing"),
    ("path: after the run", "levers: {{a: {{type: rd_grant, rate: {0}, years: 2021-2035}}}}\n", ("{2030: 0.2}",),
     ("{2021: 0.2, 2030: 0.1}",), "after the last simulated year 2025"),
    ("path: of a shock", "shocks: {{a: {{type: demand_shift, change: {0}, years: 2021-2022}}}}\n", ("{2021: 0.1, 2024: 0.2}",),
     ("{2021: 0.1, 2022: 0.2}",), "shocks.a.change: 2024"),
    ("range", "stages: {{innovation: {{step_high: {0}}}}}\n", ("8",), ("0.5",), "stages.innovation.step_high"),
    ("growth: region", "region: {{productivity_growth: {0}}}\n", ("4",), ("0.04",), "did you mean 0.04?"),
    ("register: persons", NAMED, ("100", "0.05"), ("100", "50"), "enterprises.0.employees: a makes 2e+03"),
    ("register: money", NAMED, ("0.5", "70"), ("50", "70"), "is revenue in CNY million"),
    ("register: rest", NAMED, ("195", "50"), ("190", "240"), "would be alike"),
    ("unemployment", "region: {{labour: {{unemployment: {0}}}}}\n", ("0.005",), ("0.01",), "unemployment"),
    ("matching", "stages: {{labour: {{matching_slack: {0}}}}}\n", ("0.8",), ("1",), "the run takes 1"),
    ("credit", "stages: {{finance: {{leverage: {0}}}}}\n", ("0.7",), ("0.6",), "above stages.investment.loan_to_value 0.6"),
    ("path of a deduction", "region: {{taxes: {{rd_deduction: {0}}}}}\n", ("{2024: 1.0}",), ("{2020: 0.75, 2024: 1.0}",),
     "its first rate 1 holds from 2021 on"),
    ("institute", "region: {{institutes: {{i: {{budget: {0}}}}}}}\n", ("3000000",), ("3",), "did you mean 3?"),
]  # fmt: skip


def told(path: Path, text: str) -> str:
    return "\n".join(f"{'.'.join(item.path)}: {item.message}" for item in warnings(loaded(path, text)))


@pytest.mark.parametrize(("case", "text", "absurd", "sound", "said"), ABSURD_AND_SOUND, ids=lambda part: str(part)[:20])
def test_what_is_hardly_meant_is_told_and_what_is_next_to_it_is_not(
    tmp_path: Path, case: str, text: str, absurd: tuple[str, ...], sound: tuple[str, ...], said: str
):
    message = told(tmp_path, SMALL + text.format(*absurd))
    assert all(part in message for part in said.split(": ", 1)), (case, message)
    assert told(tmp_path, SMALL + text.format(*sound)) == ""


IN_OTHER_UNITS = [
    ("local_share: 0.1", "local_share: 0.1, growth: 8", "local_share: 0.1, growth: 0.8", "did you mean 0.08?"),
    ("local_share: 0.1", "local_share: 0.1, growth: {2035: 0.05}", "local_share: 0.1, growth: {2020: 0.05}", "2035: "),
    ("local_share: 0.1", "local_share: 0.1, growth: {2012: 0.05}", "local_share: 0.1, growth: {2021: 0.05}", "2012: "),
    ("local_share: 0.1", "local_share: 0.1, growth: {2012: 0.05, 2035: 0.02}",
         "local_share: 0.1, growth: {2012: 0.05, 2024: 0.02}", "2012, 2035: outside 2020-2025, so that the rate 0.05 holds"),
    ("local_share: 0.1", "local_share: 0.1, growth: {2023: 0.05}", "local_share: 0.1, growth: 0.05", "from 2021 on"),
    ("output: 200", "output: 200\n      price_trend: 2", "output: 200\n      price_trend: 0.02", "mean 0.02?"),
    ("output: 200", "output: 200\n      wage_ordinary: 59000", "output: 200\n      wage_ordinary: 90", "mean 59?"),
    ("output: 200", "output: 200\n      capital_per_output: 50", "output: 200\n      capital_per_output: 20", "50 years"),
    ("output: 200", "output: 200\n      min_efficient_scale: 60000000", "output: 200\n      min_efficient_scale: 600",
         "CNY million?"),
    ("number: 4", "number: 100", "number: 90", "make 2 CNY million on average, an entrant 4.2"),
]  # fmt: skip


@pytest.mark.parametrize(("stated", "absurd", "sound", "said"), IN_OTHER_UNITS)
def test_a_segment_in_other_units_is_told(tmp_path: Path, stated: str, absurd: str, sound: str, said: str):
    assert said in told(tmp_path, SMALL.replace(stated, absurd))
    assert told(tmp_path, SMALL.replace(stated, sound)) == ""


def paid(text: str, ordinary: float, skilled: float) -> str:
    """A text with pay in both of its segments."""
    for output in ("output: 100", "output: 200"):
        text = text.replace(
            output + "\n", f"{output}\n      wage_ordinary: {ordinary:g}\n      wage_skilled: {skilled:g}\n"
        )
    return text


def in_won(ordinary: float, skilled: float) -> str:
    """The two segments with a thousand times the money."""
    return paid(SMALL, ordinary, skilled).replace("name: small", "name: small\nmoney: KRW million").replace(
        "output: 100", "output: 100000").replace("output: 200", "output: 200000").replace(
        "sales: 80, volume: 1000", "sales: 80000, volume: 1000000").replace("sales: 200", "sales: 200000")  # fmt: skip


def test_pay_of_another_currency_in_all_segments_is_not_doubted(tmp_path: Path):
    """Thousands of won are far from the default in yuan, but alike in all segments; neither they nor won leave people."""
    assert told(tmp_path, in_won(40000, 60000)) == ""
    for path in ("steel.wage_ordinary", "cars.wage_ordinary", "cars.wage_skilled"):
        assert f"chain.segments.{path}: " in told(tmp_path, in_won(4e7, 6e7))
    assert "thousand a year leaves 0." in told(tmp_path, in_won(4e7, 6e7))
    assert "did you mean 40000?" in told(tmp_path, in_won(4e7, 6e7))


@pytest.mark.parametrize(("money", "said"), [("CNY", "did you mean 59?"), ("EUR", "did you mean 59?")])
def test_pay_in_units_in_all_segments_is_told(tmp_path: Path, money: str, said: str):
    text = SMALL.replace("name: small", f"name: small\nmoney: {money} million")
    message = told(tmp_path, paid(text, 59000, 90000))
    assert message.count(said) == 2
    assert message.count("did you mean 90?") == 2
    assert told(tmp_path, paid(text, 59, 90)) == ""
    assert told(tmp_path, paid(text, 0.059, 0.09)).count("times the usual") == 4


def test_an_owner_that_nobody_has_is_told_beside_a_missing_link(tmp_path: Path):
    missing = "steel:\n      tier: upstream\n      output: 0\n      enterprises: {number: 0}\n      markets: {national: {volume: 1000}}\n    "
    text = SMALL.replace("localization: {steel: 0.5}", "localization: {steel: 0}")
    text = text[: text.index("steel:\n")] + missing + text[text.index("cars:\n") :]
    for where in ("target: {owners: [institute]}", "where: owner == 'institute'"):
        assert "levers.a" in told(tmp_path, text + GRANT.format(where))
    assert "owners there: private" in told(tmp_path, text + GRANT.format("target: {owners: [institute]}"))
    assert told(tmp_path, text + GRANT.format("target: {owners: [institute], segments: [steel]}")) == ""
    spun = text + "region: {institutes: {i: {budget: 3, segments: {cars: 1}}}}\n"
    assert told(tmp_path, spun + GRANT.format("target: {owners: [institute]}")) == ""


ECONOMIES = [economies.crowd(end=2030), economies.random_chain(5, 3), economies.random_chain(6, 8)]


@pytest.mark.parametrize("scenario", ECONOMIES, ids=lambda scenario: str(len(scenario.chain.segments)))
def test_enterprises_of_a_run_are_what_they_are_thought_to_be_able_to_be(scenario: Scenario):
    """So that nobody is told to mean nobody whom a run knows; owners and parks are those of the base year."""
    simulation = Simulation(scenario, 1)
    first, last = scenario.years.start + 1, scenario.years.end
    may_be = {name: who(scenario, Target(segments=(name,)), first, last) for name in scenario.chain.segments}
    while simulation.running:
        simulation.step()
        economy = simulation.economy
        for k, name in enumerate(scenario.chain.segments):
            rows = economy.active & (economy.segment == k) & (economy.sales > 1)
            for quantity, item in QUANTITIES.items() if rows.any() else ():
                values = np.asarray(item.of(economy), dtype=float)[rows]
                ranges = [one.range(quantity) for one in may_be[name]]
                assert min(low for low, _ in ranges) <= values.min(), (name, quantity)
                assert max(high for _, high in ranges) >= values.max(), (name, quantity)


def test_a_target_whose_enterprises_are_all_elsewhere_is_told(tmp_path: Path):
    text = SMALL + NAMED.format(50, 70)
    text += "levers: {a: {type: rd_grant, rate: 0.2, years: 2022, target: {segments: [MEANT], enterprises: [a]}}}\n"
    assert "belong to no segment of the target" in told(tmp_path, text.replace("MEANT", "steel"))
    assert told(tmp_path, text.replace("MEANT", "cars")) == ""


def test_a_target_of_certified_enterprises_where_there_are_none_is_told(tmp_path: Path):
    text = SMALL.replace("output: 200", "output: 200\n      high_tech_share: {0}")
    text += "levers: {a: {type: rd_grant, rate: 0.2, years: 2022, target: {segments: [cars], high_tech: true}}}\n"
    assert "high_tech_share is 0" in told(tmp_path, text.replace("{0}", "0"))
    assert told(tmp_path, text.replace("{0}", "0.3")) == ""


ROOM = [(1, 0.05, True), (1, 0.0, True), (0.9, 0.2, False)]
"""Use of capacity, growth of the market, and whether the use is told."""


@pytest.mark.parametrize(("use", "growth", "is_told"), ROOM)
def test_a_capacity_without_room_is_told(tmp_path: Path, use: float, growth: float, is_told: bool):
    text = SMALL.replace("local_share: 0.1", f"local_share: 0.1, growth: {growth}")
    message = told(tmp_path, f"{text}stages: {{investment: {{utilisation: {use}}}}}\n")
    assert ("so that many go outside" in message) == is_told


def guide_rows() -> list[tuple[str, list[str], list[str]]]:
    """The table of warnings in the guide: what is warned of, what is told, what is not; cells as their pieces of code."""
    table = GUIDE.read_text(encoding="utf-8").partition("| warning | told | not told |")[2].partition("\n\n")[0]
    rows = [line.strip("| ").split(" | ") for line in table.strip().splitlines()[1:]]
    return [(what, re.findall("`([^`]+)`", told), re.findall("`([^`]+)`", sound)) for what, told, sound in rows]


def plain(text: str) -> str:
    return text.replace("'", "").replace(" ", "")


def pairs_of_files() -> list[tuple[str, str]]:
    """What the tests hold as told, and beside it as not told."""
    filled = [(text.format(*absurd), text.format(*sound)) for _, text, absurd, sound, _ in ABSURD_AND_SOUND]
    room = [f"utilisation: {use:g}" for use in (ROOM[0][0], ROOM[-1][0])]
    return [(plain(a), plain(b)) for a, b in [*filled, *((a, b) for _, a, b, _ in IN_OTHER_UNITS), (room[0], room[1])]]


def test_the_guide_tells_the_pairs_of_files_that_the_tests_hold():
    """Each piece of the guide stands in a file of the pairs, and each pair stands in one row of the guide."""
    rows, pairs = guide_rows(), pairs_of_files()
    untrue = [piece for _, told, _ in rows for piece in told if not any(plain(piece) in absurd for absurd, _ in pairs)]
    untrue += [piece for *_, good in rows for piece in good if not any(plain(piece) in sound for _, sound in pairs)]
    assert untrue == [], "in the guide, and in no file"

    def stands(absurd: str, sound: str) -> bool:
        return any(
            any(plain(piece) in absurd for piece in told) and any(plain(piece) in sound for piece in good)
            for _, told, good in rows
        )

    assert [pair for pair in pairs if not stands(*pair)] == [], "in no row of the guide"


@pytest.mark.parametrize(
    ("lever", "path"),
    [
        ({"type": "security_standard", "share": 0.5, "buyers": ["lenses", "cameras"]}, ("buyers", "0")),
        ({"type": "matchmaking", "rate": 0.5, "buyers": {"segments": ["lenses"]}}, ("buyers",)),
    ],
)
def test_buyers_who_buy_nothing_of_those_meant_are_told(lever, path):
    def told(**more):
        levers = {"it": lever | {"years": "2021-2023"} | more}
        return {
            found.path: found.message for found in warnings(economies.crowd(levers=levers)) if "buyers" in found.path
        }

    found = told(target={"segments": ["lenses"]})
    assert list(found) == [("levers", "it", *path)]
    assert "buys nothing of the segments that are meant" in found["levers", "it", *path]
    everybody = {} if lever["type"] == "matchmaking" else ["cameras"]
    assert told(buyers=everybody, target={"segments": ["lenses"]}) == {}


@pytest.mark.parametrize(
    ("more", "is_told"),
    [({}, True), ({"stacking": "add"}, False), ({"years": "2024"}, False), ({"target": {"parks": ["south"]}}, False)],
)
def test_levers_that_meet_and_stack_in_two_ways_are_told(more, is_told):
    one = {"type": "rd_grant", "rate": 0.1, "years": "2021-2023", "stacking": "add", "target": {"parks": ["north"]}}
    scenario = economies.crowd(levers={"a": one, "b": one | {"stacking": "highest"} | more})
    found = [item.message for item in warnings(scenario) if item.path == ("levers", "b", "stacking")]
    assert len(found) == is_told


@pytest.mark.parametrize(
    ("kind", "strength"),
    [("talent_introduction", "heads"), ("application_scenario", "budget"), ("institute_platform", "budget")],
)
def test_levers_whose_totals_depend_on_their_names_are_told(kind, strength):
    def told(one, other):
        both = {"type": kind, strength: 40.0, "years": "2021-2023"}
        found = warnings(economies.crowd(levers={"a": both | one, "b": both | other}))
        return [(item.path[1], "depends on which" in item.message) for item in found if "stacking" in item.path]

    add, highest, lenses = {"stacking": "add"}, {"stacking": "highest"}, {"target": {"segments": ["lenses"]}}
    assert told(highest | lenses, highest) == [("b", True)]
    assert told(highest, {}) == [("a", True)]
    assert told(highest, highest) == told(add | lenses, add) == told({}, lenses) == []
    assert told(highest | lenses, highest | {"target": {"segments": ["cameras"]}}) == []
