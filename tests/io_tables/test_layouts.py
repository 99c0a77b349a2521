"""Bad tables, layouts and maps are answered with what was expected and the nearest name."""

from __future__ import annotations

from pathlib import Path

import pytest
from synthetic_tables import MAP, MILLER_BLAIR, as_csv, many_regions, written

from chainsim.io_tables.imported import Request, imported
from chainsim.io_tables.layouts import read_accounts
from chainsim.scenario.errors import ScenarioError


def refusal(folder: Path, text: str = MILLER_BLAIR, mapping: str = MAP, **more: object) -> str:
    request = Request(written(folder, "t.csv", text), written(folder, "map.csv", mapping), **more)  # type: ignore[arg-type]
    with pytest.raises(ScenarioError) as error:
        imported(request, "made")
    return " ".join(str(error.value).split())


def test_bad_layouts_and_files_are_answered(tmp_path: Path):
    assert "unknown layout 'cn24', did you mean 'cn42'?" in refusal(tmp_path, layout="cn24")
    assert "no head of a known column" in refusal(tmp_path, "a,b\n1,2\n")
    assert "expected a folder with Z.txt and Y.txt" in refusal(tmp_path, layout="pymrio")
    assert "unknown unit of money 'CAD zillion'" in refusal(tmp_path, unit="CAD zillion")


def test_an_option_that_would_change_nothing_is_refused(tmp_path: Path):
    nation = written(tmp_path, "n.csv", "code,output\nsector_1,9000\nsector_2,9000\n")
    said = refusal(tmp_path, region="CAN_ON", within="CAN_", columns=tmp_path / "c.yaml")
    assert said.count("goes with tables of many regions") == 2
    assert "--columns goes with --register" in said
    assert "--delta is the exponent of FLQ and AFLQ" in refusal(tmp_path, delta=0.2, lq="cilq", nation=nation)


def test_an_unknown_row_is_named_and_can_be_told_in_the_map(tmp_path: Path):
    text = MILLER_BLAIR.replace("value_added", "Arvonlisäys")
    assert "'Arvonlisäys' is no sector and no total that is known" in refusal(tmp_path, text)
    table, mapping = written(tmp_path, "t.csv", text), written(tmp_path, "map.csv", MAP + "Arvonlisäys,*value_added\n")
    assert imported(Request(table, mapping), "made").scenario.chain.segments["primary"].value_added_share == 0.65


def test_a_bad_map_is_answered_with_every_line(tmp_path: Path):
    assert "map.csv:2:code the table has no sector 'sector_11', did you mean 'sector_1'?" in refusal(
        tmp_path, mapping=MAP.replace("sector_1", "sector_11")
    )
    mapping = MAP + "sector_1,secondary,down\nGDP,*valueadd\nx,a b,down\nsector_3,primary,down\n"
    said = refusal(tmp_path, mapping=mapping)
    for part in ("'sector_1' is mapped twice", "unknown kind of row or column '*valueadd', did you mean 'value_added'?",
                 "expected a name of letters, digits and _, found 'a b'", "a segment has one tier"):  # fmt: skip
        assert part in said
    assert "expected the columns code, segment and tier" in refusal(tmp_path, mapping="sector,segment\n")


@pytest.mark.parametrize("again", ["SECTOR_1,secondary,down", "Agriculture,secondary,down"])
def test_a_sector_in_two_lines_of_a_map_is_refused_by_whatever_name(tmp_path: Path, again: str):
    names = iter(["", "Agriculture", "Industry", "", ""])
    text = "\n".join(
        ",".join([cells[0], next(names), *cells[1:]]) for cells in (r.split(",") for r in MILLER_BLAIR.split())
    )
    said = refusal(tmp_path, text, MAP + again + "\n")
    assert f"'{again.partition(',')[0]}' is the sector 'sector_1' of line 2, which would count twice" in said


def test_a_word_among_the_numbers_of_any_row_is_named(tmp_path: Path):
    line = next(line for line in MILLER_BLAIR.splitlines() if line.startswith("value_added"))
    said = refusal(tmp_path, MILLER_BLAIR.replace(line, line.replace(line.split(",")[1], "6SO", 1)))
    assert "expected a number, found the text '6SO'" in said
    table = as_csv(many_regions(), tmp_path / "m.csv")
    rows = table.read_text("utf-8").splitlines()
    cells = rows[3].split(",")
    rows[3] = ",".join([*cells[:-2], "2O", cells[-1]])
    table.write_text("\n".join(rows), "utf-8")
    with pytest.raises(ScenarioError) as error:
        read_accounts(table, "oecd", "CHN-A", None, {}, "")
    (problem,) = error.value.problems
    assert (problem.file, problem.line, problem.message) == ("m.csv", 4, "expected a number, found the text '2O'")


def test_an_unknown_region_is_answered_with_those_there_are(tmp_path: Path):
    table = as_csv(many_regions(), tmp_path / "t.csv")
    with pytest.raises(ScenarioError, match="unknown region 'CHN-C', did you mean 'CHN-B'"):
        read_accounts(table, "oecd", "CHN-C", None, {}, "")


def test_names_and_codes_beside_each_other_are_both_known(tmp_path: Path):
    rows = [",name,s1,s2,exports", ",,Steel,Cars,", "s1,Steel,1,2,7", "s2,Cars,3,4,13", ",value_added,6,14,"]
    table = written(tmp_path, "t.csv", "\n".join(rows))
    accounts = read_accounts(table, "wide", "", None, {}, "")
    assert accounts.sectors == ("s1", "s2")
    assert accounts.output.tolist() == [10, 20]


def test_a_sector_by_the_word_for_errors_is_a_sector_and_a_column_alone_is_the_errors(tmp_path: Path):
    rows = [",钢铁,其他,出口", "钢铁,1,2,7", "其他,3,4,13", "增加值,6,14,"]
    accounts = read_accounts(written(tmp_path, "t.csv", "\n".join(rows)), "wide", "", None, {}, "")
    assert accounts.sectors == ("钢铁", "其他")
    assert accounts.output.tolist() == [10, 20]
    rows = [",钢铁,汽车,出口,其他", "钢铁,1,2,7,0", "汽车,3,4,12,1", "增加值,6,14,,"]
    accounts = read_accounts(written(tmp_path, "e.csv", "\n".join(rows)), "wide", "", None, {}, "")
    assert accounts.errors.tolist() == [0, 1]


def test_pymrio_s_own_table_is_read_from_its_folder(tmp_path: Path):
    pymrio = pytest.importorskip("pymrio")
    system = pymrio.load_test()
    system.calc_system()
    system.save(tmp_path / "saved", table_format="txt")
    accounts = read_accounts(tmp_path / "saved", "pymrio", "reg1", None, {}, "")
    at = [("reg1", name) for name in accounts.sectors]
    assert accounts.output == pytest.approx(system.x.loc[at, "indout"].to_numpy(), rel=1e-9)
    assert accounts.home == pytest.approx(system.Z.loc[at, at].to_numpy())
    assert accounts.use == pytest.approx(system.Z.groupby("sector", sort=False).sum()[at].to_numpy())
