"""A policy without a search file: every lever with a strength, and an emulator of it that is fitted once."""

import economies
import numpy as np
import pytest
from emulators import search_file
from typer.testing import CliRunner

from chainsim.cli.main import app
from chainsim.runs.ensemble import run
from chainsim.search import emulate as fitting
from chainsim.search.emulator_runs import MOST_PAIRS, EffectPairs, points_of
from chainsim.search.policy_search import known, range_of, search_of_policy

LEVERS = {
    "plant": {"type": "investment_grant", "rate": 0.2, "years": "2021-2022", "budget": {"value": 20.0, "high": 50.0}},
    "open": {"type": "rd_grant", "rate": 0.3, "years": "2021-2022"},
    "shares": {"type": "security_standard", "share": 0.7, "years": "2021-2022"},
}


def test_a_lever_goes_from_nothing_to_its_high_case_which_is_legal():
    policy = economies.shipped("minimal").replace({"levers": LEVERS})
    assert range_of(policy, "plant", ("budget", "rate")) == {"levers.plant.budget": [0.0, 50.0]}
    assert range_of(policy, "open", ("budget", "rate")) == {"levers.open.rate": [0.0, 0.6]}
    assert range_of(policy, "shares", ("share",)) == {
        "levers.shares.share": [0.0, 0.7]
    }  # twice as much is more than all


TALENT = "{type: talent_introduction, heads: {value: 60, low: 0, high: 90}, cost: .05, years: 2021-2022, budget: %s}"
PLANT = "{type: investment_grant, rate: .2, years: 2021-2022, budget: %s}"


@pytest.mark.parametrize(
    ("plant", "talent", "moved", "room"),
    [
        ("2", "2", "budget", 2.0),  # both cut what is asked for
        ("2000", "{value: 3, low: 1, high: 5}", "rate", 5.0),  # of .05 for 60 people nothing is left, and all are paid
    ],
)
def test_what_moves_of_a_lever_does_something(tmp_path, plant, talent, moved, room):
    search_file(tmp_path)
    levers = f"extends: base.yaml\nlevers:\n  plant: {PLANT % plant}\n  talent: {TALENT % talent}\n"
    (tmp_path / "policy.yaml").write_text(levers, encoding="utf-8")
    search = search_of_policy(tmp_path / "base.yaml", tmp_path / "policy.yaml")
    names = [setting.path for setting in search.settings]
    assert names == [f"levers.plant.{moved}", f"levers.talent.{'budget' if room == 2.0 else 'heads'}"]
    assert search.policy.levers["talent"].budget == room
    assert search.policy.levers["plant"].budget == float(plant)
    spent = [
        run(search.portfolio(np.array(each)), seed=1).levers.groupby("lever")["outlay"].sum()
        for each in ([0.5, 0.5], [1.0, 1.0])
    ]
    assert (spent[1] > 1.5 * spent[0]).all()


def test_a_policy_without_levers_of_its_own_is_refused(tmp_path):
    search_file(tmp_path)
    with pytest.raises(ValueError, match="no lever with a strength"):
        search_of_policy(tmp_path / "base.yaml", tmp_path / "base.yaml")


def test_the_page_of_a_policy_fits_its_emulator_once(tmp_path, monkeypatch):
    search_file(tmp_path)
    monkeypatch.chdir(tmp_path)
    fits = []

    def emulate(search, place, jobs, progress):
        """Numbers in place of runs."""
        made = EffectPairs(search, tuple(map(tuple, points_of(search, 30, 3).tolist())), 30)
        rng = np.random.default_rng(0)
        size = sum(each.years for each in made.series)
        outcomes = {
            MOST_PAIRS * point + pair: ([1.0] * size, (sum(position) + 0.1 * rng.normal(size=size)).tolist())
            for point, position in enumerate(made.points)
            for pair in range(fitting.PAIRS)
        }
        fits.append(place)
        fitting.fit(made, outcomes).save(place)

    monkeypatch.setattr(fitting, "emulate", emulate)
    for _ in range(2):
        done = CliRunner().invoke(app, ["dashboard", "base.yaml", "--policy", "policy.yaml", "-o", "page.html"])
        assert done.exit_code == 0, done.output
    assert len(fits) == 1
    assert '"name":"levers.talent.heads"' in (tmp_path / "page.html").read_text(encoding="utf-8")
    search = search_of_policy("base.yaml", "policy.yaml")
    assert known(fits[0], search) is not None
    (tmp_path / "policy.yaml").write_text(
        (tmp_path / "policy.yaml").read_text(encoding="utf-8").replace("heads: 60", "heads: 70"), encoding="utf-8"
    )
    assert known(fits[0], search_of_policy("base.yaml", "policy.yaml")) is None
