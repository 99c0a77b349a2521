"""The page of a search: the verdict, the frontier, settings, what levers add; of a search without a single run."""

from dataclasses import replace

import economies
import numpy as np
import pandas as pd
import pytest
from page_tree import tree, without_chinese

from chainsim.effects.worlds import Draw, World
from chainsim.report.search import own_names, page, shown, unit_of
from chainsim.search import robustness
from chainsim.search.optimisation import STATED, Optimisation, candidates
from chainsim.search.search_file import search_of
from chainsim.search.surface import features, fitted, terms_of
from chainsim.search.training import positions_of
from chainsim.search.verification import Verified

LEVERS = {
    "plant": {"type": "investment_grant", "rate": 0.2, "years": "2021-2030", "budget": 20.0},
    "talent": {"type": "talent_introduction", "heads": 50, "cost": 0.05, "years": "2021-2030"},
}
SLOPES = np.array([[60.0, 40.0], [20.0, 30.0], [-20.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
"""Jobs and outlay: the plant first brings more for the money; its last term is of the year in which it starts."""


def searched(slopes=SLOPES, seeds=6):
    base = economies.shipped("minimal")
    search = search_of(
        {
            "name": "invented & small",
            "base": base,
            "policy": base.replace({"levers": LEVERS}),
            "levers": {
                "levers.plant.budget": [0, 40],
                "levers.talent.heads": [0, 100],
                "levers.plant.years": {"start": [2021, 2025]},
            },
            "aims": {"employment": "max", "outlay": "min"},
            "budget": {"outlay": 45.0},
            "thresholds": {"employment": 10.0},
            "portfolios": 4,
        }
    )
    rng, positions = np.random.default_rng(0), positions_of(search)
    terms = features(search.settings, terms_of(search.settings), positions)
    effects = np.stack([terms @ (slopes * (1 + 0.05 * rng.normal())) for _ in range(seeds)])
    surface = fitted(search.settings, search.outcomes, positions, effects)
    places = np.vstack([candidates(search, surface, 4), search.stated])
    fresh = [mean + rng.normal(size=(8, 2)) * np.array([1.0, 0.1]) for mean in surface.mean(places)]
    return Optimisation(search, surface, Verified(places, tuple(fresh)), Verified(places[:-1], tuple(fresh[:-1])))


@pytest.fixture(scope="module")
def found():
    return searched()


def test_the_page_is_whole_needs_no_network_and_has_the_same_bytes_again(found):
    text = page(found)
    tree(text)
    assert "http" not in text.replace("http://www.w3.org", "")
    assert page(found) == text
    assert "invented &amp; small" in text
    assert 'role="img"' in text


def test_everything_that_a_reader_sees_is_said_in_chinese_too(found):
    boxes = pd.DataFrame(
        [("1", "stages.sourcing.sample", 0.0, 0.4, 0.7, 0.8, 0.3, 0.2, True)], columns=robustness.BOXES
    )
    told = searched()
    told.boxes = lambda: boxes
    told.search = replace(found.search, worlds=Draw((World({}, {}), World({}, {})), pd.DataFrame(), {}))
    for each in (found, told):
        text = page(each)
        assert without_chinese(text, own_names(each)) == set()
        assert text.index('id="zh"') < text.index("<header>")
    assert "最佳折中:组合" in text
    assert "stages.sourcing.sample处于其范围最低的40%" in text


def test_every_portfolio_stands_with_its_settings_and_years_have_no_separators(found):
    text = page(found)
    for name in found.portfolios()["portfolio"]:
        shown = name if name != STATED else '<span class="l-en">policy</span><span class="l-zh" lang="zh">政策</span>'
        assert f'<td rowspan="2">{shown}<small><span class="l-en">8 fresh pairs</span>' in text
    assert "<code>plant.years.start</code><small>y</small>" in text
    assert "<td>2021</td>" in text


def test_shares_are_told_in_points_and_no_number_in_powers_of_ten(found):
    assert shown(found.search, "localization_rate_fixed", -6e-5, -0.000477, 0.00879) == "−0.01 (−0.05 to +0.88)"
    assert shown(found.search, "outlay", 6e-05, -194.2, 1269.0) == "0.0 (−194 to +1,269)"
    assert unit_of(found.search, "localization_rate_fixed") == "points"


def test_the_verdict_stands_first_and_says_where_nothing_beats_the_policy(found):
    assert found.beating() == ["3"]  # in jobs and in money, for the policy lies off the frontier
    assert page(found).index("portfolio 3 beats the policy as it stands") < page(found).index("<h2")
    jobs_for_money = np.array([[60.0, 60.0], [20.0, 20.0]] + [[0.0, 0.0]] * 5)
    other = searched(jobs_for_money)
    assert other.beating() == []
    assert "No portfolio beats the policy as it stands" in page(other)


def test_what_fresh_seeds_put_above_the_budget_is_not_listed(found):
    dearest = int(np.argmax(found.means[:-1, 1]))
    effects = list(found.fresh.effects)
    effects[dearest] = effects[dearest] + np.array([0.0, 100.0])
    fresh = Verified(found.fresh.positions, tuple(effects))
    other = Optimisation(found.search, found.surface, fresh, found.compared)
    assert other.above()["portfolio"].unique().tolist() == [found.names[dearest]]
    assert found.names[dearest] not in other.portfolios()["portfolio"].tolist()
    assert "above the budget" in page(other)
    assert STATED in other.portfolios()["portfolio"].tolist()
