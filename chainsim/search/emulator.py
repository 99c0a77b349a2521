"""An emulator: paired effects on every indicator and year as functions of the settings of a policy's levers.

Mean effects are polynomials through zero (`surface`), one for every indicator and year. Beside the mean stand

    error   how far the mean may be off: error of the fit, and what a polynomial cannot follow (`Surface.variance`)
    luck    how far one pair of runs lies from the mean: the error, and near(u) (a_0 + sum a_i s_i), all a >= 0
    whole   with worlds, the same with the numbers that worlds draw

as half widths of 90 % intervals; near(u) takes all of them to zero where no lever is in force (`surface.near`).
Nothing outside the box in which pairs were run is answered. A file of it is JSON that names its own SHA-256.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from chainsim.economy.parameters import names_its_money
from chainsim.economy.types import Array
from chainsim.runs.certified import OTHER_BYTES, Damaged, read_regular
from chainsim.runs.output_folder import replace_file
from chainsim.runs.provenance import SEAL, seal
from chainsim.scenario.errors import Mark, Problem, ScenarioError
from chainsim.search.emulator_runs import Series
from chainsim.search.surface import NORMAL90, Surface, near

FORMAT = "chainsim emulator 2"
DIGITS = 10
"""Digits of the numbers of a file: what JavaScript and Python read alike."""


class Answer(NamedTuple):
    """Effects at m settings on k outcomes, each (m, k): the mean, and half widths of 90 % intervals.

    `whole` is `luck` where numbers are as stated.
    """

    mean: Array
    error: Array
    luck: Array
    whole: Array


@names_its_money(lambda emulator: emulator.money)
@dataclass(frozen=True)
class Emulator:
    """An emulator of the outcomes of all `series`, one after the other, k in all.

    surface, of mean effects; base (k,), the mean level of the baseline; luck and whole (p, k), variances of a pair by
    basis; checks, how it stood up to pairs left out of the fit and to fresh ones, a row a series; `about` is
    what a page says of the policy.
    """

    surface: Surface
    series: tuple[Series, ...]
    base: Array
    luck: Array
    whole: Array | None
    checks: tuple[Mapping[str, Any], ...]
    about: Mapping[str, Any]

    @cached_property
    def money(self) -> str:
        """What it counts in, such as `EUR million`."""
        return str(self.about["money"])

    @cached_property
    def first(self) -> list[int]:
        """Where each series begins among the outcomes."""
        return np.cumsum([0, *(each.years for each in self.series)]).tolist()

    def answer(self, positions: Array) -> Answer:
        """Effects at positions (m, d)."""
        basis = doubts(np.atleast_2d(positions)[:, self.surface.strengths])
        square = self.surface.variance(positions)
        luck = square + basis @ self.luck
        whole = luck if self.whole is None else np.maximum(luck, square + basis @ self.whole)
        return Answer(self.surface.mean(positions), *(NORMAL90 * np.sqrt(each) for each in (square, luck, whole)))

    def at(self, values: Mapping[str, float]) -> pd.DataFrame:
        """Effects at settings by name; a strength that is not named is 0.

        A row a series and year: place, indicator, unit, year (none of totals), base, effect, and the ends of 90 %
        intervals: of the mean (`low90, high90`), of a pair by luck (`luck_...`), by luck and numbers (`whole_...`).

        *Raises* OutsideBox where a value lies outside its range; ValueError where a name is unknown.
        """
        found = self.answer(self.surface.positions(values))
        rows = []
        for each, first in zip(self.series, self.first, strict=False):
            for year in range(each.years):
                place = first + year
                mean = float(found.mean[0, place])
                reach = [float(half[0, place]) for half in found[1:]]
                when = None if each.is_total else self.about["start"] + 1 + year
                ends = [end for half in reach for end in (mean - half, mean + half)]
                rows.append((each.place, each.column, each.unit, when, self.base[place], mean, *ends))
        names = ["place", "indicator", "unit", "year", "base", "effect", "low90", "high90"]
        whole = ["luck_low90", "luck_high90", "whole_low90", "whole_high90"]
        return pd.DataFrame(rows, columns=[*names, *whole]).astype({"year": "Int64"})

    def errors(self) -> pd.DataFrame:
        """A row a series, over its years: how it stood up to points left out of the fit and to fresh pairs.

        error: root mean square at points left out; luck: the part of it that luck explains; r2: what is explained of
        the variance over the box, that of luck taken out; pairs_inside, means_inside: share of fresh pairs and of
        their means inside their 90 % intervals.
        """
        return pd.DataFrame(list(self.checks))

    def save(self, path: str | Path) -> Path:
        """Write it as JSON. *Raises* OutputError where the disk refuses."""
        replace_file(Path(path), self.to_json())
        return Path(path)

    def to_json(self) -> str:
        """The emulator as JSON that names its own SHA-256."""
        state = self.to_dict()
        return json.dumps({**state, SEAL: seal(state)}, ensure_ascii=False, separators=(",", ":")) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """The emulator as plain data."""
        return {
            "format": FORMAT,
            "surface": self.surface.to_dict(),
            "series": [list(each) for each in self.series],
            "base": self.base.tolist(),
            "luck": self.luck.tolist(),
            "whole": None if self.whole is None else self.whole.tolist(),
            "checks": [dict(row) for row in self.checks],
            "about": dict(self.about),
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Emulator:
        """The emulator of plain data. *Raises* KeyError, TypeError, ValueError where it is not one."""
        base, luck = (np.array(plain[name], dtype=float) for name in ("base", "luck"))
        whole = None if plain["whole"] is None else np.array(plain["whole"], dtype=float)
        series = tuple(Series(*each) for each in plain["series"])
        surface = Surface.from_dict(plain["surface"])
        return cls(surface, series, base, luck, whole, tuple(plain["checks"]), plain["about"])

    def __repr__(self) -> str:
        """Numbers of settings and series."""
        return f"<Emulator {self.about['name']}: {len(self.surface.settings)} settings, {len(self.series)} series>"


def doubts(strengths: Array) -> Array:
    """What variances of a pair are made of, (m, 1 + strengths): near(u), and near(u) times every strength."""
    return np.asarray(near(strengths)[:, None] * np.column_stack([np.ones(len(strengths)), strengths]))


def rounded(values: Array | Sequence[float]) -> Array:
    """Numbers with as many digits as a file has."""
    return np.vectorize(lambda value: float(f"{value:.{DIGITS}g}"), otypes=[float])(np.asarray(values, dtype=float))


def read_emulator(path: str | Path) -> Emulator:
    """The emulator of a file.

    Raises:
        ScenarioError: it is none.
        Damaged: it is not what was written.
    """
    path = Path(path)
    if not path.is_file():
        raise not_one(
            path, "there is no such file" if not path.exists() else "expected a file, found a folder or device"
        )
    try:
        state = json.loads(read_regular(path))
    except (ValueError, RecursionError):
        raise not_one(path, "this is no emulator; chainsim emulate FILE -o emulator.json writes one") from None
    if not isinstance(state, dict) or not str(state.get("format", "")).startswith("chainsim emulator"):
        raise not_one(path, "this is no emulator; chainsim emulate FILE -o emulator.json writes one")
    if state["format"] != FORMAT:
        raise not_one(path, f"this is a '{state['format']}', and only '{FORMAT}' can be read here; emulate anew")
    if state.pop(SEAL, None) != seal(state):
        raise Damaged(path, OTHER_BYTES)
    try:
        return Emulator.from_dict(state)
    except (KeyError, TypeError, ValueError) as error:
        raise not_one(path, f"this emulator cannot be read here: {str(error).partition(chr(10))[0]}") from None


def not_one(path: Path, message: str) -> ScenarioError:
    """A file that is no emulator, as a mistake with its place."""
    return ScenarioError([Problem(*Mark(path.name, 1, 1), "", message)])
