"""What is predicted of portfolios that are chosen holds: they look best where a surface errs upwards."""

import economies
import numpy as np
import pytest

from chainsim.search import frontier, optimisation
from chainsim.search.optimisation import found_by
from chainsim.search.search_file import search_of

GRANT = {"type": "investment_grant", "rate": 0.2, "years": "2021-2022", "budget": 10.0, "stacking": "add"}
LEVERS = tuple("abcdef")
SEARCHES = 12


@pytest.fixture(scope="module")
def search():
    base = economies.shipped("minimal").replace({"years.end": 2022})
    return search_of(
        {
            "base": base,
            "policy": base.replace({"levers": dict.fromkeys(LEVERS, GRANT)}),
            "levers": {f"levers.{name}.budget": [0, 10] for name in LEVERS},
            "aims": {"employment": "max", "outlay": "min"},
            "worlds": None,
            "seeds": 4,
            "portfolios": 6,
            "verify": 4,
        }
    )


class Responses:
    """Stands in for runs: effects that are known but for luck, which end where a chain has no more people to hire."""

    def __init__(self, number: int) -> None:
        rng = np.random.default_rng(number)
        self.alone, self.fast, self.most = rng.normal(0.5, 1.0, 6), rng.uniform(1.0, 6.0, 6), rng.uniform(2.0, 4.0)
        self.bends, self.number = rng.normal(0.0, 0.3, (1000, 6)), number

    def truth(self, positions):
        rises = (1.0 - np.exp(-self.fast * positions)) / (1.0 - np.exp(-self.fast))
        jobs = self.most * np.tanh(rises @ self.alone / self.most)
        return np.column_stack([jobs, positions.sum(axis=1)])

    def make(self, wanted, title):
        """Nothing has to be run."""

    def effects(self, positions, pairs, title):
        found = np.repeat(self.truth(positions)[None], len(pairs), axis=0)
        for row, pair in enumerate(pairs):
            own = [np.random.default_rng([self.number, pair, *np.int64(place * 1e6)]).normal() for place in positions]
            found[row, :, 0] += positions @ self.bends[pair] + np.array(own)
        return found


def inside(search) -> tuple[float, float]:
    """Share of chosen portfolios whose truth lies in the prediction, and mean of what is promised too much."""
    held, more = [], []
    for number in range(SEARCHES):
        responses = Responses(number)
        found = found_by(search, responses)
        places = found.fresh.positions[:-1]
        predicted, truth = found.surface.predict(places), responses.truth(places)[:, 0]
        best = np.argmax(predicted.mean[:, 0])
        held += (np.abs(predicted.mean[:, 0] - truth) <= predicted.reach[:, 0]).tolist()
        more.append(predicted.mean[best, 0] - truth[best])
    return float(np.mean(held)), float(np.mean(more))


def test_predictions_of_what_was_chosen_hold_what_is_true(search, monkeypatch):
    for name, fewer in (("POWER", 10), ("ROUNDS", 8), ("CHILDREN", 512)):
        monkeypatch.setattr(frontier, name, fewer)
    held, more = inside(search)
    assert 0.80 <= held <= 0.99
    monkeypatch.setattr(optimisation, "LOOKS", 0)
    assert inside(search)[1] > 1.5 * more
