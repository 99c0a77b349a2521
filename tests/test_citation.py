"""What others cite: one version, one name, one licence, wherever they are written."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import chainsim

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CITATION: dict[str, Any] = YAML(typ="safe").load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
CODEMETA: dict[str, Any] = json.loads((ROOT / "codemeta.json").read_text(encoding="utf-8"))


def test_the_version_is_the_same_everywhere() -> None:
    assert PROJECT["dynamic"] == ["version"], "the version is read from the package"
    assert {CITATION["version"], CODEMETA["version"], CODEMETA["softwareVersion"]} == {chainsim.__version__}


def test_the_citation_says_what_its_format_asks_for() -> None:
    assert {"cff-version", "message", "title", "authors"} <= set(CITATION)
    assert CITATION["cff-version"] == "1.2.0"
    assert CITATION["type"] == "software"


@pytest.mark.parametrize("names", [CITATION["authors"], CODEMETA["author"], PROJECT["authors"]])
def test_the_authors_are_the_same_everywhere(names: list[dict[str, str]]) -> None:
    assert [author["name"] for author in names] == ["The chainsim authors"]


def test_licence_keywords_and_description_are_the_same_everywhere() -> None:
    assert CITATION["license"] == PROJECT["license"] == CODEMETA["license"].rpartition("/")[2]
    assert CITATION["keywords"] == PROJECT["keywords"] == CODEMETA["keywords"]
    assert CODEMETA["description"] == PROJECT["description"]
    assert PROJECT["description"].lower() in CITATION["title"].lower()


def test_files_that_the_metadata_name_exist() -> None:
    assert (ROOT / CODEMETA["readme"]).exists()
    assert (ROOT / CODEMETA["softwareHelp"]["name"]).exists()
