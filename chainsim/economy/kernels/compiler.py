"""How kernels are compiled."""

from __future__ import annotations

from typing import Any

from numba import njit

compiled: Any = njit(cache=True, nogil=True, error_model="numpy")
