"""Luck goes by names: another order in the file, and one segment more, move nobody's draws."""

from __future__ import annotations

import random
from pathlib import Path

import economies
import numpy as np
import pandas as pd
import pytest
import yaml

import chainsim as cs
from chainsim.economy.columns import COLUMNS
from chainsim.economy.economy import Economy
from chainsim.economy.entry_points import Arrival
from chainsim.population.founding import drawn_segments
from chainsim.runs.simulation import Simulation, base_year
from chainsim.scenario.load import load
from chainsim.scenario.region import Park
from chainsim.scenario.scenario import Scenario
from chainsim.scenario.templates import templates
from chainsim.scenario.write import dump

MINIMAL = load(templates()["minimal"], {"years.end": 2024})
PLACES = ("identity", "segment")
ANCHOR = {"type": "anchor_arrival", "segment": "ict_hardware", "output": 30_000.0, "years": 2021}
NAMED_BY = ("inputs", "localization", "criticality", "markets")
"""Blocks of a segment whose keys are names."""


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


def reordered(block: dict, luck: random.Random) -> dict:
    """A block with its keys in another order."""
    names = luck.sample(list(block), len(block))
    return {name: block[name] for name in names}


def in_another_order(scenario: Scenario, folder: Path) -> Scenario:
    """The scenario read from a file that states segments, their inputs and markets, parks, institutes, enterprises,
    levers and shocks in another order."""
    stated, luck = yaml.safe_load(dump(scenario)), random.Random(1)
    segments = stated["chain"]["segments"] = reordered(stated["chain"]["segments"], luck)
    for segment in segments.values():
        segment.update({name: reordered(segment[name], luck) for name in NAMED_BY if name in segment})
    for block, kind in (
        (stated, "levers"),
        (stated, "shocks"),
        (region := stated["region"], "parks"),
        (region, "institutes"),
    ):
        block[kind] = reordered(block[kind], luck)
    luck.shuffle(stated["enterprises"])
    file = folder / "another-order.yaml"
    file.write_text(yaml.safe_dump(stated, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return load(file)


def sorted_by_name(frame: pd.DataFrame) -> pd.DataFrame:
    """A table with its rows by what names them."""
    keys = [name for name in frame.columns if frame[name].dtype.kind not in "fc"]
    return frame.sort_values(keys, kind="stable", ignore_index=True)


def test_a_file_in_another_order_gives_the_same_tables(tmp_path):
    shocks = {"maker": ANCHOR, "another_maker": ANCHOR | {"segment": "auto_electronics"}}
    shorter = {"years.end": 2022, "record.enterprises": True, "record.links": True, "shocks": shocks}
    scenario = economies.shipped("jilin-package", **{key.replace(".", "__"): v for key, v in shorter.items()})
    other = in_another_order(scenario, tmp_path)
    assert list(other.chain.segments) != list(scenario.chain.segments)
    assert list(other.region.parks) != list(scenario.region.parks)
    first, second = (cs.run(each, replications=1) for each in (scenario, other))
    assert len(first.levers) > 10
    assert first.named["name"].isin(shocks).any()
    for name in first.tables:
        one, two = (sorted_by_name(result.table(name)) for result in (first, second))
        pd.testing.assert_frame_equal(one, two, check_exact=False, rtol=1e-9, atol=1e-9, obj=name)


def partners(economy: Economy) -> set[tuple[int, str, int, int]]:
    """Every link as buyer, input, number of the slot and supplier, by identity or code."""
    links, identity = economy.links, economy.identity.tolist()
    seller = [identity[row] if row >= 0 else row for row in links.supplier.tolist()]
    bought = np.array(economy.arrays.names)[links.input]
    return set(zip([identity[row] for row in links.buyer], bought.tolist(), links.slot.tolist(), seller, strict=True))


def test_a_segment_that_nobody_buys_from_moves_no_link_of_the_base_year():
    jilin = economies.shipped("jilin")
    names = list(jilin.chain.segments)
    stated = jilin.chain.segments["opto_materials"].model_dump() | {"inputs": {}, "localization": {}, "criticality": {}}
    stated |= {"markets": {"national": {"sales": stated["output"]}}}
    glass = type(jilin.chain.segments["opto_materials"]).model_validate(stated)
    more = with_segments(jilin, [*names[:5], "glass", *names[5:]], glass=glass)
    assert partners(base_year(more, 1)) == partners(base_year(jilin, 1))


def test_plants_drawn_into_several_segments_go_by_name():
    names, names_reversed = (list(MINIMAL.chain.segments)[::step] for step in (1, -1))
    settled = []
    for order in (names, names_reversed):
        economy = base_year(with_segments(MINIMAL, order), 1)
        weight = np.array([{"materials": 1.0, names[1]: 3.0}.get(name, 0.0) for name in order])
        arrival = Arrival("plants", weight, mean=1.0, owner=0)
        drawn = drawn_segments(economy, arrival, np.arange(4000, dtype=np.uint64))
        settled.append(np.array(order)[drawn])
    assert np.array_equal(*settled)
    assert np.mean(settled[0] == names[1]) == pytest.approx(3.0 / 4.0 if names[1] != "materials" else 1.0, abs=0.03)


def test_a_park_more_draws_only_those_who_settle_there():
    shares = {"north": 0.7, "south": 0.3}
    with_harbour = {"harbour": 0.1} | {name: 0.9 * share for name, share in shares.items()}
    parks = []
    for stated in (shares, with_harbour):
        scenario = economies.crowd()
        region = scenario.region.model_copy(update={"parks": {name: Park(share=s) for name, s in stated.items()}})
        economy = base_year(scenario.model_copy(update={"region": region}), 1)
        parks.append(np.array(economy.arrays.park_names)[economy.park])
    before, after = parks
    moved = before != after
    assert set(after[moved]) == {"harbour"}
    assert 0.03 < np.mean(moved) < 0.2
    assert set(before) == set(shares)
    assert set(after) == set(with_harbour)
