"""Costs, orders and deliveries along the links."""

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from chainsim.economy.kernels.orders import NOTHING
from chainsim.economy.links import ABROAD

Numbers = Any


def added(values: Iterable[float]) -> float:
    """The sum from left to right; `sum` of later Pythons is more exact than a loop."""
    total = 0.0
    for value in values:
        total += value
    return total


def input_cost(start, active, supplier, link_input, coefficient, price, outside_price) -> list[float]:
    """What the inputs of a unit of output cost."""

    def paid(e: int) -> float:
        if supplier[e] >= 0:
            return coefficient[e] * price[supplier[e]]
        return coefficient[e] * outside_price[link_input[e]][1 if supplier[e] == ABROAD else 0]

    return [added(paid(e) for e in range(start[i], start[i + 1])) if active[i] else 0.0 for i in range(len(active))]


def local_links(order, start, supplier, coefficient) -> list[list[tuple[int, float]]]:
    """Local supplier and coefficient of every link, one list for each buyer in `order`."""
    return [
        [(int(supplier[e]), float(coefficient[e])) for e in range(start[i], start[i + 1]) if supplier[e] >= 0]
        for i in order
    ]


def orders_of(order, local, final, output) -> list[float]:
    """Final orders and what buyers at these outputs need."""
    orders = [float(value) for value in final]
    for i, links in zip(order, local, strict=True):
        for j, coefficient in links:
            orders[j] += coefficient * output[i]
    return orders


def cascade(order, local, final, limit, covered, tolerance, sweeps, output) -> tuple[list[float], list[float], int]:
    """Output, orders and sweeps: one enterprise after the other makes what is ordered now, until nobody moves."""
    output = [float(value) for value in output]
    used = 0
    for sweep in range(sweeps):
        moved = False
        for i in order:
            wanted = max(min(orders_of(order, local, final, output)[i], limit[i]) * covered[i], 0.0)
            if abs(wanted - output[i]) > tolerance * wanted + NOTHING:
                output[i], moved = wanted, True
        if not moved:
            used = sweep + 1
            break
    return output, orders_of(order, local, final, output), used


def segment_medians(values, segment, counted, segments: int) -> list[float]:
    """Medians of the values of each segment's enterprises that count; 0 where there is none."""
    of_segment = [values[counted & (segment == k)].tolist() for k in range(segments)]
    return [statistics.median(each) if each else 0.0 for each in of_segment]


def select(own, first, end, place) -> float:
    """The number that stands at `place` once those from `first` to `end` are sorted."""
    return float(sorted(own[first:end].tolist())[place - first])


def segment_largest(values, segment, counted, segments: int) -> list[float]:
    """Largest of the values of each segment's enterprises that count, and 0 where none is above."""
    of_segment = [values[counted & (segment == k)] for k in range(segments)]
    return [max([0.0, *each.tolist()]) for each in of_segment]


def totals(block, length: int) -> list[float]:
    """The sum of the beginning of every row."""
    return [math.fsum(row[:length].tolist()) for row in block]


def product_totals(first, second, segment, counted, out) -> list[float]:
    """What there was of every segment, and the products of those that count."""
    return [
        added([before, *(first[i] * second[i] for i in range(len(segment)) if counted[i] and segment[i] == k)])
        for k, before in enumerate(out)
    ]


def column_totals(values, segment, counted, segments: int) -> list[list[float]]:
    """Sums by segment and column of `values` over those that count."""
    return [list(row) for row in zip(*segment_totals(values.T, segment, counted, segments), strict=True)]


def segment_totals(values, segment, counted, segments: int) -> list[list[float]]:
    """Sums by row of `values` and segment over the enterprises that count."""
    return [
        [added(row[i] for i in range(len(segment)) if counted[i] and segment[i] == k) for k in range(segments)]
        for row in values
    ]


def deliver(
    order,
    segment,
    start,
    supplier,
    link_input,
    coefficient,
    output,
    covered,
    price,
    fill,
    outside_price,
    supply,
    replaced,
    unmet,
    premium,
):
    """Purchases by (buyer, origin), sales by supplier and trade by (input, buyer segment, origin)."""
    bought: dict[Any, float] = defaultdict(float)
    sold: dict[Any, float] = defaultdict(float)
    trade: dict[Any, float] = defaultdict(float)

    def buy(i: int, l: int, origin: int, value: float) -> None:
        bought[i, origin] += value
        trade[l, int(segment[i]), origin] += value

    for i in order:
        for e in range(start[i], start[i + 1]):
            j, l, quantity = int(supplier[e]), int(link_input[e]), coefficient[e] * output[i]
            if j >= 0:
                value = quantity * fill[j] * price[j]
                sold[j] += value
                buy(i, l, 0, value)
                buy(i, l, 1, quantity * (1.0 - fill[j]) * unmet[l] * outside_price[l][0] * (1.0 + premium))
            else:
                origin = int(j == ABROAD)
                if supply[l][origin] < 1.0:
                    need = quantity / covered[i] if covered[i] > 0 else 0.0
                    had = min(quantity, supply[l][origin] * need)
                    other = min(quantity - had, replaced[l][origin] * need)
                    buy(i, l, 2 - origin, other * outside_price[l][1 - origin] * (1.0 + premium))
                    quantity = had
                buy(i, l, 1 + origin, quantity * outside_price[l][origin])
    return bought, sold, trade


def coverage(start, segment, active, supplier, link_input, coefficient, criticality, missing) -> list[float]:
    """Share of output that every enterprise can make when shares of outside supply are missing."""
    out = []
    for i in range(len(active)):
        short: dict[int, float] = defaultdict(float)
        taken: dict[int, float] = defaultdict(float)
        for e in range(start[i], start[i + 1]) if active[i] else ():
            taken[int(link_input[e])] += coefficient[e]
            if supplier[e] < 0:
                short[int(link_input[e])] += coefficient[e] * missing[link_input[e]][int(supplier[e] == ABROAD)]
        k = segment[i]
        losses = [criticality[l][k] * lacking / taken[l] for l, lacking in short.items() if taken[l] > 0]
        out.append(max(1.0 - max(losses, default=0.0), 0.0))
    return out
