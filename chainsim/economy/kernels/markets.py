"""How final markets are divided.

Exponentials, logarithms and powers are taken of whole arrays, outside: a compiled one differs in the last bit.
"""

from __future__ import annotations

from chainsim.economy.kernels.philox import compiled


@compiled
def moved_shares(log_share, shock, goodwill, appeal, adjustment):
    """Log weights in final markets after a year, in place of last year's `log_share` (n, 4).

    They keep what is not adjusted of it, with the `shock` (n,), and move to `goodwill` (n, 4) and `appeal` (n,).
    """
    for i in range(log_share.shape[0]):
        for m in range(log_share.shape[1]):
            pull = adjustment * (goodwill[i, m] + appeal[i])
            log_share[i, m] = (1.0 - adjustment) * (log_share[i, m] + shock[i]) + pull


@compiled
def count_weights(active, segment, share, weight, total):
    """Take the `weight` (n, 4) in markets from who is not active or had no `share` (n, 4), and add the rest to `total`.

    It is (S, 4).
    """
    for i in range(weight.shape[0]):
        for m in range(weight.shape[1]):
            weight[i, m] = weight[i, m] if active[i] and share[i, m] > 0.0 else 0.0
            total[segment[i], m] += weight[i, m]
