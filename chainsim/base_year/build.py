"""Builds the base year: enterprises, links, region and money, consistent with each other.

Order: sizes, character, staff, productivity, quality, stocks; links and their weights; final sales as the residual;
goodwill and home constants by inverting the expected shares; the frontier's pace; labour pools; the books of the year.
With nothing changing, the years that follow repeat it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from chainsim.base_year import calibration
from chainsim.base_year.kept import KEPT
from chainsim.economy import arrivals, draws, group_sums, sectors
from chainsim.economy.arrays import MARKETS, NO_GOODWILL, ScenarioArrays
from chainsim.economy.columns import Region
from chainsim.economy.derived import knowledge_pool
from chainsim.economy.economy import Economy
from chainsim.economy.ledger import DIVIDENDS, OWNER_EQUITY, Row
from chainsim.economy.protocols import NamedEnterprise
from chainsim.economy.types import Array
from chainsim.population.enterprises import enterprises
from chainsim.population.links import Basis, base_links
from chainsim.stages import spin_offs

if TYPE_CHECKING:
    from chainsim.stages import Stages

MOST_SURPLUS = 0.6
"""Largest log distance by which base-year staff exceeds what orders need."""
OVERTIME_PLANNED = 0.98
"""Largest part of what overtime can do, log, that base-year orders ask of staff beyond the plan."""
MOST_KEPT = 20_000
"""Enterprises of a region up to which its links are kept for the next base year: those of more take much memory."""


def build(arrays: ScenarioArrays, stages: Stages, named: Sequence[NamedEnterprise], seed: int) -> Economy:
    """The economy in its base year, its books closed.

    Raises:
        ValueError: named enterprises leave nothing for the rest of their segment, a supplier is overbooked, or a
            market is too small for what buyers in the region leave.
    """
    economy, norm = enterprises(arrays, stages, named, seed)
    economy.calibration = calibration.first_guess(economy, norm)
    economy.region = Region.at_base(arrays)
    economy.begin_year(arrays.start)
    sourcing = stages.sourcing
    basis = Basis.of(economy, sourcing.candidates(economy), sourcing.state(economy), sourcing.rules())
    economy.links = KEPT.of(base_links, basis).copy() if economy.n <= MOST_KEPT else base_links(basis)
    assign_final_sales(economy)
    planned = plan_stocks(economy, stages)
    price_enterprises(economy, stages)
    economy.region = region(economy, stages)
    fixed = economy.calibration
    stages.labour.spend_on_research(economy)
    calibration.set_frontier_pace(economy, stages.innovation)
    fill_goodwill(economy, stages)
    close_books(economy, stages)
    economy.expected_orders[:] = planned
    economy.expected_orders[:] = stages.production.next_orders(economy)
    economy.reference_profit[:] = economy.profit_margin()
    at_risk = stages.demography.at_risk(economy)
    if at_risk.any():
        fixed.usual_profit_factor = float(stages.demography.profit_factor(economy)[at_risk].mean())
    solve_home_constants(economy, stages)
    fixed.entry_rate[:] = entry_rate(economy, stages)
    return economy


def entry_rate(economy: Economy, stages: Stages) -> Array:
    """Ordinary entrants per enterprise that keep its number, (S,): exits less spin-offs and arrivals."""
    number, demography = economy.calibration.base_enterprises, stages.demography
    exits = economy.mean_by_segment(demography.hazard(economy)) + demography.usual_defaults
    founded = spin_offs.usual(demography, economy) + arrivals.usual(economy).sum(axis=1)
    rate = np.maximum(exits - founded / np.maximum(number, 1), 0.0)
    typical = np.average(rate, weights=number) if economy.n else 0.0
    return np.where(number > 0, rate, typical)


def solve_home_constants(economy: Economy, stages: Stages) -> None:
    """Set the constants of local and foreign supply at the orders of the base year, which links were chosen for."""
    ends = stages.demography.hazard(economy) if stages.demography.enabled else np.zeros(economy.n)
    expected = economy.expected_orders.copy()
    economy.expected_orders[:] = economy.output
    solved = calibration.home_constants(economy, stages.sourcing, ends)
    economy.calibration.home[:], economy.calibration.abroad[:] = solved
    economy.expected_orders[:] = expected


def assign_final_sales(economy: Economy) -> None:
    """Final sales are what the links leave of output, split by the segment's markets."""
    arrays, links = economy.arrays, economy.links
    orders = links.coefficient * economy.output[links.buyer]
    local = links.supplier >= 0
    sold = np.bincount(links.supplier[local], weights=orders[local], minlength=economy.n)
    final = economy.output - sold
    if np.any(final <= 0.0):
        worst = int(np.argmin(final / economy.output))
        name = arrays.names[economy.segment[worst]]
        raise ValueError(f"a supplier in segment '{name}' is overbooked: lower the localization of '{name}'")
    total = arrays.market_sales.sum(axis=1)
    split = np.divide(
        arrays.market_sales, total[:, None], out=np.zeros_like(arrays.market_sales), where=total[:, None] > 0
    )
    economy.final_sales[:] = final[:, None] * split[economy.segment]
    volume = arrays.market_volume[economy.segment]
    economy.market_share[:] = np.divide(economy.final_sales, volume, out=np.zeros_like(volume), where=volume > 0)
    economy.intermediate_sales[:] = sold


def plan_stocks(economy: Economy, stages: Stages) -> Array:
    """Set staff and capital for the orders that were planned for, (n,), units: those received less the year's surprise.

    An ordinary year surprises every enterprise, so some have more staff than their orders need and make a loss; segment
    totals stay exact. Named enterprises have the staff stated.
    """
    surprised, lag = surprise(economy, stages), missed(stages)
    most = OVERTIME_PLANNED * np.log1p(stages.labour.overtime)
    orders, staffed = (
        np.where(economy.named, economy.output, economy.output * np.exp(np.clip(-far * surprised, -most, MOST_SURPLUS)))
        for far in lag
    )
    for staff in (economy.ordinary, economy.skilled):
        staff[:] = with_totals_of(economy, staff * staffed / economy.output, staff, least=np.zeros(economy.n))
    needed = economy.output / economy.capacity_per_capital
    economy.capital[:] = with_totals_of(economy, economy.capital * orders / economy.output, economy.capital, needed)
    return orders


def with_totals_of(economy: Economy, planned: Array, stock: Array, least: Array) -> Array:
    """What is planned, (n,), with the segment totals that the unnamed have of `stock`, none with less than `least`."""
    unnamed = np.where(economy.named, 0.0, 1.0)
    beyond = np.maximum(planned - least, 0.0)
    wanted = economy.by_segment(unnamed * (stock - least))
    made = economy.by_segment(unnamed * beyond)
    exact = np.divide(wanted, made, out=np.zeros_like(made), where=made > 0)
    return np.where(economy.named, stock, least + exact[economy.segment] * beyond)


MOST_LAG = 0.99
"""Weight of the year before beyond which plans never follow orders, which then stray without end."""


def missed(stages: Stages) -> tuple[float, float]:
    """Spread by which expected orders, and staff, stray from the orders of an ordinary year, over that of one surprise.

    Orders g and staff h lag behind orders that wander by s a year, with expectation 1 - a and staff adjustment 1 - b:
    g = s + a g', h = s + b h' + (1 - b) a g'. These are their standard deviations when that has gone on for long.
    """
    a = min(1.0 - stages.production.expectation, MOST_LAG)
    adjusts = stages.labour.enabled and stages.labour.regional
    b = min(1.0 - stages.labour.staff_adjustment, MOST_LAG) if adjusts else 0.0
    orders = 1.0 / (1.0 - a**2)
    common = (1.0 + (1.0 - b) * a**2 * orders) / (1.0 - a * b)
    staff = (1.0 + ((1.0 - b) * a) ** 2 * orders + 2.0 * b * (1.0 - b) * a * common) / (1.0 - b**2)
    return float(np.sqrt(orders)), float(np.sqrt(staff))


def surprise(economy: Economy, stages: Stages) -> Array:
    """How far orders of an ordinary year stray from those expected, (n,), log: demand shocks, links won and lost."""
    links, output = economy.links, economy.output
    local = links.supplier >= 0
    orders = (links.coefficient * output[links.buyer])[local]
    squares = np.bincount(links.supplier[local], weights=orders**2, minlength=economy.n)
    changing = float(stages.sourcing.turnover(np.ones(1))[0]) if stages.sourcing.enabled else 0.0
    key = draws.draw_key(economy.seed, "population.orders", 0)
    by_links = np.sqrt(2.0 * changing * squares) / output * draws.normal_for(key, economy.identity)
    return stages.demand.shock(economy) + by_links


def price_enterprises(economy: Economy, stages: Stages) -> None:
    """Markups such that every price is 1."""
    economy.unit_cost[:], economy.variable_cost[:] = stages.pricing.unit_cost(economy)
    economy.markup[:] = 1.0 / economy.unit_cost - 1.0
    economy.local_share[:] = economy.output / np.maximum(economy.by_segment(economy.output)[economy.segment], 1e-300)
    fixed, arrays = economy.calibration, economy.arrays
    everyone = group_sums.weighted_means(economy.markup, economy.output, economy.segment, arrays.size)
    usual = calibration.of_unnamed(economy, economy.markup, everyone)
    entry = np.clip(1.0 / calibration.norm_cost(economy) - 1.0, 0.0, stages.pricing.markup_ceiling)
    fixed.markup[:] = np.where(fixed.base_enterprises > 0, usual, entry)


def region(economy: Economy, stages: Stages) -> Region:
    """Labour pools, parks and institutes in the base year."""
    arrays, state = economy.arrays, economy.region
    employed = np.array([economy.ordinary.sum(), (economy.skilled + economy.research).sum()])
    state.employed[:] = employed
    state.rest[:] = arrays.rest_ratio * employed
    state.labour_force[:] = (employed + state.rest) / (1.0 - arrays.unemployment)
    labour = stages.labour
    vacancies = labour.quit_rate * (employed + state.rest)
    unemployed = state.labour_force - (1.0 - labour.quit_rate) * (employed + state.rest)
    a = labour.matching_elasticity
    possible = max(labour.matching_slack, 1.0)  # the base year filled its vacancies
    state.match_scale[:] = possible * vacancies / np.maximum(vacancies ** (1.0 - a) * unemployed**a, 1e-300)
    staff = economy.chain_staff_by_park()
    state.park_staff[:], state.park_staff_base[:] = staff, staff
    state.park_places[:] = arrays.park_room * staff
    state.knowledge_pool_base = knowledge_pool(economy, stages.innovation.other_park)
    weight = economy.employment / max(economy.employment.sum(), 1e-300)
    state.mean_productivity = float((weight * np.log(economy.productivity)).sum())
    return state


def fill_goodwill(economy: Economy, stages: Stages) -> None:
    """Goodwill of enterprises and rivals that makes the base-year shares their long-run shares."""
    demand, segment = stages.demand, economy.segment
    served = economy.market_share > 0
    appeal = demand.appeal(economy)[:, None]
    log_share = np.log(np.where(served, economy.market_share, 1.0))
    economy.goodwill[:] = np.where(served, log_share - appeal, NO_GOODWILL)
    local = group_sums.column_sums(economy.market_share, segment, economy.arrays.size)
    if np.any(local >= 1.0):
        k, market = np.unravel_index(int(np.argmax(local)), local.shape)
        name = economy.arrays.names[int(k)]
        raise ValueError(
            f"segment '{name}' would sell {local.max():.3g} times what its market {MARKETS[int(market)]} buys, "
            f"because its enterprises cannot serve the stated localization of '{name}': lower it, or state more "
            "enterprises"
        )
    economy.rival_share[:] = 1.0 - local
    economy.calibration.rival_goodwill[:] = np.log(economy.rival_share)


def close_books(economy: Economy, stages: Stages) -> None:
    """Post the base year's flows and set the cash that makes dividends repeat; owners of loss makers pay every loss."""
    production, finance = stages.production, stages.finance
    economy.feasible[:] = economy.capacity
    economy.flows.trade[:] = 0.0
    economy.flows.capacity[:] = economy.by_segment(economy.capacity)
    production.deliver(economy)
    production.sell(economy)
    production.pay_suppliers(economy)
    production.pay_staff(economy)
    economy.last_sales[:] = economy.sales
    economy.ledger.book(Row.RD_SERVICES, economy.rd_services)
    economy.depreciation[:] = stages.investment.depreciation * economy.capital
    expansion = np.maximum(economy.next_outlook(), -stages.investment.depreciation) * economy.capital
    economy.investment[:] = economy.depreciation + expansion
    economy.ledger.book(Row.INVESTMENT_GOODS, economy.investment)
    economy.interest[:] = finance.interest_due(economy)
    economy.profit[:] = finance.profit(economy)
    economy.profit_tax[:] = finance.profit_tax(economy)
    economy.ledger.book(Row.INTEREST, economy.interest)
    economy.ledger.book(Row.PROFIT_TAX, economy.profit_tax)
    surplus = economy.profit - economy.profit_tax
    own = np.minimum((1.0 - finance.leverage) * expansion, np.maximum(surplus, 0.0))
    economy.ledger.book(Row.LOANS, np.maximum(expansion - own, 0.0))
    economy.ledger.book(Row.LOAN_REPAYMENTS, np.maximum(own - expansion, 0.0))
    economy.debt[:] += expansion - own
    economy.capital[:] += expansion
    economy.dividends[:] = np.maximum(surplus, 0.0) - own
    sectors.book_owners(economy, DIVIDENDS, economy.dividends)
    economy.owner_backed[:] = economy.named & (surplus < 0.0)
    sectors.book_owners(economy, OWNER_EQUITY, np.where(economy.owner_backed, -surplus, 0.0))
    kept = finance.cash_need * economy.sales + economy.dividends * (1.0 - finance.payout) / finance.payout
    cash = np.where(economy.owner_backed, 0.0, kept)
    economy.ledger.opening += float((cash - economy.cash).sum())
    economy.cash[:] = cash
    sectors.close_accounts(economy)
    economy.ledger.check()
