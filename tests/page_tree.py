"""An HTML page read as a tree, to see that it is well formed and needs no other file."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "br", "input", "rect", "path", "use"}


class Tree(HTMLParser):
    """Collects ids, addresses and text, and checks that every element is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attributes:
            if name == "id":
                self.ids.append(str(value))
            if name in ("src", "href", "xlink:href", "action", "srcset"):
                self.addresses.append(str(value))

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def tree(page: str) -> Tree:
    """The page, read."""
    parser = Tree()
    parser.feed(page)
    return parser
