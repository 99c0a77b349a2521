"""Agent-based simulation of a regional industry chain and of the policies meant to strengthen it.

The names below are the whole public surface. They are looked up when first used, so importing the package does no work.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chainsim import stages as stages
    from chainsim.economy.economy import Economy as Economy
    from chainsim.effects.branching import branch as branch
    from chainsim.effects.comparison import compare as compare
    from chainsim.effects.comparison import read as read
    from chainsim.effects.divergence import diverge as diverge
    from chainsim.effects.effect import Effect as Effect
    from chainsim.effects.ranking import Ranking as Ranking
    from chainsim.effects.ranking import rank as rank
    from chainsim.experiments.sensitivity import sensitivity as sensitivity
    from chainsim.experiments.sweep import sweep as sweep
    from chainsim.policy.lever import Lever as Lever
    from chainsim.policy.lever import Shock as Shock
    from chainsim.runs.ensemble import RunFailed as RunFailed
    from chainsim.runs.ensemble import run as run
    from chainsim.runs.mesa_model import ChainModel as ChainModel
    from chainsim.runs.output_folder import OutputError as OutputError
    from chainsim.runs.results import Result as Result
    from chainsim.runs.simulation import simulate as simulate
    from chainsim.scenario.errors import ScenarioError as ScenarioError
    from chainsim.scenario.load import load as load
    from chainsim.scenario.scenario import Scenario as Scenario
    from chainsim.search.emulate import emulate as emulate
    from chainsim.search.optimise import optimise as optimise
    from chainsim.store.store import open_store as open_store
    from chainsim.validation.calibrate import calibrate as calibrate

__version__ = "0.1.0"

HOMES: dict[str, str] = {
    "ChainModel": "chainsim.runs.mesa_model",
    "Economy": "chainsim.economy.economy",
    "Effect": "chainsim.effects.effect",
    "Lever": "chainsim.policy.lever",
    "OutputError": "chainsim.runs.output_folder",
    "Result": "chainsim.runs.results",
    "Ranking": "chainsim.effects.ranking",
    "RunFailed": "chainsim.runs.ensemble",
    "Scenario": "chainsim.scenario.scenario",
    "ScenarioError": "chainsim.scenario.errors",
    "Shock": "chainsim.policy.lever",
    "branch": "chainsim.effects.branching",
    "calibrate": "chainsim.validation.calibrate",
    "compare": "chainsim.effects.comparison",
    "diverge": "chainsim.effects.divergence",
    "emulate": "chainsim.search.emulate",
    "load": "chainsim.scenario.load",
    "open_store": "chainsim.store.store",
    "optimise": "chainsim.search.optimise",
    "rank": "chainsim.effects.ranking",
    "read": "chainsim.effects.comparison",
    "run": "chainsim.runs.ensemble",
    "sensitivity": "chainsim.experiments.sensitivity",
    "simulate": "chainsim.runs.simulation",
    "sweep": "chainsim.experiments.sweep",
}
"""Module in which each public name lives."""

__all__ = [
    "ChainModel",
    "Economy",
    "Effect",
    "Lever",
    "OutputError",
    "Ranking",
    "Result",
    "RunFailed",
    "Scenario",
    "ScenarioError",
    "Shock",
    "__version__",
    "branch",
    "calibrate",
    "compare",
    "diverge",
    "emulate",
    "load",
    "open_store",
    "optimise",
    "rank",
    "read",
    "run",
    "sensitivity",
    "simulate",
    "stages",
    "sweep",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its home when it is first used."""
    if name == "stages":
        return import_module("chainsim.stages")
    if name not in HOMES:
        raise AttributeError(f"module 'chainsim' has no attribute '{name}'; it offers {', '.join(__all__)}")
    value = getattr(import_module(HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, for completion in notebooks."""
    return sorted(__all__)
