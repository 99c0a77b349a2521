"""Every lever against the study it rests on: what the model answers, the band of the evidence, inside or outside.

Bands and sources are those of the collected evidence. `read` means that an abstract or the text was read, `recalled`
general knowledge, `judgement` that no study was found. A band with one end at zero is a sign: it counts as met where
the mean over the seeds lies beyond one standard error on that side. What is outside is printed as outside.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from chainsim.runs.dispatch import outcomes_of
from chainsim.runs.progress import shown_progress
from chainsim.runs.worker import Failure
from chainsim.scenario.scenario import Scenario
from chainsim.stages.year import RunError
from chainsim.validation import lever_experiments as enterprises
from chainsim.validation import region_experiments as region
from chainsim.validation.paired_runs import alone

Values = dict[str, float]
Measured = dict[tuple[int, str], float]
Status = Literal["read", "recalled", "judgement"]
UP, DOWN, UNKNOWN = (0.0, np.inf), (-np.inf, 0.0), (np.nan, np.nan)
NONE = "none found"


class Finding(NamedTuple):
    """What a study found: its outcome, the band it should fall into, its central value, source and status.

    `imposed` names the parameter that nearly fixes the model's value, where one does; then it is no test.
    """

    outcome: str
    band: tuple[float, float]
    central: float
    source: str
    status: Status
    imposed: str = ""


class Experiment(NamedTuple):
    """The experiment of a lever, or of a property that several rest on, and what studies found."""

    lever: str
    run: Callable[[Scenario, int], Values]
    findings: tuple[Finding, ...]


CAI = "Cai and Szeidl 2018, trial with 2,820 firms"
CRISCUOLO = "Criscuolo, Martin, Overman and Van Reenen 2019"
GRANTS = "Dimos and Pugh 2016; Boeing 2016 (China, -.5 on impact)"
TAXES = "Thomson 2017; CPB meta-analysis; Hall and Van Reenen 2000 (-1, recalled)"
CHEN = "Chen, Liu, Suarez Serrato and Xu 2021 (-2 reported, -1.14 real)"
FALCK = "Falck, Heblich and Kipar 2010"
VALERO = "Valero and Van Reenen 2019"
OECD = "Stone, Messent and Flaig 2015"
PULL = "Dai, Li and Chen 2021; Slavtchev and Wiederhold 2016"
LEVINE = "Levine and Toffel 2010"
MORETTI = "Moretti and Wilson 2017"

EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment("matchmaking", enterprises.matchmaking, (
        Finding("sales of treated over control, first year", (0.04, 0.12), 0.081, CAI, "read"),
        Finding("sales of treated over control, second year", (0.04, 0.12), 0.081, CAI, "read"),
        Finding("sales of treated over themselves, second year", (0.04, 0.12), 0.081, CAI, "read"),
        Finding("sales of the chain, second year", UNKNOWN, np.nan, NONE, "judgement"),
    )),
    Experiment("investment_grant", enterprises.investment_grant, (
        Finding("jobs of small enterprises, fifth year", (0.07, 0.10), 0.10, CRISCUOLO, "read"),
        Finding("jobs of small enterprises, eighth year", (0.07, 0.10), 0.10, CRISCUOLO, "read"),
        Finding("jobs of large enterprises, fifth year", (-0.02, 0.02), 0.0, f"{CRISCUOLO}; width J", "read"),
        Finding("productivity of small enterprises, fifth year", (-0.01, 0.01), 0.0, f"{CRISCUOLO}; width J", "read"),
    )),
    Experiment("rd_grant", enterprises.rd_grant, (
        Finding("R&D per unit of grant, five years", (0.5, 1.25), 1.0, GRANTS, "read", "own_response"),
        Finding("own R&D per unit of grant, five years", (-0.5, 0.25), 0.0, GRANTS, "read", "own_response"),
    )),
    Experiment("rd_tax_deduction", enterprises.rd_tax_deduction, (
        Finding("R&D as reported, user-cost elasticity", (-2.5, -0.15), -1.0, TAXES, "read", "user_cost_elasticity"),
        Finding("R&D as spent, user-cost elasticity", (-2.5, -0.15), -1.14, CHEN, "read", "relabelled"),
    )),
    Experiment("profit_tax_break", region.profit_tax_break, (
        Finding("number of plants from outside, semi-elasticity", (1.5, 3.5), 2.5, "Feld and Heckemeyer 2011", "read", "location_response"),
    )),
    Experiment("investment_attraction", region.investment_attraction, (
        Finding("capital that comes for the incentive, share", (0.03, 0.25), 0.127, "Bartik 2018", "read", "but_for"),
    )),
    Experiment("talent_introduction", region.talent_introduction, (
        Finding("skilled people in the region per grant, fifth year", UNKNOWN, np.nan, NONE, "judgement", "additional"),
    )),
    Experiment("talent_introduction", region.migration, (
        Finding("skilled people to pay, tenth year", (1.0, 2.5), 1.8, MORETTI, "read"),
        Finding("skilled people to pay, first year", (0.0, 0.5), 0.2, f"{MORETTI}: little in the short run; width J", "read", "migration"),
    )),
    Experiment("cluster_incentive", region.cluster_incentive, (
        Finding("innovators, members with full services, points", (0.046, 0.057), 0.05, FALCK, "read", "discoveries"),
        Finding("innovators, members below 50 staff, points", UNKNOWN, np.nan, NONE, "judgement"),
        Finding("innovators, members of 50 to 249 staff, points", UNKNOWN, np.nan, NONE, "judgement"),
        Finding("innovators, members from 250 staff, points", UNKNOWN, np.nan, NONE, "judgement"),
        Finding("R&D, members with full services", (-0.25, -0.13), -0.19, f"{FALCK}; width J", "read", "crowding"),
        Finding("R&D, members below 50 staff", UNKNOWN, np.nan, NONE, "judgement"),
        Finding("R&D, members of 50 to 249 staff", UNKNOWN, np.nan, NONE, "judgement"),
        Finding("R&D, members from 250 staff", UNKNOWN, np.nan, NONE, "judgement"),
    )),
    Experiment("institute_platform", region.institute_platform, (
        Finding("productivity to institute knowledge, tenth year", (0.02, 0.06), 0.04, VALERO, "read", "institute_elasticity"),
        Finding("output to institute knowledge, tenth year", (0.02, 0.06), 0.04, VALERO, "read"),
    )),
    Experiment("local_content_rule", region.local_content_rule, (
        Finding("local share of what anchors buy, points, fifth year", UP, np.nan, OECD, "read"),
        Finding("price of anchors, fifth year", UP, np.nan, OECD, "read"),
        Finding("exports of anchors, fifth year", DOWN, np.nan, OECD, "read"),
    )),
    Experiment("application_scenario", region.application_scenario, (
        Finding("sales of high-tech enterprises, fifth year", UP, np.nan, PULL, "read"),
        Finding("R&D of high-tech enterprises, fifth year", UP, np.nan, PULL, "read"),
    )),
    Experiment("security_standard", enterprises.security_standard, (
        Finding("sales of the certified, fifth year", UP, np.nan, LEVINE, "read"),
        Finding("cost of the certified over sales, fifth year", UP, np.nan, LEVINE, "read"),
    )),
    Experiment("security_standard", region.supply_security, (
        Finding("output lost without a foreign input, log", UNKNOWN, np.nan, NONE, "judgement"),
        Finding("the same with a standard for that input, log", UNKNOWN, np.nan, NONE, "judgement"),
        Finding("output saved by the standard, log", UNKNOWN, np.nan, NONE, "judgement"),
    )),
    Experiment("digitisation", enterprises.digitisation, (
        Finding("productivity of adopters, third year", UNKNOWN, np.nan, NONE, "judgement", "gain"),
        Finding("jobs of adopters, third year", UNKNOWN, np.nan, NONE, "judgement"),
    )),
    Experiment("planning_service", enterprises.planning_service, (
        Finding("capital of the chain, mean of five years", UNKNOWN, np.nan, NONE, "judgement"),
    )),
    Experiment("loan_guarantee", enterprises.loan_guarantee, (
        Finding("debt of small enterprises, fifth year", UNKNOWN, np.nan, NONE, "judgement"),
        Finding("jobs of small enterprises, fifth year", UNKNOWN, np.nan, NONE, "judgement"),
    )),
    Experiment("(households)", region.job_multiplier, (
        Finding("jobs elsewhere per job", (0.0, 1.6), 0.34, "Chinese local-multiplier study; Moretti 2010", "read", "region.households"),
    )),
    Experiment("(knowledge)", region.knowledge, (
        Finding("productivity and quality to R&D, tenth year", (0.03, 0.13), 0.08, "Ugur et al. 2016; centre recalled", "read"),
    )),
    Experiment("(sourcing)", region.sourcing, (
        Finding("local over outside purchases to their price, twentieth year", (1.5, 5.0), 3.0, "Bajzik et al. 2020", "read"),
    )),
)  # fmt: skip
"""The experiments of all levers, and of what several of them rest on."""

COLUMNS = ["lever", "outcome", "value", "se", "low", "central", "high", "inside", "status", "imposed", "source"]


def lever_evidence(
    scenario: Scenario, seeds: Sequence[int] = (1, 2, 3, 4, 5), jobs: int = 1, progress: bool = False
) -> pd.DataFrame:
    """Every experiment in the scenario without its own levers and shocks; `jobs` processes share the seeds.

    Returns:
        Columns lever, outcome, value (mean over seeds), se (its standard error), low, central, high (of the evidence),
        inside (NA where there is no evidence or the scenario has nobody to measure), status, imposed, source.

    Raises:
        RunError: a run cannot go on.
    """
    base = alone(scenario)
    with shown_progress("experiments", len(seeds), progress, unit="seeds", lines=True) as shown:
        outcomes = outcomes_of(AllExperiments(base), seeds, min(jobs, len(seeds)), shown.advance)
    for outcome in outcomes.values():
        if isinstance(outcome, Failure):
            raise RunError(outcome.reason)
    found = [outcomes[seed] for seed in seeds]
    rows = [
        row(experiment.lever, finding, np.array([measured[place, finding.outcome] for measured in found]))
        for place, experiment in enumerate(EXPERIMENTS)
        for finding in experiment.findings
    ]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"inside": "boolean"})


def values(base: Scenario, seed: int) -> Measured:
    """Outcomes of all experiments for one seed, by place of the experiment and name of the outcome."""
    return {
        (place, outcome): value
        for place, experiment in enumerate(EXPERIMENTS)
        for outcome, value in experiment.run(base, seed).items()
    }


@dataclass(frozen=True)
class AllExperiments:
    """The work of the evidence table: all experiments for every seed, counted as one year."""

    base: Scenario
    years: int = 1

    def __call__(self, seed: int) -> Generator[int, None, Measured]:
        """Do them: announces the base year, returns the outcomes."""
        yield self.base.years.start
        return values(self.base, seed)


def row(lever: str, finding: Finding, measured: np.ndarray) -> list[object]:
    """A line of the table from the values of all seeds; those that a seed could not measure are left out."""
    known = measured[np.isfinite(measured)]
    value = float(known.mean()) if known.size else np.nan
    error = float(known.std(ddof=1) / np.sqrt(known.size)) if known.size > 1 else np.nan
    low, high = finding.band
    met = inside(value, error, finding.band)
    return [
        lever,
        finding.outcome,
        value,
        error,
        low,
        finding.central,
        high,
        met,
        finding.status,
        finding.imposed,
        finding.source,
    ]


def inside(value: float, error: float, band: tuple[float, float]) -> object:
    """Whether a value lies in the band; a sign must hold beyond one standard error. NA without value or band."""
    low, high = band
    if np.isnan([value, low, high]).any():
        return pd.NA
    if band in (UP, DOWN):
        return bool((value if band == UP else -value) > np.nan_to_num(error))
    return bool(low <= value <= high)
