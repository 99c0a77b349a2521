"""The shipped policies: one file a lever, the package of 2020 as its table says, shocks, and a policy that does nothing."""

import csv

import economies
import numpy as np
import pytest
from economies import ROOT, shipped

from chainsim.levers import LEVERS
from chainsim.levers.base import Budget
from chainsim.scenario import load
from chainsim.scenario.shipped import start, templates
from chainsim.shocks import SHOCKS
from chainsim.simulation import Simulation

FOLDER = ROOT / "scenarios"
ONE_LEVER = sorted(path.stem for path in FOLDER.glob("lever-*.yaml"))
POLICIES = [
    *ONE_LEVER,
    "jilin-package",
    "jilin-package-rule",
    "jilin-do-nothing",
    "chip-embargo",
    "anchor-exit",
    "hefei-like-anchor",
]
PACKAGE = (FOLDER / "data" / "jilin" / "policy_package.csv").read_text(encoding="utf-8")
TABLE = {row["id"]: row for row in csv.DictReader(PACKAGE.splitlines())}
IN_LAW = {"rd_deduction", "high_tech_tax"}


def test_every_type_of_lever_has_a_file_of_its_own():
    files = {name.removeprefix("lever-").replace("-", "_"): name for name in ONE_LEVER}
    assert set(files) == set(LEVERS)
    for kind, name in files.items():
        assert {lever.type for lever in shipped(name).levers.values()} == {kind}


def test_shipped_shocks_are_of_the_types_that_there_are():
    used = {shock.type for name in POLICIES for shock in shipped(name).shocks.values()}
    assert used == {"import_cut", "anchor_exit", "anchor_arrival"} <= set(SHOCKS)


def test_the_package_holds_the_measures_of_the_meeting_that_are_not_national_law():
    in_package = {name for name, row in TABLE.items() if row["in_default_package"] == "yes"}
    assert set(shipped("jilin-package").levers) == in_package - IN_LAW
    assert set(shipped("jilin-package-rule").levers) - set(shipped("jilin-package").levers) == set(TABLE) - in_package


@pytest.mark.parametrize("name", sorted(set(TABLE) - IN_LAW))
def test_a_measure_is_what_the_table_says(name):
    scenario, row = shipped("jilin-package-rule"), TABLE[name]
    lever = scenario.levers[name]
    assert lever.type == row["lever"]
    assert lever.years == f"{row['start_year']}-{row['end_year']}"
    assert lever.ramp == int(row["ramp_years"])
    meant = lever.target.segment_mask(Simulation(scenario, 1).economy.tables)
    wanted = row["target_segments"].split(";") if row["target_segments"] != "all" else None
    segments = [segment for segment, chosen in zip(scenario.chain.segments, meant, strict=True) if chosen]
    if wanted is not None:
        assert sorted(segments) == sorted(wanted)
    elif row["target_tiers"] != "all":
        assert {scenario.chain.segments[name].tier for name in segments} == set(row["target_tiers"].split(";"))
    if float(row["budget_central"] or 0):
        known = scenario.sources[f"levers.{name}.budget"]
        assert (known.low, known.value, known.high) == tuple(
            float(row[f"budget_{end}"]) for end in ("low", "central", "high")
        )


def test_the_package_costs_what_the_table_adds_up_to():
    budgets = [lever.budget for lever in shipped("jilin-package").levers.values()]
    assert not any(isinstance(budget, Budget) for budget in budgets)
    central = sum(
        float(row["budget_central"]) for name, row in TABLE.items() if name not in IN_LAW and row["budget_central"]
    )
    assert sum(budgets) == central == 1323


def test_the_groups_of_the_package_hold_every_lever_once():
    scenario = shipped("jilin-package")
    assert sorted(name for members in scenario.groups.values() for name in members) == sorted(scenario.levers)
    assert len(scenario.groups) <= 8


@pytest.mark.slow
@pytest.mark.parametrize("name", POLICIES)
def test_a_shipped_policy_runs_and_spends_within_its_budget(name):
    simulation = Simulation(shipped(name), 1)
    while simulation.running:
        simulation.step()
        for book in simulation.economy.programme.books.values():
            assert book.outlay <= book.budget * (1 + 1e-12)
    if shipped(name).levers and name not in ("jilin-do-nothing", "lever-local-content-rule"):
        assert sum(simulation.economy.programme.spent.values()) > 0


@pytest.mark.slow
def test_doing_nothing_changes_no_bit():
    worlds = [Simulation(shipped(name, years__end=2026), 1) for name in ("jilin", "jilin-do-nothing")]
    for world in worlds:
        while world.running:
            world.step()
    first, second = (world.recording().tables["segments"] for world in worlds)
    assert economies.same_bits(first, second) == []


@pytest.mark.slow
def test_an_anchor_brings_suppliers_and_its_exit_takes_jobs():
    base, hefei, exit_ = (
        Simulation(shipped(name, years__end=2030), 1) for name in ("jilin", "hefei-like-anchor", "anchor-exit")
    )
    for world in (base, hefei, exit_):
        while world.running:
            world.step()
    output = [world.recording().tables["region"]["output"] for world in (base, hefei, exit_)]
    assert output[1][-2] > 1.15 * output[0][-2]
    assert output[2][-1] < 0.6 * output[0][-1]
    assert hefei.economy.anchor.sum() == 1
    panels = hefei.economy.tables.names.index("display_lighting")
    assert np.bincount(hefei.economy.segment[hefei.economy.active]).sum() > base.economy.active.sum()
    assert hefei.economy.by_segment(hefei.economy.sales)[panels] > 10_000


def test_a_policy_can_be_started_from(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    written = start("mine", "lever-rd-grant")
    assert load(written[0]).levers["own_rd"].type == "rd_grant"
    assert set(POLICIES) <= set(templates())
