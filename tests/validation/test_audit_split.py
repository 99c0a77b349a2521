"""Shares, synergies, ranking and additionality are held by what every world of a pair showed, and the tiers of channels."""

import economies
import numpy as np
import pandas as pd
import pytest

import chainsim as cs
from chainsim.validation.audit import written_effect
from chainsim.validation.audit_channels import check_channels
from chainsim.validation.audit_checks import Checks
from chainsim.validation.audit_columns import OF_COMPARISONS, held_in
from chainsim.validation.audit_effects import Worlds
from chainsim.validation.audit_split import check_split

LEVERS = {
    "levers.research": {"type": "rd_grant", "rate": 0.2, "budget": 50.0, "years": "2021-2022"},
    "levers.plants": {"type": "investment_grant", "rate": 0.15, "years": "2021-2022"},
}
TABLES = ("shares", "synergies", "ranking", "additionality")


@pytest.fixture(scope="module")
def worlds() -> Worlds:
    base = economies.three_makers(end=2022)
    found = written_effect(cs.compare(base, base.replace(LEVERS), replications=2, split=2, rank=2))
    policy = found.policies[0]
    return Worlds(found.base.tables, policy.tables, found.told, found.seen, found.base.stated, policy.stated)


def failing(worlds: Worlds, table: str = "", false: pd.DataFrame | None = None, where: str = "told") -> list[str]:
    checks, check = Checks(), check_channels if table == "decomposition" else check_split
    checks.attempt("all", check, worlds._replace(**{where: {**getattr(worlds, where), table: false}}))
    return [check.name for check in checks.found if check.failed]


def spoiled(table: pd.DataFrame, column: str, row: int) -> pd.DataFrame:
    """The table with another word, or a hundredth more, in one cell."""
    now = table.at[row, column]
    if isinstance(now, str):
        false = table.astype({column: object})
        false.at[row, column] = next((word for word in table[column] if word != now), "another")
        return false
    false = table.astype({column: float})
    false.at[row, column] = 1.0 if np.isnan(now) or abs(now) < 1e-9 else now * 1.01
    return false


def test_what_is_told_of_levers_holds(worlds):
    assert failing(worlds) == []


@pytest.mark.parametrize("name", [*TABLES[:2], *(pytest.param(name, marks=pytest.mark.slow) for name in TABLES[2:])])
def test_an_error_in_a_held_column_of_what_is_told_of_levers_is_found(worlds, name):
    table = worlds.told[name].reset_index(drop=True)
    held = held_in(name, worlds.told, OF_COMPARISONS) - {"policy"}
    rows = {column: number % len(table) for number, column in enumerate(sorted(held))}
    assert [column for column, row in rows.items() if not failing(worlds, name, spoiled(table, column, row))] == []


@pytest.mark.parametrize("name", TABLES)
def test_a_row_that_is_gone_of_what_is_told_of_levers_is_found(worlds, name):
    table = worlds.told[name]
    assert failing(worlds, name, table.drop(table.index[-1]))


@pytest.mark.parametrize(
    ("name", "key", "whole"), [("coalitions", "coalition", "plants + research"), ("ranking", "arm", "all")]
)
def test_what_the_world_of_all_levers_showed_is_what_the_policy_did(worlds, name, key, whole):
    seen = worlds.seen[name].reset_index(drop=True)
    row = seen.index[(seen[key] == whole) & (seen["measure"] == "output")][-1]
    assert any("the policy" in found for found in failing(worlds, name, spoiled(seen, "value", row), "seen"))


@pytest.mark.parametrize(("where", "value"), [("told", "effect"), ("seen", "value")])
def test_another_tier_of_a_channel_that_did_nothing_is_found(worlds, where, value):
    table = getattr(worlds, where)["decomposition"].reset_index(drop=True)
    assert failing(worlds, "decomposition", table, where) == []
    row = table.index[table[value].eq(0) & table["tier"].ne("")][-1]
    assert failing(worlds, "decomposition", spoiled(table, "tier", row), where)
