"""The runs of a search: pairs that start from the same luck, kept as they are done, and read as the search says."""

import economies
import numpy as np
import pytest

import chainsim as cs
from chainsim.effects.ranking import measures
from chainsim.runs.simulation import Simulation
from chainsim.search import training
from chainsim.search.outcomes import outcome, read
from chainsim.search.search_file import search_of
from chainsim.search.training import SearchRuns, positions_of, trained

LEVERS = {
    "plant": {"type": "investment_grant", "rate": 0.2, "years": "2021-2023", "budget": 20.0},
    "research": {"type": "rd_grant", "rate": 0.3, "years": "2021-2023", "budget": 20.0},
}
RANGES = {"levers.plant.rate": [0, 0.4], "levers.research.rate": [0, 0.5]}


@pytest.fixture(scope="module")
def base():
    return economies.shipped("minimal").replace({"years.end": 2023})


@pytest.fixture(scope="module")
def stated(base):
    return {
        "base": base,
        "policy": base.replace({"levers": LEVERS}),
        "levers": RANGES,
        "aims": {"employment": "max", "net_cost": "min"},
        "budget": {"net_cost": 30.0},
        "seeds": 2,
        "points": 8,
    }


def test_a_portfolio_without_levers_has_no_effect_and_one_has_that_of_a_comparison(stated, base):
    search = search_of(stated)
    runs = SearchRuns(search)
    found = runs.effects(np.array([[0.0, 0.0], [0.5, 0.0]]), [0, 1], "test")
    assert np.all(found[:, 0] == 0.0)
    alone = base.replace({"levers": {"plant": LEVERS["plant"]}})
    effect = cs.compare(base, alone, replications=2, rank=False)
    both = [effect.policy.region, effect.base.region]
    last = [frame[(frame["scope"] == "chain") & (frame["year"] == 2023)]["employment"].to_numpy() for frame in both]
    assert found[:, 1, 0] == pytest.approx(last[0] - last[1], abs=1e-9)


def test_the_policy_as_it_stands_is_among_the_portfolios_and_every_third_has_few_levers(stated):
    search = search_of({**stated, "points": 300})
    positions = positions_of(search)
    assert search.portfolio(positions[0]).levers == search.policy.levers
    sparse = np.arange(300) % 3 == 2
    assert (positions[~sparse] == 0.0).mean() == pytest.approx(0.2, abs=0.05)
    assert (positions[sparse] == 0.0).mean() == pytest.approx(0.7, abs=0.05)
    assert positions.max() <= 1.0
    assert np.array_equal(positions[:40], positions_of(search_of({**stated, "points": 40})))


def test_outcomes_are_those_of_a_ranking_and_of_the_tables(base):
    simulation = Simulation(base, 1)
    while simulation.running:
        simulation.step()
    recording = simulation.recording()
    names = ["outlay", "net_cost", "jobs", "job_years", "job_years_chain", "localization_rate_fixed"]
    found = dict(zip(names, read(recording, [outcome(base, name) for name in names], 0.5), strict=True))
    assert found == {name: measures(recording)[name] for name in names}
    segments = recording.tables["segments"]
    row = (segments["segment"] == "devices") & (segments["year"] == 2021)
    assert read(recording, [outcome(base, "devices.output@2021")], 0.5) == [float(segments["output"][row][0])]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("jobz", "no outcome 'jobz'"),
        ("device.output", "'device' is no tier or segment, did you mean 'devices'"),
        ("output@2050", "expected a year from 2020 to 2023"),
    ],
)
def test_an_outcome_that_no_run_shows_is_refused(base, name, told):
    with pytest.raises(ValueError, match=told):
        outcome(base, name)


def test_runs_that_were_stopped_go_on_to_the_same_surface(stated, tmp_path, monkeypatch):
    search, folder = search_of(stated), tmp_path / "out"
    whole = trained(search, SearchRuns(search), positions_of(search))
    run, made = training.PortfolioRuns.__call__, []

    def counted(self, seed):
        made.append(seed)
        if len(made) == 6:
            raise KeyboardInterrupt
        return run(self, seed)

    monkeypatch.setattr(training.PortfolioRuns, "__call__", counted)
    with pytest.raises(KeyboardInterrupt):
        trained(search, SearchRuns(search, folder=folder), positions_of(search))
    again = trained(search, SearchRuns(search, folder=folder), positions_of(search))
    assert len(made) == 6 + 16 - 5
    assert again.to_dict() == whole.to_dict()


def test_worlds_have_seeds_of_their_own_and_their_numbers_in_both_runs_of_a_pair(stated):
    search = search_of({**stated, "worlds": {"points": 3}, "seeds": 5})
    assert search.surfaces == 6
    surface = trained(search, SearchRuns(search), positions_of(search))
    assert surface.worlds.tolist() == [0, 1, 2, 0, 1, 2]
    assert surface.by_world(np.array([[0.5, 0.5]])).shape == (3, 1, 2)
    assert surface.mean(np.zeros((1, 2))).tolist() == [[0.0, 0.0]]
