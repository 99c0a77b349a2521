"""What each lever adds: shares add up, twins share alike, a lever that does nothing adds nothing."""

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import qmc

from chainsim.search.surface import Setting, Surface, features, fitted, levers_of, losses, shares, terms_of

NAMES = ("one", "twin", "other", "idle")
SETTINGS = tuple(Setting(f"levers.{name}.rate", name, "strength", 0.0, 1.0) for name in NAMES)
SETTINGS += (Setting("levers.other.years", "other", "stop", 2025.0, 2030.0, whole=True),)


def truth(positions):
    """Twins that crowd each other out, a third that needs them, and one that does nothing."""
    one, twin, other, _, years = positions.T
    together = one + twin
    return (4.0 * together - together**2 + 2.0 * together * other + other * (2.0 * years - 1.0))[:, None]


@pytest.fixture(scope="module")
def surface() -> Surface:
    positions = qmc.Sobol(5, rng=0).random(64)
    luck = np.random.default_rng(1).normal(size=(6, 1, 1)) * features(SETTINGS, terms_of(SETTINGS), positions)[:, :1]
    return fitted(SETTINGS, ["jobs"], positions, truth(positions)[None] + luck)


def test_shares_add_up_to_the_effect_in_every_world(surface):
    places = np.random.default_rng(3).random((7, 5))
    assert shares(surface, places).sum(axis=2) == pytest.approx(surface.by_world(places))


def test_twins_share_alike_and_an_idle_lever_gets_nothing(surface):
    place = np.array([[0.8, 0.8, 0.5, 0.9, 1.0]])
    found = dict(zip(levers_of(surface), shares(surface, place).mean(axis=0)[0, :, 0], strict=True))
    lost = dict(zip(levers_of(surface), losses(surface, place).mean(axis=0)[0, :, 0], strict=True))
    luck = surface.coefficients[:, 0, 0].mean() - 4.0  # one of the twins has luck of its own in this surface
    assert found["one"] - 0.8 * luck == pytest.approx(found["twin"], abs=0.02)
    assert lost["one"] - 0.8 * luck == pytest.approx(lost["twin"], abs=0.02)
    assert found["idle"] == pytest.approx(0.0, abs=0.02)


def test_shares_are_the_mean_of_what_a_lever_adds_over_all_orders(surface):
    place = np.array([0.7, 0.4, 0.6, 0.2, 0.3])
    value = np.zeros(4)
    for order in permutations(range(4)):
        now = place * np.array([0, 0, 0, 0, 1])
        for number in order:
            before = surface.mean(now[None])[0, 0]
            now[number] = place[number]
            value[number] += (surface.mean(now[None])[0, 0] - before) / 24
    assert shares(surface, place[None]).mean(axis=0)[0, :, 0] == pytest.approx(value)
