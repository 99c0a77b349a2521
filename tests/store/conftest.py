"""A whole store, and copies of it to damage."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sweeps import small

import chainsim as cs


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of the small design, run in one go."""
    return cs.sweep(small(), tmp_path_factory.mktemp("whole") / "store", chunk=5).folder


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    """A copy of that store to damage."""
    return Path(shutil.copytree(whole, tmp_path / "copy"))
