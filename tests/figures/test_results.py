"""Pictures of results."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import economies
import matplotlib
import numpy as np
import pandas as pd
import pytest
import synthetic
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from chainsim.figures import results
from chainsim.figures.results import COLOURS, DASHES, chinese_fonts, fonts, style
from chainsim.report.figures import chart, charts
from chainsim.report.pages import report
from chainsim.runs.results import Result
from chainsim.scenario.errors import ScenarioError
from chainsim.scenario.load import load
from chainsim.scenario.write import write_resolved

MADE = synthetic.scenario(replications=6)
RESULT = Result(MADE, synthetic.recordings(MADE))


@pytest.fixture(autouse=True)
def _no_windows() -> Iterator[None]:
    matplotlib.use("Agg")
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


def test_a_name_with_dollars_is_no_formula() -> None:
    ax = RESULT.plot("output")
    with fonts(ax):
        ax.set_title(r"$\frac$", loc="left")
    ax.figure.canvas.draw()


def test_the_vertical_axis_carries_the_unit() -> None:
    assert RESULT.plot("output").get_ylabel() == "Output (CNY billion)"
    assert RESULT.plot("localization_rate").get_ylabel() == "Localization rate (%)"
    assert RESULT.plot("productivity").get_ylabel() == "Productivity (thousand CNY/person)"


def test_the_line_is_the_median_of_the_chain() -> None:
    line = RESULT.plot("output").lines[0]
    chain = RESULT.region.query("scope == 'chain'").groupby("year")["output"].median()
    np.testing.assert_allclose(line.get_ydata(), chain / 1000)
    assert list(line.get_xdata()) == list(range(2020, 2036))


def test_bands_are_there_only_with_replications_and_say_what_they_are() -> None:
    one = synthetic.scenario(replications=1)
    single = Result(one, synthetic.recordings(one)).plot("output")
    assert len(single.collections) == 0
    assert single.get_xlabel() == "one run"
    many = RESULT.plot("output")
    assert len(many.collections) == 2
    assert "bands hold 50 and 90 %" in many.get_xlabel()


def test_the_application_tier_has_axes_of_its_own() -> None:
    ax = RESULT.plot("output", by="tier")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["upstream", "midstream", "downstream"]
    assert ax.figure.axes[1].lines[0].get_ydata()[0] == pytest.approx(530.0)


def test_given_axes_are_used_and_show_the_chain_only() -> None:
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    assert RESULT.plot("output", by="tier", ax=ax) is ax
    assert len(ax.lines) == 3
    assert len(ax.figure.axes) == 1


def test_segments_are_drawn_in_the_order_of_the_scenario() -> None:
    labels = [text.get_text() for text in RESULT.plot("employment", by="segment").get_legend().get_texts()]
    assert labels[:2] == ["Photoresist", "Wafers"]
    assert len(labels) == 16


@pytest.mark.parametrize(("indicator", "by"), [("outputs", None), ("output", "colour"), ("hhi", "year")])
def test_unknown_names_are_refused_with_what_there_is(indicator: str, by: str | None) -> None:
    with pytest.raises(ValueError, match=r"there are|it can be"):
        RESULT.plot(indicator, by)


def test_stacked_areas_reach_the_chain_and_rates_are_refused() -> None:
    ax = RESULT.plot("output", by="segment", stacked=True)
    near = [name for name, item in MADE.chain.segments.items() if item.tier not in MADE.chain.application]
    table = RESULT.segments[RESULT.segments["segment"].isin(near)]
    tops = table.groupby(["year", "replication"])["output"].sum().groupby("year").mean()
    highest = max(path.vertices[:, 1].max() for area in ax.collections for path in area.get_paths())
    assert highest == pytest.approx(tops.max() / 1000.0)
    assert "CNY billion" in ax.get_ylabel()
    looks = {(str(area.get_facecolor()), area.get_hatch()) for area in ax.collections}
    assert len(looks) == len(ax.collections) == len(near)
    with pytest.raises(ValueError, match="does not add up"):
        RESULT.plot("localization_rate", by="tier", stacked=True)
    with pytest.raises(ValueError, match="by='tier'"):
        RESULT.plot("output", stacked=True)


@pytest.mark.parametrize("lines", [2, 6, 7, 18, 36])
def test_no_two_lines_look_alike(lines: int) -> None:
    looks = {str(style(number, lines)) for number in range(lines)}
    assert len(looks) == lines


def test_neighbouring_lines_differ_in_grey() -> None:
    grey = [float(np.dot(to_rgb(colour), (0.299, 0.587, 0.114))) for colour in COLOURS]
    assert min(abs(first - second) for first, second in pairwise(grey[:4])) > 0.08
    assert len(set(map(str, DASHES))) == len(COLOURS)


@pytest.mark.skipif(not chinese_fonts(), reason="no font with Chinese characters is installed")
def test_chinese_titles_have_glyphs() -> None:
    from matplotlib.figure import Figure

    with fonts():
        figure = Figure()
        figure.text(0.5, 0.5, "吉林省电子信息产业链")
        figure.canvas.draw()  # a missing glyph is a warning, and warnings are errors here


def test_every_text_of_a_picture_falls_back_to_a_chinese_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "chinese_fonts", lambda: ("Noto Sans CJK SC",))
    ax = results.plot(results.series(RESULT.region, MADE.chain, "output"), "吉林示例", "output")
    texts = [text for text in ax.findobj(Text) if text.get_text()]
    assert any("吉林示例" in text.get_text() for text in texts)
    assert all("Noto Sans CJK SC" in text.get_fontfamily() for text in texts)


def test_a_picture_leaves_on_what_a_notebook_switches_on_with_its_first_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = results.new_axes

    def first_figure(*wanted: Any, **how: Any) -> list[Axes]:
        matplotlib.interactive(True)
        return fresh(*wanted, **how)

    monkeypatch.setattr(results, "new_axes", first_figure)
    with matplotlib.rc_context({"interactive": False}):
        RESULT.plot("output")
        assert matplotlib.is_interactive()


@pytest.mark.parametrize("by", ["tier", "segment"])
def test_titles_of_neighbouring_panels_do_not_overlap(by: str) -> None:
    figure = RESULT.plot("localization_rate", by=by).figure
    figure.draw_without_rendering()
    left, right = figure.axes
    assert left.title.get_window_extent().x1 < right.title.get_window_extent().x0
    assert figure.get_suptitle().startswith("Localization rate")


def observed_points(ax: Axes) -> list[tuple[float, float]]:
    """Places of the points of what was observed."""
    drawn = [line for line in ax.lines if line.get_marker() == "o"]
    return [(float(x), float(y)) for line in drawn for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)]


def test_what_was_observed_stands_as_points_in_the_unit_of_the_axis_with_a_legend() -> None:
    frame = pd.DataFrame({"indicator": ["output", "rd"], "year": [2024, 2024], "value": [90_000.0, 1.0], "low": [80_000.0, 0.5]})  # fmt: skip
    ax = RESULT.plot("output", observed=frame)
    assert observed_points(ax) == [(2024.0, 90.0)]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["chain", "observed"]
    assert RESULT.plot("output").get_legend() is None
    tiers = RESULT.plot("output", by="tier", observed=frame.assign(of="upstream"))
    assert "upstream, observed" in [text.get_text() for text in tiers.get_legend().get_texts()]


def test_a_scenario_states_what_was_observed_and_levels_among_its_targets_are_points_too() -> None:
    level = {"id": "level", "target": "output", "value": 70.0, "how": "level", "indicator": "output", "first": 2020, "scale": 0.001}  # fmt: skip
    several = level | {"id": "several", "of": "chain -software"}
    seen = [{"indicator": "output", "year": 2024, "value": 90_000.0}, {"indicator": "output", "year": 2024, "value": 5e3, "of": "upstream"}]  # fmt: skip
    told = MADE.replace({"observed": seen, "targets": [level, several]})
    result = Result(told, synthetic.recordings(told))
    assert observed_points(result.plot("output")) == [(2024.0, 90.0), (2020.0, 70.0)]
    panels = {panel.name: panel for panel in chart(result, "output").near}
    assert [name for name, panel in panels.items() if panel.observed] == ["The chain", "Upstream"]
    assert "with what was observed as points" in panels["Upstream"].svg
    assert charts(result)[0] == chart(result, "output"), "panels on one sheet leave nothing behind on it"
    page = report(result)
    assert page.count("observed, with the range that agrees with it") == 1
    assert "observed, with the range" not in report(RESULT)


def test_observations_that_cannot_be_drawn_are_told() -> None:
    with pytest.raises(ValueError, match="observed lacks the column year"):
        RESULT.plot("output", observed=pd.DataFrame({"indicator": ["output"], "value": [1.0]}))
    with pytest.raises(ValueError, match="did you mean 'output'"):
        RESULT.plot("output", observed=pd.DataFrame({"indicator": ["outputt"], "year": [2024], "value": [1.0]}))
    with pytest.raises(ScenarioError, match="unknown indicator 'outputt', did you mean 'output'"):
        MADE.replace({"observed": [{"indicator": "outputt", "year": 2024, "value": 1.0}]})
    with pytest.raises(ScenarioError, match="nothing is called 'upstreem'"):
        MADE.replace({"observed": [{"indicator": "output", "year": 2024, "value": 1.0, "of": "upstreem"}]})


def test_a_table_of_observations_is_read_and_written_with_the_scenario(tmp_path: Path) -> None:
    seen = [{"indicator": "output", "year": 2024, "value": 90_000.0, "low": 8e4, "source": "a, b"}]
    told = economies.shipped("minimal").replace({"observed": seen})
    write_resolved(told, tmp_path)
    assert (tmp_path / "data" / "observed.csv").read_text("utf-8").startswith("indicator,year,of,value,low,source\n")
    assert load(tmp_path / "scenario.yaml").observed == told.observed
