"""Location quotients against a table worked by hand, and against provinces whose trade is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chainsim.io_tables.gap_report import Nation
from chainsim.io_tables.imported import Request, _quotients
from chainsim.io_tables.layouts import read_accounts
from chainsim.io_tables.quotients import DELTA, DELTA_OF_OWN_USE, QUOTIENTS, local_shares, simple_quotients

CANADA = Path(__file__).parents[3] / "shared" / "data" / "io" / "icio_2014_can_provinces.csv.gz"

REGION, NATION = np.array([10.0, 30.0, 60.0]), np.array([200.0, 400.0, 400.0])
"""Shares .1, .3, .6 of the region against .2, .4, .4 of the nation."""


def test_simple_quotients_compare_shares():
    assert simple_quotients(REGION, NATION) == pytest.approx([0.5, 0.75, 1.5])


def test_quotients_worked_by_hand():
    assert local_shares("slq", REGION, NATION)[:, 0] == pytest.approx([0.5, 0.75, 1.0])
    cross = [[0.5, 2 / 3, 1 / 3], [1.0, 0.75, 0.5], [1.0, 1.0, 1.0]]
    assert local_shares("cilq", REGION, NATION) == pytest.approx(np.array(cross))
    size = np.log2(1.1) ** 0.3
    flegg = local_shares("flq", REGION, NATION, 0.3)
    assert flegg[0] == pytest.approx(np.array([0.5, 2 / 3, 1 / 3]) * size)
    augmented = local_shares("aflq", REGION, NATION, 0.3)
    assert augmented[0, 2] == pytest.approx(size / 3 * np.log2(2.5))
    assert augmented[:, :2] == pytest.approx(flegg[:, :2])


def test_delta_of_0_leaves_size_out_and_shares_stay_between_0_and_1():
    assert local_shares("flq", REGION, NATION, 0.0) == pytest.approx(local_shares("cilq", REGION, NATION))
    absent = np.array([0.0, 40.0, 60.0])
    for kind in QUOTIENTS:
        shares = local_shares(kind, absent, NATION)
        assert ((shares >= 0) & (shares <= 1)).all()
        assert (shares[0] == 0).all()


@pytest.mark.skipif(not CANADA.exists(), reason="the table of the Canadian provinces is not there")
def test_ten_provinces_tell_small_exponents_from_large_and_no_more():
    """As import takes them: no cell above what the region uses."""
    provinces = ["CAN_" + code for code in ("AB", "BC", "MB", "NB", "NL", "NS", "ON", "PE", "QC", "SK")]
    accounts = [read_accounts(CANADA, "oecd", province, None, {}, "") for province in provinces]
    nation = sum(account.output for account in accounts)
    domestic = sum(account.use - account.imported for account in accounts)
    coefficients = np.divide(domestic, nation[None, :], out=np.zeros_like(domestic), where=nation > 0)

    def errors(kind: str, delta: float, of_own_use: bool) -> np.ndarray:
        known = Nation(nation, None if of_own_use else coefficients, None, None)
        request = Request(CANADA, CANADA, lq=kind, delta=delta, nation=CANADA)
        estimates = [(_quotients(request, account, known)[0] * account.use).sum() for account in accounts]
        return np.array([abs(e - a.home.sum()) / a.use.sum() for e, a in zip(estimates, accounts, strict=True)])

    found = {(kind, delta): errors(kind, delta, False) for kind in QUOTIENTS for delta in (DELTA, 0.3)}
    told = {"slq": 0.060, "cilq": 0.050, "flq": 0.055, "aflq": 0.047}
    usual = found["flq", DELTA]
    for kind, error in told.items():
        assert found[kind, DELTA].mean() == pytest.approx(error, abs=6e-4)
        apart = found[kind, DELTA] - usual
        assert abs(apart.mean()) < apart.std(ddof=1) / np.sqrt(10) or kind == "flq"
    assert found["flq", 0.3].mean() == pytest.approx(0.141, abs=6e-4)
    assert found["aflq", 0.3].mean() == pytest.approx(0.119, abs=6e-4)
    apart = found["flq", 0.3] - usual
    assert apart.mean() > 3 * apart.std(ddof=1) / np.sqrt(10)
    assert errors("flq", DELTA_OF_OWN_USE, True).mean() == pytest.approx(0.134, abs=6e-4)
    assert errors("flq", DELTA, True).mean() > 0.3
