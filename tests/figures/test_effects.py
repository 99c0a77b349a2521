"""Pictures of effects: the line at zero, the mean of the pairs, bars of outlay."""

from __future__ import annotations

from functools import cache
from typing import Any

import matplotlib
import numpy as np
import pytest
from economies import START, crowd
from effect_cases import GRANT, PLANTS

import chainsim as cs
from chainsim.effects.additionality import outlay_by_lever
from chainsim.figures import effects

ROUGH: dict[str, Any] = {"levers.research": GRANT, "levers.plants": PLANTS | {"budget": 30}}

BASE = crowd(name="tiny", title={"en": "A tiny chain"}, chain={"application": ["downstream"]})

POLICY = BASE.replace(ROUGH | {"name": "grants", "title": {"en": "Grants & <more>", "zh": "资助"}})


@cache
def shared_effect() -> cs.Effect:
    """A comparison of four pairs."""
    return cs.compare(BASE, POLICY, replications=4)


@pytest.mark.parametrize(("by", "lines"), [(None, 1), ("scope", 2), ("tier", 1), ("segment", 1)])
def test_an_effect_is_drawn_around_a_line_at_zero_with_its_unit(by: str | None, lines: int) -> None:
    ax = shared_effect().plot("employment", by=by)
    drawn = [line for line in ax.get_lines() if len(np.asarray(line.get_xdata())) > 2]
    assert len(drawn) == lines
    assert any(list(line.get_ydata()) == [0.0, 0.0] for line in ax.get_lines())
    assert "persons" in ax.get_ylabel()
    assert len(ax.figure.axes) == (1 if by in (None, "scope") else 2)
    matplotlib.pyplot.close("all")


def test_the_line_is_the_mean_of_the_paired_differences() -> None:
    ax = shared_effect().plot("localization_rate")
    line = next(line for line in ax.get_lines() if len(np.asarray(line.get_xdata())) > 2)
    table = shared_effect().table(years=range(START, START + 6), indicators=["localization_rate"])
    assert np.asarray(line.get_ydata()) == pytest.approx(100.0 * table["mean"].to_numpy())
    assert "percentage points" in ax.get_ylabel()
    matplotlib.pyplot.close("all")


def test_bars_of_outlay_reach_the_outlay_and_dots_are_pairs() -> None:
    table = outlay_by_lever(shared_effect().policy)
    ax = effects.outlays(table)
    heights = sum(patch.get_height() for patch in ax.patches)
    assert heights == pytest.approx(table.to_numpy().sum())
    plane = effects.plane(np.arange(4.0), np.ones(4))
    assert len(plane.collections[0].get_offsets()) == 4
    by_lever = effects.plane(np.arange(2.0), np.ones(2), ["research", "plants"])
    assert {text.get_text() for text in by_lever.texts} == {"research", "plants"}
    matplotlib.pyplot.close("all")
