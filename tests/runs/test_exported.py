"""Tables for other programs: Stata, Excel and CSV, read back."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import synthetic
from effect_cases import granted, small
from openpyxl import load_workbook

import chainsim as cs
from chainsim.effects.effect import read
from chainsim.runs.results import Result

MADE = synthetic.scenario(replications=2)
RESULT = Result(MADE, synthetic.recordings(MADE))


@cache
def shared_effect() -> cs.Effect:
    """A comparison of two pairs."""
    return cs.compare(small(), granted(small()), replications=2)


def test_stata_files_hold_the_numbers_and_say_unit_and_meaning(tmp_path: Path) -> None:
    files = RESULT.export(tmp_path, to="stata")
    assert {file.stem for file in files} == set(RESULT.tables)
    back = pd.read_stata(tmp_path / "region.dta")
    np.testing.assert_array_equal(back["output"], RESULT.region["output"])
    with pd.io.stata.StataReader(tmp_path / "region.dta") as reader:
        assert "CNY million" in reader.variable_labels()["output"]


def test_a_workbook_holds_every_table_and_the_meaning_of_its_columns(tmp_path: Path) -> None:
    (file,) = RESULT.export(tmp_path / "all.xlsx", to="excel")
    sheets = load_workbook(file)
    assert sheets.sheetnames == [*RESULT.tables, "columns"]
    rows = list(sheets["region"].values)
    place = rows[0].index("output")
    np.testing.assert_allclose([row[place] for row in rows[1:]], RESULT.region["output"])
    meanings = {row[:2]: row[2:] for row in sheets["columns"].values}
    assert meanings["region", "output"][0] == "CNY million"


def test_a_single_csv_file_is_the_table_of_the_region(tmp_path: Path) -> None:
    (file,) = RESULT.export(tmp_path / "mine.csv", to="csv")
    assert list(pd.read_csv(file).columns) == list(RESULT.region.columns)


def test_what_is_missing_stays_missing(tmp_path: Path) -> None:
    shared_effect().export(tmp_path, to="stata")
    shared_effect().export(tmp_path / "effect.xlsx", to="excel")
    levers, effects = pd.read_stata(tmp_path / "levers.dta"), shared_effect().tables()["effects"]
    assert levers["budget"].isna().all()
    assert shared_effect().levers()["budget"].isna().all()
    rows = list(load_workbook(tmp_path / "effect.xlsx")["effects"].values)
    values = pd.to_numeric(pd.Series([row[rows[0].index("relative")] for row in rows[1:]]))
    assert effects["relative"].isna().any()
    np.testing.assert_allclose(values, effects["relative"])


def test_numbers_stay_numbers_where_one_of_several_tables_is_empty(tmp_path: Path) -> None:
    nothing = small(name="nothing")
    many = cs.compare(small(), granted(small()), nothing, replications=1)
    many.export(tmp_path, to="stata")
    many.export(tmp_path / "many.xlsx", to="excel")
    assert pd.read_stata(tmp_path / "levers.dta")["outlay"].dtype.kind == "f"
    assert pd.read_stata(tmp_path / "levers.dta")["first_year"].notna().all()


def test_identities_keep_their_64_bits_and_another_format_is_refused(tmp_path: Path) -> None:
    result = cs.run(small().replace({"record.enterprises": True}), seed=1)
    result.export(tmp_path, to="stata")
    back = pd.read_stata(tmp_path / "enterprises.dta")
    assert list(back["identity"]) == [str(number) for number in result.enterprises["identity"]]
    with pytest.raises(ValueError, match="unknown format 'spss'; there are csv, stata, excel"):
        result.export(tmp_path, to="spss")  # type: ignore[arg-type]


def test_results_and_effects_are_tables_in_notebooks() -> None:
    html = RESULT._repr_html_()
    assert html.count("<tr>") == len(RESULT.headline()) + 1
    assert "Output" in html
    assert "CNY million" in html
    html = shared_effect()._repr_html_()
    assert html.count("<table>") == 1
    assert "baseline" in html


def test_a_folder_keeps_its_exports_certified(tmp_path: Path) -> None:
    shared_effect().save(tmp_path / "out", to=["stata", "excel"])
    files = read(tmp_path / "out").provenance.files
    assert {"export/effects.dta", "export/comparison.xlsx"} <= set(files)
