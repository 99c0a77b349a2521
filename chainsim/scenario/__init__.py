"""Scenario files: YAML and tables -> one validated, frozen Scenario."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from chainsim.scenario.errors import Mark, Problem, ScenarioError
from chainsim.scenario.load import load, parse_overrides
from chainsim.scenario.values import Sourced

if TYPE_CHECKING:
    from chainsim.scenario.schema import Scenario as Scenario
    from chainsim.scenario.write import write_resolved as write_resolved

__all__ = [
    "Mark",
    "Problem",
    "Scenario",
    "ScenarioError",
    "Sourced",
    "dump",
    "load",
    "parse_overrides",
    "write_resolved",
]

LATER = {"Scenario": "schema", "write_resolved": "write"}
"""Modules that are imported when their name is first used: the schema imports the stages, which import this package."""


def __getattr__(name: str) -> Any:
    """Import a name from its module when it is first used."""
    if name not in LATER:
        raise AttributeError(f"module 'chainsim.scenario' has no attribute '{name}'")
    return getattr(import_module(f"chainsim.scenario.{LATER[name]}"), name)
