"""`reproduce`: the same bits from a folder alone, and the first difference where the code or the folder is another."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sweeps import MINIMAL, small

import chainsim as cs
from chainsim.effects.ranking import rank
from chainsim.experiments.reproduce import reproduce
from chainsim.experiments.sensitivity import sensitivity
from chainsim.runs.certified import Damaged
from chainsim.runs.output_folder import OutputError
from chainsim.stages import Pricing

GRANT = {"levers.research": {"type": "rd_grant", "rate": 0.2, "years": "2021"}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs on disk."""
    return cs.run(MINIMAL, seed=7, replications=2).save(tmp_path_factory.mktemp("run") / "run")


def dearer_from(year: int) -> Any:
    """The markup of another version of the code."""
    markup = Pricing.markup

    def changed(stage: Pricing, economy: Any) -> Any:
        return markup(stage, economy) + 0.01 * (economy.year >= year)

    return changed


def test_a_run_is_the_same_to_the_last_bit_in_another_place(folder: Path, tmp_path: Path) -> None:
    found = reproduce(shutil.copytree(folder, tmp_path / "elsewhere"))
    assert found.same, found.lines()
    assert found.values > 1000
    assert found.lines()[-1].startswith("the same to the last bit")


def test_a_comparison_is_the_same_with_its_split(tmp_path: Path) -> None:
    effect = cs.compare(MINIMAL, MINIMAL.replace(GRANT), replications=2, seed=5, split=True)
    found = reproduce(effect.save(tmp_path / "comparison"))
    assert found.same, found.lines()
    assert found.tables > 10


def test_a_sweep_is_the_same_whole_or_in_part(tmp_path: Path) -> None:
    shard = cs.sweep(small(), tmp_path / "store", shard=(1, 2))
    assert not shard.complete
    assert reproduce(shard.folder).same
    assert reproduce(cs.sweep(small(), tmp_path / "store").folder).same


def test_other_code_is_told_with_the_first_year_that_differs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pricing, "markup", dearer_from(2022))
    monkeypatch.setattr("chainsim.runs.provenance.source_hash", lambda: "another")
    found = reproduce(folder)
    assert not found.same
    told = "\n".join(found.lines())
    assert "NOT the same" in told
    assert "first in 2022, table " in told
    assert "is stored" in told
    assert "another source hash" in told


def test_a_changed_default_is_named_although_the_folder_states_the_value(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chainsim.runs.provenance.source_hash", lambda: "another")
    assert reproduce(folder).defaults == []
    monkeypatch.setattr(Pricing.model_fields["lag"], "default", 0.25)
    monkeypatch.setattr(Pricing.model_fields["fixed"], "default", True)
    found = reproduce(folder)
    assert found.same
    assert found.defaults == [
        "stages.pricing.lag is 0.2 in the folder, 0.25 by default here",
        "stages.pricing.fixed is false in the folder, true by default here",
    ]
    assert "not the default of this copy: stages.pricing.lag is 0.2" in "\n".join(found.lines())


def test_what_a_scenario_chooses_is_no_changed_default_under_the_same_code(tmp_path: Path) -> None:
    chosen = MINIMAL.replace({"stages.pricing.lag": 0.1})
    assert reproduce(cs.run(chosen, seed=3).save(tmp_path / "run")).defaults == []


def test_a_changed_parameter_in_the_folder_is_told_as_damage(folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    text = (copy / "scenario.yaml").read_text(encoding="utf-8")
    (copy / "scenario.yaml").write_text(text.replace("lag: 0.2", "lag: 0.3"), encoding="utf-8")
    with pytest.raises(Damaged, match=r"scenario\.yaml"):
        reproduce(copy)


def test_a_run_with_a_stage_of_one_s_own_says_that_it_is_not_in_the_folder(tmp_path: Path) -> None:
    class Dear(Pricing):
        def markup(self, economy: Any) -> Any:
            return super().markup(economy) * 1.5

    folder = cs.run(MINIMAL.replace(stages=[Dear()]), seed=3).save(tmp_path / "own")
    found = reproduce(folder)
    assert not found.same
    assert any("stages of your own" in line for line in found.lines())


def test_what_holds_no_result_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="holds no result"):
        reproduce(tmp_path)


def test_a_sensitivity_analysis_is_made_anew_with_its_sweep_and_its_table(tmp_path: Path) -> None:
    design = {
        "scenario": MINIMAL.replace({"years.end": 2022}),
        "replications": 2,
        "vary": {"stages.pricing.lag": [0.1, 0.3]},
    }
    sensitivity(design, tmp_path / "made" / "store", indicators=("output",)).save(tmp_path / "made")
    found = reproduce(tmp_path / "made")
    assert found.same
    table = pd.read_csv(tmp_path / "made" / "sensitivity.csv")
    table.loc[0, "effect" if "effect" in table else table.columns[-1]] = 17.0
    table.to_csv(tmp_path / "made" / "sensitivity.csv", index=False)
    changed = reproduce(tmp_path / "made")
    assert [difference.table for difference in changed.differences] == ["sensitivity"]


def test_a_ranking_says_what_it_is_and_which_command_makes_it_anew(tmp_path: Path) -> None:
    policy = MINIMAL.replace({"years.end": 2022, "levers.a": {"type": "rd_grant", "rate": 0.2, "years": "2021-2022"}})
    rank(MINIMAL.replace({"years.end": 2022}), policy, replications=2, store=tmp_path / "ranked")
    with pytest.raises(OutputError, match=r"is a ranking of the levers of .* --replications 2 --seed \d+ -o FOLDER"):
        reproduce(tmp_path / "ranked")
