"""Designs: which points they have, and what is said about their mistakes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scenario_files import SMALL, written
from sweeps import DESIGN, MINIMAL, ROOT, design_file, small

from chainsim.experiments.axes import Axis
from chainsim.experiments.design import Design
from chainsim.experiments.design_file import design_of
from chainsim.experiments.sampling import Morris
from chainsim.scenario.errors import Mark, ScenarioError

SUBSTITUTION, SAMPLE = "stages.sourcing.substitution", "stages.sourcing.sample"
HERE = Mark("here")


def lines(folder: Path, text: str) -> list[str]:
    """What is said about a design, each mistake on one line."""
    try:
        design_of(design_file(folder, text))
    except ScenarioError as error:
        return list(map(str, error.problems))
    return []


def made(kind: dict[str, Any], **vary: Any) -> Design:
    """A design over the small economy."""
    return small(vary=vary or {SUBSTITUTION: {}, SAMPLE: {"low": 2, "high": 5}}, design=kind)


def test_a_grid_has_every_combination_and_the_last_axis_moves_first() -> None:
    design = made({"kind": "grid", "levels": 2}, **{SUBSTITUTION: {"low": 2, "high": 4}, SAMPLE: [3, 4, 5]})
    assert design.columns[SUBSTITUTION].tolist() == [2, 2, 2, 4, 4, 4]
    assert design.columns[SAMPLE].tolist() == [3, 4, 5, 3, 4, 5]


def test_an_empty_range_is_the_range_of_the_parameter() -> None:
    axis = made({"kind": "latin", "points": 4}, **{SUBSTITUTION: {}}).axes[0]
    assert (axis.low, axis.high, axis.unit) == (1.5, 5, "1")


def test_an_empty_range_is_first_of_all_that_of_the_scenario() -> None:
    told = MINIMAL.replace({SUBSTITUTION: {"value": 3, "low": 2, "high": 3.5}})
    axis = design_of({"scenario": told, "vary": {SUBSTITUTION: {}}, "design": {"kind": "latin", "points": 4}}).axes[0]
    assert (axis.low, axis.high) == (2, 3.5)


def test_whole_numbers_own_equal_parts_of_their_range() -> None:
    counts = np.bincount(made({"kind": "latin", "points": 400}).columns[SAMPLE])
    assert counts[2:].tolist() == [100, 100, 100, 100]


def test_words_and_switches_own_equal_parts_of_their_list() -> None:
    axis = Axis("x", HERE, None, values=("pro_rata", "merit", True))
    assert axis.at(np.array([0, 0.33, 0.34, 0.66, 0.67, 1.0])).tolist() == ["pro_rata"] * 2 + ["merit"] * 2 + [True] * 2


def test_equal_factors_put_the_middle_of_a_range_at_its_geometric_mean() -> None:
    axis = Axis("x", HERE, 1.0, low=1.0, high=100.0, log=True)
    assert axis.at(np.array([0, 0.5, 1])) == pytest.approx([1, 10, 100])


@pytest.mark.parametrize("kind", ["latin", "sobol"])
def test_every_combination_of_listed_values_meets_the_same_sample(kind: str) -> None:
    design = made({"kind": kind, "points": 8}, **{SUBSTITUTION: {}, SAMPLE: [3, 5]})
    values, listed = design.columns[SUBSTITUTION], design.columns[SAMPLE]
    assert design.points == 16
    assert values[listed == 3].tolist() == values[listed == 5].tolist()


def test_more_points_of_a_sobol_sequence_continue_the_same_sequence() -> None:
    few, many = (made({"kind": "sobol", "points": points}).columns[SUBSTITUTION] for points in (8, 32))
    assert many[:8].tolist() == few.tolist()


def test_a_latin_hypercube_meets_every_slice_once() -> None:
    values = made({"kind": "latin", "points": 50}, **{SUBSTITUTION: {"low": 1, "high": 2}}).columns[SUBSTITUTION]
    assert sorted(np.floor((values - 1) * 50)) == list(range(50))


def test_one_at_a_time_moves_one_axis_and_begins_with_the_scenario() -> None:
    design = made({"kind": "oat", "levels": 3})
    rows = design.table().drop(columns="point").to_numpy()
    own = [MINIMAL.stages.sourcing.substitution, MINIMAL.stages.sourcing.sample]
    assert rows[0].tolist() == own
    assert all((row != own).sum() == 1 for row in rows[1:])


def test_neighbours_of_a_morris_trajectory_differ_by_one_step_along_one_axis() -> None:
    kind = Morris(kind="morris", trajectories=20, levels=4)
    positions = kind.positions(5)
    steps = np.abs(np.diff(positions, axis=1))
    assert ((steps > 0).sum(axis=2) == 1).all()
    assert steps.max(axis=2) == pytest.approx(2 / 3)
    assert {round(place * 3) for place in positions.ravel()} == {0, 1, 2, 3}


def test_a_saltelli_block_is_a_then_a_with_one_axis_from_b_then_b() -> None:
    first, with_one, with_two, second = (
        made({"kind": "saltelli", "points": 2}).table().drop(columns="point").to_numpy()[:4]
    )
    assert with_one.tolist() == [second[0], first[1]]
    assert with_two.tolist() == [first[0], second[1]]


def test_points_come_from_a_table_and_empty_cells_keep_the_value_of_the_scenario(tmp_path: Path) -> None:
    written(tmp_path, f"point,{SAMPLE},stages.innovation.enabled\n0,3,false\n1,,true\n", "points.csv")
    design = design_of(design_file(tmp_path, "scenario: case.yaml\ndesign: {kind: list, file: points.csv}\n"))
    assert design.columns[SAMPLE].tolist() == [3, MINIMAL.stages.sourcing.sample]
    assert design.columns["stages.innovation.enabled"].tolist() == [False, True]


def test_replications_have_the_same_seeds_at_every_point() -> None:
    design = small()
    assert [design.seed((point, replication)) for point in (0, 3) for replication in range(3)] == [1, 2, 3] * 2
    assert {design.at(point).seed for point in range(design.points)} == {1}


def test_all_mistakes_of_a_design_are_told_in_one_pass_with_their_places(tmp_path: Path) -> None:
    text = """\
scenario: case.yaml
vary:
  stages.sourcing.substitutoin: {}
  stages.innovation.enabled: {}
  seed: [1, 2]
  region.productivity_growth:
  stages.sourcing.sample: {low: 2.5, high: 4}
design: {kind: sobol, point: 100}
reps: 3
"""
    told = "\n".join(lines(tmp_path, text))
    for expected in (
        "design.yaml:3:3  vary.stages.sourcing.substitutoin: unknown key 'substitutoin', did you mean 'substitution'?",
        "design.yaml:4:3  vary.stages.innovation.enabled: this is no number",
        "design.yaml:5:3  vary.seed: seed cannot be varied",
        "design.yaml:6:3  vary.region.productivity_growth: expected a list of values",
        "design.yaml:7:3  vary.stages.sourcing.sample: this is a whole number",
        "design.yaml:8:23  design.point: unknown key 'point', did you mean 'points'?",
        "design.yaml:9:1  reps: unknown key 'reps'",
    ):
        assert expected in told


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            ("[0.1, 0.3]", "[0.1, 1.3]"),
            "design.yaml:3:3  vary.stages.sourcing.review_rate: expected a number from 0 to 1",
        ),
        (("[0.1, 0.3]", "[0.1, yes]"), "found the text 'yes'"),
        (("[0.1, 0.3]", "[0.1, 0.1]"), "0.1 is listed twice"),
        (("[0.1, 0.3]", "[]"), "at least 1"),
        (("low: 0.02", "low: 0.06"), "low 0.06 must be below high 0.05"),
        (
            ("{kind: grid, levels: 2}", "{kind: sobol, points: 100}"),
            "expected a power of 2, such as 64 or 128, found 100",
        ),
        (("{kind: grid, levels: 2}", "{kind: gird}"), "unknown kind 'gird', did you mean 'grid'?"),
        (("case.yaml", "cse.yaml"), "scenario: there is no file 'cse.yaml'"),
        (("record: [region", "record: [regions"), "did you mean 'region'?"),
        (("[region, segments]", "[region, industries]"), "record.1: no segment of the chain states a leading industry"),
        (("  region.productivity_growth", "  region"), "region: this is no number"),
    ],
)
def test_a_mistake_is_told_with_what_was_expected(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    assert any(told in line for line in lines(tmp_path, DESIGN.replace(*change)))


def test_a_coefficient_that_would_upset_a_balance_is_refused_before_anything_runs(tmp_path: Path) -> None:
    text = DESIGN.replace("stages.sourcing.review_rate: [0.1, 0.3]", "chain.segments.cars.inputs.steel: [0.2, 0.25]")
    told = lines(tmp_path, text)
    assert len(told) == 1
    assert told[0].startswith("design.yaml:3:3  vary.chain.segments.cars.inputs.steel: with")
    assert "chain.segments.cars.inputs.steel = 0.25" in told[0]
    assert "the markets take 80" in told[0]
    assert "numbers that balance each other cannot move alone" in told[0]


def test_numbers_that_balance_each_other_may_move_together(tmp_path: Path) -> None:
    paths = "chain.segments.cars.inputs.steel,chain.segments.steel.markets.national.sales"
    written(tmp_path, f"{paths}\n0.2,80\n0.25,75\n", "points.csv")
    design = design_of(design_file(tmp_path, "scenario: case.yaml\ndesign: {kind: list, file: points.csv}\n"))
    assert design.at(1).chain.segments["steel"].markets["national"].sales == 75


def test_a_wrong_point_of_a_table_is_told_with_its_line(tmp_path: Path) -> None:
    written(tmp_path, "stages.sourcing.review_rate\n0.2\n2\n", "points.csv")
    told = lines(tmp_path, "scenario: case.yaml\ndesign: {kind: list, file: points.csv}\n")
    assert len(told) == 1
    assert told[0].startswith("points.csv:3:1")


def test_rows_that_differ_between_runs_have_no_summary(tmp_path: Path) -> None:
    told = lines(tmp_path, DESIGN.replace("[region, segments]", "[named]") + "summary: [0.5]\n")
    assert told == [
        "design.yaml:7:10  record.0: the rows of named differ between runs, so it has no summary; "
        + told[0].partition("; ")[2]
    ]


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios" / "sweeps").glob("*.yaml")), ids=lambda path: path.name)
def test_the_designs_in_the_folder_of_scenarios_load(path: Path) -> None:
    assert design_of(path).runs > 10


@pytest.mark.parametrize("name", ["../../../pwned", "a/b", "a\\\\b", "..", "a\\u202eb"])
def test_a_name_of_a_design_is_no_path_and_turns_nothing(tmp_path: Path, name: str) -> None:
    assert "name" in "\n".join(lines(tmp_path, f'name: "{name}"\nscenario: case.yaml\ndesign: {{kind: grid}}\n'))


@pytest.mark.parametrize("place", ["../../case.yaml", "/etc/hostname", "../../../../../../../../etc/passwd"])
def test_a_design_names_no_scenario_further_up_than_beside_its_folder(tmp_path: Path, place: str) -> None:
    folder = tmp_path / "designs" / "mine"
    for there in (tmp_path, folder):
        written(there, SMALL, "case.yaml")
    told = lines(folder, f"scenario: {place}\ndesign: {{kind: grid}}\n")
    assert len(told) == 1
    assert told[0].startswith(f"design.yaml:1:11  scenario: '{place}' leads out of the folder of design.yaml")


def test_a_design_may_lie_in_a_folder_beside_its_scenario(tmp_path: Path) -> None:
    written(tmp_path, SMALL, "case.yaml")
    path = written(tmp_path / "sweeps", "scenario: ../case.yaml\ndesign: {kind: grid}\n", "design.yaml")
    assert design_of(path).scenario.name == "small"


@pytest.mark.parametrize("place", ["../points.csv", "/etc/hostname"])
def test_a_design_names_no_table_outside_its_folder(tmp_path: Path, place: str) -> None:
    written(tmp_path, f"{SAMPLE}\n3\n", "points.csv")
    text = f"scenario: case.yaml\ndesign: {{kind: list, file: {place}}}\n"
    told = lines(tmp_path / "sweeps", text)
    assert len(told) == 1
    assert told[0].startswith(f"design.yaml:2:28  design.file: '{place}' leads out of the folder of design.yaml")
