"""Totals that do not add up are refused with sector and size; the report tells what is left open."""

from __future__ import annotations

from pathlib import Path

import pytest
from synthetic_tables import (
    CHINESE_MAP,
    MAP,
    MILLER_BLAIR,
    as_csv,
    chinese_rows,
    full_rows,
    many_regions,
    written,
)

from chainsim.io_tables.imported import Request, imported
from chainsim.scenario.errors import ScenarioError


def refusal(folder: Path, text: str, **more: object) -> str:
    request = Request(written(folder, "t.csv", text), written(folder, "map.csv", MAP), **more)  # type: ignore[arg-type]
    with pytest.raises(ScenarioError) as error:
        imported(request, "made")
    return " ".join(str(error.value).split())


@pytest.mark.parametrize(
    ("stated", "broken", "said"),
    [
        ("value_added,650", "value_added,750", "sector_1: inputs and value added against output: off by 100, +10 %"),
        ("1700,2000\n", "1800,2000\n", "sector_2: use against supply: off by 100, +5 %"),
        ("350,1000", "350,1100", "sector_1: output by column as stated: off by 100"),
        ("output,1000", "output,-1000", "negative"),
    ],
)
def test_a_broken_total_is_refused(tmp_path: Path, stated: str, broken: str, said: str):
    assert said in refusal(tmp_path, MILLER_BLAIR.replace(stated, broken))


def test_a_total_counted_as_a_buyer_is_named(tmp_path: Path):
    text = MILLER_BLAIR.replace("households,output", "households,exports,output")
    text = text.replace("350,1000", "350,1000,1000").replace("1700,2000\n", "1700,2000,2000\n")
    assert "is a total counted as a buyer?" in refusal(tmp_path, text)


def chinese(folder: Path, rows: list[list[str]], **more: object) -> str:
    """How a table in the full Chinese layout is refused; empty if it is not."""
    table = as_csv(rows, folder / "t.csv")
    request = Request(table, written(folder, "map.csv", CHINESE_MAP), layout="cn42", **more)  # type: ignore[arg-type]
    try:
        imported(request, "made")
    except ScenarioError as error:
        return "\n".join(str(problem) for problem in error.problems)
    return ""


def test_a_table_with_all_its_totals_is_read_and_they_need_not_be_printed(tmp_path: Path):
    rows = full_rows()
    assert chinese(tmp_path, rows) == ""
    for code in ("THC", "TC", "GCF", "TFU", "TIU"):
        at = rows[2].index(code)
        bare = [[*row[:at], "", *row[at + 1 :]] if row[at:] and row != rows[2] else row for row in rows]
        assert chinese(tmp_path, bare) == ""


@pytest.mark.parametrize(("row", "column"), [
    *(("02", code) for code in ("TIU", "THC", "TC", "GCF", "TFU")),
    *(("TII", code) for code in ("01", "TIU", "FU201", "THC", "GCF", "TFU")),
    *(("TVA", code) for code in ("03", "TIU")), ("VA001", "04"), ("VA001", "TIU"),
])  # fmt: skip
def test_every_printed_total_is_held_against_its_parts(tmp_path: Path, row: str, column: str):
    rows = full_rows()
    line, at = next(i for i, cells in enumerate(rows) if cells[1:2] == [row]), rows[2].index(column)
    rows[line][at] = str(1.1 * float(rows[line][at]))
    said = chinese(tmp_path, rows)
    assert f"t.csv:{line + 1}:{column}" in said or row == "VA001", said
    assert row in said or row == "VA001", said
    assert column in said, said
    assert "add up to" in said
    rows[line][at] = str(float(rows[line][at]) / 1.1 * 1.0001)
    assert chinese(tmp_path, rows) == ""


def test_a_total_that_is_told_to_be_ignored_is_not_held_against_anything(tmp_path: Path):
    rows = full_rows()
    rows[4][rows[2].index("TFU")] = "1"
    assert "TFU is 1, but" in chinese(tmp_path, rows)
    table = as_csv(rows, tmp_path / "t.csv")
    mapping = written(tmp_path, "map.csv", CHINESE_MAP + "TFU,*ignore,\n")
    assert imported(Request(table, mapping, layout="cn42"), "made").scenario is not None


def test_output_printed_in_a_column_of_many_regions_is_held_against_its_row(tmp_path: Path):
    rows, mapping = many_regions(), written(tmp_path, "map.csv", "code,segment,tier\nfood,food,up\ncars,cars,down\n")
    rows = [
        [*row, "OUT" if i == 0 else str(sum(map(float, row[1:]))) if "_" in row[0] else ""]
        for i, row in enumerate(rows)
    ]
    request = Request(as_csv(rows, tmp_path / "t.csv"), mapping, layout="oecd", region="CHN-A")
    assert imported(request, "made").scenario is not None
    rows[2][-1] = str(1.05 * float(rows[2][-1]))
    as_csv(rows, tmp_path / "t.csv")
    with pytest.raises(ScenarioError, match="CHN-A cars, OUT"):
        imported(request, "made")


def test_rounding_passes_and_is_told(tmp_path: Path):
    text = MILLER_BLAIR.replace("value_added,650", "value_added,653")
    result = imported(Request(written(tmp_path, "t.csv", text), written(tmp_path, "map.csv", MAP)), "made")
    assert "inputs and value added against output: 0.3 % at sector_1" in result.report
    assert refusal(tmp_path, text, tolerance=0.001)


def test_sectors_outside_the_chain_are_listed_with_their_share(tmp_path: Path):
    mapping = "\n".join(CHINESE_MAP.splitlines()[:3]) + "\n"
    table = as_csv(chinese_rows(5), tmp_path / "t.csv")
    result = imported(Request(table, written(tmp_path, "map.csv", mapping), layout="cn42"), "made")
    assert "of output): 03, 04" in result.report
    assert set(result.scenario.chain.segments) == {"metals", "electronics"}


def report_beside(folder: Path, nation: str, **more: object) -> str:
    """The report of the textbook's table beside a nation."""
    table, map_file = written(folder, "t.csv", MILLER_BLAIR), written(folder, "map.csv", MAP)
    request = Request(table, map_file, nation=written(folder, "nation.csv", nation), **more)  # type: ignore[arg-type]
    return imported(request, "made").report


def person_lines(report: str) -> dict[str, list[str]]:
    """The lines on output a person, by segment."""
    lines = report.partition("Output a person")[2].splitlines()[1:]
    return {line.split()[0]: line.split()[1:] for line in lines}


def test_output_a_person_stands_beside_the_nation_s(tmp_path: Path):
    lines = person_lines(report_beside(tmp_path, "code,output,employees\nsector_1,10000,40000\nsector_2,20000,9000\n"))
    assert lines["primary"][1] == "250"
    assert "2,222" in lines["secondary"]
    assert "times the nation's: are --wage and the units" in " ".join(lines["secondary"])
    assert len(lines["primary"]) == 2


def test_a_nation_s_wages_tell_its_output_a_person_at_the_same_pay(tmp_path: Path):
    grown = MILLER_BLAIR.replace("value_added", "wages")
    lines = person_lines(report_beside(tmp_path, grown))
    assert lines["primary"][0] != ""
    assert float(lines["primary"][1].replace(",", "")) > 0


def test_output_a_person_needs_no_nation(tmp_path: Path):
    result = imported(Request(written(tmp_path, "t.csv", MILLER_BLAIR), written(tmp_path, "map.csv", MAP)), "made")
    assert "Output a person, thousand CNY a year, staff being labour cost over pay:" in result.report
    assert all(len(cells) == 1 for cells in person_lines(result.report).values())
