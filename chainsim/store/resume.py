"""Whether a store may go on with a design: same scenario, same code, same points as far as there are any."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from chainsim.runs.output_folder import OutputError
from chainsim.scenario.errors import ScenarioError
from chainsim.scenario.explain import explained
from chainsim.store.manifest import StoredDesign, made_with
from chainsim.store.store import Store

if TYPE_CHECKING:
    from chainsim.scenario.scenario import Scenario

MOST_SHOWN = 3


class Mismatch(OutputError):
    """A store was made by another design, scenario or version; its runs cannot stand beside new ones."""


def check_resume(store: Store, design: StoredDesign) -> bool:
    """Whether the design adds points or replications to those of the store.

    Another version of the code is a reason only where something is left to run: what is done can be looked at.

    *Raises* Mismatch with the reasons where the design is another one.
    """
    size = (len(design.points), design.replications)
    whole = size == (store.manifest.points, store.manifest.replications) and not store.scan[1] and store.complete
    reasons = [*scenario_reasons(store, design), *kept_reasons(store, design)]
    if reasons or not whole:
        reasons = [*code_reasons(store), *reasons]
    reasons = reasons or point_reasons(store, design)
    if reasons:
        raise Mismatch(
            f"{store.folder} was made by another sweep: {'; '.join(reasons)}. Choose another folder, or remove this one"
        )
    return size != (store.manifest.points, store.manifest.replications)


def code_reasons(store: Store) -> list[str]:
    """Differences of the code."""
    before, here = store.manifest.made_with, made_with()
    versions = [
        f"{name} was {before.get(name)}, is {version}"
        for name, version in here.items()
        if name != "source" and before.get(name) != version
    ]
    other = not versions and before.get("source") != here["source"]
    return [*versions, *(["the code of chainsim has changed since, under the same version"] if other else [])]


def scenario_reasons(store: Store, design: StoredDesign) -> list[str]:
    """Differences of the scenario: the first numbers that differ."""
    if store.manifest.scenario_hash == design.scenario.hash:
        return []
    try:
        before = store.scenario
    except ScenarioError as error:
        return [f"the scenario was another one, which this version cannot read ({error.problems[0]})"]
    return ["the scenario was another one" + differences(before, design.scenario)]


def differences(before: Scenario, after: Scenario) -> str:
    """The first values that differ, in brackets."""
    old = {value.path: value.shown for value in explained(before)}
    new = {value.path: value.shown for value in explained(after)}
    paths = (path for path in {**new, **old} if old.get(path, "nothing") != new.get(path, "nothing"))
    found = [
        f"{path} was {old.get(path, 'nothing')}, is {new.get(path, 'nothing')}" for path in islice(paths, MOST_SHOWN)
    ]
    return f" ({'; '.join(found)})" if found else " (in its tables, the order of its blocks or the code of its stages)"


def kept_reasons(store: Store, design: StoredDesign) -> list[str]:
    """Differences in what is kept."""
    before = store.manifest
    pairs: list[tuple[str, Any, Any]] = [
        ("luck", before.luck, design.luck),
        ("record", before.record, design.record),
        ("summary", before.summary, design.summary),
    ]
    if before.summary:
        pairs.append(("replications", before.replications, design.replications))
    return [f"{name} was {show(old)}, is {show(new)}" for name, old, new in pairs if old != new]


def point_reasons(store: Store, design: StoredDesign) -> list[str]:
    """Differences of the points; more points after the same ones, and more replications, are none."""
    before, axes = store.manifest, [str(name) for name in design.points.columns[1:]]
    if design.replications < before.replications:
        return [f"replications was {before.replications}, is {design.replications}: a store does not shrink"]
    if list(before.axes) != axes:
        return [f"vary was {show(list(before.axes))}, is {show(axes)}"]
    if len(design.points) < before.points:
        return [f"it has {before.points} points, the design {len(design.points)}"]
    old, new = store.design, design.points.head(before.points)
    different = next((name for name in old.columns if old[name].tolist() != new[name].tolist()), None)
    return [f"the points differ, first in {different}"] if different is not None else []


def show(value: Any) -> str:
    """A value in words."""
    return (", ".join(map(str, value)) or "none") if isinstance(value, list | tuple) else str(value)
