"""A sensitivity analysis as files, and as text for people."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chainsim.experiments.design_file import values_of
from chainsim.experiments.indices import FEWEST_HALVED
from chainsim.experiments.sampling import Morris
from chainsim.experiments.seed_noise import MOST
from chainsim.figures.sensitivity import MOST_SHOWN, effect_text
from chainsim.runs.output_folder import OutputError, replace_file
from chainsim.scenario.yaml_writer import yaml_lines

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from chainsim.experiments.sensitivity import Sensitivity

NEXT = "next.yaml"
"""The Saltelli design that a screening proposes."""
NEXT_POINTS = 256
MOST_LINES = 10
BESIDE = {"total": ("first",), "mu_star": ("mu", "sigma")}
"""What stands beside the measure that ranks, by that measure."""


def save(found: Sensitivity, folder: Path) -> Path:
    """Write sensitivity.csv, noise.csv, summary.txt and a picture for every indicator; after a screening next.yaml."""
    import matplotlib
    from matplotlib.figure import Figure

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror}") from error
    replace_file(folder / "sensitivity.csv", found.table.to_csv(index=False, lineterminator="\n"))
    replace_file(folder / "noise.csv", found.noise.to_csv(index=False, lineterminator="\n"))
    replace_file(folder / "summary.txt", "\n".join(lines(found)) + "\n")
    for indicator in found.indicators:
        with matplotlib.rc_context({"svg.hashsalt": indicator, "svg.fonttype": "none"}):
            figure = Figure(figsize=(7.0, height(found, indicator)), layout="constrained")
            found.plot(indicator, figure.add_subplot())
            replace_file(folder / f"{indicator}.svg", svg(figure))
    if isinstance(found.design.kind, Morris):
        replace_file(folder / NEXT, following(found))
    return folder


def height(found: Sensitivity, indicator: str) -> float:
    """Inches that the ranking of an indicator needs."""
    return 1.5 + 0.28 * min(len(found.ranking(indicator)), MOST_SHOWN)


def svg(figure: Figure) -> str:
    """The figure as SVG without a date."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


def lines(found: Sensitivity) -> Iterator[str]:
    """The analysis as text: a table for every indicator, luck, advice, warnings."""
    design = found.design
    yield f"{design.name}: {design.kind.kind}, {design.points:,} points x {design.replications} replications, year {found.year}"
    for indicator in found.indicators:
        yield ""
        yield from ranked(found, indicator)
        luck = found.noise[found.noise["indicator"] == indicator].iloc[0]
        if np.isfinite(luck["share"]):
            many = int(luck["enough"])
            enough = f"{many:,} replications are enough" if many < MOST else "no number of replications is enough"
            yield f"  luck is {luck['share']:.0%} of the variance of all runs; {enough}, {design.replications} were run"
    if found.warnings:
        yield ""
        yield from (f"Warning: {text}" for text in found.warnings)


def ranked(found: Sensitivity, indicator: str) -> Iterator[str]:
    """The strongest parameters of one indicator, a line each."""
    measure, rows = found.measure, found.ranking(indicator).head(MOST_LINES)
    width, others = max(map(len, rows["parameter"])), BESIDE.get(measure, ())
    yield indicator
    yield f"  {'parameter':<{width}}  {measure:>12}  {'95 % interval':>25}" + "".join(
        f"  {name:>12}" for name in others
    )
    for row in rows.to_dict("records"):
        ends = f"{text(found, indicator, row[f'{measure}_low'])} to {text(found, indicator, row[f'{measure}_high'])}"
        more = "".join(f"  {text(found, indicator, row[name]):>12}" for name in others)
        yield f"  {row['parameter']:<{width}}  {text(found, indicator, row[measure]):>12}  {ends:>25}{more}"


def text(found: Sensitivity, indicator: str, value: Any) -> str:
    """A measure as text: a change in the unit of the indicator, or a share."""
    if found.measure in ("mu_star", "swing"):
        return effect_text(indicator, float(value))
    return f"{100 * float(value):.1f} %"


def following(found: Sensitivity) -> str:
    """A Saltelli design over the parameters that the screening could tell from luck, for any of the indicators."""
    rows = found.table.dropna(subset=["mu_star"])
    floor = rows["luck"].fillna(0.0) if "luck" in rows else 0.0
    strong = set(rows.loc[rows["mu_star_low"] > floor, "parameter"])
    axes = [axis for axis in found.design.axes if axis.path in strong] or list(found.design.axes)
    stated = {
        "scenario": "store/scenario.yaml",
        "vary": {axis.path: values_of(axis) for axis in axes},
        "design": {"kind": "saltelli", "points": NEXT_POINTS},
        "replications": max(found.design.replications, FEWEST_HALVED),
        "record": list(found.design.record),
    }
    heading = "# Sobol indices of the parameters whose effect the screening could tell from luck."
    return "\n".join([heading, *yaml_lines(stated)]) + "\n"
