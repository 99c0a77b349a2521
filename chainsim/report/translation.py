"""A page in English as a page in two languages: beside every text its Chinese, of which the switch shows one.

The Chinese is looked up in the catalogue (`language.py`), where `#` stands for a number and `{}` for words that are
looked up in turn; what a scenario names goes by the titles that it gives. Elements of the class `own` and definitions
(`dd`) hold paths, names and citations, and stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import NamedTuple

from markupsafe import escape

from chainsim.report.language import catalogue
from chainsim.scenario.schema import ScenarioFields

NUMBER = r"[+−-]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[+−-]\d+)?"
ALONE = re.compile(rf"(?<![\w.]){NUMBER}(?!\w)")
"""A number that is no part of a word."""
TAG = re.compile(r"<!--.*?-->|<[^>]*>", re.DOTALL)
NAME = re.compile(r"</?([\w:]+)")
HEAD = re.compile(r'data-en="([^"]*)"')
"""What stands before a cell on a narrow screen."""
INLINE = {"em", "code"}
"""Elements that are part of a sentence."""
VOID = {"br", "meta", "input", "path", "use", "rect", "circle"}
KEPT = {"style", "dd", "head"}
"""Elements whose text stays as it is."""
OWN = re.compile(r'class="[^"]*\b(?:own|l-en|l-zh|language)\b')
WORD = re.compile(r"[A-Za-z]{2}(?![A-Za-z]?\d)")
"""What makes a text English; the number of a source (`A158`) does not."""
MONEY = re.compile(r"\b(?!CNY)[A-Z]{3}\b(?= (?:thousand|million|billion|trillion)|$)")
"""Money other than that of the catalogue."""
SENTENCE = re.compile(r"(?<=[.]) (?=[A-Z<\d“])")
MARKS = {",": ",", ".": "。", ":": ":", ";": ";", "–": "–"}
GAP = re.compile(r"#(\d?)|\{(\d?)\}")


def in_both_languages(page: str, names: Mapping[str, str]) -> str:
    """The page with the Chinese of its texts; `names` are what its scenarios call things, in both languages."""
    return "".join(parts_of(page, Translator(names)))


def parts_of(page: str, translator: Translator) -> Iterator[str]:
    """The tags of a page as they are, and its texts in both languages."""
    kept, drawn, said, last = 0, 0, "", 0
    open_tags: list[tuple[str, bool]] = []
    for tag in TAG.finditer(page):
        said += page[last : tag.start()]
        last = tag.end()
        name = named[1] if (named := NAME.match(tag[0])) else ""
        if name in INLINE:
            said += tag[0]
            continue
        yield said if kept else translator.shown(said, open_tags[-1][0] if open_tags else "", bool(drawn))
        yield HEAD.sub(
            lambda head: f'{head[0]} data-zh="{escape(translator.chinese(plain(head[1])) or plain(head[1]))}"', tag[0]
        )
        said = ""
        if not name or name in VOID or tag[0].endswith("/>"):
            continue
        if not tag[0].startswith("</"):
            open_tags.append((name, name in KEPT or OWN.search(tag[0]) is not None))
            kept, drawn = kept + open_tags[-1][1], drawn + (name == "svg")
        else:
            kept, drawn = kept - open_tags.pop()[1], drawn - (name == "svg")
    yield said + page[last:]


class Translator:
    """Finds the Chinese of texts, numbers and the names of scenarios in them as they are."""

    def __init__(self, names: Mapping[str, str]) -> None:
        own = {plain(str(escape(en))): plain(str(escape(zh))) for en, zh in names.items()}
        self.texts = catalogue() | own
        self.in_small = {text.lower(): chinese for text, chinese in self.texts.items()}
        gaps = sorted((text for text in self.texts if "{}" in text and text not in own), key=len, reverse=True)
        self.gaps = [Pattern.of(text, self.texts[text]) for text in gaps]
        self.found: dict[str, str | None] = {}

    def shown(self, text: str, element: str, drawn: bool) -> str:
        """A text of an element, as it is where nothing of it is English, else beside its Chinese."""
        words = " ".join(plain(text).split())
        chinese = self.chinese(words)
        if not words or chinese is None or chinese == words:
            return text
        zh = re.sub(r"&(?![#\w]+;)", "&amp;", chinese)
        if element == "title":
            return f"{text.strip()}\n{zh}"
        tag = "tspan" if drawn else "span"
        before, after = (" " if edge.isspace() else "" for edge in (text[0], text[-1]))
        return f'{before}<{tag} class="l-en">{text.strip()}</{tag}><{tag} class="l-zh" lang="zh">{zh}</{tag}>{after}'

    def chinese(self, text: str) -> str | None:
        """The Chinese of a text; None where there is none."""
        if text not in self.found:
            self.found[text] = self.look_up(text) or self.in_other_money(text)
        return self.found[text]

    def in_other_money(self, text: str) -> str | None:
        """The Chinese of a text with the money of another country in it."""
        other = MONEY.search(text)
        chinese = None if other is None else self.look_up(text.replace(other[0], "CNY"))
        return None if other is None or chinese is None else chinese.replace("元", other[0])

    def look_up(self, text: str) -> str | None:
        """As it stands in the catalogue, but for its numbers, or with words in the gaps of a longer text."""
        if not WORD.search(TAG.sub("", text)) or re.fullmatch(r"<code>[^<]*</code>", text):
            return text
        numbers = ALONE.findall(text)
        for key in (text, ALONE.sub("#", text), text.replace("_", " ")):
            found = self.texts.get(key) or self.in_small.get(key.lower())
            if found is not None:
                return filled(found, numbers if "#" in key else [], [])
        for pattern in self.gaps:
            found = pattern.fill(text, self)
            if found is not None:
                return found
        return self.in_parts(text)

    def in_parts(self, text: str) -> str | None:
        """Sentence by sentence, or without the mark at the end; None where a part has no Chinese."""
        sentences = SENTENCE.split(text)
        if len(sentences) > 1:
            told = [self.chinese(sentence) for sentence in sentences]
            return None if None in told else "".join(map(str, told))
        if text[-1] not in MARKS:
            return None
        first = self.chinese(text[:-1].rstrip())
        return None if first is None else first + MARKS[text[-1]]


class Pattern(NamedTuple):
    """A text with gaps for numbers and words as an expression, which of its groups are words, and its Chinese."""

    expression: re.Pattern[str]
    are_words: tuple[bool, ...]
    chinese: str

    @classmethod
    def of(cls, text: str, chinese: str) -> Pattern:
        """The pattern of a text of the catalogue."""
        parts = [re.escape(part) for part in re.split(r"#|\{\}", text)]
        marks = re.findall(r"#|\{\}", text)
        groups = [f"({NUMBER})" if mark == "#" else "(.+?)" for mark in marks]
        expression = "".join(part + group for part, group in zip(parts, [*groups, ""], strict=True))
        return cls(re.compile(expression), tuple(mark == "{}" for mark in marks), chinese)

    def fill(self, text: str, translator: Translator) -> str | None:
        """The Chinese of a text that fits, None of another, or where words in its gaps have no Chinese."""
        match = self.expression.fullmatch(text)
        if match is None:
            return None
        groups = list(zip(match.groups(), self.are_words, strict=True))
        words = [translator.chinese(group) for group, is_words in groups if is_words]
        if any(word is None for word in words):
            return None
        return filled(self.chinese, [group for group, is_words in groups if not is_words], map(str, words))


def filled(chinese: str, numbers: Iterable[str], words: Iterable[str]) -> str:
    """A Chinese text with numbers and words in its gaps, in their order unless a gap names another."""
    given = {"#": list(numbers), "{": list(words)}
    if not any(given.values()):
        return chinese
    places = {mark: count(1) for mark in given}

    def gap(match: re.Match[str]) -> str:
        mark = match[0][0]
        return given[mark][int(match[1] or match[2] or next(places[mark])) - 1]

    return GAP.sub(gap, chinese)


def plain(text: str) -> str:
    """A text of a page with its letters as in the catalogue, but for what could be read as a tag."""
    return text.replace("&#39;", "'").replace("&#34;", '"').replace("&amp;", "&")


def names_of(*scenarios: ScenarioFields) -> dict[str, str]:
    """What scenarios call things, with the Chinese that they give, or as it is where they give none."""
    found: dict[str, str] = {}
    for scenario in scenarios:
        titled = [(scenario.name, scenario.title)]
        titled += [(name, each.title) for name, each in scenario.chain.segments.items()]
        titled += [(name, each.title) for name, each in {**scenario.levers, **scenario.shocks}.items()]
        titled += [(name, each.title) for name, each in scenario.region.parks.items()]
        for name, title in titled:
            words = name.replace("_", " ")
            found |= {words: words} if title is None else {words: title.zh or title.en, title.en: title.zh or title.en}
        found |= {each.name: each.name_zh or each.name for each in scenario.enterprises}
    return found
