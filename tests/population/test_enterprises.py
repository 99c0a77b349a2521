"""Named enterprises keep what the scenario states of them, in the base year and in the report."""

from __future__ import annotations

import pytest

from chainsim.report.tables import named_rows
from chainsim.runs.ensemble import run
from chainsim.runs.results import Result
from chainsim.scenario.load import load
from chainsim.scenario.templates import shipped


@pytest.fixture(scope="module")
def result() -> Result:
    return run(load(shipped() / "jilin.yaml").replace({"years.end": 2022}), seed=1)


def test_revenue_staff_and_rd_are_kept_exactly(result):
    base = result.named[result.named["year"] == 2020].set_index("name")
    for enterprise in result.scenario.enterprises:
        kept = base.loc[enterprise.id]
        assert kept["output"] == pytest.approx(enterprise.revenue, rel=1e-9)
        assert kept["employment"] == pytest.approx(enterprise.employees, rel=1e-9)
        assert kept["rd"] == pytest.approx(enterprise.rd, rel=1e-9)


def test_the_report_lists_every_named_enterprise_with_given_and_kept_values(result):
    rows = {row.title: row for row in named_rows(result)}
    assert len(rows) == len(result.scenario.enterprises)
    given, kept, _ = rows["Gpixel (Changguang Chenxin)"].cells[1]
    assert given == kept == "180"
