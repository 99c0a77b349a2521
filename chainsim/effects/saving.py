"""A comparison on disk: tables of effects, the runs of every world, resolved scenarios, provenance, one page."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from chainsim.effects.effect_tables import SEEN, meanings_of
from chainsim.runs.output_folder import RECORD, OutputError, files_in, whole_folder
from chainsim.runs.results import read as read_result
from chainsim.runs.save import write_csv, write_parquet, write_result

if TYPE_CHECKING:
    from chainsim.effects.effect import Effect
    from chainsim.runs.provenance import Provenance

BASE, POLICIES, OBSERVED = "base", "policy", "observed"
"""Folders of the runs of the baseline, of those of every policy, and of what was seen of the pairs."""
MARK = "effects.parquet"
"""The file that tells a comparison from a run."""


def tables_of(effect: Effect) -> dict[str, pd.DataFrame]:
    """The tables of a comparison by name, without those of its runs."""
    parts, scopes = effect.parts, ("scope", "tier", "segment")
    found = {
        "effects": pd.concat([_keyed(effect.table(by=by), by) for by in scopes], ignore_index=True),
        "costs": effect.costs(),
        "levers": effect.levers(),
        "additionality": effect.additionality(),
        "variance": _joined(parts, [part.certificate.variance for part in parts]),
        "channels": _joined(parts, [part.trace().channels for part in parts]),
    }
    if "coalitions" in effect.seen:
        found["shares"] = _joined(parts, [part.split.shares for part in parts])
        found["synergies"] = _joined(parts, [part.split.synergies for part in parts])
    return found


def _keyed(table: pd.DataFrame, by: str) -> pd.DataFrame:
    """Effects with the kind of key and the key in columns of one name."""
    table = table.rename(columns={by: "key"})
    table.insert(1, "by", by)
    return table


def _joined(parts: tuple[Effect, ...], frames: list[pd.DataFrame]) -> pd.DataFrame:
    named = [frame.assign(policy=part.names[0]) for part, frame in zip(parts, frames, strict=True)]
    joined = pd.concat(named, ignore_index=True)
    return joined[["policy", *(column for column in joined.columns if column != "policy")]]


def save(effect: Effect, folder: Path, csv: bool = False, overwrite: bool = False) -> Path:
    """Write the comparison; the folder is whole or absent. *Raises* OutputError where it is taken or the disk refuses."""
    from chainsim.report.effects import effect_report

    page = effect_report(effect)
    with whole_folder(folder, overwrite) as partial:
        for name, table in tables_of(effect).items():
            write_parquet(table, name, partial / f"{name}.parquet", meanings_of(list(table.columns)))
            if csv:
                write_csv(table, partial / f"{name}.csv")
        (partial / OBSERVED).mkdir()
        for name, table in effect.seen.items():
            write_parquet(table, name, partial / OBSERVED / f"{name}.parquet", meanings_of(list(table.columns)))
        write_result(effect.base, partial / BASE, csv)
        for number, policy in enumerate(effect.policies):
            write_result(policy, partial / place_of(number, len(effect.policies)), csv)
        (partial / "report.html").write_text(page, encoding="utf-8")
        record = effect.provenance.with_files([*files_in(partial), RECORD])
        (partial / RECORD).write_text(record.to_json(), encoding="utf-8")
    return folder


def place_of(number: int, policies: int) -> str:
    """Folder of a policy's runs: `policy`, or `policy-1` and so on where there are several."""
    return POLICIES if policies == 1 else f"{POLICIES}-{number + 1}"


def is_comparison(folder: Path) -> bool:
    """Whether the folder holds a comparison and not a run."""
    return (folder / MARK).exists()


def read(folder: str | Path) -> Effect:
    """The comparison in a folder that `Effect.save` wrote. *Raises* OutputError where it holds none."""
    from chainsim.effects.effect import Effect
    from chainsim.runs.provenance import from_json

    folder = Path(folder)
    if not is_comparison(folder):
        raise OutputError(f"{folder} holds no comparison of chainsim")
    places = [place for place in (POLICIES, *(f"{POLICIES}-{n}" for n in range(1, 1000))) if (folder / place).is_dir()]
    try:
        record = from_json((folder / RECORD).read_text(encoding="utf-8"))
        names = [*SEEN, *(["coalitions"] if (folder / OBSERVED / "coalitions.parquet").exists() else [])]
        seen = {name: pd.read_parquet(folder / OBSERVED / f"{name}.parquet") for name in names}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutputError(f"{folder} holds no whole comparison of chainsim ({error})") from error
    return Effect(read_result(folder / BASE), [read_result(folder / place) for place in places], seen, record)


def record_of(effect: Effect) -> Provenance:
    """The identity of a comparison: that of its baseline's runs, named and hashed with the policies."""
    scenarios = [effect.base.scenario, *(policy.scenario for policy in effect.policies)]
    digest = hashlib.sha256("\n".join(scenario.hash for scenario in scenarios).encode()).hexdigest()
    name = f"{', '.join(effect.names)} against {effect.base.scenario.name}"
    return replace(effect.base.provenance, scenario=name, scenario_hash=digest)
