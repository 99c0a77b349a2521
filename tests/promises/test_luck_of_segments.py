"""Luck goes by the names of segments: another order in the file, and one segment more, move nobody's draws."""

from __future__ import annotations

import numpy as np
import pytest

from chainsim.economy.columns import COLUMNS
from chainsim.economy.economy import Economy
from chainsim.runs.simulation import Simulation, base_year
from chainsim.scenario.load import load
from chainsim.scenario.scenario import Scenario
from chainsim.scenario.templates import templates

MINIMAL = load(templates()["minimal"], {"years.end": 2024})
"""Every segment buys one input: the number of a slot does not depend on the order of the inputs of its buyer."""
PLACES = ("identity", "segment")


def with_segments(scenario: Scenario, names: list[str], **more: object) -> Scenario:
    """The scenario with its segments in this order; `more` are segments by name."""
    known = {**scenario.chain.segments, **more}
    chain = scenario.chain.model_copy(update={"segments": {name: known[name] for name in names}})
    return scenario.model_copy(update={"chain": chain})


def lives(economy: Economy, segments: list[str]) -> dict[int, dict[str, object]]:
    """Every column of the enterprises of some segments, and the name of their segment, by identity."""
    names = np.array(economy.arrays.names)[economy.segment]
    rows = [row for row in economy.rows if names[row] in segments]
    columns = [column.name for column in COLUMNS if column.name not in PLACES]
    return {
        int(economy.identity[row]): {"segment": names[row]}
        | {name: np.array(getattr(economy, name)[row]).tolist() for name in columns if hasattr(economy, name)}
        for row in rows
    }


def assert_alike(one: dict[int, dict[str, object]], other: dict[int, dict[str, object]]) -> None:
    """The same enterprises with the same values, but for sums over segments in another order."""
    assert one.keys() == other.keys()
    for identity, life in one.items():
        for name, value in life.items():
            there = other[identity][name]
            assert there == value or there == pytest.approx(value, rel=1e-9, abs=1e-9, nan_ok=True), (identity, name)


@pytest.mark.parametrize("order", [[2, 1, 0], [1, 2, 0], [0, 2, 1]])
def test_segments_in_another_order_live_the_same_life(order: list[int]) -> None:
    names = list(MINIMAL.chain.segments)
    first, second = (Simulation(s, 1) for s in (MINIMAL, with_segments(MINIMAL, [names[i] for i in order])))
    while first.running:
        first.step()
        second.step()
    assert_alike(lives(first.economy, names), lives(second.economy, names))


@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_segment_more_moves_no_draw_of_the_base_year(place: int) -> None:
    names = list(MINIMAL.chain.segments)
    stated = MINIMAL.chain.segments["materials"].model_dump()
    stated["markets"] = {"national": {"sales": stated["output"], "volume": 50_000.0}}
    glass = type(MINIMAL.chain.segments["materials"]).model_validate(stated)
    more = with_segments(MINIMAL, [*names[:place], "glass", *names[place:]], glass=glass)
    assert_alike(lives(base_year(MINIMAL, 1), names), lives(base_year(more, 1), names))
