"""What a kind of design owes beside the points that it draws; one message names all that is missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pytest
from pydantic import Field
from scenario_files import written
from sweeps import design_file

from chainsim.economy.parameters import Frozen
from chainsim.experiments import sampling
from chainsim.experiments.axes import Axis
from chainsim.experiments.design_file import design_of, design_yaml
from chainsim.scenario.errors import Mark

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "sweeps.md").read_text(encoding="utf-8")
TESTS = (ROOT / "tests" / "experiments" / "test_design.py").read_text(encoding="utf-8")
WRITTEN = [
    found
    for found in vars(sampling).values()
    if isinstance(found, type) and "kind" in getattr(found, "model_fields", ())
]
"""Every class of `sampling.py` that names a kind."""
AXES = [
    Axis("x", Mark("here"), 0.3, low=0.0, high=1.0),
    Axis("y", Mark("here"), 3, low=2, high=5, whole=True),
    Axis("z", Mark("here"), True, values=(True, False)),
]
EXAMPLES = {"points": 8}
"""Values of keys that every design must state."""


def name_of(kind: type) -> str:
    """The word that a design file states."""
    return str(get_args(kind.model_fields["kind"].annotation)[0])  # type: ignore[attr-defined]


def owed(kinds: list[Any], registered: tuple[Any, ...], page: str, tests: str) -> list[str]:
    """What kinds of designs still owe, in sentences; none where all is there."""
    return [f"kind {name_of(kind)} owes {debt}" for kind in kinds for debt in debts(kind, registered, page, tests)]


def debts(kind: Any, registered: tuple[Any, ...], page: str, tests: str) -> Iterator[str]:
    """What one kind still owes."""
    name, keys = name_of(kind), [key for key in kind.model_fields if key != "kind"]
    if kind not in registered:
        yield "a place in the union Kind of chainsim/experiments/sampling.py, so that a design file can name it"
    if not kind.__doc__ or kind.__doc__.count(".") == 0:
        yield "a docstring that says which points are run"
    for key in keys:
        if not kind.model_fields[key].description:
            yield f"the meaning of its key `{key}`: Field(description=...)"
        if kind.model_fields[key].is_required() and key not in EXAMPLES and key != "file":
            yield f"a value of its key `{key}` in EXAMPLES of this file: it has no default"
    row = next((line for line in page.splitlines() if line.startswith(f"| `{name}` |")), "")
    missing = [key for key in keys if f"`{key}" not in row]
    if not row or missing:
        of_keys = f" with {', '.join(f'`{key}`' for key in missing)}" if missing else ""
        yield f"a row `| `{name}` | ...` in the table of kinds of docs/sweeps.md{of_keys}"
    if f'"{name}"' not in tests and f"kind: {name}" not in tests:
        yield "a test of its points in tests/experiments/test_design.py: which there are, and in which order"


def test_kinds_of_designs_owe_nothing() -> None:
    missing = owed(WRITTEN, get_args(sampling.Kind), PAGE, TESTS)
    assert not missing, "\n".join(missing)


def test_all_that_a_new_kind_owes_is_named_at_once() -> None:
    class Toy(Frozen):
        kind: Literal["toy"]
        points: int = Field()
        base: int = Field()

    found = owed([Toy], get_args(sampling.Kind), PAGE, TESTS)
    words = [
        "union Kind",
        "docstring",
        "`points`",
        "`base`: Field",
        "`base` in EXAMPLES",
        "docs/sweeps.md",
        "test_design",
    ]
    assert len(found) == len(words), found
    assert all(word in line for line, word in zip(found, words, strict=True))


def example(kind: Any) -> Any:
    """A design of a kind; what has no default is in EXAMPLES."""
    required = [key for key, field in kind.model_fields.items() if field.is_required() and key != "kind"]
    return kind(kind=name_of(kind), **{key: EXAMPLES[key] for key in required})


@pytest.mark.parametrize("kind", [kind for kind in WRITTEN if name_of(kind) != "list"], ids=name_of)
def test_every_kind_gives_each_axis_a_value_at_every_point_and_the_same_again(kind: Any) -> None:
    first, second = example(kind).columns(AXES), example(kind).columns(AXES)
    assert list(first) == ["x", "y", "z"]
    assert len({len(values) for values in first.values()}) == 1
    assert all(np.array_equal(first[path], second[path]) for path in first)
    assert first["x"].min() >= 0
    assert first["x"].max() <= 1
    assert set(first["y"].tolist()) <= {2, 3, 4, 5}
    assert set(first["z"].tolist()) == {True, False}


@pytest.mark.parametrize("kind", [kind for kind in WRITTEN if name_of(kind) != "list"], ids=name_of)
def test_a_design_of_every_kind_is_read_back_as_it_was_written(tmp_path: Path, kind: Any) -> None:
    keys = example(kind).model_dump()
    stated = ", ".join(f"{key}: {value}" for key, value in keys.items())
    vary = "{stages.sourcing.substitution: {low: 2, high: 4}, stages.sourcing.sample: [3, 4]}"
    design = design_of(design_file(tmp_path, f"scenario: case.yaml\nvary: {vary}\ndesign: {{{stated}}}\n"))
    again = design_of(written(tmp_path, design_yaml(design).replace("scenario.yaml", "case.yaml"), "again.yaml"))
    assert again.kind == design.kind
    assert all(np.array_equal(again.columns[path], design.columns[path]) for path in design.columns)
