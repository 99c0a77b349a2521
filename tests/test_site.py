"""The site: its pages hang together before anything is built, and what is built is checked for broken links."""

from __future__ import annotations

import importlib.util
import os
import re
from pathlib import Path
from types import ModuleType

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parent.parent
PICTURES = (".png", ".svg")


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    """The script that makes the site, whose notebooks are not run."""
    spec = importlib.util.spec_from_file_location("make_site", ROOT / "docs" / "make_site.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    made.executed = lambda path: f"# {path.stem}\n"  # type: ignore[attr-defined]
    return made


@pytest.fixture(scope="module")
def pages(maker: ModuleType) -> dict[str, str]:
    """All pages by their path."""
    return dict(maker.pages())


def test_every_link_of_every_page_leads_to_a_page_or_picture(maker: ModuleType, pages: dict[str, str]) -> None:
    lost = [
        f"{name} -> {target}"
        for name, text in pages.items()
        for target in maker.targets(name, text)
        if target not in pages and not (target.endswith(PICTURES) and (ROOT / target).exists())
    ]
    assert lost == []
    assert len(pages) > 60


def test_the_navigation_names_pages_and_every_guide(pages: dict[str, str]) -> None:
    nav = YAML(typ="safe").load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    named = set(re.findall(r"[\w./-]+\.md", str(nav)))
    assert named - {"index.md"} <= set(pages)
    guides = {os.path.relpath(path, ROOT) for path in (ROOT / "docs").rglob("*.md")}
    notebooks = {f"notebooks/{path.name}.md" for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert guides | notebooks <= named


def test_every_public_name_has_a_page_with_its_docstring(pages: dict[str, str]) -> None:
    assert "replications" in pages["api/run.md"]
    assert "## save" in pages["api/Result.md"]


def test_the_builder_is_pinned() -> None:
    assert re.search(r'"zensical==[\d.]+"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert re.search(r"^zensical==", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.M)


def test_what_is_wrong_with_a_built_site_is_told(maker: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "other.html").write_text('<h1 id="here">Here</h1>', encoding="utf-8")
    (tmp_path / "index.html").write_text(
        '<a href="other.html#here"></a><a href="other.html#there"></a><a href="gone.html"></a>'
        '<a href="https://example.org"></a><script src="https://example.org/x.js"></script>',
        encoding="utf-8",
    )
    assert maker.check(tmp_path) == [
        "index.html loads https://example.org/x.js",
        "index.html -> other.html#there",
        "index.html -> gone.html",
    ]
    assert maker.check(tmp_path / "nothing") == [f"{tmp_path / 'nothing'} holds no page"]
