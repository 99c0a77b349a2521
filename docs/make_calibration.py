"""Measures the numbers of docs/calibration.md anew: `python docs/make_calibration.py`, some ten minutes on two cores.

Runs are kept in out/calibration; the same call goes on where it was stopped.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pandas as pd

import chainsim as cs
from chainsim.validation.calibration import VERDICTS, Calibration
from chainsim.validation.calibration_report import band, ends

HERE = Path(__file__).parent
FILE, STORE = HERE.parent / "scenarios" / "calibration" / "jilin.yaml", HERE.parent / "out" / "calibration"


def numbers(found: Calibration) -> list[str]:
    """What the data tell of each number, and whether its intervals hold, as a Markdown table."""
    frame = found.identified().merge(found.intervals().drop(columns="left"), on="path", sort=False)
    frame = frame.merge(found.coverage(), on="path", sort=False)
    lines = [
        "| number | stated | range | 90 % interval | prior left | by the nearest runs | survives | coverage | verdict |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in frame.to_dict("records"):
        lines.append(
            f"| `{row['path']}` | {row['stated']:.3g} | {ends(row['from'], row['to'])} | "
            f"{row['low90']:.3g} to {row['high90']:.3g} | {row['left']:.2f} | {row['left_nearest']:.2f} | "
            f"{row['survives']:.2f} | {row['coverage']:.1%} | {row['verdict']} |"
        )
    counts = ", ".join(f"{int((frame['verdict'] == verdict).sum())} {verdict}" for verdict in VERDICTS)
    uneven = frame.loc[frame["ks"] <= 0.05 / len(frame), "path"]
    ranks = "all are even" if uneven.empty else "uneven for " + ", ".join(f"`{path}`" for path in uneven)
    return [*lines, "", f"Of {len(frame)} numbers: {counts}. Ranks of the truth over {row['runs']} runs: {ranks}."]


def figures(found: Calibration) -> list[str]:
    """Every target that runs show beside calibrated runs, as a Markdown table, misses first."""
    frame = found.targets()
    read = frame[frame["reached"].notna()]
    lines = ["| target | use | observed | calibrated runs, 90 % | luck | reached |", "|---|---|---|---|---|---|"]
    for row in read.to_dict("records"):
        luck = "" if pd.isna(row["luck"]) else f"{row['luck']:.0%}"
        how = ("yes" if row["reached"] else "**no**") + (", fitted" if row["fitted"] else "")
        shown = ends(row["low90"], row["high90"])
        lines.append(f"| {row['id']} | {row['use'].replace('_', ' ')} | {band(row)} | {shown} | {luck} | {how} |")
    missed = read[~read["reached"].astype(bool)]
    held = missed[missed["use"] == "held_out"]
    return [
        *lines,
        "",
        f"{len(read)} of {len(frame)} targets can be read from runs; {len(missed)} are not reached, {len(held)} of them "
        "held out. A target without a share of luck is moved by none of these numbers.",
    ]


def jilin() -> str:
    """The calibration of Jilin in words and tables."""
    found = cs.calibrate(FILE, STORE, jobs=os.cpu_count() or 1, progress=True)
    fitted = ", ".join(target.id for target in found.moments.targets)
    start = f"{found.rows.size} runs, {len(found.bank.failures)} more failed. Fitted to: {fitted}."
    return "\n".join([start, "", *numbers(found), "", *figures(found)])


if __name__ == "__main__":
    page = HERE / "calibration.md"
    text = re.sub(
        r"(?<=<!-- jilin -->\n).*?(?=<!-- end -->)",
        lambda _: jilin() + "\n",
        page.read_text(encoding="utf-8"),
        flags=re.DOTALL,
    )
    page.write_text(text, encoding="utf-8")
