"""Effects by channel: they add up, and a planted cause is found in its channel."""

import re
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
from economies import START, chain, crowd, random_chain, segment
from effect_cases import GRANT, PLANTS

import chainsim as cs
from chainsim.effects.channels import BY_TIER, by_pair
from chainsim.effects.effect import Effect, read
from chainsim.effects.link_causes import review_of
from chainsim.population.founding import found
from chainsim.runs.simulation import Simulation
from chainsim.stages import Pricing, Sourcing, Stage

FIXED, JOBS, OUTPUT, EXTENSION = "localization_rate_fixed", "employment", "output", "extension"
RD, STRENGTH, LINKS, LINKS_FIXED = "rd", "strength", "completeness", "completeness_fixed"
JOB_YEARS = "job_years_chain"
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


class Wider(Planted):
    """Every other maker of lenses makes more kinds."""

    def happen(self, economy: Any) -> None:
        economy.products[np.flatnonzero(economy.segment == 0)[::2]] *= 1.3


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


class Late(AtTheEnd):
    """They have delivered half of what was ordered."""

    def happen(self, economy: Any) -> None:
        economy.fill[economy.segment == 0] = 0.5


class AllClosed(AtTheEnd):
    """All of them close."""

    def happen(self, economy: Any) -> None:
        economy.stages.demography.close(economy, economy.active & (economy.segment == 0))


class Founded(AtTheEnd):
    """One is founded."""

    def happen(self, economy: Any) -> None:
        found(economy, np.array([1, 0]), np.array([0, 0]), np.zeros((2, 5), dtype=np.int64))


class SpunOff(AtTheEnd):
    """An institute founds one."""

    def happen(self, economy: Any) -> None:
        found(economy, np.array([0, 0]), np.array([1, 0]), np.zeros((2, 5), dtype=np.int64))


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


WIDTHS = {
    FIXED: 8,
    "localization_rate": 8,
    JOBS: 6,
    OUTPUT: 7,
    EXTENSION: 8,
    RD: 8,
    STRENGTH: 10,
    LINKS: 9,
    LINKS_FIXED: 9,
}
"""How many channels each indicator has."""


@pytest.mark.parametrize("policy", [*CHANGES, "attraction"])
def test_the_channels_of_every_pair_add_up_to_its_effect(policy):
    scenario = crowd(end=START + 4)
    effect = cs.compare(scenario, changed(scenario, policy), replications=3)
    for indicator, width in WIDTHS.items():
        moved = np.abs(effect.table(START + 4, indicators=[indicator])["mean"]).item() > 0.0
        assert moved or indicator in (LINKS, LINKS_FIXED)  # one input, which everybody has a supplier of
        check_sums(effect, indicator, width)
    jobs = sum(by_pair(effect.pairing, JOBS, year) for year in range(START, START + 5))
    assert np.abs(by_pair(effect.pairing, JOB_YEARS, START + 4) - jobs).to_numpy().max() < 1e-9


def test_who_opens_and_closes_links_adds_up_to_completeness():
    scenario = random_chain(6, 3)
    effect = cs.compare(
        scenario, scenario.replace({"levers.research": GRANT, "shocks.closed": CLOSURES}), replications=4
    )
    for indicator in (LINKS, LINKS_FIXED):
        check_sums(effect, indicator, WIDTHS[indicator])
        found = effect.channels(indicator).set_index("channel")["effect"]
        assert (found[["size", "exit", "demand"]] != 0.0).all()


def check_sums(effect: Any, indicator: str, width: int) -> None:
    """The channels add up to the effect in every year, of the chain and of every tier where there are some."""
    tiers = effect.base.scenario.chain.tiers if indicator in BY_TIER else ()
    for tier in (None, *tiers):
        for year in range(START, effect.base.years[1] + 1):
            check_sum(effect, indicator, year, tier, width)


def check_sum(effect: Any, indicator: str, year: int, tier: str | None, width: int) -> None:
    """The channels of every pair add up to its effect on the chain or a tier; all but localization without a rest."""
    found = by_pair(effect.pairing, indicator, year, tier)
    assert "rest" not in found or indicator in (FIXED, "localization_rate")
    name, key, where = ("region", "scope", "chain") if tier is None else ("tiers", "tier", tier)
    tables = [result.table(name) for result in (effect.base, effect.policy)]
    ours, theirs = (
        table.loc[(table[key] == where) & (table["year"] == year), indicator].to_numpy() for table in tables
    )
    assert np.abs(theirs - ours - found.sum(axis=1)).max() < 1e-9 * max(1.0, np.abs(ours).max())
    assert found.drop(columns="rest", errors="ignore").shape[1] == width


def test_reviews_that_a_world_kept_are_those_that_would_be_drawn_again():
    simulation = Simulation(BASE, 1)
    world, years = simulation.economy, simulation.steps()
    while next(years) != "pricing":
        pass
    suppliers, world.reviews = world.links.supplier.copy(), []
    next(years)
    (kept,) = review_of(world, suppliers)
    (drawn,) = review_of(world, suppliers)  # none are kept by now
    among = np.isin(kept[0].slots[0], drawn[0].slots[0])
    assert (kept[0].slots[:, among] == drawn[0].slots).all()
    assert drawn[0].slots.size
    for mine, again in zip(kept[1], drawn[1], strict=True):
        assert (mine[among] == again).all()
    assert world.reviews is None


@pytest.mark.parametrize(
    ("stage", "channel", "year"),
    [(Cheaper(), "price", WHEN), (Better(), "quality", WHEN), (Roomier(), "room", WHEN + 1)],
)
def test_a_planted_term_of_the_choice_is_found_in_its_channel(stage, channel, year):
    now = channels(BASE.replace(stages=[stage]), year=year)  # few choices of one year depend on room
    assert np.abs(now.drop(channel)).sum() < 0.05 * np.abs(now[channel])


@pytest.mark.parametrize(
    ("stage", "indicator", "channel"), [(Cheaper(), OUTPUT, "price"), (Wider(), EXTENSION, "products")]
)
def test_what_enterprises_of_both_worlds_do_is_found_in_its_channel(stage, indicator, channel):
    now = channels(ALL_SEEN.replace(stages=[stage]), indicator, scenario=ALL_SEEN)
    assert now[channel] * (-1 if channel == "price" else 1) > 0.0
    assert (now[["entry", "spin_offs", "exit", "arrivals", "first_plants"]] == 0.0).all()
    assert np.abs(now.drop([channel, "volume"], errors="ignore")).sum() < 0.05 * abs(now[channel])


@pytest.mark.parametrize(("stage", "channel"), [(AllClosed(), "exit"), (Late(), "delivery")])
def test_who_closes_a_link_is_found_in_its_channel(stage, channel):
    now = channels(ALL_SEEN.replace(stages=[stage]), LINKS_FIXED, WHEN - 1, ALL_SEEN)
    assert now[channel] == pytest.approx(-1.0)
    assert (now.drop(channel) == 0.0).all()


def test_grants_for_research_are_found_in_what_they_add_to_it_and_in_strength():
    effect = cs.compare(ALL_SEEN, changed(ALL_SEEN, "research"), replications=4)
    found = effect.channels(RD, WHEN).set_index("channel")["effect"]
    assert found["grants"] > 10.0 * found.drop("grants").abs().max()
    strong = effect.channels(STRENGTH, WHEN).set_index("channel")["effect"]
    assert strong["research"] > 3.0 * strong.drop("research").abs().max()


def test_quality_is_found_in_strength_as_itself_and_as_the_markets_it_wins():
    now = channels(ALL_SEEN.replace(stages=[Better()]), STRENGTH, START + 3, ALL_SEEN)
    assert now["quality"] > 0.0
    assert now["market_share"] > 0.0
    assert now[["quality", "market_share"]].sum() > 5.0 * now.drop(["quality", "market_share"]).abs().sum()


def test_a_spin_off_of_an_institute_stands_apart_from_other_entrants():
    now = channels(ALL_SEEN.replace(stages=[SpunOff()]), OUTPUT, scenario=ALL_SEEN)
    assert now["spin_offs"] > 0.0
    assert (now[["entry", "exit", "arrivals", "first_plants"]] == 0.0).all()


def test_an_enterprise_changes_extension_by_how_many_more_products_it_makes_than_others_of_its_segment():
    effect = cs.compare(ALL_SEEN, ALL_SEEN.replace(stages=[Closed()]), replications=1)
    found = effect.channels(EXTENSION, WHEN, tier="upstream").set_index("channel")["effect"]
    assert found["exit"] != 0.0
    assert found["segments"] == pytest.approx(0.0, abs=1e-12)
    whole = effect.table(WHEN, by="tier", indicators=[EXTENSION]).set_index("tier")["mean"]
    assert found.sum() == pytest.approx(whole["upstream"], rel=1e-9)


@pytest.mark.parametrize(("stage", "channel"), [(Closed(), "exit"), (Founded(), "entry")])
def test_an_enterprise_of_one_world_only_is_found_in_its_channel(stage, channel):
    policy = ALL_SEEN.replace(stages=[stage])
    now = channels(policy, scenario=ALL_SEEN)
    assert np.abs(now[channel]) > 0.0
    assert np.abs(now.drop(channel)).sum() < 0.1 * np.abs(now[channel])
    effect = cs.compare(ALL_SEEN, policy, replications=8)
    common = {
        JOBS: ["demand", "productivity", "research"],
        OUTPUT: ["volume", "price"],
        RD: ["sales", "effort", "grants"],
    }
    for indicator, others in common.items():
        year = WHEN + 1 if indicator == RD else WHEN  # research is paid out of the sales of the year before
        found = effect.channels(indicator, year).set_index("channel")["effect"]
        assert found[channel] * (1 if channel == "entry" else -1) > 0.0
        assert (found.drop([*others, channel]) == 0.0).all()


def test_plants_that_a_policy_attracts_are_found_in_arrivals():
    scenario = crowd(end=START + 3).replace({"stages.demography.arrivals": 30.0})
    effect = cs.compare(scenario, attracted(scenario), replications=8)
    for indicator in (JOBS, OUTPUT):
        found = effect.channels(indicator, START + 3).set_index("channel")["effect"]
        assert found["arrivals"] > 3.0 * found.drop("arrivals").abs().max()


def test_an_indicator_without_channels_is_refused_with_those_that_have_some():
    effect = cs.compare(BASE, changed(BASE, "research"), replications=1)
    with pytest.raises(
        ValueError, match=r"'price' by channels; there is one of localization_rate_fixed, .*employment, .*strength"
    ):
        effect.channels("price")
    with pytest.raises(
        ValueError, match="'employment' is divided for the chain alone; by tier are output, extension, rd, strength"
    ):
        effect.channels(JOBS, tier="upstream")
    with pytest.raises(ValueError, match="no tier 'sky'; there are upstream, downstream"):
        effect.channels(OUTPUT, tier="sky")
    with pytest.raises(ValueError, match="year 1990 is not simulated"):
        effect.channels(JOBS, 1990)


def test_channels_are_kept_in_the_folder_of_a_comparison(tmp_path):
    effect = cs.compare(BASE, changed(BASE, "research"), replications=2)
    effect.save(tmp_path / "out")
    again = read(tmp_path / "out")
    for indicator in (FIXED, EXTENSION):
        pd.testing.assert_frame_equal(again.channels(indicator), effect.channels(indicator))
    told = effect.tables()["decomposition"]
    assert set(told["indicator"]) == {FIXED, JOBS, JOB_YEARS, OUTPUT, EXTENSION, RD, STRENGTH, LINKS, LINKS_FIXED}
    assert set(told.loc[told["indicator"] == EXTENSION, "tier"]) == {"", "upstream", "downstream"}
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert re.search(r"<h2>(<[^>]*>)?Why<", page)
    assert "capacity that is free for an order" in page.lower()
    assert "kinds of products that enterprises of both worlds make" in page.lower()


def test_a_comparison_of_an_earlier_version_has_the_channels_that_it_kept():
    effect = cs.compare(BASE, changed(BASE, "research"), replications=1)
    seen = effect.seen["decomposition"]
    earlier = seen[seen["indicator"].isin([FIXED, JOBS])].drop(columns="tier")
    old = Effect(effect.base, effect.policies, {**effect.seen, "decomposition": earlier})
    pd.testing.assert_frame_equal(old.channels(JOBS), effect.channels(JOBS))
    assert set(old.tables()["decomposition"]["indicator"]) == {FIXED, JOBS, JOB_YEARS}
    later = seen[seen["indicator"].isin([FIXED, JOBS, OUTPUT, EXTENSION])]
    last = Effect(effect.base, effect.policies, {**effect.seen, "decomposition": later})
    pd.testing.assert_frame_equal(last.channels(OUTPUT), effect.channels(OUTPUT))
    with pytest.raises(ValueError, match="before channels of rd were kept; compare them again"):
        last.channels(RD)
    with pytest.raises(ValueError, match="before channels of output were kept; compare them again"):
        old.channels(OUTPUT)
