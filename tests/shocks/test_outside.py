"""Cuts of imports stop output by what nobody replaces, and are remembered when they are over."""

import economies
import numpy as np
import pytest
from policies import lived

from chainsim.economy.links import ABROAD, NATIONAL

CUT = {"type": "import_cut", "segment": "lenses", "share": 0.5, "scope": "province", "years": "2022-2023"}


def after(year):
    """The crowd under a cut of half the imported lenses in two years, at the end of a year."""
    return lived(economies.crowd(shocks={"cut": CUT}), year).economy


def test_the_risk_that_buyers_see_in_imports_adds_up_and_fades():
    added, left = 3.0 * 0.5, 0.9
    expected = {2021: 0.0, 2022: added, 2023: added * (1 + left), 2024: added * (1 + left) * left}
    expected[2025] = expected[2024] * left
    for year, risk in expected.items():
        assert after(year).region.import_risk == pytest.approx(np.array([risk, 0.0])), year


def test_remembered_cuts_lower_the_pull_of_imports_only():
    economy = after(2024)
    pull = economy.stages.sourcing.outside_pull(economy)
    assert pull[:, 0] == pytest.approx(np.ones(2))
    assert pull[:, 1] == pytest.approx(np.exp(-economy.region.import_risk))


WHOLE = {"type": "import_cut", "segment": "lenses", "share": 1.0, "scope": "province", "years": 2022}


def covered(origin, levers):
    """Output left in the year of a whole cut, over that without, by maker of cameras, and parts of inputs outside."""
    policy = {name: fields | {"years": "2021"} for name, fields in levers.items()}
    shocks = {"cut": WHOLE | {"origin": origin}}
    economy = lived(economies.crowd(shocks=shocks, levers=policy), 2022).economy
    left, links = economy.flows.covered, economy.links
    makers = np.flatnonzero((economy.segment == 1)[: left.size] & economy.operated[: left.size])
    own = [slice(links.start[row], links.start[row + 1]) for row in makers]
    outside = [
        np.average(links.supplier[s, None] == [NATIONAL, ABROAD], axis=0, weights=links.coefficient[s]) for s in own
    ]
    return left[makers], np.array(outside)


RAISED = {"more": {"type": "digitisation", "rate": 1.0, "additional": 1.0, "buys": {"lenses": 0.3}}}


@pytest.mark.parametrize("levers", [{}, RAISED])
@pytest.mark.parametrize(
    ("origin", "missing"), [("both", [1.0, 1.0]), ("abroad", [0.0, 0.5]), ("national", [0.5, 0.0])]
)
def test_output_falls_by_the_part_of_an_input_that_neither_origin_delivers(origin, missing, levers):
    """An origin that is cut replaces nothing of the other; what is missing is a part of all that a buyer takes."""
    left, outside = covered(origin, levers)
    assert left == pytest.approx(1.0 - outside @ missing)
