"""The state of enterprises: one declared table of columns with unit and meaning."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Column(NamedTuple):
    """A column of the enterprise table; `wide` columns have one entry per market."""

    name: str
    unit: str
    meaning: str
    dtype: Any = np.float64
    wide: bool = False


M = "CNY million"
COLUMNS: tuple[Column, ...] = (
    Column("identity", "1", "64-bit identity, never reused", np.uint64),
    Column("segment", "", "segment", np.int32),
    Column("park", "", "park", np.int32),
    Column("owner", "", "owner: state, private, foreign, institute", np.int32),
    Column("founded", "year", "first year of operation", np.int32),
    Column("active", "1", "in business", np.bool_),
    Column("operated", "1", "in business at the start of the year; its flows count", np.bool_),
    Column("named", "1", "a real enterprise of the scenario", np.bool_),
    Column("high_tech", "1", "certified high-tech enterprise with the reduced profit tax", np.bool_),
    Column("owner_backed", "1", "loses money by its base-year plan; the owner pays in equity", np.bool_),
    Column("pioneer", "1", "supplier of what was a missing link, designed in by buyers", np.bool_),
    Column(
        "anchor", "1", "came from outside as an anchor: suppliers follow it, and it leaves by default only", np.bool_
    ),
    Column("certificate", "1", "holds a security certificate", np.bool_),
    Column(
        "ordinary_coefficient",
        "persons per CNY million",
        "ordinary staff per unit of output at productivity 1 and base wages",
    ),
    Column(
        "skilled_coefficient",
        "persons per CNY million",
        "skilled production staff per unit of output at productivity 1 and base wages",
    ),
    Column("priced_labour", "1", "share of labour cost carried by the price; the rest is development expense"),
    Column("rd_share", "1", "norm of R&D over sales"),
    Column("research_share", "1", "share of R&D spent on own staff"),
    Column("reference_size", M, "size against which relative size is measured: the segment's mean base output"),
    Column("log_productivity", "log", "idiosyncratic log productivity z"),
    Column("productivity", "1", "productivity of labour and capital relative to the segment norm A"),
    Column("quality", "log", "quality relative to the frontier of the segment"),
    Column("knowledge", M, "stock of R&D"),
    Column("sales_stock", M, "sales accumulated at the same depreciation as knowledge"),
    Column("digital", "log", "productivity won by digitisation"),
    Column("digital_coming", "log", "productivity of digitisation that arrives next year"),
    Column("talent", "persons", "stock of people who came by talent programmes, fading"),
    Column("ordinary", "persons", "ordinary staff"),
    Column("skilled", "persons", "skilled production staff"),
    Column("research", "persons", "R&D staff"),
    Column("wanted_ordinary", "persons", "ordinary staff wanted this year"),
    Column("wanted_skilled", "persons", "skilled production staff wanted this year"),
    Column("unit_cost", "1", "cost per unit of output, capital included"),
    Column("variable_cost", "1", "cost per unit of output without capital"),
    Column("price", "1", "price relative to the outside price"),
    Column("markup", "1", "markup on unit cost"),
    Column("local_share", "1", "share in the sales of the segment's local enterprises last year"),
    Column("expected_orders", "units", "orders expected for the year"),
    Column("orders", "units", "orders received in the year"),
    Column("feasible", "units", "output that capital, staff and inputs allow"),
    Column("output", "units", "output of the year"),
    Column("fill", "1", "delivered share of orders"),
    Column("sales", M, "sales of the year"),
    Column("last_sales", M, "sales of the year before"),
    Column("intermediate_sales", M, "sales to modelled enterprises"),
    Column("purchases_local", M, "purchases of modelled inputs in the region"),
    Column("purchases_national", M, "purchases of modelled inputs in the rest of the nation"),
    Column("purchases_abroad", M, "purchases of modelled inputs abroad"),
    Column("other_inputs", M, "other inputs, bought nationally, without R&D services"),
    Column("labour_cost", M, "labour cost, overtime and R&D staff included"),
    Column("rd", M, "R&D spending: staff and services"),
    Column("rd_services", M, "R&D services bought"),
    Column("production_tax", M, "net production tax"),
    Column("profit_tax", M, "profit tax"),
    Column("interest", M, "interest paid"),
    Column("profit", M, "profit before tax, after depreciation and R&D"),
    Column("dividends", M, "dividends paid"),
    Column("capital", M, "capital in place"),
    Column("capital_ordered", M, "capital paid for that arrives a year late"),
    Column("depreciation", M, "depreciation of the year"),
    Column("investment", M, "capital goods ordered and paid"),
    Column("cash", M, "cash; negative is an overdraft"),
    Column("debt", M, "debt to banks"),
    Column("default_years", "y", "years in a row with negative net worth and cash", np.int32),
    Column("guaranteed", M, "debt that public guarantees cover"),
    Column("support", M, "public support received in the year, tax relief included"),
    Column("reach", "log", "goodwill that investment grants have won so far"),
    Column("market_share", "1", "share in the expenditure of each final market", wide=True),
    Column("goodwill", "log", "goodwill in each final market", wide=True),
    Column("final_sales", M, "sales in each final market", wide=True),
)
"""Every enterprise is a row; entrants are appended, rows of closed enterprises dropped at New Year,
the order of the rest never changes. Sums run over `active`."""
