"""The result of a comparison: a baseline, one or more policies with the same luck, and what differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from chainsim.economy.parameters import names_its_money
from chainsim.economy.types import Array
from chainsim.effects import channels as by_channel
from chainsim.effects import saving
from chainsim.effects.additionality import additionality, levers, recipients_of
from chainsim.effects.certificate import Certificate, Trace, certificate, trace
from chainsim.effects.costs import costs
from chainsim.effects.effect_tables import Middle, effects, effects_html, meanings_of, values
from chainsim.effects.pairing import Pairing, horizons
from chainsim.effects.payments import payments
from chainsim.effects.ranking import Ranking, ranking_of
from chainsim.effects.shapley_split import Split, players, split_of
from chainsim.effects.under import softening, under_names
from chainsim.effects.world_shares import drivers, group_shares
from chainsim.figures.display import table_by
from chainsim.figures.effects import plot, series
from chainsim.runs.exported import Format, export_tables
from chainsim.runs.output_folder import page_of
from chainsim.runs.provenance import Provenance
from chainsim.runs.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@names_its_money(lambda effect: effect.base.scenario.money)
class Effect:
    """What policies did: runs of a baseline and of every policy in pairs of the same luck.

    An effect is the difference of a pair, policy less baseline, and nothing else than the policy can be its cause.
    Tables have one row for every policy and key; `effect["name"]` is the part of one policy.
    """

    def __init__(
        self,
        base: Result,
        policies: Sequence[Result],
        seen: Mapping[str, pd.DataFrame],
        record: Provenance | None = None,
    ) -> None:
        """Of the results of all worlds, the tables of what was seen of every pair, and the identity of it all."""
        self.base, self.policies, self.seen = base, tuple(policies), dict(seen)
        self.provenance = saving.record_of(base, policies) if record is None else record

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the policies."""
        return tuple(policy.scenario.name for policy in self.policies)

    def __getitem__(self, name: str) -> Effect:
        """The effect of one policy. *Raises* KeyError with the names there are."""
        if name not in self.names:
            raise KeyError(f"no policy '{name}' in this comparison; there are {', '.join(self.names)}")
        policy = self.policies[self.names.index(name)]
        seen = {key: frame[frame["policy"] == name] if "policy" in frame else frame for key, frame in self.seen.items()}
        return Effect(self.base, [policy], seen, self.provenance)

    @property
    def parts(self) -> tuple[Effect, ...]:
        """The effects of the policies one by one."""
        return (self,) if len(self.policies) == 1 else tuple(self[name] for name in self.names)

    @property
    def policy(self) -> Result:
        """The runs of the policy. *Raises* ValueError where there are several."""
        if len(self.policies) > 1:
            raise ValueError(f"several policies; choose one: effect['{self.names[0]}'], one of {', '.join(self.names)}")
        return self.policies[0]

    @property
    def replications(self) -> int:
        """Number of pairs."""
        return self.base.replications

    @property
    def worlds(self) -> int:
        """Number of draws of uncertain numbers that the pairs are made in; 0 where numbers are as stated."""
        drawn = self.seen.get("worlds")
        return 0 if drawn is None else int(drawn.loc[drawn["kept"], "world"].nunique())

    def drivers(self, indicator: str, year: int | None = None, scope: str = "chain") -> pd.DataFrame:
        """Which uncertain numbers drive the effect on an indicator, in the last year where none is given.

        Columns path, group (economy, policy or luck), share (first-order, of the variance between worlds; of `luck`,
        its part in the variance of pairs), low, high, told (whether it is more than chance); the largest first. See
        `chainsim.effects.world_shares.drivers`. With few worlds it warns and the bounds are wide.

        *Raises* ValueError where the comparison has no worlds, there are several policies, or a name is unknown.
        """
        return drivers(self._by_world(indicator, year, scope), self.seen["worlds"])

    def driver_groups(self, indicator: str, year: int | None = None, scope: str = "chain") -> pd.DataFrame:
        """Is it the economy or the lever that is not known? Shares of both groups in the variance between worlds.

        Columns group (economy, policy and luck, whose share is of the variance of pairs), numbers, share, low, high.
        See `chainsim.effects.world_shares.group_shares`. *Raises* ValueError as `drivers`.
        """
        return group_shares(self._by_world(indicator, year, scope), self.seen["worlds"])

    def _by_world(self, indicator: str, year: int | None, scope: str) -> Array:
        """The effect on an indicator in a year or the last, (worlds, seeds). *Raises* ValueError as `drivers`."""
        if not self.worlds:
            raise ValueError("numbers are as stated, so nothing but luck varies; compare with worlds=64")
        both = values(self.base, self.policy, indicator, "scope")
        wanted = both.keys["year"].eq(self.base.years[1] if year is None else year) & both.keys["scope"].eq(scope)
        if not wanted.any():
            raise ValueError(
                f"no year {year} of scope '{scope}'; years are {self.base.years[0]} to {self.base.years[1]}"
            )
        return both.effect[:, int(np.flatnonzero(wanted)[0])].reshape(self.worlds, -1)

    @property
    def pairing(self) -> Pairing:
        """The runs of both sides of the pairs. *Raises* ValueError where there are several policies."""
        return Pairing(self.base, self.policy, self.seen)

    @property
    def first_year(self) -> int:
        """The first year in which a policy asks for something else than the baseline; NEVER where none does."""
        return min(part.pairing.first_year for part in self.parts)

    @property
    def horizons(self) -> dict[int, int]:
        """Years by the number of years of policy they end, as far as they are simulated."""
        return horizons(self.first_year, *self.base.years)

    def table(
        self,
        years: int | Sequence[int] | None = None,
        by: str | None = None,
        indicators: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """Effects on indicators in the years given, else after 1, 5, 10 and 15 years of policy and at the end.

        `by` None is the chain, 'scope' the chain and all, 'tier', 'industry', 'segment' or 'park'. `base` is the
        baseline's median, `effect` the median of the paired differences, `mean` their mean; `low50` to `high50` hold
        half, `low90` to `high90` nine in ten; `relative` is over the baseline's own value (missing where that is 0).
        These bounds hold everything that was varied: luck alone, or with `worlds` luck and numbers; `luck_low90` to
        `luck_high90` hold luck alone (missing with one seed a world). `same_sign` is the share of pairs, or of worlds,
        with the sign of `effect` (missing for 0); `certain` says whether it holds. A single pair has no bounds.

        *Raises* ValueError where `by`, a year or an indicator is unknown.
        """
        chosen, worlds = self._years(years), self.worlds
        return self._joined([effects(self.base, part.policy, chosen, by, indicators, worlds) for part in self.parts])

    def costs(self) -> pd.DataFrame:
        """Outlay, tax return, net cost, what they buy and what a unit of it costs, over all years, without discounting.

        Columns scope, item, unit, value, low90, high90, note, meaning; scope `all` counts all tiers, `chain` leaves out
        jobs, taxes and value added of application tiers, the outlay being the same. Values are means of the pairs and
        bounds that hold 90 % of them; ratios are of sums over pairs with bootstrapped 90 % intervals, from ten pairs
        (or worlds) on, and undefined (missing, with a note) where the effect cannot be told from 0 or is negative.
        See `chainsim.effects.costs`.
        """
        return self._joined([costs(self.base, part.policy, self.worlds) for part in self.parts])

    def levers(self) -> pd.DataFrame:
        """Budget, requests, grants, outlay, co-financing and claw-back of every lever over all years, CNY million.

        Means of the pairs. `recipients` are summed over years, `enterprises` are different ones served (missing for
        levers that the baseline has as well); budget is missing where there is no limit in some year.
        """
        return self._joined([levers(part.policy, part.seen["recipients"]) for part in self.parts])

    def payments(self) -> pd.DataFrame:
        """To whom the outlay of every lever goes over all years, and what is left of its budget, CNY million.

        `outlay` is the sum of `to_enterprises`, `to_people`, `to_institutes`, `to_bank`, `outside` and
        `windfall_paid` (projects that would have come anyway), policy less baseline; all levers sum to the outlay of
        `costs`. Means of the pairs; `budget` and `unspent` are missing where there is no limit in some year.
        """
        return self._joined([payments(self.base, part.policy) for part in self.parts])

    def additionality(self) -> pd.DataFrame:
        """What each lever made its recipients add, over all years, from its own pairs of worlds; empty without them.

        Two rows for every lever and outcome (sales, staff, R&D, investment): `how` is `alone`, the lever and nothing
        else against none, or `left_out`, the policy against the policy without it. Needs `compare(..., rank=True)`.
        `added` is the difference of the same enterprises, `untreated` that of the enterprises in their segments whom
        the lever has not served (negative: displaced), `windfall` the share of the support that did not add spending
        of its kind. Means over pairs; `_low` and `_high` hold the mean over luck with a chance of 90 %.
        """
        parts = [part for part in self.parts if part.has_ranking]
        frames = [additionality(part.ranking, part.seen["moved"]).assign(policy=part.names[0]) for part in parts]
        return _policy_first(
            frames or [additionality(Ranking("", "", (), (), ()), self.seen["moved"]).assign(policy="")]
        )

    def recipients(self) -> pd.DataFrame:
        """What recipients of each lever did under the whole policy and without it; medians and 90 % of pairs.

        One row for every lever that the baseline has not, and outcome, over all years. Other levers act on the same
        enterprises and on their markets, so what these did is not the doing of the lever: see `additionality`, and
        never sum rows of different levers. Columns as there.
        """
        frames = [recipients_of(part.seen["recipients"], part.seen["moved"], self.replications) for part in self.parts]
        return self._joined(frames)

    def softening(
        self,
        years: int | Sequence[int] | None = None,
        indicators: Sequence[str] | None = None,
        middle: Middle = np.median,
    ) -> pd.DataFrame:
        """What a shock does to the chain without each policy and with it, and the difference in pairs of the same luck.

        Years as in `table`. Columns policy, shock, indicator, year, unit, base, shock_alone, shock_with_policy,
        softened (positive where the policy softens a loss), low90, high90, same_sign, pairs. *Raises* ValueError unless
        the comparison was made under shocks (`compare(..., under=scenario)`).
        """
        found = []
        for policy, shock, both in under_names(self.names):
            arms = [self.policies[self.names.index(name)] for name in (shock, policy, both)]
            table = softening(self.base, (arms[0], arms[1], arms[2]), self._years(years), indicators, middle)
            found.append(table.assign(policy=policy, shock=shock))
        if not found:
            raise ValueError("nothing was compared under a shock; compare with under=scenario")
        joined = pd.concat(found, ignore_index=True)
        return joined[["policy", "shock", *joined.columns[:-2]]]

    def _years(self, years: int | Sequence[int] | None) -> Sequence[int]:
        """The years asked for, else those after some years of policy and the last. *Raises* ValueError for others."""
        start, end = self.base.years
        if isinstance(years, int):
            years = [years]
        chosen = sorted({*self.horizons.values(), end}) if years is None else years
        wrong = [year for year in chosen if not start <= year <= end]
        if wrong:
            raise ValueError(f"year {wrong[0]} is not simulated; years are {start} to {end}")
        return chosen

    def channels(self, indicator: str, year: int | None = None, tier: str | None = None) -> pd.DataFrame:
        """Why the effect on an indicator of the chain is as it is, in a year or the last: a row for every channel.

        Columns channel, effect, low90, high90: means over pairs, which add up to the mean effect, and bounds that hold
        nine pairs in ten. Divided are localization (`localization_rate_fixed`, `localization_within`,
        `localization_rate`), completeness (`completeness_fixed`, `completeness`), jobs (`employment`, and
        `job_years_chain`, all years up to this one), `output`, `extension`, `rd` and `strength`; all but localization
        and jobs also by `tier`. `chainsim.effects.channels.MEANINGS` has the channels of each and what they hold.

        *Raises* ValueError where the indicator has no decomposition, the year is not simulated, there are several
        policies, or the runs were compared before channels were kept.
        """
        return by_channel.channels(self.pairing, indicator, year, tier)

    @property
    def has_ranking(self) -> bool:
        """Whether the levers were told apart (`compare(..., rank=True)`)."""
        return "ranking" in self.seen and len(self.seen["ranking"]) > 0

    @property
    def ranking(self) -> Ranking:
        """The levers alone and left out (`compare(..., rank=True)`).

        *Raises* ValueError where that was not asked for, or there are several policies.
        """
        policy = self.policy
        if not self.has_ranking:
            raise ValueError("the levers were not told apart; compare with rank=True")
        return replace(ranking_of(self.seen["ranking"], self.base.scenario.name), policy=policy.scenario.name)

    @property
    def certificate(self) -> Certificate:
        """What was checked of every pair. *Raises* ValueError where there are several policies."""
        return certificate(self.pairing)

    def trace(self) -> Trace:
        """How the policy works its way to enterprises and links. *Raises* ValueError where there are several."""
        return trace(self.pairing)

    @property
    def split(self) -> Split:
        """Shares of levers or groups in the effect, and synergies of pairs (`compare(..., split=True)`).

        *Raises* ValueError where no split was asked for, or there are several policies.
        """
        policy = self.policy
        if "coalitions" not in self.seen:
            raise ValueError("no split was made; compare with split=True")
        return split_of(self.seen["coalitions"], players(self.base.scenario, policy.scenario))

    def plot(self, indicator: str, by: str | None = None, ax: Axes | None = None) -> Axes:
        """Draw the effect on an indicator over the years, of the chain or by what `table` knows.

        Mean of the paired differences, bands that hold 50 and 90 % of them, a line at zero; see
        `chainsim.figures.effects.plot`. Of several policies the effects on the chain, a line each. *Raises* ValueError
        where there are several policies and `by` is given.
        """
        if len(self.policies) > 1 and by is None:
            pairs = [values(self.base, policy, indicator) for policy in self.policies]
            many = [series(both.keys, both.effect, self.base.scenario.chain)[0] for both in pairs]
            named = [line._replace(label=name) for line, name in zip(many, self.names, strict=True)]
            return plot(named, f"{len(named)} policies", indicator, ax)
        both = values(self.base, self.policy, indicator, by)
        lines = series(both.keys, both.effect, self.base.scenario.chain, by)
        return plot(lines, self.names[0], indicator, ax)

    def export(self, path: str | Path, to: Format = "csv") -> list[Path]:
        """Write the tables of `tables` for other programs, "csv", "stata" or "excel", and return the files.

        Paths, labels and errors are those of `Result.export`; a single file is the table of effects.
        """
        tables = {name: (table, meanings_of(list(table.columns))) for name, table in self.tables().items()}
        return export_tables(tables, to, path, "comparison")

    def save(self, folder: str | Path, csv: bool = False, overwrite: bool = False, to: Sequence[str] = ()) -> Path:
        """Write tables, runs of all worlds, scenarios, provenance and report into a folder, wholly or not at all.

        `to` are formats in which `export` also writes the tables, into `export` there.
        """
        page, results = page_of("comparison", self), (self.base, *self.policies)
        return saving.write(
            Path(folder),
            self.tables(),
            self.seen,
            results,
            page=page,
            record=self.provenance,
            csv=csv,
            overwrite=overwrite,
            to=to,
        )

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables that `save` writes by name, without those of the runs and of what was seen of the pairs."""
        parts, scopes = self.parts, ["scope", "tier", "segment"]
        scopes += [by for by in ("industry", "park") if table_by(by) in self.base.tables]
        found = {
            "effects": pd.concat([_keyed(self.table(by=by), by) for by in scopes], ignore_index=True),
            "costs": self.costs(),
            "levers": self.levers(),
            "payments": self.payments(),
            "recipients": self.recipients(),
            "variance": self._joined([part.certificate.variance for part in parts]),
            "channels": self._joined([part.trace().channels for part in parts]),
        }
        if "decomposition" in self.seen:
            years = sorted({*self.horizons.values(), self.base.years[1]})
            found["decomposition"] = self._joined([by_channel.decomposition(part.pairing, years) for part in parts])
        if under_names(self.names):
            found["softening"] = self.softening()
        if "coalitions" in self.seen:
            found["shares"] = self._joined([part.split.shares for part in parts])
            found["synergies"] = self._joined([part.split.synergies for part in parts])
        if self.has_ranking:
            ranked = [part for part in parts if part.has_ranking]
            found["ranking"] = _policy_first([part.ranking.table().assign(policy=part.names[0]) for part in ranked])
            found["additionality"] = self.additionality()
        return found

    def _joined(self, frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
        """The frames of the policies, one below the other, the name of the policy first."""
        return _policy_first([frame.assign(policy=name) for name, frame in zip(self.names, frames, strict=True)])

    def _repr_html_(self) -> str:
        """Effects in the last year as a table for every policy, for notebooks."""
        end = self.base.years[1]
        found = [(effects(self.base, part.policy, [end], middle=np.mean), f"{part!r}"[1:-1]) for part in self.parts]
        return "\n".join(effects_html(table, caption, end, self.worlds) for table, caption in found)

    def __repr__(self) -> str:
        """Names, number of pairs, years."""
        pairs = "1 pair" if self.replications == 1 else f"{self.replications} pairs"
        return (
            f"<Effect of {', '.join(self.names)} on {self.base.scenario.name}: {pairs}, "
            f"{self.base.years[0]}-{self.base.years[1]}>"
        )


def _policy_first(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The frames one below the other, the name of the policy in the first column."""
    joined = pd.concat(frames, ignore_index=True)
    return joined[["policy", *(column for column in joined.columns if column != "policy")]]


def _keyed(table: pd.DataFrame, by: str) -> pd.DataFrame:
    """Effects with the kind of key and the key in columns of one name."""
    table = table.rename(columns={by: "key"})
    table.insert(1, "by", by)
    return table


def read(folder: str | Path) -> Effect:
    """The comparison in a folder that `Effect.save` wrote. *Raises* OutputError where it holds none."""
    saved = saving.read_saved(Path(folder))
    return Effect(saved.base, saved.policies, saved.seen, saved.record)
