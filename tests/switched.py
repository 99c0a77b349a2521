"""A crowd of enterprises with stages turned off, and the life that it leads."""

import economies
import numpy as np

from chainsim.runs.simulation import base_year
from chainsim.stages.year import advance

END = 2025


def off(*keys, **more):
    """A crowd with these stages disabled, and with other values at dotted paths."""
    return economies.crowd().replace({f"stages.{key}.enabled": False for key in keys} | more)


def lived(scenario, seed=1):
    """The economy in the base year and in the last year."""
    economy = base_year(scenario, seed)
    before = economy.copy(seed)
    while economy.year < economy.arrays.end:
        advance(economy)
    return before, economy


def is_kept(before, economy, *columns):
    """Whether these columns have the same bits for the same enterprises."""
    assert np.array_equal(before.identity, economy.identity)
    return all(np.array_equal(getattr(before, column), getattr(economy, column)) for column in columns)
