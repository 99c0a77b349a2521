"""Why a supply link is local in one world of a pair and not in the other: the review that set them apart, and by what.

Every link that both worlds have carries its causes, which add up to 1 where it is local with the policy only, to -1
where it is local in the baseline only, and to 0 where both or neither are. They are set when the link is reviewed:

    both worlds review    what each channel adds to the choice, `kernels.replay`; what the present supplier gains by
                          being known from an earlier choice goes to the causes of that choice
    one world reviews     its supplier has closed: exit; it delivers less: room; supply from outside is cut: terms; a
                          missing link has got its first plant, so buyers look again: arrivals

and they stay until a world reviews it again. What is left is `rest`: enterprises that are seen in one world only since
sizes or earlier choices differ.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from chainsim.economy import kernels
from chainsim.economy.candidates import Sample
from chainsim.economy.economy import Economy
from chainsim.economy.links import ARRIVALS, EXIT, NOBODY, REST, ROOM, TERMS, Links, ranges
from chainsim.economy.types import Array, Flags, Index
from chainsim.stages.sourcing import Judged, Reviewed, Sourcing

CAUSES = ("price", "quality", "room", "terms", "entry", "exit", "arrivals", "rest")
"""Channels by which a choice can differ, in the order of their codes in `links`."""
Worlds = tuple[Economy, Economy]
"""Baseline and policy of a pair."""
HALF = 0.5
"""Causes add up to -1, 0 or 1 but for rounding."""


class Common(NamedTuple):
    """Enterprises in business in both worlds and what makes others absent.

    `rows` (2, c) of those in both, by identity (c,); by world the `twin` (n,) in the other world or -1, and why an
    enterprise is `absent` there (n,), a channel.
    """

    identity: NDArray[np.uint64]
    rows: Index
    twin: tuple[Index, Index]
    absent: tuple[Index, Index]


class SharedLinks(NamedTuple):
    """Links of the chain's buyers that both worlds have: numbers `at` (2, L) in each, by buyer `identity` (b,) with
    `length` (b,) each."""

    identity: NDArray[np.uint64]
    length: Index
    at: Index


class Side(NamedTuple):
    """One world's reviews of a year as `kernels.replay` reads them: samples by review, terms in logs by enterprise.

    Terms that belong together in the choice stand apart here, each by its channel.
    """

    slots: Index
    random_word: NDArray[np.uint64]
    number: NDArray[np.int32]
    found: NDArray[np.int32]
    introduced: NDArray[np.int32]
    identity: NDArray[np.uint64]
    segment: NDArray[np.int32]
    park: NDArray[np.int32]
    log_quality: Array
    expected: Array
    price: Array
    delivery: Array
    spare: Array
    home: Array
    outside: Array
    bonus: Array
    required: Array
    certified: Array
    rivals_certified: Array
    matched: NDArray[np.int16]
    meets: Flags
    met_bonus: Array
    tolerated: float
    beyond: float
    capacity_weight: float
    least_room: float
    park_bonus: float
    coefficient: Array
    link_input: NDArray[np.int32]
    twin: Index
    absent: Index


class LinkCauses:
    """The causes of all links of a pair; `before` is called ahead of the year's review of links, `after` behind it.

    `links` are those of both worlds at the last review. Few differ: the causes by channel of those that do are rows of
    a `table` (k, 8), `cause_of` (L,) is the row of every link, 0 for one without any.
    """

    def __init__(self, base: Economy, policy: Economy) -> None:
        self.worlds = (base, policy)
        self.links = SharedLinks(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64), np.zeros((2, 0), np.int64))
        self.table, self.cause_of = np.zeros((1, len(CAUSES))), np.zeros(0, dtype=np.int64)
        self.before()

    def before(self) -> None:
        """Keep the suppliers ahead of the review, and let the worlds keep what they review."""
        self.suppliers = tuple(world.links.supplier.copy() for world in self.worlds)
        for world in self.worlds:
            world.reviews = []

    def pass_on(self, common: Common) -> None:
        """Go on with the causes as they are: the worlds have done the same this year."""
        links = shared_links(self.worlds, common)
        self.links, self.cause_of = links, carried(self.links, self.cause_of, links)
        for world in self.worlds:
            world.reviews = None

    def after(self, common: Common) -> None:
        """Set the causes of the links that a world has reviewed."""
        links = shared_links(self.worlds, common)
        cause_of, apart = carried(self.links, self.cause_of, links), self._apart(links)
        reviews = [review_of(world, kept) for world, kept in zip(self.worlds, self.suppliers, strict=True)]
        sides = [
            side_of(world, review, common, number)
            for number, (world, review) in enumerate(zip(self.worlds, reviews, strict=True))
        ]
        places = np.stack([places_of(side, at) for side, at in zip(sides, links.at, strict=True)])
        reviewed = (places[0] >= 0) | (places[1] >= 0)
        told = np.flatnonzero(reviewed | (cause_of > 0) | (apart != 0.0))  # a fifth of all links
        cause, new = self.table[cause_of[told]], reviewed[told]
        here = told[new]
        cause[new] = self._renewed(cause[new], apart[here], links.at[:, here], sides, places[:, here])
        cause[:, REST] += apart[told] - cause.sum(axis=1)
        kept = cause.any(axis=1)
        self.links, self.table = links, np.concatenate((self.table[:1], cause[kept]))
        self.cause_of = np.zeros(apart.size, dtype=np.int64)
        self.cause_of[told[kept]] = np.arange(1, len(self.table))

    def _renewed(self, earlier: Array, apart: Array, at: Index, sides: Sequence[Side], places: Index) -> Array:
        """Causes (m, 8) of the links `at` (2, m), which a world or both have reviewed at `places` (2, m)."""
        cause, had = earlier.copy(), earlier.sum(axis=1)
        both, reason = (places >= 0).all(axis=0), self._reasons(at, places[1] >= 0)
        cause[both] = replayed(sides, places[:, both])
        alone = ~both & (np.abs(apart - had) > HALF)
        cause[alone] = 0.0
        cause[alone, reason[alone]] = apart[alone]
        handed_down = (both | alone) & (reason == REST) & (np.abs(had) > HALF)
        cause[handed_down] = inherited(cause[handed_down], earlier[handed_down])
        return cause

    def _apart(self, links: SharedLinks) -> Array:
        """1 where a link is local with the policy only, -1 where in the baseline only, (L,)."""
        local = [world.links.supplier[at] >= 0 for world, at in zip(self.worlds, links.at, strict=True)]
        return local[1].astype(float) - local[0]

    def _reasons(self, at: Index, by_policy: Flags) -> Index:
        """Why one world alone reviews links `at` (2, m), (m,), a channel; `rest` where the suppliers differ already."""
        names, closed = [], []
        for world, kept, here in zip(self.worlds, self.suppliers, at, strict=True):
            supplier = kept[here]
            outside = supplier.astype(np.int64).view(np.uint64)  # codes below 0 become numbers that no identity has
            names.append(np.where(supplier >= 0, world.identity[np.maximum(supplier, 0)], outside))
            closed.append(supplier <= NOBODY)
        left = np.where(by_policy, closed[1] & ~closed[0], closed[0] & ~closed[1])
        alike, local = names[0] == names[1], self.suppliers[0][at[0]] >= 0
        bought = self.worlds[0].links.input[at[0]]
        opened = np.not_equal(*(world.first_plant for world in self.worlds))[bought]
        of_outside = np.where(opened, ARRIVALS, TERMS)
        return np.where(left, EXIT, np.where(alike, np.where(local, ROOM, of_outside), REST))


def inherited(cause: Array, earlier: Array) -> Array:
    """Causes (m, 8) whose rest has gone to `earlier` causes (m, 8), which add up to 1 or -1."""
    rest, cause = cause[:, [REST]].copy(), cause.copy()
    cause[:, REST] = 0.0
    return np.asarray(cause + rest * earlier / earlier.sum(axis=1, keepdims=True), dtype=float)


def chain_buyers(world: Economy) -> Index:
    """Rows of the enterprises of the chain in business: users of its products do not count in its localization."""
    return np.flatnonzero(world.active & world.arrays.chain[world.segment])


def shared_links(worlds: Worlds, common: Common) -> SharedLinks:
    """The links of buyers of the chain that are in both worlds and have the same number there."""
    of_chain = worlds[0].arrays.chain[worlds[0].segment[common.rows[0]]]
    identity, rows = common.identity[of_chain], common.rows[:, of_chain]
    starts = [world.links.start for world in worlds]
    first = [start[row] for start, row in zip(starts, rows, strict=True)]
    length = [start[row + 1] - start[row] for start, row in zip(starts, rows, strict=True)]
    alike = length[0] == length[1]
    at = np.stack([ranges(begin[alike], length[0][alike]) for begin in first])
    return SharedLinks(identity[alike], length[0][alike], at)


def carried(old: SharedLinks, cause_of: Index, new: SharedLinks) -> Index:
    """The rows of causes of the `new` links as they were at the last review, (L,)."""
    if np.array_equal(old.identity, new.identity) and np.array_equal(old.length, new.length):
        return cause_of
    found = np.zeros(new.at.shape[1], dtype=np.int64)
    if not old.identity.size:
        return found
    place = np.minimum(np.searchsorted(old.identity, new.identity), old.identity.size - 1)
    same = (old.identity[place] == new.identity) & (old.length[place] == new.length)
    before = np.zeros(old.identity.size, dtype=bool)
    before[place[same]] = True
    found[np.repeat(same, new.length)] = cause_of[np.repeat(before, old.length)]
    return found


Review = tuple[Reviewed, Sample, Judged]
"""Links reviewed, what their buyers saw, and what they knew of it."""


def review_of(world: Economy, suppliers: NDArray[np.int32]) -> list[Review]:
    """The year's reviews of a world, in parts: as the world kept them.

    A choice of one's own keeps none: they are drawn again, of a world whose suppliers were these (L,) ahead of it.
    """
    kept, world.reviews = world.reviews, None
    sourcing = cast(Sourcing, world.stages.sourcing)
    if kept or not sourcing.enabled:
        return kept or []
    links, earlier = world.links, copy.copy(world)
    earlier.links = Links(links.start, links.input, suppliers, links.coefficient)
    known = sourcing.judged(world)
    return [(*part, known) for part in sourcing.shown(earlier, chain_buyers(world))]


def side_of(world: Economy, review: Sequence[Review], common: Common, number: int) -> Side:
    """A world's reviews as the replay reads them; `number` is 0 for the baseline, 1 for the policy."""
    rules = cast(Sourcing, world.stages.sourcing)
    known = review[0][2] if review else rules.judged(world)
    with np.errstate(divide="ignore"):  # what nobody would choose has a logarithm of -inf
        price, home, outside = rules.price_term(world), np.log(known.outside.home), np.log(known.outside.pull)
        pull, bonus = np.log(known.seen.attraction), np.log(known.bias.bonus)
    return Side(
        slots=np.concatenate([np.zeros((4, 0), dtype=np.int64), *(part.slots for part, *_ in review)], axis=1),
        random_word=joined([sample.random_word for _, sample, _ in review], np.uint64),
        number=joined([sample.number for _, sample, _ in review], np.int32),
        found=np.concatenate([sample.found for _, sample, _ in review]) if review else np.zeros((0, 0), dtype=np.int32),
        introduced=joined([sample.introduced for _, sample, _ in review], np.int32),
        identity=world.identity,
        segment=world.segment,
        park=world.park,
        log_quality=np.log(known.seen.quality_factor),
        expected=known.seen.expected,
        price=price,
        delivery=pull - price,
        spare=known.seen.spare,
        home=home,
        outside=outside,
        bonus=bonus,
        required=known.bias.required,
        certified=known.bias.certified,
        rivals_certified=known.bias.rivals_certified,
        matched=known.bias.matched,
        meets=known.bias.meets,
        met_bonus=np.log(known.bias.met_factor),
        tolerated=float(np.log(known.rules.tolerated)),
        beyond=known.rules.beyond,
        capacity_weight=known.rules.capacity_weight,
        least_room=known.rules.least_room,
        park_bonus=float(np.log(known.rules.park_factor)),
        coefficient=world.links.coefficient,
        link_input=world.links.input,
        twin=common.twin[number],
        absent=common.absent[number],
    )


def joined(parts: Sequence[NDArray[Any]], dtype: Any) -> NDArray[Any]:
    """The parts of an array, one after the other."""
    return np.concatenate([np.zeros(0, dtype=dtype), *parts])


def places_of(side: Side, at: Index) -> Index:
    """Place of the links `at` (L,) among the reviews of a world, -1 where one is not reviewed, (L,)."""
    place = np.full(side.link_input.size, -1, dtype=np.int64)
    place[side.slots[0]] = np.arange(side.slots.shape[1])
    return place[at]


def replayed(sides: Sequence[Side], places: Index) -> Array:
    """What each channel adds to the choice of a local supplier in reviews of both worlds, `places` (2, m), (m, 8)."""
    shares = np.zeros((places.shape[1], len(CAUSES)))
    kernels.replay(ours=sides[0], theirs=sides[1], at_ours=places[0], at_theirs=places[1], shares=shares)
    return shares
