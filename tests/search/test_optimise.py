"""A search of a small economy from file to frontier: under the budget, verified with fresh seeds, kept and resumed."""

import json
import shutil

import economies
import numpy as np
import pandas as pd
import pytest

import chainsim as cs
from chainsim.runs.output_folder import OutputError
from chainsim.search import training
from chainsim.search.optimisation import LOOKS, STATED, looked_at
from chainsim.search.portfolios import LISTED
from chainsim.search.search_file import search_of
from chainsim.search.search_report import lines
from chainsim.search.surface import Surface

GRANT = {"type": "investment_grant", "rate": 0.2, "years": "2021-2022", "budget": 40.0, "stacking": "add"}
LEVERS = {
    "plant": GRANT,
    "twin": GRANT,
    "talent": {"type": "talent_introduction", "heads": 60, "cost": 0.05, "years": "2021-2022"},
}
MOVED = {"levers.plant.budget": [0, 40], "levers.twin.budget": [0, 40], "levers.talent.heads": [0, 100]}


@pytest.fixture(scope="module")
def stated():
    base = economies.shipped("minimal").replace({"years.end": 2022})
    return {
        "base": base,
        "policy": base.replace({"levers": LEVERS}),
        "levers": MOVED,
        "aims": {"employment": "max", "outlay": "min"},
        "budget": {"outlay": "policy"},
        "thresholds": {"employment": 10.0},
        "worlds": {"points": 3, "runs": "listed"},
        "seeds": 3,
        "points": 12,
        "verify": 4,
        "portfolios": 4,
    }


@pytest.fixture(scope="module")
def folder(stated, tmp_path_factory):
    place = tmp_path_factory.mktemp("search") / "small"
    cs.optimise(stated, place)
    return place


@pytest.fixture(scope="module")
def found(stated, folder):
    return cs.optimise(stated, folder)


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_no_listed_portfolio_is_above_the_budget_which_is_what_the_policy_spends(found, folder):
    table = found.frontier()
    rows = table[(table["outcome"] == "outlay") & (table["portfolio"] != STATED)]
    runs, stated = pd.read_csv(folder / "runs.csv"), found.search.stated
    own = np.isclose(runs[list(MOVED)], stated).all(axis=1) & (runs["pair"] < found.search.surfaces)
    cap = runs.loc[own, "outcome outlay"].mean()  # the baseline spends nothing
    assert len(rows)
    assert found.search.budget == {"outlay": pytest.approx(cap)}
    assert (rows[["predicted", "verified"]] <= cap).all().all()
    assert set(table["portfolio"]) <= {*found.names}
    assert set(found.above()["portfolio"]).isdisjoint(table["portfolio"])
    predicted = rows["predicted"].to_numpy()
    assert (np.diff(predicted) >= 0.0).all()


def test_no_levers_at_all_are_no_portfolio(found):
    table = found.portfolios()
    assert (table[list(MOVED)].to_numpy() > 0.0).any(axis=1).all()


def test_portfolios_are_verified_with_seeds_that_no_surface_was_fitted_to(found, folder):
    runs = pd.read_csv(folder / "runs.csv")
    fitted_to = set(runs.loc[runs["pair"] < found.search.surfaces, "seed"])
    fresh = set(runs.loc[runs["pair"] >= found.search.surfaces, "seed"])
    assert fresh
    assert not fitted_to & fresh
    reported = set(range(3, 5))
    compared = {3 + 2 + number for number in range(found.compared.pairs.max())}
    assert (found.fresh.pairs == len(reported)).all()
    assert found.compared.pairs.sum() == 2 * (len(found.names) - 1)
    assert set(runs["pair"]) == {0, 1, 2} | reported | compared | {LISTED, LISTED + 1, LISTED + 2}


def test_what_was_chosen_is_run_with_the_seeds_of_the_surfaces_too(found, folder):
    runs = pd.read_csv(folder / "runs.csv").dropna()
    tried = runs[runs["pair"] < found.search.surfaces].groupby("pair").size()
    assert (tried > found.search.points).all()
    assert (tried <= found.search.points + LOOKS * looked_at(found.search) + 1).all()


def test_twin_levers_share_alike_and_shares_add_up_to_the_prediction(found):
    table, frontier = found.added(), found.frontier()
    for name, rows in table[table["outcome"] == "employment"].groupby("portfolio"):
        whole = frontier[(frontier["portfolio"] == name) & (frontier["outcome"] == "employment")]
        assert rows["added"].sum() == pytest.approx(whole["predicted"].iloc[0], abs=1e-6)
    own = table[(table["portfolio"] == STATED) & (table["outcome"] == "employment")].set_index("lever")
    one, twin = own.loc["plant"], own.loc["twin"]
    assert abs(one["added"] - twin["added"]) < (one["added_high90"] - one["added_low90"])


def test_regret_is_none_for_the_best_of_a_world_and_less_than_none_for_nobody(found):
    table = found.regret()
    assert (table["regret"] >= 0.0).all()
    assert (table.groupby(["world", "outcome"])["regret"].min() == 0.0).all()
    assert set(table["outcome"]) == {"employment", "outlay", "compromise"}
    assert set(table["world"]) == {0, 1, 2}
    assert found.satisficing()["good_enough"].between(0.0, 1.0).all()


def test_the_report_says_first_whether_the_policy_is_beaten(found):
    told = list(lines(found))
    assert "beat" in told[1]
    assert any("cannot be told apart" in line or "told apart" in line for line in told)
    assert max(map(len, told)) < 160


def test_the_surface_in_the_folder_is_the_surface(found, folder):
    again = Surface.from_dict(json.loads((folder / "surface.json").read_text(encoding="utf-8")))
    assert np.array_equal(again.coefficients, found.surface.coefficients)


def test_the_same_call_runs_nothing_and_writes_the_same_bytes(stated, folder, found, monkeypatch):
    before = files(folder)
    monkeypatch.setattr(training, "resumable", None)
    cs.optimise(stated, folder)
    assert files(folder) == before


def test_a_folder_of_another_search_is_refused_and_one_that_was_changed_too(stated, folder, found, tmp_path):
    other = {**stated, "levers": {**stated["levers"], "levers.twin.budget": [0, 50]}}
    with pytest.raises(OutputError, match="another search"):
        cs.optimise(other, folder)
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    (copy / "runs.csv").write_text((copy / "runs.csv").read_text(encoding="utf-8").replace("1", "2"), encoding="utf-8")
    with pytest.raises(OutputError, match=r"runs.csv"):
        cs.optimise(stated, copy)


def test_a_budget_that_nothing_meets_is_told(stated, folder, found, tmp_path):
    shutil.copytree(folder, tmp_path / "copy")
    with pytest.raises(ValueError, match="no portfolio is within the budget"):
        cs.optimise({**stated, "budget": {"employment": -1e9}}, tmp_path / "copy")


def test_without_worlds_there_is_no_regret_and_the_report_says_so(stated):
    search = search_of({**stated, "worlds": None})
    assert search.surfaces == 3
    assert search.world_of(2) is None


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_run(stated, tmp_path, monkeypatch):
    monkeypatch.setattr(training, "resumable", None)
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="nothing was run"):
        cs.optimise(stated, tmp_path / "file" / "below")
