"""Input-output economies in plain Python: solving, summing rounds, and following orders enterprise by enterprise."""

MILLER_BLAIR = [[0.15, 0.25], [0.20, 0.05]]
"""Input coefficients of the two-sector example of Miller and Blair (2009), table 2.3."""

Matrix = list[list[float]]
Vector = list[float]


def solve(matrix: Matrix, right: Vector) -> Vector:
    """Gauss elimination with the largest pivot."""
    n = len(right)
    rows = [[*map(float, matrix[i]), float(right[i])] for i in range(n)]
    for p in range(n):
        best = max(range(p, n), key=lambda i: abs(rows[i][p]))
        rows[p], rows[best] = rows[best], rows[p]
        for i in range(p + 1, n):
            factor = rows[i][p] / rows[p][p]
            rows[i] = [x - factor * y for x, y in zip(rows[i], rows[p], strict=True)]
    solution = [0.0] * n
    for i in reversed(range(n)):
        known = sum(rows[i][j] * solution[j] for j in range(i + 1, n))
        solution[i] = (rows[i][n] - known) / rows[i][i]
    return solution


def output(coefficients: Matrix, final: Vector) -> Vector:
    """x = (I - A)^-1 f (Leontief 1936)."""
    n = len(final)
    return solve([[float(i == j) - coefficients[i][j] for j in range(n)] for i in range(n)], final)


def rounds(coefficients: Matrix, final: Vector, number: int) -> Vector:
    """f + A f + ... + A^number f: what has been ordered after `number` rounds of intermediate orders."""
    n = len(final)
    total, latest = list(final), list(final)
    for _ in range(number):
        latest = [sum(coefficients[i][j] * latest[j] for j in range(n)) for i in range(n)]
        total = [x + y for x, y in zip(total, latest, strict=True)]
    return total


def rationed_output(links: list[tuple[int, int, float]], final: Vector, limit: Vector, sweeps: int = 5000) -> Vector:
    """Output = min(orders, limit), orders = final sales + what the buyers' own output needs, by plain repetition.

    links: buyer, supplier, quantity bought per unit of the buyer's output.
    """
    made = [0.0] * len(final)
    for _ in range(sweeps):
        orders = list(final)
        for buyer, supplier, coefficient in links:
            orders[supplier] += coefficient * made[buyer]
        made = [min(order, most) for order, most in zip(orders, limit, strict=True)]
    return made
