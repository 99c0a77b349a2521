"""A YAML file, the files it extends and the tables it names -> a frozen Scenario."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import reduce
from pathlib import Path as FilePath
from typing import Any

from chainsim.scenario import nodes
from chainsim.scenario.build import built, money_stated
from chainsim.scenario.csv_tables import CITATIONS, expand, rows_of
from chainsim.scenario.errors import Mark, Problems, ScenarioError, printable, suggestion
from chainsim.scenario.files import Files
from chainsim.scenario.nodes import Node
from chainsim.scenario.scenario import Scenario
from chainsim.scenario.yaml_reader import read

EXTENDS = ("extends",)
LONGEST_NAME = 100
"""Most letters of the name of a scenario."""


def load(path: str | FilePath, overrides: Mapping[str, Any] | None = None) -> Scenario:
    """The scenario of a YAML file; `overrides` are values by dotted path, laid over the file.

    Raises
        ScenarioError: with every mistake of the file, the files it extends, its tables and the overrides.
    """

    problems = Problems()
    tree, files = gathered(FilePath(path), overrides or {}, problems)
    if tree is None:
        raise ScenarioError(problems.found)
    files.agree_on(money_stated(tree))
    if files.citations and files.complete:
        _check_keys(tree, nodes.ROOT, files)
    return built(tree, problems, files.complete).with_reading(files.notes).with_citations(files.citations)


def gathered(path: FilePath, overrides: Mapping[str, Any], problems: Problems) -> tuple[Node | None, Files]:
    """What a scenario file, the files it extends and the overrides state together, and the files that were read."""
    files = Files(path, problems)
    layers = list(_layers(path, files))
    tree = reduce(lambda above, layer: nodes.overlaid(layer, above), layers) if layers else None
    if tree is not None and len(layers) > 1:
        tree = _called(tree, layers[0], path)
    for dotted, value in overrides.items():
        tree = _overridden(tree, dotted, value, problems) if tree is not None else None
    if tree is not None and overrides:
        expand(tree, path, files)
    return tree, files


def parse_overrides(items: Iterable[str]) -> dict[str, Any]:
    """`path=value` as typed after `--set`, with values read as YAML: `years.end=2030`, `chain.anchors=[cars]`.

    Raises
        ScenarioError: for items without a path or with a value that is not valid YAML.
    """
    problems, overrides = Problems(), {}
    for item in items:
        dotted, equals, text = item.partition("=")
        mark = _place(item)
        found = Problems()
        node = read(text, mark.file, found) if equals and dotted.strip() else None
        if node is not None and not found.found:
            overrides[dotted.strip()] = nodes.to_python(node)
        elif not equals or not dotted.strip():
            problems.add(mark, (), "expected path=value, such as years.end=2030")
        else:
            problems.add(mark, (), found.found[0].message if found.found else "expected a value after '='")
    problems.stop()
    return overrides


def _layers(path: FilePath, files: Files) -> Iterator[Node]:
    """The nodes of a file, then of the file it extends, and so on."""
    current, mark, at = path, Mark(printable(path.name)), nodes.ROOT
    chain: list[FilePath] = []
    while True:
        tree = _tree(current, mark, at, files)
        if tree is None:
            return
        chain.append(current.resolve())
        extends = tree.value.pop("extends", None)
        if "citations" in tree.value:
            _cite(tree.value.pop("citations"), current, files)
        expand(tree, current, files)
        yield tree
        if extends is None:
            return
        following = files.inside(current, extends.value, extends.mark, EXTENDS, files.above(current))
        if following is None:
            return
        if following in chain:
            circle = " -> ".join(files.name(file) for file in [*chain[chain.index(following) :], following])
            files.refuse(extends.mark, EXTENDS, f"the files extend each other in a circle: {circle}")
            return
        current, mark, at = following, extends.mark, EXTENDS


def _called(tree: Node, own: Node, path: FilePath) -> Node:
    """A file that extends another goes by its own name: that of the file where it states none. A title is of one name.

    The folder stands in the place of the name, so that files of one name in two folders can be told apart.
    """
    stem, stated = path.stem[:LONGEST_NAME], dict(tree.value)
    if "title" not in own.value:
        stated.pop("title", None)
    if "name" not in own.value and stem.isprintable() and "\\" not in stem:
        place = Mark(printable(f"{path.absolute().parent.name}/{path.name}"), 1, 1)
        stated["name"] = Node(stem, place, place)
    return replace(tree, value=stated)


def _cite(named: Node, holder: FilePath, files: Files) -> None:
    """Add what the keys of a table stand for; a key that files above state stands."""
    path = files.inside(holder, named.value, named.mark, ("citations",), files.above(holder))
    seen: dict[str, Mark] = {}
    for row in rows_of(path, CITATIONS, named.mark, ("citations",), files) if path is not None else []:
        key = row.text("id")
        if key in seen:
            files.refuse(row.mark, ("citations",), f"the key '{key}' stands in line {seen[key].line} already")
        seen[key] = row.mark
        files.citations.setdefault(key, nodes.Citation(row.text("source"), row.text("url")))


def _check_keys(node: Node, at: nodes.Path, files: Files) -> None:
    """Refuse keys in sources that no table of citations has."""
    for name, item in nodes.children(node):
        if name == "source" and isinstance(item.value, str):
            for key in nodes.keys_of(item.value):
                if key not in files.citations:
                    message = f"the table of citations has no key '{key}'{suggestion(key, files.citations)}"
                    files.problems.add(item.mark, (*at, name), message, lost=False)
        _check_keys(item, (*at, name), files)


def _tree(path: FilePath, named: Mark, at: nodes.Path, files: Files) -> Node | None:
    """The keys and values of one file; None if it holds none."""
    text = files.text(path, named, at)
    if text is None:
        return None
    name = files.name(path.absolute())
    before = len(files.problems.found)
    tree = read(text, name, files.problems)
    if tree is not None and tree.is_mapping and is_design(tree):
        files.refuse(Mark(name, 1, 1), (), f"this is a design of a sweep, no scenario: chainsim sweep {name}")
        return None
    if tree is not None and tree.is_mapping:
        return tree
    files.complete = False
    if len(files.problems.found) == before:
        files.refuse(Mark(name, 1, 1), (), "expected keys and values, such as 'name: example'")
    return None


def is_design(tree: Node) -> bool:
    """Whether a file names a scenario and what to vary of it, and states nothing of one."""
    return "scenario" in tree.value and bool({"vary", "design"} & set(tree.value)) and "chain" not in tree.value


def is_scenario(tree: Node) -> bool:
    """Whether a file states an economy or extends one, and names no scenario to vary."""
    return "scenario" not in tree.value and bool({"chain", "extends", "levers", "shocks"} & set(tree.value))


def _overridden(tree: Node, dotted: str, value: Any, problems: Problems) -> Node:
    """The nodes with one value laid over them."""
    path = tuple(dotted.split("."))
    mark = _place(f"{dotted}={value}")
    try:
        item = nodes.from_python(value, mark)
    except (TypeError, ValueError) as error:
        problems.add(mark, path, str(error))
        return tree
    if not all(path) or path[0] in ("extends", "citations") or path[:2] == ("chain", "tables"):
        message = f"{dotted} is set in the file only" if all(path) else f"'{dotted}' is not a path such as years.end"
        problems.add(mark, (), message)
        return tree
    return nodes.with_entry(tree, path, item)


def _place(item: str, longest: int = 50) -> Mark:
    return Mark(f"--set {item if len(item) <= longest else item[: longest - 1] + '…'}")
