"""Who leaves and who comes."""

import economies
import numpy as np
from switched import is_kept, lived, off

from chainsim.runs.simulation import simulate


def test_without_demography_nobody_enters_or_leaves():
    before, economy = lived(off("demography"))
    assert is_kept(before, economy, "founded", "active")
    region = simulate(off("demography"), 1).tables["region"]
    assert not region["entries"].any()
    assert not region["exits"].any()


def test_named_and_large_enterprises_leave_by_default_only():
    named = [economies.maker(f"firm_{k}", "lenses", 20.0) for k in range(8)]
    deadly = economies.crowd(enterprises=named).replace({"stages.demography.hazard_scale": 1e3})
    before, economy = lived(deadly)
    assert before.named.sum() == economy.active[economy.named].sum() == 8
    left = np.isin(before.identity[~before.named], economy.identity[economy.active])
    large = before.stages.demography.large(before)[~before.named]
    assert large.any()
    assert not left[~large].any()
