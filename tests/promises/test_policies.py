"""Promises of every lever: neutral at zero and outside its years, paid by its own row, never above its budget."""

import sys
from collections import defaultdict
from contextlib import suppress
from dataclasses import fields
from itertools import count
from pathlib import Path

import economies
import numpy as np
import policies
import pytest
from policies import FIRST, LAST, lived
from sizes import size

from chainsim.economy.columns import COLUMNS
from chainsim.economy.entry_points import Policy, entry_points
from chainsim.economy.ledger import GOVERNMENT
from chainsim.levers import LEVERS
from chainsim.policy.lever import Intervention
from chainsim.policy.targeting import Newcomers
from chainsim.runs.simulation import Simulation, base_year, simulate
from chainsim.scenario.load import load
from chainsim.scenario.scenario import Scenario
from chainsim.scenario.write import dump
from chainsim.stages.base import Stage

KINDS = sorted(policies.POLICIES)

FREE = {"local_content_rule"}
"""Levers that pay nothing."""
ASKING = {"security_standard"}
"""Levers that ask for something whether they pay for it or not."""
SPENDING = {"application_scenario", "institute_platform"}
"""Levers whose budget is their strength."""


MORE = size("POLICIES") // 10
"""Random policies of each part of the long test; the property was held with 2,000 in all."""


def bits(economy):
    """Everything of an economy that decides its future, as columns."""
    state = {column.name: getattr(economy, column.name) for column in COLUMNS}
    state |= {name: getattr(economy.links, name) for name in ("start", "input", "supplier", "coefficient")}
    state |= {f"region.{name}": value for name, value in vars(economy.region).items()}
    return state | {"rivals": economy.rival_share, "ledger": list(economy.ledger.entries.values())}


def ledger_rows(simulation, name, year):
    """Amount by row of the ledger for one lever in a year."""
    rows = simulation.recorder.years["ledger"][year - economies.START]
    named = [place for place, row in enumerate(rows["row"]) if row.split(", ")[1:2] == [name]]
    return {rows["row"][place]: rows["amount"][place] for place in named if rows["payer"][place] == GOVERNMENT}


def books(simulation, year):
    """The lever table of a year by lever."""
    table = simulation.recorder.years["levers"][year - economies.START]
    return {name: {key: table[key][place] for key in table} for place, name in enumerate(table["lever"])}


@pytest.fixture(scope="module")
def baseline():
    return lived(economies.crowd())


@pytest.fixture(scope="module")
def worlds():
    return {kind: lived(policies.under(kind)) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_at_zero_strength_it_changes_no_bit(kind, baseline):
    world = lived(economies.crowd(levers={"it": policies.neutral(kind)}))
    assert economies.same_bits(bits(baseline.economy), bits(world.economy)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_outside_its_years_it_changes_no_bit(kind, baseline):
    world = lived(economies.crowd(levers={"it": policies.lever(kind, "2026-2030")}))
    assert economies.same_bits(bits(baseline.economy), bits(world.economy)) == []


@pytest.mark.parametrize("kind", sorted(set(KINDS) - FREE - ASKING))
def test_without_money_it_changes_no_bit(kind, baseline):
    world = lived(economies.crowd(levers={"it": policies.lever(kind, budget=0.0)}))
    assert economies.same_bits(bits(baseline.economy), bits(world.economy)) == []


def january(kind, year=FIRST, **fields):
    """Entry points that a lever moves in January, as what they add up to beside neutral, and its accounts."""
    simulation = lived(economies.crowd(levers={"it": policies.lever(kind, **fields)}), year - 1)
    economy = simulation.economy
    economy.begin_year(year)
    before = economy.policy.state()
    economy.programme.open(economy)
    moved = policies.moved_by(economy.policy, before, set(economy.programme.moved.get("it", ())) - HOW)
    return moved, economy.programme.lever_years["it"]


HOW = {"relabelling", "attraction_most"}
"""Entry points that say how an offer works and not how large it is."""
BY_HEAD = {"digitisation", "matchmaking"}
"""Levers that serve whole enterprises, drawn by lot, of whom there are few here."""


LITTLE = [(kind, "pro_rata") for kind in sorted(set(KINDS) - FREE - ASKING - SPENDING)]
LITTLE += [(kind, "lottery") for kind, _ in LITTLE if kind != "loan_guarantee"]
"""By lot a guarantee stands for all who are before the money ends, most of whom borrow nothing: that is luck."""


@pytest.mark.parametrize(("kind", "rationing"), LITTLE)
def test_a_little_of_the_money_that_is_asked_for_moves_little(kind, rationing):
    whole, account = january(kind, budget=1e6)
    budget = 0.02 * account.requested
    queued = {"rationing": rationing} if LEVERS[kind].queues else {}
    part, account = january(kind, budget=budget, **queued)
    assert account.granted <= budget * (1 + 1e-12)
    most = 0.25 if rationing == "lottery" or kind in BY_HEAD else 0.03
    assert whole
    assert {
        name: part.get(name, 0.0) / amount for name, amount in whole.items() if part.get(name, 0.0) > most * amount
    } == {}


def test_by_lot_a_little_money_guarantees_few_of_those_who_borrow_and_nobody_after_it_has_ended():
    _, every = january("loan_guarantee", budget=1e6)
    _, account = january("loan_guarantee", budget=0.02 * every.requested, rationing="lottery")
    asking = every.asked > 0.0
    assert 0.0 < account.offer[asking].sum() <= 0.25 * every.offer[asking].sum()
    ended = account.order[asking & (account.given < account.asked)].min()
    assert not account.offer[account.order > ended].any()
    assert account.granted <= 0.02 * every.requested * (1 + 1e-12)


def test_a_standard_is_asked_for_without_money_and_nobody_counts_on_a_grant():
    moved, account = january("security_standard", budget=0.0)
    paid, _ = january("security_standard")
    assert account.outlay == 0.0
    assert moved["required"] == paid["required"] > 0.0
    assert moved["certificates"] < paid["certificates"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_worlds_are_the_same_until_it_starts_and_part_afterwards(kind):
    policy = policies.under(kind)
    before = lived(economies.crowd(), FIRST - 1), lived(policy, FIRST - 1)
    assert economies.same_bits(bits(before[0].economy), bits(before[1].economy)) == []
    after = lived(economies.crowd(), LAST + 1), lived(policy, LAST + 1)
    assert economies.same_bits(bits(after[0].economy), bits(after[1].economy)) != []


@pytest.mark.parametrize("kind", KINDS)
def test_every_yuan_has_its_row_and_is_within_the_budget(kind, worlds):
    for year in range(FIRST, LAST + 1):
        book = books(worlds[kind], year)[kind]
        assert sum(ledger_rows(worlds[kind], kind, year).values()) == pytest.approx(
            book["outlay"], rel=1e-12, abs=1e-12
        )
        if np.isfinite(book["budget"]):
            assert book["outlay"] <= book["budget"] * (1 + 1e-12)
        assert book["outlay"] <= book["granted"] * (1 + 1e-9) + 1e-12
        assert (book["outlay"] > 0) == (book["recipients"] > 0)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - FREE))
def test_it_pays_while_it_is_in_force_and_not_before_or_after(kind, worlds):
    """A guarantee lasts as long as its loan: after its years it pays for losses, and for nothing else."""
    paid = {year: books(worlds[kind], year)[kind]["outlay"] for year in range(2021, 2026)}
    assert paid[2021] == 0.0
    lost = {f"guarantee losses, {kind}"} if kind == "loan_guarantee" else set()
    assert {row for row, amount in ledger_rows(worlds[kind], kind, 2025).items() if amount} <= lost
    assert (paid[2025] > 0.0) == (kind == "loan_guarantee")
    assert sum(paid.values()) > 0.0


@pytest.mark.parametrize("kind", KINDS)
def test_it_moves_entry_points_and_says_which(kind):
    simulation = Simulation(policies.under(kind), 1)
    moved = set()
    while simulation.economy.year < FIRST + 1:
        simulation.step()
        moved |= set(simulation.economy.programme.moved.get(kind, ()))
    assert moved
    assert moved <= set(entry_points())


def test_all_levers_together_close_the_books_and_pay_what_they_say():
    world = lived(policies.under())
    for year in range(FIRST, LAST + 1):
        table = books(world, year)
        outlay = sum(book["outlay"] for book in table.values())
        region = world.recorder.years["region"][year - economies.START]
        assert region["fiscal_outlay"][0] == pytest.approx(outlay, rel=1e-12)
        assert region["ledger_residual"][0] < 1e-9


READERS = (Stage, Intervention)
POINTS, READ = frozenset(entry_points()), defaultdict(set)


class Watched(Policy):
    """Entry points that remember by which stage, or by a lever, each is read."""

    def __getattribute__(self, name):
        frame = sys._getframe(1) if name in POINTS else None
        while frame is not None and not isinstance(reader := frame.f_locals.get("self"), READERS):
            frame = frame.f_back
        if frame is not None:
            READ[name].add(reader.key if isinstance(reader, Stage) else "levers")
        return object.__getattribute__(self, name)


def test_an_entry_point_is_read_by_the_stage_that_it_names_or_by_levers_alone(monkeypatch):
    monkeypatch.setattr("chainsim.economy.economy.Policy", Watched)
    for scenario in policies.under(), economies.with_missing_link(end=2022):
        simulation = Simulation(scenario, 1)
        while simulation.running and simulation.economy.year < LAST:
            simulation.step()
    said = {name: item.metadata["stage"] for name, item in entry_points().items()}
    assert {name: stage for name, stage in said.items() if stage not in READ[name]} == {}
    assert {name for name, stage in said.items() if stage == "levers"} == {n for n in said if READ[n] == {"levers"}}


def test_entry_points_say_all_about_themselves():
    for name, item in entry_points().items():
        assert item.metadata["meaning"], name
        assert item.metadata["unit"], name
        assert item.metadata["stacking"], name
        assert item.metadata["shape"], name


def test_entry_points_are_neutral_again_in_january():
    simulation = Simulation(policies.under(years={"start": 2020, "end": 2026}), 1)
    while simulation.economy.year < LAST:
        simulation.step()
    simulation.economy.begin_year(LAST + 1)
    economy = simulation.economy
    neutral = Policy.neutral(economy.n, economy.arrays.size, len(economy.arrays.park_names))
    assert simulation.economy.policy.moved(neutral.state()) == ()
    assert {item.name for item in fields(Policy)} == set(entry_points())


HOOKS = (
    "eligible",
    "request",
    "announce",
    "claim",
    "act",
    "paid_outside",
    "guaranteed",
    "merit",
    "request_again",
    "renew",
)


def test_levers_write_no_column_and_move_entry_points_only(monkeypatch):
    """Every hook of every lever runs while all columns, links and the region are read-only."""
    called = set()

    def guarded(kind, name, hook):
        def call(self, economy, *arguments):
            if isinstance(economy, Newcomers):  # no enterprise of the economy yet, so none of its columns
                return hook(self, economy, *arguments)
            state = [getattr(economy, column.name) for column in COLUMNS]
            state += [economy.links.supplier, economy.links.coefficient, *vars(economy.region).values()]
            locked = [array for array in state if isinstance(array, np.ndarray) and array.flags.writeable]
            for array in locked:
                array.flags.writeable = False
            called.add((kind, name))
            try:
                return hook(self, economy, *arguments)
            finally:
                for array in locked:
                    array.flags.writeable = True

        return call

    for kind in KINDS:
        item = LEVERS[kind]
        for name in HOOKS:
            monkeypatch.setattr(item, name, guarded(kind, name, getattr(item, name)))
    lived(policies.under())
    assert {kind for kind, name in called if name == "announce"} == set(KINDS)
    assert {kind for kind, name in called if name == "act"} == set(KINDS)


@pytest.mark.parametrize("kind", sorted(policies.SHOCK_FIELDS))
def test_a_shock_outside_its_years_changes_no_bit_and_in_force_it_does(kind):
    named = [economies.maker("a", "cameras", 100.0)]
    shock = {"type": kind, **policies.SHOCK_FIELDS[kind]}
    runs = [
        lived(economies.crowd(enterprises=named, shocks={"it": shock | {"years": years}} if years else {}), 2024)
        for years in (None, "2026-2030", "2022-2023")
    ]
    assert economies.same_bits(bits(runs[0].economy), bits(runs[1].economy)) == []
    assert economies.same_bits(bits(runs[0].economy), bits(runs[2].economy)) != []


def test_the_same_policy_twice_gives_the_same_bits():
    first, second = lived(policies.under()), lived(policies.under())
    assert economies.same_bits(bits(first.economy), bits(second.economy)) == []


def rows_of(economy, *names):
    """Rows of the enterprises of these segments, by identity."""
    rows = np.flatnonzero(np.isin(np.array(economy.arrays.names)[economy.segment], names) & economy.active)
    return rows[np.argsort(economy.identity[rows])]


LINKED = {
    "rd_grant",
    "investment_grant",
    "talent_introduction",
    "matchmaking",
    "application_scenario",
    "rd_tax_deduction",
}


@pytest.mark.parametrize("kind", sorted(LINKED))
def test_without_region_wide_channels_enterprises_without_a_link_path_to_a_treated_one_keep_every_bit(kind):
    """Of two chains that do not trade one is treated, the other cannot notice.

    Off are the labour pool, agglomeration, spillovers and the quality that knowledge nearby allows, which tie
    enterprises together whoever they buy from, and the answer of exit to size, which counts within the age class of the
    whole region; all others work through links or the own segment's markets.
    """
    shared = {"agglomeration": 0.0, "congestion": 0.0, "spillover": 0.0, "knowledge_quality": 0.0}
    two = economies.two_separate_chains(labour={"regional": False}, innovation=shared, demography={"hazard_size": 0.0})
    treated = policies.lever(kind, "2021-2029") | {"target": {"segments": ["a", "b"]}}
    base, world = lived(two, 2030).economy, lived(two.replace({"levers": {"it": treated}}), 2030).economy
    mine, other = ([rows_of(economy, *names) for economy in (base, world)] for names in (("c", "d"), ("a", "b")))
    for column in COLUMNS:
        assert np.array_equal(getattr(base, column.name)[mine[0]], getattr(world, column.name)[mine[1]]), column.name
    assert economies.same_bits({"sales": base.sales[other[0]]}, {"sales": world.sales[other[1]]}) == ["sales"]


@pytest.mark.parametrize("seed", range(100))
def test_any_policy_file_runs_with_closed_books_and_sound_stocks(seed, tmp_path):
    check_random_policy(seed, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_many_more_policy_files_run_with_closed_books_and_sound_stocks(part, tmp_path):
    for seed in range(100 + MORE * part, 100 + MORE * (part + 1)):
        check_random_policy(seed, tmp_path)


def check_random_policy(seed: int, folder: Path) -> None:
    """Five years under a random policy file: no number missing, no negative stock, books closed, budgets kept."""
    made = policies.random_policy(economies.crowd() if seed % 3 == 0 else buildable_chain(seed), seed)
    path = folder / "policy.yaml"
    path.write_text(dump(made), encoding="utf-8")
    scenario = load(path)
    assert scenario.hash == made.hash
    simulation = Simulation(scenario, scenario.seed)
    stocks = (
        "capital",
        "capital_ordered",
        "debt",
        "guaranteed",
        "knowledge",
        "talent",
        "output",
        "employment",
        "price",
    )
    while simulation.running:
        simulation.step()
        economy = simulation.economy
        for column in COLUMNS:
            assert np.all(np.isfinite(np.asarray(getattr(economy, column.name), dtype=float))), column.name
        for stock in stocks:
            assert np.min(getattr(economy, stock)[economy.active], initial=0.0) >= 0.0, stock
        assert np.all(economy.guaranteed <= economy.debt + 1e-9)
        for book in economy.programme.lever_years.values():
            assert book.outlay <= book.budget * (1 + 1e-9) + 1e-9
    recorded = simulation.recording().tables
    for name, column in recorded["region"].items():
        assert not np.issubdtype(column.dtype, np.floating) or np.all(np.isfinite(column)), name


def buildable_chain(seed: int) -> Scenario:
    """A random chain; one whose enterprises cannot serve its localization gives way to the next."""
    for luck in count(seed, 100_000):
        scenario = economies.random_chain(2 + seed % 5, luck, used=0.25)
        with suppress(ValueError):
            base_year(scenario, scenario.seed)
            return scenario
    raise AssertionError("count never ends")


def test_simulate_takes_a_policy_like_any_scenario():
    recording = simulate(policies.under("rd_grant"), 1)
    assert recording.tables["levers"]["outlay"].sum() > 0
