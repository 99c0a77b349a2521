"""The evidence table: pairs of worlds, arms of the same enterprises, bands, experiments that answer to the model."""

from types import SimpleNamespace

import economies
import numpy as np
import pandas as pd
import pytest
from economies import shipped
from typer.testing import CliRunner

from chainsim.cli import main
from chainsim.report import terminal_tables
from chainsim.runs.simulation import Simulation
from chainsim.stages import Innovation
from chainsim.stages.year import steps
from chainsim.validation import lever_evidence, lever_experiments, paired_runs, region_experiments
from chainsim.validation.lever_evidence import DOWN, EXPERIMENTS, UNKNOWN, UP, inside, row

FINDINGS = [finding for experiment in EXPERIMENTS for finding in experiment.findings]
CROWD = economies.crowd()


# --- pairs and arms ---


def world(identity, **columns):
    """A world of a few enterprises, all of which operate unless said otherwise."""
    count = len(identity)
    stated = {"operated": np.ones(count, dtype=bool)} | {name: np.array(values) for name, values in columns.items()}
    return SimpleNamespace(identity=np.array(identity, dtype=np.uint64), **stated)


WITHOUT = world([1, 2, 3, 4], sales=[10.0, 20.0, 30.0, 0.0])
UNDER = world([4, 3, 1, 9], sales=[5.0, 60.0, 10.0, 99.0], operated=[True, True, True, True])
ARM = np.array([1, 2, 3, 4], dtype=np.uint64)


def test_a_mean_change_is_of_those_who_are_in_both_worlds_and_sell_something():
    assert paired_runs.mean_change(paired_runs.Pair(WITHOUT, UNDER), ARM, "sales") == pytest.approx(np.log(2.0) / 2)


def test_a_mean_change_without_logs_counts_zeros():
    assert paired_runs.mean_change(paired_runs.Pair(WITHOUT, UNDER), ARM, "sales", logs=False) == pytest.approx(
        35.0 / 3
    )


def test_a_total_change_counts_those_who_closed_as_nothing_and_leaves_others_out():
    assert paired_runs.total_change(paired_runs.Pair(WITHOUT, UNDER), ARM, "sales") == pytest.approx(
        np.log(75.0 / 60.0)
    )


def test_an_arm_that_nobody_is_left_of_has_no_value():
    nobody = paired_runs.Pair(WITHOUT, world([7], sales=[1.0]))
    assert np.isnan(paired_runs.mean_change(nobody, ARM, "sales"))
    assert np.isnan(paired_runs.total_change(nobody, ARM, "sales"))


def test_worlds_without_a_difference_stay_the_same():
    changes = paired_runs.observed(
        CROWD, CROWD, 1, 3, lambda pair: economies.same_bits(vars(pair.without.region), vars(pair.under.region))
    )
    assert changes == [[], [], []]


def test_a_pair_is_seen_every_year_at_the_step_asked_for():
    changed = paired_runs.with_levers(CROWD, it={"type": "rd_grant", "rate": 0.5})
    years = paired_runs.observed(
        CROWD, changed, 1, 3, lambda pair: (pair.under.year, paired_runs.outlay(pair) > 0), at="labour"
    )
    assert years == [(2021, True), (2022, True), (2023, True)]


def test_households_of_the_changed_world_expect_the_income_of_the_other():
    def look(pair):
        return pair.under.reference.income[-1], pair.without.labour_income

    expected, earned = zip(*paired_runs.observed(CROWD, CROWD, 1, 3, look), strict=True)
    assert expected[1:] == earned[:-1]


def test_the_world_of_an_experiment_has_no_policy_of_its_own():
    policy = CROWD.replace({"levers": {"it": {"type": "rd_grant", "rate": 0.5, "years": "2021-2022"}}})
    assert paired_runs.alone(policy) == CROWD


def test_innovators_are_those_whom_the_year_then_gives_a_gain():
    class Watched(Innovation):
        def gains(self, economy, chance, absorptive, found, key="innovation"):
            gains = super().gains(economy, chance, absorptive, found, key)
            if key == "innovation":
                seen.append(float(((gains[0] + gains[1])[economy.operated] > 0).mean()))
            return gains

    seen, foretold = [], []
    economy = Simulation(CROWD.replace(stages=[Watched(**CROWD.stages.innovation.model_dump())]), 1).economy
    seen.clear()
    everybody = economy.identity.copy()
    for step in steps(economy):
        if step == "production":
            foretold.append(region_experiments.innovators(economy, everybody))
    assert seen[0] == seen[-1] == foretold[0] > 0


# --- bands ---


@pytest.mark.parametrize(
    ("value", "error", "band", "expected"),
    [
        (0.08, 0.5, (0.04, 0.12), True),
        (0.04, np.nan, (0.04, 0.12), True),
        (0.13, 0.0, (0.04, 0.12), False),
        (0.02, 0.01, UP, True),
        (0.01, 0.02, UP, False),
        (-0.02, 0.01, UP, False),
        (-0.02, 0.01, DOWN, True),
        (-0.01, 0.02, DOWN, False),
        (0.3, np.nan, UP, True),
        (0.0, np.nan, UP, False),
    ],
)
def test_a_value_is_inside_its_band_and_a_sign_beyond_its_error(value, error, band, expected):
    assert inside(value, error, band) is expected


def test_without_a_value_or_without_evidence_there_is_no_verdict():
    assert inside(np.nan, 0.0, (0.0, 1.0)) is pd.NA
    assert inside(0.5, 0.0, UNKNOWN) is pd.NA


def test_a_line_holds_mean_and_standard_error_of_the_seeds_that_could_measure():
    finding = FINDINGS[0]
    line = dict(zip(lever_evidence.COLUMNS, row("x", finding, np.array([1.0, 3.0, np.nan])), strict=True))
    assert (line["value"], line["se"]) == (2.0, pytest.approx(1.0))
    assert line["source"] == finding.source
    nothing = row("x", finding, np.array([np.nan]))
    assert np.isnan(nothing[2])
    assert nothing[7] is pd.NA


def test_a_finding_rests_on_a_study_or_says_that_none_was_found():
    for finding in FINDINGS:
        assert (finding.source == lever_evidence.NONE) == (finding.status == "judgement") == (finding.band is UNKNOWN)


def test_the_central_value_of_the_evidence_lies_in_its_band():
    stated = [(finding.band, finding.central) for finding in FINDINGS if not np.isnan(finding.central)]
    assert len(stated) > 15
    assert all(low <= central <= high for (low, high), central in stated)


# --- experiments ---


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda item: item.run.__name__)
def test_an_experiment_measures_what_its_findings_name(experiment):
    values = experiment.run(CROWD, 1)
    assert list(values) == [finding.outcome for finding in experiment.findings]
    assert np.isfinite(list(values.values())).any()


@pytest.mark.parametrize(
    ("run", "outcome", "path", "off"),
    [
        (region_experiments.institute_platform, "productivity to institute knowledge, tenth year", "stages.innovation.institute_elasticity", 0.0),
        (region_experiments.migration, "skilled people to pay, first year", "stages.labour.migration", 0.0),
        (region_experiments.job_multiplier, "jobs elsewhere per job", "region.households.local_services", 0.0),
        (lever_experiments.rd_tax_deduction, "R&D as reported, user-cost elasticity", "stages.innovation.user_cost_elasticity", 0.0),
        (region_experiments.profit_tax_break, "number of plants from outside, semi-elasticity", "stages.demography.location_response", 0.0),
    ],
)  # fmt: skip
def test_an_answer_vanishes_with_the_mechanism_behind_it(run, outcome, path, off):
    worlds = CROWD, CROWD.replace({path: off})  # the luck of one seed of the crowd is up to a third of the answer
    with_it, without = (np.mean([run(world, seed)[outcome] for seed in range(1, 6)]) for world in worlds)
    assert abs(without) < 0.25 * abs(with_it)


def test_a_scenario_without_exports_has_no_verdict_on_exports():
    values = region_experiments.local_content_rule(economies.three_makers(), 1)
    assert np.isnan(values["exports of anchors, fifth year"])


# --- the table and the command ---


SOME = tuple(experiment for experiment in EXPERIMENTS if experiment.lever in ("rd_grant", "planning_service"))


def test_the_table_has_a_line_for_every_finding(monkeypatch):
    monkeypatch.setattr(lever_evidence, "EXPERIMENTS", SOME)
    table = lever_evidence.lever_evidence(CROWD, seeds=(1, 2))
    assert list(table.columns) == lever_evidence.COLUMNS
    assert list(table["outcome"]) == [finding.outcome for experiment in SOME for finding in experiment.findings]
    assert (table["se"] > 0).all()
    assert table["inside"].isna().tolist() == [False, False, True]
    assert (
        terminal_tables.count_inside(table)
        == "2 of 2 are inside their band; 2 of them are imposed by a parameter and test little"
    )


@pytest.mark.slow
def test_the_table_does_not_depend_on_the_number_of_processes():
    one, two = (lever_evidence.lever_evidence(CROWD, (1, 2), jobs) for jobs in (1, 2))
    pd.testing.assert_frame_equal(one, two)


def test_bands_and_verdicts_are_told_in_words():
    assert [terminal_tables.limits(*limits) for limits in ((0.04, 0.12), UP, DOWN, UNKNOWN)] == [
        "0.04 to 0.12",
        "above 0",
        "below 0",
        "",
    ]
    assert terminal_tables.verdict(True, 0.1, 0.0) == "inside"
    assert terminal_tables.verdict(False, 0.1, 0.0) == "outside"
    assert terminal_tables.verdict(pd.NA, 0.1, np.nan) == "no evidence"
    assert terminal_tables.verdict(pd.NA, np.nan, 0.0) == "not measured"


def validate(*arguments):
    return CliRunner().invoke(main.app, ["validate", str(economies.ROOT / "scenarios" / "minimal.yaml"), *arguments])


def test_the_command_prints_and_writes_the_evidence(monkeypatch, tmp_path):
    monkeypatch.setattr(lever_evidence, "EXPERIMENTS", SOME)
    result = validate("--levers", "--seeds", "2", "-o", str(tmp_path / "evidence.csv"))
    assert result.exit_code == 0, result.output
    assert "own R&D per unit of grant, five years" in result.stdout
    assert "no evidence" in result.stdout
    assert "2 of 2 are inside their band" in result.stdout
    assert list(pd.read_csv(tmp_path / "evidence.csv").columns) == lever_evidence.COLUMNS


def test_the_command_prints_the_patterns():
    result = validate("--seeds", "1", "--set", "years.end=2024")
    assert result.exit_code == 0, result.output
    assert "link survival" in result.stdout
    assert "are inside their band" in result.stdout


def test_the_page_on_validation_has_a_row_for_every_finding():
    text = (economies.ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    table = text[text.index("<!-- levers -->") : text.index("<!-- end -->", text.index("<!-- levers -->"))]
    assert [finding.outcome for finding in FINDINGS if f"| {finding.outcome} |" not in table] == []
    assert table.count("\n| ") == len(FINDINGS) + 1


@pytest.mark.slow
def test_on_the_flagship_what_is_outside_is_what_the_documents_say():
    table = lever_evidence.lever_evidence(shipped("jilin"), seeds=(1, 2, 3, 4))
    outside = set(table[table["inside"].eq(False).fillna(False)]["outcome"])
    said = {
        "sales of treated over control, first year",
        "jobs of small enterprises, fifth year",
        "skilled people to pay, tenth year",
    }
    uncertain = {
        "jobs of small enterprises, eighth year",
        "jobs of large enterprises, fifth year",
        "output to institute knowledge, tenth year",
        "cost of the certified over sales, fifth year",
    }
    assert said <= outside <= said | uncertain
