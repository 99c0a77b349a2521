"""Cheapest staff for an output, found by search; accumulation of knowledge; the user cost of R&D."""

from collections.abc import Callable


def minimum(cost: Callable[[float], float], low: float, high: float) -> float:
    """Where a function with one valley is lowest, by golden sections."""
    ratio = (5**0.5 - 1) / 2
    for _ in range(300):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, right) if cost(left) < cost(right) else (left, high)
    return (low + high) / 2


def ces_output(staff: tuple[float, float], weights: tuple[float, float], elasticity: float) -> float:
    """[sum weight staff^((s-1)/s)]^(s/(s-1)); the Cobb-Douglas function at elasticity 1 (Arrow et al. 1961)."""
    if elasticity == 1:
        return staff[0] ** weights[0] * staff[1] ** weights[1]
    power = (elasticity - 1) / elasticity
    return sum(w * number**power for w, number in zip(weights, staff, strict=True)) ** (1 / power)


def cheapest_staff(
    output: float, wages: tuple[float, float], weights: tuple[float, float], elasticity: float
) -> tuple[float, float]:
    """Numbers of both kinds of staff that make the output at least cost, by search over their ratio."""

    def staff(ratio: float) -> tuple[float, float]:
        scale = output / ces_output((1.0, ratio), weights, elasticity)
        return scale, scale * ratio

    def cost(ratio: float) -> float:
        return sum(w * number for w, number in zip(wages, staff(ratio), strict=True))

    return staff(minimum(cost, 1e-6, 1e3))


def knowledge_per_rd(depreciation: float, growth: float, years: int = 2000) -> float:
    """Stock at the start of a year over the R&D of that year after long growth at one rate (Hall and Mairesse 1995)."""
    stock, spending = 0.0, 1.0
    for _ in range(years):
        stock = (1 - depreciation) * stock + spending
        spending *= 1 + growth
    return stock / spending


def rd_user_cost(tax_rate: float, extra_deduction: float) -> float:
    """After-tax cost of a yuan of R&D over the after-tax value of a yuan of profit (Warda 2001)."""
    cost = 1.0 - tax_rate * (1.0 + extra_deduction)
    return cost / (1.0 - tax_rate)
