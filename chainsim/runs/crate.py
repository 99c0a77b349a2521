"""An output folder as an RO-Crate 1.1: what is in it, what made it and from what, in words that machines share.

The metadata are plain JSON-LD beside the files (Soiland-Reyes et al. 2022); `provenance.json` certifies them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from chainsim.runs.provenance import Provenance

CRATE = "ro-crate-metadata.json"
"""Name of the metadata, given by the format."""
CONTEXT = "https://w3id.org/ro/crate/1.1/context"
PROFILES = ("https://w3id.org/ro/crate/1.1", "https://w3id.org/ro/wfrun/process/0.5")
"""What the metadata, and the run they describe, conform to."""
FORMATS = {
    ".parquet": "application/vnd.apache.parquet",
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".yaml": "application/yaml",
}
"""Media types by the end of a name."""
SCENARIO = "scenario.yaml"
NO_LICENSE = "None is stated here; scenario and results belong to whoever made them."


def crate(record: Provenance, names: Iterable[str], folders: Iterable[str] = ()) -> str:
    """The metadata of a folder with these files, and folders that still grow, as JSON-LD."""
    files = sorted({*names, "provenance.json"} - {CRATE})
    parts = [{"@id": quote(name)} for name in files] + [{"@id": f"{quote(name)}/"} for name in sorted(folders)]
    graph = [about(), root(record, parts), *action(record, files, parts)]
    graph += [described(name) for name in files]
    graph += [{"@id": f"{quote(name)}/", "@type": "Dataset", "name": name} for name in sorted(folders)]
    return json.dumps({"@context": CONTEXT, "@graph": graph}, indent=1, ensure_ascii=False) + "\n"


def about() -> dict[str, Any]:
    """The entity that says what the metadata are about."""
    return {"@id": CRATE, "@type": "CreativeWork", "conformsTo": {"@id": PROFILES[0]}, "about": {"@id": "./"}}


def root(record: Provenance, parts: list[dict[str, str]]) -> dict[str, Any]:
    """The folder."""
    first, last, count = record.seeds[0], record.seeds[-1], len(record.seeds)
    some = f"seeds {first} to {last}" if last - first < count else f"{count} seeds from {first} to {last}"
    seeds = some if count > 1 else f"seed {first}"
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": f"chainsim: {record.scenario}",
        "description": f"Simulation of a regional industry chain, {seeds}; run it again with: chainsim reproduce FOLDER",
        "datePublished": record.finished,
        "license": NO_LICENSE,
        "conformsTo": {"@id": PROFILES[1]},
        "hasPart": parts,
        "mentions": {"@id": "#run"},
    }


def action(record: Provenance, files: list[str], parts: list[dict[str, str]]) -> list[Mapping[str, Any]]:
    """What was done, with which program, from which inputs."""
    inputs = [{"@id": quote(name)} for name in files if is_input(name)]
    software = f"Python {record.python}, numpy {record.numpy}, numba {record.numba}; {record.platform}"
    program = {
        "@id": "#chainsim",
        "@type": "SoftwareApplication",
        "name": "chainsim",
        "version": record.version,
        "identifier": f"sha256:{record.source_hash}",
        "softwareRequirements": software,
    }
    run = {
        "@id": "#run",
        "@type": "CreateAction",
        "name": record.command or f"chainsim {record.scenario}",
        "instrument": {"@id": "#chainsim"},
        "startTime": record.started,
        "endTime": record.finished,
        "object": inputs,
        "result": [part for part in parts if part not in inputs],
    }
    return [run, program]


def is_input(name: str) -> bool:
    """Whether a file states what was run."""
    path = PurePosixPath(name)
    return path.name in (SCENARIO, "design.yaml", "points.csv") or "data" in path.parts


def described(name: str) -> dict[str, Any]:
    """A file."""
    path = PurePosixPath(name)
    found = {"@id": quote(name), "@type": "File", "name": path.name}
    return found | ({"encodingFormat": FORMATS[path.suffix]} if path.suffix in FORMATS else {})
