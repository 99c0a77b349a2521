"""Patterns that a baseline without policy must show, with the band that each should fall into.

Every pattern is measured in each replication over the simulated years (the base year is built, not simulated) and
reported as the mean over replications. A pattern outside its band is reported as outside.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from chainsim.runs.ensemble import run
from chainsim.runs.results import Result
from chainsim.scenario.scenario import Scenario
from chainsim.validation import measures
from chainsim.validation.measures import Panel
from chainsim.validation.paired_runs import alone

AGE_GROUPS = ("under 5", "5 to 10", "over 10")


class Pattern(NamedTuple):
    """A stylised fact: how it is measured in a run, the band it should fall into, and where the band comes from.

    Where `around` is given the band is relative to what it returns for the run.
    """

    name: str
    measure: Callable[[Panel], float]
    low: float
    high: float
    source: str
    note: str = ""
    around: Callable[[Panel], float] | None = None


REGISTERS = "facts B086-B089: Chinese firm registers, cohorts 2000-2012, +-2 points"
DECLINING = "T: published only as declining after year 7; the hazards of the data, +-2 points"
STABLE = "Lotka (1939): stable population, +-8 points"
CONTRADICTION = "the published 49/33/18 % contradicts the published hazards at any growth"
SURVIVAL = "what facts B086-B089 leave after five years, +-2 points a year"
IDENTITY = "exit rate and growth of the number of enterprises, +-.5 points"
ENTRY = "the published 8-15 % contradicts exit of 6-9 % in a number that does not grow"
UNLINKED = "needs record: {links: true}"

PATTERNS: tuple[Pattern, ...] = (
    Pattern("size tail", measures.size_tail, 0.9, 1.3, "facts B096, B097: Heinrich and Dai 2016; Zhang and Wang", "staff of the chain, top 5 %"),
    Pattern("growth shape", measures.growth_shape, 0.8, 1.3, "Bottazzi and Secchi 2006: near Laplace", "sales"),
    Pattern("growth excess kurtosis", measures.growth_kurtosis, 2.0, np.inf, "Bottazzi and Secchi 2006: fat tails", "sales"),
    Pattern("volatility-size slope", measures.volatility_slope, -0.25, -0.10, "Stanley et al. 1996", "imposed by the demand shock"),
    Pattern("productivity P90/P10", measures.productivity_dispersion, 1.8, 3.0, "Syverson 2004; up to 5 in China, Hsieh and Klenow 2009", "within segments"),
    Pattern("productivity AR(1)", measures.productivity_persistence, 0.6, 0.85, "Foster, Haltiwanger and Syverson 2008", "value added per person"),
    Pattern("exit hazard, year 1", measures.hazard("1"), 0.0, 0.036, REGISTERS),
    Pattern("exit hazard, year 2", measures.hazard("2"), 0.043, 0.083, REGISTERS),
    Pattern("exit hazard, year 3", measures.hazard("3"), 0.075, 0.115, REGISTERS),
    Pattern("exit hazard, years 4-7", measures.hazard("4-7"), 0.06, 0.115, REGISTERS),
    Pattern("exit hazard, years 8-15", measures.hazard("8-15"), 0.047, 0.087, DECLINING),
    Pattern("exit hazard, years 16+", measures.hazard("16+"), 0.03, 0.07, DECLINING),
    *(
        Pattern(f"age {name}, share", measures.age_share(group), -0.08, 0.08, STABLE, CONTRADICTION, measures.implied_age_share(group))
        for group, name in enumerate(AGE_GROUPS)
    ),
    Pattern("survival, 5 years", measures.survival(5), 0.61, 0.79, SURVIVAL),
    Pattern("median life, years", measures.median_life, 8.5, 13.0, "fact B095: small Chinese firms of 2001-2013"),
    Pattern("entry rate", measures.entry, -0.005, 0.005, IDENTITY, ENTRY, measures.exits_and_growth),
    Pattern("exit rate", measures.exits, 0.06, 0.095, "facts B090, B091: .093 in 2008, .062 in 2012"),
    Pattern("investment spikes", measures.investment_spikes, 0.12, 0.25, "Cooper and Haltiwanger 2006: .19", "I/K above .2"),
    Pattern("customer tail", measures.customer_tail, 0.9, 1.4, "Fujiwara and Aoyama 2010", "local customers per supplier"),
    Pattern("link survival", measures.link_survival, 0.45, 0.93, "Mizuno et al. 2014; Reisch et al. 2025", "local suppliers, exits included"),
    Pattern("wage curve", measures.wage_curve, -0.15, -0.04, "Nijkamp and Poot 2005", "imposed by stages.labour.wage_curve"),
    Pattern("supporting rate, yearly sd", measures.supporting_rate_noise, 0.0, 0.03, "J: the rate is sticky", "all anchors"),
)  # fmt: skip
"""The validation panel. `low` and `high` are the band; the unit is that of the estimator, rates are fractions."""


def patterns(result: Result) -> pd.DataFrame:
    """The patterns of a result that recorded its enterprises, links too where it has them.

    Columns: pattern, value (mean over replications), sd (over replications, NaN with one), low, high, inside (NA where
    the value is NaN), note, source.

    Raises:
        ValueError: the result has no table of enterprises, or no simulated year.
    """
    if "enterprises" not in result.tables:
        raise ValueError("patterns need the state of enterprises: set record: {enterprises: true, links: true}")
    panels = [measures.panel_of(result, replication) for replication in sorted(result.region["replication"].unique())]
    if len(panels[0].years) == 0:
        raise ValueError("patterns need at least one year after the base year")
    rows = [_row(pattern, panels) for pattern in PATTERNS]
    table = pd.DataFrame(rows, columns=["pattern", "value", "sd", "low", "high", "inside", "note", "source"])
    return table.astype({"inside": "boolean"})


def baseline_runs(
    scenario: Scenario, replications: int, jobs: int = 1, progress: bool = False, shocks: bool = False
) -> Result:
    """Runs of the scenario without levers, and without shocks unless asked for, that record what the patterns need.

    Raises:
        RunFailed: a run cannot go on.
    """
    kept = {"shocks": scenario.shocks} if shocks else {}
    recorded = alone(scenario).replace({"record.enterprises": True, "record.links": True, **kept})
    return run(recorded, replications=replications, jobs=jobs, progress=progress)


def _row(pattern: Pattern, panels: list[Panel]) -> list[object]:
    values = [pattern.measure(panel) for panel in panels]
    value = measures.mean(values)
    centre = measures.mean([pattern.around(panel) for panel in panels]) if pattern.around else 0.0
    low, high = centre + pattern.low, centre + pattern.high
    known = [number for number in values if np.isfinite(number)]
    spread = float(np.std(known, ddof=1)) if len(known) > 1 else np.nan
    unlinked = pattern.measure in (measures.customer_tail, measures.link_survival) and panels[0].links is None
    note = UNLINKED if unlinked else pattern.note
    inside = pd.NA if np.isnan([value, low, high]).any() else bool(low <= value <= high)
    return [pattern.name, value, spread, low, high, inside, note, pattern.source]
