"""What one world has and another lacks changes no draw of anyone else, and nobody whom nothing links to it.

Held against a log of all draws (`draw_log`). Of two chains that do not trade, one has an entrant more, a lever, the
arrival or closure of a plant; or a third segment stands beside them that neither knows; or further tables are recorded.
"""

from __future__ import annotations

import economies
import policies
import pytest
from draw_log import Draw, Life, life

from chainsim.economy import draws
from chainsim.economy.arrivals import CHANNELS
from chainsim.economy.columns import COLUMNS
from chainsim.scenario.scenario import Scenario
from chainsim.stages import Demography

ELSEWHERE, MEANT = ("c", "d"), ("a", "b")
UNTIED = {
    "labour": {"regional": False},
    "innovation": {"agglomeration": 0.0, "congestion": 0.0, "spillover": 0.0, "knowledge_quality": 0.0},
    "demography": {"hazard_size": 0.0},
}
"""Without what ties all enterprises of a region together: labour, agglomeration, knowledge, age classes."""
APART = economies.two_separate_chains(**UNTIED).replace({"years.end": 2024})
TOGETHER = economies.two_separate_chains().replace({"years.end": 2024})


OF_THESE = {"digitisation": {"buys": {"a": 0.01}}, "security_standard": {"buyers": ["b"]}}
"""What levers name beside their target."""


class OneMore(Demography):
    """Entrants whose mean is higher by one in the segment `a`."""

    def entry_mean(self, economy):
        mean = super().entry_mean(economy).copy()
        mean[economy.arrays.names.index("a")] += 1.0
        return mean


def with_an_entrant(scenario: Scenario) -> Scenario:
    return scenario.replace(stages=[OneMore(**scenario.stages.demography.model_dump())])


def with_a_segment(scenario: Scenario, first: bool = False) -> Scenario:
    """The scenario and a segment that buys and sells nothing in the chain, before or behind all others."""
    known = scenario.chain.segments
    alone = {"unlinked": known["a"].model_copy(update={"markets": known["d"].markets, "output": known["d"].output})}
    chain = scenario.chain.model_copy(update={"segments": alone | known if first else known | alone})
    return scenario.model_copy(update={"chain": chain})


def with_a_lever(scenario: Scenario, kind: str = "rd_grant") -> Scenario:
    lever = policies.lever(kind, "2022-2023") | {"target": {"segments": list(MEANT)}} | OF_THESE.get(kind, {})
    return scenario.replace({"levers": {"it": lever}})


def with_an_arrival(scenario: Scenario) -> Scenario:
    shock = {"type": "anchor_arrival", "segment": "a", "output": 300, "years": "2022"}
    return scenario.replace({"shocks": {"it": shock}})


def with_a_shock(scenario: Scenario) -> Scenario:
    shock = {"type": "plant_closure", "share": 0.5, "years": "2022", "target": {"segments": ["a"]}}
    return scenario.replace({"shocks": {"it": shock}})


WORLDS = {
    "an entrant": with_an_entrant,
    "a segment before all": lambda scenario: with_a_segment(scenario, first=True),
    "a segment behind all": with_a_segment,
    "a lever": with_a_lever,
    "tables": lambda scenario: scenario.replace({"record.enterprises": True, "record.links": True}),
    "an arrival": with_an_arrival,
    "a shock": with_a_shock,
}


@pytest.fixture(scope="module")
def apart() -> Life:
    return life(APART)


@pytest.fixture(scope="module")
def together() -> Life:
    return life(TOGETHER)


def of_others(one: Life, other: Life) -> tuple[dict[Draw, float], dict[Draw, float]]:
    """The draws of both worlds but those of lever, shock, segments that differ, their enterprises and the newcomer.

    Slots of a buyer for an input draw by the mix of both, and so do parks of an entrant.
    """
    names = [name for name in (*MEANT, "unlinked", "it") for name in (name, *(f"{name}.{c}" for c in CHANNELS))]
    meant = {identity for each in (one, other) for identity, name in each.segments.items() if name not in ELSEWHERE}
    mixed = (*MEANT, *ELSEWHERE, *one.simulation.economy.arrays.park_names)
    meant |= {draws.mix(identity, draws.name_hash(name)) for identity in meant for name in mixed}
    meant |= {draws.name_hash(name) for name in names}
    return tuple(
        {
            draw: u
            for draw, u in each.drawn.items()
            if draw.identity not in meant and not draw.purpose.startswith(("lever.", "shock."))
        }
        for each in (one, other)
    )


def state_of(world: Life) -> dict[int, dict[str, object]]:
    """Every column of the enterprises elsewhere, by identity."""
    economy = world.simulation.economy
    rows = [row for row in economy.rows if economy.arrays.names[economy.segment[row]] in ELSEWHERE]
    columns = [column.name for column in COLUMNS if column.name not in ("identity", "segment")]
    return {
        int(economy.identity[row]): {name: getattr(economy, name)[row].tolist() for name in columns} for row in rows
    }


@pytest.mark.parametrize("what", WORLDS)
def test_no_draw_of_others_changes_comes_or_goes(what: str, apart: Life) -> None:
    one, other = of_others(apart, life(WORLDS[what](APART)))
    assert len(one) > 5_000
    assert one == other


@pytest.mark.parametrize("what", sorted(WORLDS.keys() - {"a segment before all"}))
def test_whom_nothing_links_to_it_keeps_every_bit(what: str, apart: Life) -> None:
    assert state_of(life(WORLDS[what](APART))) == state_of(apart)


def test_a_segment_before_all_others_moves_them_by_the_rounding_of_sums_only(apart: Life) -> None:
    known, moved = state_of(apart), state_of(life(with_a_segment(APART, first=True)))
    assert moved.keys() == known.keys()
    for identity, columns in known.items():
        for name, value in columns.items():
            assert moved[identity][name] == pytest.approx(value, rel=1e-13, abs=0.0), (identity, name)


@pytest.mark.parametrize("what", WORLDS)
def test_where_all_are_linked_a_draw_of_both_worlds_is_the_same_draw(what: str, together: Life) -> None:
    """Others may discover, enter or look for suppliers, and draw for it; whoever draws in both has the same luck."""
    other = life(WORLDS[what](TOGETHER)).drawn
    common = together.drawn.keys() & other.keys()
    assert len(common) > 0.95 * len(together.drawn)
    assert {draw for draw in common if together.drawn[draw] != other[draw]} == set()


def test_the_worlds_differ_where_they_should(apart: Life) -> None:
    for what in ("an entrant", "a lever", "an arrival", "a shock"):
        meant = life(WORLDS[what](APART))
        assert sorted(meant.segments.values()) != sorted(apart.segments.values()) or what in ("a lever", "a shock")
        assert meant.simulation.economy.sales.sum() != apart.simulation.economy.sales.sum()


def test_nobody_shares_a_number(apart: Life) -> None:
    """No two of seed, purpose, year, owner and partner have the same uniform number; random words have 64 bits."""
    assert len(set(apart.drawn.values())) == len(apart.drawn)


@pytest.mark.parametrize("kind", sorted(policies.POLICIES))
def test_a_lever_elsewhere_moves_no_draw_of_others(kind: str, apart: Life) -> None:
    world = life(with_a_lever(APART, kind))
    one, other = of_others(apart, world)
    assert one == other
    assert state_of(world) == state_of(apart)
