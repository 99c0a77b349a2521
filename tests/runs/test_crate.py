"""Output folders as RO-Crates: another library reads them, and nothing in them names a place on a machine."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from rocrate.rocrate import ROCrate
from sweeps import MINIMAL, small

import chainsim as cs
from chainsim.runs.provenance import typed

GRANT = {"levers.research": {"type": "rd_grant", "rate": 0.2, "years": "2021"}}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A run, a comparison and a sweep on disk."""
    place = tmp_path_factory.mktemp("crates")
    cs.run(MINIMAL, replications=2).save(place / "run", csv=True)
    cs.compare(MINIMAL, MINIMAL.replace(GRANT), replications=2).save(place / "comparison")
    cs.sweep(small(replications=1), place / "sweep")
    return {name: place / name for name in ("run", "comparison", "sweep")}


@pytest.mark.parametrize("kind", ["run", "comparison", "sweep"])
def test_rocrate_reads_a_folder_and_finds_every_file_of_it(folders: dict[str, Path], kind: str) -> None:
    crate = ROCrate(folders[kind])
    assert crate.root_dataset["name"].startswith("chainsim: ")
    assert crate.root_dataset["license"]
    assert crate.root_dataset["datePublished"]
    parts = {part.id for part in crate.root_dataset["hasPart"]}
    there = {path.relative_to(folders[kind]).as_posix() for path in folders[kind].rglob("*") if path.is_file()}
    growing = {name for name in there if name.startswith("parts/")} | {"lock"} if kind == "sweep" else set()
    assert parts - {"parts/"} == there - growing - {"ro-crate-metadata.json"}
    assert ("parts/" in parts) == (kind == "sweep")


@pytest.mark.parametrize("kind", ["run", "comparison", "sweep"])
def test_the_action_says_what_made_it_from_what(folders: dict[str, Path], kind: str) -> None:
    action = ROCrate(folders[kind]).get("#run")
    assert action is not None
    assert action["instrument"]["version"]
    inputs, found = ({item.id for item in action[key]} for key in ("object", "result"))
    assert any(name.endswith("scenario.yaml") for name in inputs)
    assert not inputs & found
    assert action["startTime"] <= action["endTime"]


@pytest.mark.parametrize("kind", ["run", "comparison", "sweep"])
def test_no_record_names_an_absolute_path(folders: dict[str, Path], kind: str) -> None:
    for path in folders[kind].rglob("*.json"):
        text = path.read_text(encoding="utf-8")
        assert str(folders[kind].parent) not in text
        assert not re.search(r'"/|(?<![\w.:/])/(?:home|Users|root|tmp|work)/', json.dumps(json.loads(text))), path


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["chainsim", "run", "/data/me/a b.yaml", "-o", "/scratch/out/"], "chainsim run 'a b.yaml' -o out"),
        (["chainsim", "run", "--output=/scratch/out", "~/a.yaml"], "chainsim run --output=out a.yaml"),
        (
            ["chainsim", "run", "scenarios/jilin.yaml", "--set", "a.b=1/2"],
            "chainsim run scenarios/jilin.yaml --set a.b=1/2",
        ),
        (["chainsim", "run", "turned\u202e.yaml"], "chainsim run 'turned�.yaml'"),
    ],
)
def test_a_command_keeps_the_last_name_of_absolute_paths(words: list[str], told: str) -> None:
    assert typed(words) == told
