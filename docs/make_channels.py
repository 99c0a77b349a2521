"""Measures what each lever of the package does alone and by which channel, and draws it: `python docs/make_channels.py [PAIRS]`.

Writes docs/images/lever-channels.png and the tables of docs/lever-responses.md between `<!-- package -->`, `<!-- signs -->`,
`<!-- signs of output -->` and `<!-- end -->`. 24 pairs take some four minutes on one core; localization needs 100.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import matplotlib
import numpy as np
from signs import shares, sign_table

import chainsim as cs
from chainsim.effects.channel_watch import COMPLETENESS_FIXED, EXTENSION, JOBS, OUTPUT, RD, STRENGTH
from chainsim.effects.channels import FIXED, JOB_YEARS, REST
from chainsim.effects.effect import Effect
from chainsim.effects.ranking import levers_of
from chainsim.effects.shapley_split import Player, with_players

HERE = Path(__file__).parent
SCENARIOS = HERE.parent / "scenarios"
PAIRS = 24
PACKAGE = "package"
OLD: dict[str, str] = {
    "upstream_investment": "118 | .15/.25/.22 | 144 | 1,362 (1,312) | .03 | 5",
    "chip_attraction": "695 | .44/.91/.97 | 730 | 7,220 (6,754) | .51 | 64",
    "midstream_extension": "448 | .37/.57/.45 | 375 | 3,263 (3,848) | -.05 | 18",
    "midstream_guarantee": "13 | 0 | 1 | 0 | 0 | 0",
    "own_rd": "1,500 | .06/.19/.22 | 522 | 5,906 (6,001) | 0 | 160",
    "innovation_chain": "1,680 | 0/.03/.13 | -6 | 11 (588) | -.10 | 0",
    "partners": "49 | .01/.07/.08 | 52 | 527 (632) | .07 | 2",
    "auto_integration": "609 | .10/-.07/.11 | -6 | 780 (-9,650) | -.21 | 1",
    "security": "20 | -.30/.52/1.21 | 382 | 2,852 (5,634) | 0 | 19",
    "talent": "1,350 | .20/.79/1.64 | -86 | -1,413 (-4,695) | .02 | 28",
    "clusters": "1,179 | -.03/.37/.87 | -1,660 | -14,277 (-11,536) | .06 | -542",
    "five_cooperations": "1,778 | 1.04/1.84/1.84 | 1,560 | 16,110 (17,866) | .74 | 90",
    "scenarios": "1,900 | .19/.07/.01 | 108 | 1,963 (2,571) | -.17 | 2",
    "projects": "148 | .17/.33/.18 | 323 | 2,999 (3,928) | .32 | 10",
    PACKAGE: "11,567 | 2.35/6.08/7.12 | 2,250 | 25,467 (9,765) | 1.15 | -184",
}
"""The same of the first model, 24 pairs, as it was printed then; its levers had other rates and budgets."""
HEAD = (
    "| lever | model | outlay m | output 25/30/35 % | jobs 30 | job-years chain (all) | localization 30 pp | R&D 30 |"
)
NAMES = {FIXED: "localization", JOBS: "jobs"}
OTHERS = {
    OUTPUT: "output",
    EXTENSION: "extension",
    RD: "R&D",
    STRENGTH: "strength",
    COMPLETENESS_FIXED: "completeness",
    JOB_YEARS: "job-years",
}


def measured(pairs: int) -> Effect:
    """Every lever of the package alone, and the package, against the baseline."""
    base, policy = (cs.load(SCENARIOS / f"{name}.yaml") for name in ("jilin", "jilin-package"))
    names = levers_of(base, policy)
    everybody = [Player(name, (name,)) for name in names]
    alone = [
        with_players(base, policy, everybody, frozenset({name})).model_copy(update={"name": name}) for name in names
    ]
    return cs.compare(base, *alone, policy.model_copy(update={"name": PACKAGE}), replications=pairs, progress=True)


def path(effect: Effect, indicator: str, scope: str = "chain") -> np.ndarray:
    """An indicator in both worlds, (2, pairs, years)."""
    tables = [result.region[result.region["scope"] == scope] for result in (effect.base, effect.policy)]
    return np.stack([table.pivot(index="replication", columns="year", values=indicator).to_numpy() for table in tables])


def row(effect: Effect) -> str:
    """The cells of a lever: outlay, output, jobs, job-years, localization, R&D; standard errors in brackets."""
    start = effect.base.years[0]
    output = np.log(path(effect, "output"))
    jobs, every = path(effect, JOBS), path(effect, JOBS, "all")
    grown = 100 * (output[1] - output[0])
    outlay = effect.policy.levers.groupby("replication")["outlay"].sum().to_numpy()
    local, rd = path(effect, FIXED), path(effect, "rd")
    at = 2030 - start
    cells = [
        f"{outlay.mean():,.0f}",
        "/".join(f"{grown[:, year - start].mean():.2f}" for year in (2025, 2030, 2035)) + error(grown[:, -1], 2),
        f"{(jobs[1] - jobs[0])[:, at].mean():,.0f}" + error((jobs[1] - jobs[0])[:, at], 0),
        f"{(jobs[1] - jobs[0]).sum(axis=1).mean():,.0f} ({(every[1] - every[0]).sum(axis=1).mean():,.0f})",
        f"{100 * (local[1] - local[0])[:, at].mean():.2f}" + error(100 * (local[1] - local[0])[:, at], 2),
        f"{(rd[1] - rd[0])[:, at].mean():,.0f}" + error((rd[1] - rd[0])[:, at], 0),
    ]
    return " | ".join(cells)


def error(values: np.ndarray, digits: int) -> str:
    """Standard error of the mean, in brackets."""
    return f" ({values.std(ddof=1) / np.sqrt(values.size):,.{digits}f})"


def package_table(effect: Effect) -> str:
    """The levers anew, each above what the first model said."""
    lines = [HEAD, "|" + "---|" * 8]
    for part in effect.parts:
        name = part.names[0]
        lines.append(f"| {name} | now | {row(part)} |")
        lines += [f"| | first | {OLD[name]} |"] if name in OLD else []
    return "\n".join(lines)


def drawn(effect: Effect, pairs: int) -> None:
    """A disc for every lever and channel: its area is the effect of 2035, filled where the sign is certain."""
    import matplotlib.pyplot as plt

    parts, end = effect.parts, effect.base.years[1]
    found = [{name: shares(part, name, end) for name in NAMES} for part in parts]
    widths = [len(found[0][name]) for name in NAMES]
    figure, axes = plt.subplots(1, 2, figsize=(13, 0.42 * len(parts) + 2.4), width_ratios=widths, layout="constrained")
    for ax, (indicator, called) in zip(axes, NAMES.items(), strict=True):
        most = max(abs(share.mean) for each in found for share in each[indicator])
        for y, each in enumerate(found):
            for x, share in enumerate(each[indicator]):
                colour = "0.55" if share.channel == REST else "#12355b" if share.mean > 0 else "#b3392b"
                ax.scatter(
                    x, y, s=900 * abs(share.mean) / most, marker="o" if share.mean > 0 else "s",
                    facecolor=colour if share.certain else "none", edgecolor=colour, linewidth=1.0,
                )  # fmt: skip
        channels = [share.channel for share in found[0][indicator]]
        ax.set_xticks(range(len(channels)), channels, rotation=45, ha="left")
        ax.xaxis.tick_top()
        ax.axvline(0.5, color="0.8", linewidth=0.8)
        ax.set_yticks(range(len(parts)), [part.names[0].replace("_", " ") for part in parts] if ax is axes[0] else [])
        ax.set_ylim(len(parts) - 0.4, -0.6)
        ax.set_xlim(-0.7, len(channels) - 0.3)
        ax.tick_params(length=0)
        ax.grid(axis="y", color="0.92")
        ax.set_axisbelow(True)
        for side in ax.spines.values():
            side.set_visible(False)
        unit = f"{100 * most:.2f} points" if indicator == FIXED else f"{most:,.0f} persons"
        ax.set_xlabel(f"{called} {end}: the largest mark is {unit}")
    figure.suptitle(
        f"Which lever of the package reaches localization and jobs by which channel, each lever alone, {pairs} pairs.\n"
        "Disc: more, square: less; area: size; filled where the sign of the mean is certain (90 %); grey: luck of who is seen.",
        x=0.01, horizontalalignment="left", fontsize="medium",
    )  # fmt: skip
    figure.savefig(HERE / "images" / "lever-channels.png", dpi=90)


def written(text: str, part: str, table: str) -> str:
    """The page with one of its tables made anew."""
    return re.sub(
        rf"(<!-- {part} -->\n).*?(<!-- end -->)", lambda found: found[1] + table + "\n" + found[2], text, flags=re.S
    )


if __name__ == "__main__":
    matplotlib.use("Agg")
    number = int(sys.argv[1]) if len(sys.argv) > 1 else PAIRS
    outcome = measured(number)
    page = HERE / "lever-responses.md"
    content = page.read_text(encoding="utf-8")
    content = re.sub(r"(alone in )\d+( pairs, by channel)", rf"\g<1>{number}\2", content)
    content = written(content, "package", package_table(outcome))
    content = re.sub(r"(Other aims of 2035 likewise, in )\d+( pairs)", rf"\g<1>{number}\2", content)
    content = written(content, "signs", sign_table(outcome, NAMES))
    page.write_text(written(content, "signs of output", sign_table(outcome, OTHERS)), encoding="utf-8")
    drawn(outcome, number)
