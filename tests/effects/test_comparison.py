"""Pairs of runs: what nothing does, when worlds part, what may differ, and that jobs change no bit."""

import numpy as np
import pandas as pd
import pytest
from economies import START, two_separate_chains
from effect_cases import GRANT, PLANTS, DearerOnce, Fails, NightSchool, baseline, granted, small

import chainsim as cs
from chainsim.effects.differences import aligned, difference, differing, differing_links, same
from chainsim.effects.observer import Observer
from chainsim.effects.pairing import NEVER, first_policy_year, labels, paired
from chainsim.runs.simulation import Simulation
from chainsim.scenario.errors import ScenarioError
from chainsim.stages import Sourcing

BASE = baseline()
EFFECT = cs.compare(BASE, granted(), replications=3)


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
    row = EFFECT.base.region.query("seed == 2").drop(columns=["scenario", "replication"]).reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, row, check_exact=True)


def test_the_first_stage_and_what_differs_there_are_told():
    parting = EFFECT.certificate.parting
    assert (parting["year"] == START + 1).all()
    assert (parting["step"] == "levers").all()
    assert parting["entry_points"].str.contains("rd_support").all()
    assert parting["columns"].str.contains("support").all()
    assert (parting["stage"] != "").all()
    assert set(EFFECT.trace().channels["entry_point"]) == {"rd_support", "income"}
    assert set(EFFECT.trace().channels["stage"]) == {"innovation", "finance"}


def test_a_difference_planted_before_the_first_policy_year_breaks_the_certificate():
    worlds = Simulation(BASE, 1), Simulation(BASE, 1)
    observer = Observer(worlds[0].economy, worlds[1].economy, first_year=START + 4)
    for _ in range(3):
        for world in worlds:
            world.step()
        if worlds[1].economy.year == START + 2:
            worlds[1].economy.cash[3] = np.nextafter(worlds[1].economy.cash[3], np.inf)
        observer.look("accounts")
    assert observer.parting is not None
    assert (observer.parting.year, observer.parting.step) == (START + 2, "accounts")
    assert observer.parting.what.columns == ("cash",)
    certificate = cs.compare(BASE, granted(), replications=1).certificate
    broken = type(certificate)(**vars(certificate) | {"first_year": START + 4})
    assert not broken.holds
    assert "NOT VALID" in broken.lines()[0]


@pytest.mark.parametrize("column", ["cash", "identity", "segment", "active", "final_sales", "certificate"])
def test_every_kind_of_column_is_compared(column):
    one, other = (Simulation(BASE, 1).economy for _ in range(2))
    assert not difference(one, other)
    values = getattr(other, column)
    values[5] = ~values[5] if values.dtype == bool else values[5] + np.ones(1, dtype=values.dtype)[0]
    assert difference(one, other).columns == (column,)


def test_links_region_and_ledger_are_compared_as_well():
    one, other = (Simulation(BASE, 1).economy for _ in range(2))
    other.links.supplier[0] = -2 if other.links.supplier[0] != -2 else -1
    assert difference(one, other).links == ("supplier",)
    assert differing_links(one, other, aligned(one, other))[1] == 1
    other = Simulation(BASE, 1).economy
    other.region.wage_index[1] += 1e-15
    other.ledger.entries[("a", "b", "c")] = 1.0
    assert set(difference(one, other).others) == {"region.wage_index", "ledger"}


def test_numbers_are_the_same_only_to_the_last_bit():
    assert same(np.array([0.1, 0.2]), np.array([0.1, 0.2]))
    assert not same(np.array([0.0]), np.array([-0.0]))
    assert not same(np.array([0.3]), np.array([0.1 + 0.2]))
    assert same(0.0, np.zeros(3))
    assert not same(0.0, np.array([0.0, 1.0]))


def test_enterprises_are_matched_by_identity_whatever_their_rows():
    one, other = (Simulation(BASE, 1).economy for _ in range(2))
    other.active[4] = other.operated[4] = False
    other.drop_closed()
    match = aligned(one, other)
    assert match.identity.size == one.n
    assert match.common.sum() == one.n - 1
    assert differing(one, other, match).sum() == 1


@pytest.mark.slow
def test_results_do_not_depend_on_the_number_of_processes():
    two = cs.compare(BASE, granted(), replications=3, jobs=2)
    ours, theirs = tables(EFFECT), tables(two)
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
    pd.testing.assert_frame_equal(many["policy"].additionality(), one.additionality(), check_exact=True)
    with pytest.raises(ValueError, match="several policies"):
        many.certificate  # noqa: B018
    with pytest.raises(KeyError, match="there are policy, plants"):
        many["other"]


def test_a_list_of_policies_is_as_good_as_several():
    one, other = (cs.compare(small(), *given, replications=1) for given in ([granted(small())], [[granted(small())]]))
    pd.testing.assert_frame_equal(one.table(), other.table())
    with pytest.raises(ValueError, match="no policy"):
        cs.compare(BASE)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("years.end", START + 4),
        ("region.labour.unemployment", 0.1),
        ("population.vary", True),
        ("chain.segments.lenses.rd_share", 0.1),
    ],
)
def test_a_policy_may_not_differ_in_what_makes_the_base_year(path, value):
    with pytest.raises(ScenarioError, match=r"(?s)" + path + r".*differs from tiny"):
        cs.compare(BASE, BASE.replace({path: value}))


def test_a_policy_may_differ_in_seed_and_replications_but_runs_with_those_of_the_base():
    ready = paired(BASE, BASE.replace({"seed": 77, "replications": 9}))
    assert (ready.seed, ready.replications) == (BASE.seed, BASE.replications)


def test_other_stages_make_a_policy_from_the_base_year_on():
    policy = BASE.replace(stages=[Sourcing(substitution=2.0)])
    assert first_policy_year(BASE, policy) == START
    effect = cs.compare(BASE, policy, replications=1)
    assert effect.certificate.holds
    assert effect.certificate.parted == 1
    assert effect.certificate.parting["columns"].iloc[0] or effect.certificate.parting["others"].iloc[0]


def test_the_first_policy_year_is_that_of_the_first_lever_or_shock_that_differs():
    both = BASE.replace({"levers.a": GRANT, "shocks.d": {"type": "demand_shift", "change": 0.1, "years": START + 2}})
    assert first_policy_year(BASE, both) == START + 1
    assert first_policy_year(BASE.replace({"levers.a": GRANT}), both) == START + 2
    assert first_policy_year(both, both) == NEVER


def test_policies_get_names_of_their_own():
    assert labels(BASE, [BASE, BASE, BASE.replace({"name": "other"})]) == ["policy", "policy 2", "other"]


def test_a_failed_pair_names_the_seed_and_the_command_that_repeats_it():
    with pytest.raises(cs.RunFailed, match=r"seed 2 failed in 2022: .*no capital") as caught:
        cs.compare(BASE, granted().replace(stages=[Fails()]))
    assert "chainsim compare a.yaml b.yaml --seed 2 --replications 1" in caught.value.message("a.yaml", (), "b.yaml")


def test_a_planted_price_is_found_with_its_year_stage_and_enterprise():
    found = cs.diverge(BASE, BASE.replace(stages=[DearerOnce()]))
    assert found is not None
    assert (found.year, found.step) == (START + 3, "pricing")
    assert found.what.columns == ("price",)
    assert found.enterprises["segment"].tolist() == ["cameras"]
    assert found.enterprises["columns"].tolist() == ["price"]
    assert "2023 at pricing: 1 enterprises (price)" in str(found)


def test_a_chain_that_is_tied_to_the_treated_one_by_nothing_is_not_reached():
    shared = {"agglomeration": 0.0, "congestion": 0.0, "spillover": 0.0}
    two = two_separate_chains(labour={"regional": False}, innovation=shared).replace({"years.end": START + 4})
    effect = cs.compare(
        two, two.replace({"levers.plants": PLANTS | {"target": {"segments": ["a", "b"]}}}), replications=2
    )
    found = effect.table(
        by="segment", years=range(START, START + 5), indicators=["output", "employment", "price", "rd"]
    )
    apart = found["segment"].isin(["c", "d"])
    assert (found[apart][["effect", "low90", "high90"]] == 0.0).all().all()
    assert (found[~apart]["effect"] != 0.0).any()
    assert (effect.trace().reach["others_differ"] == 0).all()
    assert (effect.trace().reach["differ"] > 0).all()
