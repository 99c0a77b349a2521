"""The scenarios that come with the package, and copies of them to start from."""

from __future__ import annotations

import json
import re
from pathlib import Path

from chainsim.scenario.errors import Mark, Problem, Problems, ScenarioError, printable, suggestion
from chainsim.scenario.json_schema import schema_text
from chainsim.scenario.load import gathered

SCHEMA_LINE = re.compile(r"# yaml-language-server: \$schema=(?P<file>[\w.-]+)\s")


def shipped() -> Path:
    """The folder of the shipped scenarios: inside the installed package, or that of the repository."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_scenarios"
    return installed if installed.is_dir() else package.parent / "scenarios"


def templates() -> dict[str, Path]:
    """The shipped scenarios by name."""
    return {path.stem: path for path in sorted(shipped().glob("*.yaml"))}


def start(name: str, template: str = "minimal") -> list[Path]:
    """Copy a shipped scenario with what it needs, called `name`, and return the files written, the scenario first.

    Nothing is overwritten: a file that is there already must be equal to the one it would become.

    Raises
        ScenarioError: for an unknown template, and for files that are in the way.
    """
    known = templates()
    if template not in known:
        raise _refused("--from", f"unknown template '{template}'{suggestion(template, known, most=99)}")
    bare = name.removesuffix(".yaml").removesuffix(".yml")
    if not Path(bare).name.strip(". ") or bare.endswith("/"):
        raise _refused("NAME", f"expected a name such as my-region, found '{name}'")
    if not name.isprintable():
        raise _refused("NAME", f"'{printable(name)}' has letters that no name can have")
    target = Path(name if name != bare else f"{name}.yaml")
    copies = {target: _renamed(known[template].read_text(encoding="utf-8"), target.stem).encode()}
    copies |= {target.parent / path: content for path, content in _needed(known[template]).items()}
    taken = [path for path, content in copies.items() if path.exists() and path.read_bytes() != content]
    if taken or target.exists():
        raise _refused(name, f"{', '.join(map(str, taken or [target]))} exists already; choose another name or folder")
    written = [path for path in copies if not path.exists()]
    _write_all({path: copies[path] for path in written})
    return written


def _write_all(contents: dict[Path, bytes]) -> None:
    """Write new files and the folders they need, or nothing at all. *Raises* OSError where the disk refuses."""
    folders = [folder for path in contents for folder in (path.parent, *path.parent.parents) if not folder.exists()]
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except OSError as error:
        for path in contents:
            path.unlink(missing_ok=True)
        for folder in sorted(set(folders), key=lambda folder: -len(folder.parts)):
            if folder.is_dir():
                folder.rmdir()
        raise OSError(error.errno, error.strerror, str(next(iter(contents)))) from error


def _needed(template: Path) -> dict[Path, bytes]:
    """What a scenario needs beside it: the files it extends, the folders of its tables, the schema for editors."""
    _, files = gathered(template, {}, Problems())
    folders = {path.parent for path in files.read if path.suffix == ".csv"}
    read = {path for path in files.read if path != template.resolve()} | {
        path for folder in folders for path in folder.glob("*.csv")
    }
    needed = {path.relative_to(files.folder): path.read_bytes() for path in sorted(read)}
    named = SCHEMA_LINE.match(template.read_text(encoding="utf-8"))
    if named is not None:
        needed[Path(named["file"])] = schema_text().encode()
    return needed


def _renamed(text: str, name: str) -> str:
    """The text of a scenario under another name."""
    return re.sub(
        r"(?m)^name: .*?(?=\s*(#|$))", lambda _: f"name: {json.dumps(name, ensure_ascii=False)}", text, count=1
    )


def _refused(place: str, message: str) -> ScenarioError:
    return ScenarioError([Problem(*Mark(place), "", message)])
