"""Constants that make the base year the expected outcome of the stages' own rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from chainsim.base_year.kept import KEPT
from chainsim.economy import candidates, draws, group_sums, kernels
from chainsim.economy.arrays import ScenarioArrays
from chainsim.economy.columns import Calibration
from chainsim.economy.links import Links
from chainsim.economy.types import Array, Index
from chainsim.population.enterprises import Norms
from chainsim.stages.sourcing import NEVER

if TYPE_CHECKING:
    from chainsim.economy.candidates import CandidateTable, Sample
    from chainsim.economy.economy import Economy
    from chainsim.stages import Innovation, Sourcing

CANDIDATE_DRAWS = 4
"""Sets of candidates over which the pull of local suppliers is averaged."""
MOST_SHOWN = 2_500_000
"""Suppliers shown in a set, links times draws, up to which the sets are kept for the next base year: some 60 MB."""
TRIAL_YEARS = 15
"""Years over which the frontier's pace is averaged."""
SIZE_OF_FIRST = 0.8
"""Output over the minimum efficient scale that an enterprise of a segment without any is thought to have."""


def candidate_sets(
    table: CandidateTable,
    start: Index,
    bought: NDArray[np.int32],
    supplier: NDArray[np.int32],
    identity: NDArray[np.uint64],
    key: np.uint64,
    wanted: int,
) -> Iterator[tuple[int, Index, Sample]]:
    """Sets of local suppliers that the buyers of all links could see, in parts: number of the set, slots and sample.

    Links have inputs `bought` and suppliers (L,), from `start` (n + 1,).
    """
    links = Links(start, bought, supplier, np.zeros(0))
    parts = list(candidates.parts(np.stack((np.arange(supplier.size), links.buyer, supplier, links.slot))))
    for draw in range(CANDIDATE_DRAWS):
        shown = np.full(identity.size, -1)
        for part in parts:
            yield draw, part, candidates.sample(table, links, part, identity, key, wanted, shown, draw)


def all_sets(*given: Any) -> tuple[tuple[int, Index, Sample], ...]:
    """All `candidate_sets` at once."""
    return tuple(candidate_sets(*given))


def mean_pulls(economy: Economy, sourcing: Sourcing) -> Array:
    """Mean pull of local candidates on every link, without home constants, over several candidate sets, (draws, L)."""
    links, rules, seen = economy.links, sourcing.rules(), sourcing.state(economy)
    key = draws.draw_key(economy.seed, "population.candidates", 0)
    given = (
        sourcing.candidates(economy),
        links.start,
        links.input,
        links.supplier,
        economy.identity,
        key,
        sourcing.sample,
    )
    few = links.supplier.size * sourcing.sample <= MOST_SHOWN
    pulls = np.zeros((CANDIDATE_DRAWS, links.supplier.size))
    for draw, part, sample in KEPT.of(all_sets, *given) if few else candidate_sets(*given):
        kernels.local_pulls(
            slots=part, sample=sample, seen=seen, rules=rules, coefficient=links.coefficient, out=pulls[draw]
        )
    return pulls


def home_constants(economy: Economy, sourcing: Sourcing, ends: Array) -> tuple[Array, Array]:
    """Constants of local and of foreign supply, two of (S, S) over (input, buyer segment); national supply has 0.

    They make the base year's local rates r last: of the links of each input and buyer segment, the orders that local
    suppliers can expect to lose in a year are those that they can expect to win,

        s/r sum over local links of w tau (1 - p) = (1 - s)/(1 - r) sum over outside links of w tau p,   s = r / fill,

    w the order, p the expected choice of local supply at a review, tau the chance that a link is reviewed, with the
    supplier's chance `ends` (n,) to close. Of the orders s that local suppliers get they deliver the `usual_fill`,
    the rest is bought outside, so s must be a little more than the rate r of the base year, which knows no such year.
    Inputs without any local supplier take the median odds of their peers against all outside supply.
    """
    arrays, size = economy.arrays, economy.arrays.size
    links, buyer = economy.links, economy.links.buyer
    code = links.input.astype(np.int64) * size + economy.segment[buyer]
    orders = links.coefficient * economy.output[buyer]
    pulls = mean_pulls(economy, sourcing)
    rate, abroad_rate = arrays.local_rate.ravel(), arrays.abroad_rate.ravel()
    abroad_rate = np.clip(abroad_rate, 1e-9, 1.0 - 1e-9)
    abroad = np.log(abroad_rate / (1.0 - abroad_rate))
    outside = 1.0 + np.exp(abroad)
    at_frontier = np.exp(sourcing.quality_worth(sourcing.quality_tolerance - economy.quality))
    against = outside[code] * at_frontier[buyer]
    local = links.supplier >= 0
    changing = orders * reviewed_share(sourcing, links.supplier, ends)
    ordered = np.minimum(rate / sourcing.usual_fill, 0.5 * (1.0 + rate))
    free = np.divide(1.0 - ordered, 1.0 - rate, out=np.ones_like(rate), where=rate < 1)
    lost_from = np.where(local, changing / sourcing.usual_fill, 0.0)
    won_from = np.where(local, 0.0, changing * free[code])
    reachable = np.bincount(code, weights=orders * pulls.mean(axis=0), minlength=size * size) > 0
    both = [np.bincount(code, weights=flow, minlength=size * size) > 0 for flow in (lost_from, won_from)]
    solved = (rate > 0) & (rate < 1) & reachable & both[0] & both[1]
    home = np.where(solved, 0.0, NEVER)
    for _ in range(200):
        lost, won = flows = np.zeros((2, size * size))
        kernels.expected_changes(code, pulls, against, np.exp(home), lost_from, won_from, flows)
        if not np.isfinite(flows).all():
            raise FloatingPointError("invalid value encountered in the choice of suppliers")
        change = np.where(solved, np.log(np.where(solved, lost, 1.0) / np.where(solved, won, 1.0)), 0.0)
        home += change
        if np.abs(change).max() < 1e-10:
            break
    home[(rate >= 1.0) & reachable] = -NEVER
    fill_missing(arrays, home, outside, rate)
    return home.reshape(size, size), abroad.reshape(size, size)


def reviewed_share(sourcing: Sourcing, supplier: NDArray[np.int32], ends: Array) -> Array:
    """Chance that a link ends or is reviewed in a year, (L,); a local one also as its supplier closes, `ends` (n,)."""
    usual, outside = (float(sourcing.turnover(np.array([fill]))[0]) for fill in (sourcing.usual_fill, 1.0))
    return np.where(supplier >= 0, 1.0 - (1.0 - usual) * (1.0 - ends[np.maximum(supplier, 0)]), outside)


def fill_missing(arrays: ScenarioArrays, home: Array, outside: Array, rate: Array) -> None:
    """Give inputs without a local producer the median odds of peers, segments of the same tiers that have one."""
    size = arrays.size
    missing = arrays.output == 0.0
    peers = np.isin(arrays.tier, np.unique(arrays.tier[missing])) & ~missing
    known = (rate > 0) & (rate < 1) & (home > NEVER)
    of_peers = known & np.repeat(peers, size)
    usable = of_peers if of_peers.any() else known
    usual = float(np.median((home - np.log(outside))[usable])) if usable.any() else -1.0
    gap = np.repeat(missing, size) & (arrays.technical.ravel() > 0)
    home[gap] = np.log(outside[gap]) + usual


def set_frontier_pace(economy: Economy, innovation: Innovation) -> None:
    """Set the expected yearly gains of productivity and quality of each segment: the frontier's pace.

    The mean of expected gains over trial years in which productivity and quality move but sizes stay, weighted by
    output: the base economy as a whole then keeps pace and grows with its markets. Base-year gains alone are too low,
    because enterprises differ less in the base year than later and find less to imitate; equal weights are too low,
    because large enterprises search more.
    """
    arrays, fixed = economy.arrays, economy.calibration
    saved = economy.log_productivity.copy(), economy.quality.copy()
    absorptive = innovation.absorptive_capacity(economy)
    chance = innovation.chance(innovation.effort(economy, absorptive))
    total = np.zeros((2, arrays.size))
    for trial in range(TRIAL_YEARS):
        economy.year = -1 - trial
        expected = innovation.expected_gains(economy, chance, absorptive)
        pace = [group_sums.weighted_means(gain, economy.output, economy.segment, arrays.size) for gain in expected]
        fixed.productivity_gain[:], fixed.quality_gain[:] = pace
        total += pace
        found = innovation.discoveries(economy, chance, key="population.gain")
        innovation.advance(economy, *innovation.gains(economy, chance, absorptive, found, key="population.gain"))
    economy.log_productivity[:], economy.quality[:] = saved
    economy.year = arrays.start
    served = economy.calibration.base_enterprises > 0
    usual = total[:, served] @ arrays.output[served] / max(arrays.output.sum(), 1e-300)
    fixed.productivity_gain[:], fixed.quality_gain[:] = np.where(served, total, usual[:, None]) / TRIAL_YEARS


def norm_cost(economy: Economy) -> Array:
    """Unit cost of an enterprise at its segment's norm, all input prices 1, (S,)."""
    arrays, fixed = economy.arrays, economy.calibration
    labour = fixed.ordinary_norm * arrays.wage[0] + fixed.skilled_norm * arrays.wage[1]
    return labour + fixed.user_cost + fixed.other_inputs + arrays.technical.sum(axis=0) + arrays.production_tax


def of_unnamed(economy: Economy, values: Array, otherwise: Array) -> Array:
    """Medians of `values` (n,) over the unnamed enterprises of each segment, (S,): what entrants start from."""
    unnamed, segment, size = ~economy.named, economy.segment, economy.arrays.size
    present = group_sums.numbers(segment, unnamed, size) > 0
    return np.where(present, group_sums.medians(values, segment, unnamed, size), otherwise)


def first_guess(economy: Economy, norm: Norms) -> Calibration:
    """The constants that need no solution; the others are zero until solved."""
    arrays, size = economy.arrays, economy.arrays.size
    zero = np.zeros(size)
    number = np.bincount(economy.segment, minlength=size)
    bought = arrays.technical @ arrays.output
    outside = (arrays.technical * (1.0 - arrays.local_rate)) @ arrays.output
    present = number > 0
    hazard = float(np.average(arrays.exit_hazard, weights=number)) if present.any() else 1.0
    return Calibration(
        home=np.full((size, size), NEVER),
        abroad=np.zeros((size, size)),
        rival_goodwill=np.zeros((size, 4)),
        user_cost=norm.user_cost,
        other_inputs=norm.other_inputs,
        ordinary_norm=of_unnamed(economy, economy.ordinary_coefficient, norm.ordinary),
        skilled_norm=of_unnamed(economy, economy.skilled_coefficient, norm.skilled),
        research_norm=of_unnamed(economy, economy.research_share, norm.research_share),
        rd_norm=of_unnamed(economy, economy.rd_share, arrays.rd_share),
        productivity_mean=group_sums.weighted_means(
            economy.log_productivity, np.ones(economy.n), economy.segment, size
        ),
        productivity_gain=zero,
        quality_gain=zero.copy(),
        entry_rate=zero.copy(),
        mean_size=np.where(present, arrays.output / np.maximum(number, 1), SIZE_OF_FIRST * arrays.min_efficient_scale),
        markup=zero.copy(),
        base_enterprises=number,
        base_demand=bought,
        base_outside=outside,
        hazard_mean=max(hazard, 1e-12),
    )
