"""Pairs of runs: what nothing does, when worlds part, what may differ, and that jobs change no bit."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from economies import START, shipped
from effect_cases import PLANTS, Fails, NightSchool, baseline, granted, small

import chainsim as cs
from chainsim.effects.observer import Observer
from chainsim.runs.simulation import Simulation

BASE = baseline()


@cache
def shared_effect():
    """A comparison of three pairs."""
    return cs.compare(BASE, granted(), replications=3)


def tables(effect):
    """Every table of a comparison by name."""
    found = {f"base {name}": effect.base.table(name) for name in effect.base.tables}
    found |= {
        f"{policy} {name}": effect.policies[0].table(name) for policy in effect.names for name in effect.base.tables
    }
    return found | effect.seen | {"effects": effect.table(by="segment"), "costs": effect.costs()}


def test_a_lever_of_zero_strength_has_no_effect_anywhere_and_the_worlds_never_part():
    effect = cs.compare(BASE, granted(rate=0.0), replications=2)
    found = effect.table(by="scope", years=range(START, START + 6))
    assert (found[["effect", "mean", "low90", "high90"]] == 0.0).all().all()
    for name in ("region", "tiers", "segments", "trade", "ledger"):
        pd.testing.assert_frame_equal(
            effect.base.table(name).drop(columns="scenario"),
            effect.policy.table(name).drop(columns="scenario"),
            check_exact=True,
        )
    certificate = effect.certificate
    assert certificate.holds
    assert certificate.parted == 0
    assert "never part" in certificate.lines()[0]
    assert len(effect.trace().reach) == 0


@pytest.mark.parametrize("years", ["2010-2019", "2026-2030"])
def test_a_lever_outside_the_simulated_years_does_nothing(years):
    effect = cs.compare(BASE, granted(years=years), replications=1)
    assert effect.certificate.parted == 0
    assert (effect.table()["effect"] == 0.0).all()
    assert effect.horizons == {} or years.startswith("2010")


def test_the_worlds_are_the_same_in_every_bit_before_the_first_policy_year():
    effect = cs.compare(BASE, BASE.replace({"levers.plants": PLANTS}), replications=3)
    assert effect.first_year == START + 2
    certificate = effect.certificate
    assert certificate.holds
    assert (certificate.parting["year"] == START + 2).all()
    before = effect.base.region["year"] < START + 2
    pd.testing.assert_frame_equal(
        effect.base.region[before].drop(columns="scenario"),
        effect.policy.region[before].drop(columns="scenario"),
        check_exact=True,
    )
    assert (effect.table(years=[START + 1])["effect"] == 0.0).all()
    assert effect.table(years=[START + 3], indicators=["investment"])["effect"].iloc[0] != 0.0


def test_runs_of_a_pair_are_those_that_the_scenarios_give_alone():
    alone = cs.run(BASE, seed=2).region.drop(columns=["scenario", "replication"])
    row = (
        shared_effect().base.region.query("seed == 2").drop(columns=["scenario", "replication"]).reset_index(drop=True)
    )
    pd.testing.assert_frame_equal(alone, row, check_exact=True)


def test_the_first_stage_and_what_differs_there_are_told():
    parting = shared_effect().certificate.parting
    assert (parting["year"] == START + 1).all()
    assert (parting["step"] == "levers").all()
    assert parting["entry_points"].str.contains("rd_support").all()
    assert parting["columns"].str.contains("support").all()
    assert (parting["stage"] != "").all()
    assert set(shared_effect().trace().channels["entry_point"]) == {"rd_support", "income"}
    assert set(shared_effect().trace().channels["stage"]) == {"innovation", "finance"}


def test_a_difference_planted_before_the_first_policy_year_breaks_the_certificate():
    worlds = Simulation(BASE, 1), Simulation(BASE, 1)
    observer = Observer(worlds[0].economy, worlds[1].economy, first_year=START + 4)
    for _ in range(3):
        for world in worlds:
            world.step()
        if worlds[1].economy.year == START + 2:
            worlds[1].economy.cash[3] = np.nextafter(worlds[1].economy.cash[3], np.inf)
        observer.observe("accounts")
    assert observer.parting is not None
    assert (observer.parting.year, observer.parting.step) == (START + 2, "accounts")
    assert observer.parting.what.columns == ("cash",)
    certificate = cs.compare(BASE, granted(), replications=1).certificate
    broken = type(certificate)(**vars(certificate) | {"first_year": START + 4})
    assert not broken.holds
    assert "NOT VALID" in broken.lines()[0]


@pytest.mark.slow
def test_results_do_not_depend_on_the_number_of_processes():
    two = cs.compare(BASE, granted(), replications=3, jobs=2)
    ours, theirs = tables(shared_effect()), tables(two)
    assert ours.keys() == theirs.keys()
    for name, table in ours.items():
        pd.testing.assert_frame_equal(table, theirs[name], check_exact=True)


def test_a_lever_of_ones_own_gives_the_same_bits_in_worker_processes():
    policy = BASE.replace({"levers.school": NightSchool(gain=0.01, years=f"{START + 1}-{START + 3}")})
    here, there = (cs.compare(BASE, policy, replications=2, jobs=jobs) for jobs in (1, 2))
    for name, table in tables(here).items():
        pd.testing.assert_frame_equal(table, tables(there)[name], check_exact=True)
    assert here.costs().query("item == 'outlay'")["value"].iloc[0] > 0.0
    assert here.table(indicators=["productivity"])["effect"].iloc[-1] > 0.0


def test_several_policies_share_one_baseline_and_can_be_taken_apart():
    many = cs.compare(BASE, granted(), BASE.replace({"name": "plants", "levers.plants": PLANTS}), replications=2)
    assert many.names == ("policy", "plants")
    assert set(many.table()["policy"]) == {"policy", "plants"}
    one = cs.compare(BASE, granted(), replications=2)
    pd.testing.assert_frame_equal(many["policy"].table(), one.table(), check_exact=True)
    pd.testing.assert_frame_equal(many["policy"].recipients(), one.recipients(), check_exact=True)
    with pytest.raises(ValueError, match="several policies"):
        many.certificate  # noqa: B018
    with pytest.raises(KeyError, match="there are policy, plants"):
        many["other"]
    lines = many.plot("output").get_lines()
    assert {"policy", "plants"} <= {line.get_label() for line in lines}


def test_a_list_of_policies_is_as_good_as_several():
    one, other = (cs.compare(small(), *given, replications=1) for given in ([granted(small())], [[granted(small())]]))
    pd.testing.assert_frame_equal(one.table(), other.table())
    with pytest.raises(ValueError, match="no policy"):
        cs.compare(BASE)


def test_a_failed_pair_names_the_seed_and_the_command_that_repeats_it():
    with pytest.raises(cs.RunFailed, match=r"seed 2 failed in 2022: .*no capital") as caught:
        cs.compare(BASE, granted().replace(stages=[Fails()]))
    assert "chainsim compare a.yaml b.yaml --seed 2 --replications 1" in caught.value.message("a.yaml", (), "b.yaml")


def test_worlds_in_which_nobody_delivers_in_one_alone_are_compared():
    base = shipped("minimal").replace({"years.end": 2022})
    closed = base.replace({"shocks": {"all": {"type": "plant_closure", "share": 1.0, "years": 2021}}})
    effect = cs.compare(base, closed, seed=1, replications=1)
    assert (effect.table(2021, by="scope")["effect"] <= 0.0).any()
