"""Who closes by chance, and who gets the sales of those who closed."""

from twins.orders import added


def closing_chance(at_risk, age, segment, by_size, by_profit, usual_profit, by_age, class_of, level):
    """Probability that everybody closes: hazard by age, size over the mean of the class, profit, level."""

    def group(i):
        return class_of[min(max(int(age[i]), 1), len(class_of) - 1)]

    def chance(i):
        own = [by_size[j] for j in range(len(age)) if at_risk[j] and group(j) == group(i)]
        factor = by_size[i] / (added(own) / len(own)) * by_profit[i] / usual_profit
        return float(min(by_age[group(i)] * factor * level[segment[i]], 1.0))

    return [chance(i) if at_risk[i] else 0.0 for i in range(len(age))]


def hand_on(older, segment, factor, log_factor, growth, price, final_sales, expected_orders, market_share, goodwill):
    """Expected orders, shares and goodwill afterwards, of everybody."""
    after = []
    for i, k in enumerate(segment):
        if not older[i]:
            after.append((expected_orders[i], market_share[i].tolist(), goodwill[i].tolist()))
            continue
        gained = added((part - 1.0) * sold for part, sold in zip(factor[k], final_sales[i], strict=True))
        shares = [share * part for share, part in zip(market_share[i], factor[k], strict=True)]
        known = [before + more for before, more in zip(goodwill[i], log_factor[k], strict=True)]
        after.append((expected_orders[i] + gained / price[i] * growth[k], shares, known))
    return after


def quit(present, wanted, stay):
    """What stays of everybody's staff, and what then lacks."""
    kept = [max(stay * staff, 0.0) for staff in present]
    return kept, [max(aim - left, 0.0) for aim, left in zip(wanted, kept, strict=True)]


def hire(present, wanted, kept, vacancies, rate, least):
    """Everybody's staff after a part of the vacancies is filled, or after layoffs."""
    return [
        left + rate * open_ if aim > left else max(aim, least * staff)
        for staff, aim, left, open_ in zip(present, wanted, kept, vacancies, strict=True)
    ]
