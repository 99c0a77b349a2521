"""Which columns some identity holds, so that an error in any of their numbers shows; all others are told by name."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from chainsim.validation.audit_checks import Checks, Tables


class Held(NamedTuple):
    """Columns in which an error of a single number or word shows, where the tables `needs` are there too."""

    columns: list[str]
    needs: tuple[str, ...] = ()


RUN = ["scenario", "point", "replication", "seed", "year"]
# fmt: off
OWN = [
    "output", "value_added", "employment", "employment_ordinary", "employment_skilled", "purchases_local",
    "purchases_national", "purchases_abroad", "rd", "enterprises", "profit", "rd_intensity", "productivity", "quality",
    "profit_margin", "localization_rate", "import_dependence", "quality_gap", "localization_rate_fixed",
    "localization_within", "localization_between",
]
"""Columns of region, tiers, industries and segments that follow from each other in a row, or from the year before."""
SUMMED = [
    "output_volume", "exports", "above_scale", "entries", "exits", "defaults", "tax_revenue", "investment", "capital",
    "debt", "support", "demand", "wage_ordinary", "wage_skilled", "independent_rd", "price", "capacity_utilisation",
    "fill_rate", "market_share", "markup", "loss_makers", "products", "local_supply_rate",
]
"""Columns of groups that are sums or means over their segments."""
FROM_SEGMENTS = ["extension", "extension_raw", "extension_segments", "active_segments", "strength_raw", "strength"]
"""Columns of groups that segments tell otherwise."""
# fmt: on
COMPLETE = ["completeness", "completeness_fixed", "completeness_plant"]
SCENARIO = "scenario"
"""Stands among the tables where it is known what the scenario states of levers."""
WORKING = "working"
"""Stands among the tables where it is known which stages are at work."""
FIRMS_NEED = ("segments", "ledger", "levers", "enterprises")
"""Tables without which nothing is held of single enterprises."""
# fmt: off
FIRMS = [
    "name", "employment", "value_added", "identity", "segment", "park", "owner", "active", "products", "quality",
    "ordinary", "skilled", "research", "markup", "orders", "output", "sales", "intermediate_sales", "purchases_local",
    "purchases_national", "purchases_abroad", "other_inputs", "labour_cost", "rd", "rd_services", "production_tax",
    "profit_tax", "interest", "profit", "dividends", "capital", "capital_ordered", "depreciation", "cash", "debt",
    "final_sales_local_other", "final_sales_government", "final_sales_national", "final_sales_abroad",
]
FIRMS_BY_YEAR = [
    "tier", "founded", "operated", "named", "high_tech", "owner_backed", "pioneer", "anchor", "ordinary_coefficient",
    "skilled_coefficient", "priced_labour", "rd_share", "research_share", "reference_size", "knowledge", "digital",
    "digital_coming", "price", "local_share", "fill", "last_sales", "loss_years", "default_years",
    "market_share_local_other", "market_share_government", "market_share_national", "market_share_abroad",
]
"""Columns of enterprises that follow from the year before, where it is known which stages are at work."""
# fmt: on
OF_RUNS: dict[str, tuple[Held, ...]] = {
    "region": (
        Held([*RUN, "scope", *OWN]),
        Held([*SUMMED, *FROM_SEGMENTS], ("segments",)),
        Held(["local_content"], ("segments", "trade")),
        Held([*COMPLETE, "supporting_rate", "unemployment_ordinary", "unemployment_skilled"], ("tiers",)),
        Held(["link_survival", "ledger_residual", "jobs_induced"], ("tiers",)),
        Held(["fiscal_outlay"], ("segments", "ledger", "levers")),
        Held(["national_share"], FIRMS_NEED),
    ),
    **{
        name: (
            Held([*RUN, key, *OWN]),
            Held([*SUMMED, *FROM_SEGMENTS, *COMPLETE, "fiscal_outlay"], ("segments",)),
            Held(["local_content"], ("segments", "trade")),
            Held(["national_share"], FIRMS_NEED),
        )
        for name, key in (("tiers", "tier"), ("industries", "industry"))
    },
    "segments": (
        Held([*RUN, "segment", "tier", "industry", "viable", *OWN, *FROM_SEGMENTS, *COMPLETE[:2]]),
        Held(SUMMED, ("region",)),
        Held([*SUMMED, "completeness_plant", "fiscal_outlay"], ("tiers",)),
        Held(["exports", "investment", "independent_rd"], ("ledger",)),
        Held(["demand", "local_supply_rate", "local_content", "upstreamness", "output_multiplier"], ("trade",)),
        Held(["viability"], ("missing_links",)),
        Held(["national_share", "hhi", "largest_share", "single_source_risk"], FIRMS_NEED),
    ),
    "parks": (
        Held([*RUN, "park"]),
        Held(["output", "value_added", "employment", "rd", "enterprises", "support"], ("region",)),
    ),
    "levers": (
        Held([*RUN, "lever"]),
        Held(["type", "budget"], (SCENARIO,)),
        Held(["granted", "outlay", "cofinanced", "recovered"], ("ledger", "region", "segments")),
    ),
    "ledger": (Held(RUN), Held(["row", "payer", "receiver", "amount"], ("segments",))),
    "trade": (Held([*RUN, "from_segment", "to_segment", "origin"]), Held(["value"], ("segments",))),
    "named": (Held(RUN), Held(["name", "segment", "output", "employment", "rd", "profit"], FIRMS_NEED)),
    "missing_links": (
        Held([*RUN, "segment"]),
        Held(["demand_local", "demand_national", "scale", "grant", "viability", "enterprises"], ("segments",)),
        Held(["filled", "opens_demand", "opens_grant"], ("segments",)),
    ),
    "enterprises": (
        Held(["scenario", "point", "replication", "seed"]),
        Held([*RUN, *FIRMS], FIRMS_NEED),
        Held(FIRMS_BY_YEAR, (*FIRMS_NEED, WORKING)),
    ),
    "support": (Held(["scenario", "point", "replication", "seed"]), Held([*RUN, "lever", "paid"], FIRMS_NEED)),
    "links": (
        Held(["scenario", "point", "replication", "seed"]),
        Held([*RUN, "input", "slot"], ("segments",)),
        Held(["buyer", "supplier", "weight", "value"], FIRMS_NEED),
    ),
}
"""Columns of the tables of runs that are held."""
BOUNDS = ["low90", "high90"]
RANKED = (
    *("outlay", "output", "jobs", "job_years", "job_years_chain", "localization_rate_fixed", "completeness"),
    *("extension", "strength", "rd", "net_cost"),
)
OF_COMPARISONS: dict[str, tuple[Held, ...]] = {
    "effects": (
        Held(
            ["policy", "by", "key", "indicator", "year", "unit", "base", "effect", "mean", "low50", "high50", *BOUNDS]
        ),
        Held(
            [
                "relative",
                "relative_low90",
                "relative_high90",
                "luck_low90",
                "luck_high90",
                "same_sign",
                "certain",
                "pairs",
            ]
        ),
    ),
    "costs": (Held(["policy", "scope", "item", "unit", "value", "meaning"]),),
    "levers": (
        Held(["policy", "lever", "type", "first_year", "last_year", "budget", "requested", "granted", "outlay"]),
        Held(["cofinanced", "recovered", "recipients", "enterprises"]),
    ),
    "payments": (
        Held(["policy", "lever", "type", "budget", "requested", "outlay", "to_enterprises", "to_people"]),
        Held(["to_institutes", "to_bank", "outside", "windfall_paid", "unspent"]),
    ),
    "recipients": (
        Held(["policy", "lever", "outcome", "recipients", "support", "with_policy", "without"]),
        Held([f"{name}{bound}" for name in ("added", "untreated", "windfall") for bound in ("", "_low90", "_high90")]),
    ),
    "variance": (Held(["policy", "indicator", "years", "year", "ratio", "paired", "unpaired"]),),
    "channels": (Held(["policy", "source", "entry_point", "first_year", "pairs"]),),
    "softening": (
        Held(["policy", "shock", "indicator", "year", "unit", "base", "shock_alone", "shock_with_policy"]),
        Held(["softened", *BOUNDS, "same_sign", "pairs"]),
    ),
    "decomposition": (Held(["policy", "indicator", "tier", "year", "unit", "channel", "effect", *BOUNDS, "meaning"]),),
    "shares": (Held(["policy", "measure", "unit", "player", "share", *BOUNDS]),),
    "synergies": (Held(["policy", "measure", "unit", "first", "second", "share", *BOUNDS]),),
    "ranking": (
        Held(["policy", "lever", "how", *(f"{name}{end}" for name in RANKED for end in ("", "_low", "_high"))]),
        Held(["cost_per_job_year"]),
    ),
    "additionality": (
        Held(
            ["policy", "lever", "how", "outcome", "unit", "recipients", "support", "with_policy", "without", "windfall"]
        ),
        Held([f"{name}{end}" for name in ("added", "untreated") for end in ("", "_low", "_high")]),
    ),
}
"""Columns of the tables of comparisons that are held."""
SEEN = ["replication", "seed"]
OUTCOMES = [
    f"{what}_{world}"
    for what in ("sales", "employment", "rd", "investment")
    for world in ("with", "without", "untreated")
]
OF_PAIRS: dict[str, tuple[Held, ...]] = {
    "moved": (Held(["policy", *SEEN, "source", "entry_point"]),),
    "recipients": (Held(["policy", *SEEN, "year", "lever", "recipients", "support", *OUTCOMES]),),
    "support": (Held(["policy", *SEEN, "year", "lever", "by", "paid"]),),
    "decomposition": (Held(["policy", *SEEN, "year", "indicator", "tier", "channel", "value"]),),
    "coalitions": (Held(["replication", "coalition", "measure", "value"]),),
    "ranking": (Held(["replication", "arm", "measure", "value"]),),
    "parting": (Held(["policy", *SEEN, "year"]),),
    "spread": (Held([*SEEN, "year"]),),
    "reach": (Held(["policy", *SEEN, "year", "differ", "treated", "linked", "same_segment", "others_differ"]),),
}
"""Columns of what was seen of pairs that are held."""


def held_in(table: str, tables: Collection[str], known: dict[str, tuple[Held, ...]]) -> set[str]:
    """Columns of a table that some identity holds, with the tables there are."""
    return {
        column for held in known.get(table, ()) if all(need in tables for need in held.needs) for column in held.columns
    }


def tell_unread(checks: Checks, tables: Tables, known: dict[str, tuple[Held, ...]], *more: str) -> None:
    """Say of every table which of its columns no identity holds; `more` is there beside the tables."""
    for name, table in tables.items():
        held = held_in(name, {*tables, *more}, known)
        unread = [str(column) for column in table.columns if column not in held]
        if unread:
            checks.lacking(f"{name}: {', '.join(unread)}", "an error in one of these columns may go unseen")
