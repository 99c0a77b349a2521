"""What the code of the package says of itself: its files, who imports whom, and from where.

Read from the source alone, so that any checkout can be measured, also one of another time.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent

LAYERS = (
    "economy",
    "policy",
    "levers",
    "shocks",
    "population",
    "stages",
    "base_year",
    "indicators",
    "scenario",
    "io_tables",
    "figures",
    "runs",
    "store",
    "effects",
    "experiments",
    "validation",
    "search",
    "report",
    "cli",
)
"""Rooms of the package from the ground up; a room imports from itself and from those below."""

SMALL = 60
"""Lines below which a file may hold what only its neighbour needs."""


class Import(NamedTuple):
    """An import of `target` by the module `importer`, in a function or not, for type checkers only or not."""

    file: Path
    importer: str
    target: str
    in_function: bool
    for_types: bool

    def __str__(self) -> str:
        return f"{self.importer} imports {self.target}"


def room(module: str) -> str:
    """The room of the package that a module belongs to; empty for the package itself."""
    return module.split(".")[1] if "." in module else ""


class House:
    """The package of a checkout: its files, modules and imports."""

    def __init__(self, root: Path) -> None:
        self.root, self.package = root, root / "chainsim"
        self.files = sorted(self.package.rglob("*.py"))
        self.modules = {self.module_of(file): file for file in self.files}
        self.lines = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in self.files}
        self.homes = self.homes_of_public_names()
        self.imports = [found for file in self.files for found in self.imports_of(file)]
        self.inside = [found for found in self.imports if found.target.split(".")[0] == "chainsim"]
        self.by_name = [found for file in self.files for found in self.names_of(file)]
        self.outside = [found for found in self.imports if found.target.split(".")[0] != "chainsim"]

    def module_of(self, file: Path) -> str:
        """Dotted name of a file of the package."""
        return ".".join(file.relative_to(self.root).with_suffix("").parts).removesuffix(".__init__")

    def homes_of_public_names(self) -> dict[str, str]:
        """Module in which each public name of the package lives, as type checkers are told."""
        tree = ast.parse((self.package / "__init__.py").read_text(encoding="utf-8"))
        found = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        return {
            alias.name: str(node.module)
            for node in found
            for alias in node.names
            if str(node.module).startswith("chainsim.")
        }

    def imports_of(self, file: Path) -> Iterator[Import]:
        """Every import of a file, wherever it stands: at the top, in a function, for type checkers."""
        waiting: list[tuple[ast.AST, bool, bool]] = [(ast.parse(file.read_text(encoding="utf-8")), False, False)]
        while waiting:
            node, in_function, for_types = waiting.pop()
            for target in self.targets(node):
                yield Import(file, self.module_of(file), target, in_function, for_types)
            in_function |= isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            for_types |= isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
            waiting += [(child, in_function, for_types) for child in ast.iter_child_nodes(node)]

    def targets(self, node: ast.AST) -> list[str]:
        """Modules that a statement imports; a public name of the package stands for the module it lives in."""
        if isinstance(node, ast.Import):
            return [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom) and node.module == "chainsim":
            return [self.homes.get(alias.name, f"chainsim.{alias.name}") for alias in node.names]
        if isinstance(node, ast.ImportFrom) and node.module:
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            return [name if name in self.modules else node.module for name in inner]
        return []

    def names_of(self, file: Path) -> Iterator[Import]:
        """Modules of the package that a file names in a text, such as "chainsim.cli.main:app", to import them later."""
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                target = node.value.partition(":")[0]
                if target in self.modules and target != "chainsim":
                    yield Import(file, self.module_of(file), target, in_function=True, for_types=False)

    def loose_files(self) -> set[str]:
        """Files that stand at the root of the package."""
        return {path.name for path in self.package.iterdir() if path.is_file()}

    def small_files(self) -> list[str]:
        """Files of few lines."""
        return [str(file.relative_to(self.root)) for file, lines in self.lines.items() if lines < SMALL]

    def upward(self, layers: tuple[str, ...] = LAYERS) -> list[Import]:
        """Imports that point up; a layer may hold several rooms, and what is in no layer is not looked at."""
        return pointing_up(self.inside, layers)

    def upward_by_name(self, layers: tuple[str, ...] = LAYERS) -> list[Import]:
        """The same of modules that are named in a text."""
        return pointing_up(self.by_name, layers)

    def in_functions(self) -> list[Import]:
        """Imports of the package's own modules that stand in a function."""
        return [found for found in self.inside if found.in_function]

    def circles(self) -> list[list[str]]:
        """Groups of modules each of which imports itself by way of the others."""
        arrows: dict[str, set[str]] = {module: set() for module in self.modules}
        for found in self.inside:
            if room(found.importer) and found.target in arrows:
                arrows[found.importer].add(found.target)
        seen_from = {module: reached(module, arrows) for module in arrows}
        groups = {
            tuple(sorted(other for other in seen if module in seen_from[other]))
            for module, seen in seen_from.items()
            if module in seen
        }
        return [list(group) for group in sorted(groups)]


def pointing_up(imports: list[Import], layers: tuple[str, ...]) -> list[Import]:
    """Imports from a room by a room below it."""
    height = {name: level for level, rooms in enumerate(layers) for name in rooms.split()}
    between = [found for found in imports if room(found.importer) in height and room(found.target) in height]
    return [found for found in between if height[room(found.target)] > height[room(found.importer)]]


def reached(module: str, arrows: dict[str, set[str]]) -> set[str]:
    """Modules that a module imports, itself or by way of others."""
    found: set[str] = set()
    waiting = list(arrows[module])
    while waiting:
        if (target := waiting.pop()) not in found:
            found.add(target)
            waiting += arrows[target]
    return found
