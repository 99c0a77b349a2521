"""What recipients added, and what would have come anyway."""

import numpy as np
import pandas as pd
import pytest
from economies import START, three_makers
from effect_cases import PLANTS, baseline, granted

import chainsim as cs
from chainsim.effects.additionality import outlay_by_lever, recipients_of, support_by
from chainsim.effects.costs import items


def test_added_and_windfall_are_those_worked_out_by_hand():
    row = {"lever": "a", "recipients": 2, "support": 10.0, "rd_with": 30.0, "rd_without": 24.0, "rd_untreated": -1.0}
    zero = {
        f"{name}_{world}": 0.0
        for name in ("sales", "employment", "investment")
        for world in ("with", "without", "untreated")
    }
    second = row | {"recipients": 3, "support": 10.0, "rd_with": 31.0, "rd_without": 27.0, "rd_untreated": -2.0}
    table = pd.DataFrame([{"replication": 0, "year": 2021 + n, **zero, **item} for n, item in enumerate((row, second))])
    moved = pd.DataFrame({"source": ["a"], "entry_point": ["rd_support"]})
    found = recipients_of(table, moved, pairs=1).set_index("outcome")
    assert found.loc["rd", "added"] == 10.0
    assert found.loc["rd", "untreated"] == -3.0
    assert found.loc["rd", "windfall"] == 1.0 - 10.0 / 20.0
    assert found.loc["rd", "recipients"] == 3.0
    assert np.isnan(found.loc["investment", "windfall"])
    assert np.isnan(found.loc["rd", "added_low90"])


def test_recipients_are_the_same_enterprises_in_both_worlds():
    makers = three_makers(end=START + 2)
    policy = makers.replace(
        {"levers.a": {"type": "rd_grant", "rate": 0.5, "years": START + 1, "target": {"enterprises": ["a"]}}}
    )
    effect = cs.compare(makers, policy, seed=1, replications=1)
    named = {
        name: result.named.query("name == 'a' and year > @START")
        for name, result in (("with", effect.policy), ("without", effect.base))
    }
    for outcome, column in (("sales", "output"), ("employment", "employment"), ("rd", "rd")):
        row = effect.recipients().set_index("outcome").loc[outcome]
        assert row["with_policy"] == pytest.approx(named["with"][column].sum(), rel=1e-12)
        assert row["without"] == pytest.approx(named["without"][column].sum(), rel=1e-12)
    rivals = {
        name: result.named.query("name == 'b' and year > @START")["output"].sum()
        for name, result in (("with", effect.policy), ("without", effect.base))
    }
    new = effect.recipients().set_index("outcome").loc["sales", "untreated"]
    assert new == pytest.approx(rivals["with"] - rivals["without"], rel=1e-6, abs=1e-6)
    assert effect.recipients()["recipients"].eq(1.0).all()


def test_a_grant_that_replaces_own_money_in_part_is_a_windfall_in_that_part():
    at_once = {"labour": {"staff_adjustment": 1.0}}  # else a grant finds only part of its researchers in its first year
    frozen = three_makers(end=START + 1, stages=at_once)
    grant = {"type": "rd_grant", "rate": 0.2, "years": START + 1, "target": {"enterprises": ["a"]}}
    windfalls = []
    for response in (0.0, -0.5):
        policy = frozen.replace({"levers.a": grant | {"own_response": response}})
        table = cs.compare(frozen, policy, seed=1, replications=1).recipients().set_index("outcome")
        windfalls.append(table.loc["rd", "windfall"])
    assert windfalls[1] - windfalls[0] == pytest.approx(0.5, abs=0.05)


def test_money_of_the_levers_adds_up_to_the_outlay():
    effect = cs.compare(baseline(), granted(), replications=2)
    outlay = effect.costs().query("scope == 'all' and item == 'outlay'")["value"].iloc[0]
    assert outlay > 0.0
    assert outlay_by_lever(effect.policy).to_numpy().sum() == pytest.approx(outlay)
    for by in ("tier", "segment", "owner", "size"):
        tiers = {name: segment.tier for name, segment in effect.base.scenario.chain.segments.items()}
        assert support_by(effect.seen["support"], by, tiers, 2).sum() == pytest.approx(outlay)
    lever = effect.levers().iloc[0]
    assert (lever["lever"], lever["type"]) == ("research", "rd_grant")
    assert (lever["first_year"], lever["last_year"]) == (START + 1, START + 4)
    assert np.isnan(lever["budget"])
    assert lever["enterprises"] > 0
    assert items(effect.base, effect.policy)["net_cost"].pairs.tolist() == pytest.approx(
        (
            effect.policy.region.query("scope == 'all'").groupby("replication")["fiscal_outlay"].sum()
            - effect.policy.region.query("scope == 'all'").groupby("replication")["tax_revenue"].sum()
            + effect.base.region.query("scope == 'all'").groupby("replication")["tax_revenue"].sum()
        ).tolist()
    )


def test_what_a_lever_added_is_that_of_a_policy_of_nothing_else():
    base = baseline()
    both = granted(base).replace({"levers.plants": PLANTS})
    table = cs.compare(base, both, replications=3, rank=2).additionality()
    alone = table.query("lever == 'research' and how == 'alone'").set_index("outcome")
    seen = cs.compare(base, granted(base), replications=2).seen["recipients"]
    for outcome in ("sales", "employment", "rd", "investment"):
        assert alone.loc[outcome, "with_policy"] == pytest.approx(seen[f"{outcome}_with"].sum() / 2, rel=1e-9)
        assert alone.loc[outcome, "without"] == pytest.approx(seen[f"{outcome}_without"].sum() / 2, rel=1e-9)
        assert alone.loc[outcome, "untreated"] == pytest.approx(seen[f"{outcome}_untreated"].sum() / 2, rel=1e-6)
    assert alone.loc["rd", "support"] == pytest.approx(seen["support"].sum() / 2, rel=1e-9)
    added = alone.loc["rd", "added"]
    assert alone.loc["rd", "windfall"] == pytest.approx(1.0 - added / alone.loc["rd", "support"])


def test_a_lever_that_does_nothing_beside_a_strong_one_is_credited_with_nothing():
    base = baseline()
    idle = {"type": "matchmaking", "rate": 0.0, "years": f"{START + 1}-{START + 4}", "budget": 1.0}
    both = granted(base).replace({"levers.idle": idle})
    table = cs.compare(base, both, replications=2, rank=True).additionality().query("lever == 'idle'")
    assert (table["added"] == 0.0).all()
    assert (table["support"] == 0.0).all()


def test_without_pairs_of_its_own_nothing_is_said_of_a_lever():
    effect = cs.compare(baseline(), granted(), replications=1)
    assert effect.additionality().empty
    with pytest.raises(ValueError, match="rank=True"):
        _ = effect.ranking


@pytest.mark.usefixtures("plain_pages")
def test_levers_told_apart_are_kept_on_disk_and_are_those_of_a_ranking(tmp_path):
    base, policy = baseline(), granted().replace({"levers.plants": PLANTS})
    effect = cs.compare(base, policy, replications=3, rank=2)
    effect.save(tmp_path / "out")
    again = cs.read(tmp_path / "out")
    assert isinstance(again, cs.Effect)
    assert isinstance(cs.read(tmp_path / "out" / "base"), cs.Result)
    pd.testing.assert_frame_equal(again.ranking.table(), effect.ranking.table())
    pd.testing.assert_frame_equal(effect.ranking.table(), cs.rank(base, policy, replications=2).table())
    assert (tmp_path / "out" / "additionality.parquet").exists()
