"""Settings of all tests: one thread a process, and the same examples in every run; pages left out where nobody reads them."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # two processes of tests share two cores

import pytest
from hypothesis import settings

settings.register_profile("chainsim", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("chainsim")


@pytest.fixture
def plain_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders of results whose page is empty: to draw it takes ten times as long as to run a small economy."""
    for saving in ("chainsim.runs.results", "chainsim.effects.effect"):
        monkeypatch.setattr(f"{saving}.page_of", lambda kind, output: "<html></html>")
