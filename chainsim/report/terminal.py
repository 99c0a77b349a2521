"""Scenarios as text for a terminal: one line about a scenario, its values as a table or as lines for a pipe.

Reading a scenario must answer at once, so nothing here needs pandas; tables of results are in `terminal_tables`.
"""

from __future__ import annotations

from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING

from chainsim.economy.parameters import in_money_of
from chainsim.scenario.cautions import cautions, warnings
from chainsim.scenario.errors import Finding, dotted

if TYPE_CHECKING:
    from rich.text import Text

    from chainsim.scenario.explain import Explained
    from chainsim.scenario.nodes import Citation
    from chainsim.scenario.scenario import Scenario

COLUMNS = ("path", "value", "unit", "range", "origin", "source", "meaning")


def summary(scenario: Scenario) -> str:
    """What a scenario holds, in one line."""
    chain, years = scenario.chain, scenario.years
    inputs = sum(len(segment.inputs) for segment in chain.segments.values())
    parts = [
        _count(len(chain.segments), "segment") + f" in {_count(len(chain.tiers), 'tier')}",
        _count(inputs, "input"),
        _count(len(scenario.enterprises), "named enterprise"),
        f"{years.start}-{years.end}",
        *(
            _count(len(items), word)
            for items, word in ((scenario.levers, "lever"), (scenario.shocks, "shock"))
            if items
        ),
        _count(len(scenario.sources), "number") + " with range or source",
    ]
    return ", ".join(parts)


@in_money_of(lambda scenario: scenario.money)
def warning_lines(scenario: Scenario) -> list[str]:
    """What a scenario states that is legal and hardly meant, a line each with its place."""
    found = [
        (scenario.mark(dotted(item.path)) or scenario.name, item)
        for item in [*told("warning", scenario), *warnings(scenario)]
    ]
    return [f"warning: {place}  {dotted(item.path)}: {item.message}" for place, item in found]


@in_money_of(lambda scenario: scenario.money)
def note_lines(scenario: Scenario) -> list[str]:
    """What may surprise in the base year of a scenario, a line each."""
    return [f"note: {dotted(item.path)}: {item.message}" for item in [*told("note", scenario), *cautions(scenario)]]


def told(voice: str, scenario: Scenario) -> list[Finding]:
    """What reading the files of a scenario has to tell in this voice."""
    return [finding for found, finding in scenario.reading if found == voice]


def few(lines: list[str], most: int = 8) -> list[str]:
    """Lines once each, and how many more there are than fit."""
    once = list(dict.fromkeys(lines))
    return [*once[:most], *([f"and {len(once) - most} more, see chainsim check"] if len(once) > most else [])]


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def plain(values: list[Explained]) -> str:
    """Values as lines of cells between tabs, under a line with the names of the columns; citations below."""
    lines = ["\t".join(cells) for cells in [COLUMNS, *map(_cells, values)]]
    citations = ["\t".join((key, *item)).rstrip() for key, item in cited_in(values).items()]
    return "\n".join([*lines, *([""] if citations else []), *citations])


def cited_in(values: list[Explained]) -> dict[str, Citation]:
    """What the keys in the sources of values stand for, in their order."""
    found = {key: item for value in values for key, item in value.cited}
    return dict(sorted(found.items()))


def _cells(value: Explained) -> tuple[str, ...]:
    cells = (value.path, value.shown, value.unit, value.range, value.origin, value.source, value.meaning)
    return tuple(" ".join(cell.split()) for cell in cells)


def sheet(values: list[Explained], width: int) -> Text:
    """Values for the eye, in `width` columns: blocks as headings, a value a line, what is known of it dimly below."""
    page = _card(values[0], width) if len(values) == 1 else _blocks(values, width)
    for key, item in cited_in(values).items():
        about = wrap(" ".join((*item.source.split(), item.url)), max(width - len(key) - 1, 20), break_on_hyphens=False)
        page.append(f"\n{key} " + f"\n{' ' * (len(key) + 1)}".join(about), style="dim")
    return page


def _blocks(values: list[Explained], width: int) -> Text:
    from rich.text import Text

    page = Text()
    for block, members in groupby(values, key=lambda value: value.path.rpartition(".")[0]):
        page.append(f"{block}\n" if block else "", style="bold")
        for value in members:
            name = value.path.rpartition(".")[2]
            page.append(_cut(_columns(("  " + name, 26), (_short(value), 28), (value.range, 0)), width) + "\n")
            about = " ".join(f"{_place(value.origin)}  {_about(value)}".split("\n"))
            page.append("\n".join(f"      {line}" for line in wrap(about, width - 6)) + "\n", style="dim")
    page.rstrip()
    return page


def _card(value: Explained, width: int) -> Text:
    from rich.text import Text

    page = Text()
    for name, cell in zip(COLUMNS, _cells(value), strict=True):
        if cell:
            page.append(f"{name:<9}", style="dim")
            page.append("\n         ".join(wrap(cell, width - 9)) + "\n", style="bold" if name == "path" else "")
    page.rstrip()
    return page


def _columns(*cells: tuple[str, int]) -> str:
    """Cells padded to their widths; one that is too long pushes the others to the right."""
    from rich.cells import cell_len

    return "".join(cell + " " * max(width - cell_len(cell), 2) for cell, width in cells).rstrip()


def _short(value: Explained) -> str:
    number = isinstance(value.value, float)
    shown = f"{value.value:.6g}" if number else value.shown
    return f"{shown} {value.unit}" if value.unit not in ("", "1") else shown


def _about(value: Explained) -> str:
    """Why a value is what it is: its source, or for a default what it means."""
    if value.origin == "default" and value.source:
        return f"{value.meaning} ({value.source})"
    return value.source or value.meaning


def _place(origin: str) -> str:
    """File and line of an origin, without folders and column."""
    file, _, rest = origin.rpartition("/")[2].partition(":")
    return f"{file}:{rest.partition(':')[0]}" if rest and not origin.startswith("--set") else origin


def _cut(text: str, width: int) -> str:
    from rich.cells import cell_len, set_cell_size

    text = text.rstrip() if "\n" not in text else " ".join(text.split("\n"))
    return text if cell_len(text) <= width else set_cell_size(text, width - 1).rstrip() + "…"
