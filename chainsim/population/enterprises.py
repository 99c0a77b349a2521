"""Base-year enterprises: who they are, their size, staff, productivity, capital and money."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from chainsim.economy import draws, group_sums
from chainsim.economy.arrays import AGE_CLASSES, OWNERS, ScenarioArrays
from chainsim.economy.economy import Economy
from chainsim.economy.protocols import NamedEnterprise, StageRules
from chainsim.economy.types import Array
from chainsim.population.sizes import products, sizes

OLDEST = 60
"""Age of the oldest enterprises that are drawn for the base year, years."""
MOST_RESEARCH = 0.8
"""Largest share of skilled staff in R&D; the rest of the R&D budget buys services."""
PLAUSIBLE = 1.0
"""Largest log distance of a base-year productivity or quality from its mean."""
BELOW_CEILING = 0.98
"""Part of the markup ceiling that base-year markups stay below."""
LEAST_COST = 1e-3
"""Least unit cost of labour and capital that the ceiling leaves, over the price."""
HIGH_TECH_RESEARCH = 0.04
"""R&D over sales from which enterprises are certified as high-tech before the others."""
WITHIN_BAND = 0.95
"""Part of the band of capital in which nobody adjusts that base-year enterprises are spread over."""


def identities(name: str, year: int, number: int) -> NDArray[np.uint64]:
    """Identities of those founded in `year` under the name of a segment or another, (number,); 0 is the base year."""
    root = draws.mix(draws.name_hash(name), year)
    return draws.mixed(np.full(number, root, dtype=np.uint64), np.arange(number, dtype=np.uint64))


def roster(arrays: ScenarioArrays, named: Sequence[NamedEnterprise]) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """Identity and segment of every base-year enterprise, named ones first, two of (n,)."""
    ids = [np.array([draws.name_hash(e.id) for e in named], dtype=np.uint64)]
    places = [np.array([arrays.names.index(e.segment) for e in named], dtype=np.int64)]
    for k, name in enumerate(arrays.names):
        number = int(arrays.large[k] + arrays.small[k])
        ids.append(identities(name, 0, number))
        places.append(np.full(number, k, dtype=np.int64))
    return np.concatenate(ids), np.concatenate(places)


class Norms(NamedTuple):
    """What an enterprise at the norm of its segment needs, (S,) each.

    Staff in persons per CNY million of output, `skilled` without R&D staff and `skilled_total` with it; share of R&D
    spent on own staff; other inputs and user cost of capital per unit of output.
    """

    ordinary: Array
    skilled_total: Array
    skilled: Array
    research_share: Array
    other_inputs: Array
    user_cost: Array


def norms(arrays: ScenarioArrays, stages: StageRules[Economy]) -> Norms:
    """The norms of the segments in the base year."""
    ordinary_wage, skilled_wage = arrays.wage
    mean_cost = (1.0 - arrays.skilled_share) * ordinary_wage + arrays.skilled_share * skilled_wage
    staff = arrays.labour_share / mean_cost
    skilled = arrays.skilled_share * staff
    most = np.divide(
        MOST_RESEARCH * skilled * skilled_wage, arrays.rd_share, out=np.ones_like(staff), where=arrays.rd_share > 0
    )
    research_share = np.minimum(stages.labour.research_share, most)
    return Norms(
        ordinary=(1.0 - arrays.skilled_share) * staff,
        skilled_total=skilled,
        skilled=skilled - research_share * arrays.rd_share / skilled_wage,
        research_share=research_share,
        other_inputs=arrays.other_inputs - (1.0 - research_share) * arrays.rd_share,
        user_cost=(stages.finance.interest_rate + stages.investment.depreciation) * arrays.capital_per_output,
    )


def assign_sizes(economy: Economy, named: Sequence[NamedEnterprise]) -> None:
    """Output of every enterprise; named ones as stated, the rest fills the segment total exactly."""
    arrays = economy.arrays
    u = drawn(economy, "size")
    economy.output[: len(named)] = [e.revenue for e in named]
    first = len(named)
    for k in range(arrays.size):
        large, small = int(arrays.large[k]), int(arrays.small[k])
        rows = slice(first, first + large + small)
        first += large + small
        if large + small == 0:
            continue
        total = arrays.output[k] - sum(e.revenue for e in named if e.segment == arrays.names[k])
        economy.output[rows] = sizes(
            large=u[rows][:large],
            small=u[rows][large:],
            mean_small=arrays.small_output[k],
            tail=arrays.tail[k],
            total=total,
            largest=arrays.largest * arrays.output[k],
            scale=arrays.size_scale,
        )


def drawn(economy: Economy, what: str) -> Array:
    """Uniform numbers in (0, 1) of the base-year enterprises for one purpose, (n,)."""
    return draws.uniform_for(draws.draw_key(economy.seed, f"population.{what}", 0), economy.identity)


def assign_character(economy: Economy, named: Sequence[NamedEnterprise], hazard_by_age: tuple[float, ...]) -> None:
    """Owner, park, founding year and high-tech status, drawn by identity unless stated."""
    arrays = economy.arrays
    owner_steps = np.cumsum(arrays.owners, axis=1)[economy.segment]
    economy.owner[:] = np.minimum((drawn(economy, "owner")[:, None] > owner_steps).sum(axis=1), len(OWNERS) - 1)
    key = draws.draw_key(economy.seed, "population.park", 0)
    economy.park[:] = draws.chosen_by_name(key, economy.identity, arrays.park_names, arrays.park_share)
    ages = np.arange(1, OLDEST + 1)
    hazard = np.array(hazard_by_age)[np.searchsorted(AGE_CLASSES, ages, side="right") - 1]
    surviving = np.cumprod(np.concatenate(([1.0], 1.0 - hazard[:-1])))
    age = 1 + np.searchsorted(np.cumsum(surviving) / surviving.sum(), drawn(economy, "age"))
    economy.founded[:] = arrays.start - np.minimum(age, OLDEST) + 1
    for row, enterprise in enumerate(named):
        economy.named[row] = True
        economy.names[row] = enterprise.id
        economy.owner[row] = OWNERS.index(enterprise.owner)
        if enterprise.park is not None:
            economy.park[row] = arrays.park_names.index(enterprise.park)
        if enterprise.founded is not None:
            economy.founded[row] = enterprise.founded


def assign_coefficients(economy: Economy, named: Sequence[NamedEnterprise], norm: Norms) -> None:
    """Staff and R&D coefficients: named enterprises as stated, the rest of the segment takes what is left.

    Segment totals of ordinary staff, skilled staff, R&D and other inputs are exact. `norm.other_inputs` is adjusted
    for the R&D services that named enterprises buy.

    Raises:
        ValueError: named enterprises leave no staff or R&D for the rest of their segment.
    """
    arrays, segment, output = economy.arrays, economy.segment, economy.output
    staff, share = norm.ordinary + norm.skilled_total, arrays.skilled_share
    total_skilled = norm.skilled_total[segment].copy()
    economy.ordinary_coefficient[:] = norm.ordinary[segment]
    economy.rd_share[:] = arrays.rd_share[segment]
    for row, enterprise in enumerate(named):
        k = segment[row]
        people = staff[k] * output[row] if enterprise.employees is None else enterprise.employees
        economy.ordinary_coefficient[row] = (1.0 - share[k]) * people / output[row]
        total_skilled[row] = share[k] * people / output[row]
        if enterprise.rd is not None:
            economy.rd_share[row] = enterprise.rd / output[row]
    for values, wanted, what in (
        (economy.ordinary_coefficient, norm.ordinary, "ordinary staff"),
        (total_skilled, norm.skilled_total, "skilled staff"),
        (economy.rd_share, arrays.rd_share, "R&D"),
    ):
        share_out(economy, values, wanted * arrays.output, what)
    wage = arrays.wage[1, segment]
    most = np.divide(
        MOST_RESEARCH * total_skilled * wage, economy.rd_share, out=np.ones(economy.n), where=economy.rd_share > 0
    )
    economy.research_share[:] = np.minimum(economy.stages.labour.research_share, most)
    economy.skilled_coefficient[:] = total_skilled - economy.research_share * economy.rd_share / wage
    bought = economy.by_segment((1.0 - economy.research_share) * economy.rd_share * output)
    present = arrays.output > 0
    norm.other_inputs[present] = (arrays.other_inputs - bought / np.where(present, arrays.output, 1.0))[present]


def share_out(economy: Economy, values: Array, wanted: Array, what: str) -> None:
    """Set the coefficient `values` (n,) of unnamed enterprises so that segment totals are `wanted` (S,)."""
    rest, segment, size = ~economy.named, economy.segment, economy.arrays.size
    used = group_sums.sums(values * economy.output, segment, ~rest, size)
    room = group_sums.sums(economy.output, segment, rest, size)
    left = np.divide(wanted - used, room, out=np.zeros(size), where=room > 0)
    if np.any(left < 0.0):
        name = economy.arrays.names[int(np.argmin(left))]
        raise ValueError(f"the named enterprises of segment '{name}' have more {what} than the segment: lower theirs")
    values[rest] = left[segment[rest]]


def unit_labour(economy: Economy) -> Array:
    """Cost of production staff per unit of output at productivity 1, (n,)."""
    wage = economy.arrays.wage[:, economy.segment]
    return economy.ordinary_coefficient * wage[0] + economy.skilled_coefficient * wage[1]


def assign_productivity(economy: Economy, stages: StageRules[Economy], norm: Norms) -> None:
    """Productivity with segment mean of 1/A equal to 1, clipped where prices of 1 would exceed the markup's ceiling.

    Named enterprises have the segment's norm; labour they cannot price is development expense.
    """
    arrays, segment, innovation = economy.arrays, economy.segment, stages.innovation
    spread = innovation.productivity_sd / np.sqrt(1.0 - innovation.productivity_persistence**2)
    key = draws.draw_key(economy.seed, "population.productivity", 0)
    z = np.clip(spread * draws.normal_for(key, economy.identity), -PLAUSIBLE, PLAUSIBLE)
    rest = ~economy.named
    z[~rest] = 0.0
    high = highest_productivity(economy, stages, norm)
    weight = np.where(rest, economy.output, 0.0)
    total = group_sums.totals(weight, segment, arrays.size)
    for _ in range(60):
        mean = group_sums.totals(weight * np.exp(-z), segment, arrays.size)
        shift = np.log(np.divide(mean, total, out=np.ones_like(mean), where=total > 0))
        z = np.where(rest, np.minimum(z + shift[segment], high), 0.0)
    mean = group_sums.totals(weight * np.exp(-z), segment, arrays.size)
    exact = np.divide(mean, total, out=np.ones_like(mean), where=total > 0)
    economy.productivity[:] = np.where(rest, np.exp(z) * exact[segment], 1.0)
    economy.log_productivity[:] = np.log(economy.productivity)
    fixed = arrays.technical.sum(axis=0) + norm.other_inputs + arrays.production_tax
    room = (1.0 / stages.pricing.price_floor - fixed)[segment] * economy.productivity
    labour = unit_labour(economy)
    economy.priced_labour[:] = np.clip(np.divide(room, labour, out=np.ones_like(room), where=labour > 0), 0.0, 1.0)


def highest_productivity(economy: Economy, stages: StageRules[Economy], norm: Norms) -> Array:
    """Highest base-year log productivity, (n,): it keeps the markup at prices of 1 below its ceiling."""
    arrays, segment = economy.arrays, economy.segment
    inputs = (arrays.technical.sum(axis=0) + norm.other_inputs + arrays.production_tax)[segment]
    ceiling = np.maximum(1.0 / (1.0 + BELOW_CEILING * stages.pricing.markup_ceiling) - inputs, LEAST_COST)
    high = np.log((unit_labour(economy) + norm.user_cost[segment]) / ceiling)
    return np.maximum(np.minimum(high, PLAUSIBLE), 0.0)


def assign_quality(economy: Economy, stages: StageRules[Economy]) -> None:
    """Quality around the segment's gap to the frontier."""
    innovation = stages.innovation
    spread = innovation.quality_sd / np.sqrt(1.0 - innovation.quality_persistence**2)
    key = draws.draw_key(economy.seed, "population.quality", 0)
    deviation = np.clip(spread * draws.normal_for(key, economy.identity), -PLAUSIBLE, PLAUSIBLE)
    economy.quality[:] = economy.arrays.quality_gap[economy.segment] + deviation


def assign_status(economy: Economy) -> None:
    """High-tech certificates, R&D-intensive enterprises first, until they hold the segment's share of output."""
    arrays = economy.arrays
    order = np.lexsort((drawn(economy, "high_tech"), economy.rd_share < HIGH_TECH_RESEARCH, economy.segment))
    certified, held = (arrays.high_tech_share * arrays.output).tolist(), [0.0] * arrays.size
    for i, k, output in zip(order, economy.segment[order].tolist(), economy.output[order].tolist(), strict=True):
        if held[k] + 0.5 * output <= certified[k]:
            economy.high_tech[i] = True
            held[k] += output


def assign_stocks(economy: Economy, stages: StageRules[Economy]) -> None:
    """Staff, capital, knowledge and expected orders that repeat the base year."""
    arrays, segment, output = economy.arrays, economy.segment, economy.output
    keep = stages.innovation.knowledge_depreciation
    economy.ordinary[:] = economy.ordinary_coefficient * output / economy.productivity
    economy.skilled[:] = economy.skilled_coefficient * output / economy.productivity
    economy.research[:] = economy.research_share * economy.rd_share * output / arrays.wage[1, segment]
    economy.capital[:] = (
        arrays.capital_per_output[segment] * output / economy.productivity * capital_gap(economy, stages)
    )
    economy.knowledge[:] = economy.rd_share * output / keep
    economy.sales_stock[:] = output / keep
    for column in ("expected_orders", "orders", "sales", "last_sales"):
        getattr(economy, column)[:] = output
    economy.price[:] = economy.fill[:] = 1.0
    small = arrays.small_output[segment] / arrays.size_scale
    economy.products[:] = products(output / small, stages.innovation.products_by_size)
    economy.reference_size[:] = (arrays.output / np.maximum(np.bincount(segment, minlength=arrays.size), 1))[segment]
    economy.debt[:] = stages.finance.leverage * economy.capital


def capital_gap(economy: Economy, stages: StageRules[Economy]) -> Array:
    """Base-year capital over what output needs at planned use, (n,): spread evenly where nobody adjusts.

    Enterprises that expand or shrink when a gap passes the trigger stand anywhere within it; means by segment are 1 as
    nearly as the band allows. Named ones stand at the plan.
    """
    room = np.log(1.0 / stages.investment.utilisation)
    band = WITHIN_BAND * min(np.log1p(stages.investment.trigger), room)
    u = draws.uniform_for(draws.draw_key(economy.seed, "population.capital", 0), economy.identity)
    gap, segments = np.exp(band * (2.0 * u - 1.0)), economy.arrays.size
    needed = np.where(economy.named, 0.0, economy.output / economy.productivity)
    mean = group_sums.weighted_means(gap, needed, economy.segment, segments)[economy.segment]
    within = np.clip(gap / np.where(mean > 0, mean, 1.0), np.exp(-band), np.exp(band))
    return np.where(economy.named, 1.0, within)


def enterprises(
    arrays: ScenarioArrays, stages: StageRules[Economy], named: Sequence[NamedEnterprise], seed: int
) -> tuple[Economy, Norms]:
    """An economy with its base-year enterprises, without links, and the segment norms used."""
    identity, segment = roster(arrays, named)
    economy = Economy(arrays, stages, seed, identity.size)
    economy.identity[:], economy.segment[:] = identity, segment
    economy.active[:] = True
    norm = norms(arrays, stages)
    assign_sizes(economy, named)
    assign_character(economy, named, stages.demography.hazard_by_age)
    assign_coefficients(economy, named, norm)
    assign_productivity(economy, stages, norm)
    assign_quality(economy, stages)
    assign_status(economy)
    assign_stocks(economy, stages)
    return economy, norm
