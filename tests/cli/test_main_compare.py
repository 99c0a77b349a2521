"""`chainsim compare`: what it prints, writes and answers."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from chainsim.cli.main import app
from chainsim.effects import effect as effects
from chainsim.effects.effect_tables import meanings_of

SCENARIOS = Path(__file__).parents[2] / "scenarios"
BASE = """\
extends: minimal.yaml
years: {end: 2023}
"""
POLICY = """\
extends: base.yaml
name: grants
title: {en: Grants for research and plants}
levers:
  research: {type: rd_grant, rate: 0.2, years: 2021-2022}
  plants: {type: investment_grant, rate: 0.15, years: 2022-2023, budget: 20}
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with base.yaml, policy.yaml and the minimal scenario they extend."""
    folder = tmp_path_factory.mktemp("compare")
    (folder / "minimal.yaml").write_text((SCENARIOS / "minimal.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "base.yaml").write_text(BASE, encoding="utf-8")
    (folder / "policy.yaml").write_text(POLICY, encoding="utf-8")
    return folder


def chainsim(*arguments: str | Path | int) -> Result:
    """The command with these arguments."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def done(files: Path) -> tuple[Result, Path]:
    """A comparison with a split, and its folder."""
    out = files / "out"
    given = files / "base.yaml", files / "policy.yaml"
    return chainsim("compare", *given, "-o", out, "--replications", 3, "--split", "--csv", "--to", "stata"), out


def test_it_prints_effects_costs_split_and_certificate_within_80_columns(done: tuple[Result, Path]) -> None:
    result, _ = done
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    certificate = [number for number, line in enumerate(lines) if line.startswith("grants: all 3 pairs identical")]
    assert len(certificate) == 1
    assert "through 2020; part in 2021 at levers" in lines[certificate[0]]
    assert lines[certificate[0] + 1].startswith("variance of the effect over that of unpaired seeds")
    assert max(len(line) for line in lines[: certificate[0]]) <= 80
    for word in (
        "Employment",
        "90 % of luck",
        "Net cost per job-year",
        "Outlay of the region",
        "split over 4 coalitions",
        "plants",
    ):
        assert word in result.output
    assert "3 pairs" in lines[-2]


def test_the_folder_holds_tables_with_units_both_worlds_and_the_page(done: tuple[Result, Path]) -> None:
    _, out = done
    names = {path.name for path in out.iterdir()}
    tables = {"effects", "costs", "levers", "recipients", "ranking", "additionality", "variance", "channels"}
    tables |= {"decomposition", "shares", "synergies"}
    assert {f"{name}.parquet" for name in tables} | {f"{name}.csv" for name in tables} < names
    assert (out / "export" / "effects.dta").exists()
    assert {"base", "policy", "observed", "report.html", "provenance.json"} < names
    assert (out / "base" / "scenario.yaml").exists()
    assert (out / "policy" / "region.parquet").exists()
    for name in tables:
        schema = pq.read_schema(out / f"{name}.parquet")
        assert set(meanings_of(schema.names)) == set(schema.names), name
        assert all(field.metadata[b"meaning"] for field in schema)
    for path in (out / "observed").glob("*.parquet"):
        schema = pq.read_schema(path)
        assert set(meanings_of(schema.names)) == set(schema.names), path.name


def test_the_folder_reads_back_to_the_same_tables(done: tuple[Result, Path]) -> None:
    _, out = done
    effect = effects.read(out)
    stored = pd.read_parquet(out / "costs.parquet")
    pd.testing.assert_frame_equal(effect.costs(), stored)
    pd.testing.assert_frame_equal(effect.split.shares, pd.read_parquet(out / "shares.parquet").drop(columns="policy"))
    assert effect.names == ("grants",)
    assert effect.certificate.holds


def test_the_record_names_both_scenarios_the_seeds_and_every_file(done: tuple[Result, Path]) -> None:
    _, out = done
    record = json.loads((out / "provenance.json").read_text(encoding="utf-8"))
    assert record["scenario"] == "grants against base"
    assert record["seeds"] == [1, 2, 3]
    written = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert set(record["files"]) == written


def test_the_page_can_be_built_again_from_the_folder(done: tuple[Result, Path]) -> None:
    _, out = done
    page = (out / "report.html").read_bytes()
    (out / "report.html").unlink()
    assert chainsim("report", out).exit_code == 0
    assert (out / "report.html").read_bytes() == page


@pytest.mark.usefixtures("plain_pages")
def test_the_resolved_scenarios_of_the_folder_give_the_same_comparison(
    done: tuple[Result, Path], tmp_path: Path
) -> None:
    _, out = done
    scenarios = out / "base" / "scenario.yaml", out / "policy" / "scenario.yaml"
    again = chainsim("compare", *scenarios, "-o", tmp_path / "again", "--replications", 3)
    assert again.exit_code == 0, again.output
    pd.testing.assert_frame_equal(
        pd.read_parquet(out / "effects.parquet"), pd.read_parquet(tmp_path / "again" / "effects.parquet")
    )


@pytest.mark.usefixtures("plain_pages")
def test_settings_hold_in_both_scenarios_and_an_output_is_only_replaced_when_allowed(
    files: Path, tmp_path: Path
) -> None:
    given = (
        "compare",
        files / "base.yaml",
        files / "policy.yaml",
        "-o",
        tmp_path / "out",
        "--seed",
        5,
        "--replications",
        1,
    )
    assert chainsim(*given, "--set", "years.end=2021").exit_code == 0
    effect = effects.read(tmp_path / "out")
    assert effect.base.years == effect.policy.years == (2020, 2021)
    assert effect.base.seeds == (5,)
    refused = chainsim(*given)
    assert refused.exit_code == 3
    assert "--overwrite" in refused.output
    assert chainsim(*given, "--set", "years.end=2021", "--overwrite").exit_code == 0


@pytest.mark.usefixtures("plain_pages")
def test_under_a_shock_both_sides_meet_it_and_what_is_softened_is_printed(files: Path, tmp_path: Path) -> None:
    slump = "extends: base.yaml\nname: slump\nshocks: {s: {type: demand_shift, change: -0.3, years: 2021}}\n"
    (files / "slump.yaml").write_text(slump, encoding="utf-8")
    given = files / "base.yaml", files / "policy.yaml", "--under", files / "slump.yaml", "-o", tmp_path / "out"
    result = chainsim("compare", *given, "--replications", 1, "--rank", 0)
    assert result.exit_code == 0, result.output
    assert "slump, without and with grants" in result.output
    assert effects.read(tmp_path / "out").names == ("grants", "slump", "grants under slump")


@pytest.mark.usefixtures("plain_pages")
def test_several_policies_stand_below_one_another(files: Path, tmp_path: Path) -> None:
    other = files / "other.yaml"
    other.write_text(POLICY.replace("grants", "more").replace("0.2", "0.3"), encoding="utf-8")
    result = chainsim(
        "compare", files / "base.yaml", files / "policy.yaml", other, "-o", tmp_path / "out", "--replications", 1
    )
    assert result.exit_code == 0, result.output
    assert "grants: the pair identical" in result.output
    assert "more: the pair identical" in result.output
    assert effects.read(tmp_path / "out").names == ("grants", "more")


def test_scenarios_that_cannot_be_paired_exit_with_2_and_say_why(files: Path, tmp_path: Path) -> None:
    other = files / "longer.yaml"
    other.write_text(POLICY + "years: {end: 2024}\n", encoding="utf-8")
    result = chainsim("compare", files / "base.yaml", other, "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert "years.end: differs from base" in result.output
    assert "longer.yaml" in result.output
    assert not (tmp_path / "out").exists()


def test_a_split_without_levers_exits_with_2(files: Path, tmp_path: Path) -> None:
    result = chainsim("compare", files / "base.yaml", files / "base.yaml", "--split", "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert "no lever to split" in result.output


def test_a_failed_pair_exits_with_1_and_the_command_that_repeats_it(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(simulation: object) -> None:
        raise ArithmeticError("the books do not close")

    monkeypatch.setattr("chainsim.runs.simulation.Simulation.steps", fails)
    given = files / "base.yaml", files / "policy.yaml"
    result = chainsim("compare", *given, "-o", tmp_path / "out")
    assert result.exit_code == 1
    assert "seed 1 failed in 2021" in result.output
    assert f"chainsim compare {given[0]} {given[1]} --seed 1 --replications 1" in result.output
    assert not (tmp_path / "out").exists()
