"""Rules that a user might write, in a module that worker processes can import."""

import economies
import numpy as np

from chainsim import stages


class OnlyIfProfitable(stages.Investment):
    """Expands only where the price leaves a tenth above cost."""

    def desired_capital(self, economy):
        return np.where(
            economy.price > 1.1 * economy.unit_cost,
            economy.orders / (0.8 * economy.capacity_per_capital),
            economy.capital,
        )


class Scaled(stages.Investment):
    """Wants a multiple of the usual capital."""

    factor: float = 1.0

    def desired_capital(self, economy):
        return self.factor * super().desired_capital(economy)


class Learning(stages.Stage):
    """Productivity grows with what an enterprise sold more than the year before."""

    key = "learning"
    after = "production"
    writes = frozenset({"log_productivity"})

    rate: float = 0.05

    def gain(self, economy):
        grown = (economy.sales > 0) & (economy.last_sales > 0)
        ratio = np.divide(economy.sales, economy.last_sales, out=np.ones(economy.n), where=grown)
        return self.rate * np.maximum(np.log(ratio), 0.0)

    def step(self, economy):
        economy.log_productivity[:] += self.gain(economy)


class Ruinous(stages.Pricing):
    """Everybody sells below cost."""

    def price(self, economy):
        return np.full(economy.n, 0.8)


def losing(**more):
    """A crowd that loses money, overdraws its accounts and defaults."""
    return economies.crowd(**more).replace(stages=[Ruinous()])
