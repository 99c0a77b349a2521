"""Whether a policy softens a shock: both arms under it, in the same luck as both without it.

    softened = (policy under the shock - policy) - (baseline under the shock - baseline)

The first bracket is what the shock does where the policy is in force, the second what it does alone. By the same four
worlds it is the effect of the policy under the shock less its effect without. Where a shock takes something away, as
most do, a positive value means that the policy softens it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from chainsim.effects.effect_tables import EFFECTS, Middle, spread, values
from chainsim.effects.pairing import changed, same_money
from chainsim.indicators.table import INDICATORS
from chainsim.policy.lever import Shock
from chainsim.runs.results import Result
from chainsim.scenario.errors import Mark, Problems
from chainsim.scenario.scenario import Scenario

UNDER = " under "
"""Between the name of a policy and that of the shocks in the name of the world with both."""


def worlds_under(base: Scenario, policies: Sequence[Scenario], shocked: Scenario) -> list[Scenario]:
    """The worlds beside the baseline: the policies, the shocks of a scenario alone, every policy under them.

    Raises:
        ScenarioError: the scenario has no shock that the baseline has not, or a shock has a name that a policy uses.
    """
    problems = Problems()
    same_money(base, shocked, problems)
    names = [name for name in changed(base.shocks, shocked.shocks) if name in shocked.shocks]
    if not names:
        mark = shocked.mark("shocks") or Mark(shocked.name)
        problems.add(mark, ("shocks",), f"there is no shock that {base.name} has not")
    for policy in policies:
        for name in changed(base.shocks, policy.shocks):
            if name in names:
                mark = policy.mark(f"shocks.{name}") or Mark(policy.name)
                problems.add(mark, ("shocks", name), f"the shock of {shocked.name} has this name as well")
    problems.stop()
    shocks = {name: shocked.shocks[name] for name in names}
    alone = with_shocks(base, shocks, shocked.name)
    return [*policies, alone, *(with_shocks(each, shocks, each.name + UNDER + shocked.name) for each in policies)]


def with_shocks(scenario: Scenario, shocks: Mapping[str, Shock], name: str) -> Scenario:
    """The scenario with more shocks, under another name."""
    return scenario.model_copy(update={"shocks": {**scenario.shocks, **shocks}, "name": name, "title": None})


def under_names(names: Sequence[str]) -> list[tuple[str, str, str]]:
    """Of the policies of a comparison: policy, shocks, and the world of both, as far as there are all three."""
    split = [(name.rpartition(UNDER), name) for name in names if UNDER in name]
    return [(policy, shock, both) for (policy, _, shock), both in split if policy in names and shock in names]


def softening(
    base: Result,
    arms: tuple[Result, Result, Result],
    years: Sequence[int],
    indicators: Sequence[str] | None = None,
    middle: Middle = np.median,
) -> pd.DataFrame:
    """What a shock does to indicators of the chain without and with a policy, and the difference, paired.

    `arms` are the baseline under the shock, the policy, the policy under the shock. Columns indicator, year, unit,
    base, shock_alone, shock_with_policy, softened, their bounds, same_sign, pairs;
    medians (`middle`) of the pairs and bounds that hold 90 % of them.
    """
    shocked, policy, both = arms
    rows = []
    wanted = [name for name in EFFECTS if name in base.region] if indicators is None else indicators
    for name in wanted:
        alone, helped = values(base, shocked, name), values(policy, both, name)
        chosen = np.flatnonzero(alone.keys["year"].isin(list(years)))
        without, with_it = alone.effect[:, chosen], helped.effect[:, chosen]
        difference = with_it - without
        central, bounds = middle(difference, axis=0), spread(difference)
        frame = pd.DataFrame(
            {"indicator": name, "year": alone.keys["year"].iloc[chosen], "unit": INDICATORS[name].unit}
        )
        rows.append(
            frame.assign(
                base=middle(alone.base[:, chosen], axis=0),
                shock_alone=middle(without, axis=0),
                shock_with_policy=middle(with_it, axis=0),
                softened=central,
                low90=bounds["low90"],
                high90=bounds["high90"],
                same_sign=np.where(central, (np.sign(difference) == np.sign(central)).mean(axis=0), np.nan),
                pairs=difference.shape[0],
            )
        )
    return pd.concat(rows, ignore_index=True)
