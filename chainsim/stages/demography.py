"""Exit and entry of enterprises.

    hazard = hazard by age x (size / median)^-.5 / mean of its age class  x  exp(-2 profit / sales) / its base-year mean
    entrants ~ Poisson(e sqrt(n n_pot) [1 + 2.5 (profit - recent profit)])     n_pot: sales over mean size
    first plants of a missing link ~ e0 max(0, viability - 1) + e1 x region's share of new plants

Entrants win a small share of final demand and must win intermediate orders. Large enterprises that lose money for years
are restructured: capital, debt, orders and market shares are cut and the owner changes. Sources: hazards by age from
Chinese firm registers (facts B086-B089); entry rates are set so that the base-year stock replaces itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from chainsim.economy import arrivals, draws, group_sums, kernels, sectors
from chainsim.economy.arrays import AGE_CLASSES, NATIONAL_MARKET, OWNERS
from chainsim.economy.columns import ENDED, ENDED_PLACES
from chainsim.economy.entry_points import Arrival
from chainsim.economy.ledger import LIQUIDATION, Row
from chainsim.economy.parameters import NonNegative, Number, Positive, Share, parameter
from chainsim.economy.types import Array, Flags, Index
from chainsim.population import founding
from chainsim.stages import missing_links, spin_offs
from chainsim.stages.base import Stage

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


MOST_LOCAL = 1.0 - 1e-6
"""Largest share of local enterprises in a final market."""
LEAST_SIZE = 1e-3
"""Smallest size over the median of the segment that the exit hazard tells from none."""
MOST_YIELDED = 0.5
"""Largest part of their final market shares that older enterprises yield to entrants in a year."""
AGE_CLASS = np.searchsorted(AGE_CLASSES, np.arange(AGE_CLASSES[-1] + 1), side="right") - 1
"""Class of the hazard table by completed years, up to the first of the last class."""
ByAge = tuple[Share, Share, Share, Share, Share, Share]
"""A value for each class of age."""


class Demography(Stage):
    """Exit and entry of enterprises.

    Reads: age, size, profit, unmet demand. Entry points: entrants, plant_grant, plant_grants, location, attraction,
    arrivals, park_pull, closing, institutes.
    Writes: appends rows, clears those that close. The year calls its parts; between them guarantees pay for lost loans
    and support is clawed back.

    Named and large enterprises leave by default only. Disabled: nobody enters or leaves.
    """

    key: ClassVar[str] = "demography"
    reads_stages: ClassVar[frozenset[str]] = frozenset(
        {"demand", "finance", "innovation", "investment", "pricing", "sourcing"}
    )

    parts: ClassVar[tuple[str, ...]] = ("count_losses", "restructure", "repay", "close", "found")

    # fmt: off
    hazard_by_age: ByAge = parameter((0.016, 0.063, 0.095, 0.085, 0.067, 0.05), "1/y", None, None, "S: facts B086-B089",
        "exit hazard after 1, 2, 3, 4-7, 8-15 and 16 or more years")
    hazard_anchor: Share = parameter(0.1, "1", 0.05, 1.0, "J",
        "factor on the hazard of unnamed enterprises in anchor segments")
    hazard_size: Number = parameter(-0.5, "1", -0.7, -0.2, "T", "elasticity of the exit hazard to relative size")
    hazard_profit: NonNegative = parameter(2.0, "1", 0.0, 5.0, "J",
        "fall of the log hazard per unit of profit over sales, against break-even")
    hazard_scale: NonNegative = parameter(1.0, "1", 0.8, 1.3,
        "T: exit .062-.093, median life 8.5-13 y (S: facts B086-B091, B095)", "factor on the exit hazard of the data")
    negligible: NonNegative = parameter(0.02, "1", 0.0, 0.1, "J",
        "output over the segment's small enterprises below which an enterprise closes")
    entry_profit: NonNegative = parameter(2.5, "1", 0.0, 5.0, "T", "response of entry to profit above its recent level")
    profit_memory: Share = parameter(0.25, "1/y", 0.1, 0.5, "T", "weight of this year in the reference profit of entry")
    entrant_size: Positive = parameter(0.6, "1", 0.4, 1.0, "T: neutrality against fixed shares",
        "size of an entrant over the segment's small enterprises")
    entrant_size_sd: NonNegative = parameter(0.75, "log", 0.4, 1.0, "T",
        "standard deviation of the log size of entrants", le=3)
    large_share: Share = parameter(0.05, "1", 0.02, 0.1, "J",
        "share of its segment's sales, at least three times the mean, above which an enterprise is restructured and not closed")
    patience: int = parameter(5, "y", 3, 8, "J", "years of losses in a row after which a large enterprise is restructured", ge=1)
    patience_state: int = parameter(10, "y", 5, 15, "J", "the same where the state owns it", ge=1)
    cut: Share = parameter(0.4, "1", 0.2, 0.6, "J", "part of capital, debt and orders that a restructuring takes away", lt=1)
    entrant_productivity: Number = parameter(0.0, "log", -0.2, 0.0, "T: no drift of output by turnover alone",
        "mean productivity of entrants relative to the segment")
    entrant_productivity_sd: NonNegative = parameter(0.2, "log", 0.1, 0.3, "T",
        "standard deviation of the productivity of entrants")
    spin_off: Share = parameter(0.3, "1", 0.1, 0.5, "J",
        "share of entrants that spin off an incumbent and copy its park and partners")
    institute_spin_offs: NonNegative = parameter(1.0, "enterprises per CNY billion", 0.3, 3.0, "T: fact A128",
        "enterprises that institutes found a year per CNY billion of their budgets and of grants to them")
    spin_off_reach: Share = parameter(0.1, "1", 0.03, 0.3, "J",
        "share of the spin-offs of institutes that founds a missing link near the segment served")
    spin_off_quality: NonNegative = parameter(0.1, "log", 0.0, 0.3, "J",
        "quality of a spin-off of institutes above what its segment can start from")
    spin_off_rd: Positive = parameter(2.0, "1", 1.0, 5.0, "T: facts N071-N073, 28 % of sales at one of them",
        "R&D of a spin-off of institutes over the norm of its segment")
    entry_most: Positive = parameter(3.0, "1", 2.0, 5.0, "T", "most that profit raises entry, over the usual")
    followers: Share = parameter(0.5, "1", 0.2, 1.0, "J",
        "rate of further plants of a filled link over that at which demand here brings the first")
    plant_size: Positive = parameter(0.8, "1", 0.5, 1.2, "J",
        "size of a first plant over the minimum efficient scale, doubled at most where demand is larger")
    plant_outside: Share = parameter(0.5, "1", 0.2, 0.8, "J",
        "part of a first plant that sells to the rest of the nation from the start")
    arrivals: NonNegative = parameter(6.0, "plants/y per 1,000 enterprises", 1.0, 24.0, "J: 5 [1 to 20] a year in the flagship",
        "plants that come from outside without policy, by enterprises of the chain in the base year")
    arrival_size_sd: NonNegative = parameter(0.3, "log", 0.1, 0.6, "J",
        "standard deviation of the log size of plants that come from outside")
    arrival_quality_most: Number = parameter(0.2, "log", 0.0, 0.4, "J",
        "highest quality at which a plant comes from outside, beyond the frontier")
    entry_cash: NonNegative = parameter(0.2, "1", 0.1, 0.4, "T", "cash of an entrant over its planned sales")
    usual_defaults: Share = parameter(0.002, "1/y", 0.0, 0.005, "T: number of enterprises of the neutral flagship",
        "exits by default and negligible size, beyond the hazard, that entry replaces")
    inherit: Share = parameter(1.0, "1", 0.0, 1.0, "J",
        "share of the final sales of closed enterprises that passes to local rivals")
    link_rate: NonNegative = parameter(0.01, "1/y", 0.003, 0.03, "J",
        "rate of first plants per unit of viability above 1 of a missing link, e0", le=100)
    unmet_rate: NonNegative = parameter(0.02, "1/y", 0.005, 0.05, "J",
        "rate of added entrants per minimum plant of new outside purchases", le=10)
    outside_rate: NonNegative = parameter(0.2, "1", 0.1, 1.0, "J",
        "region's share of new plants in China over its share of the market, e1")
    outside_share: Share = parameter(0.0012, "1", 0.0005, 0.003, "T: median national share of the existing segments",
        "share of the national market that a first plant reaches at mean quality, s0")
    location_response: NonNegative = parameter(2.5, "1", 1.5, 3.5, "S: Feld and Heckemeyer 2011",
        "semi-elasticity of arrivals from outside to the profit tax and to the public share of capital")
    colocation: NonNegative = parameter(0.3, "1/y", 0.1, 0.5, "J",
        "plants a year that follow an anchor, per plant that its unmet purchases could fill")
    colocation_share: Share = parameter(0.5, "1", 0.2, 0.8, "J",
        "part of an anchor's domestic purchases that draws plants")
    follower_size: Positive = parameter(1.5, "1", 0.5, 3.0, "J",
        "size of a plant that follows an anchor over the segment's mean, where that exceeds the minimum scale")
    # fmt: on

    writes: ClassVar[frozenset[str]] = frozenset({*ENDED, "goodwill", "support", "cash", "owner", "loss_years"})
    """Of enterprises that were there before; those founded are written whole."""

    def age(self, economy: Economy) -> Index:
        """Completed years of operation, (n,)."""
        return economy.year - economy.founded + 1

    def large(self, economy: Economy) -> Flags:
        """Enterprises too large for their segment to be closed by chance, (n,): restructured instead, or in default."""
        sales, number = economy.columns_by_segment(economy.sales, np.ones(economy.n))
        least = np.maximum(self.large_share, 3.0 / np.maximum(number, 1.0)) * sales
        return economy.active & (economy.sales > least[economy.segment])

    def at_risk(self, economy: Economy) -> Flags:
        """Enterprises that may close by chance, (n,)."""
        return economy.active & ~(economy.named | economy.anchor | self.large(economy))

    def profit_factor(self, economy: Economy) -> Array:
        """Factor of profit over sales on the exit hazard, (n,): 1 at break-even."""
        margin = np.divide(economy.profit, economy.sales, out=np.zeros(economy.n), where=economy.sales > 0)
        return np.exp(-np.minimum(np.maximum(self.hazard_profit * margin, -1.0), 1.0))

    def hazard(self, economy: Economy) -> Array:
        """Probability of closing this year by age, size and profit, (n,); 0 for named and for large enterprises.

        Sizes count within the age class of the year, so that the mean by age stays that of the data; profit counts
        against its mean factor in the base year, so that a segment that loses money sheds enterprises.
        """
        fixed = economy.calibration
        median = economy.median_by_segment(economy.expected_orders)[economy.segment]
        relative = np.divide(economy.expected_orders, median, out=np.ones(economy.n), where=median > 0)
        level = economy.arrays.exit_hazard / fixed.hazard_mean * self.hazard_scale
        chance = np.empty(economy.n)
        kernels.closing_chance(
            at_risk=self.at_risk(economy),
            age=self.age(economy),
            segment=economy.segment,
            by_size=np.maximum(relative, LEAST_SIZE) ** self.hazard_size,
            by_profit=self.profit_factor(economy),
            usual_profit=fixed.usual_profit_factor,
            by_age=np.array(self.hazard_by_age),
            class_of=AGE_CLASS,
            level=level * np.where(economy.arrays.anchors, self.hazard_anchor, 1.0),
            out=chance,
        )
        return chance

    def restructured(self, economy: Economy) -> Flags:
        """Large enterprises whose owners lose patience this year, (n,); not those whose owner planned the loss."""
        patience = np.where(economy.owner == OWNERS.index("state"), self.patience_state, self.patience)
        impatient = (economy.loss_years >= patience) & ~economy.owner_backed & ~self.defaults(economy)
        return impatient & self.large(economy) if impatient.any() else impatient

    def closes(self, economy: Economy) -> Flags:
        """Enterprises that close this year, (n,): by hazard, negligible output or default."""
        least = (self.negligible * economy.small_output())[economy.segment]
        tiny = economy.active & ~economy.named & (economy.output < least) & (self.age(economy) > 2)
        ends = (draws.uniform(economy, "demography.exit") < self.hazard(economy)) | tiny | self.defaults(economy)
        return ends | (economy.active & (economy.policy.closing > 0.0))

    def defaults(self, economy: Economy) -> Flags:
        """Enterprises that default, (n,)."""
        return economy.active & (economy.default_years >= economy.stages.finance.default_years)

    def entry_mean(self, economy: Economy) -> Array:
        """Expected number of entrants of each segment with enterprises, (S,)."""
        fixed, arrays = economy.calibration, economy.arrays
        number, sales, profit = economy.columns_by_segment(np.ones(economy.n), economy.sales, economy.profit)
        room = np.divide(sales, fixed.mean_size * economy.trend, out=np.zeros_like(sales), where=fixed.mean_size > 0)
        margin = np.divide(profit, sales, out=np.zeros_like(sales), where=sales > 0)
        pull = 1.0 + self.entry_profit * (margin - economy.reference_profit)
        pull = np.minimum(np.maximum(pull, 0.0), self.entry_most)
        bought, outside = economy.flows.trade.sum(axis=(1, 2)), economy.flows.trade[:, :, 1:].sum(axis=(1, 2))
        usual = fixed.base_outside * np.divide(
            bought, fixed.base_demand, out=np.ones_like(bought), where=fixed.base_demand > 0
        )
        unmet = self.unmet_rate * arrays.size_scale * np.maximum(outside - usual, 0.0) / arrays.min_efficient_scale
        unmet = np.minimum(unmet, number)
        usual_entry = np.where(number > 0, fixed.entry_rate * np.sqrt(number * room) * pull + unmet, 0.0)
        return usual_entry * economy.policy.entrants

    def newcomers(self, economy: Economy) -> tuple[Index, Index, Index]:
        """Number of entrants and of spin-offs of institutes, (S,) each, and of plants from outside, (S, C) by channel.

        Each is drawn by its own name, so that a policy adds to those of no policy.
        """
        entrants, plants, size = self.entry_mean(economy), arrivals.means(economy), economy.arrays.size
        founding.check_room(economy, entrants, "entry (stages.demography, levers that help it)")
        means = entrants, spin_offs.expected(self, economy), plants.ravel()
        luck = (draws.by_name(economy, f"demography.{what}") for what in ("entry", "spin_off"))
        number = draws.poisson(np.concatenate((*luck, arrivals.drawn(economy))), np.concatenate(means))
        return number[:size], number[size : 2 * size], number[2 * size :].reshape(plants.shape)

    def first_plants(self, economy: Economy) -> Index:
        """First plants of missing links, (S,): at most one a segment and year."""
        return missing_links.first_plants(self, economy)

    def followers_of_anchors(self, economy: Economy) -> list[Arrival]:
        """Plants that come after anchors, by input: drawn by what anchors buy in the nation and miss in the region."""
        return arrivals.following_anchors(self, economy)

    def inheritable(self, economy: Economy, closing: Flags) -> Array:
        """Final market shares of the `closing` (n,) that local rivals can inherit, (S, 4); named ones keep theirs."""
        leaving = closing & ~economy.named
        return group_sums.column_sums(economy.market_share, economy.segment, economy.arrays.size, leaving)

    def given_up(self, economy: Economy, rows: Flags) -> Array:
        """Final market shares that a restructuring of `rows` (n,) sets free, (S, 4)."""
        if not rows.any():
            return np.zeros(economy.rival_share.shape)
        lost = self.cut * economy.market_share * rows[:, None]
        return group_sums.column_sums(lost, economy.segment, economy.arrays.size)

    def debt_cut(self, economy: Economy, rows: Flags) -> Array:
        """Debt of which a restructuring relieves `rows` (n,), (n,), CNY million."""
        return (1.0 - self.kept(rows)) * economy.debt

    def kept(self, rows: Flags) -> Array:
        """What a restructuring leaves of a unit of capital, debt and orders, (n,): all of it outside `rows` (n,)."""
        return np.where(rows, 1.0 - self.cut, 1.0)

    def debt_left(self, economy: Economy, closing: Flags) -> Array:
        """Debt that the `closing` (n,) leave unpaid, (n,), CNY million."""
        return np.where(closing, economy.debt, 0.0)

    def turnover(self, economy: Economy) -> Turnover:
        """Who closes, is restructured and comes this year."""
        closing = self.closes(economy)
        restructured = self.restructured(economy) & ~closing
        entrants, spun_off, plants = self.newcomers(economy)
        return Turnover(
            closing=closing,
            restructured=restructured,
            entrants=entrants,
            first_plants=self.first_plants(economy),
            spin_offs=spun_off,
            plants=plants,
            arrivals=(*economy.policy.arrivals, *self.followers_of_anchors(economy)),
            freed=self.inheritable(economy, closing) + self.given_up(economy, restructured),
            margin=economy.profit_margin(),
        )

    def count_losses(self, economy: Economy) -> None:
        """Count the years of losses in a row."""
        economy.loss_years[:] = (economy.loss_years + 1) * (economy.active & (economy.profit < 0.0))

    def restructure(self, economy: Economy, rows: Flags) -> None:
        """Cut capital, debt, orders and market shares of `rows` (n,), change their owners; staff follows the orders."""
        if not rows.any():
            return
        flows, kept, cut = economy.flows, self.kept(rows), np.flatnonzero(rows)
        flows.scrapped += float(((1.0 - kept) * economy.capital).sum())
        flows.written_off += float(self.debt_cut(economy, rows).sum())
        left = kept[cut]
        for column in (economy.capital, economy.debt, economy.expected_orders):
            column[cut] *= left
        economy.guaranteed[cut] = np.minimum(economy.guaranteed[cut], economy.debt[cut])
        economy.market_share[cut] *= left[:, None]
        economy.goodwill[cut] += np.log(left)[:, None]
        steps = np.cumsum(economy.arrays.owners, axis=1)[economy.segment[cut]]
        drawn = (draws.uniform(economy, "demography.new_owner", cut)[:, None] > steps).sum(axis=1)
        economy.owner[cut] = np.minimum(drawn, len(OWNERS) - 1)
        economy.loss_years[cut] = 0

    def repay(self, economy: Economy, closing: Flags) -> None:
        """Let the `closing` (n,) repay of their loans what cash allows."""
        rows = np.flatnonzero(closing)
        repaid = np.minimum(np.maximum(economy.cash[rows], 0.0), economy.debt[rows])
        economy.ledger.book(Row.LOAN_REPAYMENTS, repaid, rows)
        economy.debt[rows] -= repaid

    def close(self, economy: Economy, closing: Flags) -> None:
        """Pay out the cash that the `closing` (n,) have left, write off their loans, scrap their capital."""
        flows, segment, segments = economy.flows, economy.segment, economy.arrays.size
        rows = np.flatnonzero(closing)
        flows.exits[:] = np.bincount(segment[rows], minlength=segments)
        flows.defaults[:] = np.bincount(segment[self.defaults(economy)], minlength=segments)
        sectors.book_owners(economy, LIQUIDATION, np.maximum(economy.cash[rows], 0.0), rows)
        flows.written_off += float(economy.debt[rows].sum())
        flows.scrapped += float((economy.capital[rows] + economy.capital_ordered[rows]).sum())
        economy.ledger.write_off(np.where(closing, -economy.cash, 0.0))
        economy.clear(ENDED_PLACES, rows)
        if rows.size:
            economy.links.close(closing)

    def found(self, economy: Economy, turnover: Turnover) -> None:
        """Found new enterprises, receive those from outside, and pass on the final sales that the closed set free."""
        economy.flows.entries[:] = turnover.entrants + turnover.first_plants + turnover.spin_offs
        later = turnover.first_plants.any()  # first plants come before others from outside
        plants = np.zeros_like(turnover.plants) if later else turnover.plants
        taken = founding.found(economy, turnover.entrants, turnover.spin_offs, plants)
        taken[:, NATIONAL_MARKET] += self.expected_shares(economy)
        if later:
            worth, nobody = missing_links.viability(self, economy), np.zeros_like(turnover.entrants)
            _, economy.flows.plant_shares = arrivals.one_by_one(economy, turnover.first_plants > 0)
            founding.found_first_plants(economy, turnover.first_plants, worth)
            founding.found(economy, nobody, nobody, turnover.plants)
        for arrival in sorted(turnover.arrivals, key=attrgetter("name")):
            founding.found_arrivals(economy, arrival)
        self.pass_on(economy, turnover.freed, taken)
        economy.reference_profit += self.profit_memory * (turnover.margin - economy.reference_profit)

    def expected_shares(self, economy: Economy) -> Array:
        """National market shares that spin-offs of base-year budgets and plants without policy will take, (S,)."""
        spent = economy.market_expenditure()[:, NATIONAL_MARKET]
        spent = np.where(spent > 0, spent, np.inf)
        return spin_offs.expected_sales(self, economy) / spent + arrivals.expected_sales(economy) / spent

    def pass_on(self, economy: Economy, freed: Array, taken: Array) -> None:
        """Final market shares of the closed less those of ordinary entrants go to, or come from, older enterprises.

        So do those that spin-offs of base-year budgets and plants that come without policy are expected to take. All
        other plants, and first plants, take theirs from outside rivals. Expected orders follow the sales.
        """
        segment, segments = economy.segment, economy.arrays.size
        older = economy.active & (economy.founded <= economy.year)
        held = group_sums.column_sums(economy.market_share, segment, segments, older)
        change = np.maximum(self.inherit * (freed - taken), -MOST_YIELDED * held)
        factor = 1.0 + np.divide(change, held, out=np.zeros_like(held), where=held > 0)
        kernels.hand_on(
            older=older,
            segment=segment,
            factor=factor,
            log_factor=np.log(factor),
            growth=economy.growth_by_segment(),
            price=economy.price,
            final_sales=economy.final_sales,
            expected_orders=economy.expected_orders,
            market_share=economy.market_share,
            goodwill=economy.goodwill,
        )
        total = group_sums.column_sums(economy.market_share, segment, segments)
        if (total > MOST_LOCAL).any():
            economy.market_share[:] *= np.minimum(1.0, MOST_LOCAL / np.maximum(total, MOST_LOCAL))[segment]
        economy.rival_share[:] = 1.0 - np.minimum(total, MOST_LOCAL)


@dataclass(frozen=True)
class Turnover:
    """Who leaves and who comes in a year, and what of final markets that sets free."""

    closing: Flags
    """Enterprises that close, (n,)."""
    restructured: Flags
    """Enterprises that are restructured, (n,)."""
    entrants: Index
    """Number of entrants, (S,)."""
    first_plants: Index
    """Number of first plants of missing links, (S,)."""
    spin_offs: Index
    """Number of spin-offs of institutes, (S,)."""
    plants: Index
    """Number of plants from outside, (S, C) by segment and channel."""
    arrivals: tuple[Arrival, ...]
    """Plants that come from outside for a reason of their own."""
    freed: Array
    """Final market shares that the closed and the restructured set free, (S, 4)."""
    margin: Array
    """Profit over sales before anybody closes, (S,)."""
