"""Levers that serve enterprises, each as the experiment of the study it rests on: pairs of runs with the same luck.

An experiment takes a scenario without policy and a seed and returns its outcomes by name. Outcomes are those of the
whole model, not parameters read back; where a parameter nearly fixes one, the table of evidence says that it is
imposed.
"""

from __future__ import annotations

import numpy as np

from chainsim.economy.economy import Economy
from chainsim.economy.types import Array
from chainsim.levers.matchmaking import Matchmaking
from chainsim.runs.simulation import base_year
from chainsim.scenario.scenario import Scenario
from chainsim.stages.innovation import rd_user_cost
from chainsim.validation import paired_runs
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
SMALL = 150
"""Staff below which an enterprise is small in Criscuolo et al. (2019)."""


def matchmaking(base: Scenario, seed: int) -> Values:
    """A trial: 30 % of the small enterprises of the chain are treated, the others of them are the control arm."""
    fields = {"type": "matchmaking", "rate": 0.3, "target": {"tiers": chain_tiers(base), "max_employees": SMALL}}
    changed = with_levers(base, it=fields)
    lever, economy = changed.levers["it"], base_year(base, seed)
    assert isinstance(lever, Matchmaking)
    treated = lever.treated(economy, np.where(lever.target.holds(economy), 0.3, 0.0)) > 0
    groups = economy.identity[treated].copy(), economy.identity[lever.target.holds(economy) & ~treated].copy()

    def look(pair: Pair) -> Values:
        own, control = (mean_change(pair, part, "sales") for part in groups)
        return {"treated": own, "control": control, "region": paired_runs.chain_change(pair, "sales")}

    first, second = observed(base, changed, seed, 2, look)
    return {
        "sales of treated over control, first year": first["treated"] - first["control"],
        "sales of treated over control, second year": second["treated"] - second["control"],
        "sales of treated over themselves, second year": second["treated"],
        "sales of the chain, second year": second["region"],
    }


def investment_grant(base: Scenario, seed: int) -> Values:
    """Ten points of grant for everybody in the chain; enterprises by their staff in the base year."""
    tiers = chain_tiers(base)
    changed = with_levers(base, it={"type": "investment_grant", "rate": 0.1, "target": {"tiers": tiers}})
    small = targeted(base, seed, tiers=tiers, max_employees=SMALL)
    large = targeted(base, seed, tiers=tiers, min_employees=SMALL + 1)

    def look(pair: Pair) -> tuple[float, float, float]:
        few, many = (total_change(pair, part, "employment") for part in (small, large))
        return few, many, mean_change(pair, small, "productivity")

    *_, fifth, _, _, eighth = observed(base, changed, seed, 8, look)
    return {
        "jobs of small enterprises, fifth year": fifth[0],
        "jobs of small enterprises, eighth year": eighth[0],
        "jobs of large enterprises, fifth year": fifth[1],
        "productivity of small enterprises, fifth year": fifth[2],
    }


def rd_grant(base: Scenario, seed: int) -> Values:
    """A grant of 20 % of R&D to everybody in the chain: what a unit of it adds over five years, all and own money."""
    changed = with_levers(base, it={"type": "rd_grant", "rate": 0.2, "target": {"tiers": chain_tiers(base)}})

    def look(pair: Pair) -> tuple[float, float]:
        return float(pair.under.rd.sum() - pair.without.rd.sum()), paired_runs.outlay(pair)

    added, paid = np.sum(observed(base, changed, seed, 5, look), axis=0)
    return {
        "R&D per unit of grant, five years": over(added, paid),
        "own R&D per unit of grant, five years": over(added - paid, paid),
    }


def rd_tax_deduction(base: Scenario, seed: int) -> Values:
    """Another quarter of R&D is deducted in the chain: change of R&D over that of its user cost, third year."""
    tiers = chain_tiers(base)
    changed = with_levers(base, it={"type": "rd_tax_deduction", "extra": 0.25, "target": {"tiers": tiers}})
    chosen = targeted(base, seed, tiers=tiers)

    def look(pair: Pair) -> Values:
        cost = mean_user_cost(pair.under, chosen)
        rows = paired_runs.rows_of(pair.under, chosen)
        before = float(pair.without.rd[paired_runs.rows_of(pair.without, chosen)].sum())
        spent, named = (float(values[rows].sum()) for values in (pair.under.rd, reported(pair.under)))
        return {
            "R&D as reported, user-cost elasticity": over(paired_runs.log_ratio(named, before), cost),
            "R&D as spent, user-cost elasticity": over(paired_runs.log_ratio(spent, before), cost),
        }

    return observed(base, changed, seed, 3, look, at="finance")[-1]


def mean_user_cost(economy: Economy, chosen: paired_runs.Identities) -> float:
    """Change of the log user cost of R&D by the deduction of a lever, mean over a group weighted by R&D."""
    rows, tax, law = paired_runs.rows_of(economy, chosen), economy.profit_tax_rate(), economy.rd_deduction()
    change = np.log(rd_user_cost(tax, law + economy.policy.rd_deduction) / rd_user_cost(tax, law))[rows]
    weight = economy.rd[rows]
    return float(np.average(change, weights=weight)) if weight.sum() > 0 else paired_runs.NOTHING


def reported(economy: Economy) -> Array:
    """R&D that enterprises report, (n,), CNY million: what they spend and other cost that they call so."""
    rules = economy.stages.innovation
    real, named = rules.own_rd(economy), rules.relabelled(economy)
    return economy.rd * (1.0 + np.divide(named, real, out=np.zeros(economy.n), where=real > 0))


def loan_guarantee(base: Scenario, seed: int) -> Values:
    """Six tenths of new loans of small enterprises of the chain are guaranteed for five years."""
    target = {"tiers": chain_tiers(base), "max_employees": SMALL}
    changed = with_levers(base, it={"type": "loan_guarantee", "share": 0.6, "target": target})
    small = targeted(base, seed, **target)

    def look(pair: Pair) -> Values:
        return {
            "debt of small enterprises, fifth year": total_change(pair, small, "debt"),
            "jobs of small enterprises, fifth year": total_change(pair, small, "employment"),
        }

    return observed(base, changed, seed, 5, look)[-1]


def digitisation(base: Scenario, seed: int) -> Values:
    """A fifth of the users of the chain (of all where there are none) adopts each year; adopters after three years."""
    tiers = base.chain.application or base.chain.tiers
    changed = with_levers(base, it={"type": "digitisation", "rate": 0.2, "target": {"tiers": tiers}})

    def look(pair: Pair) -> Values:
        adopters = pair.under.identity[pair.under.digital > 0]
        return {
            "productivity of adopters, third year": mean_change(pair, adopters, "productivity"),
            "jobs of adopters, third year": total_change(pair, adopters, "employment"),
        }

    return observed(base, changed, seed, 3, look)[-1]


def planning_service(base: Scenario, seed: int) -> Values:
    """Half of the delay of expansions is saved for five years."""
    changed = with_levers(base, it={"type": "planning_service", "saved": 0.5})

    def look(pair: Pair) -> float:
        return paired_runs.chain_change(pair, "capital")

    values = observed(base, changed, seed, 5, look)
    return {"capital of the chain, mean of five years": float(np.mean(values))}


def security_standard(base: Scenario, seed: int) -> Values:
    """Half of public demand asks for a certificate: those certified after five years against themselves without it."""
    fields = {"type": "security_standard", "share": 0.5, "target": {"tiers": chain_tiers(base)}}
    changed = with_levers(base, it=fields)

    def look(pair: Pair) -> Values:
        certified = pair.under.identity[pair.under.certificate > 0]
        ratio = [cost_over_sales(world, certified) for world in pair.both]
        return {
            "sales of the certified, fifth year": total_change(pair, certified, "sales"),
            "cost of the certified over sales, fifth year": ratio[1] - ratio[0],
        }

    return observed(base, changed, seed, 5, look)[-1]


def cost_over_sales(economy: Economy, chosen: paired_runs.Identities) -> float:
    """Cost of a group over its sales."""
    rows = paired_runs.rows_of(economy, chosen)
    sales = float(economy.sales[rows].sum())
    return over(sales - float(economy.profit[rows].sum()), sales)
