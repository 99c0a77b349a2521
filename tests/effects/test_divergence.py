"""Where, when and with whom two worlds part."""

from economies import START, two_separate_chains
from effect_cases import PLANTS, DearerOnce, baseline

import chainsim as cs

BASE = baseline()


def test_a_planted_price_is_found_with_its_year_stage_and_enterprise():
    found = cs.diverge(BASE, BASE.replace(stages=[DearerOnce()]))
    assert found is not None
    assert (found.year, found.step) == (START + 3, "pricing")
    assert found.what.columns == ("price",)
    assert found.enterprises["segment"].tolist() == ["cameras"]
    assert found.enterprises["columns"].tolist() == ["price"]
    assert "2023 at pricing: 1 enterprises (price)" in str(found)


def test_a_chain_that_is_tied_to_the_treated_one_by_nothing_is_not_reached():
    shared = {"agglomeration": 0.0, "congestion": 0.0, "spillover": 0.0, "knowledge_quality": 0.0}
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
