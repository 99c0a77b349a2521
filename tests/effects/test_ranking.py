"""A ranking of levers: what it says of each is the difference of two worlds, and nothing done is lost."""

import economies
import numpy as np
import pytest

import chainsim as cs
from chainsim.effects import ranking
from chainsim.runs.certified import Damaged
from chainsim.runs.output_folder import OutputError

GRANT = {"type": "investment_grant", "rate": 0.2, "budget": 50.0, "years": "2022-2024"}
TALENT = {"type": "talent_introduction", "heads": 0.0, "years": "2022-2024"}
SCENARIO = {"type": "application_scenario", "budget": 40.0, "years": "2022-2025"}


@pytest.fixture(scope="module")
def worlds():
    base = economies.crowd()
    return base, base.replace({"levers": {"grant": GRANT, "nobody": TALENT, "orders": SCENARIO}})


@pytest.fixture(scope="module")
def found(worlds):
    return cs.rank(*worlds, replications=3)


def rows(table, lever, how):
    return table[(table["lever"] == lever) & (table["how"] == how)].iloc[0]


def test_each_lever_has_a_row_alone_and_a_row_left_out_with_bounds(found):
    table = found.table()
    assert list(table[["lever", "how"]].itertuples(index=False, name=None)) == [
        (lever, how) for lever in ("grant", "nobody", "orders") for how in ("alone", "left_out")
    ]
    for measure in (*ranking.MEASURES, "cost_per_job_year"):
        assert {measure, f"{measure}_low", f"{measure}_high"} <= set(table.columns)
    known = table[["output_low", "output", "output_high"]]
    assert (known["output_low"] <= known["output"]).all()
    assert (known["output"] <= known["output_high"]).all()


def test_a_lever_alone_is_what_a_comparison_of_it_says(worlds, found):
    base, policy = worlds
    effect = cs.compare(base, policy.replace({"levers": {"grant": GRANT}}), replications=3)
    told = effect.table(years=base.years.end, indicators=["output"]).iloc[0]
    row = rows(found.table(), "grant", "alone")
    assert row["output"] == pytest.approx(told["mean"], rel=1e-12)
    costs = effect.costs().query("scope == 'all'").set_index("item")["value"]
    for measure, item in (("outlay", "outlay"), ("net_cost", "net_cost"), ("job_years", "job_years")):
        assert row[measure] == pytest.approx(costs[item], rel=1e-9)


def test_a_lever_left_out_is_what_the_policy_has_beyond_the_policy_without_it(worlds, found):
    base, policy = worlds
    whole, without = (
        cs.compare(base, scenario, replications=3).table(years=base.years.end, indicators=["output"]).iloc[0]["mean"]
        for scenario in (policy, policy.replace({"levers": {"nobody": TALENT, "orders": SCENARIO}}))
    )
    assert rows(found.table(), "grant", "left_out")["output"] == pytest.approx(whole - without, rel=1e-9)
    assert found.together("output").mean() == pytest.approx(whole, rel=1e-12)


def test_a_lever_without_strength_does_nothing_and_others_do_something(found):
    table = found.table()
    for how in ("alone", "left_out"):
        nobody = rows(table, "nobody", how)
        assert (nobody[list(ranking.MEASURES)] == 0.0).all()
        assert np.isnan(nobody["cost_per_job_year"])
    assert rows(table, "grant", "alone")["outlay"] > 0
    assert rows(table, "orders", "alone")["output"] != 0


def test_a_stopped_ranking_goes_on_and_does_not_run_again_what_is_kept(worlds, found, tmp_path, monkeypatch):
    folder = tmp_path / "levers"
    cs.rank(*worlds, replications=2, store=folder)
    (folder / "pairs" / f"{worlds[0].seed}.json").write_text('{"none": {"outp', encoding="utf-8")  # torn
    ran = []
    run = ranking.Arms.__call__

    def watched(work, seed):
        ran.append(seed)
        return (yield from run(work, seed))

    monkeypatch.setattr(ranking.Arms, "__call__", watched)
    again = cs.rank(*worlds, replications=3, store=folder)
    assert ran == [worlds[0].seed, worlds[0].seed + 2]
    assert again.table().equals(found.table())


def test_the_number_of_processes_does_not_matter(worlds, found):
    assert cs.rank(*worlds, replications=3, jobs=2).table().equals(found.table())


def test_a_folder_of_another_ranking_or_of_something_else_is_left_alone(worlds, tmp_path):
    base, policy = worlds
    cs.rank(base, policy, replications=1, store=tmp_path / "levers")
    other = policy.replace({"levers.grant.rate": 0.1})
    with pytest.raises(OutputError, match="another ranking or another version"):
        cs.rank(base, other, replications=1, store=tmp_path / "levers")
    for spoilt in (b'{"base": "crowd"}', b"\xff\xfe"):
        (tmp_path / "levers" / ranking.RECORD).write_bytes(spoilt)
        with pytest.raises(Damaged, match=ranking.RECORD):
            cs.rank(base, policy, replications=1, store=tmp_path / "levers")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("words", encoding="utf-8")
    with pytest.raises(OutputError, match="holds no ranking"):
        cs.rank(base, policy, replications=1, store=tmp_path / "mine")


def test_a_policy_without_levers_is_refused(worlds):
    with pytest.raises(cs.ScenarioError, match="no lever to rank"):
        cs.rank(worlds[0], worlds[0])


def test_bounds_hold_the_mean_of_a_known_distribution_nine_times_in_ten():
    luck = np.random.default_rng(1)
    held = [low <= 2.0 <= high for _, low, high in (ranking.interval(luck.normal(2.0, 5.0, 6)) for _ in range(3000))]
    assert np.mean(held) == pytest.approx(0.9, abs=0.02)
    assert np.isnan(ranking.interval(np.array([1.0]))[1])


def of_luck(chance, effects, pairs=6):
    """A ranking of levers with mean effects when left out, each with luck of spread 1 of its own."""
    levers = tuple(f"l{k}" for k in range(len(effects)))
    rows = []
    for drawn in np.asarray(effects) + chance.normal(0.0, 1.0, (pairs, len(effects))):
        arms = {f"{ranking.LEFT_OUT} {lever}": {"output": -value} for lever, value in zip(levers, drawn, strict=True)}
        rows.append({ranking.NONE: {"output": 0.0}, ranking.ALL: {"output": 0.0}, **arms})
    return ranking.Ranking("base", "policy", levers, tuple(range(pairs)), tuple(rows))


def test_of_levers_that_do_nothing_one_is_called_sure_in_one_ranking_of_ten():
    chance = np.random.default_rng(1)
    none = [of_luck(chance, [0.0] * 15) for _ in range(400)]
    assert np.mean([len(found.surely("left_out", "output")) > 0 for found in none]) <= 0.13
    alone = [ranking.interval(found.effect(lever, "left_out", "output")) for found in none for lever in found.levers]
    assert np.mean([low * high > 0.0 for _, low, high in alone]) == pytest.approx(0.1, abs=0.02)
    strong = [of_luck(chance, [6.0, -6.0, *[0.0] * 13]).surely("left_out", "output") for _ in range(100)]
    assert np.mean([{"l0", "l1"} <= set(found) for found in strong]) > 0.9
    assert of_luck(chance, [5.0], 1).surely("left_out", "output") == ()
