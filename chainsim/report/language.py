"""Text in English and Chinese side by side: the page shows one of them, chosen by a switch that needs no script."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from markupsafe import Markup, escape

from chainsim.economy.parameters import DEFAULT_MONEY, counted_in, currency, in_money
from chainsim.figures.display import title
from chainsim.scenario.schema import ScenarioFields

CATALOGUE = Path(__file__).parent / "chinese.txt"
"""English texts, and indented below each its Chinese."""


class Both(NamedTuple):
    """A text in English and in Chinese."""

    en: str
    zh: str

    def __html__(self) -> str:
        """Both, of which the page shows one."""
        return Markup('<span class="l-en">{}</span><span class="l-zh" lang="zh">{}</span>').format(
            escape(self.en), escape(self.zh)
        )


def catalogue() -> MappingProxyType[str, str]:
    """Chinese texts by the English ones, both in the money that is shown."""
    return catalogue_in(currency())


@cache
def catalogue_in(letters: str) -> MappingProxyType[str, str]:
    """The catalogue with its texts on money in a currency."""
    lines = [line for line in CATALOGUE.read_text(encoding="utf-8").splitlines() if line]
    pairs = zip(lines[::2], map(str.strip, lines[1::2]), strict=True)
    with counted_in(letters):
        told = ((en, zh) if DEFAULT_MONEY[:3] not in en else (in_money(en), in_money(zh)) for en, zh in pairs)
        return MappingProxyType(dict(told))


def indicator(name: str) -> Both:
    """The title of an indicator in both languages."""
    return said(title(name))


def unit(text: str) -> Both:
    """A unit in both languages."""
    return said(text)


def lever_title(scenario: ScenarioFields, name: str) -> Both:
    """What a lever or shock is called: its title, else its name in words."""
    plain, stated = name.replace("_", " "), {**scenario.levers, **scenario.shocks}.get(name)
    named = None if stated is None else stated.title
    return Both(plain, plain) if named is None else Both(named.en, named.zh or named.en)


def titled_levers(scenario: ScenarioFields) -> dict[str, Both]:
    """Titles of levers and shocks by their names in words, as tables have them."""
    return {name.replace("_", " "): lever_title(scenario, name) for name in (*scenario.levers, *scenario.shocks)}


def said(text: str) -> Both:
    """A title of an indicator, unit, tier or heading in both languages; as it is where it has no translation."""
    return Both(text, catalogue().get(text, text))
