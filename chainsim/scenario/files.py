"""The files of a scenario: read safely, never from outside the folder of the file that names them."""

from __future__ import annotations

import os
from pathlib import Path
from stat import S_ISREG

from chainsim.scenario import nodes
from chainsim.scenario.errors import Mark, Problems, suggestion

LARGEST = 10_000_000
"""Most bytes of a file."""


class Files:
    """Reads files and remembers which; `name` is how a file is called in messages."""

    def __init__(self, scenario: Path, problems: Problems) -> None:
        self.folder = scenario.absolute().parent.resolve()
        self.problems = problems
        self.read: list[Path] = []
        self.complete = True

    def name(self, path: Path) -> str:
        """The path of a file relative to the folder of the scenario."""
        return os.path.relpath(path, self.folder).replace(os.sep, "/")

    def text(self, path: Path, mark: Mark, at: nodes.Path) -> str | None:
        """The text of a file; None if it cannot be read, with the reason among the problems."""
        refusal = _refusal(path)
        content = b""
        if refusal is None:
            try:
                content = path.read_bytes()
            except OSError as error:
                refusal = f"the file cannot be read: {error.strerror}"
        if refusal is not None:
            self.refuse(mark, at, f"{self.name(path)}: {refusal}" if mark.line else refusal)
            return None
        self.read.append(path)
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = content[: error.start]
            place = Mark(self.name(path), before.count(b"\n") + 1, len(before) - before.rfind(b"\n"))
            self.refuse(place, (), "the file is not UTF-8: save it as UTF-8 (in Excel: 'CSV UTF-8')")
            return None

    def inside(self, holder: Path, name: object, mark: Mark, at: nodes.Path) -> Path | None:
        """The path of a file named in `holder`, which must lie in the folder of `holder` or below."""
        if not isinstance(name, str) or not name or "\0" in name:
            self.refuse(mark, at, "expected the name of a file, relative to this one")
            return None
        folder = holder.parent.resolve()
        path = (folder / name).resolve()
        if not path.is_relative_to(folder):
            self.refuse(mark, at, f"'{name}' leads out of the folder of {holder.name}; copy the file into it")
            return None
        if not path.exists():
            near = suggestion(path.name, sorted(os.listdir(path.parent)) if path.parent.is_dir() else [], most=0)
            self.refuse(mark, at, f"there is no file '{name}'{near}")
            return None
        return path

    def refuse(self, mark: Mark, at: nodes.Path, message: str) -> None:
        """Note a file that is not read, so that nothing is said about values it might have held."""
        self.complete = False
        self.problems.add(mark, at, message)


def _refusal(path: Path) -> str | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return "there is no such file"
    except OSError as error:
        return f"the file cannot be read: {error.strerror}"
    except ValueError:
        return "this is not the name of a file"
    if not S_ISREG(status.st_mode):
        return "expected a file, found a folder or device"
    if status.st_size > LARGEST:
        return f"the file is larger than {LARGEST // 1_000_000} MB; put tables into CSV files"
    return None
