"""One table of all oracles: what the reference says, what the model says, and how far apart they may be."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike


class Comparison(NamedTuple):
    """An oracle, the reference and the model's value, the largest difference and the one allowed."""

    oracle: str
    expected: str
    got: str
    difference: float
    tolerance: float


COMPARISONS: list[Comparison] = []


def agree(oracle: str, *, expected: ArrayLike, got: ArrayLike, tolerance: float, relative: bool = False) -> None:
    """Note the comparison in the table, and fail where the largest difference exceeds the tolerance."""
    wanted, found = np.asarray(expected, float), np.asarray(got, float)
    assert wanted.shape == found.shape, f"{oracle}: shape {found.shape} instead of {wanted.shape}"
    gap = np.abs(found - wanted) / (np.abs(wanted) if relative else 1.0)
    difference = float(gap.max(initial=0.0))
    COMPARISONS.append(Comparison(oracle, _short(wanted), _short(found), difference, tolerance))
    assert difference <= tolerance, f"{oracle}: expected {_short(wanted)}, got {_short(found)}, off by {difference:.3g}"


def show() -> str:
    """The table as text, in the order of the comparisons."""
    head = Comparison("oracle", "expected", "got", "difference", "tolerance")  # type: ignore[arg-type]
    rows = [row._replace(difference=f"{row.difference:.1e}", tolerance=f"{row.tolerance:.0e}") for row in COMPARISONS]
    widths = [max(len(str(row[column])) for row in [head, *rows]) for column in range(len(head))]
    return "\n".join(
        "  ".join(str(cell).ljust(w) for cell, w in zip(row, widths, strict=True)) for row in [head, *rows]
    )


def _short(values: np.ndarray) -> str:
    numbers = values.ravel()
    text = " ".join(f"{number:.8g}" for number in numbers[:4])
    return text if numbers.size <= 4 else f"{text} ... ({numbers.size} values)"
