"""Effects, costs, additionality and variances, against numbers worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from economies import START, three_makers
from effect_cases import baseline, granted

import chainsim as cs
from chainsim.effects.additionality import additionality, outlay_by_lever, support_by
from chainsim.effects.certificate import variances
from chainsim.effects.costs import NEGATIVE, ONE_PAIR, PAYS_BACK, UNDEFINED, costs, items, ratio, resamples
from chainsim.effects.effect_tables import effects
from chainsim.indicators import INDICATORS
from chainsim.runs.provenance import now, provenance
from chainsim.runs.results import Result

TINY = three_makers(end=START + 1)
ZERO = dict.fromkeys((*INDICATORS,), 0.0)


class ByHand:
    """Tables of two runs of a base year and one year more, given indicator by indicator and run by run."""

    def __init__(self, last, levers=()):
        self.last, self.levers = last, levers

    def names(self):
        return ["region", "levers"]

    def frame(self, name):
        if name == "levers":
            columns = ["replication", "year", "lever", "type", "recovered", "cofinanced"]
            return pd.DataFrame(list(self.levers), columns=columns)
        rows = [
            {**ZERO, "replication": run, "year": START + year, "scope": scope}
            | {name: values[run] * year for name, values in self.last.items()}
            for run in range(2)
            for year in range(2)
            for scope in ("chain", "all")
        ]
        return pd.DataFrame(rows)


def result(last, levers=()):
    return Result(TINY, ByHand(last, levers), provenance(TINY, [1, 2], now()))


BASE = result(
    {"employment": (100.0, 200.0), "tax_revenue": (10.0, 20.0), "value_added": (50.0, 80.0), "output": (0.0, 100.0)}
)
POLICY = result(
    {
        "employment": (110.0, 230.0),
        "tax_revenue": (12.0, 25.0),
        "value_added": (54.0, 92.0),
        "fiscal_outlay": (30.0, 40.0),
        "localization_rate": (0.01, 0.03),
        "jobs_induced": (3.0, 9.0),
        "output": (5.0, 110.0),
    },
    [(0, START + 1, "a", "grant", 2.0, 1.0), (1, START + 1, "a", "grant", 4.0, 3.0)],
)


def test_costs_are_those_worked_out_by_hand():
    found = costs(BASE, POLICY).query("scope == 'all'").set_index("item")["value"]
    assert found["outlay"] == 35.0
    assert found["recovered"] == 3.0
    assert found["cofinanced"] == 2.0
    assert found["tax_return"] == (2.0 + 5.0) / 2
    assert found["net_cost"] == 35.0 - 3.0 - 3.5
    assert found["job_years"] == (10.0 + 30.0) / 2
    assert found["jobs_induced"] == 6.0
    assert found["localization"] == pytest.approx(2.0)
    assert found["net_cost_per_job_year"] == 28.5 / 20.0
    assert found["outlay_per_job_year"] == 35.0 / 20.0
    assert found["net_cost_per_job_year_with_induced"] == 28.5 / 26.0
    assert found["net_cost_per_point"] == pytest.approx(28.5 / 2.0)
    assert found["net_cost_per_value_added"] == 28.5 / 8.0


def test_effects_are_those_worked_out_by_hand():
    row = effects(BASE, POLICY, [START + 1], indicators=["employment"]).iloc[0]
    assert (row["base"], row["effect"], row["mean"]) == (150.0, 20.0, 20.0)
    assert row["relative"] == pytest.approx((0.1 + 0.15) / 2)
    assert (row["low90"], row["high90"]) == (11.0, 29.0)
    assert row["same_sign"] == 1.0


def test_a_relative_effect_on_nothing_is_missing_and_the_rest_still_told():
    row = effects(BASE, POLICY, [START + 1], indicators=["output"]).iloc[0]
    assert np.isnan(row["relative"])
    assert row["effect"] == 7.5


def test_a_ratio_is_undefined_where_the_effect_cannot_be_told_from_zero_or_is_negative():
    cost = np.array([10.0, 12.0, 9.0, 11.0])
    assert ratio(cost, np.array([5.0, -4.0, 3.0, -1.0]))[3] == UNDEFINED
    assert ratio(cost, np.zeros(4))[3] == UNDEFINED
    assert ratio(cost, -np.ones(4))[3] == NEGATIVE
    assert np.isnan(ratio(cost, -np.ones(4))[0])


def test_a_ratio_of_sums_lies_in_its_interval_and_is_exact_where_pairs_agree():
    value, low, high, note = ratio(np.array([10.0, 12.0, 9.0, 11.0]), np.array([5.0, 4.0, 3.0, 6.0]))
    assert value == 42.0 / 18.0
    assert low < value < high
    assert note == ""
    assert ratio(np.full(4, 6.0), np.full(4, 2.0)) == (3.0, 3.0, 3.0, "")
    assert ratio(np.full(4, -6.0), np.full(4, 2.0))[3] == PAYS_BACK


def test_one_pair_gives_a_ratio_without_interval():
    value, low, high, note = ratio(np.array([6.0]), np.array([2.0]))
    assert value == 3.0
    assert np.isnan(low)
    assert np.isnan(high)
    assert note == ONE_PAIR


def test_resamples_draw_every_pair_alike_and_always_the_same():
    drawn = resamples(5)
    assert (drawn == resamples(5)).all()
    assert np.bincount(drawn.ravel()) / drawn.size == pytest.approx(0.2, abs=0.02)


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
    found = additionality(table, moved, pairs=1).set_index("outcome")
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
        row = effect.additionality().set_index("outcome").loc[outcome]
        assert row["with_policy"] == pytest.approx(named["with"][column].sum(), rel=1e-12)
        assert row["without"] == pytest.approx(named["without"][column].sum(), rel=1e-12)
    rivals = {
        name: result.named.query("name == 'b' and year > @START")["output"].sum()
        for name, result in (("with", effect.policy), ("without", effect.base))
    }
    new = effect.additionality().set_index("outcome").loc["sales", "untreated"]
    assert new == pytest.approx(rivals["with"] - rivals["without"], rel=1e-6, abs=1e-6)
    assert effect.additionality()["recipients"].eq(1.0).all()


def test_a_grant_that_replaces_own_money_in_part_is_a_windfall_in_that_part():
    frozen = three_makers(end=START + 1)
    grant = {"type": "rd_grant", "rate": 0.2, "years": START + 1, "target": {"enterprises": ["a"]}}
    windfalls = []
    for response in (0.0, -0.5):
        policy = frozen.replace({"levers.a": grant | {"own_response": response}})
        table = cs.compare(frozen, policy, seed=1, replications=1).additionality().set_index("outcome")
        windfalls.append(table.loc["rd", "windfall"])
    assert windfalls[1] - windfalls[0] == pytest.approx(0.5, abs=0.05)


def test_variances_are_those_of_logs_and_missing_for_few_pairs():
    base, policy = np.exp([0.0, 1.0, 2.0]), np.exp([0.5, 1.5, 2.5])
    paired, unpaired = variances(base, policy)
    assert paired == pytest.approx(0.0, abs=1e-30)
    assert unpaired == pytest.approx(2.0)
    assert np.isnan(variances(base[:2], policy[:2])[0])
    assert np.isnan(variances(np.array([0.0, 1.0, 2.0]), policy)[0])


def test_the_pairing_takes_most_of_the_variance_away():
    effect = cs.compare(baseline(), granted(), replications=8)
    assert (effect.certificate.variance["ratio"].dropna() < 0.5).all()
    assert effect.certificate.variance["ratio"].notna().any()


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


def test_unknown_years_keys_and_indicators_are_answered_with_those_there_are():
    effect = cs.compare(baseline(), granted(), replications=1)
    with pytest.raises(ValueError, match="year 2040 is not simulated"):
        effect.table(years=2040)
    with pytest.raises(ValueError, match="by is 'park'"):
        effect.table(by="park")
    with pytest.raises(ValueError, match="no indicator 'happiness'"):
        effect.table(indicators=["happiness"])
    with pytest.raises(ValueError, match="split=True"):
        effect.split  # noqa: B018


def test_those_reached_are_the_sum_of_their_kinds():
    effect = cs.compare(baseline(), granted(target={"segments": ["lenses"], "max_employees": 50}), replications=2)
    reach = effect.seen["reach"]
    assert len(reach) == 2 * 5
    parts = reach[["treated", "linked", "same_segment", "others_differ"]].sum(axis=1)
    assert (parts == reach["differ"]).all()
    assert (reach["differ"] <= reach["enterprises"]).all()
    assert (reach["links_differ"] <= reach["links"]).all()
    assert reach["treated"].min() > 0
