"""Scenarios made from scenarios: other values, other stages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from chainsim.scenario import nodes
from chainsim.scenario.checks import findings
from chainsim.scenario.conform import conformed
from chainsim.scenario.errors import Mark, Problems, dotted, suggestion
from chainsim.scenario.field_types import ANYTHING, FieldType, field_type_of, root_type
from chainsim.scenario.messages import note_all, note_ends
from chainsim.scenario.nodes import Node, Path, Sourced, origins, sources, with_ends
from chainsim.scenario.schema import ScenarioFields
from chainsim.stages import Stage

S = TypeVar("S", bound=ScenarioFields)

HERE = Mark("replace")
"""Where a replaced value is stated."""


def replaced(scenario: S, changes: Mapping[str, Any], stages: Iterable[Stage] = ()) -> S:
    """The scenario with other values at dotted paths and other stages.

    Raises
        ScenarioError: with every path that leads nowhere, every value that cannot stand where it is put, and every
            contradiction that follows.
    """
    problems = Problems()
    asked = [*changes.items(), *_stage_changes(changes, stages, problems).items()]
    changed = _with_new_stages(scenario, asked, problems)
    new: dict[Path, Node] = {}
    together: dict[Path, Node] = {}
    above: set[Path] = set()
    for named, value in asked:
        path = _by_position(changed, tuple(named.split(".")))
        parents = {path[:length] for length in range(len(path))}
        if path in above or path in together or any(parent in together for parent in parents):
            changed = _changed(changed, root_type(type(changed)), together, (), problems)
            together, above = {}, set()
        node = _node(value, changed, path, problems)
        if node is not None:
            new[path] = together[path] = node
            above |= parents
    if together:
        changed = _changed(changed, root_type(type(changed)), together, (), problems)
    problems.stop()
    changed = changed.with_origins(*_provenance(scenario, new)).with_citations(scenario.citations)
    for finding in findings(changed):
        problems.add(changed.mark(dotted(finding.path)) or HERE, finding.path, finding.message)
    problems.stop()
    return changed


def _with_new_stages(scenario: S, changes: Iterable[tuple[str, Any]], problems: Problems) -> S:
    """The scenario with a place for every stage among the changes that its calendar does not have yet."""
    present, new = scenario.stages, {}
    for named, value in changes:
        path = tuple(named.split("."))
        if len(path) != 2 or path[0] != "stages" or path[1] in type(present).model_fields:
            continue
        if isinstance(value, Stage) and value.key != path[1]:
            problems.add(HERE, path, f"the key of this stage is '{value.key}'")
        elif isinstance(value, Stage):
            new[value.key] = value
    for key, reason in present.refusals([*new.values()]).items():
        problems.add(HERE, ("stages", key), reason)
    problems.stop()
    return scenario.model_copy(update={"stages": present.with_added([*new.values()])}) if new else scenario


def _stage_changes(changes: Mapping[str, Any], stages: Iterable[Stage], problems: Problems) -> dict[str, Stage]:
    """The stages by the path at which each stands, no two of one key."""
    found: dict[str, Stage] = {}
    for stage in stages:
        if not isinstance(stage, Stage):
            raise TypeError(f"expected instances of stages, such as cs.stages.Pricing(lag=0.1), found {stage!r}")
        path = f"stages.{stage.key}"
        if path in found or path in changes:
            problems.add(HERE, ("stages", stage.key), f"two stages of key '{stage.key}' are given; give one")
        found[path] = stage
    return found


def _by_position(scenario: ScenarioFields, path: Path) -> Path:
    """The path with an enterprise called by its position instead of its id."""
    if len(path) > 1 and path[0] == "enterprises":
        position = _position(scenario.enterprises, path[1])
        return path if position is None else (path[0], str(position), *path[2:])
    return path


def _node(value: Any, scenario: ScenarioFields, path: Path, problems: Problems) -> Node | None:
    """The new value as a node; None if it is no value of a scenario."""
    if not all(path):
        problems.add(HERE, (), f"'{dotted(path)}' is not a path such as years.end")
        return None
    try:
        node = nodes.from_python(value, HERE, objects=True)
        if nodes.is_path(node):
            node = nodes.overlaid(nodes.from_python(_standing(scenario, path), HERE, objects=True), node)
        return conformed(node, type_at(scenario, path), path, problems)
    except (TypeError, ValueError) as error:
        problems.add(HERE, path, str(error))
        return None


def _standing(scenario: ScenarioFields, path: Path) -> Any:
    """The number or path by year that is stated at a path; nothing where it is a default or anything else."""
    if dotted(path) not in scenario.origins:
        return None
    holder: Any = scenario
    for part in path:
        holder = _entry(holder, part)
    return holder if isinstance(holder, int | float | Mapping) else None


def type_at(scenario: ScenarioFields, path: Path) -> FieldType:
    """What may stand at a path, as far as the classes of the scenario tell."""
    field_type, holder = root_type(type(scenario)), scenario
    for part in path:
        declared = field_type.child(part) or ANYTHING
        holder = _entry(holder, part)
        field_type = FieldType(type(holder), field=declared.field) if isinstance(holder, BaseModel) else declared
    return declared


def _entry(holder: Any, part: str) -> Any:
    if isinstance(holder, BaseModel):
        return getattr(holder, part, None) if part in type(holder).model_fields else None
    if isinstance(holder, Mapping):
        return holder.get(part, holder.get(int(part)) if part.lstrip("-").isdecimal() else None)
    position = _position(holder, part) if isinstance(holder, tuple) else None
    return holder[position] if position is not None else None


def _changed(current: Any, field_type: FieldType, changes: Mapping[Path, Node], at: Path, problems: Problems) -> Any:
    """`current` with the values of nodes at paths below it; a block on the way is accepted once, with all of them."""
    if () in changes:
        return _validated(field_type, changes[()], at, problems)
    parts = _by_first_part(changes)
    if isinstance(current, BaseModel):
        return _with_fields(current, parts, at, problems)
    for head, below in parts.items():
        current = _with_entry(current, field_type, head, below, at, problems)
    return current


def _by_first_part(changes: Mapping[Path, Node]) -> dict[str, dict[Path, Node]]:
    """The nodes by the first part of their path, each under what is left of it."""
    parts: dict[str, dict[Path, Node]] = {}
    for path, node in changes.items():
        parts.setdefault(path[0], {})[path[1:]] = node
    return parts


def _with_entry(
    current: Any, field_type: FieldType, head: str, below: Mapping[Path, Node], at: Path, problems: Problems
) -> Any:
    """A mapping or list with other values below one of its entries."""
    here = (*at, head)
    position = _position(current, head) if isinstance(current, tuple) else None
    if position is not None:
        value = _changed(current[position], field_type.child("0") or ANYTHING, below, here, problems)
        return (*current[:position], value, *current[position + 1 :])
    if isinstance(current, Mapping) and (() in below or _entry(current, head) is not None):
        value = _changed(_entry(current, head), field_type.child(head) or ANYTHING, below, here, problems)
        return {**current, (int(head) if head.isdecimal() else head): value}
    known = current if isinstance(current, Mapping) else _ids(current)
    problems.add(HERE, here, f"unknown key '{head}'{suggestion(head, map(str, known))}")
    return current


def _ids(items: Any) -> list[str]:
    """What the items of a list are called."""
    return [getattr(item, "id", "") for item in items] if isinstance(items, tuple) else []


def _position(items: tuple[Any, ...], part: str) -> int | None:
    """The place in a list, by number or by the id of its item."""
    if part.isdecimal() and int(part) < len(items):
        return int(part)
    return next((number for number, item in enumerate(items) if getattr(item, "id", None) == part), None)


def _validated(field_type: FieldType, node: Node, at: Path, problems: Problems) -> Any:
    """The value of a node as the schema accepts it; the node's own where it does not, with the reasons noted."""
    if isinstance(node.value, BaseModel) or problems.covers(at):
        return node.value
    adapter = _adapter(field_type)
    try:
        if nodes.holds_objects(node):
            return adapter.validate_python(nodes.to_python(node))
        value = adapter.validate_json(nodes.to_json(node), strict=True)
    except ValidationError as error:
        note_all(error, node, field_type, problems, at)
        return node.value
    for end in ("low", "high"):
        ends = with_ends(node, end)
        try:
            adapter.validate_json(nodes.to_json(ends), strict=True)
        except ValidationError as error:
            note_ends(error, node, ends, end, field_type, problems, at)
    return value


def _adapter(field_type: FieldType) -> TypeAdapter[Any]:
    kind: Any = (
        Annotated[(field_type.annotation, *field_type.constraints)] if field_type.constraints else field_type.annotation
    )
    try:
        return _kept_adapter(kind)
    except TypeError:  # a constraint that cannot be a key
        return TypeAdapter(kind)


@lru_cache(maxsize=2048)
def _kept_adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _with_fields(
    current: BaseModel, parts: Mapping[str, Mapping[Path, Node]], at: Path, problems: Problems
) -> BaseModel:
    """The block with other values below some of its fields; the class of the block is kept."""
    fields, values = type(current).model_fields, {}
    for head, below in parts.items():
        here = (*at, head)
        if head not in fields:
            problems.add(HERE, here, f"unknown key '{head}'{suggestion(head, fields)}")
            continue
        value = _changed(getattr(current, head), field_type_of(fields[head]), below, here, problems)
        if not problems.touch(here):
            values[head] = value
    if not values:
        return current
    stated = {field: getattr(current, field) for field in current.model_fields_set}
    try:
        return type(current).model_validate({**stated, **values})
    except ValidationError as error:
        tree = Node({head: _tree(below) for head, below in parts.items()}, HERE, HERE)
        note_all(error, tree, FieldType(type(current)), problems, at)
        return current


def _tree(changes: Mapping[Path, Node]) -> Node:
    """The nodes at their paths as one node."""
    if () in changes:
        return changes[()]
    return Node({head: _tree(below) for head, below in _by_first_part(changes).items()}, HERE, HERE)


def _provenance(scenario: ScenarioFields, new: Mapping[Path, Node]) -> tuple[dict[str, Mark], dict[str, Sourced]]:
    """Origins and sources of the scenario, without those of replaced values and with those of the new ones."""
    gone, kept = {dotted(path) for path in new}, _years_kept(scenario, new)
    marks = {key: mark for key, mark in scenario.origins.items() if not _is_below(key, gone) or _is_below(key, kept)}
    stated = {key: item for key, item in scenario.sources.items() if not _is_below(key, gone) or _is_below(key, kept)}
    for path, node in new.items():
        marks |= {dotted(path): HERE, **{key: mark for key, mark in origins(node, path) if not _is_below(key, kept)}}
        stated |= dict(sources(node, path))
        if node.sourced is not None:
            stated[dotted(path)] = node.sourced
    return marks, stated


def _years_kept(scenario: ScenarioFields, new: Mapping[Path, Node]) -> set[str]:
    """Dotted paths of the years of new paths whose value is that of the path beneath."""
    kept = set()
    for path, node in new.items():
        standing = _standing(scenario, path)
        if nodes.is_path(node) and isinstance(standing, Mapping):
            years = (year for year, item in node.value.items() if standing.get(int(year)) == item.value)
            kept |= {dotted((*path, year)) for year in years}
    return kept


def _is_below(path: str, paths: set[str]) -> bool:
    """Whether a dotted path is one of the paths, or leads to a part of one."""
    while path:
        if path in paths:
            return True
        path = path.rpartition(".")[0]
    return False
