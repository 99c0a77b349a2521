"""Levers that act on places, people, plants from outside, institutes and buyers, and elasticities of the model itself.

An experiment takes a scenario without policy and a seed and returns its outcomes by name; see `lever_experiments`.
"""

from __future__ import annotations

import numpy as np

from chainsim.economy.arrays import SKILLED
from chainsim.economy.arrivals import CHANNELS, entered_by
from chainsim.economy.derived import institute_ratio
from chainsim.economy.economy import Economy
from chainsim.economy.types import Index
from chainsim.levers.cluster_incentive import ClusterIncentive
from chainsim.runs.simulation import base_year
from chainsim.scenario.scenario import Scenario
from chainsim.validation import elasticities, paired_runs
from chainsim.validation.paired_runs import (
    Pair,
    chain_tiers,
    mean_change,
    observed,
    over,
    targeted,
    total_change,
    with_levers,
)

Values = dict[str, float]
PAY = 0.1
"""Rise of pay here over pay outside in the migration experiment, log."""
MANY_PLANTS = 100.0
"""Plants from outside a year per thousand enterprises in experiments that count them: less luck, the same rule."""
CUT = 0.1
"""Cut of the profit tax in the location experiment."""


def investment_attraction(base: Scenario, seed: int) -> Values:
    """Plants are offered 15 % of their capital for five years: share that would not come without."""
    fields = {"type": "investment_attraction", "rate": 0.15, "target": {"tiers": chain_tiers(base)}}
    many = base.replace({"stages.demography.arrivals": MANY_PLANTS})

    def look(pair: Pair) -> tuple[float, float]:
        without, under = (float(world.capital[from_outside(world)].sum()) for world in pair.both)
        return under - without, under

    added, supported = np.sum(observed(many, with_levers(many, it=fields), seed, 5, look), axis=0)
    return {"capital that comes for the incentive, share": over(added, supported)}


def profit_tax_break(base: Scenario, seed: int) -> Values:
    """Ten points off the profit tax: log change of the number of plants from outside in five years."""
    many = base.replace({"stages.demography.arrivals": MANY_PLANTS})
    changed = with_levers(many, it={"type": "profit_tax_break", "points": CUT})

    def look(pair: Pair) -> tuple[int, int]:
        return from_outside(pair.without).size, from_outside(pair.under).size

    without, under = np.sum(observed(many, changed, seed, 5, look), axis=0)
    return {"number of plants from outside, semi-elasticity": paired_runs.log_ratio(float(under), float(without)) / CUT}


def from_outside(economy: Economy) -> Index:
    """Rows of the plants that came from outside in the year, (m,)."""
    found = [economy.flows.entered.get(entered_by(channel)) for channel in CHANNELS]
    return np.concatenate([rows for rows in found if rows is not None] or [np.zeros(0, dtype=np.int64)])


def talent_introduction(base: Scenario, seed: int) -> Values:
    """Grants for one in two hundred of the skilled labour force each year: how many more there are, over grants."""
    heads = 0.005 * base_force(base, seed)
    fields = {"type": "talent_introduction", "heads": heads, "target": {"tiers": chain_tiers(base)}}
    added, _ = observed(base, with_levers(base, it=fields), seed, 5, skilled_change)[-1]
    return {"skilled people in the region per grant, fifth year": over(added, 5 * heads)}


def base_force(base: Scenario, seed: int) -> float:
    """Skilled labour force of the region in the base year, persons."""
    return float(base_year(base, seed).region.labour_force[SKILLED])


def migration(base: Scenario, seed: int) -> Values:
    """Pay outside falls by a tenth for good: log change of skilled people here over that of relative pay."""
    years = f"{base.years.start + 1}-{paired_runs.FOREVER}"
    shock = {"type": "wage_gap", "change": float(np.expm1(-PAY)), "years": years}
    values = observed(base, base.replace({"shocks": {"gap": shock}}), seed, 10, skilled_change)
    return {
        "skilled people to pay, tenth year": values[-1][1] / PAY,
        "skilled people to pay, first year": values[0][1] / PAY,
    }


def skilled_change(pair: Pair) -> tuple[float, float]:
    """Change of the skilled labour force, persons and log."""
    without, under = (float(world.region.labour_force[SKILLED]) for world in pair.both)
    return under - without, paired_runs.log_ratio(under, without)


def cluster_incentive(base: Scenario, seed: int) -> Values:
    """A cluster at five points in the chain, mean of five years: members with services as the study's, and by staff."""
    target = {"tiers": chain_tiers(base)}
    changed = with_levers(base, it={"type": "cluster_incentive", "rate": 0.05, "target": target})
    lever, economy = changed.levers["it"], base_year(base, seed)
    assert isinstance(lever, ClusterIncentive)
    member = lever.target.holds(economy)
    served = member & (lever.dose(economy, np.where(member, 0.05, 0.0)) >= 1.0)
    staff = economy.employment
    groups = {
        "members with full services": served,
        "members below 50 staff": member & (staff < 50),
        "members of 50 to 249 staff": member & (staff >= 50) & (staff < 250),
        "members from 250 staff": member & (staff >= 250),
    }
    chosen = {name: economy.identity[rows].copy() for name, rows in groups.items()}

    def look(pair: Pair) -> list[tuple[float, float]]:
        return [
            (innovators(pair.under, some) - innovators(pair.without, some), total_change(pair, some, "rd"))
            for some in chosen.values()
        ]

    means = np.mean(observed(base, changed, seed, 5, look, at="production"), axis=0)
    more = {f"innovators, {name}, points": float(points) for name, (points, _) in zip(chosen, means, strict=True)}
    return more | {f"R&D, {name}": float(change) for name, (_, change) in zip(chosen, means, strict=True)}


def innovators(economy: Economy, members: paired_runs.Identities) -> float:
    """Share of the members that find or copy something in the year, seen before they do."""
    rules, rows = economy.stages.innovation, paired_runs.rows_of(economy, members)
    absorptive = rules.absorptive_capacity(economy)
    chance = rules.chance(rules.effort(economy, absorptive))
    productivity, quality = rules.gains(economy, chance, absorptive, rules.discoveries(economy, chance))
    return float(((productivity + quality)[rows] > 0).mean()) if rows.size else paired_runs.NOTHING


def institute_platform(base: Scenario, seed: int) -> Values:
    """Institutes get for ten years as much again as they have: response of the chain to their stock of knowledge."""
    everybody = targeted(base, seed, tiers=chain_tiers(base))
    changed = with_levers(base, it={"type": "institute_platform", "budget": institute_budget(base, seed)})

    def look(pair: Pair) -> Values:
        rows = paired_runs.rows_of(pair.under, everybody)
        more = float(np.log(institute_ratio(pair.under))[pair.under.segment[rows]].mean())
        return {
            "productivity to institute knowledge, tenth year": over(mean_change(pair, everybody, "productivity"), more),
            "output to institute knowledge, tenth year": over(mean_change(pair, everybody, "output"), more),
        }

    return observed(base, changed, seed, 10, look)[-1]


def institute_budget(base: Scenario, seed: int) -> float:
    """What keeps the institutes' knowledge as it is, or the chain's R&D where there are none, CNY million a year."""
    economy = base_year(base, seed)
    usual = economy.stages.innovation.knowledge_depreciation * float(economy.arrays.institute_knowledge.sum())
    return usual or paired_runs.chain_sum(economy, "rd")


def local_content_rule(base: Scenario, seed: int) -> Values:
    """Anchors prefer local suppliers by half a log odds for five years."""
    buyers = {"segments": base.chain.anchors or tuple(base.chain.segments)}
    makers = targeted(base, seed, **buyers)
    changed = with_levers(base, it={"type": "local_content_rule", "bonus": 0.5, "target": buyers})

    def look(pair: Pair) -> Values:
        shares = [local_share(world, makers) for world in pair.both]
        abroad = [float(world.final_sales[paired_runs.rows_of(world, makers), 3].sum()) for world in pair.both]
        return {
            "local share of what anchors buy, points, fifth year": shares[1] - shares[0],
            "price of anchors, fifth year": mean_change(pair, makers, "price"),
            "exports of anchors, fifth year": paired_runs.log_ratio(abroad[1], abroad[0]),
        }

    return observed(base, changed, seed, 5, look)[-1]


def local_share(economy: Economy, buyers: paired_runs.Identities) -> float:
    """Local share of what a group buys of modelled inputs."""
    rows = paired_runs.rows_of(economy, buyers)
    local, nation, abroad = (
        float(paired_runs.column(economy, f"purchases_{origin}")[rows].sum())
        for origin in ("local", "national", "abroad")
    )
    return over(local, local + nation + abroad)


def application_scenario(base: Scenario, seed: int) -> Values:
    """Public purchases of .5 % of the chain's output: sales and R&D of its certified enterprises, fifth year."""
    fields = {"type": "application_scenario", "budget": 0.005 * paired_runs.chain_output(base)}
    changed = with_levers(base, it={**fields, "target": {"tiers": chain_tiers(base)}})
    high_tech = targeted(base, seed, tiers=chain_tiers(base), high_tech=True)

    def look(pair: Pair) -> tuple[float, float]:
        return total_change(pair, high_tech, "sales"), total_change(pair, high_tech, "rd")

    sales, research = observed(base, changed, seed, 5, look)[-1]
    return {"sales of high-tech enterprises, fifth year": sales, "R&D of high-tech enterprises, fifth year": research}


def job_multiplier(base: Scenario, seed: int) -> Values:
    """Jobs elsewhere in the region per job that public purchases of 1 % of the chain's output bring, years 2 to 6."""
    fields = {"type": "application_scenario", "budget": 0.01 * paired_runs.chain_output(base)}
    changed = with_levers(base, it={**fields, "target": {"tiers": chain_tiers(base)}})

    def look(pair: Pair) -> tuple[float, float]:
        without, under = (float(world.employment[world.operated].sum()) for world in pair.both)
        return under - without, float(pair.under.region.rest_induced.sum())

    direct, induced = np.transpose(observed(base, changed, seed, 6, look))
    return {"jobs elsewhere per job": over(float(induced[1:].sum()), float(direct[:-1].sum()))}


def knowledge(base: Scenario, seed: int) -> Values:
    """Every R&D budget is higher by a tenth: productivity and quality after ten years."""
    table = elasticities.rd_elasticity(base, years=(10,), seeds=(seed,))
    return {"productivity and quality to R&D, tenth year": float(table["elasticity"].iloc[0])}


def sourcing(base: Scenario, seed: int) -> Values:
    """Suppliers outside are dearer by a tenth: local over outside quantities after twenty years."""
    table = elasticities.sourcing_elasticity(base, years=(20,), seeds=(seed,))
    return {"local over outside purchases to their price, twentieth year": float(table["elasticity"].iloc[0])}


def supply_security(base: Scenario, seed: int) -> Values:
    """Output that the chain loses in three years without 30 % of a foreign input, with and without a standard for it.

    The input is the one on whose purchases abroad most output hangs; half of what all buyers want of it asks for a
    certificate from the first year on, and the cut begins in the fourth.
    """
    economy, first = base_year(base, seed), base.years.start + 4
    hangs = (economy.flows.trade[:, :, 2] * economy.arrays.criticality).sum(axis=1)
    name = economy.arrays.names[int(np.argmax(hangs))]
    cut = {"type": "import_cut", "segment": name, "share": 0.3, "years": f"{first}-{first + 2}"}
    standard = {
        "type": "security_standard",
        "share": 0.5,
        "buyers": list(base.chain.segments),
        "target": {"segments": (name,)},
    }
    lost = []
    for world in (base, with_levers(base, it=standard)):
        changed = world.replace({"shocks": {"cut": cut}})
        changes = observed(world, changed, seed, 6, lambda pair: paired_runs.chain_change(pair, "output"))
        lost.append(-float(np.mean(changes[3:])))
    return {
        "output lost without a foreign input, log": lost[0],
        "the same with a standard for that input, log": lost[1],
        "output saved by the standard, log": lost[0] - lost[1],
    }
