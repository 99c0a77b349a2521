"""The named draws and constants of the model, read from its source: purpose, where it is drawn, and what for.

Every random number belongs to a purpose, which is written where it is drawn. A purpose that a function is handed is
followed to those who hand it over; what only a run knows stands in angle brackets, as in `lever.<kind>.<rationing>`,
and has to be declared in `COMPUTED` with all that it can be.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import NamedTuple, get_args

from chainsim.policy.lever import Rationing
from chainsim.scenario.scenario import Scenario

PACKAGE = Path(__file__).parents[1]
ROOMS = ("economy", "population", "base_year", "stages", "policy", "levers", "shocks")
"""Rooms whose code draws when an economy is built or a year is simulated."""
TAKERS = {"uniform": 1, "normal": 1, "by_name": 1, "normal_by_name": 1, "draw_key": 1, "several": 1}
"""Functions of `economy.draws` that take a purpose, or several, and its place among their arguments."""
DEEPEST = 5
MECHANICS = (
    "economy/draws.py",
    "economy/candidates.py",
    "economy/kernels/philox.py",
    "economy/kernels/replays.py",
    "economy/kernels/suppliers.py",
    "policy/conditions.py",
)
"""Files whose numbers are how bits are mixed, runs replayed and text is read, which no rule of the model asks."""
COMPUTED: dict[str, Callable[[Scenario], set[str]]] = {
    "lever.<kind>.<rationing>": lambda scenario: {
        f"lever.{lever.kind}.{way}" for lever in scenario.levers.values() for way in get_args(Rationing)
    },
    "shock.<name>": lambda scenario: {f"shock.{name}" for name in scenario.shocks},
}
"""Purposes of which only a run knows a part, and what they can be in a scenario."""


class Draw(NamedTuple):
    """A purpose of random numbers, the function that draws, its file, and the first line of its docstring."""

    purpose: str
    where: str
    file: str
    meaning: str

    def possible(self, scenario: Scenario) -> set[str]:
        """The purposes that it may have in a run of the scenario; none where a part is computed and not declared."""
        if "<" not in self.purpose:
            return {self.purpose}
        return COMPUTED[self.purpose](scenario) if self.purpose in COMPUTED else set()


@dataclass
class Function:
    """A function of the source: its file, name with the class before it, names of its parameters, and its syntax."""

    file: str
    name: str
    node: ast.FunctionDef

    @property
    def parameters(self) -> list[str]:
        """Names of the parameters, without `self`."""
        names = [argument.arg for argument in self.node.args.args]
        return names[1:] if names[:1] in (["self"], ["cls"]) else names

    def default(self, parameter: str) -> ast.expr | None:
        """The default of a parameter."""
        arguments, defaults = self.node.args.args, self.node.args.defaults
        stated = dict(zip([item.arg for item in arguments[len(arguments) - len(defaults) :]], defaults, strict=True))
        return stated.get(parameter)

    def calls(self) -> Iterator[ast.Call]:
        """The calls in it."""
        return (node for node in ast.walk(self.node) if isinstance(node, ast.Call))

    @property
    def meaning(self) -> str:
        """First line of its docstring, without shapes."""
        return (ast.get_docstring(self.node) or "").partition("\n")[0]


@cache
def functions() -> tuple[Function, ...]:
    """All functions and methods of the rooms that draw."""
    found = []
    for room in ROOMS:
        for path in sorted((PACKAGE / room).glob("*.py")):
            file, tree = path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))
            found += [Function(file, node.name, node) for node in tree.body if isinstance(node, ast.FunctionDef)]
            for kind in tree.body:
                if isinstance(kind, ast.ClassDef):
                    inner = [node for node in kind.body if isinstance(node, ast.FunctionDef)]
                    found += [Function(file, f"{kind.name}.{node.name}", node) for node in inner]
    return tuple(found)


def named_draws() -> list[Draw]:
    """Every purpose that the model draws for, in alphabetical order."""
    found: dict[str, Draw] = {}
    for function in functions():
        for call in function.calls():
            if called(call) in TAKERS and isinstance(call.func, ast.Attribute) and is_draws(call.func.value):
                place = argument(call, TAKERS[called(call)], "purpose")
                for purpose, origin in purposes(place, function) if place is not None else ():
                    found.setdefault(purpose, Draw(purpose, origin.name, origin.file, origin.meaning))
    return [found[purpose] for purpose in sorted(found)]


def called(call: ast.Call) -> str:
    """Last name of what is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def is_draws(node: ast.expr) -> bool:
    """Whether an expression is the module of draws."""
    return isinstance(node, ast.Name) and node.id == "draws"


def argument(call: ast.Call, place: int, name: str) -> ast.expr | None:
    """An argument by its place or name."""
    by_name = next((word.value for word in call.keywords if word.arg == name), None)
    return by_name if by_name is not None or place >= len(call.args) else call.args[place]


def purposes(node: ast.expr, function: Function, depth: int = 0) -> list[tuple[str, Function]]:
    """What an expression may say, and the function in which it is said at last."""
    if isinstance(node, ast.Constant):
        return [(str(node.value), function)]
    if isinstance(node, ast.Tuple):
        return [found for each in node.elts for found in purposes(each, function, depth)]
    if isinstance(node, ast.JoinedStr):
        parts = [purposes(part, function, depth) for part in node.values]
        said = [("".join(text for text, _ in each), each) for each in product(*parts)]
        return [(text, next((origin for _, origin in each if origin is not function), function)) for text, each in said]
    if isinstance(node, ast.FormattedValue):
        return purposes(node.value, function, depth)
    if isinstance(node, ast.Name) and node.id in function.parameters and depth < DEEPEST:
        return handed_over(node.id, function, depth + 1) or unknown(node, function)
    if isinstance(node, ast.Name) and (listed := iterated(node.id, function)):
        return [(text, function) for text in listed]
    return unknown(node, function)


def unknown(node: ast.expr, function: Function) -> list[tuple[str, Function]]:
    """What only a run knows, by the last word of its name."""
    return [(f"<{ast.unparse(node).rpartition('.')[2]}>", function)]


def handed_over(parameter: str, function: Function, depth: int) -> list[tuple[str, Function]]:
    """What the callers of a function say for a parameter, and its default."""
    place, name = function.parameters.index(parameter), function.name.rpartition(".")[2]
    found = []
    for caller in functions():
        for call in caller.calls():
            if called(call) == name and (given := argument(call, place, parameter)) is not None:
                found += purposes(given, caller, depth)
    default = function.default(parameter)
    return found + (purposes(default, function, depth) if default is not None else [])


def iterated(name: str, function: Function) -> list[str]:
    """The words that a name runs through in a comprehension over a tuple of words."""
    for node in ast.walk(function.node):
        if isinstance(node, ast.comprehension) and isinstance(node.target, ast.Name) and node.target.id == name:
            items = node.iter.elts if isinstance(node.iter, ast.Tuple) else []
            return [str(item.value) for item in items if isinstance(item, ast.Constant)]
    return []


class Constant(NamedTuple):
    """A number of the rules that no scenario states: its name, value as written, file, and meaning."""

    name: str
    value: str
    file: str
    meaning: str


def named_constants() -> list[Constant]:
    """The numbers that modules of `ROOMS` hold under names in capitals, by file; not how bits are mixed and counted."""
    paths = [path for room in ROOMS for path in sorted((PACKAGE / room).rglob("*.py"))]
    return [found for path in paths for found in constants_of(path, path.relative_to(PACKAGE).as_posix())]


def constants_of(path: Path, file: str) -> list[Constant]:
    """The constants of a file; the text right below one, or below several of one line, is what they mean."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    found: list[Constant] = []
    for number, node in enumerate(body):
        for name, value in assigned(node):
            if name.isupper() and is_number(value) and file not in MECHANICS:
                below = body[number + 1] if number + 1 < len(body) else None
                words = getattr(getattr(below, "value", None), "value", "")
                text = words.split("\n\n")[0] if isinstance(words, str) else ""
                found.append(Constant(name, ast.unparse(value), file, " ".join(text.split())))
    return found


def assigned(node: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    """Names that a line of a module sets, with what they are set to."""
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    value = getattr(node, "value", None)
    if isinstance(target, ast.Name) and value is not None:
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        yield from (
            (item.id, part) for item, part in zip(target.elts, value.elts, strict=True) if isinstance(item, ast.Name)
        )


def is_number(value: ast.expr) -> bool:
    """Whether it is a number, several, or rows of names and numbers, written out."""
    if isinstance(value, ast.Dict):
        return all(is_number(item) for item in value.values)
    if isinstance(value, ast.Call):
        numbers = [
            argument
            for argument in value.args
            if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str))
        ]
        return bool(numbers) and not value.keywords and all(is_number(argument) for argument in numbers)
    if isinstance(value, ast.List | ast.Tuple):
        return bool(value.elts) and all(is_number(item) for item in value.elts)
    if isinstance(value, ast.BinOp):
        return is_number(value.left) and is_number(value.right)
    if isinstance(value, ast.UnaryOp):
        return is_number(value.operand)
    return (
        isinstance(value, ast.Constant) and isinstance(value.value, int | float) and not isinstance(value.value, bool)
    )
