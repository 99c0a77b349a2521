"""The hash of a scenario: one for the same content, another for anything that may change a result."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from scenario_files import SMALL, loaded, written

from chainsim.scenario import resolved
from chainsim.scenario.scenario import Scenario
from chainsim.stages import Pricing


@pytest.fixture
def small(tmp_path: Path) -> Scenario:
    return loaded(tmp_path)


def test_the_hash_is_the_same_in_every_process(tmp_path: Path, small: Scenario):
    script = f"from chainsim.scenario.load import load; print(load({str(written(tmp_path, SMALL))!r}).hash)"
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, env={"PYTHONHASHSEED": seed}
        )
        assert run.stdout.strip() == small.hash, run.stderr


def test_the_hash_has_64_hexadecimal_digits(small: Scenario):
    assert len(small.hash) == 64
    assert int(small.hash, 16) >= 0


def test_layout_comments_sources_and_stated_defaults_do_not_count(tmp_path: Path, small: Scenario):
    text = SMALL.replace("output: 100", "output: {value: 100.0, source: A1} # counted") + "seed: 1\n"
    assert loaded(tmp_path, text) == small


def test_the_order_of_inputs_does_not_count(tmp_path: Path):
    one = SMALL.replace("inputs: {steel: 0.2}", "inputs: {steel: 0.2, cars: 0.1}")
    other = SMALL.replace("inputs: {steel: 0.2}", "inputs: {cars: 0.1, steel: 0.2}")
    assert loaded(tmp_path, one) == loaded(tmp_path, other)


def test_the_order_of_segments_counts_because_it_orders_the_state(small: Scenario):
    segments = dict(reversed(small.chain.segments.items()))
    assert small.replace({"chain.segments": segments}) != small


def test_the_hash_is_that_of_the_whole_content_though_parts_are_written_once(small: Scenario, monkeypatch):
    whole = json.dumps(resolved.canonical(small), separators=(",", ":"))
    assert small.hash == hashlib.sha256(whole.encode()).hexdigest()
    written = []
    monkeypatch.setattr(resolved, "canonical", lambda part: written.append(part) or "written")
    other = small.replace({"stages.pricing.lag": 0.21})
    assert other.hash
    assert not any(part is small.chain for part in written)
    assert any(part is other.stages for part in written)


def test_few_contents_of_parts_are_kept(small: Scenario):
    for k in range(resolved.MOST_CONTENTS):
        resolved.content(small.stages.pricing.model_copy(update={"lag": 0.1 + 0.001 * k}))
    assert len(resolved.CONTENTS) == resolved.MOST_CONTENTS


@pytest.mark.parametrize(
    "change",
    [{"seed": 2}, {"name": "other"}, {"years.end": 2026}, {"stages.pricing.lag": 0.2000001}, {"record.links": True}],
)
def test_any_other_value_gives_another_hash(small: Scenario, change: dict[str, object]):
    assert small.replace(change).hash != small.hash


def test_an_own_stage_gives_another_hash_and_so_does_its_rule(small: Scenario):
    class First(Pricing):
        def rule(self) -> float:
            return 1.0 if self.lag in {0.1, 0.2} else 2.0

    class Second(Pricing):
        def rule(self) -> float:
            return 3.0

    Second.__name__, Second.__qualname__ = First.__name__, First.__qualname__
    first, second = (small.replace(stages=[kind()]) for kind in (First, Second))
    assert len({small.hash, first.hash, second.hash}) == 3
    assert first == small.replace(stages=[First()])


def test_equal_scenarios_are_one_key(tmp_path: Path, small: Scenario):
    assert {small: 1}[loaded(tmp_path)] == 1
    assert small != "small"
