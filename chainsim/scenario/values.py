"""A number with its plausible range and where it comes from: `{value: 3, low: 1.5, high: 5, source: E13}`."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal, get_args

Status = Literal["sourced", "derived", "assumption"]
STATUSES: tuple[str, ...] = get_args(Status)


@dataclass(frozen=True, slots=True)
class Sourced:
    """What a scenario says about a number.

    `status` tells a fact as it stands (sourced), a stated formula on facts (derived) and a judgement (assumption) apart.
    """

    value: float
    low: float | None = None
    high: float | None = None
    source: str | None = None
    unit: str | None = None
    status: str | None = None
    note: str | None = None


PROVENANCE = frozenset(field.name for field in fields(Sourced))
"""Keys of a number that is written as a mapping."""
