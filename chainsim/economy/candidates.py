"""Whom a buyer sees: the table that candidates are drawn from, and what the choice among them knows.

Draws of candidates are keyed by buyer, name of the input and slot and fall on cells placed by identity, so one more
or one larger enterprise changes few draws of others: enterprises of a segment are grouped by sampling weight into
classes of factor two, and the members of a class are laid into cells by the hash of their identity.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from chainsim.economy import draws, kernels
from chainsim.economy.links import NOBODY, Links
from chainsim.economy.types import Array, Flags, Index, Records

CLASSES = 64
CLASSES_PER_OCTAVE = 2
SMALLEST_CLASS = -6
"""Size classes of the candidate table: class c holds sampling weights in 2^[(c - 6) / 2, (c - 5) / 2)."""


UPPER = 2.0 ** ((np.arange(CLASSES) + SMALLEST_CLASS + 1) / CLASSES_PER_OCTAVE)
"""Upper bound of the weights of every class, (CLASSES,)."""
PER_UPPER = 1.0 / UPPER
"""The same inverted."""

CELL_SALT = np.uint64(0x5EED)
"""What is hashed with an identity for its place among the cells."""


BATCH = 2**16
"""Links that buyers review at a time: what they see of them then fits into the cache."""


GROUP = np.dtype([("begin", float), ("end", float), ("per_upper", float), ("first", np.int64)])
"""A size class of a segment: its part of the segment's total, the bound of its weights inverted, its first cell."""
CELL = np.dtype([("share", float), ("row", np.int64)])
"""A place in a group: row and sampling weight, over the group's bound, of its enterprise; -1 and 0 where there is none.

An empty one stands behind those of every group, for numbers that rounding takes beyond its end."""


class CandidateTable(NamedTuple):
    """Where local suppliers are drawn from this year.

    `groups` (S, CLASSES) GROUP, larger classes first in the segment's total; `cells` CELL; `guide` (S, GUIDES) the
    class that holds the beginning of each of equal parts of the total; `total` (S,) upper bounds of the weights summed
    over cells; `members` rows by segment, from `member_start` (S + 1,); `name` (S,) the hash of the segment's name, by
    which its buyers draw.
    """

    cells: Records
    groups: Records
    guide: NDArray[np.uint8]
    total: Array
    members: Index
    member_start: Index
    name: NDArray[np.uint64]


class Sample(NamedTuple):
    """Local suppliers shown to the buyers of m links: a random word (m,), how many (m,) and their rows (m, places).

    Behind them stand `introduced` (m,) others, whom a matchmaker brought along.
    """

    random_word: NDArray[np.uint64]
    number: NDArray[np.int32]
    found: NDArray[np.int32]
    introduced: NDArray[np.int32]


class BuyerState(NamedTuple):
    """What buyers see of enterprises, (n,) each; `quality_factor` is the exponential of weighted quality, and
    `quality_power` its power `beyond` of `ChoiceRules`."""

    identity: NDArray[np.uint64]
    segment: Index
    park: Index
    quality_factor: Array
    quality_power: Array
    expected: Array
    attraction: Array
    spare: Array


class ChoiceRules(NamedTuple):
    """Parameters of the choice: `tolerated` and `park_factor` are exponentials of their weighted terms, `beyond` is the
    weight of quality beyond what a buyer requires, `least_room` the ratio of spare capacity to an order below which a
    supplier counts as no fuller."""

    tolerated: float
    beyond: float
    capacity_weight: float
    least_room: float
    park_factor: float


class OutsideSupply(NamedTuple):
    """Over (input, buyer segment): odds constants of local supply (S, S), pull of national and foreign (S, S, 2)."""

    home: Array
    pull: Array


class PolicyBias(NamedTuple):
    """What levers change in the choice: factor on local suppliers by buyer `bonus` (n,), share of an input that a buyer
    segment takes certified only `required` (S, S), who is `certified` (n,), part of outside suppliers that is
    `rivals_certified` (S,), factor `met_factor` (1 + p,) on suppliers whom programme `matched` (n,) of p introduces, 0
    for none, where the buyer `meets` (1 + p, n) them, whoever shows them."""

    bonus: Array
    required: Array
    certified: Array
    rivals_certified: Array
    matched: NDArray[np.int16]
    meets: Flags
    met_factor: Array
    elasticity: float


class Introductions(NamedTuple):
    """Suppliers whom p programmes introduce: at most `places` (p,) at a review, rows `pool` by programme and segment
    from `start` (p, S + 1), to the buyers who `met` (p, n) them."""

    places: Index
    pool: Index
    start: Index
    met: Flags


def batches(rows: Index, links: Links) -> Iterable[tuple[Index, int]]:
    """The buyers `rows` in parts of about `BATCH` links, and the number of links of each part."""
    number = 1 + links.supplier.size // BATCH
    for part in np.array_split(rows, number) if number > 1 else (rows,):
        yield part, int((links.start[part + 1] - links.start[part]).sum())


def parts(slots: Index) -> Iterable[Index]:
    """The links `slots` (3, L) in parts of about `BATCH`."""
    return (np.ascontiguousarray(part) for part in np.array_split(slots, 1 + slots.shape[1] // BATCH, axis=1))


def sample(
    table: CandidateTable,
    links: Links,
    slots: Index,
    identity: NDArray[np.uint64],
    key: np.uint64,
    wanted: int,
    shown: Index,
    draw: int = 0,
    introductions: Introductions | None = None,
) -> Sample:
    """Local suppliers in `wanted` draws for the links `slots` (4, m).

    Of every link its number, its buyer, the supplier in the running or below 0, and its number in the buyer's input.
    `shown` (n,) is scratch, -1 before the first use for a link. `introductions` add introduced suppliers.
    """
    made = room_for(slots.shape[1], wanted + (0 if introductions is None else int(introductions.places.sum())))
    kernels.sample_candidates(
        slots=slots,
        key=key,
        draw=draw,
        wanted=wanted,
        identity=identity,
        link_input=links.input,
        table=table,
        shown=shown,
        sample=made,
    )
    if introductions is not None:
        kernels.introduce(
            slots=slots, link_input=links.input, introductions=introductions, identity=identity, sample=made
        )
    return made


def room_for(links: int, wanted: int) -> Sample:
    """An empty sample of `links`, with room for an incumbent and `wanted` others at each."""
    return Sample(
        random_word=np.empty(links, dtype=np.uint64),
        number=np.empty(links, dtype=np.int32),
        found=np.full((links, wanted + 1), NOBODY, dtype=np.int32),
        introduced=np.zeros(links, dtype=np.int32),
    )


def candidate_table(
    segment: Index, identity: NDArray[np.uint64], rows: Index, weight: Array, names: Sequence[str]
) -> CandidateTable:
    """Lay the enterprises `rows`, by segment and identity, into classes and cells by sampling weight `weight` (n,).

    `names` are those of all segments.
    """
    segments = len(names)
    exponent = np.floor(CLASSES_PER_OCTAVE * np.log2(weight[rows])) - SMALLEST_CLASS
    exponent = np.minimum(np.maximum(exponent, 0), CLASSES - 1)
    own, group = segment[rows], np.zeros(segment.size, dtype=np.int64)
    group[rows] = own_group = own * CLASSES + exponent.astype(np.int64)
    length = table_sizes(np.bincount(own_group, minlength=segments * CLASSES))
    groups = kernels.records(size_classes(length, segments))
    cells = kernels.records(np.zeros(int(length.sum() + np.count_nonzero(length)), dtype=CELL))
    cells["row"] = -1
    kernels.place_members(rows, group, identity, CELL_SALT, weight, length, groups, cells)
    groups = groups.reshape(segments, CLASSES)
    total = groups["end"][:, 0].copy()
    member_start = np.searchsorted(own, np.arange(segments + 1))
    return CandidateTable(cells, groups, guides(groups, total), total, rows, member_start, draws.hashed(names))


def size_classes(length: Index, segments: int) -> Records:
    """The groups (G,) GROUP of tables with `length` (G,) cells."""
    length = length.reshape(segments, CLASSES)
    weight, cells = length * UPPER, length + (length > 0)
    end = np.cumsum(weight[:, ::-1], axis=1)[:, ::-1]
    groups = np.empty(length.shape, dtype=GROUP)
    groups["begin"], groups["end"], groups["per_upper"] = end - weight, end, PER_UPPER
    groups["first"] = np.cumsum(cells).reshape(cells.shape) - cells
    return groups.reshape(-1)


def table_sizes(number: Index) -> Index:
    """Cells for groups of `number` members, (G,): the next of 1, 2, 3, 4, 6, 8, 12, ... with a tenth to spare.

    Few sizes, because members move when the size of their group's table changes.
    """
    most = int(number.max(initial=0))
    return sizes_up_to(1 << most.bit_length())[number]


@lru_cache(maxsize=64)
def sizes_up_to(most: int) -> Index:
    """Cells of groups of 0, 1, 2, ... up to `most` members, (most + 1,); not to be written to."""
    number = np.arange(most + 1)
    wanted = np.where(number > 1, 1.1 * number, number)
    power = 2.0 ** np.ceil(np.log2(np.maximum(wanted, 1.0)))
    sizes = np.where(number > 0, np.where(0.75 * power >= wanted, 0.75 * power, power), 0).astype(np.int64)
    sizes.flags.writeable = False
    return sizes


def guides(groups: Records, total: Array) -> NDArray[np.uint8]:
    """Group that holds the beginning of each of `GUIDES` equal parts of a segment's total, (S, GUIDES)."""
    found = np.empty((total.size, kernels.GUIDES), dtype=np.uint8)
    kernels.guide(np.ascontiguousarray(groups["end"]), total, found)
    return found


def peers(
    identity: NDArray[np.uint64],
    segment: Index,
    rows: Index,
    key: np.uint64,
    wanted: Index,
    u: Array,
) -> Index:
    """An enterprise of each `wanted` segment (m,) among `rows`, drawn by `u` (m,); -1 where the segment has none.

    Enterprises stand on a circle at a place hashed from identity and key, and the draw takes the next one: a newcomer
    takes over some draws of one neighbour and leaves the others alone. Over the years all are equally likely.
    """
    found = np.empty(u.size, dtype=np.int64)
    kernels.next_on_circle(identity, segment, rows, key, wanted, wanted + u, found)
    return found
