"""Worlds hold what is not known beside luck: what is drawn, that pairs stay pairs, and which numbers are found to drive."""

import shutil
import warnings

import economies
import numpy as np
import pandas as pd
import pytest

import chainsim as cs
from chainsim.effects import comparison
from chainsim.effects import effect as effects
from chainsim.effects import worlds as made
from chainsim.effects.effect_tables import is_certain
from chainsim.effects.world_shares import (
    drivers,
    ends,
    group_shares,
    joint_share,
    known_part,
    luck_bounds,
    shares,
    variance_parts,
)
from chainsim.experiments.reproduce import reproduce
from chainsim.report import effect_text
from chainsim.report.doubt import NO_NUMBER, cells_of, doubt_rows, doubt_sheet, named
from chainsim.report.summary import surely_below
from chainsim.report.terminal_tables import effect_sheets
from chainsim.runs.certified import Damaged
from chainsim.runs.output_folder import OutputError
from chainsim.runs.tables_folder import save_tables
from chainsim.scenario.csv_tables import CALIBRATION, POSTERIOR, as_calibrated
from chainsim.scenario.write import write_resolved
from chainsim.validation import audit_checks
from chainsim.validation.audit_effects import check_luck

GRANT = {
    "levers.grant": {
        "type": "rd_grant",
        "years": "2021-2026",
        "rate": {"value": 0.3, "low": 0.1, "high": 0.5},
        "budget": 20,
    }
}


@pytest.fixture(scope="module")
def base():
    return economies.shipped("minimal").replace({"years.end": 2026})


@pytest.fixture(scope="module")
def policy(base):
    return base.replace({"name": "grant", **GRANT})


@pytest.fixture(scope="module")
def effect(base, policy):
    return cs.compare(base, policy, worlds=6, replications=2)


def test_every_number_with_a_range_is_drawn_within_it_once_in_each_slice(base, policy):
    draw = made.drawn(base, [policy], 8, seed=3)
    names = {item.name: item for item in made.uncertain(base, [policy])}
    assert {"stages.sourcing.review_rate", "region.productivity_growth", "levers.grant.rate"} <= names.keys()
    assert draw.groups["levers.grant.rate"] == "policy"
    assert draw.groups["stages.sourcing.review_rate"] == "economy"
    for name in names:
        assert sorted(np.floor(draw.positions[name] * 8)) == list(range(8))
    for world, place in zip(draw.worlds, draw.positions["levers.grant.rate"], strict=True):
        assert world.policy["levers.grant.rate"] == pytest.approx(0.1 + 0.4 * place)
        assert world.of(policy).levers["grant"].rate == pytest.approx(0.1 + 0.4 * place)
        assert not world.of(base).levers
    low, high, _ = names["stages.sourcing.review_rate"].ranges["stages.sourcing.review_rate"]
    assert all(low <= world.of(base).stages.sourcing.review_rate <= high for world in draw.worlds)


def test_whole_numbers_stay_whole(base):
    item = made.Uncertain("x", "economy", {"x": (2.0, 5.0, True)})
    assert [item.at(place)["x"] for place in (0.0, 0.4, 1.0)] == [2, 3, 5]


def test_one_group_is_varied_alone_where_that_is_asked_for(base, policy):
    assert set(made.drawn(base, [policy], 2, 1, "policy").groups.values()) == {"policy"}
    assert set(made.drawn(base, [policy], 2, 1, "economy").groups.values()) == {"economy"}
    with pytest.raises(cs.ScenarioError, match="no number to vary"):
        made.drawn(base, [base], 2, 1, "policy")


def test_a_number_of_the_economy_that_a_policy_changes_is_its_own_and_not_drawn(base, policy):
    name = next(iter(base.chain.segments))
    market = next(iter(base.chain.segments[name].markets))
    review, growth = "stages.sourcing.review_rate", f"chain.segments.{name}.markets.{market}.growth"
    hazard = f"chain.segments.{name}.exit_hazard"
    known = {growth: {"value": 0.03, "low": 0.0, "high": 0.06}}
    base, policy = base.replace(known), policy.replace(known)
    changed = {review: 0.123, growth: 0.0123, hazard: 0.0123}
    other = policy.replace(changed)
    fitted = pd.DataFrame({review: [0.1, 0.2], "region.productivity_growth": [0.01, 0.02]})
    for draws in (None, fitted, fitted[[review]]):
        draw = made.drawn(base, [policy, other], 4, 3, fitted=draws)
        paths = {path for world in draw.worlds for path in world.economy}
        assert not paths & changed.keys()
        assert "region.productivity_growth" in paths
        assert draw.worlds[0].of(other).stages.sourcing.review_rate == 0.123
        assert draw.worlds[0].of(base).stages.sourcing.review_rate == base.stages.sourcing.review_rate
    paths = {path for world in made.drawn(base, [policy], 2, 3).worlds for path in world.economy}
    assert changed.keys() <= paths


def test_a_value_that_is_refused_beside_the_others_keeps_its_own(base, monkeypatch):
    refusing = {"stages.innovation.step_low": (-0.15, 5.0, False)}
    stated = [made.Uncertain("stages.innovation.step_low", "economy", refusing)]
    monkeypatch.setattr(made, "uncertain", lambda base, policies: stated)
    draw = made.drawn(base, [base], 10, 1, "economy")
    kept = draw.positions["stages.innovation.step_low"].isna()
    assert kept.any()
    assert not kept.all()
    own = base.stages.innovation.step_low
    assert all(
        (world.of(base).stages.innovation.step_low == own) == out for world, out in zip(draw.worlds, kept, strict=True)
    )


def test_pairs_of_a_world_are_pairs_and_worlds_have_seeds_of_their_own(effect):
    assert effect.worlds == 6
    assert effect.replications == 12
    assert list(effect.base.seeds) == list(range(effect.base.seeds[0], effect.base.seeds[0] + 12))
    assert effect.certificate.holds
    later = effect.base.region.query("scope == 'chain' and year == 2026").set_index("replication")["output"]
    assert later.nunique() == 12


def test_bounds_hold_numbers_and_luck_beside_luck_alone(effect, base, policy):
    row = effect.table(2026, indicators=["rd"]).iloc[0]
    pairs = (
        effect.policy.region.query("scope=='chain' and year==2026")["rd"].to_numpy()
        - effect.base.region.query("scope=='chain' and year==2026")["rd"].to_numpy()
    )
    assert row["low90"] == pytest.approx(np.quantile(pairs, 0.05))
    within = pairs.reshape(6, 2)
    luck = np.median(pairs) + (within - within.mean(axis=1, keepdims=True)).ravel() * np.sqrt(2)
    assert row["luck_low90"] == pytest.approx(max(np.quantile(luck, 0.05), row["low90"]))
    assert row["luck_high90"] == pytest.approx(min(np.quantile(luck, 0.95), row["high90"]))
    assert not row["certain"]  # of six worlds
    assert row["same_sign"] == (np.sign(within.mean(axis=1)) == np.sign(row["effect"])).mean()
    plain = cs.compare(base, policy, replications=3).table(2026, indicators=["rd"]).iloc[0]
    assert (plain["luck_low90"], plain["luck_high90"]) == (plain["low90"], plain["high90"])


def test_one_seed_a_world_says_nothing_of_luck(base, policy):
    effect = cs.compare(base, policy, worlds=3, replications=1)
    assert "one pair a world: luck's part is not told" in str(doubt_sheet(effect).title)
    row = effect.table(2026, indicators=["rd"]).iloc[0]
    assert np.isnan(row["luck_low90"])
    assert np.isfinite(row["low90"])


def test_a_planted_driver_is_found_and_unrelated_numbers_are_not_told():
    luck = np.random.default_rng(5)
    positions = luck.random((80, 40))
    noise = luck.normal(0, 0.2, (80, 2))
    effect = 3.0 * positions[:, [7]] + 1.0 * positions[:, [3]] + noise
    table = pd.DataFrame(
        [
            {"world": world, "kept": True, "path": f"n{k:02}", "group": "economy", "position": positions[world, k]}
            for world in range(80)
            for k in range(40)
        ]
    )
    found = drivers(effect, table)
    assert found["path"][0] == "n07"
    assert found["share"][0] == pytest.approx(0.9, abs=0.06)
    assert 0.75 < found["low"][0] <= found["share"][0] <= found["high"][0]
    assert set(found[found["told"] & (found["group"] != "luck")]["path"]) <= {"n07", "n03"}
    assert (found["low"][~found["told"]] == 0.0).all()
    between, within = variance_parts(effect)
    assert between == pytest.approx(10 / 12, rel=0.3)
    assert within == pytest.approx(0.04, rel=0.4)
    assert found.iloc[-1]["share"] == pytest.approx(within / (between + within))


def in_worlds(economy, policy, seed, noise=0.3):
    """An effect in 80 worlds of two seeds, by 30 numbers of the economy and 10 of the policy, and their positions."""
    luck = np.random.default_rng(seed)
    positions = luck.random((80, 40))
    means = economy * positions[:, :30].sum(axis=1) + policy * positions[:, 30:].sum(axis=1)
    rows = [
        {
            "world": world,
            "kept": True,
            "path": f"n{k:02}",
            "group": "policy" if k >= 30 else "economy",
            "position": place,
        }
        for world in range(80)
        for k, place in enumerate(positions[world])
    ]
    return means[:, None] + luck.normal(0, noise, (80, 2)), pd.DataFrame(rows)


@pytest.mark.parametrize(("economy", "policy"), [(1.0, 0.0), (0.0, 1.0), (1.0, 3.0**0.5)])
def test_economy_and_policy_have_their_parts_of_what_is_not_known(economy, policy):
    true = np.array([30 * economy**2, 10 * policy**2]) / (30 * economy**2 + 10 * policy**2)
    found = [group_shares(*in_worlds(economy, policy, seed)).set_index("group") for seed in range(30)]
    told = np.array([frame["share"][["economy", "policy"]] for frame in found])
    assert told.mean(axis=0) == pytest.approx(true, abs=0.12)
    held = [(frame["low"][group] <= share <= frame["high"][group]) for frame in found
            for group, share in zip(("economy", "policy"), true, strict=True)]  # fmt: skip
    assert np.mean(held) >= 0.85
    assert found[0]["numbers"].to_dict() == {"economy": 30, "policy": 10, "luck": 0}


def test_a_group_that_was_not_varied_has_no_row_and_luck_alone_no_shares(base, policy):
    luck = np.random.default_rng(2)
    _, table = in_worlds(1.0, 1.0, 1)
    alone = group_shares(luck.normal(0, 1, (80, 2)), table[table["group"] == "economy"])
    assert alone["group"].tolist() == ["economy", "luck"]
    nothing = group_shares(np.tile(luck.normal(0, 1, 2), (80, 1)), table)
    assert nothing["share"][:2].isna().all()


def test_shares_of_pure_luck_are_nothing():
    luck = np.random.default_rng(1)
    effect = luck.normal(0, 1, (64, 2))
    between, within = variance_parts(effect)
    assert between < 0.5 * within
    assert shares(luck.random((64, 5)), effect.mean(axis=1), 0.0).tolist() == [0.0] * 5


def test_few_worlds_warn_and_a_comparison_without_worlds_has_no_drivers(effect, base, policy):
    with pytest.warns(UserWarning, match="64 or more"):
        frame = effect.drivers("rd", 2026)
    assert list(frame.columns) == ["path", "group", "share", "low", "high", "told"]
    assert frame["share"][:-1].is_monotonic_decreasing
    with pytest.warns(UserWarning, match="64 or more"):
        groups = effect.driver_groups("rd", 2026)
    assert groups["group"].tolist() == ["economy", "policy", "luck"]
    assert groups["share"].iloc[-1] == frame["share"].iloc[-1]
    assert groups["numbers"].sum() == len(frame) - 1
    with pytest.raises(ValueError, match="worlds=64"):
        cs.compare(base, policy, replications=2).drivers("rd")
    with pytest.raises(ValueError, match="no year"):
        effect.drivers("rd", 1999)


def test_a_world_without_an_economy_is_left_out_and_told(base, policy, monkeypatch):
    genuine = made.World.of

    def of(self, scenario):
        if self.economy["stages.sourcing.review_rate"] == spoilt:
            raise ValueError("no solution")
        return genuine(self, scenario)

    spoilt = made.drawn(base, [policy], 4, base.seed).worlds[1].economy["stages.sourcing.review_rate"]
    draw = made.drawn(base, [policy], 4, base.seed)
    monkeypatch.setattr(comparison, "drawn", lambda *given: draw)
    monkeypatch.setattr(made.World, "of", of)
    with pytest.warns(UserWarning, match="1 of 4 worlds have no economy"):
        effect = cs.compare(base, policy, worlds=4, replications=2)
    assert effect.worlds == 3
    assert effect.replications == 6


def test_worlds_are_saved_read_and_reproduced(effect, tmp_path):
    effect.save(tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "12 pairs in 6 worlds of uncertain numbers" in page
    assert "not doubts about parameters" not in page
    assert "6 worlds tell few of them, 64 or more are better" in page
    assert page.count('class="luck"') == len(effect_text.effect_rows(effect, [2026]))
    assert "tell how wide luck is and not which way it leans" in page
    sheets = effect_sheets(effect)
    assert "bounds of luck do not show which way it leans" in str(sheets[1].title)
    assert "64 or more tell drivers from chance" in str(sheets[1].title)
    assert sheets[1].row_count == len(doubt_rows(effect)) > 4
    read = effects.read(tmp_path / "out")
    pd.testing.assert_frame_equal(read.table(2026), effect.table(2026))
    assert read.worlds == 6
    assert reproduce(tmp_path / "out").same


def test_a_sign_is_certain_only_by_luck_and_numbers_in_ten_pairs_or_worlds():
    ends = np.array([[1.0, 2.0], [-2.0, -1.0], [-1.0, 2.0], [0.0, 2.0], [np.nan, np.nan]]).T
    assert is_certain(*ends, 10).tolist() == [True, True, False, False, False]
    assert not is_certain(*ends, 9).any()
    below = pd.DataFrame({"high90": [-1.0, -1.0, 1.0], "certain": [True, False, True]})
    assert surely_below(below).tolist() == [True, False, False]


EXPONENTIAL = np.array([-1.0 - np.log(0.95), -1.0 - np.log(0.05)])
"""Ends of nine in ten of an exponential draw of mean and spread 1, less its mean."""


@pytest.mark.parametrize(("worlds", "seeds", "most"), [(16, 2, 0.6), (8, 4, 0.4)])
@pytest.mark.parametrize("spread", [0.0, 0.5, 3.0])
@pytest.mark.parametrize("skewed", [False, True])
def test_ends_of_luck_lie_near_those_of_skewed_luck_whatever_worlds_do(worlds, seeds, most, spread, skewed):
    """In units of the standard deviation of luck; what two seeds a world miss is the lean of luck, never its width."""
    chance = np.random.default_rng(14)
    between = spread * (
        chance.exponential(1, (worlds, 1, 2000)) - 1 if skewed else chance.normal(0, 1, (worlds, 1, 2000))
    )
    effect = (5.0 + between + chance.exponential(1, (worlds, seeds, 2000)) - 1).reshape(worlds * seeds, -1)
    whole = tuple(np.quantile(effect, (0.05, 0.95), axis=0))
    low, high = (ends - effect.mean(axis=0) for ends in luck_bounds(effect, worlds, whole, np.mean))
    apart = np.array([low.mean(), high.mean()]) - EXPONENTIAL
    assert np.abs(apart).max() < most
    assert apart[1] < 0.05  # not above the upper end
    assert (high - low).mean() <= 1.12 * np.diff(EXPONENTIAL)[0]


def test_luck_of_one_seed_a_world_is_not_told_and_luck_is_part_of_the_whole():
    effect = np.random.default_rng(3).normal(1, 1, (64, 5))
    whole = tuple(np.quantile(effect, (0.05, 0.95), axis=0))
    assert np.isnan(luck_bounds(effect, 64, whole)).all()
    low, high = luck_bounds(effect, 32, whole)
    assert (low >= whole[0]).all()
    assert (high <= whole[1]).all()


@pytest.mark.parametrize(("worlds", "seeds"), [(16, 2), (8, 4), (3, 3), (20, 2)])
def test_ends_of_luck_hold_the_effect_shown_however_skewed(worlds, seeds):
    chance = np.random.default_rng(41)
    heavy = (chance.exponential(1, (worlds, 1, 3000)) ** 4, chance.exponential(0.3, (worlds, seeds, 3000)) ** 3)
    effect = (heavy[0] - heavy[1]).reshape(worlds * seeds, -1)
    whole = tuple(np.quantile(effect, (0.05, 0.95), axis=0))
    low, high = luck_bounds(effect, worlds, whole)
    for lower, upper in ((whole[0], low), (low, np.median(effect, axis=0)), (np.median(effect, axis=0), high)):
        assert (lower <= upper).all()
    assert (high <= whole[1]).all()
    low, high = luck_bounds(effect, worlds, whole, np.mean)
    mean = effect.mean(axis=0)
    assert ((low <= mean) & (mean <= high)).all()
    assert ((low >= np.minimum(whole[0], mean)) & (high <= np.maximum(whole[1], mean))).all()


def test_one_seed_a_world_leaves_shares_open_upwards():
    effect, table = in_worlds(1.0, 1.0, 4)
    assert known_part(effect[:, :1]) == (1.0, 0.0, 1.0)
    found = group_shares(effect[:, :1], table).set_index("group")
    assert found["high"][["economy", "policy"]].tolist() == [1.0, 1.0]
    assert found["low"]["economy"] > 0.0
    assert (drivers(effect[:, :1], table)["high"][:-1] == 1.0).all()


@pytest.mark.parametrize(("weights", "true"), [
    ([1.0] * 40, [0.75, 0.25]),
    ([3.0, 2.0, *[0.3] * 28, 1.5, *[0.0] * 9], [0.871, 0.129]),
])  # fmt: skip
def test_shares_of_groups_and_numbers_lie_within_their_bounds_however_few_worlds(weights, true):
    chance, weights = np.random.default_rng(7), np.array(weights)
    spread, drawn, widths = np.sqrt((weights**2).sum() / 12), {3: 40, 5: 40, 8: 40, 16: 40, 64: 20}, {}
    for worlds, times in drawn.items():
        held, wide = [], []
        for _ in range(times):
            places = (
                chance.permuted(np.tile(np.arange(worlds), (40, 1)), axis=1).T + chance.random((worlds, 40))
            ) / worlds
            means, known = places @ weights, 0.5 * spread
            effect = means[:, None] + chance.normal(0, known, (worlds, 2))
            part = known_part(effect)
            for columns, share in ((slice(0, 30), true[0]), (slice(30, 40), true[1])):
                _, low, high = joint_share(places[:, columns], effect.mean(axis=1), part)
                held.append(low <= share <= high)
                wide.append(high - low)
            low, high = ends(places, effect.mean(axis=1), part)
            held += list((low <= weights**2 / 12 / spread**2) & (weights**2 / 12 / spread**2 <= high))
        assert np.mean(held) >= 0.85
        widths[worlds] = np.mean(wide)
    assert widths[3] == 1.0
    assert widths[5] > 0.95
    assert widths[64] < 0.7


def test_bounds_of_shares_hold_them_within_0_and_1_where_all_is_luck():
    for seed in range(40):
        chance = np.random.default_rng(seed)
        alone = chance.normal(0, 1, (16, 2))
        alone[:, 1] -= 0.8 * alone[:, 0]  # means of worlds lie closer together than luck would have them
        _, table = in_squares(1.0, 1.0, 0.0, 16, seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            found = pd.concat([frame(alone, table) for frame in (drivers, group_shares)])
        found = found[found["share"].notna()]
        assert known_part(alone).high >= known_part(alone).part >= known_part(alone).low >= 0.0
        assert ((found["low"] >= 0.0) & (found["low"] <= found["share"])).all()
        assert ((found["share"] <= found["high"]) & (found["high"] <= 1.0)).all()


def test_no_number_is_named_where_none_explains_anything(effect, monkeypatch):
    rows = [{"path": "a", "group": "economy", "share": 0.0, "low": 0.0, "high": 1.0, "told": False}]
    monkeypatch.setattr(effects.Effect, "drivers", lambda *_: pd.DataFrame(rows))
    assert named(effect, "output", untold=True) == NO_NUMBER


def test_nothing_is_said_to_drive_an_effect_of_nothing(effect):
    nothing = pd.Series({"effect": 0.0, "low90": 0.0, "high90": 0.0, "same_sign": np.nan})
    assert set(cells_of(effect, "output", nothing, untold=True)) == {"–"}


@pytest.mark.parametrize(
    ("luck", "failed"), [((0.5, 2.0), False), ((1.5, 2.0), True), ((2.0, 0.5), True), ((-2.0, 2.0), True)]
)
def test_the_audit_holds_bounds_of_luck_around_the_effect(luck, failed):
    row = {"low90": -1.0, "luck_low90": luck[0], "effect": 1.0, "luck_high90": luck[1], "high90": 3.0}
    checks = audit_checks.Checks()
    check_luck(checks, pd.DataFrame([row]), pd.Series([10.0]))
    assert [check.failed for check in checks.found] == [failed]


def test_the_page_of_stated_numbers_says_nothing_of_drivers(base, policy):
    assert doubt_rows(cs.compare(base, policy, replications=2)) == []


def test_a_split_and_worlds_exclude_each_other(base, policy):
    with pytest.raises(ValueError, match="leave out split or worlds"):
        cs.compare(base, policy, worlds=3, split=True)
    with pytest.raises(ValueError, match="from 2 to 100,000"):
        cs.compare(base, policy, worlds=1)


@pytest.fixture
def fitted(tmp_path):
    """A posterior of two numbers that go together."""
    rate = np.linspace(0.1, 0.2, 50) ** 2
    draws = pd.DataFrame({"stages.sourcing.review_rate": rate, "region.productivity_growth": rate / 5})
    draws.to_csv(tmp_path / POSTERIOR, index=False)
    return tmp_path


def test_fitted_numbers_are_drawn_together_from_the_posterior_and_the_others_from_their_ranges(base, policy, fitted):
    asked = made.asked_worlds({"from": fitted, "points": 10})
    draw = made.drawn(base, [policy], asked.number, 3, fitted=asked.fitted)
    values = [world.economy for world in draw.worlds]
    rates = np.array([each["stages.sourcing.review_rate"] for each in values])
    assert rates == pytest.approx(np.linspace(0.1, 0.2, 50)[5 * np.arange(10) + 2] ** 2)
    assert [each["region.productivity_growth"] for each in values] == pytest.approx(rates / 5)
    plain = made.drawn(base, [policy], 10, 3)
    assert set(draw.positions) == set(plain.positions)
    for name in set(plain.positions) - set(asked.fitted):
        assert sorted(np.floor(draw.positions[name] * 10)) == list(range(10))
    assert made.is_hypercube(made.table_of(plain, range(10)))
    assert not made.is_hypercube(made.table_of(draw, range(10)))  # the folder of a comparison cannot draw these again
    assert set(made.drawn(base, [policy], 2, 1, "policy", asked.fitted).groups.values()) == {"policy"}


def test_a_comparison_takes_fitted_numbers_from_a_folder(base, policy, fitted, tmp_path):
    short = {"years.end": 2021}
    effect = cs.compare(
        base.replace(short), policy.replace(short), worlds={"from": fitted, "points": 2}, replications=1
    )
    assert effect.worlds == 2
    assert made.asked_worlds({"from": fitted}).number == 32
    with pytest.raises(OutputError, match="holds no calibration"):
        cs.compare(base, policy, worlds={"from": tmp_path / "nowhere"})
    with pytest.raises(ValueError, match="it must be a number or like"):
        cs.compare(base, policy, worlds={"folder": fitted})


@pytest.mark.parametrize(
    "text", [b"\xff\xfe\x00", b"", b"a,b\n1,many\n", b"a,b\n1,\n", b"a,b\n1,inf\n", b"a\n1,2\n3,4,5\n"]
)
def test_fitted_numbers_that_are_no_numbers_are_damaged(tmp_path, text):
    (tmp_path / POSTERIOR).write_bytes(text)
    with pytest.raises(Damaged, match=POSTERIOR):
        made.asked_worlds({"from": tmp_path})


@pytest.fixture(scope="module")
def project(tmp_path_factory, base):
    """A baseline and policies in files: one states ranges, one the draws of a calibration."""
    folder = tmp_path_factory.mktemp("project") / "scenarios"
    write_resolved(base, folder)
    calibration = folder.parent / "calibration"
    calibration.mkdir()
    rows = [f"{0.05 + 0.01 * k},{k % 2 + 3}" for k in range(12)]
    text = "\n".join(["stages.sourcing.review_rate,stages.sourcing.sample", *rows]) + "\n"
    (calibration / POSTERIOR).write_text(text, "utf-8")
    grant = "levers: {grant: {type: rd_grant, years: 2021-2026, rate: {value: .3, low: .1, high: .5}, budget: 20}}\n"
    for name, worlds in (
        ("ranges", "{points: 3, vary: policy}"),
        ("taken", "{from: ../calibration, points: 4, vary: economy}"),
    ):
        stated = f"extends: scenario.yaml\nname: {name}\nyears: {{end: 2022}}\nworlds: {worlds}\n{grant}"
        (folder / f"{name}.yaml").write_text(stated, "utf-8")
    return folder


@pytest.fixture(scope="module")
def short(base):
    return base.replace({"years.end": 2022})


def test_worlds_of_a_file_are_those_of_the_arguments(project, short):
    stated = cs.load(project / "ranges.yaml")
    plain = stated.replace({"worlds": None})
    ours, theirs = cs.compare(short, stated), cs.compare(short, plain, worlds=3, vary="policy")
    pd.testing.assert_frame_equal(ours.table(), theirs.table())
    pd.testing.assert_frame_equal(ours.seen["worlds"], theirs.seen["worlds"])
    assert cs.compare(short, stated, worlds=2, vary="economy").worlds == 2


def test_draws_of_a_file_are_evenly_spaced_rows_that_stay_together(project, short):
    policy = cs.load(project / "taken.yaml")
    rates = (0.06, 0.09, 0.12, 0.15)
    assert policy.worlds.draws["stages.sourcing.review_rate"] == pytest.approx(rates)
    asked = made.worlds_of(short, [policy], None, None)
    draw = made.drawn(short, [policy], asked.number, 1, asked.vary, asked.fitted)
    assert [world.economy["stages.sourcing.review_rate"] for world in draw.worlds] == pytest.approx(rates)
    assert [world.of(short).stages.sourcing.sample for world in draw.worlds] == [4, 3, 4, 3]
    assert set(draw.groups.values()) == {"economy"}
    half = made.worlds_of(short, [policy], 2, None).stated.draws
    assert half["stages.sourcing.review_rate"] == pytest.approx(rates[1::2])


@pytest.mark.usefixtures("plain_pages")
def test_a_comparison_in_the_draws_of_a_calibration_keeps_them_and_is_reproduced(project, short, tmp_path):
    effect = cs.compare(short, cs.load(project / "taken.yaml"), replications=1)
    effect.save(tmp_path / "out")
    assert (tmp_path / "out" / "policy" / "data" / "worlds.csv").exists()
    assert effects.read(tmp_path / "out").policy.scenario == effect.policy.scenario
    assert reproduce(tmp_path / "out").same
    asked = {"from": project.parent / "calibration", "points": 2}
    other = cs.compare(short, cs.load(project / "ranges.yaml"), worlds=asked, replications=1)
    assert len(other.policy.scenario.worlds.draws["stages.sourcing.sample"]) == 2


def test_worlds_that_cannot_be_are_told(project, short):
    policy = cs.load(project / "taken.yaml")
    with pytest.raises(cs.ScenarioError, match="vary: crossed says nothing"):
        cs.compare(short, policy.replace({"worlds": None}), vary="crossed")
    with pytest.raises(cs.ScenarioError, match="states 4 draws, 5 are asked for"):
        cs.compare(short, policy, worlds=5)
    with pytest.raises(cs.ScenarioError, match="state different worlds"):
        cs.compare(short, policy, cs.load(project / "ranges.yaml"))
    with pytest.raises(cs.ScenarioError, match="take worlds out: --set worlds=null"):
        cs.compare(short, policy, split=True)
    assert cs.load(project / "taken.yaml", {"worlds": None}).worlds is None
    text = (project / "taken.yaml").read_text("utf-8").replace("points: 4", "points: 20")
    (project / "many.yaml").write_text(text, "utf-8")
    with pytest.raises(cs.ScenarioError, match="the table has 12 rows, not 20"):
        cs.load(project / "many.yaml")


def test_draws_that_are_not_what_the_calibration_wrote_are_named(project, tmp_path):
    shutil.copytree(project.parent, tmp_path, dirs_exist_ok=True)
    folder, file = tmp_path / "calibration", tmp_path / project.name / "taken.yaml"
    text = (folder / POSTERIOR).read_text("utf-8")
    save_tables(folder, CALIBRATION, {"identity": "0"}, {POSTERIOR: text})
    assert cs.load(file).worlds.draws
    assert made.asked_worlds({"from": folder}).number == 32
    (folder / POSTERIOR).write_text(text.replace("1", "2", 1), "utf-8")
    with pytest.raises(Damaged, match=POSTERIOR):
        made.asked_worlds({"from": folder})
    with pytest.raises(
        cs.ScenarioError, match=r"worlds.from: posterior.csv in there is not what the calibration wrote"
    ):
        cs.load(file)
    (folder / POSTERIOR).write_text(text, "utf-8")
    (folder / CALIBRATION).write_text("[]", "utf-8")
    assert not as_calibrated(folder)


def in_squares(economy, policy, both, worlds, seed, noise=0.4):
    """An effect in crossed worlds of two seeds, by a normal number of the economy, one of the policy and their product."""
    luck = np.random.default_rng(seed)
    world = np.arange(worlds)
    rows = {"economy": world // 2, "policy": world // 4 * 2 + world % 2}
    draws = {group: luck.normal(0, 1, worlds // 2)[row] for group, row in rows.items()}
    means = economy * draws["economy"] + policy * draws["policy"] + both * draws["economy"] * draws["policy"]
    table = [
        {"world": number, "kept": True, "path": group, "group": group, "position": place}
        for group, places in draws.items()
        for number, place in enumerate(places)
    ]
    return means[:, None] + luck.normal(0, noise, (worlds, 2)), pd.DataFrame(table)


@pytest.mark.parametrize(
    ("parts", "true"),
    [((0.8, 0.2, 0.0), 0.8), ((0.5, 0.2, 0.3), 0.615), ((1.0, 0.0, 0.0), 1.0)],
)
def test_crossed_worlds_tell_the_economy_from_the_lever_within_their_bounds(parts, true):
    found = [group_shares(*in_squares(*np.sqrt(parts), 64, seed)).set_index("group") for seed in range(60)]
    shares, low, high = (np.array([frame[name]["economy"] for frame in found]) for name in ("share", "low", "high"))
    assert shares.mean() == pytest.approx(true, abs=0.04)
    assert ((low <= true + 1e-9) & (true - 1e-9 <= high)).mean() >= 0.87
    assert np.median(high - low) < 0.6
    for frame in found[:3]:
        assert frame["share"][["economy", "policy"]].sum() == pytest.approx(1.0)
        assert frame["low"]["policy"] == pytest.approx(1.0 - frame["high"]["economy"])


@pytest.mark.parametrize(("worlds", "seeds"), [(4, 2), (64, 1)])
def test_one_square_or_one_seed_a_world_leaves_the_question_open(worlds, seeds):
    effect, table = in_squares(1.0, 0.5, 0.0, worlds, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of few worlds
        found = group_shares(effect[:, :seeds], table).set_index("group")
    assert found.loc[["economy", "policy"], ["low", "high"]].to_numpy().tolist() == [[0.0, 1.0], [0.0, 1.0]]


def test_a_square_that_lost_a_world_is_not_counted():
    effect, table = in_squares(1.0, 0.5, 0.0, 68, 1)
    lost = group_shares(np.delete(effect, 5, axis=0), table.assign(kept=table["world"] != 5))
    fewer = group_shares(np.delete(effect, slice(4, 8), axis=0), table.assign(kept=table["world"] // 4 != 1))
    assert (
        lost["share"].tolist()[:2] == fewer["share"].tolist()[:2] != group_shares(effect, table)["share"].tolist()[:2]
    )


def test_drivers_of_crossed_worlds_count_no_draw_twice():
    """A planted number of each group has its share; of a hundred numbers that do nothing few are told."""
    told, shares_found = [], []
    for seed in range(10):
        luck = np.random.default_rng(seed)
        apart = pd.DataFrame(luck.random((32, 102)), columns=[f"n{k:03}" for k in range(102)])
        groups = {name: "policy" if name > "n050" else "economy" for name in apart}
        places = made.in_squares(apart, groups)
        table = places.rename_axis("world").reset_index().melt("world", var_name="path", value_name="position")
        table = table.assign(group=table["path"].map(groups), kept=True)
        means = 3.0 * places["n000"] + 2.0 * places["n101"] + luck.normal(0, 0.8, 32)[np.arange(64) // 2]
        found = drivers(means.to_numpy()[:, None] + luck.normal(0, 0.3, (64, 2)), table).set_index("path")
        told += [*found["told"].drop(["n000", "n101", "luck"])]
        shares_found.append(found["share"][["n000", "n101"]])
    assert np.mean(told) < 0.002
    true = np.array([9.0, 4.0]) / 12
    assert np.mean(shares_found, axis=0) == pytest.approx(true / (true.sum() + 0.64), abs=0.06)


def test_crossed_worlds_stand_in_squares_of_draws_of_either_group(base, policy):
    draw = made.drawn(base, [policy], 8, 3, "crossed")
    economy, levers = draw.positions["stages.sourcing.review_rate"], draw.positions["levers.grant.rate"]
    assert [economy[world] == economy[world + 1] for world in (0, 2, 4, 6)] == [True] * 4
    assert [levers[world] == levers[world + 2] for world in (0, 1, 4, 5)] == [True] * 4
    for column in (economy, levers):
        assert sorted(np.floor(4 * column.drop_duplicates())) == [0, 1, 2, 3]
    table = made.table_of(draw, range(8))
    assert made.varied(table) == "crossed"
    refused = table["world"].eq(0) & table["path"].eq(table.loc[table["group"] == "economy", "path"].iloc[0])
    assert made.is_crossed(table.assign(position=table["position"].mask(refused)))  # a number that one world lacks
    assert made.is_hypercube(table)
    for vary in ("all", "economy", "policy"):
        assert made.varied(made.table_of(made.drawn(base, [policy], 4, 3, vary), range(4))) == vary
    with pytest.raises(cs.ScenarioError, match="squares of four: take 8"):
        made.drawn(base, [policy], 6, 3, "crossed")
    with pytest.raises(cs.ScenarioError, match="no number of the policy has a range"):
        made.drawn(base, [base], 8, 3, "crossed")
    with pytest.raises(cs.ScenarioError, match=r"worlds.points.*6 is no multiple of 4"):
        base.replace({"worlds": {"points": 6, "vary": "crossed"}})


@pytest.mark.usefixtures("plain_pages")
def test_a_crossed_comparison_says_what_its_shares_are_and_is_reproduced(project, short, tmp_path):
    stated = cs.load(project / "taken.yaml").replace({"worlds.vary": "crossed"})
    effect = cs.compare(short, stated, replications=1)
    rates = effect.seen["worlds"].query("path == 'stages.sourcing.review_rate'")["position"].tolist()
    assert rates == [0.0, 0.0, 1.0, 1.0]
    assert "counts for both" in str(doubt_sheet(effect).title)
    effect.save(tmp_path / "out")
    assert reproduce(tmp_path / "out").same
