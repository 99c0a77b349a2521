"""What was seen of pairs is held by both worlds: rows once, when they part, whom that reaches, who is supported."""

import economies
import numpy as np
import pandas as pd
import pytest

import chainsim as cs
from chainsim.validation.audit import differences, written_effect
from chainsim.validation.audit_checks import Checks
from chainsim.validation.audit_columns import OF_PAIRS, held_in
from chainsim.validation.audit_effects import Worlds
from chainsim.validation.audit_folders import WrittenComparison
from chainsim.validation.audit_pairs import SEEN_KEYS, TOLD_KEYS, check_once, check_pairs_seen

LEVERS = {
    "levers.research": {"type": "rd_grant", "rate": 0.2, "budget": 50.0, "years": "2021-2022"},
    "levers.plants": {"type": "investment_grant", "rate": 0.15, "cofinancing": 0.2, "years": "2022"},
}
OF_PAIRS_ALONE = ("parting", "spread", "reach", "recipients", "support")
"""Tables that both worlds' tables hold, beside those that channels, effects and splits are made of."""


def compared(**change: object) -> WrittenComparison:
    base = economies.three_makers(end=2022)
    return written_effect(cs.compare(base, base.replace(change), replications=2))


@pytest.fixture(scope="module")
def comparison() -> WrittenComparison:
    return compared(**LEVERS)


def failing(found: WrittenComparison, name: str = "", false: pd.DataFrame | None = None) -> list[str]:
    policy, checks = found.policies[0], Checks()
    seen = dict(found.seen) | ({} if false is None else {name: false})
    tables = found.base.tables, policy.tables, found.told, seen, found.base.stated, policy.stated
    checks.attempt("pairs", check_pairs_seen, Worlds(*tables))
    return [check.name for check in checks.found if check.failed]


def spoiled(table: pd.DataFrame, column: str, row: int) -> pd.DataFrame:
    """A hundredth more, one more, or another word in one cell."""
    now = table.at[row, column]
    if isinstance(now, str):
        return table.assign(**{column: [*table[column].iloc[:row], "another", *table[column].iloc[row + 1 :]]})
    whole = pd.api.types.is_integer_dtype(table[column])
    more = now + 1 if whole else 1.0 if np.isnan(now) or abs(now) < 1e-9 else now * 1.01
    return table.assign(**{column: table[column].where(table.index != row, more)})


def test_what_was_seen_of_pairs_holds(comparison):
    assert failing(comparison) == []


@pytest.mark.parametrize("name", OF_PAIRS_ALONE)
def test_an_error_in_a_held_column_is_found(comparison, name):
    table = comparison.seen[name].reset_index(drop=True)
    held = held_in(name, comparison.seen, OF_PAIRS) - {"policy", "recipients"}
    held -= {column for column in held if column.endswith(("_with", "_without", "_untreated"))}  # held by what is told
    assert len(held) > 2
    last = len(table) - 1
    assert [column for column in held if not failing(comparison, name, spoiled(table, column, last))] == []


@pytest.mark.parametrize("name", sorted({*OF_PAIRS_ALONE} - {"spread"}))
@pytest.mark.parametrize("row", [0, -1])
def test_a_row_that_is_gone_is_found(comparison, name, row):
    table = comparison.seen[name]
    assert failing(comparison, name, table.drop(table.index[row]))


@pytest.mark.parametrize("part", ["told", "seen"])
def test_a_row_that_stands_twice_in_any_table_of_a_comparison_is_found(comparison, part):
    whole = {"told": comparison.told, "seen": comparison.seen}
    for name in {"told": TOLD_KEYS, "seen": SEEN_KEYS}[part].keys() & whole[part].keys():
        table, checks = whole[part][name], Checks()
        twice = pd.concat([table, table.tail(1)], ignore_index=True)
        check_once(checks, **(whole | {part: dict(whole[part]) | {name: twice}}))
        assert [check.name.partition(" of ")[0] for check in checks.found if check.failed] == [name][: len(table)]


def test_worlds_that_differ_by_no_lever_are_audited_from_where_they_part():
    found = compared(**{"stages.pricing.markup_ceiling": 0.35, "stages.demand.elasticity": 3.3})
    assert not len(found.seen["moved"])
    assert len(found.seen["reach"])
    assert [check.name for check in differences(found, found.policies[0]) if check.failed] == []


def test_a_variance_that_is_told_of_output_alone_is_found(comparison):
    told = comparison.told["variance"]
    false = comparison._replace(told=dict(comparison.told) | {"variance": told[told["indicator"] == "output"]})
    assert any("variance" in check.name for check in differences(false, false.policies[0]) if check.failed)
