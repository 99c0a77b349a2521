"""The scenario itself: everything stated, validated and frozen, from which other scenarios are made.

The fields stand in `schema`, the places and sources of their values in `resolved`; here the two meet the checks that
every changed scenario passes again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

from chainsim.economy.parameters import counted_in, path_value
from chainsim.scenario.change import replaced
from chainsim.scenario.schema import ScenarioFields
from chainsim.stages import Stage


class Scenario(ScenarioFields):
    """A complete, validated description of an economy and its experiment."""

    def replace(self, changes: Mapping[str, Any] | None = None, *, stages: Iterable[Stage] = ()) -> Self:
        """The scenario with other values at dotted paths, and with other stages in place of those of the same key.

        A value may be a number, a number with range and source, or a whole block. Subclasses of stages are kept. A
        stage of a new key is added to the year, after the stage that it names.

        Raises
            ScenarioError: with every change that cannot be made.
        """
        with counted_in(self.money):
            return replaced(self, changes or {}, stages)

    def steady(self) -> Self:
        """The same economy frozen: no growth, trends, shocks, levers, supplier review, innovation, entry or exit."""
        return self.replace(_without_growth(self) | _without_policy_and_change(self))


def _without_growth(scenario: ScenarioFields) -> dict[str, Any]:
    """Changes that end every trend: productivity, wages, prices, the frontier, markets; R&D deductions keep still."""
    region, start = scenario.region, scenario.years.start
    changes: dict[str, Any] = {"region.productivity_growth": 0.0}
    changes |= {"region.wage_growth": 0.0} if region.wage_growth is not None else {}
    changes["region.taxes.rd_deduction"] = _held(region.taxes.rd_deduction, start)
    for name, segment in scenario.chain.segments.items():
        place = f"chain.segments.{name}"
        changes |= {
            f"{place}.price_trend": 0.0,
            f"{place}.drag": 0.0,
            f"{place}.rd_deduction": _held(segment.rd_deduction, start),
        }
        changes |= {f"{place}.markets.{market}.growth": 0.0 for market in segment.markets}
    return changes


def _without_policy_and_change(scenario: ScenarioFields) -> dict[str, Any]:
    """Changes that leave no lever, no shock and no stage that lets enterprises come, go, learn or change suppliers."""
    changes: dict[str, Any] = {
        f"stages.{name}.enabled": False for name in ("sourcing", "innovation", "demography", "finance")
    }
    changes |= {f"stages.demand.{what}": 0.0 for what in ("volatility", "market_volatility", "segment_volatility")}
    return changes | {name: {} for name in ("levers", "shocks") if getattr(scenario, name)}


def _held(path: Mapping[int, float], year: int) -> dict[int, float]:
    """A path of values by the first year they hold for, with its value of one year in every year that it states."""
    return dict.fromkeys(sorted({*path, year}), path_value(path, year, before="first")) if path else {}
