"""Capital."""

import pytest
from switched import lived, off


def test_without_investment_capital_is_replaced_only():
    before, economy = lived(off("investment", "finance", "demography"))
    assert economy.capital == pytest.approx(before.capital, rel=1e-12)
    assert economy.investment == pytest.approx(economy.depreciation, rel=1e-12)
