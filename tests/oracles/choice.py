"""What a multinomial logit on -elasticity ln(price) implies (McFadden 1974; Anderson, de Palma and Thisse 1987)."""


def quantity_shares(prices: list[float], elasticity: float, constants: list[float] | None = None) -> list[float]:
    """Probability that an option is chosen, ~ constant p^-elasticity: shares in orders of equal quantity."""
    weights = [c * p**-elasticity for c, p in zip(constants or [1.0] * len(prices), prices, strict=True)]
    return [weight / sum(weights) for weight in weights]


def spending_shares(prices: list[float], elasticity: float) -> list[float]:
    """Share in spending, ~ p^(1 - elasticity)."""
    return quantity_shares(prices, elasticity - 1)


def mean_price_paid(prices: list[float], elasticity: float) -> float:
    """sum p^(1 - elasticity) / sum p^-elasticity."""
    return sum(p ** (1 - elasticity) for p in prices) / sum(p**-elasticity for p in prices)
