"""A log of every random number of a run and of whom it belongs to, taken where `economy.draws` hands it out."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import pytest

from chainsim.base_year.kept import KEPT
from chainsim.economy import candidates, draws, kernels
from chainsim.runs import simulation
from chainsim.runs.base_years import BaseYears
from chainsim.scenario.scenario import Scenario


class Draw(NamedTuple):
    """Whose number it is: seed, purpose, year, identity of an enterprise or of a name, and a partner or slot."""

    seed: int
    purpose: str
    year: int
    identity: int
    partner: str


class Life(NamedTuple):
    """A run with its numbers: the draws, the simulation at its end, and the segment of everybody who was ever there."""

    drawn: dict[Draw, float]
    simulation: simulation.Simulation
    segments: dict[int, str]


def life(scenario: Scenario, seed: int = 1) -> Life:
    """Run a scenario to its end and log what it draws, its base year included."""
    names, known = list(scenario.chain.segments), dict[int, str]()
    with logging(names) as drawn:
        run = simulation.Simulation(scenario, seed)
        while True:
            identities, segments = run.economy.identity.tolist(), run.economy.segment.tolist()
            known |= {identity: names[segment] for identity, segment in zip(identities, segments, strict=True)}
            if not run.running:
                return Life(drawn, run, known)
            run.step()


@contextmanager
def logging(names: list[str]) -> Iterator[dict[Draw, float]]:
    """Log the draws of the block, in segments of these names."""
    drawn, keys = dict[Draw, float](), dict[int, tuple[int, str, int]]()
    draw_key, uniform_for, several, sample = draws.draw_key, draws.uniform_for, draws.several, candidates.sample
    count_slots = kernels.count_slots

    def key_of(seed: int, purpose: str, year: int) -> np.uint64:
        key = draw_key(seed, purpose, year)
        assert keys.setdefault(int(key), (seed, purpose, year)) == (seed, purpose, year), "two purposes share a key"
        return key

    def noted(key: np.uint64, identity: Any, partner: int = 0) -> Any:
        numbers = uniform_for(key, identity, partner)
        for who, number in zip(identity.tolist(), numbers.tolist(), strict=True):
            drawn[Draw(*keys[int(key)], who, str(partner))] = number
        return numbers

    def together(economy: draws.Clock, purposes: tuple[str, ...], identity: Any) -> Any:
        one_by_one = [noted(key_of(economy.seed, purpose, economy.year), identity) for purpose in purposes]
        numbers = several(economy, purposes, identity)
        assert numbers.tolist() == [each.tolist() for each in one_by_one]
        return numbers

    def shown(table: Any, links: Any, slots: Any, identity: Any, key: np.uint64, *more: Any, **named: Any) -> Any:
        seen = sample(table, links, slots, identity, key, *more, **named)
        for link, buyer, word in zip(*slots[:2].tolist(), seen.random_word.tolist(), strict=True):
            bought = links.input[link]
            place = int((links.input[links.start[buyer] : link] == bought).sum())
            drawn[Draw(*keys[int(key)], int(identity[buyer]), f"{names[bought]} {place}")] = word
        return seen

    def counted(**named: Any) -> None:
        count_slots(**named)
        buyer, bought = np.nonzero(named["number"])
        noted(named["key"], draws.mixed(named["identity"][buyer], named["names"][bought]))  # as the kernel draws

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulation, "BASE_YEARS", BaseYears(most=1))
        patch.setattr(KEPT, "results", OrderedDict())  # what another base year drew is drawn again
        patch.setattr(draws, "draw_key", key_of)
        patch.setattr(draws, "uniform_for", noted)
        patch.setattr(draws, "several", together)
        patch.setattr(candidates, "sample", shown)
        patch.setattr(kernels, "count_slots", counted)
        yield drawn
