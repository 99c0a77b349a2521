"""Errors of the schema in plain words: what was expected, what was found."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, get_args

from pydantic import ValidationError

from chainsim.policy.registry import OWN
from chainsim.scenario.errors import Problems, shown, suggestion
from chainsim.scenario.field_types import ANYTHING, NUMBERS, FieldType
from chainsim.scenario.nodes import Node, Path, entry, found
from chainsim.scenario.yaml_reader import scalar

WORDS = {
    "too_short": "expected at least {min_length} entries, found {actual_length}",
    "too_long": "expected at most {max_length} entries, found {actual_length}",
    "frozen_field": "this cannot be changed",
    "frozen_instance": "this cannot be changed",
    "json_invalid": "this cannot be read: {error}",
    "recursion_loop": "this refers to itself",
    "set_item_not_hashable": "expected a name or number in this list",
}
"""Errors that the type of the field alone does not explain."""

QUOTES = "'"


FALL_OF_STOCKS = "; add a fall of stocks to the sales in another market of the segment"
"""The way out where a table has negative final demand."""


class Spot(NamedTuple):
    """Where an error of the schema lies in the file; `is_key` if the name before the ':' is wrong."""

    path: Path
    node: Node
    field_type: FieldType
    is_key: bool


def note_all(
    error: ValidationError, tree: Node, root: FieldType, problems: Problems, at: Path = (), missing: bool = True
) -> None:
    """Note every error of the schema with its place in the file.

    `at` is the path of `tree` in the scenario; `missing` says whether absent values are errors.
    """
    for detail in error.errors(include_url=False):
        spot = _spot(detail["loc"], tree, root, detail["type"] == "missing")
        if not _is_about_another_kind(detail["type"], spot) and (missing or detail["type"] != "missing"):
            mark = spot.node.place if spot.is_key or spot.node.is_mapping or spot.node.is_list else spot.node.mark
            tag = entry(spot.node, _discriminator(detail)) if detail["type"] == "union_tag_invalid" else None
            if tag is not None:
                problems.add(tag.mark, (*at, *spot.path, _discriminator(detail)), message(detail, spot))
                problems.doubt((*at, *spot.path))
            else:
                problems.add(mark, (*at, *spot.path), message(detail, spot), lost=not spot.is_key)


def note_ends(
    error: ValidationError, tree: Node, ends: Node, end: str, field_type: FieldType, problems: Problems, at: Path = ()
) -> None:
    """Note the errors of the ends of ranges; what else is wrong was noted with the values."""
    inner = Problems()
    note_all(error, ends, field_type, inner, missing=False)
    for problem in inner.found:
        path = tuple(problem.path.split(".")) if problem.path else ()
        node = found(tree, path)
        if node.ends is not None and end in node.ends:
            problems.add(problem.mark, (*at, *path, end), problem.message)


def message(detail: Mapping[str, Any], spot: Spot) -> str:
    """What is wrong at the spot, in words."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "missing":
        about = spot.field_type.field.description if spot.field_type.field is not None else None
        return f"missing, expected {expected(spot.field_type)}" + (f": {about}" if about else "")
    if kind in ("extra_forbidden", "no_such_attribute", "unexpected_keyword_argument"):
        return f"unknown key '{spot.path[-1] if spot.path else ''}'"
    if kind == "union_tag_invalid":
        known = [tag for tag in re.findall(r"'([^']+)'", context["expected_tags"]) if tag != OWN]
        said = f"unknown {_discriminator(detail)} '{context['tag']}'"
        return said + suggestion(context["tag"], known, most=99)
    if kind == "union_tag_not_found":
        return f"the key {_discriminator(detail)} is missing"
    if kind in ("value_error", "assertion_error"):
        return str(context.get("error", detail["msg"]))
    if spot.is_key:
        return f"expected {expected(spot.field_type)} before ':', found '{spot.path[-1]}'"
    if kind in WORDS or expected(spot.field_type) in ("a value", "nothing"):
        return schema_message(kind, detail["msg"], context)
    if kind == "literal_error" and isinstance(spot.node.value, str):
        return (
            f"expected {expected(spot.field_type)}, found '{spot.node.value}'"
            f"{suggestion(spot.node.value, spot.field_type.choices, most=0)}"
        )
    found = f"found {shown(spot.node.value)}{hint(spot.node.value, spot.field_type)}"
    negative = spot.path[-1:] == ("sales",) and kind == "greater_than_equal"
    return f"expected {expected(spot.field_type)}, {found}{FALL_OF_STOCKS if negative else ''}"


def _discriminator(detail: Mapping[str, Any]) -> str:
    """The key that says of which class a block is."""
    key = str(detail["ctx"]["discriminator"]).strip(QUOTES)
    return "type" if key.endswith("()") else key


def schema_message(kind: str, said: str, context: Mapping[str, Any]) -> str:
    """An error of the schema that knows no place, without the library's own words."""
    template = WORDS.get(kind)
    if template is not None:
        try:
            return template.format_map({key: str(part).strip(QUOTES) for key, part in context.items()})
        except KeyError:
            return template.partition("{")[0].rstrip(": ,")
    plain = said.replace("Input should be", "expected").replace("Value error, ", "").replace("Input", "the value")
    return plain[:1].lower() + plain[1:]


def hint(value: Any, field_type: FieldType) -> str:
    """How a frequent slip is put right."""
    if isinstance(value, bool) or value is None:
        return ""
    if field_type.kinds & NUMBERS and isinstance(value, str):
        return _number_hint(value)
    if "switch" in field_type.kinds and str(value).lower() in ("yes", "no", "on", "off", "0", "1", "y", "n"):
        return "; write true or false"
    if "text" in field_type.kinds and isinstance(value, int | float):
        return "; put it into quotes"
    constraints = [part for alternative in field_type.alternatives for part in alternative.constraints]
    is_share = any(getattr(part, "le", getattr(part, "lt", None)) == 1 for part in constraints)
    if is_share and isinstance(value, int | float) and 1 < value <= 100:
        return f"; {value:g} % is written {value / 100:g}"
    return ""


def _number_hint(text: str) -> str:
    bare = _with_point(text.strip().replace("_", "").replace(" ", ""))
    if bare.endswith("%") and isinstance(_read(bare[:-1]), int | float):
        return f"; write {_read(bare[:-1]) / 100:g}"
    if isinstance(_read(bare), int | float):
        return f"; write {bare} without quotes" if bare == text.strip() else f"; write {bare}"
    return ""


def _with_point(text: str) -> str:
    """A number whose commas are thousands (1,200.5) or decimals (50,5 and 1.200,5), with a point; else as it is."""
    bare = text.removesuffix("%")
    if re.fullmatch(r"[-+]?[1-9]\d{0,2}((,\d{3})+(\.\d*)?|('\d{3})+(\.\d*)?|(\.\d{3}){2,})", bare):
        return text.replace(",", "").replace("'", "") if bare.count(".") < 2 else text.replace(".", "")
    if re.fullmatch(r"[-+]?(\d+|[1-9]\d{0,2}(\.\d{3})+),\d+", bare):
        return text.replace(".", "").replace(",", ".")
    return text


def _read(text: str) -> Any:
    try:
        value = scalar(text)
    except ValueError:
        return None
    return None if isinstance(value, bool) else value


def _spot(location: Sequence[int | str], tree: Node, field_type: FieldType, is_missing: bool) -> Spot:
    """Follow the location of an error through the file, leaving out names of a union's alternatives, which lead
    nowhere."""
    path: Path = ()
    node, is_key = tree, False
    for number, part in enumerate(location):
        child = entry(node, str(part))
        if child is None and part == "[key]":
            is_key, field_type = True, (field_type.key_type or ANYTHING)
        elif child is not None:
            following = _next_type(field_type, str(part), node, location[number + 1 :])
            path, node, field_type = (*path, str(part)), child, following
        elif is_missing and number == len(location) - 1:
            following = field_type.child(str(part), node.value if node.is_mapping else None) or ANYTHING
            path, field_type = (*path, str(part)), following
    return Spot(path, node, field_type, is_key)


def _next_type(field_type: FieldType, part: str, node: Node, rest: Sequence[int | str]) -> FieldType:
    """What stands under a key; for a wrong key, the mapping itself, which knows what its keys must be."""
    if list(rest) == ["[key]"]:
        return field_type
    return field_type.child(part, node.value if node.is_mapping else None) or ANYTHING


def _is_about_another_kind(kind: str, spot: Spot) -> bool:
    """Whether a mapping or list stands where one may, and the error is that it is no number or text."""
    if not kind.endswith("_type"):
        return False
    if spot.node.is_mapping:
        return bool(spot.field_type.kinds & {"model", "mapping"}) and kind not in ("dict_type", "model_type")
    return spot.node.is_list and "list" in spot.field_type.kinds


MOST_KEYS = 5
"""Most keys of a block that a message names."""


def expected(field_type: FieldType) -> str:
    """What may stand at a place, alternatives joined by `or`."""
    kinds = [alternative for alternative in field_type.alternatives if alternative.kind != "nothing"]
    return " or ".join(dict.fromkeys(map(_of_kind, kinds))) or "nothing"


def _of_kind(field_type: FieldType) -> str:
    kind = field_type.kind
    if kind in NUMBERS:
        unit = f" ({field_type.unit})" if field_type.unit not in (None, "1") else ""
        return f"a {kind}{_bounds(field_type)}{unit}"
    if kind == "choice":
        return f"one of {', '.join(map(str, get_args(field_type.annotation)))}"
    if kind == "text":
        pattern = _constraint(field_type, "pattern")
        return "a name of letters, digits and _" if pattern else f"text{_length(field_type)}"
    if kind == "mapping":
        key, value = (*get_args(field_type.annotation), Any, Any)[:2]
        return f"a mapping of {'years' if FieldType(key).kinds & NUMBERS else 'names'} to {_plural(FieldType(value))}"
    if kind == "list":
        return f"a list of {_plural(FieldType((*get_args(field_type.annotation), Any)[0]))}"
    if kind == "model":
        keys = field_type.keys()
        return f"a block with {', '.join(keys)}" if len(keys) <= MOST_KEYS else "a block of keys"
    return "true or false" if kind == "switch" else "a value"


def _plural(field_type: FieldType) -> str:
    kinds = field_type.kinds
    if kinds & NUMBERS:
        return "numbers"
    if "text" in kinds:
        return "names" if "name" in expected(field_type) else "texts"
    return "blocks" if "model" in kinds else "values"


def _bounds(field_type: FieldType) -> str:
    low, above = _constraint(field_type, "ge"), _constraint(field_type, "gt")
    high, below = _constraint(field_type, "le"), _constraint(field_type, "lt")
    end = f"below {below:.15g}" if below is not None else f"{high:.15g}" if high is not None else None
    if above is not None:
        return f" above {above:.15g}" + (f" and {'' if below is not None else 'at most '}{end}" if end else "")
    if low is not None:
        return f" from {low:.15g} to {end}" if end else f" of at least {low:.15g}"
    return f" {'' if below is not None else 'of at most '}{end}" if end else ""


def _length(field_type: FieldType) -> str:
    longest, shortest = _constraint(field_type, "max_length"), _constraint(field_type, "min_length")
    if longest:
        return f" of {shortest} to {longest} letters" if shortest else f" of at most {longest} letters"
    return " that is not empty" if shortest else ""


def _constraint(field_type: FieldType, name: str) -> Any:
    return next((getattr(part, name) for part in field_type.constraints if getattr(part, name, None) is not None), None)
