"""Promises about the code itself: who may import whom, what an import costs, what a parameter must say."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from typing import Annotated, Any, get_args

import pytest
from house_measures import LAYERS, ROOT, SMALL, House, room
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

import chainsim
from chainsim.scenario.scenario import Scenario
from chainsim.stages import CALENDAR

HOUSE = House(ROOT)
TESTS = ROOT / "tests"

HEAVY = {"matplotlib", "mesa", "networkx", "numba", "pandas", "pyarrow", "scipy"}

PUBLIC = {
    *{"load", "Scenario", "ScenarioError"},
    *{"run", "simulate", "RunFailed", "ChainModel", "Economy", "stages"},
    *{"compare", "Effect", "rank", "Ranking", "diverge", "branch", "Lever", "Shock"},
    *{"Result", "read", "OutputError"},
    *{"sweep", "open_store", "sensitivity", "calibrate", "optimise", "emulate"},
    "__version__",
}


def test_only_the_package_itself_stands_at_its_root():
    assert HOUSE.loose_files() == {"__init__.py", "py.typed"}


def test_every_room_has_its_place_in_the_layers():
    assert {room(module) for module in HOUSE.modules} - {""} == set(LAYERS)


def test_imports_point_downward():
    assert len(HOUSE.inside) > 500
    assert [str(found) for found in HOUSE.upward()] == []


UP_BY_NAME = {"chainsim.report.pages", "chainsim.report.effects"}
"""Pages that results write into their folders: `output_folder` alone names them, and loads them when a folder is saved."""


def test_names_of_modules_in_texts_point_downward_but_for_the_pages_of_results():
    found = HOUSE.upward_by_name()
    assert {(each.importer, each.target) for each in found} == {
        ("chainsim.runs.output_folder", page) for page in UP_BY_NAME
    }


def test_no_file_imports_itself_by_way_of_others():
    assert HOUSE.circles() == []


IN_FUNCTIONS = {"chainsim.cli.files", "chainsim.cli.main", "chainsim.cli.sweeps"}
"""Files that import modules of the package inside functions: a command loads what it needs, and no other command's."""


def test_imports_stand_at_the_top_of_the_file():
    assert {found.importer for found in HOUSE.in_functions()} <= IN_FUNCTIONS


def test_few_files_are_so_small_that_only_their_neighbour_needs_them():
    small = HOUSE.small_files()
    remedy = f"let some of them that belong together share a file (several shocks or levers may): {', '.join(small)}"
    assert len(small) <= 30, f"{len(small)} files have less than {SMALL} lines; {remedy}"


def test_every_library_imported_is_a_declared_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = project["dependencies"] + project["optional-dependencies"]["dask"]
    names = {normal(re.split(r"[<>=!\[; ]", line)[0]) for line in declared}
    providers = packages_distributions()
    modules = {found.target.split(".")[0] for found in HOUSE.outside} - sys.stdlib_module_names
    assert {module for module in modules if not {normal(name) for name in providers.get(module, [])} & names} == set()


def normal(name: str) -> str:
    """A distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def modules_after(statement: str) -> set[str]:
    """Modules that a fresh interpreter has loaded after the statement."""
    script = f"import sys\n{statement}\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def loaded_by(statement: str) -> set[str]:
    """Top-level modules that a fresh interpreter has loaded after the statement."""
    return {name.split(".")[0] for name in modules_after(statement)}


def test_importing_the_package_loads_nothing_else():
    assert (loaded_by("import chainsim") - loaded_by("import importlib, typing")) - sys.stdlib_module_names == {
        "chainsim"
    }


@pytest.mark.parametrize("module", ["chainsim.stages", "chainsim.scenario.load", "chainsim.cli.main"])
def test_reading_scenarios_and_parsing_commands_loads_no_heavy_library(module: str):
    assert loaded_by(f"import {module}") & HEAVY == set()


@pytest.mark.parametrize(
    ("command", "most"),
    [
        (["--help"], 5),  # the command line alone
        (["check", str(ROOT / "scenarios" / "jilin.yaml")], 92),  # economy, policy, stages and scenario; no runs
    ],
    ids=["help", "check"],
)
def test_a_quick_command_loads_few_modules_of_the_package(command: list[str], most: int):
    loaded = modules_after(f"from chainsim.cli.main import app\napp({command!r}, standalone_mode=False)")
    inside = {name for name in loaded if name.split(".")[0] == "chainsim"}
    assert 2 < len(inside) <= most, sorted(inside)
    assert {name.split(".")[0] for name in loaded} & HEAVY == set()
    assert {room(name) for name in inside} & {
        "runs",
        "store",
        "effects",
        "experiments",
        "validation",
        "figures",
    } == set()


def test_the_public_names_are_these_and_no_others():
    assert set(chainsim.__all__) == PUBLIC == set(dir(chainsim))


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_every_public_name_can_be_had(name: str):
    assert getattr(chainsim, name) is not None


def test_no_public_name_is_hidden_by_a_module_of_the_same_name():
    modules = {path.stem for path in HOUSE.package.iterdir()} - {"stages"}
    assert PUBLIC & modules == set(), "once imported, the module would stand where the name was"


def test_type_checkers_see_the_public_names_where_they_live():
    assert HOUSE.homes == chainsim.HOMES


def test_an_unknown_name_is_answered_with_the_names_there_are():
    with pytest.raises(AttributeError, match=r"'simulat'.*Scenario"):
        chainsim.simulat  # noqa: B018


def models_within(annotation: Any) -> Iterator[type[BaseModel]]:
    """Classes of pydantic models anywhere inside an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models_within(part)


def holds_float(annotation: Any) -> bool:
    """Whether a float may stand anywhere inside an annotation."""
    return annotation is float or any(holds_float(part) for part in get_args(annotation))


def all_models() -> list[type[BaseModel]]:
    """The scenario, everything it is made of, and the stages."""
    found: list[type[BaseModel]] = []
    waiting: list[type[BaseModel]] = [Scenario, *CALENDAR]
    while waiting:
        model = waiting.pop()
        if model not in found:
            found.append(model)
            waiting += [inner for field in model.model_fields.values() for inner in models_within(field.annotation)]
    return found


FIELDS = {
    f"{model.__name__}.{name}": field for model in all_models() for name, field in sorted(model.model_fields.items())
}


def says(field: FieldInfo) -> dict[str, Any]:
    """Unit, range and source of a field; empty where it was not built by `parameter`."""
    extra = field.json_schema_extra
    return extra if isinstance(extra, dict) else {}


def may_stand(field: FieldInfo, number: float) -> bool:
    """Whether a number passes the constraints of a field."""
    try:
        TypeAdapter(Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation).validate_json(
            json.dumps(int(number) if field.annotation is int else number)
        )
    except ValidationError:
        return False
    return True


SCHEMA = json.loads((ROOT / "scenarios" / "scenario.schema.json").read_text(encoding="utf-8"))["$defs"]
"""What editors know of every block of a scenario."""

READ = {
    name
    for file in HOUSE.files
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    for name in (
        [node.attr] if isinstance(node, ast.Attribute) else [node.value] if isinstance(node, ast.Constant) else []
    )
}
"""Names of attributes that the package reads, and all its texts: some fields are read by their name."""
KINDS_OF_SOURCE = re.compile(r"(J|T)(: .+)?|[SC]: .+|the scenario")


def debts(name: str, field: FieldInfo) -> Iterator[str]:
    """What a field of a scenario still owes to whoever reads it, one sentence each."""
    said = says(field)
    unit, source, low, high = (said.get(key) for key in ("unit", "source", "low", "high"))
    if not field.description:
        yield "say in a few words what it means"
    if holds_float(field.annotation) and not (unit and source):
        yield "declare it with parameter(default, unit, low, high, source, words)"
    if source and not KINDS_OF_SOURCE.fullmatch(source):
        yield f"write the source as 'S: author year', 'C: code', 'T', 'J' or 'the scenario', not '{source}'"
    if str(source or "").startswith("J") and None in (low, high):
        yield "give a range to sweep, because its value is a judgement"
    if low is not None and high is not None and not low < high:
        yield f"give a range that rises, not {low} to {high}"
    for end in (low, high):
        if end is not None and not may_stand(field, end):
            yield f"give a range that can be run: {end} is no value that it may have"
    stated = isinstance(field.default, int | float)
    if stated and None not in (low, high) and not low <= field.default <= high:
        yield f"its default {field.default} lies outside its range, {low} to {high}"
    model, key = name.split(".")
    if said and model in SCHEMA and key not in SCHEMA[model]["properties"]:
        yield "write the schema for editors anew: chainsim schema > scenarios/scenario.schema.json"
    if key not in READ:
        yield "let somebody read it: no file of the package does"


@pytest.mark.parametrize("name", FIELDS)
def test_a_parameter_owes_nothing(name: str):
    owed = list(debts(name, FIELDS[name]))
    assert not owed, f"{name} owes: " + "; ".join(owed)


def test_parameters_are_found_and_what_they_owe_is_told_at_once():
    assert sum(holds_float(field.annotation) for field in FIELDS.values()) > 100
    assert sum(isinstance(field.default, int | float) and "low" in says(field) for field in FIELDS.values()) > 50
    bare = FieldInfo(annotation=float, default=3.0, json_schema_extra={"source": "J, surely", "low": 0.0, "high": 1.0})
    assert len(list(debts("Pricing." + "unread" * 2, bare))) == 6


def test_no_file_is_too_long_to_read():
    assert {str(file.relative_to(ROOT)): lines for file, lines in HOUSE.lines.items() if lines > 400} == {}


def test_a_parameter_is_declared_in_two_lines_at_most():
    long = [
        f"{file.relative_to(ROOT)}:{node.lineno}: put value, unit, range and source on one line, words on the next"
        for file in HOUSE.files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "parameter"
        if (node.end_lineno or node.lineno) > node.lineno + 1
    ]
    assert long == []


def test_no_line_of_a_docstring_is_too_long_to_read():
    """The formatter breaks code, not text."""
    long = []
    for file in HOUSE.files:
        lines = file.read_text(encoding="utf-8").splitlines()
        for node in ast.walk(ast.parse("\n".join(lines))):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                within = range(node.lineno, (node.end_lineno or node.lineno) + 1)
                long += [f"{file.relative_to(ROOT)}:{line}" for line in within if len(lines[line - 1]) > 120]
    assert long == []


def test_no_file_names_a_place_on_somebody_s_machine():
    places = re.compile(r"(?<![\w.])/(?:home|Users|root|tmp|work)/")
    shipped = [path for folder in ("chainsim", "scenarios", "notebooks") for path in (ROOT / folder).rglob("*")]
    texts = [path for path in shipped if path.suffix in {".py", ".yaml", ".csv", ".html", ".ipynb", ".md"}]
    assert [str(path) for path in texts if places.search(path.read_text(encoding="utf-8"))] == []


def files_of_rooms() -> list[tuple[str, str]]:
    """Folder and name of every test file that stands in a folder for a room."""
    files = [path for path in TESTS.glob("*/test_*.py") if path.parent.name not in ("promises", "bad_input")]
    return sorted((path.parent.name, path.stem.removeprefix("test_")) for path in files)


def test_tests_stand_in_the_folders_of_the_rooms():
    assert {folder for folder, _ in files_of_rooms()} <= set(LAYERS)


@pytest.mark.parametrize(("folder", "name"), files_of_rooms(), ids=lambda part: part)
def test_a_test_file_is_named_for_the_module_it_tests(folder: str, name: str):
    inside = {path.stem for path in (HOUSE.package / folder).iterdir()}
    known = [module for module in inside | {folder} if name == module or name.startswith(f"{module}_")]
    assert known, f"no module of {folder} has this name"
