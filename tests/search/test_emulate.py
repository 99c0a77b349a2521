"""An emulator of a small economy: fitted to pairs with seeds of their own, checked by others, kept, resumed, refused."""

import json
from dataclasses import replace

import numpy as np
import pytest
from emulators import search_file
from typer.testing import CliRunner

import chainsim as cs
from chainsim.cli.main import app
from chainsim.effects.worlds import Draw
from chainsim.report.dashboard import page
from chainsim.runs.certified import Damaged
from chainsim.runs.provenance import SEAL, seal
from chainsim.runs.simulation import Simulation
from chainsim.runs.unfinished import place
from chainsim.search import emulate as module
from chainsim.search.emulator import FORMAT, Emulator, read_emulator
from chainsim.search.emulator_runs import MOST_PAIRS, EffectPairs, points_of, shown
from chainsim.search.search_file import search_of
from chainsim.search.surface import NORMAL90, OutsideBox

POINTS, VERIFY = 9, 3
BUDGET, HEADS = "levers.plant.budget", "levers.talent.heads"


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return search_file(tmp_path_factory.mktemp("emulator"))


@pytest.fixture(scope="module")
def saved(file):
    path = file.with_name("emulator.json")
    words = [
        "emulate",
        str(file),
        "-o",
        str(path.with_suffix(".html")),
        "--points",
        str(POINTS),
        "--verify",
        str(VERIFY),
    ]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.stderr
    assert "fresh pairs inside their 90 % intervals" in done.stdout
    assert path.with_suffix(".html").read_text(encoding="utf-8") == page(read_emulator(path), {})
    return path


@pytest.fixture(scope="module")
def emulator(saved):
    return read_emulator(saved)


def test_nothing_is_in_force_nothing_is_changed_and_nothing_is_in_doubt(emulator):
    table = emulator.at({})
    assert (table[["effect", "low90", "high90", "luck_low90", "whole_high90"]] == 0.0).all().all()
    assert (table["base"] != 0.0).any()


def test_intervals_hold_one_another_and_every_year_and_place_is_there(emulator):
    table = emulator.at({BUDGET: 30, HEADS: 50})
    assert (table["low90"] <= table["effect"]).all()
    assert (table["luck_low90"] <= table["low90"]).all()
    assert (table["whole_low90"] <= table["luck_low90"]).all()
    chain = table[(table["place"] == "chain") & (table["indicator"] == "employment")]
    assert chain["year"].tolist() == [2021, 2022]
    assert {"", "chain", "all", "midstream", "devices"} <= set(table["place"])
    assert table[table["place"] == ""]["year"].isna().all()


def test_effects_of_parts_add_up_and_money_does(emulator):
    table = emulator.at({BUDGET: 30, HEADS: 50})
    total = table[table["place"] == ""].set_index("indicator")["effect"]
    jobs = table[table["indicator"] == "employment"].set_index(["place", "year"])["effect"]
    assert total["net_cost"] == pytest.approx(total["outlay"] - total["tax_return"], rel=1e-6)
    assert total["jobs"] == pytest.approx(jobs["chain", 2022], rel=1e-6)
    assert total["job_years"] == pytest.approx(jobs["all", 2021] + jobs["all", 2022], rel=1e-6)
    parts = sum(jobs[name, 2022] for name in ("materials", "components", "devices"))
    assert jobs["chain", 2022] == pytest.approx(parts, rel=1e-6)


def test_what_was_not_tried_is_not_answered(emulator):
    with pytest.raises(OutsideBox, match=r"levers.plant.budget = 41 lies outside what was tried, 0 to 40"):
        emulator.at({BUDGET: 41})
    with pytest.raises(ValueError, match=r"no setting 'levers.plant.rate'"):
        emulator.at({"levers.plant.rate": 0.1})


def test_the_file_is_the_emulator_to_the_last_bit_and_a_changed_one_is_refused(emulator, saved, tmp_path):
    assert emulator.to_json() == saved.read_text(encoding="utf-8")
    positions = np.random.default_rng(0).random((50, 2))
    again = Emulator.from_dict(json.loads(json.dumps(emulator.to_dict())))
    for one, other in zip(emulator.answer(positions), again.answer(positions), strict=True):
        assert np.array_equal(one, other)
    state = json.loads(saved.read_text(encoding="utf-8"))
    state["surface"]["noise"][0] += 1.0
    other = tmp_path / "other.json"
    other.write_text(json.dumps(state), encoding="utf-8")
    with pytest.raises(Damaged, match="the bytes are not those that were written"):
        read_emulator(other)


def test_it_says_what_it_costs_before_it_is_run(file, tmp_path):
    done = CliRunner().invoke(app, ["emulate", str(file), "-o", str(tmp_path / "new.json"), "--dry-run"])
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("pairs   124 = 2 of 12 portfolios that are fitted to, and of 50 that check\n")
    assert not list(tmp_path.iterdir())


def test_errors_and_coverage_are_told_for_every_series(emulator):
    table = emulator.errors()
    assert len(table) == len(emulator.series)
    assert table[["pairs_inside", "means_inside"]].stack().between(0.0, 1.0).all()
    assert (table["error"] >= 0.0).all()
    outlay = table[table["indicator"] == "outlay"].iloc[0]
    assert outlay["r2"] > 0.5  # nine portfolios say most of what is paid


def test_a_pair_has_a_seed_of_its_own_and_shows_effects_on_its_own_baseline(file):
    search = search_of(file)
    points = points_of(search, POINTS, VERIFY)
    made = EffectPairs(search, tuple(map(tuple, points.tolist())), POINTS)
    levels, effects = last(made(MOST_PAIRS * 0 + 1))
    base = Simulation(search.base, search.base.seed + 1)
    while base.running:
        base.step()
    assert levels == shown(base.recording(), search.base, made.series)
    outlay = [each.column for each in made.series].index("outlay")
    assert effects[outlay] > 0.0


def test_what_was_stopped_goes_on_and_gives_the_same_file(file, saved, tmp_path, monkeypatch):
    other = tmp_path / "emulator.json"
    calls = []
    whole = EffectPairs.__call__

    def dying(self, seed):
        calls.append(seed)
        if len(calls) == 12:
            raise KeyboardInterrupt
        return whole(self, seed)

    monkeypatch.setattr(EffectPairs, "__call__", dying)
    with pytest.raises(KeyboardInterrupt):
        cs.emulate(file, other, POINTS, VERIFY)
    kept = len(list(place(other).glob("*.npz")))
    assert kept == 11
    assert not other.exists()
    cs.emulate(file, other, POINTS, VERIFY)
    assert len(calls) == 12 + 2 * (POINTS + VERIFY) - kept
    assert other.read_bytes() == saved.read_bytes()
    assert not place(other).exists()


def test_mistakes_leave_with_two_and_one_line(file, tmp_path):
    def told(*words):
        done = CliRunner().invoke(app, ["emulate", *map(str, words), "-o", str(tmp_path / "e.json")])
        assert len(done.stderr.splitlines()) <= 24
        return done.exit_code, done.stderr

    for words, message in (((file, "--points", 4), "7 or more"), ((tmp_path / "none.yaml",), "there is no such file")):
        code, shown_text = told(*words)
        assert code == 2
        assert message in shown_text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("levers: {}", "this is no emulator"),
        ("[1, 2]", "this is no emulator"),
        ('{"format": "chainsim emulator 9"}', "only"),
        (json.dumps({"format": FORMAT, SEAL: seal({"format": FORMAT})}), "cannot be read here"),
    ],
)
def test_a_file_that_is_no_emulator_says_so(tmp_path, text, message):
    path = tmp_path / "mine.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(cs.ScenarioError, match=message):
        read_emulator(path)


def test_with_worlds_numbers_widen_the_doubt_and_worlds_without_an_economy_are_left_out(file, monkeypatch):
    many = 60
    search = replace(search_of(file), worlds=Draw((), None, {}))
    made = EffectPairs(search, tuple(map(tuple, points_of(search, many, VERIFY).tolist())), many)
    rng = np.random.default_rng(0)
    width = sum(each.years for each in made.series)
    size = np.array(made.points).sum(axis=1)
    outcomes = {
        MOST_PAIRS * point + pair: ([1.0] * width, (size[point] * (world + 0.1 * rng.normal(size=width))).tolist())
        for point, world in enumerate(rng.normal(1.0, 0.5, size=len(made.points)))
        for pair in range(module.PAIRS)
    }
    monkeypatch.setattr(module, "about", lambda *words: {"worlds": [], "money": "CNY million"})
    middle = np.array([[0.5, 0.5]])
    answer = module.fit(made, outcomes).answer(middle)
    assert np.median(answer.whole / answer.luck) > 1.5
    del outcomes[0]
    assert np.isfinite(module.fit(made, outcomes).answer(middle).mean).all()
    with pytest.raises(ValueError, match="too few for a surface"):
        module.fit(made, {MOST_PAIRS: outcomes[MOST_PAIRS]})


def test_terms_are_held_back_where_all_is_luck_and_left_where_effects_are_plain(file):
    many = 60
    search = search_of(file)
    made = EffectPairs(search, tuple(map(tuple, points_of(search, many, VERIFY).tolist())), many)
    rng = np.random.default_rng(1)
    names = np.repeat([each.column for each in made.series], [each.years for each in made.series])
    plain = names == "rd"
    outcomes = {
        MOST_PAIRS * point + pair: ([0.0] * len(plain), np.where(plain, place[0], rng.normal(size=len(plain))).tolist())
        for point, place in enumerate(made.points)
        for pair in range(module.PAIRS)
    }
    found = module.fit(made, outcomes)
    freedom = np.trace(found.surface.grams[found.surface.level], axis1=1, axis2=2)
    assert (freedom[plain] == freedom.max()).all()
    assert np.median(freedom[~plain]) < 0.1 * freedom.max()


def test_weak_levers_are_as_little_known_as_strong_ones(file):
    """What a lever does soon has an end: a quadratic is as far off at the lever's first part as anywhere."""
    many = 60
    search = search_of(file)
    made = EffectPairs(search, tuple(map(tuple, points_of(search, many, VERIFY).tolist())), many)
    rng, ends = np.random.default_rng(2), lambda place: 1.0 - np.exp(-4.0 * place)
    size = sum(each.years for each in made.series)
    outcomes = {
        MOST_PAIRS * point + pair: ([0.0] * size, (ends(place[0]) + 1e-3 * rng.normal(size=size)).tolist())
        for point, place in enumerate(made.points)
        for pair in range(module.PAIRS)
    }
    found = module.fit(made, outcomes)
    weak = np.column_stack([np.linspace(0.1, 0.5, 20), np.zeros(20)])
    assert (found.surface.error > 0.03).all()
    assert (found.answer(weak).error >= NORMAL90 * found.surface.error).all()
    assert not any(part.any() for part in found.answer(np.zeros((1, 2))))


def last(work):
    """What a generator returns."""
    while True:
        try:
            next(work)
        except StopIteration as stop:
            return stop.value
