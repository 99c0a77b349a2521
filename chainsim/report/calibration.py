"""The page of a calibration: what the data tell of each number, targets beside calibrated runs, its own coverage."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from chainsim.economy.parameters import in_money_of
from chainsim.report.doubt import share, short
from chainsim.report.figures import figure_svg
from chainsim.report.pages import HERE, environment
from chainsim.report.terminal_tables import USES, plain
from chainsim.runs.output_folder import replace_file
from chainsim.validation.calibration import LEVELS, VERDICTS, Calibration
from chainsim.validation.calibration_report import NEAREST, NOWHERE, band, ends, fair

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PAGE = "report.html"
WIDTH, ROW, HEAD = 7.2, 0.24, 0.45
"""Width of the picture, and height of a number and of the scale, inches."""
SHADES = {"told": "#1b4f72", "weakly told": "#2e86c1", "the data cannot tell": "#aab7b8"}


def save_page(found: Calibration, folder: Path) -> Path:
    """Write the page of a calibration into its folder. *Raises* OutputError where the disk refuses."""
    replace_file(folder / PAGE, page(found))
    return folder / PAGE


@in_money_of(lambda found: found.design.scenario.money)
def page(found: Calibration) -> str:
    """The page as HTML that needs no other file. The same calibration gives the same bytes."""
    numbers, figures = number_rows(found), figure_rows(found)
    return (
        environment()
        .get_template("calibration.html.j2")
        .render(
            design=found.design,
            runs=found.rows.size,
            failures=len(found.bank.failures),
            fitted=len(found.moments.targets),
            fit=[target.use for target in found.design.scenario.targets].count("fit"),
            counts=[(verdict, sum(row["verdict"] == verdict for row in numbers)) for verdict in VERDICTS],
            numbers=numbers,
            nowhere=f"{NOWHERE}: {', '.join(found.out_of_reach)}. {NEAREST}" if found.out_of_reach else "",
            picture=picture(found),
            read=[row for row in figures if row["read"]],
            unread=[row for row in figures if not row["read"]],
            coverage=coverage_rows(found),
            style=Markup((HERE / "style.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
        )
    )


def number_rows(found: Calibration) -> list[dict[str, str]]:
    """A row a number, best told first."""
    frame = found.identified().merge(found.intervals().drop(columns="left"), on="path", sort=False)
    return [
        {
            "path": row["path"],
            "verdict": row["verdict"],
            "stated": plain(row["stated"]),
            "range": ends(row["from"], row["to"]),
            "interval": ends(row["low90"], row["high90"]),
            "left": share(row["left"]),
            "nearest": share(row["left_nearest"]),
            "survives": share(row["survives"]),
        }
        for row in frame.to_dict("records")
    ]


def picture(found: Calibration) -> Markup:
    """The range of every number with the part that calibrated values keep, best told on top."""
    names = found.identified()
    places = [found.paths.index(path) for path in names["path"]]
    kept, second = (sample.quantiles(LEVELS)[places] for sample in (found.sample, found.nearest))
    shades = [SHADES[verdict] for verdict in names["verdict"]]
    height = HEAD + ROW * len(places)

    def draw(ax: Axes) -> None:
        rows = np.arange(len(places))[::-1]
        ax.barh(rows, 1.0, 0.7, color="#e8ecef")
        ax.barh(rows, kept[:, 2] - kept[:, 0], 0.45, left=kept[:, 0], color=shades)
        ax.plot(kept[:, 1], rows, "|", color="#000000", markersize=8)
        ax.hlines(rows - 0.3, second[:, 0], second[:, 2], color="#555555", linewidth=0.9, linestyle=":")
        ax.set_yticks(rows, [short(path) for path in names["path"]])
        ax.set_xticks([0.0, 0.5, 1.0], ["lowest", "range stated before", "highest"])
        ax.tick_params(length=0)
        for side in ("top", "right", "left"):
            ax.spines[side].set_visible(False)

    label = "Range of every number, the 90 % interval that agrees with what was observed, and its median"
    return figure_svg("known", (WIDTH, height), (0.32, HEAD / height * 0.7, 0.66, 1 - HEAD / height), draw, label)


def figure_rows(found: Calibration) -> list[dict[str, Any]]:
    """A row a target: misses first, the unread last."""
    return [
        {
            "what": row["target"],
            "about": f"{row['id']}, {'fitted' if row['fitted'] else USES[row['use']]}",
            "unit": "" if row["unit"] in ("1", "ratio") else row["unit"],
            "read": bool(np.isfinite(row["simulated"])),
            "missed": row["reached"] is False,
            "observed": band(row),
            "simulated": plain(row["simulated"]),
            "runs": ends(row["low90"], row["high90"]),
            "luck": share(row["luck"]),
            "why": row["why"],
        }
        for row in found.targets().astype({"reached": object}).to_dict("records")
    ]


def coverage_rows(found: Calibration) -> list[dict[str, Any]]:
    """A row a number: how often its interval held the truth, and whether that may be trusted."""
    frame = found.coverage()
    return [
        {
            "path": row["path"],
            "coverage": f"{row['coverage']:.1%}",
            "ks": plain(row["ks"]),
            "runs": int(row["runs"]),
            "fair": fair(row, len(frame)),
        }
        for row in frame.to_dict("records")
    ]
