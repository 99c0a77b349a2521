"""Random numbers and hashes."""

from oracles.philox import WORD, philox4x32, uniform

GOLDEN = 0x9E3779B97F4A7C15
STATES = 2**64

__all__ = ["fill_several", "mix", "mix_with_names", "next_on_circle", "number_newcomers", "uniform", "unit", "words"]


def mix(a: int, b: int) -> int:
    """Steele, Lea and Flood's finalizer of SplitMix64 on `a` xor `b` golden steps."""
    x = a ^ (b * GOLDEN) % STATES
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x = (x ^ x >> shift) * factor % STATES
    return x ^ x >> 31


def words(key: int, identity: int, slot: int, block: int) -> tuple[int, int, int, int]:
    """Four words for the counter (identity, slot, block)."""
    return philox4x32((identity % WORD, identity // WORD, slot, block), (key % WORD, key // WORD))


def unit(word: int) -> float:
    """The number in (0, 1) of the first 53 bits of a word."""
    return ((word >> 11) + 0.5) * 2.0**-53


def fill_several(purposes, year, identity):
    """The numbers of everybody, purpose by purpose."""
    return [[uniform(mix(purpose, year), who, 0) for who in identity] for purpose in purposes]


def mix_with_names(identity, names):
    """Everybody with every name."""
    return [mix(who, name) for who in identity for name in names]


def number_newcomers(counts, names, year):
    """Kind and identity of every newcomer."""
    return [(k, mix(mix(name, year), j)) for k, name in enumerate(names) for j in range(counts[k])]


def next_on_circle(identity, segment, rows, key, wanted, aim):
    """The row of each `wanted` segment next on the circle, all places sorted; -1 where the segment has none."""
    place = {int(row): int(segment[row]) + (mix(int(identity[row]), key) >> 11) * 2.0**-53 for row in rows}
    found = []
    for k, start in zip(wanted, aim, strict=True):
        circle = sorted((at, row) for row, at in place.items() if segment[row] == k)
        later = [row for at, row in circle if at >= start]
        found.append(later[0] if later else circle[0][1] if circle else -1)
    return found
