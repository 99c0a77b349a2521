"""Arrays by what they hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
"""Numbers: money, quantities, shares, logarithms."""
Index = NDArray[np.int64]
"""Rows of enterprises, places in other arrays, or counts."""
Flags = NDArray[np.bool_]
"""Who or what is meant."""
