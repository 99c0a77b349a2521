"""Whether a change of the code changed a result: hashes of every table of every shipped scenario, comparison and sweep.

    python benchmarks/table_hashes.py before.json                  # all of it, some three minutes
    python benchmarks/table_hashes.py now.json --against before.json
    python benchmarks/table_hashes.py now.json --only minimal      # names that contain the word

A hash is over names, types and bytes of the columns, so two equal hashes mean equal in every bit. Only public names of
the package are used: the same script measures the code before and after its files have moved. Where hashes differ, the
largest relative difference of every column is printed, from the tables kept beside the file of hashes.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

import chainsim as cs

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"
COMPARISONS = {
    "package": ("jilin", ["jilin-package"]),
    "package-rule": ("jilin-package", ["jilin-package-rule"]),
    "do-nothing": ("jilin", ["jilin-do-nothing"]),
    "two policies": ("jilin", ["lever-rd-grant", "hefei-like-anchor"]),
}
SHORTER = {
    "jilin-morris": {"design": {"kind": "morris", "trajectories": 2}, "replications": 1},
    "jilin-sobol": {"design": {"kind": "saltelli", "points": 2}, "replications": 1},
}
"""What is smaller here than in the shipped design, so that all of it takes minutes."""

TIMES = {"seconds", "started", "finished"}
OF_THE_CODE = {"runs": {"identity"}, "failures": {"trace"}}
"""Columns that change with the code and not with results: a run's identity holds the code's version, a trace its lines."""


def saved_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Every Parquet table of an output folder, by its path."""
    files = sorted(folder.rglob("*.parquet"))
    return {str(file.relative_to(folder)): pd.read_parquet(file) for file in files}


def run_of(name: str) -> dict[str, pd.DataFrame]:
    """All tables of two runs of a scenario, every enterprise and link recorded."""
    scenario = cs.load(SCENARIOS / f"{name}.yaml", {"record.enterprises": True, "record.links": True})
    with tempfile.TemporaryDirectory() as folder:
        cs.run(scenario, replications=2).save(folder, overwrite=True)
        return saved_tables(Path(folder))


def comparison_of(base: str, policies: list[str]) -> dict[str, pd.DataFrame]:
    """All tables of two pairs, and what is derived from them."""
    effect = cs.compare(*(cs.load(SCENARIOS / f"{name}.yaml") for name in (base, *policies)), replications=2)
    with tempfile.TemporaryDirectory() as folder:
        effect.save(folder, overwrite=True)
        tables = saved_tables(Path(folder))
    return tables | {"effects": effect.table(by="segment"), "costs": effect.costs()}


def split_of(base: str, policy: str) -> dict[str, pd.DataFrame]:
    """The runs of all coalitions of a policy's groups, and the shares that follow from them."""
    worlds = (cs.load(SCENARIOS / f"{name}.yaml", {"years.end": 2024}) for name in (base, policy))
    effect = cs.compare(*worlds, replications=1, split=1)
    return {"coalitions": effect.seen["coalitions"], "shares": effect.split.shares}


def validation_of(*flags: str) -> dict[str, pd.DataFrame]:
    """The table that `chainsim validate` of the package imported here writes for the flagship."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "chainsim.cli", "validate", SCENARIOS / "jilin.yaml", "--seeds", "1"]
        file = Path(folder) / "table.csv"
        place = Path(cs.__file__).parent.parent
        subprocess.run([*command, *flags, "-o", file], cwd=place, check=True, capture_output=True)
        return {"validation": pd.read_csv(file)}


def sweep_of(name: str) -> dict[str, pd.DataFrame]:
    """All tables of a sweep's store, and its sensitivity."""
    from ruamel.yaml import YAML

    file = SCENARIOS / "sweeps" / f"{name}.yaml"
    design = YAML(typ="safe").load(file) | SHORTER.get(name, {})
    design["scenario"] = cs.load(file.parent / design["scenario"])
    with tempfile.TemporaryDirectory() as folder:
        store = cs.sweep(design, Path(folder) / "store")
        tables = {table: store.table(table).to_pandas() for table in store.tables}
        return tables | {"design": store.design, "runs": store.runs, "failures": store.failures}


def works() -> Iterator[tuple[str, Callable[[], dict[str, pd.DataFrame]]]]:
    """Everything that is hashed, by name."""
    for file in sorted(SCENARIOS.glob("*.yaml")):
        yield f"run {file.stem}", lambda name=file.stem: run_of(name)
    for name, (base, policies) in COMPARISONS.items():
        yield f"compare {name}", lambda base=base, policies=policies: comparison_of(base, policies)
    yield "compare split", lambda: split_of("jilin-package", "jilin-package-rule")
    yield "validate patterns", validation_of
    yield "validate levers", lambda: validation_of("--levers")
    for file in sorted((SCENARIOS / "sweeps").glob("*.yaml")):
        yield f"sweep {file.stem}", lambda name=file.stem: sweep_of(name)


def results(frame: pd.DataFrame, table: str) -> list[str]:
    """The columns of a table that are results: neither times of the clock nor what tells only of the code."""
    return [name for name in frame.columns if name not in TIMES | OF_THE_CODE.get(table, set())]


def digest(frame: pd.DataFrame, table: str) -> str:
    """Hash of a table: names, types and bytes of the columns that are results.

    Identities of enterprises are results. That of a run in `runs` is not: it is a hash of scenario and code, so that a
    store tells runs of other code apart; nor is the trace in `failures`, which names files and lines.
    """
    found = hashlib.sha256()
    for name in results(frame, table):
        values = frame[name].to_numpy()
        bytes_of = "\x1f".join(map(str, values)).encode() if values.dtype == object else values.tobytes()
        found.update(f"{name} {values.dtype} {values.shape}".encode() + bytes_of)
    return found.hexdigest()[:16]


def difference(now: pd.DataFrame, before: pd.DataFrame, table: str) -> str:
    """What differs between two tables, in words."""
    if list(now.columns) != list(before.columns) or len(now) != len(before):
        return f"shape {before.shape} -> {now.shape}, columns {sorted(set(now.columns) ^ set(before.columns))}"
    told = []
    for name in results(now, table):
        old, new = before[name].to_numpy(), now[name].to_numpy()
        if old.dtype.kind != "f" or new.dtype.kind != "f":
            told += [f"{name}: other values"] * (not (pd.Series(old).equals(pd.Series(new))))
        elif not np.array_equal(old, new, equal_nan=True):
            scale = np.maximum(np.abs(old), np.abs(new))
            told.append(f"{name}: {np.nanmax(np.abs(new - old) / np.where(scale > 0, scale, 1.0)):.1e}")
    return ", ".join(sorted(told))


def main() -> int:
    """Hash, write and compare; exit 1 where something differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--against", type=Path)
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    before = json.loads(asked.against.read_text(encoding="utf-8")) if asked.against else {}
    kept = asked.output.with_suffix(".tables")
    kept.mkdir(parents=True, exist_ok=True)
    hashes, wrong = {}, 0
    for name, work in works():
        if asked.only not in name:
            continue
        for table, frame in work().items():
            key = f"{name} / {table}"
            hashes[key] = digest(frame, table)
            file = hashlib.sha256(key.encode()).hexdigest()[:16]
            frame.to_pickle(kept / file)
            if before and before.get(key) != hashes[key]:
                wrong += 1
                old = asked.against.with_suffix(".tables") / file
                said = difference(frame, pd.read_pickle(old), table) if old.exists() else "not there before"  # noqa: S301
                print(f"DIFFERS {key}: {said}", flush=True)
        print(name, len(hashes), flush=True)
    asked.output.write_text(json.dumps(hashes, indent=1), encoding="utf-8")
    missing = [key for key in before if asked.only in key.split(" / ")[0] and key not in hashes]
    for key in missing:
        print(f"MISSING {key}")
    print(f"{len(hashes)} tables, {wrong} differ, {len(missing)} missing")
    return int(wrong + len(missing) > 0)


if __name__ == "__main__":
    sys.exit(main())
