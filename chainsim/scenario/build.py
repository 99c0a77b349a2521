"""Nodes -> a validated Scenario, or one error with everything that is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from chainsim.scenario import nodes
from chainsim.scenario.checks import findings
from chainsim.scenario.conform import settled
from chainsim.scenario.errors import Mark, Problems
from chainsim.scenario.field_types import Place, root_place
from chainsim.scenario.messages import in_words, note_all
from chainsim.scenario.nodes import Node, Path
from chainsim.scenario.partial_scenario import lenient
from chainsim.scenario.schema import Scenario
from chainsim.scenario.values import Sourced


def built(tree: Node, problems: Problems, complete: bool = True) -> Scenario:
    """The scenario that the nodes state.

    `complete` is False if a file could not be read: then nothing is said about absent values.

    Raises
        ScenarioError: with all problems, those found before included.
    """
    tree = settled(tree, root_place(Scenario), (), problems)
    scenario = _validated(tree, problems, complete)
    _check_ranges(tree, problems)
    if complete:
        readable = scenario
        if readable is None or problems.found:
            readable = lenient(Scenario, nodes.to_python(tree, keep_lost=True), (), problems.covers)
        for finding in findings(readable):
            at = nodes.found(tree, finding.path)
            problems.add(at.place if finding.names else at.mark, finding.path, finding.message)
    problems.stop()
    assert scenario is not None
    return scenario.with_origins(dict(origins(tree, ())), dict(sources(tree, ())))


def _validated(tree: Node, problems: Problems, complete: bool) -> Scenario | None:
    """The scenario if the schema accepts it. As JSON text, so that numbers as text and text as numbers are refused."""
    try:
        return Scenario.model_validate_json(nodes.to_json(tree), strict=True)
    except ValidationError as error:
        note_all(error, tree, root_place(Scenario), problems, missing=complete)
        if not problems.found:  # an error whose place could not be followed must not pass for none
            first = error.errors(include_url=False)[0]
            problems.add(tree.mark, (), in_words(first["type"], first["msg"], first.get("ctx", {})))
        return None


def _check_ranges(tree: Node, problems: Problems) -> None:
    """Low and high must be possible values themselves."""
    for end in ("low", "high"):
        ends = with_ends(tree, end)
        try:
            Scenario.model_validate_json(nodes.to_json(ends), strict=True)
        except ValidationError as error:
            note_ends(error, tree, ends, end, root_place(Scenario), problems)


def note_ends(
    error: ValidationError, tree: Node, ends: Node, end: str, place: Place, problems: Problems, at: Path = ()
) -> None:
    """Note the errors of the ends of ranges; what else is wrong was noted with the values."""
    found = Problems()
    note_all(error, ends, place, found, missing=False)
    for problem in found.found:
        path = tuple(problem.path.split(".")) if problem.path else ()
        node = nodes.found(tree, path)
        if node.ends is not None and end in node.ends:
            problems.add(problem.mark, (*at, *path, end), problem.message)


def with_ends(node: Node, end: str) -> Node:
    """The nodes with one end of each stated range in place of the value."""
    if node.is_mapping:
        return Node({key: with_ends(item, end) for key, item in node.value.items()}, node.mark, node.key)
    if node.is_list:
        return Node([with_ends(item, end) for item in node.value], node.mark, node.key)
    if node.sourced is None or node.ends is None or end not in node.ends:
        return node
    return Node(getattr(node.sourced, end), node.ends[end], node.key)


def _children(node: Node) -> Iterator[tuple[str, Node]]:
    entries: Any = node.value.items() if node.is_mapping else enumerate(node.value) if node.is_list else ()
    for key, item in entries:
        yield str(key), item


def origins(node: Node, path: Path) -> Iterator[tuple[str, Mark]]:
    """Where every value below a path is stated."""
    for key, item in _children(node):
        here = (*path, key)
        yield ".".join(here), item.mark
        yield from origins(item, here)


def sources(node: Node, path: Path) -> Iterator[tuple[str, Sourced]]:
    """What is said about the numbers below a path."""
    for key, item in _children(node):
        here = (*path, key)
        if item.sourced is not None:
            yield ".".join(here), item.sourced
        yield from sources(item, here)
