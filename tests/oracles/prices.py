"""Full-cost prices of an input-output economy (Leontief 1936, price dual; Sraffa 1960)."""

from oracles.leontief import Matrix, Vector, solve


def markup_prices(coefficients: Matrix, labour_cost: Vector, markup: float) -> Vector:
    """p = (1 + markup) (w + A' p), solved."""
    n, factor = len(labour_cost), 1 + markup
    matrix = [[float(i == j) - factor * coefficients[j][i] for j in range(n)] for i in range(n)]
    return solve(matrix, [factor * cost for cost in labour_cost])
