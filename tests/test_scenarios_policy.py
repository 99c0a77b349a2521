"""The shipped policies: one file a lever, the package of 2020 as its table states it, the shocks."""

import csv
import re
from functools import cache

import numpy as np
import pytest
from economies import ROOT, same_bits, shipped

from chainsim.levers import Lever
from chainsim.policy.lever import Budget
from chainsim.policy.targeting import Target
from chainsim.runs.simulation import Simulation
from chainsim.scenario.explain import sourced
from chainsim.scenario.load import load
from chainsim.scenario.templates import start, templates
from chainsim.scenario.to_arrays import scenario_arrays
from chainsim.shocks import SHOCKS

SCENARIOS = ROOT / "scenarios"
FILES = {path.stem: path for path in sorted(SCENARIOS.glob("*.yaml"))}
COMMON = set(Lever.model_fields)
IN_THE_BASELINE = {"rd_deduction", "high_tech_tax"}
RULE = "supporting_rate_rule"


@cache
def scenario(name):
    return load(FILES[name])


@cache
def measures():
    """Rows of the table of measures by id."""
    with (SCENARIOS / "data" / "jilin" / "policy_package.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


@cache
def facts():
    with (SCENARIOS / "data" / "jilin" / "facts.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


PACKAGE = [name for name in measures() if name not in IN_THE_BASELINE | {RULE}]

WHERE_THE_PARAMETER_IS = {
    "grant share of investment": "levers.{id}.rate",
    "but-for share": "levers.{id}.but_for",
    "share of credit guaranteed": "levers.{id}.share",
    "own R&D per yuan of grant (psi)": "levers.{id}.own_response",
    "labour productivity of adopters": "levers.{id}.gain",
    "extra government demand, share of budget": "levers.{id}.additional",
    "gestation, years saved": "levers.{id}.saved",
    "certificate cost, share of sales in the first year": "levers.{id}.cost",
    "floor of local share": "levers.{id}.floor",
    "user-cost elasticity (abs.)": "stages.innovation.user_cost_elasticity",
    "institute elasticity": "stages.innovation.institute_elasticity",
    "agglomeration elasticity": "stages.innovation.agglomeration",
    "location semi-elasticity": "stages.demography.location_response",
}
"""Where the scenario has the parameter of a measure."""

MEASURED = {"sales of treated small firms", "elasticity of skilled inflow to net pay"}
"""Parameters of the table that are outcomes here: `chainsim validate --levers` measures them."""


# --- one file a lever ---


def test_the_files_of_levers_show_every_field_that_levers_share():
    texts = "".join(FILES[name].read_text(encoding="utf-8") for name in FILES if name.startswith("lever-"))
    assert [name for name in COMMON if f"{name}:" not in texts] == []


def test_every_number_of_a_shipped_lever_lies_in_the_range_it_states():
    stated = {
        (name, path): number
        for name in FILES
        for path, number in scenario(name).sources.items()
        if path.startswith(("levers", "shocks"))
    }
    assert len(stated) > 60
    assert [
        key for key, number in stated.items() if not (number.low or 0.0) <= number.value <= (number.high or 1e9)
    ] == []


@pytest.mark.parametrize("name", sorted(set(FILES) - {"jilin", "minimal", "two-regions-io"}))
def test_a_shipped_policy_runs_and_pays_within_its_budget(name):
    changed = scenario(name)
    simulation, spent, last = Simulation(changed, changed.seed), dict.fromkeys(changed.levers, 0.0), 2025
    while simulation.running and simulation.economy.year < last:
        simulation.step()
        for lever, book in simulation.economy.programme.lever_years.items():
            assert book.outlay <= book.budget * (1 + 1e-12)
            spent[lever] += book.outlay
    free = {
        lever for lever, item in changed.levers.items() if item.type == "local_content_rule" or not item.full_strength
    }
    economy = simulation.economy
    made = {economy.arrays.names[k] for k in np.flatnonzero(economy.calibration.base_enterprises)}
    for_missing_links = {
        lever for lever, item in changed.levers.items() if item.target.segments and not made & set(item.target.segments)
    }  # pay for first plants, which seldom come
    assert {lever for lever, paid in spent.items() if paid == 0.0} <= free | for_missing_links


# --- the package of 2020 ---


def test_the_package_has_the_measures_of_the_table_and_no_others():
    assert sorted(scenario("jilin-package").levers) == sorted(PACKAGE)
    assert sorted(scenario("jilin-package-rule").levers) == sorted([*PACKAGE, RULE])
    assert {name for name, row in measures().items() if row["in_default_package"] == "no"} == {RULE}


@pytest.mark.parametrize("name", [*PACKAGE, RULE])
def test_a_measure_has_lever_years_ramp_and_target_of_the_table(name):
    row, lever = measures()[name], scenario("jilin-package-rule").levers[name]
    assert (lever.type, lever.ramp) == (row["lever"], int(row["ramp_years"]))
    assert lever.span == (int(row["start_year"]), int(row["end_year"]))
    chosen = lever.target.segment_mask(tables_of_jilin())
    assert chosen.tolist() == meant(row).tolist()


def meant(row):
    """Segments that a row of the table means, (S,): those it lists, else its tiers."""
    tiers, segments = (
        () if row[key] == "all" else tuple(row[key].split(";")) for key in ("target_tiers", "target_segments")
    )
    return Target(segments=segments or (), tiers=() if segments else tiers).segment_mask(tables_of_jilin())


@cache
def tables_of_jilin():
    return scenario_arrays(scenario("jilin"))


@pytest.mark.parametrize("name", PACKAGE)
def test_the_budget_of_a_measure_is_that_of_the_table_with_its_range(name):
    row, budget = measures()[name], scenario("jilin-package").levers[name].budget
    stated = scenario("jilin-package").sources[f"levers.{name}.budget"]
    assert not isinstance(budget, Budget)
    assert (budget, stated.low, stated.high) == tuple(
        float(row[f"budget_{case}"]) for case in ("central", "low", "high")
    )


def test_the_budgets_together_are_those_of_the_evidence():
    budgets = [lever.budget for lever in scenario("jilin-package").levers.values()]
    assert sum(budgets) == pytest.approx(1128.0)


@pytest.mark.parametrize("name", sorted(measures()))
def test_the_parameter_of_a_measure_is_that_of_the_table_with_its_range(name):
    row = measures()[name]
    if row["parameter"] in MEASURED:
        return
    package = scenario("jilin-package-rule")
    stated = sourced(package, WHERE_THE_PARAMETER_IS[row["parameter"]].format(id=name))
    expected = tuple(float(row[f"parameter_{case}"]) for case in ("central", "low", "high"))
    assert (stated.value, stated.low, stated.high) == pytest.approx(expected)


def test_sources_of_budgets_are_those_of_the_table():
    stated = scenario("jilin-package").sources
    for name in PACKAGE:
        cited = re.findall(r"\w+", stated[f"levers.{name}.budget"].source or "")
        assert cited == re.findall(r"\w+", measures()[name]["source"]), name


def test_the_policies_cite_facts_that_exist():
    names = [name for name in FILES if name.startswith(("jilin-package", "lever-"))]
    texts = "".join(FILES[name].read_text(encoding="utf-8") for name in names)
    cited = set(re.findall(r"\b(?:[ABCDN]\d{3}|[AD]T\d{3})\b", texts))
    assert len(cited) > 15
    assert cited - {row["id"] for row in facts()} == set()


def test_groups_hold_every_lever_of_the_package_once_and_are_few_enough_to_split():
    for name in ("jilin-package", "jilin-package-rule"):
        groups = scenario(name).groups
        assert len(groups) <= 8
        assert sorted(lever for members in groups.values() for lever in members) == sorted(scenario(name).levers)


# --- nothing and shocks ---


@pytest.mark.slow
def test_doing_nothing_changes_no_bit():
    worlds = [Simulation(shipped(name, years__end=2026), 1) for name in ("jilin", "jilin-do-nothing")]
    for world in worlds:
        while world.running:
            world.step()
    first, second = (world.recording().tables["segments"] for world in worlds)
    assert same_bits(first, second) == []


def test_shipped_shocks_are_of_the_types_that_there_are():
    used = {shock.type for name in FILES for shock in scenario(name).shocks.values()}
    assert used == {"import_cut", "anchor_exit", "anchor_arrival"}
    assert used <= set(SHOCKS)


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
    panels = hefei.economy.arrays.names.index("display_lighting")
    assert hefei.economy.active.sum() > base.economy.active.sum()
    assert hefei.economy.by_segment(hefei.economy.sales)[panels] > 10_000


def test_a_policy_can_be_started_from(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    written = start("mine", "lever-rd-grant")
    assert load(written[0]).levers["own_rd"].type == "rd_grant"
    assert set(FILES) == set(templates())
