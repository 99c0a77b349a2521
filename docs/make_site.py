"""Prepares and checks the site: `python docs/make_site.py` writes its pages, `... check` finishes what was built.

The pages are plain Markdown in `build/pages`, laid out like the repository: all documents, the notebooks with what they
print and draw, the public interface from its docstrings, the ODD document, and a page for every file that a document
points at. `mkdocs.yml` builds them with Zensical, or with MkDocs.
"""

from __future__ import annotations

import base64
import inspect
import os
import re
import shutil
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
from nbclient import NotebookClient

import chainsim as cs
from chainsim.report.odd import odd

ROOT = Path(__file__).parent.parent
PAGES, SITE = ROOT / "build" / "pages", ROOT / "build" / "site"
WORKPLACE = ROOT / "build" / "workplace"
"""Where notebooks run, laid out like the repository."""
DOCUMENTS = ("*.md", "docs/*.md", "docs/zh/*.md")
HOME = "README.md"
LINK = re.compile(r"(\]\()(?!https?:|mailto:|#)([^)#\s]+)(#[^)\s]*)?(\))")
LANGUAGES = {".py": "python", ".yaml": "yaml", ".yml": "yaml", ".json": "json", ".cff": "yaml", ".toml": "toml"}
SHOWN_LINES = 1200
"""Lines of a file that its page shows."""


def pages() -> dict[str, str]:
    """Every page by its path in the repository; pages of files are found from the links of the others."""
    documents = [path for pattern in DOCUMENTS for path in sorted(ROOT.glob(pattern))]
    found = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in documents}
    found |= {f"{path.relative_to(ROOT).as_posix()}.md": executed(path) for path in notebooks()}
    found |= reference()
    found["odd.md"] = odd(cs.load(ROOT / "scenarios" / "jilin-package.yaml"))
    for target in sorted({target for name, text in found.items() for target in targets(name, text)}):
        place = ROOT / target
        if page_of(target) not in found and place.suffix not in (".md", ".png", ".svg"):
            found[page_of(target)] = folder_page(place) if place.is_dir() else file_page(place)
    return {name: relinked(name, text) for name, text in found.items()}


def notebooks() -> list[Path]:
    """The notebooks in their order."""
    return sorted((ROOT / "notebooks").glob("*.ipynb"))


def targets(name: str, text: str) -> Iterator[str]:
    """Paths in the repository that a page points at."""
    for _, target, _, _ in LINK.findall(outside_code(text)):
        yield os.path.normpath(os.path.join(os.path.dirname(name), unquote(target).replace("\\", "")))


def outside_code(text: str) -> str:
    """A text without its code blocks."""
    return re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)


def page_of(target: str) -> str:
    """The page of a path of the repository."""
    if target == HOME or target.endswith((".md", ".png", ".svg")):
        return target
    return f"{target}/index.md" if (ROOT / target).is_dir() else f"{target}.md"


def relinked(name: str, text: str) -> str:
    """A page whose links lead to pages."""

    def moved(match: re.Match[str]) -> str:
        target = os.path.normpath(os.path.join(os.path.dirname(name), unquote(match[2]).replace("\\", "")))
        place = os.path.relpath(page_of(target), os.path.dirname(name) or ".")
        return f"{match[1]}{place}{match[3] or ''}{match[4]}"

    parts = re.split(r"(^```.*?^```)", text, flags=re.M | re.S)
    return "".join(part if part.startswith("```") else LINK.sub(moved, part) for part in parts)


def file_page(path: Path) -> str:
    """The page of a file that is no document."""
    lines = path.read_text(encoding="utf-8").splitlines()
    text = "\n".join(lines[:SHOWN_LINES])
    more = f"\n\n*{len(lines) - SHOWN_LINES:,} more lines are in the file.*" if len(lines) > SHOWN_LINES else ""
    name = path.relative_to(ROOT).as_posix()
    return f"# {name}\n\n````{LANGUAGES.get(path.suffix, 'text')}\n{text}\n````{more}\n"


def folder_page(folder: Path) -> str:
    """The page of a folder: its files."""
    names = sorted(path.name for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    lines = "\n".join(f"- `{name}`" for name in names)
    return f"# {folder.relative_to(ROOT).as_posix()}/\n\n{lines}\n"


def executed(path: Path) -> str:
    """A notebook as a page, with what it prints and draws; it runs where no results of an older code lie."""
    book = nbformat.read(path, as_version=4)
    place = {"metadata": {"path": str(WORKPLACE / "notebooks")}}
    NotebookClient(book, timeout=900, kernel_name="python3", resources=place).execute()
    parts = []
    for cell in book.cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
        elif cell.cell_type == "code":
            parts.append(f"```python\n{cell.source}\n```")
            parts += [shown(output, f"{path.stem}-{len(parts)}-{number}") for number, output in enumerate(cell.outputs)]
    return "\n\n".join(parts) + "\n"


def shown(output: nbformat.NotebookNode, name: str) -> str:
    """What a cell printed, returned or drew."""
    if output.output_type == "stream":
        return f"```text\n{output.text.rstrip()}\n```"
    data = output.get("data", {})
    if "image/png" in data:
        picture = PAGES / "notebooks" / "images" / f"{name}.png"
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_bytes(base64.b64decode(data["image/png"]))
        return f"![What the cell above draws](images/{name}.png)"
    if "text/html" in data:
        return re.sub(r'<style.*?</style>\s*| border="1" class="dataframe"', "", data["text/html"], flags=re.S)
    return f"```text\n{data.get('text/plain', '').rstrip()}\n```"


def reference() -> dict[str, str]:
    """A page for every public name, and one that lists them."""
    names = [name for name in cs.__all__ if name not in ("__version__", "stages")]
    rows = [f"| [`{name}`]({name}.md) | {first_line(getattr(cs, name))} |" for name in names]
    opening = "# The interface\n\nThe names below are the whole public surface of `import chainsim as cs`.\n\n"
    found = {"api/index.md": opening + "\n".join(["| name | |", "|---|---|", *rows]) + "\n"}
    return found | {f"api/{name}.md": described(name, getattr(cs, name)) for name in names}


def first_line(thing: object) -> str:
    """First line of a docstring."""
    return plain((inspect.getdoc(thing) or "").partition("\n")[0]).replace("|", "\\|")


def plain(text: str) -> str:
    """A docstring as Markdown: what looks like a tag is none."""
    return text.replace("<", "&lt;")


def described(name: str, thing: object) -> str:
    """The page of a public name: signature, docstring, and for a class its methods and properties."""
    home = inspect.getmodule(thing)
    parts = [
        f"# {name}",
        f"`{home.__name__}`" if home else "",
        *signed(name, thing),
        plain(inspect.getdoc(thing) or ""),
    ]
    if inspect.isclass(thing) and not issubclass(thing, Exception):
        for key, item in sorted(vars(thing).items()):
            if key.startswith("_") or not inspect.getdoc(item) or not isinstance(item, OWN):
                continue
            item = item.__func__ if isinstance(item, classmethod | staticmethod) else item
            parts += [f"## {key}", *signed(key, item), plain(inspect.getdoc(item) or "")]
    return "\n\n".join(part for part in parts if part) + "\n"


OWN = (type(described), property, classmethod, staticmethod)
"""What of a class is described."""


def signed(name: str, thing: object) -> list[str]:
    """The signature of what can be called."""
    if isinstance(thing, property) or (inspect.isclass(thing) and hasattr(thing, "model_fields")):
        return []
    try:
        return [f"```python\n{name}{inspect.signature(thing)}\n```"]  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return []


def write() -> None:
    """Write all pages anew."""
    shutil.rmtree(PAGES, ignore_errors=True)
    shutil.rmtree(SITE, ignore_errors=True)
    shutil.rmtree(WORKPLACE, ignore_errors=True)
    (WORKPLACE / "notebooks").mkdir(parents=True)
    (WORKPLACE / "scenarios").symlink_to(ROOT / "scenarios")
    for name, text in pages().items():
        place = PAGES / ("index.md" if name == HOME else name)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(
            text.replace(f"({HOME})", "(index.md)").replace(f"../{HOME})", "../index.md)"), encoding="utf-8"
        )
    for picture in sorted((ROOT / "docs" / "images").glob("*.png")):
        place = PAGES / picture.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture, place)


def finish(site: Path = SITE) -> None:
    """Let the pages of a built site load nothing from the network: the one script that would is our own."""
    shutil.copyfile(ROOT / "docs" / SHIM, site / "assets" / "javascripts" / SHIM)
    for path in sorted(site.rglob("*.html")):
        to_root = os.path.relpath(site, path.parent)
        text = path.read_text(encoding="utf-8").replace(REMOTE_SHIM, f"{to_root}/assets/javascripts/{SHIM}")
        path.write_text(text, encoding="utf-8")


SHIM, REMOTE_SHIM = "iframe-worker.js", "https://unpkg.com/iframe-worker/shim"
"""The script by which search works from the disk, and where the builder would load one from."""


class Links(HTMLParser):
    """What a page points at, the places in it that can be pointed at, and what it would load from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.places: set[str] = set()
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note links, sources and places."""
        said = {name: value or "" for name, value in attributes}
        self.places |= {said[name] for name in ("id", "name") if name in said}
        self.targets += [said[name] for name in ("href", "src") if name in said]
        loads = "src" in said or (tag == "link" and said.get("rel") in ("stylesheet", "icon", "preload"))
        self.loaded += [said[name] for name in ("href", "src") if name in said and loads]


def check(site: Path = SITE) -> list[str]:
    """What is wrong with the links of a built site, a line each; whatever it would load from the network too."""
    read: dict[Path, Links] = {}
    for path in sorted(site.rglob("*.html")):
        read[path] = Links()
        read[path].feed(path.read_text(encoding="utf-8"))
    wrong = [] if read else [f"{site} holds no page"]
    for path, links in read.items():
        wrong += [
            f"{path.relative_to(site)} loads {target}" for target in links.loaded if urlsplit(target).scheme in WEB
        ]
        wrong += [
            f"{path.relative_to(site)} -> {target}" for target in links.targets if not leads(path, target, site, read)
        ]
    return wrong


WEB = ("http", "https")


def leads(path: Path, target: str, site: Path, read: dict[Path, Links]) -> bool:
    """Whether a link of a page leads to a file of the site and a place in it; links to the web are not followed."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return True
    base = site if parts.path.startswith("/") else path.parent
    place = (base / unquote(parts.path).lstrip("/")).resolve() if parts.path else path.resolve()
    place = place / "index.html" if place.is_dir() else place
    known = {file.resolve(): links for file, links in read.items()} if parts.fragment else {}
    return place.exists() and (
        place not in known or not parts.fragment or unquote(parts.fragment) in known[place].places
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["check"]:
        finish()
        found = check()
        print("\n".join([*found, f"{len(found)} broken links in {SITE.relative_to(ROOT)}"]))
        raise SystemExit(1 if found else 0)
    write()
