"""A cluster in chosen parks: services for members, staff places, pull on entrants.

    dose = rate / .05 x min(1, cost / (scale x own R&D))
    Pr(discover) += .05 discoveries dose,   own R&D x (1 - crowding dose),   spillovers x (1 + spillover dose)
    places += outlay on infrastructure / cost of a place,   entrants' choice of park: logit with pull x mean rate / .05

Services work, and crowd out, as far as they are large beside the research that a member does anyway: the study's firms
got a fifth to a quarter of theirs. So no member loses more R&D than the services it receives are worth. Places are
built in a park that is full: as many as its staff lacked last year, for `infrastructure` of the outlay there at most;
elsewhere they would be empty. Several clusters build them once, each the part that its services are of all there.
Entrants that choose the park are displaced from others, and it draws them as far as its members are served, and as
entrants of their segment are meant; congestion comes above the places of the park.
Cost: services for every member, and the places.
Source: Falck, Heblich and Kipar (2010): innovators +4.6 to 5.7 points, own R&D -19 %; the scale is judgement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, cast

import numpy as np
from pydantic import Field

from chainsim.economy.ledger import NATIONAL
from chainsim.economy.parameters import NonNegative, OpenShare, Positive, Share, parameter
from chainsim.economy.types import Array
from chainsim.policy import targeting
from chainsim.policy.lever import Kind, Lever, SharePath
from chainsim.policy.targeting import THE_SCENARIO

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy
    from chainsim.policy.lever_year import LeverYear

NORM = 0.05
"""Points on innovators at which the evidence was measured."""


class ClusterIncentive(Lever):
    """Members of the target parks find more; the parks grow and draw entrants."""

    payee: ClassVar[str] = NATIONAL
    row: ClassVar[str] = "programme services"
    acts_as: ClassVar[Kind] = "service"

    type: Literal["cluster_incentive"] = Field("cluster_incentive", description="Kind of lever.")
    # fmt: off
    rate: SharePath = parameter(..., "1/y", None, None, THE_SCENARIO,
        "points on the yearly share of innovators, .05 for five")
    cost: Positive = parameter(0.1, "CNY million/y", 0.03, 0.3, "J", "services for a member at five points")
    infrastructure: OpenShare = parameter(0.5, "1", 0.2, 0.8, "J", "share of the outlay in a full park that may build staff places")
    place_cost: Positive = parameter(0.1, "CNY million", 0.05, 0.3, "J", "cost of a staff place")
    scale: Positive = parameter(0.25, "1", 0.19, 0.4, "J",
        "services over own R&D from which a member has the full effect; at least `crowding`")
    discoveries: NonNegative = parameter(1.6, "1", 1.0, 2.0,
        "T: Falck, Heblich and Kipar 2010 count net of vain and missing R&D", "discoveries for a net innovator")
    crowding: Share = parameter(0.19, "1", 0.0, 0.25, "S: Falck, Heblich and Kipar 2010",
        "fall of own R&D at five points")
    spillover: NonNegative = parameter(0.2, "1", 0.0, 0.5, "J", "growth of spillovers between members at five points")
    pull: NonNegative = parameter(0.2, "log", 0.0, 0.5, "J", "pull of the parks on entrants at five points")
    # fmt: on

    def contradiction(self) -> str:
        """Where services crowd out more R&D than they are worth, the study is read wrongly."""
        lost = self.crowding > self.scale
        return "expected crowding of at most scale: no member loses more R&D than it gets in services" if lost else ""

    def dose(self, economy: Economy, offer: Array) -> Array:
        """Effect over that of five points at an enterprise of the study's, (n,)."""
        return offer / NORM * self.reached(economy)

    def reached(self, economy: Economy) -> Array:
        """Part of the full effect at an enterprise, (n,), 0 where no research is done: its dose at five points."""
        own = self.scale * economy.stages.innovation.norm_rd(economy)
        return np.divide(np.minimum(self.cost, own), own, out=np.zeros_like(own), where=own > 0)

    def request(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """Services and the infrastructure that goes with them, (n,), CNY million."""
        services = self.cost * offer / NORM
        return services * (1.0 + self.built(economy, services))

    def built(self, economy: Economy, services: Array) -> Array:
        """Infrastructure with a yuan of `services` (n,) at an enterprise, (n,): for places that its park lacks."""
        region, bought = economy.region, self.all_services(economy, services)
        lacking = np.where(region.park_places > 0, np.maximum(region.park_staff - region.park_places, 0.0), 0.0)
        whole = np.divide(self.place_cost * lacking, bought, out=np.zeros_like(bought), where=bought > 0)
        return np.asarray(np.minimum(whole, self.infrastructure / (1.0 - self.infrastructure))[economy.park])

    def all_services(self, economy: Economy, services: Array) -> Array:
        """Services of all clusters of the year in each park as they are stated, (P,); its own outside of a run."""
        if economy.programme is None:
            return in_parks(economy, services)
        total, beside = np.zeros(len(economy.arrays.park_names)), np.zeros(economy.n)
        for name, account in economy.lever_years.items():
            each = economy.programme.levers[name]
            if isinstance(each, ClusterIncentive) and (each is self or account.budget > 0.0):
                meant = np.where(each.eligible(economy), each.strength(economy.year), 0.0)
                stated = targeting.stacked(each, meant, beside)
                total, beside = total + in_parks(economy, each.cost * stated / NORM), beside + stated
        return total

    def announce(self, economy: Economy, lever_year: LeverYear, offer: Array) -> None:
        """Members discover and learn more and do less research of their own; entrants prefer the parks."""
        policy, reached = economy.policy, self.reached(economy)
        dose, beside = (points / NORM * reached for points in (offer, lever_year.standing))
        policy.discovery = policy.discovery + NORM * self.discoveries * dose
        before, after = (np.maximum(1.0 - self.crowding * part, 0.0) for part in (beside, beside + dose))
        policy.rd_effort = policy.rd_effort * np.divide(after, before, out=np.zeros_like(after), where=before > 0.0)
        policy.spillover = policy.spillover * (1.0 + self.spillover * dose / (1.0 + self.spillover * beside))
        members = in_parks(economy, lever_year.once(self.eligible, economy).astype(float))
        mean = np.divide(in_parks(economy, offer), members, out=np.zeros_like(members), where=members > 0)
        policy.park_pull = policy.park_pull + self.pull * mean * self.entrants_meant(economy) / NORM

    def entrants_meant(self, economy: Economy) -> Array:
        """Share of the entrants of a segment in a park that it is meant for, (S, P)."""
        kinds = targeting.Newcomers(economy, targeting.entrant_size, targeting.entrants)
        weights = kinds.weight, kinds.weight * self.eligible(cast("Economy", kinds))
        shape = economy.arrays.size, len(economy.arrays.park_names)
        whole, part = (np.zeros(shape) for _ in weights)
        for sums, weight in zip((whole, part), weights, strict=True):
            np.add.at(sums, (kinds.segment, kinds.park), weight)
        return np.divide(part, whole, out=np.zeros(shape), where=whole > 0.0)

    def act(self, economy: Economy, lever_year: LeverYear, paid: Array) -> None:
        """Part of the money builds places where the members are."""
        built = self.built(economy, self.cost * lever_year.stated / NORM)
        spent = in_parks(economy, paid * built / (1.0 + built))
        economy.policy.park_places = economy.policy.park_places + spent / self.place_cost


def in_parks(economy: Economy, amount: Array) -> Array:
    """Sums of an `amount` (n,) over the enterprises of each park, (P,)."""
    return np.bincount(economy.park, weights=amount, minlength=len(economy.arrays.park_names)).astype(np.float64)
