"""Tables of other programs: encodings, separators, numbers as people write them, .xlsx, .dta."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import xlsxwriter

from chainsim.scenario.files import GridError, number, read_grid

ROWS = [["代码", "名称", "收入"], ["a1", "长春一厂", "1200.5"], ["a2", "", "3"]]


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1200", 1200), ("1,200", 1200), ("1,234,567.8", 1234567.8), ("1 200", 1200), ("0,5", 0.5), ("1.234,5", 1234.5),
     ("12 %", 0.12), ("-3", -3), ("−3", -3), ("1e-3", 0.001), ("，", None), ("", None), ("5年", None), ("inf", None)],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(cell: str, value: float | None):
    assert number(cell) == (pytest.approx(value) if value is not None else None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_text_is_read_in_any_usual_encoding_with_any_separator(tmp_path: Path, encoding: str, separator: str):
    path = tmp_path / "t.csv"
    path.write_bytes("\n".join(separator.join(row) for row in ROWS).encode(encoding))
    assert read_grid(path) == ROWS


def test_workbooks_of_two_libraries_are_read(tmp_path: Path):
    ours, theirs = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    with xlsxwriter.Workbook(ours, {"strings_to_numbers": True}) as book:
        sheet = book.add_worksheet("数据")
        for r, row in enumerate(ROWS):
            sheet.write_row(r, 0, row)
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append([cell or None if not cell[:1].isdigit() else float(cell) for cell in row])
    book.save(theirs)
    for path in (ours, theirs):
        read = read_grid(path)
        assert [row[:2] for row in read] == [row[:2] for row in ROWS]
        assert [float(row[2]) for row in read[1:]] == [1200.5, 3]


def test_stata_files_are_read(tmp_path: Path):
    path = tmp_path / "t.dta"
    frame = pd.DataFrame({"id": ["a1", "a2"], "staff": [12.0, None], "name": ["长春一厂", "x"]})
    frame.to_stata(path, version=118, write_index=False)
    assert read_grid(path) == [["id", "staff", "name"], ["a1", "12", "长春一厂"], ["a2", "", "x"]]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [("a.xlsx", b"no book", "no Excel workbook"), ("a.dta", b"no data", "no Stata file"), ("a.xls", b"", "save it as .xlsx"),
     ("a.csv", b"\xff\xfe\x00a\xff", "neither UTF-8 nor GBK")],
)  # fmt: skip
def test_damaged_files_are_told_what_to_do(tmp_path: Path, name: str, content: bytes, said: str):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(GridError, match=said):
        read_grid(tmp_path / name)
