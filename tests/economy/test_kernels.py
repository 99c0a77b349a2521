"""Compiled code that is kept on disk: used again as long as it is what the source says, and else made anew."""

import ast
import importlib
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from chainsim.economy.kernels import FILES, philox
from chainsim.economy.kernels.philox import SOURCES, compiled

SOURCE = """
from typing import NamedTuple
from chainsim.economy.kernels.philox import compiled

class Pair(NamedTuple):
    a: int
    b: int

@compiled
def total(pair):
    return pair.a + pair.b
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module with a kernel of a named tuple, compiled and kept on disk."""
    (tmp_path / "kept_kernel.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    made = importlib.import_module("kept_kernel")
    assert made.total(made.Pair(1, 2)) == 3
    yield made
    del sys.modules["kept_kernel"]


def hits(kernel, pair):
    """How many compiled versions come from disk when a fresh process would call the kernel."""
    fresh = compiled(kernel.py_func)
    assert fresh(pair) == 3
    return sum(fresh.stats.cache_hits.values())


def test_what_was_compiled_is_used_again(module):
    assert hits(module.total, module.Pair(1, 2)) == 1


def test_a_kernel_is_compiled_anew_once_a_named_tuple_of_its_arguments_is_renamed(module):
    class Renamed(NamedTuple):
        a: int
        b: int

    Renamed.__module__, Renamed.__qualname__ = module.__name__, "Renamed"
    module.Renamed = Renamed
    del module.Pair
    assert hits(module.total, Renamed(1, 2)) == 0
    assert hits(module.total, Renamed(1, 2)) == 1


def test_a_kernel_is_compiled_anew_once_any_kernel_has_changed(module, monkeypatch):
    monkeypatch.setattr(philox, "STAMP", "of another source")
    assert hits(module.total, module.Pair(1, 2)) == 0


def test_kernels_are_made_of_nothing_but_the_files_whose_change_compiles_them_anew():
    kernels = [path for path in SOURCES if path.parent.name == "kernels"]
    assert len(kernels) == len(list(Path(philox.__file__).parent.glob("*.py")))
    nodes = [node for path in kernels for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    imports = [
        node for node in nodes if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("chainsim.")
    ]
    package = {name.name for node in imports if node.module == "chainsim.economy.kernels" for name in node.names}
    modules = {node.module.rpartition(".")[2] for node in imports if node.module != "chainsim.economy.kernels"}
    assert package | modules <= {path.stem for path in SOURCES}


def test_no_two_files_give_a_kernel_of_one_name():
    modules = [importlib.import_module(f"chainsim.economy.kernels.{file}") for file in FILES]
    names = [
        name
        for module in modules
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
    ]
    assert sorted(names) == sorted(set(names))
