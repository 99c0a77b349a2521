"""Draws the pictures of the documents from a real run: `python docs/make_images.py`, about a minute on one core."""

from __future__ import annotations

from pathlib import Path

import matplotlib

import chainsim as cs

HERE = Path(__file__).parent
RUNS = 20


def jilin() -> None:
    """The chain of Jilin without policy: its output, and how much of their inputs its tiers buy in the region."""
    import matplotlib.pyplot as plt

    result = cs.run(cs.load(HERE.parent / "scenarios" / "jilin.yaml"), replications=RUNS)
    found = result.headline().set_index("indicator")
    output, local = found.loc["output"], found.loc["localization_rate"]
    start, end = result.years
    growth = (output["last"] / output["first"]) ** (1 / (end - start)) - 1
    figure, axes = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
    result.plot("output", ax=axes[0])
    axes[0].set_title("Output of the chain", loc="left", fontsize="medium")
    result.plot("localization_rate", by="tier", ax=axes[1])
    axes[1].set_ylabel("Share of inputs bought in the region (%)")
    axes[1].set_title("Local supply of its tiers", loc="left", fontsize="medium")
    axes[1].get_legend().remove()
    for line in axes[1].lines:
        axes[1].text(end + 0.3, line.get_ydata()[-1], line.get_label(), color=line.get_color(), va="center")
    figure.suptitle(
        f"Without policy Jilin's electronics chain grows by {growth:.1%} a year,\n"
        f"and its local supply goes from {local['first']:.0%} to {local['last']:.0%} "
        f"({local['low90']:.0%} to {local['high90']:.0%} in nine runs of ten)",
        x=0.01,
        horizontalalignment="left",
    )
    figure.savefig(HERE / "images" / "jilin.png", dpi=110)


if __name__ == "__main__":
    matplotlib.use("Agg")
    jilin()
