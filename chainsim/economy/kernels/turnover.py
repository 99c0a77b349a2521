"""Who closes by chance, who gets the sales of those who closed, and who leaves or joins a staff."""

from __future__ import annotations

import numpy as np

from chainsim.economy.kernels.philox import compiled


@compiled
def closing_chance(at_risk, age, segment, by_size, by_profit, usual_profit, by_age, class_of, level, out):
    """Probability that enterprises close by chance, into `out` (n,); 0 where they are not `at_risk` (n,).

    The hazard of the class of `age` (n,), `by_age` (c,) over `class_of` completed years, times the `level` (S,), times
    what size and profit make of it, `by_size` and `by_profit` (n,): sizes count against their mean in the class, profit
    against what it usually makes.
    """
    number, total = np.zeros(by_age.shape[0]), np.zeros(by_age.shape[0])
    last = class_of.shape[0] - 1
    for i in range(at_risk.shape[0]):
        if at_risk[i]:
            c = class_of[min(max(age[i], 1), last)]
            number[c] += 1.0
            total[c] += by_size[i]
    for c in range(by_age.shape[0]):
        total[c] /= number[c]  # not a number in a class where nobody is
    for i in range(at_risk.shape[0]):
        out[i] = 0.0
        if at_risk[i]:
            c = class_of[min(max(age[i], 1), last)]
            factor = by_size[i] / total[c] * by_profit[i] / usual_profit
            out[i] = min(by_age[c] * factor * level[segment[i]], 1.0)


@compiled
def hand_on(older, segment, factor, log_factor, growth, price, final_sales, expected_orders, market_share, goodwill):
    """Change shares, goodwill and expected orders of the `older` (n,) by the `factor` (S, 4) on their final markets.

    What they gain at last year's `final_sales` (n, 4) and own `price` (n,) grows as expected, by `growth` (S,).
    """
    for i in range(older.shape[0]):
        if older[i]:
            k, gained = segment[i], 0.0
            for m in range(factor.shape[1]):
                gained += (factor[k, m] - 1.0) * final_sales[i, m]
                market_share[i, m] *= factor[k, m]
                goodwill[i, m] += log_factor[k, m]
            expected_orders[i] += gained / price[i] * growth[k]


@compiled
def quit(present, wanted, stay, kept, vacancies):
    """What is `kept` (n,) of staff that is `present` (n,), of which a part `stay`, and what then lacks of `wanted`."""
    for i in range(present.shape[0]):
        kept[i] = max(stay * present[i], 0.0)
        vacancies[i] = max(wanted[i] - kept[i], 0.0)


@compiled
def hire(wanted, kept, vacancies, rate, least, present):
    """Staff that is `present` (n,) once vacancies are filled at a `rate`, or staff laid off to a part `least` of it."""
    for i in range(present.shape[0]):
        filled, left = kept[i] + rate * vacancies[i], max(wanted[i], least * present[i])
        present[i] = filled if wanted[i] > kept[i] else left
