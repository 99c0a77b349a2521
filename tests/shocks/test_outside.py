"""Cuts of imports are remembered when they are over."""

import economies
import numpy as np
import pytest
from policies import lived

CUT = {"type": "import_cut", "segment": "lenses", "share": 0.5, "scope": "province", "years": "2022-2023"}


def after(year):
    """The crowd under a cut of half the imported lenses in two years, at the end of a year."""
    return lived(economies.crowd(shocks={"cut": CUT}), year).economy


def test_the_risk_that_buyers_see_in_imports_adds_up_and_fades():
    added, left = 3.0 * 0.5, 0.9
    expected = {2021: 0.0, 2022: added, 2023: added * (1 + left), 2024: added * (1 + left) * left}
    expected[2025] = expected[2024] * left
    for year, risk in expected.items():
        assert after(year).region.import_risk == pytest.approx(np.array([risk, 0.0])), year


def test_remembered_cuts_lower_the_pull_of_imports_only():
    economy = after(2024)
    pull = economy.stages.sourcing.outside_pull(economy)
    assert pull[:, 0] == pytest.approx(np.ones(2))
    assert pull[:, 1] == pytest.approx(np.exp(-economy.region.import_risk))
