"""How kernels are compiled, and what stands for a supplier that is no local enterprise."""

from __future__ import annotations

from typing import Any

from numba import njit

NATIONAL = -1
ABROAD = -2
NOBODY = -3
CLOSED = -4

compiled: Any = njit(cache=True, nogil=True, error_model="numpy")
