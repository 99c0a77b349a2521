"""What is written in a folder of a run, comparison or sweep, for the auditor: tables, and what is stated beside them.

Files are read as they stand, by nothing of the model: a scenario is a mapping here, a store the files of its parts.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from chainsim.runs.certified import (
    EXPORTED,
    OTHER_BYTES,
    PAGE,
    Damaged,
    check_hash,
    exported,
    is_safe_name,
    read_record,
    read_regular,
    sealed_record,
)
from chainsim.runs.provenance import SEAL, seal
from chainsim.validation.audit_accounts import NEVER_EMPTY, ORIGINS, RECORDED, tables_due
from chainsim.validation.audit_checks import Names, Stated, Tables, leading

EXPORTS = "export"
"""Folder of files for other programs."""
SWEEP, PARTS, PART, SCENARIO = "sweep.json", "parts", "part.json", "scenario.yaml"
BASE, POLICY, OBSERVED = "base", "policy", "observed"
"""Folders of a comparison: runs of the baseline, of the policies, what was seen of the pairs."""
OF_A_NUMBER = {"value", "low", "high", "source", "unit", "status", "note"}
"""What a scenario may say of a number beside the number itself."""


class Written(NamedTuple):
    """Tables of runs, and what is stated of them."""

    tables: Tables
    stated: Stated


class WrittenComparison(NamedTuple):
    """Runs of a baseline and of every policy, the tables told of their differences, and what was seen of the pairs."""

    base: Written
    policies: tuple[Written, ...]
    told: Tables
    seen: Tables


@contextmanager
def shaped(path: Path) -> Iterator[None]:
    """*Raises* Damaged where a file that somebody certified has not the shape of what is written here."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise Damaged(path, "it has not the shape of what is written here") from error


def is_sweep(folder: Path) -> bool:
    """Whether the folder holds a sweep."""
    return (folder / SWEEP).exists()


def is_comparison(folder: Path) -> bool:
    """Whether the folder holds a comparison and not a run."""
    return (folder / "effects.parquet").exists() or (folder / OBSERVED).is_dir()


def written_run(folder: Path) -> Written:
    """A run. *Raises* OutputError where the folder holds none, Damaged where a file is not what was written."""
    record = read_record(folder, optional=PAGE)
    with shaped(folder / SCENARIO):
        found, segments = scenario_in(folder), segments_in(folder)
        stated = of_scenario(found, segments, names_in(folder, found, segments))
    return Written(tables_in(folder), stated._replace(seeds=record.seeds))


def written_comparison(folder: Path) -> WrittenComparison:
    """A comparison. *Raises* as `written_run`."""
    read_record(folder, optional=PAGE)
    places = [folder / POLICY] if (folder / POLICY).is_dir() else sorted(folder.glob(f"{POLICY}-*"), key=number_of)
    if not places:
        raise Damaged(folder, "the runs of the policy are missing")
    policies = tuple(written_run(place) for place in places)
    return WrittenComparison(written_run(folder / BASE), policies, tables_in(folder), tables_in(folder / OBSERVED))


def number_of(place: Path) -> int:
    """Number of a policy's folder, 0 where it has none."""
    number = place.name.rpartition("-")[2]
    return int(number) if number.isdecimal() else 0


def tables_in(folder: Path) -> dict[str, pd.DataFrame]:
    """Every table of a folder, by name."""
    return {path.stem: table_in(path) for path in sorted(folder.glob("*.parquet"))}


def table_in(path: Path) -> pd.DataFrame:
    """A table from a file. *Raises* Damaged where it holds none."""
    try:
        return pd.read_parquet(io.BytesIO(path.read_bytes()))
    except (OSError, pa.ArrowException) as error:
        raise Damaged(path, f"the table cannot be read: {error}") from error


def scenario_in(folder: Path) -> Mapping[str, Any]:
    """The resolved scenario of a folder. *Raises* Damaged where it is none."""
    path = folder / SCENARIO
    try:
        found = without_ranges(YAML(typ="safe", pure=True).load(read_regular(path).decode()))
        years = {name: int(found["years"][name]) for name in ("start", "end")}
    except (YAMLError, ValueError, KeyError, TypeError) as error:
        raise Damaged(path, f"it cannot be used: {error}") from error
    return {**found, "years": years}


def without_ranges(stated: Any) -> Any:
    """What a scenario states, with every number that has a range or source as the number alone."""
    if isinstance(stated, Mapping):
        if "value" in stated and stated.keys() <= OF_A_NUMBER:
            return stated["value"]
        return {key: without_ranges(value) for key, value in stated.items()}
    return [without_ranges(value) for value in stated] if isinstance(stated, list) else stated


def segments_in(folder: Path) -> dict[str, dict[str, str]]:
    """Fields of every segment as the scenario's table states them; empty without one."""
    path = folder / "data" / "segments.csv"
    found: dict[str, dict[str, str]] = {}
    if path.exists():
        for row in csv.DictReader(io.StringIO(read_regular(path).decode("utf-8-sig"))):
            found.setdefault(row["segment"], {})[row["field"]] = row["value"]
    return found


def bought_in(folder: Path) -> list[tuple[str, str]]:
    """Input and buyer of every trade between segments that the scenario's table states."""
    path = folder / "data" / "inputs.csv"
    if not path.exists():
        return []
    rows = csv.DictReader(io.StringIO(read_regular(path).decode("utf-8-sig")))
    return [(row["from"], row["to"]) for row in rows if float(row["coefficient"]) > 0]


def names_in(folder: Path, found: Mapping[str, Any], segments: Mapping[str, Mapping[str, str]]) -> Names:
    """What the tables of a resolved scenario have a row for in every year, by table."""
    outside = found["chain"].get("application") or ()
    stated: Names = {"region": ("chain", "all"), "tiers": tuple(found["chain"]["tiers"])}
    stated |= {"levers": tuple(found.get("levers") or {}), "parks": tuple(found["region"].get("parks") or ["region"])}
    if segments:
        industries = [fields["industry"] for fields in segments.values() if fields["tier"] not in outside]
        stated |= {"segments": tuple(segments), "industries": leading(industries)}
        stated["trade"] = tuple((*pair, origin) for pair in bought_in(folder) for origin in ORIGINS)
    return stated


def of_scenario(found: Mapping[str, Any], segments: Mapping[str, Mapping[str, str]], names: Names) -> Stated:
    """What a resolved scenario states."""
    chain, levers = found["chain"], found.get("levers") or {}
    cost = {name: float(fields["labour_cost_factor"]) for name, fields in segments.items()}
    return Stated(
        name=str(found["name"]),
        application=tuple(chain.get("application") or ()),
        years=(found["years"]["start"], found["years"]["end"]),
        keys=names,
        tables=tables_due(names, found["record"]),
        households=found["region"]["households"],
        labour_cost=cost or None,
        levers=levers,
        working=working(found),
        discount=float(found["discount"]),
        local_tax_share=float(found["local_tax_share"]),
    )


def working(found: Mapping[str, Any]) -> frozenset[str]:
    """The stages that are at work in a resolved scenario."""
    return frozenset(name for name, stage in found["stages"].items() if works(stage))


def switches(path: str) -> bool:
    """Whether what stands at a path may switch a stage off or keep its prices."""
    return path == "stages" or (path.startswith("stages.") and (path.count(".") == 1 or path.endswith(SWITCHES)))


SWITCHES = (".enabled", ".fixed")
"""How paths of such numbers end."""


def works(stage: Any) -> bool:
    """Whether a stage is neither switched off nor keeps its prices."""
    return not isinstance(stage, Mapping) or (stage.get("enabled", True) and not stage.get("fixed", False))


def written_sweep(folder: Path, at_a_time: int) -> Iterator[Written]:
    """Whole parts of a sweep, so many runs at a time at least. *Raises* Damaged where a file was changed."""
    manifest = manifest_in(folder)
    if manifest["summary"]:
        return
    found, runs = scenario_in(folder), []
    waiting: dict[str, list[pd.DataFrame]] = {}
    with shaped(folder / SCENARIO):
        application = tuple(found["chain"].get("application") or ())
        names = names_in(folder, found, segments_in(folder))
        names = {name: known for name, known in names.items() if name not in varied(manifest["axes"])}
        due = tuple(name for name in manifest["record"] if name in (*NEVER_EMPTY, *RECORDED) or names.get(name))
        stated = Stated(name=str(found["name"]), application=application, keys=names, tables=due)
        if not any(map(switches, manifest["axes"])):
            stated = stated._replace(working=working(found))
    if not any(path.startswith("years") for path in manifest["axes"]):
        stated = stated._replace(years=tuple(manifest["years"]))
    for part in parts_in(folder):
        content = part_in(part)
        runs += [(line[0], line[1]) for line in content["runs"]]
        for name in content["files"]:
            waiting.setdefault(name.removesuffix(".parquet"), []).append(table_in(part / name))
        if len(runs) >= at_a_time:
            yield joined(waiting, runs, stated)
            runs, waiting = [], {}
    if runs:
        yield joined(waiting, runs, stated)


def parts_in(folder: Path) -> list[Path]:
    """Folders of the parts of a sweep."""
    return sorted(path for path in (folder / PARTS).iterdir() if not path.name.startswith("."))


def runs_due(folder: Path) -> list[tuple[int, int]]:
    """Point and replication of all runs that the record of a sweep promises."""
    manifest = manifest_in(folder)
    return [(point, run) for point in range(manifest["points"]) for run in range(manifest["replications"])]


def runs_there(folder: Path) -> list[tuple[int, int]]:
    """Point and replication of the runs in the parts of a sweep, those that failed without tables as well."""
    lines = [line for part in parts_in(folder) for key in ("runs", "failures") for line in part_in(part).get(key, ())]
    return [(line[0], line[1]) for line in lines]


def varied(axes: Iterable[str]) -> set[str]:
    """Tables of which a sweep changes the names of their rows: it varies more than single numbers of the block."""
    found: set[str] = set()
    for path in axes:
        block, *below = path.split(".")
        if path == "levers" or (block == "levers" and len(below) == 1):
            found.add("levers")
        elif path == "region" or path.startswith("region.parks"):
            found.add("parks")
        elif block == "chain" and (len(below) < IN_SEGMENT or below[0] != "segments"):
            found |= {"tiers", "segments", "industries", "trade"}
        elif block == "chain":
            found |= {"tier": {"industries"}, "industry": {"industries"}, "inputs": {"trade"}}.get(below[2], set())
    return found


IN_SEGMENT = 3
"""Names that lead from the chain to a number of a segment, at least."""


def joined(tables: Mapping[str, list[pd.DataFrame]], runs: list[tuple[int, int]], stated: Stated) -> Written:
    """The tables of several parts."""
    whole = {name: pd.concat(frames, ignore_index=True) for name, frames in tables.items()}
    return Written(whole, stated._replace(runs=pd.DataFrame(runs, columns=["point", "replication"])))


def keeps_quantiles(folder: Path) -> bool:
    """Whether a sweep keeps quantiles over runs in place of runs."""
    return bool(manifest_in(folder)["summary"])


def manifest_in(folder: Path) -> dict[str, Any]:
    """The record of a sweep, whose files are those that it names, with a sound provenance. *Raises* Damaged."""
    path = folder / SWEEP
    try:
        state = json.loads(read_regular(path).decode())
        sealed = state.pop(SEAL)
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise Damaged(path, f"it cannot be read as a record: {error}") from error
    if seal(state) != sealed:
        raise Damaged(path, OTHER_BYTES)
    with shaped(path):
        check_files(folder, path, state["files"])
        _ = state["summary"], dict(state["axes"]), list(state["years"]), list(state["record"])
        _ = range(state["points"]), range(state["replications"])
    if not (folder / PARTS).is_dir():
        raise Damaged(folder / PARTS, "the folder is missing")
    sealed_record(folder)
    return dict(state)


def check_exported(folder: Path) -> list[str]:
    """Files for other programs in a sweep that nobody certifies. *Raises* Damaged where a certified one was changed."""
    place = folder / EXPORTS
    known = exported(place / EXPORTED)
    check_files(place, place / EXPORTED, known)
    there = {path.name for path in place.iterdir()} if place.is_dir() else set()
    return sorted(there - {*known, EXPORTED})


def part_in(folder: Path) -> dict[str, Any]:
    """The runs and files of a part, which are what was written. *Raises* Damaged."""
    path = folder / PART
    text = read_regular(path)
    if hashlib.sha256(text).hexdigest()[:16] != folder.name.partition("-")[2]:
        raise Damaged(path, OTHER_BYTES)
    with shaped(path):
        content = dict(json.loads(text))
        check_files(folder, path, content["files"])
        _ = [(line[0], line[1]) for line in content["runs"]]
    return content


def check_files(folder: Path, record: Path, files: Mapping[str, tuple[int, str]]) -> None:
    """*Raises* Damaged unless the files that a record names are what was written."""
    for name, (_, known) in files.items():
        if not is_safe_name(name):
            raise Damaged(record, "it names a file outside of its folder")
        check_hash(folder / name, known)
