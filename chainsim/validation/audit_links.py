"""Supply links where they are recorded: who they join, their weights, and what their buyers paid.

    value = weight x inputs per output of buyer's segment x output of the buyer
    sum of weights of an input = 1,  x (1 + buys / inputs per output) for every lever that digitised the buyer
    purchases in the region >= sum over links of value x price x delivered share of the supplier

Links are those of a year's end: some of those of enterprises that closed in it have gone to others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from chainsim.validation.audit_checks import RUN, Checks, Stated, Tables, over

WEIGHTS = "links: weights of an input add up to 1, or to what digitisation adds"
DIGITISING = "digitisation"
"""Type of the levers that raise what enterprises buy."""
NATIONAL, ABROAD, NOBODY = range(3)
"""Suppliers that are no enterprise of the region."""


def check_links(checks: Checks, tables: Tables, stated: Stated) -> None:
    """All identities of links, or a word that they are not there."""
    if "links" not in tables:
        checks.lacking("links: joins, weights and what buyers paid", "links are not recorded")
        return
    links = tables["links"]
    if not len(links):
        return
    raising = buying_more(tables, stated)
    if raising == []:
        sums = weights_of(links)
        checks.equal(WEIGHTS, sums, sums * 0.0 + 1.0)
    elif raising is None or "enterprises" not in tables:
        checks.lacking(WEIGHTS, "what the digitised buy more of an input is not known")
    slots = links.groupby([*RUN, "buyer", "input"])["slot"].agg(["min", "max", "nunique"])
    checks.equal("links: slots are numbered from 0", (slots["max"] + 1).astype(float), slots["nunique"].astype(float))
    if "enterprises" not in tables:
        checks.lacking("links: joins and what buyers paid", "enterprises are not recorded")
        return
    firms = tables["enterprises"].set_index([*RUN, "identity"])
    check_joins(checks, links, firms)
    check_values(checks, links, firms)
    if raising:
        check_raised(checks, links, firms, raising)
    check_paid(checks, links, firms)


def weights_of(links: pd.DataFrame) -> pd.Series:
    """Sum of the weights of every input of every buyer."""
    return pd.Series(links.groupby([*RUN, "buyer", "input"])["weight"].sum())


def buying_more(tables: Tables, stated: Stated) -> list[Mapping[str, float]] | None:
    """What the digitised buy more of each input, over their output, by lever; None where it is not known."""
    if stated.levers is None or any(".buys" in path for path in stated.drawn):
        known = tables.get("levers")
        return None if known is None or known["type"].eq(DIGITISING).any() else []
    return [lever["buys"] for lever in stated.levers.values() if lever["type"] == DIGITISING and lever.get("buys")]


def of(firms: pd.DataFrame, links: pd.DataFrame, end: str, columns: list[str], later: int = 0) -> pd.DataFrame:
    """Columns of the enterprises at one end of the links, in their year or the next."""
    keys = pd.MultiIndex.from_arrays([links["point"], links["replication"], links["year"] + later, links[end]])
    return pd.DataFrame(firms[columns].reindex(keys).set_axis(links.index))


def check_joins(checks: Checks, links: pd.DataFrame, firms: pd.DataFrame) -> None:
    """Buyers are in business, or enter; suppliers in the region make the input."""
    index = pd.MultiIndex.from_frame(links[[*RUN, "buyer", "input", "slot"]])
    now = of(firms, links, "buyer", ["active"])["active"]
    entering = of(firms, links, "buyer", ["segment"], later=1)["segment"].notna() & now.isna()
    last = links["year"].eq(links.groupby(["point", "replication"])["year"].transform("max"))
    wrong = ~(now.eq(True) | entering | (last & now.isna()))
    checks.gap("links: buyers are in business or enter", as_gap(wrong, index), as_gap(wrong, index) * 0.0 + 1.0)
    here = links["supplier"] > NOBODY
    checks.partly("links: which supplier outside", index, index[here])
    makes = of(firms, links, "supplier", ["segment", "active"])
    later = of(firms, links, "supplier", ["segment"], later=1)["segment"]
    segment = makes["segment"].where(makes["segment"].notna(), later)
    wrong = here & segment.ne(links["input"]) & ~(last & segment.isna()) | here & makes["active"].eq(False)
    checks.gap("links: suppliers make the input", as_gap(wrong, index), as_gap(wrong, index) * 0.0 + 1.0)
    buyers = firms[firms["active"].astype(bool) & (firms["purchases_local"] > 0)]
    there = pd.MultiIndex.from_frame(links[[*RUN, "buyer"]].drop_duplicates())
    lost = pd.Series((~buyers.index.isin(there)).astype(float), index=buyers.index)
    if len(lost):
        checks.gap("links: who buys in the region has links", lost, lost * 0.0 + 1.0)


def as_gap(wrong: pd.Series, index: pd.MultiIndex) -> pd.Series:
    """1 where something is wrong."""
    return pd.Series(wrong.to_numpy(dtype=float), index=index)


def check_raised(
    checks: Checks, links: pd.DataFrame, firms: pd.DataFrame, raising: Sequence[Mapping[str, float]]
) -> None:
    """Weights add up to 1, or to what the levers make of it that digitised the buyer: any of them, as nobody tells."""
    sums, (_, rate) = weights_of(links), inputs_per_output(links, firms)
    usual = rate.groupby([links[key] for key in (*RUN, "buyer", "input")]).first().fillna(0.0)
    due = [sums * 0.0 + 1.0]
    for buys in raising:
        product = pd.Series(usual.index.get_level_values("input"), index=usual.index)
        factor = 1.0 + over(product.map(dict(buys)).fillna(0.0).astype(float), usual)
        due += [each * factor for each in due]
    every = pd.concat(due, axis=1).to_numpy()
    nearest = np.abs(every - sums.to_numpy()[:, None]).argmin(axis=1)
    checks.equal(WEIGHTS, sums, pd.Series(every[np.arange(len(sums)), nearest], index=sums.index))


def inputs_per_output(links: pd.DataFrame, firms: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Output of the buyer of every link, and inputs per output of its segment, one in all years; 0 where not known."""
    buyer = of(firms, links, "buyer", ["segment", "output"])
    units = links["weight"] * buyer["output"]
    known = buyer["segment"].notna()
    keys = [links["point"], links["replication"], links["input"], buyer["segment"]]
    used, made = (values.where(known).groupby(keys).transform("sum") for values in (links["value"], units))
    return buyer["output"], over(used, made)


def check_values(checks: Checks, links: pd.DataFrame, firms: pd.DataFrame) -> None:
    """Inputs per output are the same in all links of an input and a buyer's segment, in all years."""
    output, rate = inputs_per_output(links, firms)
    due, known = links["weight"] * output * rate, output.notna()
    index = pd.MultiIndex.from_frame(links[[*RUN, "buyer", "input", "slot"]])
    one, other = (values[known].set_axis(index[known.to_numpy()]) for values in (links["value"], due))
    checks.equal("links: value = weight x inputs per output x output", one, other)


def check_paid(checks: Checks, links: pd.DataFrame, firms: pd.DataFrame) -> None:
    """What enterprises bought in the region is what their links delivered, more where suppliers closed in the year."""
    supplier = of(firms, links, "supplier", ["price", "fill"])
    paid = (links["value"] * supplier["price"] * supplier["fill"]).where(links["supplier"] > NOBODY, 0.0)
    delivered = paid.groupby([links[key] for key in (*RUN, "buyer")]).sum()
    buyers = firms[firms["active"].astype(bool)]
    bought = buyers["purchases_local"]
    delivered = delivered.rename_axis(bought.index.names).reindex(bought.index, fill_value=0.0)
    checks.at_most("links: what was delivered within purchases in the region", delivered, bought)
    closed = firms[~firms["active"].astype(bool)].reset_index()[[*RUN, "segment"]].drop_duplicates()
    lost = links[[*RUN, "buyer", "input"]].merge(closed, left_on=[*RUN, "input"], right_on=[*RUN, "segment"])
    whole = ~bought.index.isin(pd.MultiIndex.from_frame(lost[[*RUN, "buyer"]]))
    if whole.any():
        checks.equal("links: purchases in the region = what was delivered", bought[whole], delivered[whole])
