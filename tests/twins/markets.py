"""How final markets are divided."""

from twins.orders import added


def moved_shares(log_share, shock, goodwill, appeal, adjustment):
    """Log weights of everybody in every market: what is not adjusted of last year's, and what is of the appeal."""
    return [
        [
            (1.0 - adjustment) * (last + shock[i]) + adjustment * (won + appeal[i])
            for last, won in zip(log_share[i], goodwill[i], strict=True)
        ]
        for i in range(len(shock))
    ]


def count_weights(active, segment, share, weight, total):
    """What is left of everybody's weight, and the totals with it."""
    n, markets = weight.shape
    own = [[float(weight[i, m]) if active[i] and share[i, m] > 0.0 else 0.0 for m in range(markets)] for i in range(n)]
    return own, [
        [added([before[m], *(own[i][m] for i in range(n) if segment[i] == k)]) for m in range(markets)]
        for k, before in enumerate(total)
    ]
