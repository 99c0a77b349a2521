"""The script that says whether a change of the code changed a result sees every column that is a result."""

from __future__ import annotations

import runpy

import economies
import pandas as pd
import pytest

digest = runpy.run_path(str(economies.ROOT / "benchmarks" / "table_hashes.py"))["digest"]


def tables(column: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    return pd.DataFrame({"year": [2020, 2021], column: [1, 2]}), pd.DataFrame({"year": [2020, 2021], column: [1, 3]})


@pytest.mark.parametrize("table", ["enterprises.parquet", "links", "failures"])
def test_another_identity_of_an_enterprise_is_another_result(table: str):
    before, now = tables("identity")
    assert digest(before, table) != digest(now, table)


@pytest.mark.parametrize(("table", "column"), [("runs", "identity"), ("failures", "trace"), ("runs", "seconds")])
def test_what_tells_of_the_code_or_the_clock_is_no_result(table: str, column: str):
    before, now = tables(column)
    assert digest(before, table) == digest(now, table)
