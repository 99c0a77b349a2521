"""Blocks that may be of several classes, told apart by their `type`, are read like all others."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import Field, ValidationError

from chainsim.economy.parameters import Frozen, Share, parameter
from chainsim.scenario.build import partial_block
from chainsim.scenario.conform import conformed
from chainsim.scenario.errors import Mark, Problems
from chainsim.scenario.field_types import FieldType
from chainsim.scenario.messages import note_all
from chainsim.scenario.nodes import from_python, to_json, to_python


class Grant(Frozen):
    type: Literal["grant"]
    rate: Share | dict[int, Share] = parameter(0.0, unit="1", help="share paid")


class Rule(Frozen):
    type: Literal["rule"]
    bonus: Share = parameter(0.0, unit="1", help="advantage")


class Policy(Frozen):
    levers: dict[str, Annotated[Grant | Rule, Field(discriminator="type")]]


def read(levers: object) -> tuple[Policy | None, list[str]]:
    problems = Problems()
    node = conformed(from_python({"levers": levers}, Mark("case.yaml")), FieldType(Policy), (), problems)
    try:
        return Policy.model_validate_json(to_json(node), strict=True), [str(problem) for problem in problems.found]
    except ValidationError as error:
        note_all(error, node, FieldType(Policy), problems)
        return None, [str(problem) for problem in problems.found]


def test_a_block_of_each_class_is_read():
    policy, said = read({"a": {"type": "grant", "rate": {"value": 0.2, "low": 0.1}}, "b": {"type": "rule", "bonus": 1}})
    assert said == []
    assert policy == Policy(levers={"a": Grant(type="grant", rate=0.2), "b": Rule(type="rule", bonus=1.0)})


@pytest.mark.parametrize(
    ("lever", "words"),
    [
        ({"type": "grant", "bonus": 0.1}, "levers.a.bonus: unknown key 'bonus', known: type, rate"),
        ({"type": "grant", "raet": 0.1}, "levers.a.raet: unknown key 'raet', did you mean 'rate'?"),
        ({"type": "gant"}, "levers.a.type: unknown type 'gant', did you mean 'grant'?"),
        ({"rate": 0.1}, "levers.a: the key type is missing"),
        ({"type": "rule", "bonus": 2}, "levers.a.bonus: expected a number from 0 to 1, found 2; 2 % is written 0.02"),
        ({"type": "grant", "rate": {"2021": 1.5}}, "levers.a.rate.2021: expected a number from 0 to 1, found 1.5"),
    ],
)
def test_mistakes_are_named_for_the_class_that_is_meant(lever: dict, words: str):
    _, said = read({"a": lever})
    assert any(words in line for line in said), said


def test_a_block_with_mistakes_is_read_as_the_class_it_names():
    data = to_python(from_python({"levers": {"a": {"type": "rule", "bonus": "x"}}}, Mark("case.yaml")))
    readable = partial_block(Policy, data, (), lambda path: path[-1:] == ("bonus",))
    assert type(readable.levers["a"]) is Rule
