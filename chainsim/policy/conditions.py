"""Conditions on enterprises, such as `employees < 300 and rd_share > 0.05`: read as a tree, never run as code.

Allowed are the names of `QUANTITIES` and `WORDS`, numbers, text in quotes, `+ - * /`, comparisons, `and`, `or`, `not`
and brackets. Words (segment, tier, park, owner, ...) compare with text by `==`, `!=` and `in [...]`.

`holds` answers for every enterprise of an economy, `can_hold` for all that an enterprise may be: ranges of numbers and
sets of words.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import lru_cache, reduce
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from chainsim.economy.types import Flags
from chainsim.policy.targeting import QUANTITIES, WORDS, over

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy

LONGEST = 500
"""Most letters of a condition."""

ARITHMETIC: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda a, b: over(a, b, 0.0),
}
ORDER: dict[type, Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


COMPARED = {**ORDER, ast.In: np.isin, ast.NotIn: lambda word, texts: ~np.isin(word, texts)}
SIGNS: dict[type, Callable[[Any], Any]] = {ast.Not: np.logical_not, ast.USub: operator.neg, ast.UAdd: operator.pos}


class ConditionError(ValueError):
    """A condition that cannot be read: column, what is wrong, the nearest valid name."""


@lru_cache(maxsize=256)
def parsed(text: str) -> ast.expr:
    """The tree of a condition.

    Raises:
        ConditionError: with the column of what is not allowed.
    """
    if len(text) > LONGEST:
        raise ConditionError(f"expected a condition of at most {LONGEST} letters, found {len(text)}")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        column = getattr(error, "offset", None) or 1
        raise ConditionError(f"column {column}: expected a condition such as employees < 300") from None
    if _kind(tree) != "condition":
        raise ConditionError("expected a condition such as employees < 300, which is true or false")
    return tree


def holds(text: str, economy: Economy) -> Flags:
    """Whether the condition holds for each enterprise, (n,)."""
    with np.errstate(over="ignore", invalid="ignore"):
        found = np.asarray(_asked(text)(economy), dtype=bool)
    return found if found.shape == (economy.n,) else np.broadcast_to(found, economy.n)


def _kind(node: ast.expr) -> str:
    """What a part of a condition stands for: number, word, text, texts or condition."""
    match node:
        case ast.BoolOp(values=values):
            for value in values:
                _expect(value, "condition")
            return "condition"
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _expect(operand, "condition")
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            return _expect(operand, "number")
        case ast.BinOp(left=first, op=op, right=second) if type(op) in ARITHMETIC:
            _expect(first, "number")
            return _expect(second, "number")
        case ast.Compare():
            return _comparison(node)
        case ast.Name(id=name):
            return _name(node, name)
        case ast.Constant(value=bool()):
            raise _refused(node, "true and false are not needed; write high_tech > 0 or not ...")
        case ast.Constant(value=int() | float() as number):
            if not abs(number) < 1e300:
                raise _refused(node, "the number is too large")
            return "number"
        case ast.Constant(value=str()):
            return "text"
        case ast.List(elts=items) | ast.Tuple(elts=items):
            for item in items:
                _expect(item, "text")
            return "texts"
    raise _refused(node, f"{ast.unparse(node)[:40]!r} is not allowed in a condition")


def _comparison(node: ast.Compare) -> str:
    sides = [node.left, *node.comparators]
    for first, op, second in zip(sides, node.ops, sides[1:], strict=False):
        kinds = _kind(first), _kind(second)
        if isinstance(op, ast.In | ast.NotIn):
            fits = kinds == ("word", "texts")
        elif "number" in kinds:
            fits = kinds == ("number", "number") and type(op) in ORDER
        else:
            fits = set(kinds) == {"word", "text"} and isinstance(op, ast.Eq | ast.NotEq)
        if not fits:
            raise _refused(node, f"a {kinds[0]} and a {kinds[1]} cannot be compared like this")
    return "condition"


def _name(node: ast.expr, name: str) -> str:
    if name in QUANTITIES:
        return "number"
    if name in WORDS:
        return "word"
    known = [*QUANTITIES, *WORDS]
    near = get_close_matches(name.lower(), known, n=1, cutoff=0.6)
    raise _refused(
        node, f"unknown name '{name}'" + (f", did you mean '{near[0]}'?" if near else f", known: {', '.join(known)}")
    )


def _expect(node: ast.expr, kind: str) -> str:
    found = _kind(node)
    if found != kind:
        raise _refused(node, f"expected a {kind}, found a {found}")
    return kind


def _refused(node: ast.expr, message: str) -> ConditionError:
    return ConditionError(f"column {node.col_offset + 1}: {message}")


Asked = Callable[["Economy"], Any]
"""What a part of a condition asks of an economy."""


@lru_cache(maxsize=256)
def _asked(text: str) -> Asked:
    return _reader(parsed(text))


def _reader(node: ast.expr) -> Asked:
    """What reads the value of a part for all enterprises; the kinds were checked when it was parsed."""
    match node:
        case ast.BoolOp(op=op, values=values):
            combine = np.logical_and if isinstance(op, ast.And) else np.logical_or
            parts = [_reader(value) for value in values]
            return lambda economy: reduce(combine, [part(economy) for part in parts])
        case ast.UnaryOp(op=op, operand=operand):
            value, turn = _reader(operand), SIGNS[type(op)]
            return lambda economy: turn(value(economy))
        case ast.BinOp(left=first, op=op, right=second):
            (one, other), combined = (_reader(first), _reader(second)), ARITHMETIC[type(op)]
            return lambda economy: combined(one(economy), other(economy))
        case ast.Compare(left=first, ops=ops, comparators=others):
            return _comparer(ops, [_reader(side) for side in (first, *others)])
        case ast.Name(id=name):
            if name in WORDS:
                return WORDS[name].of
            of = QUANTITIES[name].of
            return lambda economy: np.asarray(of(economy), dtype=float)
        case ast.List(elts=items) | ast.Tuple(elts=items):
            texts = [item.value for item in items if isinstance(item, ast.Constant)]
            return lambda economy: texts
        case ast.Constant(value=constant):
            number = float(constant) if isinstance(constant, int) else constant
            return lambda economy: number
    raise AssertionError(ast.dump(node))


def _comparer(ops: list[ast.cmpop], sides: list[Asked]) -> Asked:
    """What compares each side with the next, all of which must hold."""
    compare = [COMPARED[type(op)] for op in ops]

    def compared(economy: Economy) -> Any:
        values = [side(economy) for side in sides]
        found = [holds(*pair) for holds, pair in zip(compare, pairwise(values), strict=True)]
        return reduce(np.logical_and, found)

    return compared


Range = tuple[float, float]
"""Lowest and highest value of a number."""
Choice = tuple[bool, bool]
"""Whether a condition can be true, and whether it can be false."""
UNKNOWN: Range = (-np.inf, np.inf)


def can_hold(text: str, known: Mapping[str, Range | frozenset[str]]) -> bool:
    """Whether the condition can hold for an enterprise with these ranges and sets of words; the unknown may be all.

    Every name is taken by itself, so that a condition on two that move together may be thought possible when it is not.
    """
    return _choice(parsed(text), known)[0]


def names_in(text: str) -> list[str]:
    """Quantities and words of a condition, in order."""
    names = [node.id for node in ast.walk(parsed(text)) if isinstance(node, ast.Name)]
    return list(dict.fromkeys(names))


def _choice(node: ast.expr, known: Mapping[str, Range | frozenset[str]]) -> Choice:
    """What a part that is true or false can be."""
    match node:
        case ast.BoolOp(op=op, values=values):
            true, false = zip(*(_choice(value, known) for value in values), strict=True)
            return (all(true), any(false)) if isinstance(op, ast.And) else (any(true), all(false))
        case ast.UnaryOp(operand=operand):
            can_be, cannot = _choice(operand, known)
            return cannot, can_be
        case ast.Compare(left=first, ops=ops, comparators=others):
            pairs = zip([first, *others], ops, others, strict=False)
            true, false = zip(*(_comparing(a, op, b, known) for a, op, b in pairs), strict=True)
            return all(true), any(false)
    raise AssertionError(ast.dump(node))


def _comparing(first: ast.expr, op: ast.cmpop, second: ast.expr, known: Mapping[str, Range | frozenset[str]]) -> Choice:
    """What a comparison of two parts can be."""
    word, other = (first, second) if isinstance(first, ast.Name) and first.id in WORDS else (second, first)
    if isinstance(word, ast.Name) and word.id in WORDS:
        return _among(known.get(word.id), op, other)
    (low, high), (least, most) = _range(first, known), _range(second, known)
    match op:
        case ast.Lt():
            return low < most, high >= least
        case ast.LtE():
            return low <= most, high > least
        case ast.Gt():
            return high > least, low <= most
        case ast.GtE():
            return high >= least, low < most
    equal, alike = low <= most and least <= high, low == high == least == most
    return (equal, not alike) if isinstance(op, ast.Eq) else (not alike, equal)


def _among(words: object, op: ast.cmpop, other: ast.expr) -> Choice:
    """What a comparison of a word, which is one of `words`, with a text or several can be."""
    if not isinstance(words, frozenset):
        return True, True
    texts = other.elts if isinstance(other, ast.List | ast.Tuple) else [other]
    named = {str(text.value) for text in texts if isinstance(text, ast.Constant)}
    is_one, is_none = bool(words & named), bool(words - named)
    return (is_one, is_none) if isinstance(op, ast.Eq | ast.In) else (is_none, is_one)


def _range(node: ast.expr, known: Mapping[str, Range | frozenset[str]]) -> Range:
    """Lowest and highest value of a number."""
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value), float(value)
        case ast.Name(id=name):
            found = known.get(name, UNKNOWN)
            return UNKNOWN if isinstance(found, frozenset) else found
        case ast.UnaryOp(op=op, operand=operand):
            low, high = _range(operand, known)
            return (-high, -low) if isinstance(op, ast.USub) else (low, high)
        case ast.BinOp(left=first, op=op, right=second):
            return _result(_range(first, known), op, _range(second, known))
    raise AssertionError(ast.dump(node))


def _result(first: Range, op: ast.operator, second: Range) -> Range:
    """The range of a sum, difference, product or ratio; a ratio over 0 is 0."""
    (low, high), (least, most) = first, second
    if isinstance(op, ast.Add):
        return low + least, high + most
    if isinstance(op, ast.Sub):
        return low - most, high - least
    if isinstance(op, ast.Div) and least <= 0.0 <= most:
        return (0.0, np.inf) if low >= 0.0 <= least else UNKNOWN
    ends = [_end(a, op, b) for a in first for b in second]
    return min(ends), max(ends)


def _end(first: float, op: ast.operator, second: float) -> float:
    """A product or ratio of two ends; nothing is no part of infinity."""
    if first == 0.0 or (second == 0.0 and isinstance(op, ast.Mult)):
        return 0.0
    if isinstance(op, ast.Mult):
        return first * second
    return 0.0 if np.isinf(second) else first / second
