"""A calibration of a small economy: it finds what made the data, keeps what is done, and refuses what would mislead.

The long job makes 400 runs in place of 72, of which 200 play the region.
"""

import shutil

import economies
import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, qmc
from sizes import size

import chainsim as cs
from chainsim.runs.output_folder import OutputError
from chainsim.scenario.errors import ScenarioError
from chainsim.validation import calibrate, calibration, calibration_file, calibration_runs
from chainsim.validation.calibration_file import calibration_of

START = economies.START
TRUTH = 0.045
FIT = {
    "region.productivity_growth": {"low": 0.02, "high": 0.05},
    "stages.sourcing.review_rate": {"low": 0.05, "high": 0.5, "scale": "log"},
    "stages.innovation.institute_elasticity": {},  # there are no institutes: a dummy
}
RUNS, FEW = size("CALIBRATED"), 24
"""Runs of the calibration, and of those that look at what is kept."""


def target(name, indicator, how="level", **fields):
    stated = {"id": name, "use": "fit", "target": name, "indicator": indicator, "of": "chain", "how": how}
    return {**stated, "value": 1.0, "first": START, "last": START + 2, **fields}


def figures(base, seed):
    """What a world with the true growth of productivity shows."""
    region = cs.run(base.replace({"region.productivity_growth": TRUTH}), seed=seed).region
    chain = region[region["scope"] == "chain"].set_index("year")
    first, last = chain.loc[START], chain.loc[START + 2]
    return {"wages": last["wage_ordinary"] / first["wage_ordinary"], "survival": chain["link_survival"].iloc[1:].mean()}


@pytest.fixture(scope="module")
def base():
    base = economies.shipped("minimal").replace({"years.end": START + 2})
    seen = figures(base, seed=999)
    return base.replace(
        {
            "targets": [
                target("wages", "wage_ordinary", "ratio", value=seen["wages"]),
                target("survival", "link_survival", "mean", value=seen["survival"], first=START + 1),
                target("base_output", "output", low=1800.0, high=2000.0, value=1900.0, last=None),
                target("later", "employment", "ratio", use="held_out", value=1.0, low=0.5, high=0.6),
                target("unread", None, how=None, unmeasured="nobody counted"),
            ]
        }
    )


@pytest.fixture(scope="module")
def plan(base):
    return {"name": "small", "scenario": base, "fit": FIT, "runs": RUNS}


@pytest.fixture(scope="module")
def folder(plan, tmp_path_factory):
    place = tmp_path_factory.mktemp("calibration") / "small"
    cs.calibrate(plan, place)
    return place


@pytest.fixture(scope="module")
def found(plan, folder):
    return cs.calibrate(plan, folder)


def test_the_data_tell_what_moves_them_and_not_a_dummy(found):
    told = found.identified().set_index("path")
    assert told.loc["region.productivity_growth", "verdict"] == "told"
    assert told.loc["stages.innovation.institute_elasticity", "left"] >= 0.9
    assert told.loc["stages.innovation.institute_elasticity", "verdict"] == "the data cannot tell"
    assert told["survives"].between(0.0, 1.0).all()
    rows = found.intervals().set_index("path")
    growth = rows.loc["region.productivity_growth"]
    assert growth["low90"] <= TRUTH <= growth["high90"]
    assert growth["nearest_low90"] <= TRUTH <= growth["nearest_high90"]
    assert told.loc["region.productivity_growth", "expected"] == pytest.approx(growth["left"], abs=0.25)


def test_what_moves_nothing_is_not_told_by_the_least_runs_allowed(plan):
    design = calibration_of({**plan, "runs": 20})
    assert len(design.axes) == 3
    told, moving = 0, 0
    for seed in range(20):
        chance = np.random.default_rng(seed)
        positions = qmc.Sobol(3, rng=seed).random(32)[:20]
        shown = pd.DataFrame(chance.normal(0, 0.1, (20, 5)), columns=[item.id for item in design.scenario.targets])
        shown["wages"] += 1.0 + 2.0 * positions[:, 0]
        shown["base_output"] = 1900.0
        shown["unread"] = np.nan
        bank = calibration_runs.Bank(tuple(range(20)), positions, shown, {}, {})
        verdicts = calibration.Calibration(design, bank).identified().set_index("path")["verdict"]
        moving += verdicts[design.axes[0].path] != "the data cannot tell"
        told += (verdicts.drop(design.axes[0].path) != "the data cannot tell").any()
    assert told <= 1
    assert moving >= 18


def test_targets_are_shown_misses_first_and_held_out_ones_are_not_fitted_to(found):
    table = found.targets()
    assert table["id"].iloc[0] == "later"
    assert table["reached"].tolist() == [False, True, True, True, pd.NA]
    rows = table.set_index("id")
    assert rows["fitted"].to_dict() == {
        "later": False, "wages": True, "survival": True, "base_output": False, "unread": False,
    }  # fmt: skip
    assert rows.loc["unread", "why"] == "nobody counted"
    assert rows.loc["base_output", "why"] == "no number that is fitted moves it"
    assert 0.0 < rows.loc["survival", "luck"] <= 1.0


def test_what_a_held_out_row_says_changes_no_interval(plan, base, found):
    other = [{**row.model_dump(), "value": 77.0, "low": 70.0, "high": 80.0} if row.id == "later" else row.model_dump()
             for row in base.targets]  # fmt: skip
    changed = type(found)(calibration_of({**plan, "scenario": base.replace({"targets": other})}), found.bank)
    pd.testing.assert_frame_equal(changed.intervals(), found.intervals())


def test_every_run_plays_the_region_and_is_covered(found):
    table = found.coverage()
    assert table["runs"].tolist() == [min(RUNS, 200)] * 3
    reach = 0.05 if RUNS >= 200 else 0.1  # of 72 runs three standard errors are .11
    assert table["coverage"].between(0.9 - reach, 0.9 + reach).all()
    assert (table["ks"] > 0.05 / 3).all()


def test_two_hundred_runs_that_play_the_region_are_spread_over_the_ranges_and_covered(plan):
    design = calibration_of({**plan, "runs": 400})
    positions = calibration_file.positions_of(design)
    luck = norm.ppf(np.clip(calibration_file.sequence(400, 5)[:, 3:], 1e-6, 1 - 1e-6))
    shown = pd.DataFrame(np.nan, index=range(400), columns=[target.id for target in design.scenario.targets])
    shown[["wages", "survival"]] = positions[:, :2] + 0.2 * luck
    found = calibration.Calibration(design, calibration_runs.Bank(tuple(range(400)), positions, shown, {}, {}))
    table = found.coverage()
    assert table["runs"].tolist() == [200] * 3
    assert table["coverage"].between(0.85, 0.95).all(), table
    assert (table["ks"] > 0.05 / 3).all(), table


def test_the_calibrated_scenario_and_worlds_have_the_numbers_of_the_posterior(found, base):
    made = found.scenario()
    row = found.intervals().set_index("path").loc["region.productivity_growth"]
    assert row["low90"] <= made.region.productivity_growth <= row["high90"]
    worlds = found.worlds(50)
    drawn = np.array([world.economy["region.productivity_growth"] for world in worlds])
    assert np.median(drawn) == pytest.approx(row["median"], abs=0.003)
    assert worlds[0].of(base).region.productivity_growth == drawn[0]


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def counting(monkeypatch, most):
    """The seeds of the runs that are made from here on, with a kill when there are `most`."""
    run, made = calibration_runs.TargetRuns.__call__, []

    def counted(self, seed):
        if len(made) == most:
            raise KeyboardInterrupt
        made.append(seed)
        return (yield from run(self, seed))

    monkeypatch.setattr(calibration_runs.TargetRuns, "__call__", counted)
    return made


def test_a_stopped_calibration_goes_on_to_the_same_bytes_and_takes_more_runs(plan, folder, tmp_path, monkeypatch):
    place, once = tmp_path / "stopped", tmp_path / "once"
    with monkeypatch.context() as patch:
        before = counting(patch, most=9)
        with pytest.raises(KeyboardInterrupt):
            cs.calibrate({**plan, "runs": FEW - 4}, place)
        assert not place.exists()
    made = counting(monkeypatch, most=None)
    cs.calibrate({**plan, "runs": FEW - 4}, place)
    cs.calibrate({**plan, "runs": FEW}, place)
    assert [*before, *made] == list(range(before[0], before[0] + FEW))  # none was made twice
    shutil.copytree(folder, once)
    cs.calibrate({**plan, "runs": FEW}, once)  # its runs were made at a stretch
    assert len(before) + len(made) == FEW
    assert files(place) == files(once)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["once", "stopped"]


def test_a_folder_of_something_else_is_left_alone(plan, folder, tmp_path):
    with pytest.raises(OutputError, match="another calibration"):
        cs.calibrate({**plan, "fit": {"region.productivity_growth": {"low": 0.01, "high": 0.05}}}, folder)
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="holds no calibration"):
        cs.calibrate(plan, tmp_path)


def test_a_changed_table_of_runs_is_noticed(plan, folder, tmp_path):
    for name, content in files(folder).items():
        (tmp_path / name).write_bytes(content.replace(b"0", b"1", 1) if name == "runs.csv" else content)
    with pytest.raises(OutputError, match="not those that were written"):
        cs.calibrate(plan, tmp_path)


def test_a_sweep_is_a_bank_where_its_points_have_own_luck_and_is_refused_where_they_share_seeds(base, plan, tmp_path):
    ranges = {path: FIT[path] for path in list(FIT)[:1]}
    design = {"scenario": base, "vary": ranges, "design": {"kind": "latin", "points": 6}, "record": ["region"]}
    cs.sweep({**design, "replications": 2, "luck": "own"}, tmp_path / "own")
    mine = {**plan, "fit": ranges}
    found = cs.calibrate(mine, tmp_path / "own")
    assert found.rows.size == 12
    assert np.ptp(found.positions) > 0.6
    point = found.values_at(found.bank.positions)["region.productivity_growth"][0]
    wages = cs.run(base.replace({"region.productivity_growth": point}), seed=found.bank.seeds[0]).region
    chain = wages[wages["scope"] == "chain"].set_index("year")["wage_ordinary"]
    assert found.bank.shown["wages"][0] == pytest.approx(chain[START + 2] / chain[START], rel=1e-9)
    cs.sweep({**design, "replications": 1}, tmp_path / "common")
    with pytest.raises(OutputError, match=r"share their seeds.*luck: own"):
        cs.calibrate(mine, tmp_path / "common")
    with pytest.raises(OutputError, match="the calibration fits"):
        cs.calibrate(plan, tmp_path / "own")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"luck": "common"}, "luck: own"),
        ({"runs": 15}, "3 numbers need 20 runs"),
        ({"fit": {}}, "nothing is fitted"),
        ({"fit": {"stages.sourcing.review_rat": {}}}, "review_rate"),
        ({"fit": {"stages.sourcing.review_rate": {"low": 0.1, "high": 5.0}}}, "5"),
    ],
    ids=["luck", "runs", "nothing", "path", "range"],
)
def test_a_file_that_cannot_be_fitted_is_refused_before_anything_is_run(plan, change, words):
    with pytest.raises(ScenarioError, match=words):
        cs.calibrate({**plan, **change})


def test_without_a_target_of_the_use_fit_nothing_is_run(plan, base):
    shown = [{**row.model_dump(), "use": "reported"} for row in base.targets]
    with pytest.raises(ScenarioError, match="no target has the use fit"):
        cs.calibrate({**plan, "scenario": base.replace({"targets": shown})})


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_run(plan, tmp_path, monkeypatch):
    monkeypatch.setattr(calibration_runs, "resumable", None)
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="nothing was run"):
        cs.calibrate(plan, tmp_path / "file" / "below")


def test_a_calibration_that_cannot_be_placed_is_saved_beside(plan, found, tmp_path, monkeypatch):
    real = calibrate.save_tables

    def refused(folder, *rest):
        if folder.name == "small":
            raise OutputError("no space")
        real(folder, *rest)

    monkeypatch.setattr(calibrate, "bank_of_runs", lambda *_: found.bank)
    monkeypatch.setattr(calibrate, "save_tables", refused)
    with pytest.raises(OutputError, match=r"no space\nThe results were saved in .*small-"):
        cs.calibrate(plan, tmp_path / "small")
    (place,) = tmp_path.iterdir()
    assert (place / "posterior.csv").exists()
