"""Promises about the documents: what they show runs, what they point at exists."""

import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
FOLDERS = ("docs", "benchmarks", "notebooks")
PROGRAMS = [path for folder in FOLDERS for kind in ("*.py", "*.ipynb") for path in sorted((ROOT / folder).glob(kind))]
"""Programs and notebooks, whose words are read like those of documents."""


def blocks(document: Path, language: str) -> str:
    """All code blocks of a language in a document, one after the other."""
    return "\n".join(re.findall(rf"^```{language}\n(.*?)^```", document.read_text(encoding="utf-8"), re.M | re.S))


@pytest.mark.slow
def test_the_python_of_the_readme_runs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    exec(compile(blocks(ROOT / "README.md", "python"), "README.md", "exec"), names)  # noqa: S102 - our own page
    assert len(names["changed"].region) == len(names["result"].region)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_of_the_documents_lead_to_files_that_exist(document: Path):
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", document.read_text(encoding="utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_link_is_named_for_the_file_it_leads_to(document: Path):
    links = re.findall(r"\[([\w\\]+\.py)\]\(([^)#\s]+)", document.read_text(encoding="utf-8"))
    assert [text for text, target in links if text.replace("\\", "") != Path(target).name] == []


PATHS = re.compile(r"(?<![\w./-])(?:chainsim|tests|docs|benchmarks|scenarios|notebooks)/[\w./-]*\w")
NAMES = re.compile(r"(?<![\w./-])chainsim(?:\.[A-Za-z_]\w*)+")


def is_there(name: str) -> bool:
    """Whether a dotted name is a module of the package or stands in one."""
    parts = name.split(".")
    thing = import_module(parts[0])
    for place, part in enumerate(parts[1:], 2):
        try:
            thing = getattr(thing, part, None) or import_module(".".join(parts[:place]))
        except ModuleNotFoundError:
            return False
    return True


@pytest.mark.parametrize("document", [*DOCUMENTS, *PROGRAMS], ids=lambda path: path.name)
def test_files_and_modules_that_a_document_names_exist(document: Path):
    text = document.read_text(encoding="utf-8")
    text = re.sub(r"\S*<name>\S*", "", text)
    if document.name == "CHANGELOG.md":
        text = re.sub(r"`[^`]+` ->", "", text)  # what has moved, and is there no more
    assert [path for path in sorted(set(PATHS.findall(text))) if not (ROOT / path).exists()] == []
    assert [name for name in sorted(set(NAMES.findall(text))) if not is_there(name)] == []


def test_the_targets_that_the_readme_names_are_in_the_makefile():
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.M))
    assert named
    assert all(
        re.search(rf"^{target}:.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M) for target in named
    )
