"""What stands on a page as files for documents and slides: pictures as SVG and PNG, tables as .xlsx and .tex."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from chainsim.report.figures import pictures_into
from chainsim.runs.certified import PAGE
from chainsim.runs.exported import FIRST_DAY
from chainsim.runs.output_folder import NOTHING_CHANGED, disk_errors, replace_file, whole_file

NUMBER = re.compile(r"[+−-]?\d[\d,]*(?:\.(\d+))?")
LONGEST = 60
"""Letters of a file name."""
HEADINGS = ("h2", "h3", "h4", "summary")
TEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "−": "$-$", "–": "--", "×": r"$\times$", "→": r"$\to$",
}  # fmt: skip
"""Letters that LaTeX reads otherwise, and what is written for them."""


class Cell(NamedTuple):
    """A cell of a table of the page: its text, and how many columns and rows it takes."""

    text: str
    columns: int
    rows: int


@contextmanager
def page_files(place: Path | None, output: Path) -> Iterator[None]:
    """Write the pictures and tables of the page that the block saves in the folder `output` into `place`, if any.

    `place` may lie in `output`, which must not be there before it is whole.

    *Raises* OutputError where the disk refuses.
    """
    if place is None:
        yield
        return
    real = Path(os.path.realpath(place))
    if Path(os.path.realpath(output)) not in (real, *real.parents):
        with disk_errors(place, NOTHING_CHANGED):
            place.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as drawn:
        with pictures_into(Path(drawn)):
            yield
        with disk_errors(place, NOTHING_CHANGED):
            place.mkdir(parents=True, exist_ok=True)
        for picture in sorted(Path(drawn).iterdir()):
            replace_file(place / picture.name, picture.read_bytes())
    for name, rows in tables((output / PAGE).read_text(encoding="utf-8")).items():
        with disk_errors(place, NOTHING_CHANGED), whole_file(place / f"{name}.xlsx") as partial:
            sheet_file(rows, partial)
        replace_file(place / f"{name}.tex", tex(rows))


def tables(page: str) -> dict[str, list[list[str]]]:
    """The tables of a page in English by the heading above them, as rows of text; words in small print are left out."""
    reader = Reader()
    reader.feed(page)
    found: dict[str, list[list[str]]] = {}
    for heading, rows in reader.found:
        name, number = heading, 2
        while name in found:
            name, number = f"{heading}-{number}", number + 1
        found[name] = laid_out(rows)
    return {name: rows for name, rows in found.items() if rows}


class Reader(HTMLParser):
    """Collects the tables of a page of ours, with the headings that they stand under."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[list[Cell]]]] = []
        self.policy, self.heading = "", ""
        self.hidden: list[str] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.span = (1, 1)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, row, cell or heading; what is not shown in English is passed over to its end."""
        given = {name: value or "" for name, value in attrs}
        classes = given.get("class", "").split()
        if self.hidden:
            if tag == self.hidden[-1]:
                self.hidden.append(tag)
        elif "l-zh" in classes or tag in ("style", "svg") or (tag, *self.open) == ("small", "td") or "count" in classes:
            self.hidden.append(tag)
        elif tag == "table":
            self.found.append((self.heading, []))
        elif tag == "tr" and self.found:
            self.found[-1][1].append([])
        elif tag in ("td", "th", *HEADINGS):
            self.words, self.open = [], [*self.open, tag]
            self.span = (int(given.get("colspan", 1)), int(given.get("rowspan", 1)))
            if "policy" in classes:
                self.policy = "?"
        elif tag == "small":
            self.words.append(", ")

    def handle_endtag(self, tag: str) -> None:
        """End what was begun."""
        if self.hidden:
            if tag == self.hidden[-1]:
                self.hidden.pop()
        elif self.open and tag == self.open[-1]:
            self.open.pop()
            text = " ".join("".join(self.words).split())
            if tag in HEADINGS:
                if self.policy == "?":
                    self.policy = text
                text = text.partition(":")[0]
                self.heading = slug(f"{self.policy} {text}" if self.policy != text else text)
            else:
                self.found[-1][1][-1].append(Cell(text, *self.span))

    def handle_data(self, data: str) -> None:
        """Words that are shown in English."""
        if not self.hidden and self.open:
            self.words.append(data)


def slug(text: str) -> str:
    """A heading as the name of a file."""
    return re.sub(r"\W+", "-", text.lower()).strip("-")[:LONGEST].rstrip("-") or "table"


def laid_out(rows: list[list[Cell]]) -> list[list[str]]:
    """Rows of equal length: cells that take several columns or rows leave the others empty; empty columns go."""
    grid: dict[tuple[int, int], str] = {}
    for row, cells in enumerate(rows):
        column = 0
        for cell in cells:
            while (row, column) in grid:
                column += 1
            for down in range(cell.rows):
                for right in range(cell.columns):
                    grid[row + down, column + right] = cell.text if down == right == 0 else ""
            column += cell.columns
    width = 1 + max((column for _, column in grid), default=-1)
    full = [[grid.get((row, column), "") for column in range(width)] for row in range(len(rows))]
    kept = [column for column in range(width) if any(line[column] for line in full)]
    return [[line[column] for column in kept] for line in full if any(line)]


def sheet_file(rows: list[list[str]], path: Path) -> None:
    """A table as a workbook of one sheet; what reads as a number is one."""
    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": FIRST_DAY})
    sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
    for row, cells in enumerate(rows):
        for column, text in enumerate(cells):
            match = NUMBER.fullmatch(text)
            if match is None or row == 0:
                sheet.write_string(row, column, text, bold if row == 0 else None)
                continue
            places = "." + "0" * len(match[1]) if match[1] else ""
            signed = f"+#,##0{places};−#,##0{places};0" if text[0] in "+" else f"#,##0{places};−#,##0{places}"
            number = float(text.replace("−", "-").replace(",", ""))
            sheet.write_number(row, column, number, book.add_format({"num_format": signed}))
    sheet.autofit()
    book.close()


def tex(rows: list[list[str]]) -> str:
    """A table for LaTeX with booktabs."""
    lines = [" & ".join("".join(TEX.get(letter, letter) for letter in cell) for cell in row) + r" \\" for row in rows]
    columns = "l" + "r" * (len(rows[0]) - 1)
    body = [rf"\begin{{tabular}}{{{columns}}}", r"\toprule", lines[0], r"\midrule", *lines[1:], r"\bottomrule"]
    return "\n".join(["% \\usepackage{booktabs}", *body, r"\end{tabular}", ""])
