"""Base years are built once: equal scenarios share one, and whatever it depends on tells two apart."""

import economies
import pytest

from chainsim.runs import base_years
from chainsim.stages.sourcing import Sourcing


@pytest.fixture
def kept():
    return base_years.BaseYears(most=2)


def test_equal_scenarios_share_a_base_year_and_a_changed_one_has_its_own(kept):
    first, same = economies.shipped("minimal"), economies.shipped("minimal")
    assert first is not same
    assert kept.identity(first, 1) == kept.identity(same, 1)
    for path, value in (("stages.sourcing.review_rate", 0.3), ("region.taxes.profit", 0.2), ("years.end", 2023)):
        assert kept.identity(first.replace({path: value}), 1) != kept.identity(first, 1)
    assert kept.identity(first, 2) != kept.identity(first, 1)
    assert kept.identity(first.replace({"levers": {}}), 1) == kept.identity(first, 1)


def test_a_rule_of_ones_own_has_its_own_base_year(kept):
    class Other(Sourcing):
        def quality_worth(self, excess):
            return 2.0 * super().quality_worth(excess)

    scenario = economies.shipped("minimal")
    assert kept.identity(scenario.replace(stages=[Other()]), 1) != kept.identity(scenario, 1)
