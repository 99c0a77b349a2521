"""Divide the effect of a mix of levers among them: what each adds on average over all orders of adding them.

    share_i = sum over coalitions C without i of |C|! (k - |C| - 1)! / k! (v(C + i) - v(C))
    synergy_ij = v(ij) - v(i) - v(j) + v(none)

v(C) is the effect on a measure with the levers of C alone, in the same luck as the baseline; all 2^k coalitions are run.
The shares add up to the effect of the whole mix (Shapley 1953). Levers that a scenario groups are one player.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import factorial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from chainsim.effects.pairing import changed
from chainsim.scenario.errors import Mark, Problems

if TYPE_CHECKING:
    from fractions import Fraction

    from chainsim.scenario.schema import Scenario

Number = TypeVar("Number", float, "Fraction")
Coalition = frozenset[str]
MOST_PLAYERS = 8
REST = "shocks and stages"
"""What the policy changes beside its levers; its effect alone is what the levers' shares leave."""


class Player(NamedTuple):
    """A lever of its own, or a group of levers."""

    name: str
    levers: tuple[str, ...]


def players(base: Scenario, policy: Scenario) -> tuple[Player, ...]:
    """The groups of the policy's levers and the levers in no group, as far as the baseline has not the same.

    Raises:
        ScenarioError: there are none, or more than eight; says to group them.
    """
    new = changed(base.levers, policy.levers)
    found = [Player(name, tuple(lever for lever in members if lever in new)) for name, members in policy.groups.items()]
    grouped = {lever for player in found for lever in player.levers}
    found = [player for player in found if player.levers] + [
        Player(name, (name,)) for name in new if name not in grouped
    ]
    problems, mark = Problems(), policy.mark("groups") or policy.mark("levers") or Mark(policy.name)
    if not found:
        problems.add(mark, ("levers",), "there is no lever to split the effect among")
    if len(found) > MOST_PLAYERS:
        advice = f"a split takes at most {MOST_PLAYERS}; join levers under groups, such as groups: {{research: [{new[0]}, ...]}}"
        problems.add(mark, ("groups",), f"{len(found)} levers and groups; {advice}")
    problems.stop()
    return tuple(found)


def with_players(base: Scenario, policy: Scenario, everybody: Sequence[Player], chosen: Coalition) -> Scenario:
    """The policy scenario with the levers of the chosen players; of the others what the baseline has."""
    out = {lever for player in everybody if player.name not in chosen for lever in player.levers}
    levers = {name: lever for name, lever in policy.levers.items() if name not in out}
    levers |= {name: base.levers[name] for name in base.levers if name in out}
    order = [name for name in dict.fromkeys([*policy.levers, *base.levers]) if name in levers]
    dropped = {
        name for player in everybody if player.name in chosen for name in player.levers if name not in policy.levers
    }
    return policy.model_copy(
        update={"levers": {name: levers[name] for name in order if name not in dropped}, "groups": {}}
    )


def coalitions(names: Sequence[str]) -> list[Coalition]:
    """All coalitions of players, none first, all last."""
    return [frozenset(name for place, name in enumerate(names) if mask >> place & 1) for mask in range(2 ** len(names))]


def shares(names: Sequence[str], value: Mapping[Coalition, Number]) -> dict[str, Number]:
    """The Shapley share of every player; `value` holds all coalitions. Exact where the values are fractions."""
    k = len(names)
    found = {}
    for name in names:
        parts = [
            factorial(len(some)) * factorial(k - len(some) - 1) * (value[some | {name}] - value[some])
            for some in coalitions([other for other in names if other != name])
        ]
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        found[name] = total / factorial(k)
    return found


def synergies(names: Sequence[str], value: Mapping[Coalition, Number]) -> dict[tuple[str, str], Number]:
    """What two players do together beyond what each does alone, by pair."""
    none: Coalition = frozenset()
    return {
        (one, other): value[frozenset({one, other})] - value[none | {one}] - value[none | {other}] + value[none]
        for place, one in enumerate(names)
        for other in names[place + 1 :]
    }
