"""The whole way: a table in any layout becomes a scenario that passes every check and states the table's numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from synthetic_tables import (
    CHINESE_MAP,
    MAP,
    MILLER_BLAIR,
    as_csv,
    as_workbook,
    chinese_rows,
    many_regions,
    published_rows,
    written,
)

from chainsim.io_tables.imported import Imported, Request, imported, in_millions
from chainsim.io_tables.layouts import read_accounts
from chainsim.scenario.cautions import warnings
from chainsim.scenario.check_base_year import local_use
from chainsim.scenario.errors import ScenarioError
from chainsim.scenario.scenario import Scenario

ROOT = Path(__file__).parents[2]
CANADA = ROOT.parent / "shared" / "data" / "io" / "icio_2014_can_provinces.csv.gz"


def made(at: Path, table: Path, mapping: str = MAP, **more: object) -> Imported:
    return imported(Request(table, written(at, "map.csv", mapping), **more), "made")  # type: ignore[arg-type]


def agrees(scenario: Scenario, accounts: object, members: dict[str, list[int]]) -> None:
    """Output, inputs, value added and sales of the scenario are those of the table, to 1e-9 of output."""
    used = local_use(scenario)
    for name, at in members.items():
        segment, output = scenario.chain.segments[name], accounts.output[at].sum()  # type: ignore[attr-defined]
        added = accounts.value_added[at].sum() + accounts.product_tax[at].sum()  # type: ignore[attr-defined]
        assert segment.output == pytest.approx(output, rel=1e-12)
        assert segment.value_added_share * output == pytest.approx(added, abs=1e-9 * output)
        for other, rows in members.items():
            bought = accounts.use[np.ix_(rows, at)].sum()  # type: ignore[attr-defined]
            assert segment.inputs.get(other, 0.0) * output == pytest.approx(bought, abs=1e-9 * output)
        sold = sum(market.sales for market in segment.markets.values())
        assert sold + used[name] == pytest.approx(output, abs=1e-9 * output)
        for market, flow in (("national", accounts.outflow), ("abroad", accounts.export)):  # type: ignore[attr-defined]
            sales = segment.markets[market].sales if market in segment.markets else 0.0
            assert sales == pytest.approx(flow[at].sum(), abs=1e-9 * output)


def test_the_textbook_s_table_comes_out_as_it_went_in(tmp_path: Path):
    table = written(tmp_path, "mb.csv", MILLER_BLAIR)
    result = made(tmp_path, table)
    agrees(result.scenario, read_accounts(table, "wide", "", None, {}, ""), {"primary": [0], "secondary": [1]})
    assert result.scenario.chain.segments["primary"].localization == {"primary": 1, "secondary": 1}
    assert warnings(result.scenario) == []


@pytest.mark.parametrize("offset", [4, 6, 7, 11])
def test_a_chinese_table_is_found_by_its_codes_wherever_it_stands(tmp_path: Path, offset: int):
    first = as_csv(chinese_rows(4), tmp_path / "first.csv")
    tables = [
        as_csv(chinese_rows(offset), tmp_path / "gbk.csv", "gbk"),
        as_workbook(chinese_rows(offset), tmp_path / "book.xlsx"),
        as_csv(chinese_rows(offset, with_names=False), tmp_path / "bare.csv"),
    ]
    wanted = made(tmp_path, first, CHINESE_MAP, layout="cn42").scenario
    accounts = read_accounts(first, "cn42", "", None, {}, "")
    assert accounts.unit == "万元"
    for table in tables:
        scenario = made(tmp_path, table, CHINESE_MAP, layout="cn42").scenario
        assert scenario.chain.segments == wanted.chain.segments
    assert wanted.chain.segments["metals"].output == pytest.approx(accounts.output[0] / 100)


@pytest.mark.parametrize("offset", [4, 6, 7, 11])
def test_heads_of_groups_over_the_first_sector_are_no_totals(tmp_path: Path, offset: int):
    """42 sectors with all columns of final use, errors, and 中间使用 and 中间投入 over and beside the first of them."""
    mapping = "code,segment,tier\n01,food,up\n18,vehicles,down\n19,vehicles,down\n"
    table = as_csv(published_rows(offset), tmp_path / "t.csv")
    result = made(tmp_path, table, mapping, layout="cn42")
    accounts = read_accounts(table, "cn42", "", None, {}, "")
    assert (len(accounts.sectors), result.misfit) == (42, None)
    agrees(result.scenario, in_millions(accounts, 0.01), {"food": [0], "vehicles": [17, 18]})
    assert np.abs(accounts.row_gap()).max() < 1e-6
    broken = [[*row[:3], "9999999", *row[4:]] if row[2:3] == ["07"] else row for row in published_rows(offset)]
    with pytest.raises(ScenarioError, match="TIU is"):
        made(tmp_path, as_csv(broken, tmp_path / "b.csv"), mapping, layout="cn42")


def test_errors_of_the_table_are_a_final_use_of_their_own_and_told_by_sector(tmp_path: Path):
    """Sales at home are the home share of everything that is used there, errors of either sign included."""
    table = as_csv(published_rows(), tmp_path / "t.csv")
    result = made(tmp_path, table, "code,segment,tier\n01,food,up\n20,water,down\n", layout="cn42")
    accounts = in_millions(read_accounts(table, "cn42", "", None, {}, ""), 0.01)
    home = accounts.output - accounts.export - accounts.outflow
    share = home / (home + accounts.imports + accounts.inflow)
    private = sum(accounts.final[kind] for kind in ("households", "investment", "stocks"))
    for name, i in (("food", 0), ("water", 19)):
        sales = {market: part.sales for market, part in result.scenario.chain.segments[name].markets.items()}
        outside = accounts.use[i].sum() - accounts.use[i, [0, 19]].sum()
        local = share[i] * (outside + private[i] + accounts.errors[i])
        assert sales["local_other"] == pytest.approx(local, abs=1e-9 * accounts.output[i])
        assert sales["government"] == pytest.approx(share[i] * accounts.final["government"][i], rel=1e-9)
    lines = [line.split() for line in result.report.splitlines()]
    told = {line[0]: float(line[1]) for line in lines if len(line) == 4 and line[3] == "%"}
    assert told == pytest.approx({f"{i + 1:02d}": size for i, size in enumerate(accounts.errors) if size}, rel=1e-5)


def test_chinese_row_totals_give_one_local_share_to_all_buyers_with_a_range(tmp_path: Path):
    table = as_csv(chinese_rows(5), tmp_path / "table.csv")
    result = made(tmp_path, table, CHINESE_MAP, layout="cn42")
    accounts = read_accounts(table, "cn42", "", None, {}, "")
    home = accounts.output - accounts.export - accounts.outflow
    share = home / (home + accounts.imports + accounts.inflow)
    for segment in result.scenario.chain.segments.values():
        assert segment.localization["metals"] == pytest.approx(share[0])
    known = result.scenario.sources["chain.segments.vehicles.localization.metals"]
    assert (known.status, known.low) == ("estimated", pytest.approx(share[0] - 0.1, abs=1e-6))


def test_a_nation_gives_quotients_to_tables_that_tell_origins_only_where_they_are_asked_for(tmp_path: Path):
    """So that a nation that is stated for its staff leaves the shares of the table, which are nearer to the truth."""
    table = as_csv(chinese_rows(5), tmp_path / "table.csv")
    nation = written(tmp_path, "n.csv", "code,output,employees\n" + "".join(f"0{i},9e9,9e6\n" for i in (1, 2, 3, 4)))
    plain, told, asked = (
        made(tmp_path, table, CHINESE_MAP, layout="cn42", **options)
        for options in ({}, {"nation": nation}, {"nation": nation, "lq": "flq"})
    )
    assert told.text == plain.text
    assert "row totals of imports and inflow" in told.report
    assert "FLQ, delta 0.3, of own use" in asked.report


def test_many_regions_tell_origins_exactly(tmp_path: Path):
    table = as_csv(many_regions(), tmp_path / "table.csv")
    mapping = "code,segment,tier\nfood,food,up\ncars,cars,down\n"
    result = made(tmp_path, table, mapping, layout="oecd", region="CHN-A", within="CHN-")
    accounts = read_accounts(table, "oecd", "CHN-A", "CHN-", {}, "")
    agrees(result.scenario, accounts, {"food": [0], "cars": [1]})
    cars = result.scenario.chain.segments["cars"]
    assert cars.localization["food"] == pytest.approx(accounts.home[0, 1] / accounts.use[0, 1])
    assert cars.abroad["food"] == pytest.approx(accounts.imported[0, 1] / accounts.use[0, 1])
    assert cars.markets["national"].volume > cars.markets["national"].sales > 0
    assert "origins" in result.report


def test_a_product_subsidy_is_stated_as_production_tax(tmp_path: Path):
    """Costs before the subsidy exceed the price; value added and tax both fall by it."""
    table = as_csv(many_regions(subsidy=0.9), tmp_path / "table.csv")
    mapping = "code,segment,tier\nfood,food,up\ncars,cars,down\n"
    result = made(tmp_path, table, mapping, layout="oecd", region="CHN-A", within="CHN-")
    food = result.scenario.chain.segments["food"]
    accounts = read_accounts(table, "oecd", "CHN-A", "CHN-", {}, "")
    assert accounts.value_added[0] / accounts.output[0] + sum(food.inputs.values()) > 1
    agrees(result.scenario, accounts, {"food": [0], "cars": [1]})
    assert food.production_tax_share == pytest.approx(-0.9)
    assert "Subsidies on products, stated as production tax: food" in result.report


def test_a_fall_of_stocks_beyond_all_other_local_demand_is_taken_off_other_markets(tmp_path: Path):
    text = MILLER_BLAIR.replace("households,output", "households,stocks,exports,output")
    text = text.replace("350,1000", "0,-50,400,1000").replace("1700,2000\n", "1700,0,0,2000\n")
    result = made(tmp_path, written(tmp_path, "mb.csv", text))
    assert result.scenario.chain.segments["primary"].markets["abroad"].sales == pytest.approx(350)
    assert "a fall of stocks" in result.report or "primary" in result.report


def test_value_added_below_0_is_raised_and_told(tmp_path: Path):
    """A sector that lost money in the year of the table: inputs of 1.1 of its output."""
    text = MILLER_BLAIR.replace("150,500,350", "900,500,-400").replace("650,1400", "-100,1400")
    text = text.replace("households,output", "households,exports,output").replace("-400,1000", "-400,0,1000")
    result = made(tmp_path, written(tmp_path, "mb.csv", text.replace("1700,2000\n", "1700,0,2000\n")))
    primary = result.scenario.chain.segments["primary"]
    assert primary.value_added_share == pytest.approx(0.01)
    assert sum(primary.inputs.values()) == pytest.approx(0.99)
    assert "primary: value added of -0.1 of output is raised to 0.01" in result.report


def test_complete_columns_leave_no_research_to_buy(tmp_path: Path):
    segments = made(tmp_path, written(tmp_path, "mb.csv", MILLER_BLAIR)).scenario.chain.segments
    assert [segment.rd_share for segment in segments.values()] == [0, 0]


def test_another_currency_needs_its_pay_and_moves_the_defaults_in_money(tmp_path: Path):
    table = written(tmp_path, "mb.csv", MILLER_BLAIR)
    with pytest.raises(ScenarioError, match="state the yearly pay of ordinary staff in thousand KRW"):
        made(tmp_path, table, unit="KRW billion")
    scenario = made(tmp_path, table, unit="KRW billion", wage=41_300.0).scenario
    assert scenario.money == "KRW million"
    assert scenario.chain.segments["primary"].output == 1e6
    assert scenario.chain.segments["primary"].enterprises.small_output == pytest.approx(4900)
    assert warnings(scenario) == []


def test_a_quotient_needs_a_nation_that_is_larger(tmp_path: Path):
    table, nation = (
        written(tmp_path, "mb.csv", MILLER_BLAIR),
        written(tmp_path, "n.csv", "code,output\nsector_1,9000\n"),
    )
    with pytest.raises(ScenarioError, match=r"n.csv  no output of sector_2"):
        made(tmp_path, table, nation=nation)
    written(tmp_path, "n.csv", "code,output\nsector_1,9000\nsector_2,1000\n")
    with pytest.raises(ScenarioError, match="makes less of sector_2 than the region"):
        made(tmp_path, table, nation=nation)
    written(tmp_path, "n.csv", "code,output\nsector_1,30000\nsector_2,30000\n")
    scenario = made(tmp_path, table, nation=nation).scenario
    known = scenario.sources["chain.segments.secondary.localization.primary"]
    assert (known.source, known.status) == ("FLQ, delta 0.3, of own use", "estimated")
    assert scenario.chain.segments["secondary"].localization["primary"] == pytest.approx(
        0.5 * np.log2(1 + 3000 / 60000) ** 0.3
    )


def test_the_nation_s_table_gives_coefficients_to_the_quotients(tmp_path: Path):
    """A nation of ten such regions: all quotients are 1, and a tenth of size with delta .1 remains."""
    grown = MILLER_BLAIR.replace("150,500,350,1000", "1500,5000,3500,10000").replace(
        "200,100,1700,2000", "2000,1000,17000,20000"
    )
    grown = grown.replace("650,1400", "6500,14000").replace("output,1000,2000", "output,10000,20000")
    nation = written(tmp_path, "nation.csv", grown)
    result = made(tmp_path, written(tmp_path, "mb.csv", MILLER_BLAIR), nation=nation)
    assert result.scenario.chain.segments["secondary"].localization["primary"] == pytest.approx(np.log2(1.1) ** 0.1)
    assert "FLQ, delta 0.1, of national coefficients" in result.report


def test_the_shipped_province_and_its_register_are_imported():
    folder = ROOT / "scenarios" / "data" / "invented-province"
    options = {"register": folder / "register.csv", "columns": folder / "columns.yaml", "folder": folder}
    result = imported(Request(folder / "table.csv", folder / "sectors.csv", layout="cn42", year=2017, **options), "p")
    assert len(result.scenario.chain.segments) == 9
    assert len(result.scenario.enterprises) == 59
    assert warnings(result.scenario) == []
    assert "enterprises: {file: register.csv, columns: columns.yaml}" in result.text


def test_a_register_that_contradicts_the_table_leaves_a_file_to_mend(tmp_path: Path):
    written(tmp_path, "r.csv", "name,code,sales\nA,s,700\nB,s,800\n")
    columns = written(tmp_path, "c.yaml", "name: name\nsegment: {column: code, values: {s: primary}}\nrevenue: sales\n")
    options = {"register": tmp_path / "r.csv", "columns": columns, "folder": tmp_path}
    result = made(tmp_path, written(tmp_path, "mb.csv", MILLER_BLAIR), **options)
    assert result.scenario is None
    assert "state output 1500 or more" in " ".join(str(result.misfit).split())
    with pytest.raises(ScenarioError, match=r"lies\s+outside the"):
        made(tmp_path, tmp_path / "mb.csv", register=tmp_path / "r.csv", columns=columns, folder=tmp_path / "sub")


@pytest.mark.skipif(not CANADA.exists(), reason="the table of the Canadian provinces is not there")
def test_ontario_comes_out_as_it_went_in(tmp_path: Path):
    mapping = "code,segment,tier\nC26,electronics,mid\nC27,electrical,mid\nC29,vehicles,down\nC30,vehicles,down\n"
    options = {"layout": "oecd", "region": "CAN_ON", "unit": "CAD million"}
    result = made(tmp_path, CANADA, mapping, wage=50.0, **options)
    accounts = read_accounts(CANADA, "oecd", "CAN_ON", None, {}, "")
    at = accounts.sectors.index
    members = {"electronics": [at("C26")], "electrical": [at("C27")], "vehicles": [at("C29"), at("C30")]}
    agrees(result.scenario, accounts, members)


def test_a_subsidy_above_what_a_segment_may_state_is_cut_and_told(tmp_path: Path):
    """As in three of the ten Canadian provinces, where subsidies on the products of a sector exceed its output."""
    table = as_csv(many_regions(subsidy=1.44), tmp_path / "table.csv")
    mapping = "code,segment,tier\nfood,food,up\ncars,cars,down\n"
    result = made(tmp_path, table, mapping, layout="oecd", region="CHN-A", within="CHN-")
    assert result.scenario.chain.segments["food"].production_tax_share == -0.95
    assert "food: subsidies of 1.44 of output are cut to 0.95" in result.report
