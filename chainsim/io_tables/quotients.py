"""Location quotients: the local share of inputs, where a region's table does not tell it, from sizes of industries.

    SLQ_i = (x_i / x) / (X_i / X)         CILQ_ij = SLQ_i / SLQ_j
    FLQ_ij = CILQ_ij lambda,  lambda = log2(1 + x / X)^delta       SLQ_i lambda on the diagonal
    AFLQ_ij = FLQ_ij log2(1 + SLQ_j) where SLQ_j > 1

for output x of the region and X of the nation; a share is at most 1.

Source: Flegg and Webber (2000); Miller and Blair (2009), ch. 8. Against ten observed provinces of Canada, mean error
of the local share of all inputs:

    times national coefficients        SLQ .060  CILQ .050  FLQ .055 (delta .1) .141 (.3)  AFLQ .047 (.1) .119 (.3)
    times what the region buys         SLQ .419  CILQ .391  FLQ .303 (delta .1) .134 (.3)  AFLQ .348 (.1) .156 (.3)
    ... less its imports from abroad   SLQ .276  CILQ .259  FLQ .191 (delta .1) .115 (.3)  AFLQ .219 (.1) .112 (.3)
    none: row totals of inflow         .117

No cell of the first line is more than the region uses. Ten provinces do not tell SLQ, CILQ, and FLQ and AFLQ with delta
.1 apart: against FLQ the others differ by .008 at most, with standard errors from .009 to .020. FLQ, the usual one, is
the default; that its delta is .1 and not .3 is told (.086, standard error .021), and .3 is best where only the nation's
outputs are known. Single cells err by .26 under all of them.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from chainsim.economy.types import Array

Quotient = Literal["slq", "cilq", "flq", "aflq"]
QUOTIENTS: tuple[Quotient, ...] = ("slq", "cilq", "flq", "aflq")
DELTA = 0.1
"""Exponent of regional size that fits observed provinces, far better than .3, where quotients multiply the nation's
coefficients."""

DELTA_OF_OWN_USE = 0.3
"""Exponent where they multiply what the region itself buys."""


def simple_quotients(region: Array, nation: Array) -> Array:
    """How much more of its output the region makes in each sector than the nation does, SLQ, (N,); 0 where neither."""
    shares, national = region / region.sum(), nation / nation.sum()
    return np.divide(shares, national, out=np.zeros_like(shares), where=national > 0)


def local_shares(kind: Quotient, region: Array, nation: Array, delta: float = DELTA) -> Array:
    """Estimated local share of each input (row) of each buyer (column), (N, N), from outputs of region and nation."""
    simple = simple_quotients(region, nation)
    if kind == "slq":
        return np.minimum(np.repeat(simple[:, None], simple.size, axis=1), 1.0)
    buyers = np.where(simple > 0, simple, np.inf)
    quotients = simple[:, None] / buyers[None, :]
    np.fill_diagonal(quotients, simple)
    if kind in ("flq", "aflq"):
        quotients = quotients * np.log2(1.0 + region.sum() / nation.sum()) ** delta
    if kind == "aflq":
        quotients = quotients * np.where(simple > 1, np.log2(1.0 + simple), 1.0)[None, :]
    return np.minimum(quotients, 1.0)


def quotient_name(kind: Quotient, delta: float, of_nation: bool) -> str:
    """What estimated shares are called in scenarios and reports: the quotient, its exponent, what it multiplies."""
    exponent = f", delta {delta:g}" if kind in ("flq", "aflq") else ""
    return f"{kind.upper()}{exponent}, of {'national coefficients' if of_nation else 'own use'}"
