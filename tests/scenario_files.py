"""Small scenario files for tests: a chain of two segments that balances, and what is said about a file."""

from __future__ import annotations

from pathlib import Path

from chainsim.scenario.errors import Problem, ScenarioError
from chainsim.scenario.load import load
from chainsim.scenario.scenario import Scenario

SMALL = """\
name: small
years: {start: 2020, end: 2025}
chain:
  tiers: [upstream, downstream]
  anchors: [cars]
  segments:
    steel:
      tier: upstream
      output: 100
      enterprises: {number: 3}
      markets: {national: {sales: 80, volume: 1000}}
    cars:
      tier: downstream
      output: 200
      inputs: {steel: 0.2}
      localization: {steel: 0.5}
      enterprises: {number: 4}
      markets: {abroad: {sales: 200, local_share: 0.1}}
"""
"""Steel sells 0.2 x 0.5 x 200 = 20 to the car makers and 80 to the nation."""


def written(folder: Path, text: str, name: str = "case.yaml") -> Path:
    """A file with the text, in UTF-8."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def loaded(folder: Path, text: str = SMALL, **overrides: object) -> Scenario:
    """The scenario of a text."""
    return load(written(folder, text), overrides)


def problems_of(path: Path, overrides: dict[str, object] | None = None) -> list[Problem]:
    """The mistakes of a file, none if it is right."""
    try:
        load(path, overrides)
    except ScenarioError as error:
        return error.problems
    return []


def lines_of(folder: Path, text: str) -> list[str]:
    """The mistakes of a text as they are shown."""
    return [str(problem) for problem in problems_of(written(folder, text))]
