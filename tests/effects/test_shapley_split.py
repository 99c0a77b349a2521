"""The split of a mix of levers: what Shapley's axioms promise, and who is a player."""

from fractions import Fraction
from functools import cache
from itertools import combinations

import numpy as np
import pytest
from economies import START
from effect_cases import GRANT as RESEARCH
from effect_cases import PLANTS, small

import chainsim as cs
from chainsim.effects.shapley_split import (
    MOST_PLAYERS,
    coalitions,
    players,
    replications_of,
    shares,
    synergies,
    with_players,
)
from chainsim.scenario.errors import ScenarioError

NAMES = ("a", "b", "c", "d")
BASE = small()
GRANT = RESEARCH | {"stacking": "add"}
SPARE = {"type": "rd_grant", "stacking": "add", "rate": 0.0, "years": f"{START + 1}-{START + 3}"}
MIX = BASE.replace({"levers.research": GRANT, "levers.plants": PLANTS, "levers.spare": SPARE})


@cache
def shared_effect():
    """A comparison of two pairs, split."""
    return cs.compare(BASE, MIX, replications=2, split=True)


def random_game(seed, exact=True):
    luck = np.random.default_rng(seed)
    return {some: Fraction(float(luck.normal())) if exact else float(luck.normal()) for some in coalitions(NAMES)}


@pytest.mark.parametrize("seed", range(10))
def test_shares_sum_exactly_to_the_effect_of_all(seed):
    value = random_game(seed)
    assert sum(shares(NAMES, value).values()) == value[frozenset(NAMES)] - value[frozenset()]


def test_shares_are_means_over_all_orders():
    value = random_game(3)
    names = NAMES[:2]
    v = {some: value[some] for some in coalitions(names)}
    none, one, other, both = (v[frozenset(some)] for some in ("", "a", "b", "ab"))
    assert shares(names, v) == {"a": ((one - none) + (both - other)) / 2, "b": ((other - none) + (both - one)) / 2}


def test_players_that_do_the_same_get_the_same():
    value = random_game(1)
    for some in coalitions(NAMES):
        if "a" in some and "b" not in some:
            value[some] = value[(some - {"a"}) | {"b"}]
    found = shares(NAMES, value)
    assert found["a"] == found["b"]
    assert found["a"] != found["c"]


def test_a_player_that_adds_nothing_gets_nothing():
    value = random_game(2)
    for some in coalitions(NAMES):
        value[some | {"c"}] = value[some - {"c"}]
    found = shares(NAMES, value)
    assert found["c"] == 0
    assert all(synergy == 0 for pair, synergy in synergies(NAMES, value).items() if "c" in pair)


def test_levers_that_only_add_up_have_no_synergy():
    worth = dict(zip(NAMES, (1, 2, 3, 4), strict=True))
    value = {some: Fraction(sum(worth[name] for name in some)) for some in coalitions(NAMES)}
    assert set(synergies(NAMES, value).values()) == {0}
    assert shares(NAMES, value) == worth
    value[frozenset({"a", "b"})] += 5
    assert synergies(NAMES, value)["a", "b"] == 5


def test_shares_of_a_comparison_sum_to_its_total_and_that_is_the_effect_of_the_policy():
    split = shared_effect().split
    assert split.replications == 2
    for measure, found in split.shares.groupby("measure"):
        by_player = found.set_index("player")["share"]
        assert by_player.drop("total").sum() == pytest.approx(by_player["total"], rel=1e-9, abs=1e-12), measure
    total = split.shares.query("player == 'total'").set_index("measure")["share"]
    costs = shared_effect().costs().query("scope == 'all'").set_index("item")["value"]
    assert total["outlay"] == pytest.approx(costs["outlay"], rel=1e-12)
    assert total["job_years"] == pytest.approx(costs["job_years"], rel=1e-9)
    last = shared_effect().table(years=[START + 3], indicators=["output"])["mean"].iloc[0]
    assert total["output"] == pytest.approx(last, rel=1e-9)


def test_a_lever_without_strength_gets_no_share():
    spare = shared_effect().split.shares.query("player == 'spare'")
    assert len(spare) > 5
    assert (spare["share"].abs() < 1e-9).all()
    together = shared_effect().split.synergies.query("first == 'spare' or second == 'spare'")
    assert (together["share"] == 0.0).all()


@pytest.mark.slow
def test_split_and_jobs_do_not_depend_on_each_other():
    two = cs.compare(BASE, MIX, replications=2, split=True, jobs=2)
    assert shared_effect().split.shares.equals(two.split.shares)
    assert shared_effect().split.synergies.equals(two.split.synergies)


def test_what_is_no_lever_stands_apart_in_a_split():
    shock = {"type": "demand_shift", "change": -0.2, "years": START + 1}
    effect = cs.compare(
        BASE, BASE.replace({"levers.research": GRANT, "shocks.slump": shock}), replications=1, split=True
    )
    output = effect.split.shares.query("measure == 'output'").set_index("player")["share"]
    alone = cs.compare(BASE, BASE.replace({"shocks.slump": shock}), replications=1)
    assert output["shocks and stages"] == pytest.approx(
        alone.table(years=[START + 3], indicators=["output"])["effect"].iloc[0]
    )
    assert output["shocks and stages"] + output["research"] == pytest.approx(output["total"], rel=1e-9)


def test_groups_are_players_and_so_are_levers_in_no_group():
    grouped = MIX.replace({"groups": {"money": ["plants", "research"]}})
    found = players(BASE, grouped)
    assert [(player.name, player.levers) for player in found] == [
        ("money", ("plants", "research")),
        ("spare", ("spare",)),
    ]
    assert set(with_players(BASE, grouped, found, frozenset({"spare"})).levers) == {"spare"}
    assert set(with_players(BASE, grouped, found, frozenset({"money"})).levers) == {"plants", "research"}


def test_levers_of_the_baseline_are_players_only_where_they_change():
    base = BASE.replace({"levers.research": GRANT, "levers.plants": PLANTS})
    policy = base.replace({"levers.research.rate": 0.4})
    found = players(base, policy)
    assert [player.name for player in found] == ["research"]
    without = with_players(base, policy, found, frozenset())
    assert without.levers["research"].rate == 0.2
    assert with_players(base, policy, found, frozenset({"research"})).levers["research"].rate == 0.4
    fewer = base.replace({"levers": {"plants": PLANTS}})
    found = players(base, fewer)
    assert [player.name for player in found] == ["research"]
    assert list(with_players(base, fewer, found, frozenset()).levers) == ["research", "plants"] or set(
        with_players(base, fewer, found, frozenset()).levers
    ) == {"research", "plants"}
    assert list(with_players(base, fewer, found, frozenset({"research"})).levers) == ["plants"]


def test_more_than_eight_players_are_refused_with_the_advice_to_group():
    many = BASE.replace({f"levers.l{number}": SPARE for number in range(MOST_PLAYERS + 1)})
    with pytest.raises(ScenarioError, match=r"9 levers and groups; .* join levers under groups"):
        cs.compare(BASE, many, split=True, replications=1)
    grouped = many.replace({"groups": {"two": ["l0", "l1"]}})
    assert len(players(BASE, grouped)) == MOST_PLAYERS
    with pytest.raises(ScenarioError, match="no lever to split"):
        cs.compare(BASE, BASE, split=True, replications=1)


def test_replications_of_a_split_fall_with_the_number_of_players():
    assert [replications_of(True, number, 50) for number in (1, 2, 4, 8)] == [48, 24, 6, 3]
    assert replications_of(True, 2, 5) == 5
    assert replications_of(4, 8, 50) == 4
    assert len(list(combinations(NAMES, 2))) == len(synergies(NAMES, random_game(1)))
