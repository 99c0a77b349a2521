"""The schema for editors accepts what the loader accepts, and the file beside the scenarios is the one printed."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest
from ruamel.yaml import YAML
from scenario_files import SMALL

from chainsim.scenario.json_schema import json_schema, schema_text
from chainsim.scenario.templates import shipped, templates


def test_the_schema_beside_the_scenarios_is_the_one_that_the_command_prints():
    stated = (shipped() / "scenario.schema.json").read_text(encoding="utf-8")
    assert stated == schema_text(), "renew it: chainsim schema > scenarios/scenario.schema.json"


def test_the_schema_says_what_blocks_mean_and_not_what_the_code_reads_and_writes():
    assert not re.search(r"Reads|Writes|Entry points", schema_text())
    assert "R&D, knowledge, discovery and imitation." in schema_text()


@pytest.mark.parametrize(
    ("stage", "sentence"),
    [
        ("Production", "It always runs; with `capacity: false` output equals orders."),
        ("Demography", "Named and large enterprises leave by default only. Disabled: nobody enters or leaves."),
        ("Finance", "the R&D deduction of the base year stays."),
        ("Labour", "Two pools, ordinary and skilled, belong to the whole region with the rest of its economy."),
    ],
)
def test_sentences_beside_the_state_are_kept(stage: str, sentence: str):
    assert sentence in json_schema()["$defs"][stage]["description"]


def accepts(content: object) -> bool:
    return jsonschema.Draft202012Validator(json_schema()).is_valid(json.loads(json.dumps(content)))


def plain_data(text: str) -> dict:
    return json.loads(json.dumps(YAML(typ="safe", pure=True).load(text)))


def test_the_schema_is_valid_itself():
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("name", sorted(templates()))
def test_editors_accept_the_shipped_scenarios(name: str):
    assert accepts(plain_data(templates()[name].read_text(encoding="utf-8")))


def test_editors_accept_a_number_with_range_and_source_wherever_a_number_stands():
    data = plain_data(SMALL)
    steel = data["chain"]["segments"]["steel"]
    steel["output"] = {"value": 100, "low": 90, "high": 110, "source": "A1", "status": "sourced"}
    steel["enterprises"]["number"] = {"value": 3}
    steel["markets"]["national"]["growth"] = {"2021": {"value": 0.1}}
    assert accepts(data)


def test_editors_accept_a_file_that_extends_another():
    assert accepts({"extends": "base.yaml", "chain": {"segments": {"steel": {"output": 90}}}})
    assert not accepts({"chain": {"segments": {"steel": {"output": 90}}}})


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        ("name: small", "nam: small"),
        ("output: 100", "outptu: 100"),
        ("output: 100", "output: -1"),
        ("output: 100", "output: {low: 1}"),
        ("output: 100", "output: {value: 1, lo: 1}"),
        ("tier: upstream", "tier: {value: upstream}"),
        ("national:", "natonal:"),
    ],
)
def test_editors_refuse_what_the_loader_refuses(part: str, instead: str):
    assert not accepts(plain_data(SMALL.replace(part, instead, 1)))
