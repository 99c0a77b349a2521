"""Rows of single enterprises, links, levers and the ledger are those of the economy, in the year they say."""

from __future__ import annotations

from types import SimpleNamespace

import economies
import numpy as np
import pytest

from chainsim.economy.economy import Economy
from chainsim.economy.links import ABROAD, NATIONAL, NOBODY
from chainsim.indicators import recorder
from chainsim.runs.simulation import Simulation

RECORD = {"enterprises": True, "links": True}


@pytest.fixture
def economy() -> Economy:
    """Parts of `a` and `b`, devices of `c`, which buys .4 of parts, half of them local; base year."""
    return economies.built(economies.three_makers())


def test_links_say_who_buys_what_of_whom_for_how_much(economy: Economy) -> None:
    rows = recorder.link_rows(economy)
    a, b, c = (next(row for row, name in economy.names.items() if name == who) for who in "abc")
    links = economy.links.supplier.size
    assert set(rows["buyer"]) == {economy.identity[c]}
    assert set(rows["supplier"]) <= {0, 1, economy.identity[a], economy.identity[b]}
    assert rows["input"].tolist() == ["parts"] * links
    assert rows["slot"].tolist() == list(range(links))
    assert rows["weight"].sum() == pytest.approx(1.0)
    assert rows["value"].sum() == pytest.approx(0.4 * economy.output[c])
    local = rows["supplier"] > 2
    assert rows["value"][local].sum() == pytest.approx(0.2 * economy.output[c])


def test_suppliers_outside_have_codes_of_their_own(economy: Economy) -> None:
    supplier = economy.links.supplier
    supplier[:] = NATIONAL
    supplier[:2] = ABROAD, NOBODY
    assert recorder.link_rows(economy)["supplier"].tolist() == [1, 2, *[0] * (supplier.size - 2)]


def test_a_supplier_here_is_told_by_its_identity_whatever_its_row(economy: Economy) -> None:
    supplier = economy.links.supplier
    supplier[:] = NATIONAL
    supplier[:3] = 0, 1, 2
    told = recorder.link_rows(economy)["supplier"].tolist()
    assert told == [*economy.identity[:3].tolist(), *[0] * (supplier.size - 3)]


def test_support_tells_whom_which_lever_paid_how_much_and_nobody_else(economy: Economy) -> None:
    a, c = (next(row for row, name in economy.names.items() if name == who) for who in "ac")
    paid = {"grant": {a: 2.0, c: 0.5}, "idle": {}, "other": {c: 3.0}}
    years = {name: SimpleNamespace(name=name, paid=np.zeros(economy.n)) for name in paid}
    for name, amounts in paid.items():
        for row, amount in amounts.items():
            years[name].paid[row] = amount
    economy.programme = SimpleNamespace(lever_years=years, levers=years)
    rows = recorder.support_rows(economy)
    told = sorted(zip(rows["lever"].tolist(), rows["name"].tolist(), rows["paid"].tolist(), strict=True))
    assert told == [("grant", "a", 2.0), ("grant", "c", 0.5), ("other", "c", 3.0)]
    assert sorted(rows["identity"].tolist()) == sorted(economy.identity[[a, c, c]].tolist())
    assert rows["segment"].tolist() == [{"a": "parts", "c": "devices"}[name] for name in rows["name"]]


def test_where_nobody_is_supported_the_table_is_empty_and_has_its_columns(economy: Economy) -> None:
    rows = recorder.support_rows(economy)
    assert set(rows) == {"lever", "identity", "name", "segment", "park", "owner", "paid"}
    assert all(column.size == 0 for column in rows.values())


def test_links_of_a_closed_buyer_are_gone(economy: Economy) -> None:
    economy.active[economy.links.buyer[0]] = False
    assert all(column.size == 0 for column in recorder.link_rows(economy).values())


def test_enterprises_are_recorded_with_their_names_places_and_value_added(economy: Economy) -> None:
    rows, arrays = recorder.enterprise_rows(economy), economy.arrays
    assert sorted(rows["name"]) == ["a", "b", "c"]
    for place, name in enumerate(rows["name"]):
        row = next(row for row, known in economy.names.items() if known == name)
        assert rows["segment"][place] == arrays.names[economy.segment[row]]
        assert rows["tier"][place] == {"c": "downstream"}.get(name, "upstream")
        assert rows["employment"][place] == economy.ordinary[row] + economy.skilled[row] + economy.research[row]
        bought = economy.purchases_local[row] + economy.purchases_national[row] + economy.purchases_abroad[row]
        assert rows["value_added"][place] == economy.sales[row] - bought - economy.other_inputs[row]
        assert rows["final_sales_abroad"][place] == economy.final_sales[row, 3]


def test_who_did_not_operate_has_no_rows(economy: Economy) -> None:
    economy.operated[next(row for row, name in economy.names.items() if name == "b")] = False
    assert sorted(recorder.enterprise_rows(economy)["name"]) == ["a", "c"]
    assert sorted(recorder.named_rows(economy)["name"]) == ["a", "c"]


def test_named_enterprises_are_recorded_with_their_outcome(economy: Economy) -> None:
    rows = recorder.named_rows(economy)
    for place, name in enumerate(rows["name"]):
        row = next(row for row, known in economy.names.items() if known == name)
        told = {column: rows[column][place] for column in ("output", "employment", "rd", "profit")}
        assert told == {
            "output": economy.sales[row],
            "employment": economy.employment[row],
            "rd": economy.rd[row],
            "profit": economy.profit[row],
        }
        assert rows["segment"][place] == economy.arrays.names[economy.segment[row]]


def test_a_lever_without_a_budget_has_none_in_its_rows() -> None:
    grant = {"type": "rd_grant", "rate": 0.3, "years": "2021-2022"}
    levers = {"free": grant, "bound": grant | {"budget": 2.0, "stacking": "add"}}
    levers["free"] = grant | {"stacking": "add"}
    simulation = Simulation(economies.three_makers(levers=levers), 1)
    simulation.step()
    rows = recorder.lever_rows(simulation.economy)
    assert rows["lever"].tolist() == ["free", "bound"]
    assert rows["type"].tolist() == ["rd_grant"] * 2
    assert np.isnan(rows["budget"][0])
    assert rows["budget"][1] == 2.0
    for name, lever_year in simulation.economy.lever_years.items():
        place = rows["lever"].tolist().index(name)
        assert [rows[column][place] for column in recorder.LEVER_MONEY] == [
            getattr(lever_year, column) for column in recorder.LEVER_MONEY
        ]


def test_every_table_holds_every_year_in_order_and_the_last_one_is_the_latest() -> None:
    simulation = Simulation(economies.three_makers(record=RECORD, end=2023), 1)
    kept = [{name: rows[-1] for name, rows in simulation.recorder.years.items()}]
    while simulation.running:
        simulation.step()
        kept.append({name: rows[-1] for name, rows in simulation.recorder.years.items()})
    tables = simulation.recording().tables
    for name in ("region", "segments", "ledger", "enterprises", "links", "named"):
        for column, values in tables[name].items():
            assert values.tolist() == [value for year in kept for value in year[name][column].tolist()], (name, column)
        assert sorted(set(tables[name]["year"].tolist())) == [2020, 2021, 2022, 2023]
    for name in ("region", "segments"):
        assert economies.same_bits(dict(simulation.latest(name)), kept[-1][name]) == []


def test_when_tables_are_asked_for_changes_none_of_them() -> None:
    """A year is observed when it ends and told when somebody asks: what comes after must not change it."""
    made = economies.with_missing_link(end=2038)
    asked, silent = Simulation(made, 1), Simulation(made, 1)
    while silent.running:
        silent.step()
        asked.step()
        asked.recorder.make()
    one, other = (each.recording().tables for each in (asked, silent))
    assert {len(set(table["year"].tolist())) for table in one.values() if len(table["year"])} == {19}
    assert one.keys() == other.keys()
    for name, table in one.items():
        assert economies.same_bits(dict(table), dict(other[name])) == [], name


def test_what_is_not_asked_for_is_not_recorded() -> None:
    bare = recorder.Recorder(economies.built(economies.three_makers())).recording(1).tables
    assert not {"enterprises", "support", "links"} & bare.keys()
    tables = Simulation(economies.three_makers(), 1).recording().tables
    assert not {"enterprises", "links"} & tables.keys()
    assert "links" not in Simulation(economies.three_makers(record={"enterprises": True}), 1).recording().tables


def test_missing_links_are_the_segments_without_enterprises_in_the_base_year() -> None:
    simulation = Simulation(economies.with_missing_link(), 1)
    while simulation.running:
        simulation.step()
    assert set(simulation.recording().tables["missing_links"]["segment"]) == {"wafers"}


def test_tax_revenue_is_what_the_ledger_has_of_enterprises_and_their_staff() -> None:
    """Production tax less subsidies, profit tax, contributions, and the income tax on what enterprises pay."""
    simulation = Simulation(economies.crowd(end=2022), 1)
    rate = simulation.economy.arrays.households.income_tax
    parts = {"production tax": 1.0, "production subsidy": -1.0, "profit tax": 1.0, "employer contributions": 1.0}
    parts |= {"wages, ordinary staff": rate, "wages, skilled staff": rate}
    while simulation.running:
        simulation.step()
        rows = recorder.ledger_rows(simulation.economy)
        due = sum(parts.get(row, 0.0) * amount for row, amount in zip(rows["row"], rows["amount"], strict=True))
        assert simulation.latest("segments")["tax_revenue"].sum() == pytest.approx(due)


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_enterprises_above_scale_sell_for_more_than_20_million(scale: float) -> None:
    """Where an enterprise stands for `1 / scale` of them, sales count so much more."""
    simulation, near = Simulation(economies.crowd(population={"scale": scale}), 1), 0
    while simulation.running:
        simulation.step()
        sales = scale * recorder.enterprise_rows(simulation.economy)["sales"]
        assert simulation.latest("segments")["above_scale"].sum() == (sales > 20.0).sum()
        near += ((sales > 20.0) & (sales < 21.0)).sum()
    assert near > 0


def test_a_segment_that_makes_nothing_multiplies_no_output_and_stands_nowhere() -> None:
    segments = Simulation(economies.with_missing_link(), 1).latest("segments")
    assert segments["output_multiplier"][0] == segments["upstreamness"][0] == 0.0
    assert (segments["output_multiplier"][1:] >= 1.0).all()
