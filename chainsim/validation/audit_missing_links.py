"""Missing links: what a first plant could win against what stands against it, and what alone would open the link.

viability x scale x (1 - grant) = local + national demand
"""

from __future__ import annotations

from chainsim.validation.audit_checks import RUN, Checks, Stated, Tables
from chainsim.validation.audit_enterprises import of_base_year

MOST_GRANTED = 0.9
"""Largest public share of the capital of a first plant."""


def check_missing_links(checks: Checks, tables: Tables, stated: Stated) -> None:
    """Viability, enterprises of a year's end, and what alone would open a missing link."""
    links, segments = (tables[name].set_index([*RUN, "segment"]) for name in ("missing_links", "segments"))
    never = segments["viability"][~segments.index.isin(links.index)]
    checks.equal("missing links: no viability of other segments", never, never * 0.0)
    if not len(links):
        return
    here = segments.reindex(links.index)
    left = here["enterprises"] + here["entries"] - here["exits"]
    viable, carried = links["viability"], links["scale"] * (1.0 - links["grant"])
    checks.equal("missing links: viability = of the segment", viable, here["viability"])
    checks.equal("missing links: enterprises at the end of the year", links["enterprises"], left)
    won = links["demand_local"] + links["demand_national"]
    checks.equal("missing links: viability = demand over scale and grant", viable * carried, won)
    base = of_base_year(links[["scale"]])["scale"]
    checks.equal("missing links: scale is that of the base year", links["scale"], base)
    due = (1.0 / viable.clip(lower=1e-300)).clip(lower=1.0)
    checks.equal("missing links: what demand would open", links["opens_demand"], due)
    needed = 1.0 - viable * (1.0 - links["grant"])
    told = needed.clip(lower=0.0).where(needed <= MOST_GRANTED)
    checks.equal("missing links: what a grant would open", links["opens_grant"], told, needed.abs() + 1.0)
    enough = links["opens_quality"].eq(0) != viable.ge(1.0)
    wrong = (enough & (viable - 1.0).abs().gt(1e-9)).astype(float)
    checks.gap("missing links: no quality is lacking where demand is enough", wrong, wrong * 0.0 + 1.0)
    filled = (links["filled"].ne(0) & links["filled"].ne(1) | links["filled"].eq(1) & left.eq(0)).astype(float)
    checks.gap("missing links: only one with enterprises is filled", filled, filled * 0.0 + 1.0)
