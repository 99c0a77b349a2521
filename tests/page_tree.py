"""An HTML page read as a tree, to see that it is well formed and needs no other file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html.parser import HTMLParser

VOID = {"meta", "br", "input", "rect", "path", "use"}

ASIDE = {"style", "head", "title", "dd", "code"}
SPOKEN = {"l-en", "l-zh", "own", "language"}
"""Elements and classes of what is said in both languages, or is a path, a name or a citation."""


class Tree(HTMLParser):
    """Collects ids, addresses and text, and checks that every element is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.words: list[str] = []
        self.aside: list[int] = []
        self.english: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
            if tag in ASIDE or SPOKEN & set(str(dict(attributes).get("class")).split()):
                self.aside.append(len(self.open))
        for name, value in attributes:
            if name == "id":
                self.ids.append(str(value))
            if name in ("src", "href", "xlink:href", "action", "srcset"):
                self.addresses.append(str(value))

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            if self.aside and self.aside[-1] == len(self.open):
                self.aside.pop()
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if not self.aside and re.search("[A-Za-z]{2}", data):
            self.english.append(" ".join(data.split()))


def tree(page: str) -> Tree:
    """The page, read."""
    parser = Tree()
    parser.feed(page)
    return parser


def without_chinese(page: str, names: Iterable[str]) -> set[str]:
    """Texts of a page that stand in English alone and are no names, nor numbers of sources, nor names with a mark."""
    own = {name.lower() for name in names} | {"chainsim"}
    found = {re.sub(r"[,:;.]$", "", text) for text in tree(page).english}
    return {text for text in found if text.lower() not in own and not re.fullmatch(r"[A-Z]{2}\d+", text)}
