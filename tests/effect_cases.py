"""Policies for tests of comparisons, and a lever, a shock and stages that a user might write."""

from typing import Any

import numpy as np
from economies import START, crowd, segment
from economies import chain as chain_of

import chainsim as cs
from chainsim.stages import Investment, Pricing

GRANT = {"type": "rd_grant", "rate": 0.2, "years": f"{START + 1}-{START + 4}"}
PLANTS = {"type": "investment_grant", "rate": 0.15, "years": f"{START + 2}-{START + 4}"}


def baseline(**more: Any) -> Any:
    """Two segments with many small enterprises, five years."""
    return crowd(name="tiny", replications=3, **more)


def small(**more: Any) -> Any:
    """Ten enterprises in two segments, three years."""
    return chain_of(
        {
            "parts": segment(100.0, number=3, small=2, tier="upstream"),
            "devices": segment(200.0, {"parts": (0.3, 0.5)}, number=3, small=2, tier="downstream"),
        },
        end=START + 3,
        **more,
    )


def granted(base: Any = None, **changes: Any) -> Any:
    """The baseline with a research grant."""
    return (baseline() if base is None else base).replace({"levers.research": GRANT | changes})


class NightSchool(cs.Lever):
    """The region pays a fee for every member of the staff; the evening courses make enterprises a little better."""

    strength_field = "gain"
    type: str = "night_school"
    gain: float = 0.01
    fee: float = 0.001

    def request(self, economy: Any, lever_year: Any, offer: Any) -> Any:
        """A fee for every person, (n,), CNY million."""
        return self.fee * economy.employment * (offer > 0)

    def act(self, economy: Any, lever_year: Any, paid: Any) -> None:
        """Those who are paid for become better this year."""
        economy.policy.adoption = economy.policy.adoption + self.gain * (paid > 0)


class DearerOnce(Pricing):
    """Prices of one enterprise, the first of the second segment, are higher by a little in 2023."""

    def step(self, economy: Any) -> None:
        super().step(economy)
        if economy.year == START + 3:
            row = np.flatnonzero(economy.segment == 1)[0]
            economy.price[row] *= 1.0 + 1e-12


class Fails(Investment):
    """Raises in the run with seed 2 in 2022."""

    def step(self, economy: Any) -> None:
        if economy.seed == 2 and economy.year == START + 2:
            raise ValueError("no capital")
        super().step(economy)
