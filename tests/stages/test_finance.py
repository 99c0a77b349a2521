"""Taxes, credit, default."""

import economies
import numpy as np
from own_rules import losing
from switched import is_kept, lived, off

from chainsim.runs.simulation import base_year
from chainsim.stages.year import advance


def test_without_finance_there_are_no_loans_no_defaults_and_the_deduction_of_the_base_year():
    scenario = off("finance", "demography", **{"region.taxes.rd_deduction": {1900: 0.75, 2022: 2.0}})
    before, economy = lived(scenario)
    assert is_kept(before, economy, "debt", "default_years")
    assert (economy.rd_deduction() == 0.75).all()
    assert (lived(scenario.replace({"stages.finance.enabled": True}))[1].rd_deduction() == 2.0).all()


def test_enterprises_that_sell_below_cost_overdraw_their_accounts_and_default():
    economy = base_year(losing(end=2026), 1)
    defaults, written_off = 0.0, 0.0
    while economy.year < 2026:
        advance(economy)
        defaults += economy.flows.defaults.sum()
        written_off += economy.ledger.written_off
    assert defaults > 0
    assert written_off > 0.0


def test_guaranteed_debt_above_normal_leverage_bears_no_spread():
    economy = base_year(economies.crowd(), 1)
    finance, normal = economy.stages.finance, economy.stages.finance.normal_debt(economy)
    economy.debt, economy.guaranteed = normal + 3.0, np.where(np.arange(economy.n) % 2 == 0, 2.0, 0.0)
    spread = finance.interest_due(economy) - finance.interest_rate * economy.debt
    assert np.allclose(spread, finance.spread * np.where(economy.guaranteed > 0, 1.0, 3.0))
