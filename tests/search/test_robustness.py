"""Portfolios in other worlds: regret by hand, numbers that can do nothing, and worlds of listed portfolios alone."""

from dataclasses import replace

import economies
import numpy as np
import pandas as pd
import pytest

from chainsim.effects.worlds import Draw, World
from chainsim.search.optimisation import STATED, Optimisation
from chainsim.search.portfolios import LISTED
from chainsim.search.robustness import InWorlds, at_work, boxes_of, good_enough, missing_most, regret_of
from chainsim.search.search_file import search_of
from chainsim.search.surface import fitted, terms_of
from chainsim.search.verification import Verified

LEVERS = {
    "plant": {"type": "investment_grant", "rate": 0.2, "years": "2021-2030", "budget": 20.0},
    "talent": {"type": "talent_introduction", "heads": 50, "cost": 0.05, "years": "2021-2030"},
}
WORLDS = 60


@pytest.fixture(scope="module")
def search():
    base = economies.shipped("minimal")
    return search_of(
        {
            "base": base,
            "policy": base.replace({"levers": LEVERS}),
            "levers": {"levers.plant.budget": [0, 40], "levers.talent.heads": [0, 100]},
            "aims": {"employment": "max", "outlay": "min"},
            "thresholds": {"employment": 10.0},
            "worlds": {"points": WORLDS, "runs": "listed"},
            "seeds": 3,
        }
    )


def test_surfaces_and_fresh_pairs_are_in_the_numbers_as_stated_where_listed_portfolios_alone_see_worlds(search):
    assert search.surfaces == 3
    assert [search.world_of(pair) for pair in (0, 2, 3, 500)] == [None] * 4
    assert [search.world_number(pair) for pair in search.pairs_in_worlds] == list(range(WORLDS))
    assert search.world_of(LISTED) is search.worlds.worlds[0]


def test_regret_is_what_is_missed_of_the_best_in_each_world(search):
    effects = np.array([[[30.0, 10.0], [20.0, 5.0]], [[10.0, 10.0], [40.0, 5.0]]])
    table = regret_of(search, InWorlds(np.array([0, 7]), np.ones((2, 2)), effects), ["1", "2"])
    found = table.set_index(["world", "portfolio", "outcome"])["regret"]
    jobs = [found[world, name, "employment"] for world in (0, 7) for name in ("1", "2")]
    assert jobs == [0.0, 10.0, 30.0, 0.0]
    assert [found[0, name, "outlay"] for name in ("1", "2")] == [5.0, 0.0]
    assert found[7, "1", "compromise"] == pytest.approx(1.0)  # worst in both aims, each in units of its spread
    assert good_enough(search, effects - np.array([15.0, 0.0])).tolist() == [[True, False], [False, True]]


def test_a_box_has_no_limits_on_numbers_that_can_do_nothing_to_a_portfolio(search):
    """Failures follow a number of a lever that the second portfolio lacks; budgets are set by portfolios themselves."""
    names = ["levers.talent.cost", "levers.plant.budget", "stages.sourcing.sample"]
    drawn = pd.DataFrame(np.random.default_rng(0).random((WORLDS, 3)), columns=names)
    planted = replace(search, worlds=Draw((World({}, {}),) * WORLDS, drawn, {}))
    positions = np.array([[0.5, 0.5], [0.5, 0.0]])
    assert [at_work(planted, positions[0], name) for name in names] == [True, False, True]
    assert [at_work(planted, positions[1], name) for name in names] == [False, False, True]
    jobs = np.where(drawn["levers.talent.cost"] > 0.6, 5.0, 15.0)
    effects = jobs[:, None, None] * np.ones((1, 2, 2))
    table = boxes_of(planted, InWorlds(np.arange(WORLDS), positions, effects), ["1", "2"])
    own = table[table["portfolio"] == "1"]
    assert own["path"].tolist() == ["levers.talent.cost"]
    assert own["told"].all()
    assert own["from"].iloc[0] == pytest.approx(0.6, abs=0.03)
    assert not table.loc[table["portfolio"] == "2", "told"].any()


def test_what_is_missing_is_that_of_the_threshold_that_is_missed_most(search):
    both = replace(search, thresholds={"employment": 10.0, "outlay": 6.0})
    effects = np.array([[[12.0, 5.0]], [[6.0, 5.0]], [[12.0, 9.0]]])
    jobs, outlay = effects[:, 0, 0].std(), effects[:, 0, 1].std()
    expected = [max(-2.0 / jobs, -1.0 / outlay), 4.0 / jobs, 3.0 / outlay]
    assert missing_most(both, effects)[:, 0] == pytest.approx(expected)
    assert ((missing_most(both, effects) > 0.0) == ~good_enough(both, effects)).all()


def found_in(search, fresh, compared=None):
    """What is found of portfolios at random positions whose effects in fresh luck these are, the policy last."""
    size = len(terms_of(search.settings))
    positions = np.random.default_rng(0).random((2 * size, 2))
    surface = fitted(search.settings, search.outcomes, positions, np.zeros((3, 2 * size, 2)))
    places = np.vstack([np.random.default_rng(1).random((len(fresh) - 1, 2)), search.stated])
    chosen = Verified(places[:-1], tuple(fresh[:-1] if compared is None else compared))
    return Optimisation(search, surface, Verified(places, tuple(fresh)), chosen)


def test_the_best_compromise_is_chosen_by_pairs_that_are_not_reported(search):
    """Portfolios that are all alike: what is reported of the one that luck made look best is as good as any."""
    rng, seen = np.random.default_rng(4), []
    for _ in range(100):
        fresh, compared = rng.normal(size=(6, 4, 2)), rng.normal(size=(5, 4, 2))
        found = found_in(search, fresh, compared)
        row = found.names.index(found.compromise())
        seen.append(found.means[row, 0])
    assert abs(np.mean(seen)) < 3.0 / np.sqrt(400)


def test_where_no_portfolio_is_better_one_is_said_to_beat_the_policy_in_fewer_than_a_tenth_of_searches(search):
    rng = np.random.default_rng(2)
    luck = [found_in(search, rng.normal(size=(9, 12, 2))).beating() for _ in range(200)]
    assert sum(map(bool, luck)) < 20


def test_a_portfolio_that_is_better_beats_the_policy_and_one_that_pays_for_it_does_not(search):
    rng = np.random.default_rng(3)
    fresh = rng.normal(size=(3, 24, 2)) + np.array([[[5.0, -1.0]], [[5.0, 3.0]], [[0.0, 0.0]]])
    found = found_in(search, fresh)
    assert found.names[-1] == STATED
    assert found.beating() == ["1"]
