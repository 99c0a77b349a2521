"""Pictures and tables of a page as files."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import pytest
from effect_cases import granted, small
from openpyxl import load_workbook

import chainsim as cs
from chainsim.report.page_files import page_files, tables

matplotlib.use("Agg")

PAGE = """<h2 class="policy">Grants</h2><h2>Costs &amp; more<span class="l-zh" lang="zh">成本</span></h2><table><thead>
<tr><th rowspan="2">Item<small>unit</small></th><th colspan="2">All</th></tr><tr><th>Mean</th><th>90 %</th></tr></thead>
<tr><td>Jobs_x<small>what it is</small></td><td>−1,234.5</td><td></td></tr></table>"""


def test_a_table_of_a_page_has_a_row_for_each_of_its_rows_and_english_words_only() -> None:
    assert tables(PAGE) == {
        "grants-costs-more": [["Item, unit", "All", ""], ["", "Mean", "90 %"], ["Jobs_x", "−1,234.5", ""]]
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the page of a comparison."""
    place = tmp_path_factory.mktemp("files")
    effect = cs.compare(small(), granted(small()), replications=2)
    with page_files(place / "figures", place / "out"):
        effect.save(place / "out")
    return place / "figures"


def test_every_picture_of_the_page_is_there_as_svg_and_png(folder: Path) -> None:
    pictures = {path.stem for path in folder.glob("*.svg")}
    page = (folder.parent / "out" / "report.html").read_text(encoding="utf-8")
    assert len(pictures) == page.count('<svg viewBox="0 0')
    assert pictures == {path.stem for path in folder.glob("*.png")}
    assert all(path.read_bytes()[:4] == b"\x89PNG" for path in folder.glob("*.png"))


def test_every_table_of_the_page_is_there_for_excel_and_latex(folder: Path) -> None:
    names = {path.stem for path in folder.glob("*.xlsx")}
    assert names == {path.stem for path in folder.glob("*.tex")}
    page = (folder.parent / "out" / "report.html").read_text(encoding="utf-8")
    assert len(names) == page.count("<table")
    rows = list(load_workbook(folder / "in-short.xlsx").active.values)
    assert rows[0][0] == "Of the chain"
    assert isinstance(rows[1][2], int | float)
    text = (folder / "in-short.tex").read_text(encoding="utf-8")
    assert "R\\&D" in text
    assert text.count(r"\\") == len(rows)


@pytest.mark.parametrize("within", ["", "figures"])
def test_files_of_a_page_may_lie_in_the_folder_that_is_saved(tmp_path: Path, within: str) -> None:
    output = tmp_path / "out"
    with page_files(output / within, output):
        output.mkdir()
        (output / "report.html").write_text(PAGE, encoding="utf-8")
    assert (output / within / "grants-costs-more.xlsx").is_file()
