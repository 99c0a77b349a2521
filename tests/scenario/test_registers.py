"""Registers as they are exported: headings, units, codes, closed firms, branches, duplicates; mistakes by cell."""

from __future__ import annotations

import gzip
import os
import zipfile
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter
from scenario_files import SMALL, lines_of, problems_of, written

from chainsim.report.terminal import note_lines, warning_lines
from chainsim.scenario.load import load
from chainsim.scenario.registers import identifier

ROWS = [
    ["统一社会信用代码", "企业名称", "行业代码", "营业收入", "从业人员", "成立日期", "控股", "状态"],
    ["91220101MA0Y1", "长春一厂", "C3611", "6,000", "0.12", "1964-05-01", "国有", "存续"],
    ["91220101MA0Y2", "长春二厂", "C3612", "2,500", "0.05", "20110301", "民营", "存续"],
    ["91220101MA0Y3", "三厂长春分公司", "C3612", "100", "0.01", "2015", "民营", "存续"],
    ["91220101MA0Y4", "四厂", "C3612", "100", "", "2015", "民营", "注销"],
    ["91220101MA0Y5", "饭店", "H6210", "300", "0.03", "2015", "民营", "存续"],
    ["91220101MA0Y6", "五厂", "C3120", "", "0.03", "2015", "民营", "存续"],
]
BLOCK = """\
enterprises:
  file: register.csv
  columns:
    id: 统一社会信用代码
    name: 企业名称
    segment: {column: 行业代码, values: {C36: cars, C31: steel}}
    revenue: {column: 营业收入, unit: 万元}
    employees: {column: 从业人员, unit: 千人}
    founded: 成立日期
    owner: {column: 控股, values: {国有: state, 民营: private}}
"""
DROP = "  drop: {column: 状态, values: [注销]}\n"
BASE = SMALL.replace("output: 200", "output: 200\n      owners: {state: 0.5, private: 0.5}").replace("4}", "9}")


def as_csv(folder: Path, rows: list[list[str]] = ROWS, encoding: str = "utf-8") -> None:
    text = "\n".join(",".join(f'"{cell}"' if "," in cell else cell for cell in row) for row in rows)
    (folder / "register.csv").write_bytes(text.encode(encoding))


def test_a_register_in_another_currency_than_the_scenario_is_refused(tmp_path: Path):
    as_csv(tmp_path)
    text = BASE.replace("years:", "money: EUR million\nyears:", 1) + BLOCK + DROP
    said = " ".join(str(problems_of(written(tmp_path, text))).split())
    assert "the register is in CNY, the scenario in EUR million; convert one of them" in said


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_register_is_read_with_its_own_headings_units_and_codes(tmp_path: Path, encoding: str):
    as_csv(tmp_path, encoding=encoding)
    scenario = load(written(tmp_path, BASE + BLOCK + DROP))
    first, second, third = scenario.enterprises
    assert (first.id, first.name, first.segment, first.owner) == ("e_91220101MA0Y1", "长春一厂", "cars", "state")
    assert (first.revenue, first.employees, first.founded) == (60.0, 120.0, 1964)
    assert (second.revenue, second.founded) == (25.0, 2011)
    assert third.name == "三厂长春分公司"
    assert scenario.origin("enterprises.0.revenue") == "register.csv:2:营业收入"


def test_workbooks_and_stata_files_hold_the_same_register(tmp_path: Path):
    as_csv(tmp_path)
    wanted = load(written(tmp_path, BASE + BLOCK + DROP)).enterprises
    with xlsxwriter.Workbook(tmp_path / "register.xlsx", {"strings_to_numbers": True}) as book:
        sheet = book.add_worksheet()
        for r, row in enumerate(ROWS):
            sheet.write_row(r, 0, row)
    english = ["id", "name", "code", "revenue", "staff", "founded", "owner", "state"]
    frame = pd.DataFrame(ROWS[1:], columns=english).apply(lambda column: column.str.replace(",", ""))
    frame.to_stata(tmp_path / "register.dta", version=118, write_index=False)
    assert load(written(tmp_path, BASE + BLOCK.replace(".csv", ".xlsx") + DROP)).enterprises == wanted
    block = BLOCK + DROP
    for chinese, name in zip(ROWS[0], english, strict=True):
        block = block.replace(chinese, name)
    assert load(written(tmp_path, BASE + block.replace(".csv", ".dta"))).enterprises == wanted


def test_what_is_left_out_closed_or_a_branch_is_told(tmp_path: Path):
    as_csv(tmp_path)
    dropped = load(written(tmp_path, BASE + BLOCK + DROP))
    assert note_lines(dropped)[0].endswith(
        "3 of 6 rows of register.csv are named enterprises; 1 without revenue; no segment: H6210 (1)"
    )
    assert [line for line in warning_lines(dropped) if "register.csv, line" in line] == [
        "warning: case.yaml:21:3  enterprises.file: register.csv, line 4: by name a branch; the head may count it too"
    ]
    kept = load(written(tmp_path, BASE + BLOCK))
    assert any("line 5: told to be closed" in line for line in warning_lines(kept))


def test_the_largest_of_each_segment_are_kept(tmp_path: Path):
    as_csv(tmp_path)
    scenario = load(written(tmp_path, BASE + BLOCK + DROP + "  largest: 1\n"))
    assert [enterprise.name for enterprise in scenario.enterprises] == ["长春一厂"]


def test_duplicates_need_a_word_and_are_summed_or_dropped(tmp_path: Path):
    as_csv(tmp_path, [*ROWS[:3], ROWS[2]])
    line = lines_of(tmp_path, BASE + BLOCK)[0]
    assert line.startswith("register.csv:4:统一社会信用代码")
    assert "stands in line 3 already; state duplicates: first, or sum" in line
    for how, revenue in (("first", 25.0), ("sum", 50.0)):
        scenario = load(written(tmp_path, BASE + BLOCK + f"  duplicates: {how}\n"))
        assert [enterprise.revenue for enterprise in scenario.enterprises] == [60.0, revenue]


def test_enterprises_whose_names_differ_in_signs_alone_have_ids_of_their_own(tmp_path: Path):
    rows = [list(row) for row in ROWS[:3]]
    rows[1][1], rows[2][1] = "A+B Ltd", "A&B Ltd"
    as_csv(tmp_path, rows)
    text = BASE + BLOCK.replace("    id: 统一社会信用代码\n", "") + "  duplicates: first\n"
    first, second = load(written(tmp_path, text)).enterprises
    assert (first.name, second.name) == ("A+B Ltd", "A&B Ltd")
    assert first.id != second.id
    assert {first.id[:8], second.id[:8]} == {"A_B_Ltd_"}


def test_words_that_no_value_or_row_answers_are_told(tmp_path: Path):
    as_csv(tmp_path)
    told = warning_lines(load(written(tmp_path, BASE + BLOCK.replace(", 民营: private", "") + DROP)))
    assert any("values do not name 民营 (2), so that these enterprises are private" in line for line in told)
    told = warning_lines(load(written(tmp_path, BASE + BLOCK + DROP.replace("注销", "关闭"))))
    assert any("enterprises.drop: no row of the register has 关闭 in 状态" in line for line in told)
    told = warning_lines(load(written(tmp_path, BASE + BLOCK.replace("C36: cars, C31", "C99: cars, C98") + DROP)))
    assert any("0 of 6 rows of register.csv are named enterprises" in line for line in told)


def test_dates_and_the_first_tab_of_a_workbook_are_read_as_shown(tmp_path: Path):
    with xlsxwriter.Workbook(tmp_path / "register.xlsx", {"strings_to_numbers": True}) as book:
        other, sheet = book.add_worksheet("notes"), book.add_worksheet("register")
        other.write(0, 0, "nothing")
        for r, row in enumerate(ROWS):
            sheet.write_row(r, 0, row)
        sheet.write_datetime(1, 5, datetime(1964, 5, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_datetime(2, 5, datetime(2011, 3, 1), book.add_format({"num_format": 14}))
    with zipfile.ZipFile(tmp_path / "register.xlsx") as book:
        parts = {name: book.read(name) for name in book.namelist()}
    links = parts["xl/_rels/workbook.xml.rels"]  # the first tab may stand in any file, as after moving tabs
    swapped = links.replace(b"sheet1.xml", b"sheet0.xml").replace(b"sheet2.xml", b"sheet1.xml")
    parts["xl/_rels/workbook.xml.rels"] = swapped.replace(b"sheet0.xml", b"sheet2.xml")
    with zipfile.ZipFile(tmp_path / "register.xlsx", "w") as book:
        for name, content in parts.items():
            book.writestr(name, content)
    first, second, _ = load(written(tmp_path, BASE + BLOCK.replace(".csv", ".xlsx") + DROP)).enterprises
    assert (first.founded, second.founded) == (1964, 2011)


def test_columns_may_stand_in_a_file_of_their_own(tmp_path: Path):
    as_csv(tmp_path)
    columns = "\n".join(line[4:] for line in BLOCK.splitlines()[3:])
    written(tmp_path, columns, "columns.yaml")
    scenario = load(written(tmp_path, BASE + "enterprises: {file: register.csv, columns: columns.yaml}\n"))
    assert scenario.enterprises[0].revenue == 60.0
    written(tmp_path, "\n".join(line[2:] for line in (BLOCK + DROP).splitlines()[2:]), "columns.yaml")
    scenario = load(written(tmp_path, BASE + "enterprises: {file: register.csv, columns: columns.yaml, largest: 2}\n"))
    assert [enterprise.name for enterprise in scenario.enterprises] == ["长春一厂", "长春二厂"]
    assert not any("closed" in line for line in warning_lines(scenario))


@pytest.mark.parametrize(
    ("stated", "broken", "said"),
    [
        ("revenue: {column: 营业收入", "revenue: {column: 营业收人", "no column '营业收人', did you mean '营业收入'?"),
        ("unit: 万元", "unit: 万圆", "unknown unit '万圆'"),
        ("unit: 千人", "unit: 万元", "expected one such as persons"),
        ("    founded:", "    found:", "unknown field 'found', did you mean 'founded'?"),
        ("    name: 企业名称\n", "", "state the column of name"),
        ("file: register.csv", "file: registre.csv", "no file 'registre.csv', did you mean 'register.csv'?"),
        ("unit: 千人", "unti: 千人", "unknown key 'unti', did you mean 'unit'?"),
        ("founded: 成立日期", "founded: {column: 成立日期, unit: 年}", "unknown key 'unit'"),
        ("C36: cars", "C36: car", "unknown segment 'car', did you mean 'cars'?"),
    ],
)
def test_a_wrong_map_is_answered_with_the_nearest_name(tmp_path: Path, stated: str, broken: str, said: str):
    as_csv(tmp_path)
    assert said in "\n".join(lines_of(tmp_path, (BASE + BLOCK).replace(stated, broken)))


def test_a_row_outside_the_chain_is_left_out_before_its_numbers_are_read(tmp_path: Path):
    rows = [list(row) for row in ROWS]
    rows[5][3], rows[5][5] = "—", "nan"
    as_csv(tmp_path, rows)
    assert len(load(written(tmp_path, BASE + BLOCK + DROP)).enterprises) == 3


def test_a_cell_that_is_no_number_is_named(tmp_path: Path):
    rows = [list(row) for row in ROWS]
    rows[1][3], rows[2][5] = "6000万", "老厂"
    as_csv(tmp_path, rows)
    problems = problems_of(written(tmp_path, BASE + BLOCK))
    assert [str(problem.mark) for problem in problems] == ["register.csv:2:营业收入", "register.csv:3:成立日期"]
    assert problems[0].message == "expected a number, found '6000万'"


def test_a_register_in_other_units_is_doubted(tmp_path: Path):
    """Staff in thousands read as persons: 500,000 yuan a person become 500 million."""
    as_csv(tmp_path, ROWS[:3])
    scenario = load(written(tmp_path, BASE + BLOCK.replace("unit: 千人", "unit: 人")))
    assert any("are employees persons?" in line for line in warning_lines(scenario))


def test_what_does_not_fit_the_segment_is_told_with_what_would(tmp_path: Path):
    rows = "  - {id: a, name: A, segment: cars, revenue: 150, employees: 500}\n"
    line = lines_of(tmp_path, SMALL + "enterprises:\n" + rows)[0]
    share = float(line.partition("state labour_share ")[2].partition(" ")[0])
    text = SMALL.replace("output: 200", f"output: 200\n      labour_share: {share}\n      value_added_share: 0.5")
    assert lines_of(tmp_path, text + "enterprises:\n" + rows) == []
    many = "".join(f"  - {{id: b{k}, name: B, segment: cars, revenue: 60}}\n" for k in range(5))
    said = "\n".join(lines_of(tmp_path, SMALL + "enterprises:\n" + many))
    assert "state at least 5" in said
    assert "state output 300 or more" in said


@pytest.mark.parametrize(
    ("text", "made"),
    [("abc_1", "abc_1"), ("912", "e_912"), ("A-1 b", "A_1_b"), ("长春一厂", "e_7c15a9c0")],
)
def test_identifiers_are_names_for_files(text: str, made: str):
    assert identifier(text)[:2] == made[:2]
    assert identifier(text) == identifier(text)
    assert text == "长春一厂" or identifier(text) == made


BOMBS = {
    "register.csv.gz": gzip.compress(b"a,b\n" * 25_000_000, 9),
    "broken.csv.gz": gzip.compress(b"a,b\n" * 1000)[:-20],
    "other.csv.gz": b"no gzip at all",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_packed_register_that_is_no_table_is_refused(tmp_path: Path, name: str):
    (tmp_path / name).write_bytes(BOMBS[name])
    line = lines_of(tmp_path, BASE + BLOCK.replace("register.csv", name))[0]
    assert line.startswith(f"case.yaml:21:9  enterprises.file: {name}: ")
    assert ("unpack to more than" if name == "register.csv.gz" else "this is no gzip file") in line


def test_a_workbook_that_unpacks_to_many_times_its_size_is_refused(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "register.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b" " * 100_000_000)
    line = lines_of(tmp_path, BASE + BLOCK.replace("register.csv", "register.xlsx"))[0]
    assert "times its size, as no table does" in line


def test_a_pipe_in_the_place_of_a_register_is_refused(tmp_path: Path):
    os.mkfifo(tmp_path / "register.csv")
    assert "expected a file, found a folder or device" in lines_of(tmp_path, BASE + BLOCK)[0]
