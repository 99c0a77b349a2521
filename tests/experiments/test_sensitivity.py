"""Sensitivity: known functions get their known indices, another library agrees, luck is not taken for influence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sweeps import MINIMAL, small

import chainsim as cs
from chainsim.experiments import indices
from chainsim.experiments.sampling import Morris, sobol
from chainsim.experiments.sensitivity_report import LUCK, Sensitivity, lines

GROWTH, REVIEW, SWITCH = "region.productivity_growth", "stages.sourcing.review_rate", "stages.innovation.enabled"


def ishigami(positions: np.ndarray) -> np.ndarray:
    """The function of Ishigami and Homma (1990) on (n, 3) positions from 0 to 1, with a = 7 and b = 0.1."""
    x = (2 * positions - 1) * np.pi
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


ISHIGAMI_FIRST, ISHIGAMI_TOTAL = (0.3139, 0.4424, 0.0), (0.5576, 0.4424, 0.2437)
"""Exact indices."""

G = np.array([0.0, 1.0, 4.5, 9.0, 99.0])


def g_function(positions: np.ndarray) -> np.ndarray:
    """The g-function of Sobol on (n, 5) positions."""
    return np.prod((np.abs(4 * positions - 2) + G) / (1 + G), axis=1)


def g_first() -> np.ndarray:
    """Exact first-order indices of the g-function."""
    alone = 1 / (3 * (1 + G) ** 2)
    return alone / (np.prod(1 + alone) - 1)


def g_total() -> np.ndarray:
    """Exact total indices of the g-function."""
    alone = 1 / (3 * (1 + G) ** 2)
    return alone * np.prod(1 + alone) / (1 + alone) / (np.prod(1 + alone) - 1)


def blocks(function: Any, size: int, points: int = 4096) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outputs at A, at A with one axis from B, and at B, of one run each."""
    base = sobol(points, 2 * size, 0)
    a, b = base[:, :size], base[:, size:]
    mixed = [np.where(np.arange(size) == number, b, a) for number in range(size)]
    return function(a)[:, None], np.stack([function(one) for one in mixed], axis=1)[:, :, None], function(b)[:, None]


@pytest.mark.parametrize(
    ("function", "first", "total"),
    [(ishigami, ISHIGAMI_FIRST, ISHIGAMI_TOTAL), (g_function, g_first(), g_total())],
)
def test_sobol_indices_of_known_functions_are_found(function: Any, first: Any, total: Any) -> None:
    found = indices.sobol(*blocks(function, len(first)))
    assert found.first.value == pytest.approx(first, abs=0.02)  # the error of 4096 quasi-random points
    assert found.total.value == pytest.approx(total, abs=0.02)
    for measure, exact in ((found.first, first), (found.total, total)):
        assert (measure.low - 0.02 <= exact).all()
        assert (exact <= measure.high + 0.02).all()


@pytest.mark.parametrize(("function", "size"), [(ishigami, 3), (g_function, 5)])
def test_salib_finds_the_same_sobol_indices_from_the_same_runs(function: Any, size: int) -> None:
    analyze = pytest.importorskip("SALib.analyze.sobol").analyze
    a, ab, b = blocks(function, size, 512)
    problem = {"num_vars": size, "names": [f"x{number}" for number in range(size)], "bounds": [[0, 1]] * size}
    runs = np.column_stack([a, ab[:, :, 0], b]).ravel()
    told = analyze(problem, runs, calc_second_order=False, num_resamples=10)
    found = indices.sobol(a, ab, b)
    assert found.total.value == pytest.approx(told["ST"], rel=1e-9)
    assert found.first.value == pytest.approx(told["S1"], abs=2e-3)  # it centres by the mean of all runs


@pytest.mark.parametrize(("function", "size"), [(ishigami, 3), (g_function, 5)])
def test_salib_finds_the_same_elementary_effects_from_the_same_runs(function: Any, size: int) -> None:
    analyze = pytest.importorskip("SALib.analyze.morris").analyze
    kind = Morris(kind="morris", trajectories=50)
    positions = kind.positions(size)
    runs = function(positions.reshape(-1, size)).reshape(50, size + 1)
    problem = {"num_vars": size, "names": [f"x{number}" for number in range(size)], "bounds": [[0, 1]] * size}
    told = analyze(problem, positions.reshape(-1, size), runs.ravel(), num_levels=4, num_resamples=10)
    found = indices.morris(indices.elementary_effects(runs, positions))
    assert found.mu_star.value == pytest.approx(np.asarray(told["mu_star"]), rel=1e-9)
    assert found.mu == pytest.approx(np.asarray(told["mu"]), rel=1e-9, abs=1e-12)
    assert found.sigma == pytest.approx(np.asarray(told["sigma"]), rel=1e-9)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    held = []
    for seed in range(40):
        base = sobol(256, 6, seed)
        a, b = base[:, :3], base[:, 3:]
        ab = np.stack([ishigami(np.where(np.arange(3) == number, b, a)) for number in range(3)], axis=1)
        total = indices.sobol(ishigami(a)[:, None], ab[:, :, None], ishigami(b)[:, None]).total
        held.append((total.low <= ISHIGAMI_TOTAL) & (total.high >= ISHIGAMI_TOTAL))
    assert np.mean(held) > 0.85  # 95 % for independent points; quasi-random ones do better


def test_intervals_allow_for_few_seeds() -> None:
    """An axis whose effect has another sign with every seed has none on average; the interval must hold zero."""
    held = []
    for seed in range(40):
        base = sobol(128, 4, seed)
        a, b = base[:, :2], base[:, 2:]
        by_seed = np.random.default_rng(seed).normal(size=6)

        def runs(x: np.ndarray, by_seed: np.ndarray = by_seed) -> np.ndarray:
            return x[:, [0]] + x[:, [1]] * by_seed

        mixed = np.stack([runs(np.where(np.arange(2) == number, b, a)) for number in range(2)], axis=1)
        total = indices.sobol(runs(a), mixed, runs(b)).total
        held.append(total.low[1] <= 0 <= total.high[1])
    assert np.mean(held) > 0.85


def test_given_data_tell_the_share_of_an_axis_and_nothing_for_one_that_does_nothing() -> None:
    positions = sobol(2048, 4, 0)
    groups = [indices.groups_of(positions[:, number]) for number in range(4)]
    found = indices.given_data(groups, ishigami(positions[:, :3]))
    assert found.value == pytest.approx([*ISHIGAMI_FIRST, 0.0], abs=0.04)  # twelve groups blur the sine


def test_an_output_that_never_moves_has_no_influence() -> None:
    found = indices.sobol(np.ones((8, 1)), np.ones((8, 2, 1)), np.ones((8, 1)))
    assert found.total.value.tolist() == found.first.value.tolist() == [0, 0]


def test_luck_adds_nothing_to_sobol_indices() -> None:
    """Luck as large as the function, half of it shared by all points, doubles the total indices of means, not these."""
    drawn = np.random.default_rng(3)
    clean = blocks(ishigami, 3)
    shared, size = drawn.normal(0, 2.6, 4), 2.6
    lucky = [values + shared + drawn.normal(0, size, (*values.shape[:-1], 4)) for values in clean]
    found = indices.sobol(*lucky)
    assert found.first.value == pytest.approx(ISHIGAMI_FIRST, abs=0.06)
    assert found.total.value == pytest.approx(ISHIGAMI_TOTAL, abs=0.06)
    means = indices.sobol(*(values.mean(axis=-1, keepdims=True) for values in lucky))
    assert means.total.value[2] > ISHIGAMI_TOTAL[2] + 0.08


def noisy(between: float, common: float, moving: float, points: int = 400, replications: int = 20) -> np.ndarray:
    """Outputs with known standard deviations: of points, of seeds that all points share, and of the rest."""
    drawn = np.random.default_rng(1)
    point = drawn.normal(0, between, (points, 1))
    seed = drawn.normal(0, common, (1, replications))
    return point + seed + drawn.normal(0, moving, (points, replications))


def test_luck_and_parameters_are_kept_apart() -> None:
    found = indices.seed_noise(noisy(2.0, 0.0, 1.0))
    assert found.within == pytest.approx(1.0, rel=0.1)
    assert found.between == pytest.approx(2.0, rel=0.1)
    assert found.share == pytest.approx(0.2, abs=0.03)
    assert found.enough == pytest.approx(1.0**2 / (0.05 * 2.0**2), abs=1)


def test_luck_that_all_points_share_needs_no_more_replications() -> None:
    apart, shared = indices.seed_noise(noisy(2.0, 0.0, 1.0)), indices.seed_noise(noisy(2.0, 5.0, 1.0))
    assert shared.share > 0.7
    assert abs(shared.enough - apart.enough) <= 1


def test_nothing_is_said_about_luck_from_one_replication() -> None:
    found = indices.seed_noise(noisy(1.0, 0.0, 1.0, replications=1))
    assert np.isnan(found.share)


def test_no_number_of_replications_is_enough_where_parameters_do_nothing() -> None:
    assert indices.seed_noise(np.tile([1.0, 2.0, 4.0], (5, 1))).enough == 2  # the same luck everywhere: nothing moves
    drawn = np.random.default_rng(2).normal(size=(50, 2))
    assert indices.seed_noise(drawn - drawn.mean(axis=1, keepdims=True)).enough == 10_000


def studied(folder: Path, kind: dict[str, Any], **more: Any) -> Sensitivity:
    """A small analysis: productivity growth moves jobs, the rate of reviews hardly, the switch something."""
    vary = {GROWTH: {}, REVIEW: {}, SWITCH: [True, False]}
    design = small(vary=vary, design=kind, replications=more.pop("replications", 3))
    return cs.sensitivity(design, folder / "store", indicators=("employment", "devices.output"), **more)


@pytest.mark.parametrize(
    ("kind", "measure"),
    [
        ({"kind": "morris", "trajectories": 4}, "mu_star"),
        ({"kind": "saltelli", "points": 8}, "total"),
        ({"kind": "oat", "levels": 3}, "swing"),
        ({"kind": "latin", "points": 24}, "first"),
    ],
)
def test_every_kind_of_design_finds_the_parameter_that_moves_jobs(tmp_path: Path, kind: Any, measure: str) -> None:
    found = studied(tmp_path, kind)
    assert found.measure == measure
    ranking = found.ranking("employment")
    assert ranking["parameter"][0] == GROWTH
    assert (ranking[f"{measure}_low"] <= ranking[measure] + 1e-12).all()
    assert (ranking[measure] <= ranking[f"{measure}_high"] + 1e-12).all()
    luck = found.table[found.table["parameter"] == LUCK].set_index("indicator")["share"]
    assert 0 < luck["employment"] < 1
    assert luck["employment"] == found.noise.set_index("indicator")["share"]["employment"]


def test_an_analysis_is_saved_with_pictures_and_the_same_bytes_each_time(tmp_path: Path) -> None:
    found = studied(tmp_path, {"kind": "morris", "trajectories": 4})
    first, second = found.save(tmp_path / "a"), found.save(tmp_path / "b")
    names = {path.name for path in first.iterdir()}
    assert names == {"sensitivity.csv", "noise.csv", "summary.txt", "next.yaml", "employment.svg", "devices.output.svg"}
    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in names)
    text = (first / "summary.txt").read_text(encoding="utf-8")
    assert "replications are enough" in text
    assert "productivity_growth" in (first / "next.yaml").read_text(encoding="utf-8")


def test_wide_intervals_few_replications_and_failures_are_warned_of(tmp_path: Path) -> None:
    told = "\n".join(studied(tmp_path, {"kind": "saltelli", "points": 2}, replications=1).warnings)
    assert "with one replication luck cannot be told from parameters" in told
    assert "wide intervals" in told
    assert "try points: 4" in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"indicators": ["jobs"]}, "no indicator 'jobs' in the table region"),
        ({"indicators": ["device.output"]}, "'device' is no tier or segment; there are upstream"),
        ({"indicators": ["upstream.output"]}, "needs the runs of the table tiers; the design records region, segments"),
        ({"year": 2050}, "the year is 2050; the scenario has 2020 to 2022"),
    ],
)
def test_what_cannot_be_analysed_is_told(tmp_path: Path, arguments: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        cs.sensitivity(small(), tmp_path / "store", **arguments)


def test_curves_and_heat_maps_show_the_values_of_the_design(tmp_path: Path) -> None:
    found = studied(tmp_path, {"kind": "grid", "levels": 3})
    curve = found.curve(GROWTH, "employment")
    assert curve.lines[0].get_xdata().tolist() == pytest.approx([0.02, 0.035, 0.05])
    assert (np.diff(curve.lines[0].get_ydata()) < 0).all(), "faster productivity, fewer jobs"
    image = found.heatmap(GROWTH, SWITCH, "employment").images[0].get_array()
    assert image.shape == (2, 3)
    expected = found.outputs["employment"].mean(axis=1).reshape(3, 3, 2).mean(axis=1).T
    assert np.asarray(image) == pytest.approx(expected)
    with pytest.raises(ValueError, match="is not varied"):
        found.curve("years.end", "employment")


def test_a_curve_over_words_has_their_names(tmp_path: Path) -> None:
    axes = studied(tmp_path, {"kind": "oat", "levels": 3}).curve(SWITCH, "employment")
    assert [text.get_text() for text in axes.get_xticklabels()] == ["true", "false"]


def test_luck_is_subtracted_by_seed_in_elementary_effects(tmp_path: Path) -> None:
    design = small(
        scenario=MINIMAL, vary={GROWTH: {}, REVIEW: {}}, design={"kind": "morris", "trajectories": 3}, replications=2
    )
    found = cs.sensitivity(design, tmp_path / "store", indicators=["employment"])
    values = found.outputs["employment"].reshape(3, 3, 2)
    each = [indices.elementary_effects(values[:, :, r], design.kind.positions(2)) for r in (0, 1)]
    row = found.table.set_index("parameter").loc[GROWTH]
    assert row["mu_star"] == pytest.approx(np.abs(np.mean(each, axis=0))[:, 0].mean())
    assert row["luck"] == pytest.approx(np.sqrt(2 / np.pi * np.var(each, axis=0, ddof=1)[:, 0].mean() / 2))


def test_a_result_that_nothing_moves_is_said_to_have_nothing_to_apportion(tmp_path: Path) -> None:
    design = small(vary={GROWTH: {}, REVIEW: {}}, design={"kind": "saltelli", "points": 2}, replications=2)
    found = cs.sensitivity(design, tmp_path / "store", indicators=("fiscal_outlay", "employment"))
    text = "\n".join(lines(found))
    assert "fiscal_outlay\n  no parameter moves this result, so there is nothing to apportion" in text
    assert text.count("replications are enough") + text.count("no number of replications") == 1
    assert any(told.startswith("fiscal_outlay: no parameter moves") for told in found.warnings)


def test_a_screening_says_which_of_the_listed_values_raises_the_result(tmp_path: Path) -> None:
    found = studied(tmp_path, {"kind": "morris", "trajectories": 4})
    row = found.ranking("employment").set_index("parameter").loc[SWITCH]
    end = "false" if row["mu"] > 0 else "true"
    assert any(SWITCH in line and f"{end} raises it" in line for line in lines(found))
    assert not any(GROWTH in line and "raises it" in line for line in lines(found))
