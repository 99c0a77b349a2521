"""Texts of a page and their Chinese."""

from __future__ import annotations

import re

import pytest

from chainsim.report.effect_text import where_bar
from chainsim.report.language import catalogue
from chainsim.report.translation import Translator, in_both_languages

NAMES = {"own rd": "自主研发", "R&D <grant>": "研发补助"}


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("Output,", "产出,"),
        ("−1.2 to 3,400", "−1.2至3,400"),
        ("Employment of the chain rises from 3,000 to 4,000 persons.", "产业链就业由3,000升至4,000人。"),
        ("Own rd: output", "自主研发:产出"),
        ("One pair of runs. Every panel has its own vertical axis.", "一对运行。每幅图各有纵轴。"),
        ("missing link, filled in 2 of 5 runs", "缺失环节,5次运行中有2次补齐"),
        ("90 % of luck in 2035", "2035年90%区间(随机)"),
        ("112,370", "112,370"),
        ("EUR million over all years, means of the pairs.", "全部年份,百万EUR,成对结果的平均值。"),
        ("A158", "A158"),
    ],
)
def test_numbers_names_sentences_and_marks_are_taken_into_chinese(english: str, chinese: str) -> None:
    assert Translator(NAMES).chinese(english) == chinese


def test_a_text_with_words_that_are_unknown_has_no_chinese() -> None:
    assert Translator(NAMES).chinese("Output of the chain rises from 1 to 2 gallons.") is None


def test_names_and_citations_stay_and_pictures_speak_both_languages() -> None:
    page = '<p class="own">Output</p><svg><text>Output</text></svg><td> R&amp;D &lt;grant&gt;</td>'
    assert in_both_languages(page, NAMES) == (
        '<p class="own">Output</p>'
        '<svg><text><tspan class="l-en">Output</tspan><tspan class="l-zh" lang="zh">产出</tspan></text></svg>'
        '<td> <span class="l-en">R&amp;D &lt;grant&gt;</span><span class="l-zh" lang="zh">研发补助</span></td>'
    )


def test_leading_industries_without_titles_have_their_usual_chinese_names() -> None:
    nothing = dict.fromkeys(("low90", "high90", "luck_low90", "luck_high90"), float("nan"))
    assert where_bar(None, "integrated_circuits", {"effect": 1.0, "certain": False, **nothing}, 1.0)[:2] == (
        "integrated circuits",
        "集成电路",
    )


def test_every_gap_of_a_chinese_text_has_something_to_stand_in_it() -> None:
    for english, chinese in catalogue().items():
        for mark, gap in (("#", r"#(\d?)"), ("{}", r"\{(\d?)\}")):
            given, used = english.count(mark), re.findall(gap, chinese)
            assert all(int(each or 1) <= given for each in used), english
            assert sum(not each for each in used) <= given, english
