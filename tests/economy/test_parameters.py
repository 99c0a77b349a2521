"""What a scenario file can state: paths by first year have one meaning, and nothing stated can be changed in place."""

import copy
import pickle
from collections.abc import Mapping

import cloudpickle
import economies
import pytest
from pydantic import BaseModel

from chainsim.economy.parameters import path_value
from chainsim.runs.simulation import simulate

POLICY = economies.crowd(
    levers={"it": {"type": "rd_grant", "rate": {2021: 0.1, 2023: 0.2}, "budget": {"yearly": {2021: 5.0}}}},
    shocks={"cut": {"type": "demand_shift", "change": -0.1, "years": 2022}},
    groups={"all": ["it"]},
)
CHANGES = (
    lambda held: held.__setitem__("x", 1),
    lambda held: held.update(x=1),
    lambda held: held.setdefault("x", 1),
    lambda held: held.__ior__({"x": 1}),
    lambda held: held.pop("x", None),
    lambda held: held.__delitem__("x"),
    lambda held: held.clear(),
    lambda held: held.popitem(),
)


def mappings(value, path="scenario"):
    """Every mapping that a scenario holds anywhere, with the path to it."""
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from mappings(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, Mapping):
        yield path, value
        for key, item in value.items():
            yield from mappings(item, f"{path}.{key}")
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from mappings(item, f"{path}.{number}")


@pytest.mark.parametrize(("year", "zero", "first"), [(2020, 0.0, 0.1), (2021, 0.1, 0.1), (2024, 0.2, 0.2)])
def test_a_path_holds_from_each_year_on_and_before_it_what_it_is_told(year, zero, first):
    path = {2023: 0.2, 2021: 0.1}
    assert path_value(path, year, before="zero") == zero
    assert path_value(path, year, before="first") == first
    assert path_value(0.3, year, before="zero") == 0.3


@pytest.mark.parametrize("change", CHANGES)
def test_no_mapping_of_a_scenario_can_be_changed_in_place(change):
    before, found = POLICY.hash, dict(mappings(POLICY))
    assert {"scenario.levers", "scenario.shocks", "scenario.groups", "scenario.levers.it.rate"} <= set(found)
    for mapping in found.values():
        with pytest.raises(TypeError, match="cannot be changed"):
            change(mapping)
    assert POLICY.hash == before


def test_who_tries_to_add_a_lever_in_place_changes_no_run():
    scenario = economies.crowd()
    with pytest.raises(TypeError, match="replace"):
        scenario.levers["it"] = POLICY.levers["it"]
    assert simulate(scenario, 1).tables["levers"]["lever"].size == 0


def test_mappings_of_a_scenario_are_copied_compared_and_dumped_like_any_other():
    sent = pickle.loads(cloudpickle.dumps(POLICY))  # noqa: S301 - our own bytes
    for again in (sent, copy.deepcopy(POLICY), POLICY.model_copy(deep=True)):
        assert again == POLICY
        for _, mapping in mappings(again):
            with pytest.raises(TypeError, match="cannot be changed"):
                mapping.clear()
    assert POLICY.levers["it"].rate == {2021: 0.1, 2023: 0.2}
    assert type(POLICY.model_dump()["levers"]) is dict
    assert type(POLICY.levers | {"other": POLICY.levers["it"]}) is dict


def test_a_mapping_put_in_by_a_copy_cannot_be_changed_either():
    with pytest.raises(TypeError, match="cannot be changed"):
        POLICY.model_copy(update={"levers": {}}).levers["x"] = POLICY.levers["it"]
