"""Model SIM of Godley and Lavoie (2007), chapter 3: the simplest economy whose books close."""

PROPENSITY_INCOME = 0.6
PROPENSITY_WEALTH = 0.4
TAX_RATE = 0.2
GOVERNMENT_SPENDING = 20.0

PUBLISHED = [38.4615, 47.9290]
"""Income in the first two years after government spending begins (table 3.4 prints 38.5 and 47.9)."""


def income_path(years: int) -> tuple[list[float], list[float]]:
    """Income and money at the end of each year, from an empty economy, by the reduced form."""
    money, incomes, stocks = 0.0, [], []
    for _ in range(years):
        income = (GOVERNMENT_SPENDING + PROPENSITY_WEALTH * money) / (1 - PROPENSITY_INCOME * (1 - TAX_RATE))
        disposable = (1 - TAX_RATE) * income
        money += disposable - PROPENSITY_INCOME * disposable - PROPENSITY_WEALTH * money
        incomes.append(income)
        stocks.append(money)
    return incomes, stocks


def stationary_income() -> float:
    """Income at which the budget is balanced."""
    return GOVERNMENT_SPENDING / TAX_RATE


def local_services(wages: float, dividends: float, spent: float, net: float, pay_share: float) -> float:
    """Sales of local services after all rounds: their staff spend on them as everybody does (Moretti 2010).

    spent: share of disposable income spent on them. net: of wages after tax. pay_share: wages they pay over sales.
    """
    services, income = 0.0, net * wages + dividends
    while income > 1e-15 * (wages + dividends):
        sold = spent * income
        services += sold
        income = net * pay_share * sold
    return services
