"""The effects on localization and jobs by channel: they add up, and a planted cause is found in its channel."""

import re
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
from economies import START, chain, crowd, segment
from effect_cases import GRANT, PLANTS

import chainsim as cs
from chainsim.effects.channels import by_pair
from chainsim.effects.effect import read
from chainsim.population.founding import found
from chainsim.stages import Pricing, Sourcing, Stage

FIXED, JOBS = "localization_rate_fixed", "employment"
WHEN = START + 2


def base(**more: Any) -> Any:
    """Two segments with many small enterprises, three years; nobody closes or is founded, and all orders are served."""
    return crowd(end=START + 3, stages={"demography": {"enabled": False}, "production": {"capacity": False}}, **more)


BASE = base()
ALL_SEEN = chain(
    {
        "lenses": segment(300.0, number=5, small=3, tier="upstream"),
        "cameras": segment(900.0, {"lenses": (0.3, 0.6)}, 12, 20, tier="downstream"),
    },
    end=START + 3,
    stages={"demography": {"enabled": False}, "production": {"capacity": False}, "sourcing": {"sample": 16}},
)
"""The same with so few makers of lenses that every buyer sees all of them."""


def attracted(scenario: Any) -> Any:
    lever = {
        "type": "investment_attraction",
        "rate": 0.5,
        "years": f"{START + 1}-{START + 2}",
        "but_for": 0.9,
    }
    return scenario.replace({"levers.plants": lever | {"target": {"segments": ["lenses"]}}})


class Cheaper(Pricing):
    """Lenses cost a tenth less in the region from one year on."""

    def step(self, economy: Any) -> None:
        super().step(economy)
        if economy.year >= WHEN:
            economy.price[economy.segment == 0] *= 0.9


class Planted(Stage):
    """Something happens to lenses at the beginning of a year."""

    key: ClassVar[str] = "planted"
    after: ClassVar[str] = "levers"

    def step(self, economy: Any) -> None:
        if economy.year == WHEN:
            self.happen(economy)

    def happen(self, economy: Any) -> None:
        """What happens."""


class Better(Planted):
    """Lenses of the region become better."""

    def happen(self, economy: Any) -> None:
        economy.quality[economy.segment == 0] += 0.4


class Roomier(Sourcing):
    """Buyers trust makers of lenses to deliver whatever they are asked for, from one year on."""

    def spare_capacity(self, economy: Any) -> Any:
        grown = (economy.segment == 0) & (economy.year >= WHEN)
        return super().spare_capacity(economy) + np.where(grown, economy.capacity, 0.0)


class AtTheEnd(Stage):
    """Something happens to makers of lenses at the end of a year."""

    key: ClassVar[str] = "planted"
    after: ClassVar[str] = "demography"

    def step(self, economy: Any) -> None:
        if economy.year == WHEN - 1:
            self.happen(economy)

    def happen(self, economy: Any) -> None:
        """What happens."""


class Closed(AtTheEnd):
    """One of them closes."""

    def happen(self, economy: Any) -> None:
        closing = np.arange(economy.n) == np.flatnonzero(economy.segment == 0)[3]
        economy.stages.demography.close(economy, closing)


class Founded(AtTheEnd):
    """One is founded."""

    def happen(self, economy: Any) -> None:
        found(economy, np.array([1, 0]), np.array([0, 0]))


def channels(policy: Any, indicator: str = FIXED, year: int = WHEN, scenario: Any = BASE) -> Any:
    """Mean effects by channel over some pairs."""
    effect = cs.compare(scenario, policy, replications=8)
    frame = effect.channels(indicator, year)
    assert list(frame) == ["channel", "effect", "low90", "high90"]
    return frame.set_index("channel")["effect"]


YEARS = f"{START + 1}-{START + 3}"
RULE = {"type": "local_content_rule", "bonus": 0.8, "target": {"segments": ["cameras"]}, "years": YEARS}
CUT = {"type": "import_cut", "segment": "lenses", "scope": "province", "share": 0.6, "years": str(WHEN)}
CLOSURES = {"type": "plant_closure", "share": 0.2, "years": str(WHEN)}
CHANGES = {
    "research": {"levers.research": GRANT},
    "plants": {"levers.plants": PLANTS},
    "preference": {"levers.rule": RULE},
    "cut": {"shocks.cut": CUT},
    "closures": {"shocks.closed": CLOSURES},
    "stages": {"stages.sourcing.break_rate": 0.1},
}


def changed(scenario: Any, policy: str) -> Any:
    """The scenario under one of the policies, or with attraction."""
    return attracted(scenario) if policy == "attraction" else scenario.replace(CHANGES[policy])


@pytest.mark.parametrize("policy", [*CHANGES, "attraction"])
@pytest.mark.parametrize("indicator", [FIXED, "localization_rate", JOBS])
def test_the_channels_of_every_pair_add_up_to_its_effect(policy, indicator):
    scenario = crowd(end=START + 4)
    effect = cs.compare(scenario, changed(scenario, policy), replications=3)
    assert np.abs(effect.table(START + 4, indicators=[indicator])["mean"]).item() > 0.0
    for year in range(START, START + 5):
        found = by_pair(effect.pairing, indicator, year)
        tables = [result.region[result.region["scope"] == "chain"] for result in (effect.base, effect.policy)]
        ours, theirs = (table.loc[table["year"] == year, indicator].to_numpy() for table in tables)
        assert np.abs(theirs - ours - found.sum(axis=1)).max() < 1e-9 * max(1.0, np.abs(ours).max())
        assert found.drop(columns="rest", errors="ignore").shape[1] == (6 if indicator == JOBS else 8)


@pytest.mark.parametrize(
    ("stage", "channel", "year"),
    [(Cheaper(), "price", WHEN), (Better(), "quality", WHEN), (Roomier(), "room", WHEN + 1)],
)
def test_a_planted_term_of_the_choice_is_found_in_its_channel(stage, channel, year):
    now = channels(BASE.replace(stages=[stage]), year=year)  # few choices of one year depend on room
    assert np.abs(now.drop(channel)).sum() < 0.05 * np.abs(now[channel])


@pytest.mark.parametrize(("stage", "channel"), [(Closed(), "exit"), (Founded(), "entry")])
def test_an_enterprise_of_one_world_only_is_found_in_its_channel(stage, channel):
    policy = ALL_SEEN.replace(stages=[stage])
    now = channels(policy, scenario=ALL_SEEN)
    assert np.abs(now[channel]) > 0.0
    assert np.abs(now.drop(channel)).sum() < 0.1 * np.abs(now[channel])
    jobs = channels(policy, JOBS, scenario=ALL_SEEN)
    assert jobs[channel] * (1 if channel == "entry" else -1) > 0.0
    assert (jobs.drop(["demand", "productivity", "research", channel]) == 0.0).all()


def test_plants_that_a_policy_attracts_are_found_in_arrivals():
    scenario = crowd(end=START + 3).replace({"stages.demography.arrivals": 30.0})
    jobs = channels(attracted(scenario), JOBS, START + 3, scenario)
    assert jobs["arrivals"] > 3.0 * jobs.drop("arrivals").abs().max()


def test_an_indicator_without_channels_is_refused_with_those_that_have_some():
    effect = cs.compare(BASE, changed(BASE, "research"), replications=1)
    with pytest.raises(
        ValueError, match=r"'output' by channels; there is one of localization_rate_fixed, .*employment"
    ):
        effect.channels("output")
    with pytest.raises(ValueError, match="year 1990 is not simulated"):
        effect.channels(JOBS, 1990)


def test_channels_are_kept_in_the_folder_of_a_comparison(tmp_path):
    effect = cs.compare(BASE, changed(BASE, "research"), replications=2)
    effect.save(tmp_path / "out")
    again = read(tmp_path / "out")
    pd.testing.assert_frame_equal(again.channels(FIXED), effect.channels(FIXED))
    assert set(effect.tables()["decomposition"]["indicator"]) == {FIXED, JOBS}
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert re.search(r"<h2>(<[^>]*>)?Why<", page)
    assert "capacity that is free for an order" in page.lower()
