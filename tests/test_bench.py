"""What the benchmark holds the package against does the work of the package."""

import shutil
import subprocess
import sys
from pathlib import Path

import economies
import pytest

BENCHMARKS = economies.ROOT / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import bench  # noqa: E402
import mesa_equivalence  # noqa: E402
import mesa_objects  # noqa: E402

STILL = mesa_equivalence.without_turnover(economies.shipped("minimal"), calm=True)


@pytest.mark.parametrize("name", ["minimal", "two-regions-io"])
def test_plain_objects_equal_the_package_where_luck_has_no_part(name: str) -> None:
    still = mesa_equivalence.without_turnover(economies.shipped(name), calm=True)
    assert max(mesa_equivalence.first_year(still, seed=1).values()) < 1e-12


def test_plain_objects_agree_with_the_package_over_seeds() -> None:
    for name, (gap, error) in mesa_equivalence.apart(STILL, range(1, 17), years=5).items():
        assert abs(gap) < 4.0 * error, name
        assert error < 0.1, name


def test_a_changed_rule_of_plain_objects_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mesa_objects.Enterprise, "norm", lambda self, sales: 1.02 * self.rd_share * sales)
    assert mesa_equivalence.first_year(STILL, seed=1)["rd"] > 1e-3


@pytest.mark.skipif(not any(map(shutil.which, ("cc", "gcc", "clang"))), reason="no C compiler")
def test_the_bound_times_every_stage(tmp_path: Path) -> None:
    program = bench.compiled_bound(tmp_path)
    assert program is not None
    like = {"enterprises": 2000, "links": 20, "local": 0.3, "reviewed": 3.0, "candidates": 5, "sweeps": 9}
    found = bench.bound(program, like | {"entry": 0.05, "served": 3}, 2)
    total = found.pop("total")
    assert len(found) == 13
    assert min(found.values()) > 0.0
    assert sum(found.values()) == pytest.approx(total, abs=0.1)
    assert subprocess.run([program, "1"], check=False, capture_output=True).returncode == 2
