"""What a search has found: the frontier predicted and verified, what levers add, regret, failing boxes, and how sure.

Nothing above the budget is listed, neither as predicted nor as verified; what fresh seeds put above it is told apart.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from chainsim.economy.parameters import names_its_money
from chainsim.economy.types import Array, Index
from chainsim.search.frontier import non_dominated, searched, spaced
from chainsim.search.last_comparison import difference, interval
from chainsim.search.portfolios import Search
from chainsim.search.robustness import InWorlds, boxes_of, good_enough, regret_of, run_in_worlds
from chainsim.search.surface import CHANCE, NORMAL90, Surface, levers_of, losses, shares, student
from chainsim.search.training import SearchRuns, positions_of, trained
from chainsim.search.verification import Verified, aims_of, compared, score, verified, within

STATED = "policy"
"""Name of the policy as it stands, among the portfolios."""
LOOKS, POINTS_PER_CHOSEN = 2, 12
"""Times that what a search has chosen is run and told to its surface, before it chooses what it lists; and how many
portfolios of the first fit stand for one that is chosen then, where that makes more of them than are listed."""


def looked_at(search: Search) -> int:
    """How many portfolios a look runs."""
    return max(search.portfolios, search.points // POINTS_PER_CHOSEN)


def candidates(search: Search, surface: Surface, number: int) -> Array:
    """A number of portfolios that are spread over the predicted frontier, (p, d), the cheapest first.

    They are under the budget by a standard error of the prediction, so that few are above it in fresh luck. No levers
    at all, which cost nothing, are no portfolio; they only keep others away from nothing.
    """

    def evaluate(positions: Array) -> tuple[Array, Any]:
        found = surface.predict(search.tidy(positions))
        return aims_of(search, found.mean), within(search, found.mean + found.reach / NORMAL90)

    found = searched(evaluate, search.strengths)
    positions = np.unique(search.tidy(found.positions), axis=0)
    aims = aims_of(search, surface.mean(positions))
    kept = np.flatnonzero(non_dominated(aims))
    nothing = (positions[kept][:, search.strengths] == 0.0).all(axis=1)
    if nothing.all():
        raise ValueError("no portfolio within the budget is better than no levers at all")
    spread = spaced(aims[kept], number + int(nothing.any()))
    kept = kept[spread[~nothing[spread]]]
    first = next(iter(search.budget or search.aims))
    order = np.argsort(surface.mean(positions[kept])[:, search.outcomes.index(first)], kind="stable")
    return positions[kept[order]]


def found_by(search: Search, runs: SearchRuns) -> Optimisation:
    """Train, search and verify. *Raises* RunFailed where a run fails, ValueError where nothing can be listed.

    What is chosen looks better than it is, for it is chosen where the surface errs upwards; so it is run with the seeds
    of the surfaces, which are fitted to it as well, and the choice is made anew.
    """
    tried = positions_of(search)
    surface = trained(search, runs, tried)
    if search.stated is not None:
        own = runs.effects(search.stated[None], range(search.surfaces), f"surface of {search.name}")
        search = search.capped(np.nanmean(own, axis=(0, 1)))
    for _ in range(LOOKS):
        tried = np.unique(np.vstack([tried, candidates(search, surface, looked_at(search))]), axis=0)
        surface = trained(search, runs, tried)
    positions = candidates(search, surface, search.portfolios)
    stated = [] if search.stated is None else [search.stated]
    chosen = compared(search, runs, positions)
    fresh = verified(search, runs, np.vstack([positions, *stated]))
    found = Optimisation(search, surface, fresh, chosen)
    if not search.worlds_listed:
        return found
    return Optimisation(search, surface, fresh, chosen, run_in_worlds(search, runs, fresh.positions[found.shown]))


@names_its_money(lambda found: found.search.base.money)
class Optimisation:
    """The best portfolios under a budget, as a surface predicts them and fresh seeds show them.

    `fresh` is what is reported, with the policy as it stands in the last row; `compared` are other pairs, by which the
    best compromise is chosen; `run_there` are effects in worlds, where portfolios that are shown alone run in worlds.
    """

    def __init__(
        self,
        search: Search,
        surface: Surface,
        fresh: Verified,
        compared: Verified,
        run_there: InWorlds | None = None,
    ) -> None:
        self.search, self.surface, self.fresh, self.compared, self.run_there = (
            search,
            surface,
            fresh,
            compared,
            run_there,
        )
        self.boxes_found: pd.DataFrame | None = None
        has_stated = search.stated is not None
        self.names = [str(number + 1) for number in range(len(fresh.positions) - has_stated)] + [STATED] * has_stated

    @cached_property
    def means(self) -> Array:
        """Verified effects, (p, k), mean over fresh pairs."""
        return np.array([np.nanmean(each, axis=0) for each in self.fresh.effects])

    @cached_property
    def listed(self) -> Index:
        """Rows of the portfolios that are within the budget as predicted and as verified."""
        allowed = within(self.search, self.means) & within(self.search, self.surface.mean(self.fresh.positions))
        return np.flatnonzero(allowed & np.array([name != STATED for name in self.names]))

    @property
    def shown(self) -> Index:
        """Rows of the portfolios that are listed, and of the policy as it stands."""
        return np.array([row for row, name in enumerate(self.names) if row in self.listed or name == STATED], dtype=int)

    def frontier(self) -> pd.DataFrame:
        """A row a listed portfolio and outcome: predicted and verified effects, each with a 90 % interval.

        `policy` are the rows of the policy as it stands. `pairs` are fresh pairs; `inside` says whether the verified
        mean lies where the prediction puts the mean of so many pairs with a chance of 90 %.
        """
        return self._table(self.shown)

    def above(self) -> pd.DataFrame:
        """The same of portfolios that fresh seeds put above the budget, so that they are not listed."""
        return self._table(np.setdiff1d(np.arange(len(self.names)), self.shown))

    def _table(self, rows: Index) -> pd.DataFrame:
        predicted = self.surface.predict(self.fresh.positions)
        made = []
        for row in rows:
            for number, name in enumerate(self.search.outcomes):
                mean, reach = predicted.mean[row, number], predicted.reach[row, number]
                effects = self.fresh.effects[row][:, number]
                seen, low, high = interval(effects)
                inside = abs(seen - mean) <= np.hypot(reach, high - seen)
                ends = (mean - reach, mean + reach, seen, low, high, len(effects), bool(inside))
                made.append((self.names[row], name, mean, *ends))
        columns = ["portfolio", "outcome", "predicted", "predicted_low90", "predicted_high90"]
        return pd.DataFrame(
            made, columns=[*columns, "verified", "verified_low90", "verified_high90", "pairs", "inside"]
        )

    def portfolios(self) -> pd.DataFrame:
        """A row a listed portfolio, and the policy as it stands: the value of every setting by its name."""
        rows = self.shown
        values = {
            setting.name: setting.at(self.fresh.positions[rows, number])
            for number, setting in enumerate(self.search.settings)
        }
        return pd.DataFrame({"portfolio": [self.names[row] for row in rows], **values})

    def added(self) -> pd.DataFrame:
        """A row a listed portfolio, lever and outcome: what the lever adds, and what the portfolio loses without it.

        `added` divides the effect among the levers (Shapley's value of the surface), `lost` is what goes with the
        lever alone; each with a 90 % interval over worlds, or over seeds where numbers are as stated.
        """
        rows, surface = self.shown, self.surface
        both = shares(surface, self.fresh.positions[rows]), losses(surface, self.fresh.positions[rows])
        number = len(both[0])
        reach = [student(number) * each.std(axis=0, ddof=1) / np.sqrt(number) for each in both]
        mean = [each.mean(axis=0) for each in both]
        made = []
        for place, row in enumerate(rows):
            for lever, name in enumerate(levers_of(surface)):
                for column, outcome in enumerate(surface.outcomes):
                    at = place, lever, column
                    cells = [(mean[k][at], mean[k][at] - reach[k][at], mean[k][at] + reach[k][at]) for k in (0, 1)]
                    made.append((self.names[row], name, outcome, *cells[0], *cells[1]))
        names = ["added", "added_low90", "added_high90", "lost", "lost_low90", "lost_high90"]
        return pd.DataFrame(made, columns=["portfolio", "lever", "outcome", *names])

    def regret(self) -> pd.DataFrame:
        """What listed portfolios miss of the best of them in every world; see `robustness.regret_of`."""
        return regret_of(self.search, self.in_worlds, [self.names[row] for row in self.shown])

    def boxes(self, progress: bool = False) -> pd.DataFrame:
        """Where listed portfolios fail their thresholds; see `robustness.boxes_of`. They are looked for once."""
        if self.boxes_found is None:
            names = [self.names[row] for row in self.shown]
            self.boxes_found = boxes_of(self.search, self.in_worlds, names, progress)
        return self.boxes_found.copy()

    @cached_property
    def in_worlds(self) -> InWorlds:
        """Effects of what is shown in every world (of every seed where numbers are as stated)."""
        if self.run_there is not None:
            return self.run_there
        positions = self.fresh.positions[self.shown]
        return InWorlds(np.unique(self.surface.worlds), positions, self.surface.by_world(positions))

    def satisficing(self) -> pd.DataFrame:
        """A row a listed portfolio: share of worlds (of seeds where numbers are as stated) that meet all thresholds."""
        rows = self.shown
        met = good_enough(self.search, self.in_worlds.effects).mean(axis=0)
        return pd.DataFrame({"portfolio": [self.names[row] for row in rows], "good_enough": met})

    def apart(self) -> pd.DataFrame:
        """A row a pair of listed portfolios and aim: paired difference in fresh luck, 90 % interval, told apart or not.

        Columns: one, other, outcome, difference (one less other), low90, high90, told.
        """
        made = []
        for place, one in enumerate(self.shown):
            for other in self.shown[place + 1 :]:
                for name in self.search.aims:
                    column = self.search.outcomes.index(name)
                    both = (self.fresh.effects[row][:, column] for row in (one, other))
                    mean, low, high = difference(*both)
                    made.append((self.names[one], self.names[other], name, mean, low, high, low > 0.0 or high < 0.0))
        return pd.DataFrame(made, columns=["one", "other", "outcome", "difference", "low90", "high90", "told"])

    def alike(self) -> list[tuple[str, str]]:
        """Pairs of listed portfolios that no aim tells apart."""
        table = self.apart()
        if table.empty:
            return []
        told = table.groupby(["one", "other"], sort=False)["told"].any()
        return [(str(pair[0]), str(pair[1])) for pair in told.index[~told.to_numpy()]]

    def errors(self) -> pd.DataFrame:
        """A row an outcome: error and explained part at runs left out of the fit; share of portfolios inside."""
        everybody = self._table(np.arange(len(self.names)))
        inside = everybody.groupby("outcome", sort=False)["inside"].mean()
        columns = {"error": self.surface.error, "r2": self.surface.r2, "inside": inside[list(self.surface.outcomes)]}
        return pd.DataFrame(columns).rename_axis("outcome").reset_index()

    def compromise(self) -> str | None:
        """The listed portfolio with the best mean of its aims, each in units of its spread over them.

        It is chosen by pairs that are not reported, so that what is reported of it is not what made it look best.
        """
        if not len(self.listed):
            return None
        effects = [self.compared.effects[row] for row in self.listed]
        scores = [float(np.nanmean(score(self.search, each, effects))) for each in effects]
        return self.names[self.listed[int(np.argmin(scores))]]

    def beating(self) -> list[str]:
        """Listed portfolios that beat the policy as it stands in fresh luck: told better in an aim, as good in all.

        They are told with a chance that holds for all of them and all aims together (Bonferroni): where none is better,
        one is named in fewer than a tenth of searches.
        """
        if STATED not in self.names:
            return []
        own = aims_of(self.search, self.fresh.effects[-1])
        chance = 1.0 - (1.0 - CHANCE) / max(len(self.listed) * len(self.search.aims), 1)
        found = []
        for row in self.listed:
            aims = aims_of(self.search, self.fresh.effects[row]).T
            bounds = np.array([difference(aim, other, chance) for aim, other in zip(aims, own.T, strict=True)])
            if (bounds[:, 0] <= 0.0).all() and (bounds[:, 2] < 0.0).any():
                found.append(self.names[row])
        return found

    def __repr__(self) -> str:
        """Numbers of portfolios, levers and surfaces."""
        levers, seeds = len(levers_of(self.surface)), len(self.surface.coefficients)
        return f"<Optimisation {self.search.name}: {len(self.listed)} portfolios of {levers} levers, {seeds} surfaces>"
