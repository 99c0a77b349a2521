"""Migration, hiring and wages.

    L_j = L_j0 Y / (A trend) (W / w_j)^sigma,  W the CES wage index            wanted production staff
    L_t = L_t-1 + n (L_j - L_t-1)                                              staff planned for the year
    H = min(V, m V^(1-a) U^a)                                                 hires of a skill in the region
    w* = w_ref (u / u*)^b,  dlog w_ref = g_w + s h (dlog productivity - g_A)   wage curve as a level, h = E / (E + R)
    dlog w = g_w + c (ln w* - ln w_-1 - g_w)                                  the wage closes part of its distance to it
    dlog F = f J / F + m (ln w - ln w_outside) - v (u - u*)                    labour force, J the jobs markets promise
    dlog R = r (u - u*)                                                       staff of the rest of the region

Staff, wage and people all answer last year's unemployment, so together they must answer a point of it by less than a
point, else a year of slack breeds a year of shortage. That is why staff and wage close only part of their gaps, and why
people answer points of unemployment and not its log, which would weigh a point more the scarcer the unemployed are.

Source: CES with calibrated shares (Katz and Murphy 1992); partial adjustment of staff (Nickell 1986, J); matching
(Petrongolo and Pissarides 2001); wage curve (Blanchflower and Oswald 1994; Nijkamp and Poot 2005).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np
from pydantic import Field

from chainsim.economy import ces, kernels, sectors
from chainsim.economy.arrays import ORDINARY, SKILLED
from chainsim.economy.parameters import NonNegative, Number, Positive, Share, parameter
from chainsim.economy.types import Array
from chainsim.stages.base import Stage, as_shipped

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


class Labour(Stage):
    """Migration, hiring and wages.

    Reads: expected_orders, R&D budget. Entry points: talent, link_talent, skilled_inflow, outside_pay.
    Writes: staff, R&D, talent, the region's pools and wages.

    Two pools, ordinary and skilled, belong to the whole region with the rest of its economy. Disabled: wages follow the
    trend and staff equals what is wanted.
    """

    key: ClassVar[str] = "labour"
    reads_stages: ClassVar[frozenset[str]] = frozenset({"finance", "innovation", "investment", "pricing", "production"})

    # fmt: off
    substitution: Positive = parameter(1.5, "1", 0.7, 2.6, "S: meta-analyses of skilled-ordinary substitution",
        "elasticity between ordinary and skilled staff, sigma_H")
    quit_rate: Share = parameter(0.08, "1/y", 0.04, 0.15, "J", "staff who leave by themselves")
    layoff_limit: Share = parameter(0.30, "1/y", 0.1, 0.5, "J", "largest share of staff laid off in a year")
    matching_elasticity: Share = parameter(0.5, "1", 0.3, 0.7, "S: Petrongolo and Pissarides 2001",
        "elasticity of hires to the unemployed")
    matching_slack: Positive = parameter(1.25, "1", 1.05, 1.6, "T", "matches possible over vacancies in the base year; 1 at least")
    staff_adjustment: Share = parameter(0.6, "1/y", 0.4, 1.0, "J",
        "part of the gap between staff and what is wanted that an enterprise closes in a year", gt=0)
    unemployment_floor: Share = parameter(0.01, "1", 0.001, 0.02, "J",
        "unemployment that hiring cannot lower further; that of the base year where it is lower", gt=0)
    wage_curve: Number = parameter(-0.07, "1", -0.15, -0.05, "S: Nijkamp and Poot 2005",
        "elasticity of the wage to unemployment")
    wage_adjustment: Share = parameter(0.4, "1/y", 0.2, 0.7, "J",
        "part of its distance to the wage curve that pay closes in a year", gt=0)
    wage_productivity: Share = parameter(0.3, "1", 0.0, 0.6, "J",
        "share of productivity gains beyond the trend that reaches wages")
    migration: NonNegative = parameter(0.2, "1/y", 0.1, 0.4, "S: Moretti and Wilson 2017, long run 1.8",
        "yearly response of the labour force to log relative pay")
    migration_outlook: Share = parameter(1.0, "1", 0.5, 1.0, "J",
        "part of the growth of employment that market paths promise for which people come to the region")
    migration_unemployment: NonNegative = parameter(0.1, "1/y", 0.05, 0.3, "J",
        "points of labour force that leave in a year per point of unemployment beyond the base year's")
    rest_response: NonNegative = parameter(0.05, "1/y", 0.0, 0.15, "J",
        "points by which employment in the rest of the region grows per point of unemployment beyond the base year's")
    overtime: NonNegative = parameter(0.25, "1", 0.1, 0.4, "C: K+S family",
        "hours beyond the normal that staff can work")
    overtime_pay: Positive = parameter(1.5, "1", 1.0, 2.0, "S: labour law of the PRC, art. 44",
        "pay of an overtime hour over a normal hour")
    research_share: Share = parameter(0.6, "1", 0.3, 0.7, "J", "share of R&D spent on own staff, rho")
    talent_fading: Share = parameter(0.10, "1/y", 0.05, 0.2, "J",
        "share of the people who came by talent programmes that move on or are like all others after a year")
    # fmt: on
    regional: bool = Field(
        True,
        description="Region-wide labour pool and wages; false: wages follow the trend and everybody wanted is hired.",
    )

    writes: ClassVar[frozenset[str]] = frozenset(
        {"wanted_ordinary", "wanted_skilled", "ordinary", "skilled", "research", "rd", "rd_services", "talent"}
    )

    def production_staff(self, economy: Economy) -> tuple[Array, Array]:
        """Ordinary and skilled staff wanted for the expected orders that capital can serve, two of (n,), persons."""
        planned = economy.expected_orders
        if economy.stages.production.capacity:
            planned = np.minimum(planned, economy.capacity)
        per_unit = planned / (economy.efficiency * economy.trend)
        first, second = self.staff_per_unit(economy)
        return economy.ordinary_coefficient * per_unit * first, economy.skilled_coefficient * per_unit * second

    def staff_per_unit(self, economy: Economy) -> tuple[Array, Array]:
        """Staff wanted per unit over the base coefficient, ordinary and skilled, two of (n,), at this year's wages."""
        share = ces.share_of_first(*economy.base_pay())
        relative = economy.region.wage_index / economy.trend
        return ces.demand(share, relative[0], relative[1], self.substitution)

    def research_staff(self, economy: Economy) -> Array:
        """R&D staff wanted, (n,), persons: the budget's share for own staff over the skilled wage."""
        budget = self.rd_budget(economy)
        expected = economy.wage()[1] * (1.0 + economy.arrays.wage_growth * (economy.years > 0))
        return economy.research_share * budget / expected[economy.segment]

    def rd_budget(self, economy: Economy) -> Array:
        """R&D budget of the year, (n,), CNY million: what innovation decides, as known once labour has begun."""
        known = economy.flows.rd_budget
        return economy.stages.innovation.rd_budget(economy) if known is None else known

    def migration_rate(self, economy: Economy) -> Array:
        """Growth of the labour force by skill, (2,), 1/y: promised jobs, pay beyond the base gap, unemployment."""
        region, arrays = economy.region, economy.arrays
        outside = (1.0 + arrays.wage_growth) ** (economy.years - 1) * np.exp(economy.policy.outside_pay)
        pay = np.log(region.wage_index / outside)
        promised = self.migration_outlook * self.promised_jobs(economy)
        return promised + self.migration * pay - self.migration_unemployment * self.slack(economy)

    def promised_jobs(self, economy: Economy) -> Array:
        """Growth of employment that market paths promise this year by skill, (2,), over the labour force."""
        arrays, force = economy.arrays, economy.region.labour_force
        staff_per_output = (1.0 - economy.missed_progress()) * economy.last_trend / economy.trend
        growth = (1.0 + arrays.outlook[economy.years]) * staff_per_output - 1.0
        staff = economy.columns_by_segment(economy.ordinary, economy.skilled + economy.research)
        jobs = [float(of_skill @ growth) for of_skill in staff]
        return np.divide(jobs, force, out=np.zeros(2), where=force > 0)

    def slack(self, economy: Economy) -> Array:
        """Last year's unemployment beyond the base year's by skill, (2,), share of the labour force."""
        return economy.region.unemployment - economy.arrays.unemployment

    def rest_employment(self, economy: Economy) -> Array:
        """Employment of the rest of the region by skill, (2,), persons: local slack, and the job multiplier."""
        region = economy.region
        own = (region.rest - region.rest_induced) * (1.0 + self.rest_response * self.slack(economy))
        return own + self.induced_employment(economy)

    def induced_employment(self, economy: Economy) -> Array:
        """Part of it that the chain's incomes beyond the reference run induce, (2,), persons, split like its staff."""
        employed = economy.region.employed
        return sectors.induced_jobs(economy) * employed / max(employed.sum(), 1e-300)

    def planned(self, staff: Staff) -> Staff:
        """The staff that enterprises plan for the year: part of the way to what they want; a new one hires all."""
        present, wanted = staff
        return Staff(present, np.where(present > 0.0, present + self.staff_adjustment * (wanted - present), wanted))

    def reference_growth(self, economy: Economy) -> Array:
        """Growth of the reference wage by skill, (2,), log/y: that outside, and gains of productivity beyond the trend.

        They count by the share of the modelled enterprises in employment, because the rest of the region has none.
        """
        return self.growth_at(economy, economy.mean_log_productivity())

    def growth_at(self, economy: Economy, productivity: float) -> Array:
        """The same at a mean log `productivity`, (2,), log/y."""
        region = economy.region
        whole = region.employed + region.rest
        share = np.divide(region.employed, whole, out=np.zeros(2), where=whole > 0)
        excess = productivity - region.mean_productivity
        return np.log1p(economy.arrays.wage_growth) + self.wage_productivity * share * excess

    def wages(self, economy: Economy) -> Array:
        """Wage index by skill, (2,), base 1: last year's, grown as outside, part of the way to the wage curve."""
        region = economy.region
        curve = region.wage_reference * (region.unemployment / economy.arrays.unemployment) ** self.wage_curve
        expected = region.wage_index * (1.0 + economy.arrays.wage_growth)
        return expected * (curve / expected) ** self.wage_adjustment

    def lowest_unemployment(self, economy: Economy) -> float:
        """Unemployment that hiring cannot lower further: the floor, or that of the base year where it is lower."""
        return min(self.unemployment_floor, economy.arrays.unemployment)

    def hiring_rate(self, economy: Economy, skill: int, vacancies: float, staying: float) -> float:
        """Share of the region's `vacancies` of a skill that those without work can fill, beside the `staying` staff."""
        if vacancies <= 0.0:
            return 1.0
        force, a = economy.region.labour_force[skill], self.matching_elasticity
        unemployed = max(force - staying, 0.0)
        matches = economy.region.match_scale[skill] * vacancies ** (1.0 - a) * unemployed**a
        free = max(unemployed - self.lowest_unemployment(economy) * force, 0.0)
        return min(1.0, matches / vacancies, free / vacancies)

    def step(self, economy: Economy) -> None:
        """Receive talent, hire, lay off, and set wages."""
        economy.talent[:] = (1.0 - self.talent_fading) * economy.talent + economy.policy.talent
        economy.region.link_talent *= 1.0 - self.talent_fading
        economy.region.link_talent += economy.policy.link_talent
        ordinary, skilled = self.production_staff(economy)
        economy.flows.rd_budget = self.rd_budget(economy)
        research = self.research_staff(economy)
        economy.wanted_ordinary[:], economy.wanted_skilled[:] = ordinary, skilled
        if not self.enabled:
            economy.ordinary[:], economy.skilled[:], economy.research[:] = ordinary, skilled, research
            economy.region.wage_index[:] = economy.trend
        elif not self.regional:
            for staff, wanted in (
                (economy.ordinary, ordinary),
                (economy.skilled, skilled),
                (economy.research, research),
            ):
                staff[:] = np.maximum(wanted, (1.0 - self.quit_rate - self.layoff_limit) * staff)
            economy.region.wage_index[:] = economy.trend
        else:
            self.hire_from_pools(economy, ordinary, skilled, research)
        self.spend_on_research(economy)

    def hire_from_pools(self, economy: Economy, ordinary: Array, skilled: Array, research: Array) -> None:
        """Move the labour force, hire and lay off staff of both skills, and set wages."""
        region = economy.region
        region.labour_force *= 1.0 + self.migration_rate(economy)
        region.labour_force[SKILLED] += economy.policy.skilled_inflow
        rest = self.rest_employment(economy)
        region.rest_induced[:] = self.induced_employment(economy)
        self.hire(economy, ORDINARY, [self.planned(Staff(economy.ordinary, ordinary))], rest[ORDINARY])
        groups = [self.planned(Staff(economy.skilled, skilled)), self.planned(Staff(economy.research, research))]
        self.hire(economy, SKILLED, groups, rest[SKILLED])
        self.set_wages(economy)

    def hire(self, economy: Economy, skill: int, groups: Sequence[Staff], rest: float) -> None:
        """Let staff of a skill quit, hire and lay off towards what is wanted, by `rest` in the rest of the region."""
        region, stay = economy.region, 1.0 - self.quit_rate
        kept, vacancies = np.empty((2, len(groups), economy.n))
        for (present, wanted), *leaving in zip(groups, kept, vacancies, strict=True):
            kernels.quit(present, wanted, stay, *leaving)
        rest_kept = stay * region.rest[skill]
        rest_vacancies = max(rest - rest_kept, 0.0)
        asked = float(sum(v.sum() for v in vacancies)) + rest_vacancies
        staying = float(sum(k[economy.active].sum() for k in kept)) + rest_kept
        rate = self.hiring_rate(economy, skill, asked, staying)
        for (present, wanted), *leaving in zip(groups, kept, vacancies, strict=True):
            kernels.hire(wanted, *leaving, rate, stay - self.layoff_limit, present)
        region.rest[skill] = min(rest, rest_kept) + rate * rest_vacancies
        region.employed[skill] = sum(float(group.present[economy.active].sum()) for group in groups)

    def set_wages(self, economy: Economy) -> None:
        """Unemployment from who works, and wages from unemployment and the growth of productivity beyond the trend."""
        region = economy.region
        usual = np.full(2, 1.0 - economy.arrays.unemployment)  # of a skill that nobody has
        there = region.labour_force > 0
        occupied = np.divide(region.employed + region.rest, region.labour_force, out=usual, where=there)
        region.unemployment[:] = np.maximum(1.0 - occupied, self.lowest_unemployment(economy))
        now, shipped = economy.mean_log_productivity(), as_shipped(self, "reference_growth")
        region.wage_reference *= np.exp(self.growth_at(economy, now) if shipped else self.reference_growth(economy))
        region.mean_productivity = now
        region.wage_index[:] = self.wages(economy)

    def spend_on_research(self, economy: Economy) -> None:
        """R&D of the year: pay of R&D staff and services bought from the rest of the budget."""
        services = (1.0 - economy.research_share) * self.rd_budget(economy)
        economy.rd_services[:] = np.where(economy.active, services, 0.0)
        economy.rd[:] = economy.rd_services + economy.research * economy.wage()[1][economy.segment]


class Staff(NamedTuple):
    """Staff of one kind that enterprises have, to be changed in place, and that they want, (n,) each, persons."""

    present: Array
    wanted: Array
