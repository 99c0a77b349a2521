"""The main figures of five scenarios are those that were kept; they move only with a line under 'Results change'."""

from __future__ import annotations

import runpy
from pathlib import Path

import economies
import pandas as pd
import pytest

golden = runpy.run_path(str(economies.ROOT / "benchmarks" / "golden_figures.py"))
SAID = "# Changelog\n\n## Unreleased\n\n### Results change\n- Prices rise.\n\n## 1.0\n\n### Results change\n- Old.\n"


@pytest.fixture(scope="module")
def kept() -> pd.DataFrame:
    return golden["kept_figures"]().figures


def test_figures_are_those_that_were_kept(kept: pd.DataFrame) -> None:
    moved = golden["moved"](golden["figures"](), kept, golden["kept_figures"]().same)
    assert not moved, "\n".join([golden["ADVICE"].format(moved=len(moved)), *moved[:20]])


def test_five_scenarios_are_kept_with_their_last_years(kept: pd.DataFrame) -> None:
    assert sorted(set(kept["scenario"])) == sorted(golden["SCENARIOS"])
    assert len(kept) == 2 * (4 + 2 + 3 * 5)  # scopes; years of minimal, of two-regions-io, of those to 2035
    assert kept[list(golden["INDICATORS"])].notna().all(axis=None)


def test_any_figure_that_moves_is_seen(kept: pd.DataFrame) -> None:
    changed = kept.astype(dict.fromkeys(golden["INDICATORS"], float))
    for row, name in enumerate(golden["INDICATORS"]):
        changed.loc[row, name] = changed.loc[row, name] * (1 + 1e-7) + 1e-12
    assert len(golden["moved"](changed, kept)) == len(golden["INDICATORS"])


def test_a_row_that_is_gone_and_a_figure_more_are_seen(kept: pd.DataFrame) -> None:
    assert len(golden["moved"](kept.drop(index=3), kept)) == 1
    assert golden["moved"](kept.assign(more=1.0), kept) == ["more: not kept before"]


def test_the_last_digit_may_differ_between_machines(kept: pd.DataFrame) -> None:
    numbers = list(golden["INDICATORS"])
    assert golden["moved"](kept.assign(**kept[numbers] * (1 + 2e-9)), kept) == []


def test_they_are_held_to_a_thousandth_where_mathematics_has_other_bits(kept: pd.DataFrame) -> None:
    here = golden["kept_figures"]()._replace(mathematics=golden["mathematics"]())
    elsewhere = here._replace(mathematics="other")
    assert (here.same, elsewhere.same) == (golden["SAME"], golden["SAME_ELSEWHERE"])
    numbers = list(golden["INDICATORS"])
    assert golden["moved"](kept.assign(**kept[numbers] * (1 + 2e-4)), kept, elsewhere.same) == []
    assert golden["moved"](kept.assign(**kept[numbers] * 1.002 + 1e-9), kept, elsewhere.same) != []


def test_they_are_renewed_only_with_a_new_line_of_the_changelog(kept: pd.DataFrame, tmp_path: Path) -> None:
    file = tmp_path / "golden.csv"
    assert golden["renew"](kept, SAID, file) == ""
    assert golden["moved"](golden["kept_figures"](file).figures, kept) == []
    other = kept.assign(output=kept["output"] * 2)
    assert "Results change" in golden["renew"](other, SAID.replace("Old", "Older"), file)
    assert golden["moved"](golden["kept_figures"](file).figures, kept) == []
    assert golden["renew"](other, SAID.replace("rise", "fall"), file) == ""
    assert golden["moved"](golden["kept_figures"](file).figures, other) == []
