"""A new file of a lever or shock is a new type; one message names all that it owes beside the file."""

from __future__ import annotations

import inspect
import re
import runpy
import sys
from collections.abc import Iterator
from typing import ClassVar, Literal

import economies
import policies
import pytest
import yaml
from pydantic import Field

from chainsim.economy.parameters import Share, parameter
from chainsim.levers import LEVERS, Lever
from chainsim.policy.lever import Intervention, Shock
from chainsim.policy.registry import by_type
from chainsim.shocks import SHOCKS
from chainsim.validation.lever_evidence import EXPERIMENTS

ROOT = economies.ROOT
COMMON = {*Lever.model_fields, *Shock.model_fields}


def text(path: str) -> str:
    """A file of the repository; empty where there is none."""
    file = ROOT / path
    return file.read_text(encoding="utf-8") if file.exists() else ""


GUIDE, SCHEMA = text("docs/policy-levers.md"), text("scenarios/scenario.schema.json")
MISSIONS = text("tests/promises/test_missions.py")
LOST = runpy.run_path(str(ROOT / "docs" / "make_policy_levers.py"))["DEADWEIGHT"]


def own_fields(item: type[Intervention]) -> list[str]:
    """Fields that only this lever or shock has."""
    return [name for name in item.model_fields if name not in COMMON or name == item.strength_field]


def debts_of_both(name: str, item: type[Intervention]) -> Iterator[str]:
    """What levers and shocks owe alike."""
    code = inspect.getsource(item)
    unread = [field for field in own_fields(item) if f"self.{field}" not in code and field != item.strength_field]
    if unread:
        yield f"a use of its fields {', '.join(unread)}: nothing in its class reads them"
    if f"[`{name}`](../{item.__module__.replace('.', '/')}.py)" not in GUIDE:
        yield "a row in docs/policy-levers.md: python docs/make_policy_levers.py"
    if f'"{name}"' not in SCHEMA:
        yield "its block in scenarios/scenario.schema.json: chainsim schema > scenarios/scenario.schema.json"


def debts_of_lever(name: str, item: type[Lever]) -> Iterator[str]:
    """What a lever owes."""
    about = sys.modules[item.__module__].__doc__ or ""
    yield from (f"a line '{word}: ...' at the end of the docstring of its file" for word in ("Cost", "Source")
                if not re.search(rf"^{word}: \S", about, re.M))  # fmt: skip
    yield from debts_of_both(name, item)
    if name not in LOST:
        yield "what of it is lost, an entry in DEADWEIGHT of docs/make_policy_levers.py"
    if name not in policies.POLICIES:
        yield (
            "its fields in POLICIES of tests/policies.py: then it is held to be neutral at zero, "
            "to pay by its own row ..."
        )
    if f'"{name}"' not in MISSIONS:
        yield "what it is for and by which channels: ARMS, MISSION and CHANNELS of tests/promises/test_missions.py"
    experiments = [experiment for experiment in EXPERIMENTS if experiment.lever == name]
    if not experiments:
        yield "an experiment and what studies found: EXPERIMENTS of chainsim/validation/lever_evidence.py"
    if not experiments or f"| {name} |" not in text("docs/validation.md"):
        yield "its rows in docs/validation.md: python docs/make_validation.py"
    yield from debts_of_scenario(f"lever-{name.replace('_', '-')}.yaml", name, item)


def debts_of_scenario(file: str, name: str, item: type[Lever]) -> Iterator[str]:
    """What the scenario file of a lever lacks."""
    shown = text(f"scenarios/{file}")
    if not shown:
        yield f"a scenario, scenarios/{file}: cost, caveat and source at its head, every field shown"
        yield f"its row in docs/lever-responses.md, once scenarios/{file} is there: python docs/make_responses.py"
        return
    for word in ("Costs", "Caveat", "Source"):
        if not re.search(rf"^# {word}: .+", shown, re.M):
            yield f"a line '# {word}: ...' at the head of scenarios/{file}"
    stated = {lever["type"] for lever in yaml.safe_load(shown)["levers"].values()}
    if stated != {name}:
        yield f"levers of its own type, and no others, in scenarios/{file}"
    hidden = [field for field in own_fields(item) if f"{field}:" not in shown]
    if hidden:
        yield f"its fields {', '.join(hidden)} in scenarios/{file}"
    if f"(../scenarios/{file})" not in text("docs/lever-responses.md"):
        yield "its row in docs/lever-responses.md: python docs/make_responses.py"


def debts_of_shock(name: str, item: type[Shock]) -> Iterator[str]:
    """What a shock owes."""
    yield from debts_of_both(name, item)
    if name not in policies.SHOCK_FIELDS:
        yield "its fields in SHOCK_FIELDS of tests/policies.py: then it is held to change nothing outside its years"


def owed(name: str, debts: Iterator[str]) -> str:
    """All debts of a lever or shock in one message; empty where it owes nothing."""
    found = list(debts)
    return "\n  - ".join([f"{name} still owes", *found]) if found else ""


@pytest.mark.parametrize("name", sorted(LEVERS))
def test_every_lever_has_what_it_owes(name: str):
    missing = owed(name, debts_of_lever(name, LEVERS[name]))
    assert not missing, missing


@pytest.mark.parametrize("name", sorted(SHOCKS))
def test_every_shock_has_what_it_owes(name: str):
    missing = owed(name, debts_of_shock(name, SHOCKS[name]))
    assert not missing, missing


@pytest.mark.parametrize(("folder", "known"), [("levers", LEVERS), ("shocks", SHOCKS)])
def test_every_file_of_the_folder_holds_types(folder, known):
    """A file is named for its only type; short ones that belong together may share a file."""
    files = {path.stem for path in (ROOT / "chainsim" / folder).glob("*.py")} - {"__init__"}
    types = {file: [name for name, kind in known.items() if kind.__module__.endswith(f".{file}")] for file in files}
    assert {file: found for file, found in types.items() if not found or (len(found) == 1 and found != [file])} == {}


HEAD = "from typing import Literal\nfrom pydantic import Field\nfrom chainsim.policy.lever import Lever\n"
NAMED = '    type: Literal["{0}"] = Field("{0}", description="Kind of lever.")'


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Writes a package of lever files, each a class with the given line in its body, and returns its name."""

    def write(**bodies: str) -> str:
        package = tmp_path / f"levers_of_{tmp_path.name}"
        package.mkdir()
        (package / "__init__.py").write_text("")
        for name, body in bodies.items():
            (package / f"{name}.py").write_text(f"{HEAD}class {name.title()}(Lever):\n{body}\n")
        return package.name

    monkeypatch.syspath_prepend(tmp_path)
    return write


def test_the_files_of_a_folder_are_found_by_what_their_classes_say(folder):
    name = folder(toy=NAMED.format("toy"), other=NAMED.format("other"))
    assert {key: kind.__name__ for key, kind in by_type(name, Lever).items()} == {"toy": "Toy", "other": "Other"}


@pytest.mark.parametrize(
    "body",
    [
        "    pass",
        '    type: str = Field("toy", description="Kind of lever.")',
        '    type = "toy"',
        '    type: Literal["toy"]',
        '    type: Literal["toy"] = "ty"',
        '    type: "Unknown" = "toy"',
    ],
    ids=["missing", "string", "untyped", "no default", "other default", "unknown name"],
)
def test_a_class_that_does_not_say_its_type_is_named_with_its_file_and_the_line_to_write(folder, body):
    with pytest.raises(TypeError) as refused:
        by_type(folder(toy=body), Lever)
    message = str(refused.value)
    for words in ("toy.py", "class Toy", 'type: Literal["toy"] = Field("toy"'):
        assert words in message, message


def test_a_file_may_hold_several_types(folder):
    both = NAMED.format("first") + "\n\nclass Second(Lever):\n" + NAMED.format("second")
    assert [*by_type(folder(first=both), Lever)] == ["first", "second"]


def test_two_classes_of_one_type_are_refused(folder):
    with pytest.raises(TypeError, match=r"toy\.py: class Toy says type 'toy', but class Other of .*other has it"):
        by_type(folder(other=NAMED.format("toy"), toy=NAMED.format("toy")), Lever)


class Toy(Lever):
    """A lever that nobody has told of."""

    strength_field: ClassVar[str] = "rate"

    type: Literal["toy"] = Field("toy", description="Kind of lever.")
    rate: Share = parameter(..., "1", None, None, "the scenario", "strength")
    idle: Share = parameter(0.5, "1", 0.0, 1.0, "J", "a field that nothing reads")


def test_all_that_a_new_lever_owes_is_named_at_once():
    message = owed("toy", debts_of_lever("toy", Toy))
    words = (
        "Cost",
        "Source",
        "idle",
        "make_policy_levers",
        "schema",
        "DEADWEIGHT",
        "POLICIES",
        "MISSION",
        "EXPERIMENTS",
    )
    assert [word for word in (*words, "validation.md", "lever-toy.yaml", "responses.md") if word not in message] == []
    assert message.count("\n") == 12
