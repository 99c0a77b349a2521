"""What is expected at a place, in plain words: `a number from 0 to 1`, `a list of names`, `one of state, private`."""

from __future__ import annotations

from typing import Any, get_args

from chainsim.scenario.field_types import NUMBERS, Place

MOST_KEYS = 5
"""Most keys of a block that a message names."""


def expected(place: Place) -> str:
    """What may stand at a place, alternatives joined by `or`."""
    kinds = [alternative for alternative in place.alternatives if alternative.kind != "nothing"]
    return " or ".join(dict.fromkeys(map(_of_kind, kinds))) or "nothing"


def _of_kind(place: Place) -> str:
    kind = place.kind
    if kind in NUMBERS:
        unit = f" ({place.unit})" if place.unit not in (None, "1") else ""
        return f"a {kind}{_bounds(place)}{unit}"
    if kind == "choice":
        return f"one of {', '.join(map(str, get_args(place.annotation)))}"
    if kind == "text":
        pattern = _constraint(place, "pattern")
        return "a name of letters, digits and _" if pattern else f"text{_length(place)}"
    if kind == "mapping":
        key, value = (*get_args(place.annotation), Any, Any)[:2]
        return f"a mapping of {'years' if Place(key).kinds & NUMBERS else 'names'} to {_plural(Place(value))}"
    if kind == "list":
        return f"a list of {_plural(Place((*get_args(place.annotation), Any)[0]))}"
    if kind == "model":
        keys = place.keys()
        return f"a block with {', '.join(keys)}" if len(keys) <= MOST_KEYS else "a block of keys"
    return "true or false" if kind == "switch" else "a value"


def _plural(place: Place) -> str:
    kinds = place.kinds
    if kinds & NUMBERS:
        return "numbers"
    if "text" in kinds:
        return "names" if "name" in expected(place) else "texts"
    return "blocks" if "model" in kinds else "values"


def _bounds(place: Place) -> str:
    low, above = _constraint(place, "ge"), _constraint(place, "gt")
    high, below = _constraint(place, "le"), _constraint(place, "lt")
    end = f"below {below:.15g}" if below is not None else f"{high:.15g}" if high is not None else None
    if above is not None:
        return f" above {above:.15g}" + (f" and {'' if below is not None else 'at most '}{end}" if end else "")
    if low is not None:
        return f" from {low:.15g} to {end}" if end else f" of at least {low:.15g}"
    return f" {'' if below is not None else 'of at most '}{end}" if end else ""


def _length(place: Place) -> str:
    longest = _constraint(place, "max_length")
    return f" of at most {longest} letters" if longest else ""


def _constraint(place: Place, name: str) -> Any:
    return next((getattr(part, name) for part in place.constraints if getattr(part, name, None) is not None), None)
