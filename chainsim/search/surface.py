"""The response surface of a policy: effects as polynomials in the settings of its levers, one a seed, and its errors.

A setting stands at a position u from 0 to 1 in its range. The strength of a lever begins at 0, where the lever is off;
the other settings of a lever (its years, say) change what its strength s does. Effects are paired, so that there is
none where all levers are off, and every term has a strength for a factor:

    f(u) = sum b_i s_i + sum c_ik s_i s_k + sum s_i (d_ij v_j + e_ijl v_j v_l),   v = 2 u - 1, j and l of the lever of i

Coefficients are held back by a penalty, by outcome the one that serves best at runs left out of the fit: little where
effects are plain, much where all is luck; what a lever does by itself is held back less than bends and what levers do
together. Each seed has coefficients of its own, so that the spread between seeds is luck (with worlds: luck and
numbers). How far the mean may be off besides is told by runs left out, and grows where few runs are near:

    error(u)^2 = s2 f(u)' G f(u) + near(u) m2,   near(u) = min(sum s_i / .1, 1),   G = (F' F + penalties)^-1

s2 is the variance of runs about the fit, m2 the square of the error at runs left out, both of means over seeds with
their luck taken out: what luck does to the fit is in the spread between seeds already, and would count twice.

Source: Hoerl and Kennard (1970) for the penalty, Golub, Heath and Wahba (1979) for its choice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np

from chainsim.economy.types import Array, Flags, Index

PENALTIES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
"""Penalties of terms that are tried, where a position of 1 counts 1."""
ALONE = 0.1
"""Penalty of what a strength does in proportion, over that of other terms."""
CHANCE = 0.90
"""Chance with which an interval holds what it is for."""
NORMAL90 = 1.6448536269514722
FADING = 0.1
"""Sum of strengths, in ranges, below which what is not known fades: levers often do most at their first part."""
OUTSIDE = 1e-9
"""Distance beyond a range, in ranges, that rounding explains."""
Role = Literal["strength", "extent", "start", "stop"]


class OutsideBox(ValueError):
    """Settings lie where no runs were made, so that the surface says nothing."""


@dataclass(frozen=True)
class Setting:
    """A number of a lever that is moved: dotted path, lever, role, and the range in which runs were made.

    The first and the last year of a lever (`start`, `stop`) are two settings of one path.
    """

    path: str
    lever: str
    role: Role
    low: float
    high: float
    whole: bool = False
    unit: str = ""

    @property
    def name(self) -> str:
        """What tells it from other settings: the path, of years with `start` or `stop`."""
        return f"{self.path}.{self.role}" if self.role in ("start", "stop") else self.path

    def at(self, positions: Array) -> Array:
        """Values at positions, whole numbers whole."""
        values = self.low + np.asarray(positions, dtype=np.float64) * (self.high - self.low)
        return np.round(values) if self.whole else values

    def position(self, values: Array) -> Array:
        """Positions of values."""
        return (np.asarray(values, dtype=np.float64) - self.low) / (self.high - self.low)


Term = tuple[int, ...]
"""Numbers of the settings that are multiplied: a strength as it stands, any other as 2 u - 1."""


def terms_of(settings: Sequence[Setting]) -> tuple[Term, ...]:
    """The terms of a surface: every one has the strength of a lever for a factor."""
    strengths = [number for number, setting in enumerate(settings) if setting.role == "strength"]
    found: list[Term] = [(number,) for number in strengths]
    found += [(one, other) for place, one in enumerate(strengths) for other in strengths[place:]]
    for strength in strengths:
        own = [
            number
            for number, setting in enumerate(settings)
            if setting.role != "strength" and setting.lever == settings[strength].lever
        ]
        found += [(strength, number) for number in own]
        found += [(strength, one, other) for place, one in enumerate(own) for other in own[place:]]
    return tuple(found)


def features(settings: Sequence[Setting], terms: Sequence[Term], positions: Array) -> Array:
    """The terms at positions (m, d), (m, q)."""
    positions = np.atleast_2d(positions)
    strength = np.array([setting.role == "strength" for setting in settings])
    factors = np.where(strength, positions, 2.0 * positions - 1.0)
    return np.column_stack([np.prod(factors[:, term], axis=1) for term in map(list, terms)])


def near(strengths: Array) -> Array:
    """How far there is a policy at all, (m,): 0 where no lever is in force, 1 from a tenth of a range on."""
    return np.asarray(np.minimum(strengths.sum(axis=1) / FADING, 1.0))


def held_back(design: Array, terms: Sequence[Term], penalty: float) -> Array:
    """Inverse of the moment matrix of a design (n, q) with a penalty on its terms, (q, q)."""
    penalties = np.where([len(term) == 1 for term in terms], ALONE, 1.0) * penalty
    return np.asarray(np.linalg.inv(design.T @ design + np.diag(penalties)))


class Prediction(NamedTuple):
    """Effects at m settings on k outcomes, each (m, k): the mean, and how far it may be off.

    `luck` is half the width of the interval that seeds (with worlds: numbers and seeds) leave, not a number with one
    of them; `error` half the width that the fit leaves and what a polynomial cannot follow.
    """

    mean: Array
    luck: Array
    error: Array

    @property
    def reach(self) -> Array:
        """Half the width of the interval of both."""
        return np.sqrt(self.luck**2 + self.error**2)

    @property
    def low(self) -> Array:
        """Lower end of the interval of both."""
        return self.mean - self.reach

    @property
    def high(self) -> Array:
        """Upper end of the interval of both."""
        return self.mean + self.reach


@dataclass(frozen=True)
class Surface:
    """A response surface through zero.

    coefficients (S, q, k), one set a seed; `worlds` (S,) the world of every seed, each seed its own where numbers are
    as stated; grams (L, q, q) of the penalties that are used; by outcome (k,): level, which of them, noise, variance of
    a run (of its mean over worlds) about the fit, error, root mean square at runs left out, their luck taken out, and
    r2, the part of the variance over the box that is explained there.
    """

    settings: tuple[Setting, ...]
    outcomes: tuple[str, ...]
    coefficients: Array
    worlds: Index
    grams: Array
    level: Index
    noise: Array
    error: Array
    r2: Array

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """What the coefficients multiply."""
        return terms_of(self.settings)

    def features(self, positions: Array) -> Array:
        """The terms at positions (m, d), (m, q)."""
        return features(self.settings, self.terms, positions)

    def positions(self, values: Mapping[str, Any]) -> Array:
        """Positions of settings by name, numbers or arrays (m,), (m, d); a strength that is not named is 0.

        *Raises* OutsideBox where a value lies outside its range; ValueError where a name is unknown, or another setting
        than a strength is missing.
        """
        known = {setting.name: setting for setting in self.settings}
        unknown = [name for name in values if name not in known]
        if unknown:
            raise ValueError(f"no setting '{unknown[0]}'; there are {', '.join(known)}")
        missing = [name for name, setting in known.items() if name not in values and setting.role != "strength"]
        if missing:
            raise ValueError(f"{missing[0]} is not stated; it may be {ends(known[missing[0]])}")
        given = [np.atleast_1d(np.asarray(values.get(name, 0.0), dtype=np.float64)) for name in known]
        stated = np.column_stack(np.broadcast_arrays(*given))
        self.refuse_outside(stated)
        return np.column_stack([setting.position(stated[:, number]) for number, setting in enumerate(self.settings)])

    def refuse_outside(self, stated: Array) -> None:
        """*Raises* OutsideBox where values (m, d) lie where no runs were made."""
        for number, setting in enumerate(self.settings):
            place = setting.position(stated[:, number])
            beyond = ~((place >= -OUTSIDE) & (place <= 1.0 + OUTSIDE))
            if beyond.any():
                found = stated[np.flatnonzero(beyond)[0], number]
                raise OutsideBox(f"{setting.name} = {found:.6g} lies outside what was tried, {ends(setting)}")

    def each(self, positions: Array) -> Array:
        """Effects by seed, (S, m, k)."""
        return np.asarray(self.features(positions) @ self.coefficients)

    def mean(self, positions: Array) -> Array:
        """Effects, mean over worlds, (m, k)."""
        return self.features(positions) @ self.world_coefficients.mean(axis=0)

    @cached_property
    def world_coefficients(self) -> Array:
        """Coefficients by world, mean over its seeds, (W, q, k)."""
        return np.stack([self.coefficients[self.worlds == world].mean(axis=0) for world in np.unique(self.worlds)])

    def by_world(self, positions: Array) -> Array:
        """Effects by world, (W, m, k)."""
        return np.asarray(self.features(positions) @ self.world_coefficients)

    @cached_property
    def strengths(self) -> Flags:
        """Whether a setting is the strength of a lever, (d,)."""
        return np.array([setting.role == "strength" for setting in self.settings])

    def variance(self, positions: Array) -> Array:
        """How far the mean may be off at positions (m, d), luck between seeds apart: its variance, (m, k)."""
        found = self.features(positions)
        fits = np.column_stack([((found @ gram) * found).sum(axis=1) for gram in self.grams])
        near_any = near(np.atleast_2d(positions)[:, self.strengths])[:, None]
        return np.asarray(fits[:, self.level] * self.noise + near_any * self.error**2)

    def predict(self, positions: Array) -> Prediction:
        """Effects at positions (m, d) with their intervals: Student's t over worlds or seeds, and the error."""
        found = self.by_world(positions)
        mean, number = found.mean(axis=0), len(found)
        luck = np.full_like(mean, np.nan) if number < 2 else student(number) * found.std(axis=0, ddof=1)
        return Prediction(mean, luck / np.sqrt(number), NORMAL90 * np.sqrt(self.variance(positions)))

    def to_dict(self) -> dict[str, Any]:
        """The surface as plain data, numbers to the last bit; `terms` is for those who read it elsewhere."""
        return {
            "settings": [asdict(setting) for setting in self.settings],
            "outcomes": list(self.outcomes),
            "terms": [list(term) for term in self.terms],
            "coefficients": self.coefficients.tolist(),
            "worlds": self.worlds.tolist(),
            "grams": self.grams.tolist(),
            "level": self.level.tolist(),
            "noise": self.noise.tolist(),
            "error": self.error.tolist(),
            "r2": self.r2.tolist(),
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Surface:
        """The surface of plain data. *Raises* ValueError where its terms are not those of its settings."""
        settings = tuple(Setting(**each) for each in plain["settings"])
        if [list(term) for term in terms_of(settings)] != plain["terms"]:
            raise ValueError("the terms are not those of the settings; another version made this surface")
        named = ("coefficients", "grams", "noise", "error", "r2")
        coefficients, grams, noise, error, r2 = (np.array(plain[name], dtype=np.float64) for name in named)
        worlds, level = (np.array(plain[name], dtype=np.int64) for name in ("worlds", "level"))
        return cls(settings, tuple(plain["outcomes"]), coefficients, worlds, grams, level, noise, error, r2)


def fitted(
    settings: Sequence[Setting],
    outcomes: Sequence[str],
    positions: Array,
    effects: Array,
    worlds: Sequence[int] | None = None,
) -> Surface:
    """The surface of paired effects (S, n, k) at positions (n, d), with the world of every seed where there are any.

    *Raises* ValueError where there are fewer runs of a seed than terms.
    """
    terms = terms_of(settings)
    design = features(settings, terms, positions)
    if len(design) <= len(terms):
        raise ValueError(f"{len(design)} points carry no surface of {len(terms)} terms; more points, or fewer settings")
    own = np.arange(len(effects)) if worlds is None else np.asarray(worlds, dtype=np.int64)
    each = np.stack([effects[own == world].mean(axis=0) for world in np.unique(own)])
    grams = np.stack([held_back(design, terms, penalty) for penalty in PENALTIES])
    best = np.stack([(left_out(design, gram, each.mean(axis=0)) ** 2).mean(axis=0) for gram in grams]).argmin(axis=0)
    used, level = np.unique(best, return_inverse=True)
    coefficients = np.stack([grams[number] @ design.T @ effects[..., k].T for k, number in enumerate(best)], axis=-1)
    off = np.stack([left_out(design, grams[number], each[..., k].T) for k, number in enumerate(best)], axis=-1)
    kept = np.column_stack([1.0 - np.einsum("nq,qr,nr->n", design, grams[number], design) for number in best])
    square = off.mean(axis=1) ** 2
    beyond = square - (off.var(axis=1, ddof=1) / len(each) if len(each) > 1 else 0.0)
    error, r2 = np.sqrt(np.maximum(beyond.mean(axis=0), 0.0)), explained(square.mean(axis=0), each)
    noise = np.maximum((beyond * kept).mean(axis=0), 0.0)
    numbers = coefficients.transpose(1, 0, 2), own, grams[used], level, noise, error, r2
    return Surface(tuple(settings), tuple(outcomes), *numbers)


def left_out(design: Array, gram: Array, effects: Array) -> Array:
    """Errors at runs (n, m) of a design (n, q), each of a fit to all others."""
    fits = design @ gram
    return np.asarray((effects - fits @ (design.T @ effects)) / (1.0 - (fits * design).sum(axis=1))[:, None])


def explained(square: Array, each: Array) -> Array:
    """Part of the variance of effects (W, n, k) over runs, their mean over worlds, that a mean square (k,) leaves."""
    spread = each.mean(axis=0).var(axis=0)
    return np.asarray(1.0 - np.divide(square, spread, out=np.full(len(spread), np.nan), where=spread > 0))


def student(number: int, chance: float = CHANCE) -> float:
    """Standard errors of a mean over so many draws to either side that hold it with the chance (Student 1908)."""
    from scipy.special import stdtrit

    return float(stdtrit(number - 1, 0.5 + chance / 2))


def ends(setting: Setting) -> str:
    """The range of a setting in words."""
    return f"{setting.low:.6g} to {setting.high:.6g}"


def levers_of(surface: Surface) -> list[str]:
    """Levers in the order of their settings."""
    return list(dict.fromkeys(setting.lever for setting in surface.settings))


def shares(surface: Surface, positions: Array) -> Array:
    """What each lever adds to portfolios at positions (m, d), by world, (W, m, levers, k): Shapley's value.

    Of every term the levers that make it get an equal share, so that twins, alike in settings and coefficients, get the
    same whatever their order, and shares add up to the effect.
    """
    levers = levers_of(surface)
    split = np.zeros((len(surface.terms), len(levers)))
    for number, term in enumerate(surface.terms):
        own = sorted({levers.index(surface.settings[place].lever) for place in term})
        split[number, own] = 1.0 / len(own)
    return np.einsum("mq,ql,wqk->wmlk", surface.features(positions), split, surface.world_coefficients)


def losses(surface: Surface, positions: Array) -> Array:
    """What portfolios lose without each lever, with all that it does together with others, (W, m, levers, k)."""
    whole = surface.by_world(positions)
    found = []
    for lever in levers_of(surface):
        off = [setting.lever == lever and setting.role == "strength" for setting in surface.settings]
        found.append(whole - surface.by_world(np.where(off, 0.0, positions)))
    return np.stack(found, axis=2)
