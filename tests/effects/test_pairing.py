"""Which scenarios can be a pair, and from which year on they may differ."""

from pathlib import Path

import pytest
from economies import START
from effect_cases import GRANT, baseline

import chainsim as cs
from chainsim.effects.pairing import NEVER, first_policy_year, labels, paired
from chainsim.scenario.errors import ScenarioError
from chainsim.scenario.write import dump
from chainsim.stages import Sourcing

BASE = baseline()


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
    policy = BASE.replace(stages=[Sourcing(review_rate=0.9)])
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


def test_policies_of_one_name_are_told_apart_by_their_folders(tmp_path: Path):
    grant = BASE.replace({"levers.a": GRANT})
    folders = [tmp_path / name for name in ("x", "y")]
    for folder in folders:
        folder.mkdir()
        (folder / "base.yaml").write_text(dump(grant))
        (folder / "plan.yaml").write_text("extends: base.yaml")
    plans = [cs.load(folder / "plan.yaml") for folder in folders]
    assert labels(BASE, plans) == ["plan (x)", "plan (y)"]
    assert labels(BASE, [plans[0], grant]) == ["plan", "policy"]
    assert labels(plans[0], plans) == ["plan (x)", "plan (y)"]
    named = [plan.replace({"name": "plan"}) for plan in plans]
    assert labels(BASE, named) == ["plan", "plan 2"]


def test_titles_do_not_keep_scenarios_apart():
    policy = BASE.replace({"title": {"en": "Other"}, "chain.segments.lenses.title": {"en": "Lenses", "zh": "镜头"}})
    assert paired(BASE, policy).chain.segments["lenses"].title.zh == "镜头"
