"""A user adds a stage at a named point of the year: it acts there, travels everywhere, and is named in errors."""

import multiprocessing
import pickle
import re
from concurrent.futures import ProcessPoolExecutor
from itertools import permutations

import cloudpickle
import economies
import numpy as np
import policies
import pytest
from own_rules import Learning

import chainsim as cs
from chainsim.effects.paired_worlds import merged
from chainsim.runs.simulation import Simulation, base_year, simulate
from chainsim.scenario.json_schema import json_schema
from chainsim.scenario.write import dump
from chainsim.stages import CALENDAR, Stage, Stages, year
from chainsim.stages.year import RunError, advance, steps

CROWD = economies.crowd(end=2023)
LEARNING = CROWD.replace(stages=[Learning()])
KEYS = [stage.key for stage in CALENDAR]


class Idle(Stage):
    """Does nothing."""

    key = "idle"
    after = "learning"

    def step(self, economy):
        pass


class First(Idle):
    """Does nothing, first of all."""

    key = "first"
    after = "levers"


class Second(Idle):
    """Does nothing, after the first."""

    key = "second"
    after = "levers"


def added(key, after):
    """A stage that does nothing, of the given key and place."""
    return type(key.title(), (Idle,), {"key": key, "after": after, "__module__": __name__})()


def chain_output(scenario):
    """Output of the chain by year."""
    region = simulate(scenario, 1).tables["region"]
    return region["output"][region["scope"] == "chain"].tolist()


def names(scenario):
    """Steps of the first year."""
    return list(steps(base_year(scenario, 1)))


# --- where it acts ---


def test_an_added_stage_acts_after_the_one_it_names():
    at = KEYS.index("production") + 1
    assert names(LEARNING) == ["levers", *KEYS[:at], "learning", *KEYS[at:], "accounts"]
    assert names(CROWD) == ["levers", *KEYS, "accounts"]


def test_stages_can_be_added_at_the_beginning_after_one_another_and_in_order():
    wider = LEARNING.replace(stages=[Idle(), First(), Second()])
    at = KEYS.index("production") + 1
    assert names(wider)[1:-1] == ["first", "second", *KEYS[:at], "learning", "idle", *KEYS[at:]]


def test_the_order_of_the_list_does_not_matter_where_a_stage_names_another_of_it():
    expected = CROWD.replace(stages=[Learning(), Idle(), First()])
    for stages in permutations((Learning(), Idle(), First())):
        wider = CROWD.replace(stages=stages)
        assert names(wider) == names(expected)
        assert wider == expected
    assert LEARNING.replace(stages=[Idle(), First()]) == LEARNING.replace(stages=[First()]).replace(stages=[Idle()])


def test_what_follows_an_added_stage_stands_before_the_next_that_names_the_same():
    child = added("child", "first")
    for stages in ([First(), child, Second()], [First(), Second(), child], [child, First(), Second()]):
        assert names(CROWD.replace(stages=stages))[1:4] == ["first", "child", "second"]


def test_its_rules_count_and_the_books_close():
    assert chain_output(LEARNING)[0] == chain_output(CROWD)[0]
    assert chain_output(LEARNING)[-1] != chain_output(CROWD)[-1]


def test_a_stage_that_does_nothing_or_is_switched_off_changes_no_bit():
    assert chain_output(CROWD.replace(stages=[First()])) == chain_output(CROWD)
    off = LEARNING.replace({"stages.learning.enabled": False})
    assert "learning" not in names(off)
    assert chain_output(off) == chain_output(CROWD)


def test_the_frozen_economy_stays_frozen_with_a_stage_that_needs_change():
    economy = base_year(LEARNING.steady(), 1)
    before = economy.log_productivity.copy()
    for _ in range(3):
        advance(economy)
    assert economy.log_productivity == pytest.approx(before, abs=1e-9)


# --- what a stage of the calendar owes ---


def text(path):
    """A file of the repository; empty where there is none."""
    file = economies.ROOT / path
    return file.read_text(encoding="utf-8") if file.exists() else ""


def debts(stage):
    """What a stage of the calendar owes beside its file and its entry in the calendar, one line each."""
    key, name, file = stage.key, stage.__name__, stage.__module__.rpartition(".")[2]
    if key not in Stages.model_fields:
        yield f"a field {key}: {name} of Stages in stages/__init__.py, which names its block in YAML"
    if name not in vars(cs.stages).get("__all__", ()):
        yield "its name in __all__ of stages/__init__.py"
    if not text(f"tests/stages/test_{file}.py"):
        yield f"tests of its rules, tests/stages/test_{file}.py"
    if not re.search(rf"^### \d+ {key}\b", text("docs/model.md"), re.M | re.I):
        yield f"a section '### <number> {key.capitalize()}' of docs/model.md, at its place in the order"
    if not re.search(rf"^    (\w+, )*{key}\b", year.__doc__, re.M):
        yield "its name in the table at the head of stages/year.py, at its place in the order"
    said = json_schema()["$defs"].get(name, {"description": ""})["description"].split("\n\n")
    switch = r"Disabled(:| or `fixed`:) \w|with `capacity: false` output equals orders"
    if len(said) != 2 or not said[0].endswith(".") or "\n" in said[1] or not re.search(switch, said[1]):
        yield "a paragraph 'Disabled: ...' at the end of the docstring of its class, for editors"
    if f'"{name}": {{' not in text("scenarios/scenario.schema.json"):
        yield "its block in scenarios/scenario.schema.json: chainsim schema > scenarios/scenario.schema.json"


def owed(stage):
    """All debts of a stage in one message; empty where it owes nothing."""
    found = list(debts(stage))
    return "\n  - ".join([f"stage {stage.key} still owes", *found]) if found else ""


@pytest.mark.parametrize("stage", CALENDAR, ids=KEYS)
def test_every_stage_of_the_calendar_has_what_it_owes(stage):
    missing = owed(stage)
    assert not missing, missing


def test_all_that_a_new_stage_owes_is_named_at_once():
    words = ("field idle", "__all__", "test_test_stages.py", "model.md", "year.py", "Disabled", "schema")
    assert [word for word in words if word not in owed(Idle)] == []
    assert owed(Idle).count("\n") == len(words)


# --- whom the stages of the calendar ask ---


class Asked:
    """The stages of an economy, and the names of those that somebody has asked for while `listening`."""

    def __init__(self, stages):
        self.stages, self.found, self.listening = stages, set(), True

    def __getattr__(self, name):
        if self.listening:
            self.found.add(name)
        return getattr(self.stages, name)


def deaf(economy, pay):
    """A payment of levers, which ask stages of their own accord, unheard."""

    def paid(*arguments):
        economy.stages.listening = False
        pay(*arguments)
        economy.stages.listening = True

    return paid


def asked_in(scenario, monkeypatch, years=3):
    """Stages that every stage asks in its step, itself or by what is derived from the state, in some years."""
    economy, found = Simulation(scenario, 1).economy, {key: set() for key in KEYS}
    economy.stages = Asked(economy.stages)
    for name in ("open_levers", "pay_levers", "recover", "cover"):
        monkeypatch.setattr(year, name, deaf(economy, getattr(year, name)))
    for _ in range(years):
        for step in year.steps(economy):
            found.get(step, set()).update(economy.stages.found & set(KEYS) - {step})
            economy.stages.found.clear()
    return found


@pytest.fixture(scope="module")
def asked():
    """Stages that every stage asks, over economies in which every rule is asked."""
    scenarios = policies.under(), economies.with_missing_link(), CROWD
    found = {key: set() for key in KEYS}
    for scenario in scenarios:
        with pytest.MonkeyPatch.context() as monkeypatch:
            for key, names in asked_in(scenario, monkeypatch).items():
                found[key] |= names
    return found


@pytest.mark.parametrize("stage", CALENDAR, ids=KEYS)
def test_a_stage_declares_the_stages_that_it_asks(stage, asked):
    missing, idle = asked[stage.key] - stage.reads_stages, stage.reads_stages - asked[stage.key]
    assert not missing, f"{stage.key} asks {', '.join(sorted(missing))}: add them to its reads_stages"
    assert not idle, f"{stage.key} never asks {', '.join(sorted(idle))}: take them out of its reads_stages"


# --- what it is to a scenario ---


def test_its_parameters_are_values_of_the_scenario():
    faster = LEARNING.replace({"stages.learning.rate": 0.2})
    assert faster.stages.learning == Learning(rate=0.2)
    assert len({CROWD.hash, LEARNING.hash, faster.hash}) == 3
    assert faster.replace({"years.end": 2022}).stages.learning.rate == 0.2
    assert faster.replace(stages=[Learning()]) == LEARNING == CROWD.replace({"stages.learning": Learning()})


def test_other_rules_of_the_same_key_are_another_scenario():
    class Learning(Idle):
        key = "learning"
        after = "production"

        def gain(self, economy):
            return np.zeros(economy.n)

    assert CROWD.replace(stages=[Learning()]).hash != LEARNING.hash


def test_a_written_scenario_holds_the_calendar_of_the_package_and_says_what_is_missing():
    text = dump(LEARNING)
    assert "stages.learning ran as own_rules.Learning, which a file cannot hold" in text
    assert "\n  learning:" not in text


# --- where it travels ---


@pytest.mark.parametrize("library", [pickle, cloudpickle])
def test_it_travels_by_value(library):
    there = library.loads(library.dumps(LEARNING))
    assert there == LEARNING
    assert type(there.stages.learning) is Learning
    assert library.loads(library.dumps(CROWD)) == CROWD


def test_stages_that_name_each_other_travel_in_any_order_of_their_names():
    wider = CROWD.replace(stages=[Second(), First(), Idle(), Learning()])
    make, (held,) = wider.stages.__reduce__()
    assert list(held)[-4:] == ["second", "first", "learning", "idle"], "a set would put them in any order"
    backwards = dict(reversed(held.items()))
    assert [stage.key for stage in make(held).calendar()] == [stage.key for stage in wider.stages.calendar()]
    assert [stage.key for stage in make(backwards).calendar()][:2] == ["first", "second"]


def test_a_copied_economy_keeps_it():
    economy = base_year(LEARNING, 1).copy(2)
    assert "learning" in list(steps(economy))


def test_it_acts_in_a_fresh_process():
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert pool.submit(chain_output, LEARNING).result() == chain_output(LEARNING)


def test_it_acts_in_runs_over_several_processes():
    class Local(Learning):
        """A class that no other process can import."""

    scenario = CROWD.replace(stages=[Local()])
    alone, together = (cs.run(scenario, replications=2, jobs=jobs).region for jobs in (1, 2))
    assert together.equals(alone)


def test_a_comparison_says_that_the_worlds_part_there():
    effect = cs.compare(CROWD, LEARNING, replications=2)
    assert set(effect.certificate.parting["step"]) == {"learning"}
    found = cs.diverge((CROWD, 1), (LEARNING, 1))
    assert found is not None
    assert found.step == "learning"


def test_a_comparison_of_two_worlds_with_it_pairs_them_step_by_step():
    effect = cs.compare(LEARNING, LEARNING.replace({"stages.learning.rate": 0.1}), replications=1)
    assert set(effect.certificate.parting["step"]) == {"learning"}


def test_worlds_with_steps_in_opposite_orders_are_not_compared():
    assert merged([["a", "b", "c"], ["a", "x", "b", "c", "y"]]) == ["a", "x", "b", "c", "y"]
    with pytest.raises(ValueError, match="different orders"):
        merged([["a", "b", "x"], ["a", "x", "b"]])


def test_its_parameters_can_be_swept_with_workers(tmp_path):
    rates = {"stages.learning.rate": [0.0, 0.1]}
    plan = {"scenario": LEARNING, "vary": rates, "replications": 1, "record": ["region"]}
    stores = [cs.sweep(plan, tmp_path / str(jobs), jobs=jobs) for jobs in (1, 2)]
    alone, together = (store.table("region").to_pandas() for store in stores)
    assert together.equals(alone)
    assert alone.groupby("point")["output"].last().nunique() == 2


def test_a_mesa_model_has_it():
    model, plain = cs.ChainModel(LEARNING, seed=1), cs.ChainModel(CROWD, seed=1)
    for one in (model, plain):
        one.step()
        one.step()
    assert model.indicator("output") != plain.indicator("output")


# --- what cannot be added ---


def test_a_stage_that_fails_is_named():
    class Fails(Idle):
        key = "fails"
        after = "demand"

        def step(self, economy):
            raise ValueError("no luck")

    with pytest.raises(RunError, match="seed 1, year 2021, stage fails: no luck"):
        Simulation(CROWD.replace(stages=[Fails()]), 1).step()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"after": ""}, r"after = one of\s+levers, pricing, .*\s.*demography"),
        ({"after": "produktion"}, "found 'produktion'"),
        ({"key": "copy"}, "'copy' cannot be the key of a stage"),
        ({"key": "levers"}, "'levers' cannot be the key of a stage"),
        ({"step": Stage.step}, "Odd defines no step"),
    ],
)
def test_a_stage_without_place_name_or_step_is_refused(fields, message):
    odd = type("Odd", (Idle,), {"key": "odd", "after": "demand", "__module__": __name__} | fields)
    with pytest.raises(cs.ScenarioError, match=message):
        CROWD.replace(stages=[odd()])


@pytest.mark.parametrize(
    "stages",
    [[Learning(), Learning(rate=0.1)], [cs.stages.Pricing(), cs.stages.Pricing(lag=0.1)]],
    ids=["added", "of the calendar"],
)
def test_two_stages_of_one_key_are_refused(stages):
    key = stages[0].key
    with pytest.raises(cs.ScenarioError, match=rf"stages\.{key}: two stages of key '{key}' are given"):
        CROWD.replace(stages=stages)
    with pytest.raises(cs.ScenarioError, match=rf"two stages of key '{key}' are given"):
        CROWD.replace({f"stages.{key}": stages[0]}, stages=stages[1:])


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        ([added("a", "b"), added("b", "a")], r"'a' after 'b', 'b' after\s+'a'"),
        ([added("a", "a"), First()], "'a' after 'a'"),
        ([added("a", "c"), added("b", "a"), added("c", "b")], r"'a' after 'c', 'b' after 'a', 'c' after\s+'b'"),
    ],
    ids=["two", "itself", "three"],
)
def test_stages_that_wait_for_each_other_are_refused(stages, message):
    with pytest.raises(cs.ScenarioError, match=message):
        CROWD.replace(stages=stages)


@pytest.mark.parametrize("after", ["idle", "nothing"])
def test_an_added_stage_is_not_replaced_by_one_that_has_no_place(after):
    late = type("Late", (Learning,), {"after": after, "__module__": __name__})
    with pytest.raises(cs.ScenarioError, match=rf"'learning' after\s+'{after}', 'idle' after\s+'learning'"):
        LEARNING.replace(stages=[Idle()]).replace(stages=[late()])


def test_a_stage_stands_under_its_own_key():
    with pytest.raises(cs.ScenarioError, match="the key of this stage is 'learning'"):
        CROWD.replace({"stages.storage": Learning()})


def test_a_step_that_the_year_would_never_call_is_refused():
    with pytest.raises(TypeError, match="Own defines step; the year calls produce and pay of production"):
        type("Own", (cs.stages.Production,), {"step": lambda self, economy: None, "__module__": __name__})
