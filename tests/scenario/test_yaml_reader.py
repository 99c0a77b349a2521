"""YAML is read as YAML 1.2, with places, and nothing but plain values gets through."""

from __future__ import annotations

import pytest

from chainsim.scenario.errors import Mark, Problems
from chainsim.scenario.nodes import to_python
from chainsim.scenario.yaml_reader import read, scalar


def data(text: str) -> object:
    problems = Problems()
    node = read(text, "case.yaml", problems)
    assert problems.found == []
    return to_python(node)


def said(text: str) -> list[str]:
    problems = Problems()
    read(text, "case.yaml", problems)
    return [str(problem) for problem in problems.found]


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("on", "on"),
        ("012", 12),
        ("-7", -7),
        ("0o17", 15),
        ("0x1F", 31),
        ("1e-3", 0.001),
        ("1E5", 100000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("+1.5", 1.5),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("2020-06-29", "2020-06-29"),
        ("0b11", "0b11"),
        ("1.2.3", "1.2.3"),
        ("~", None),
        ("null", None),
        ("", None),
        ("true", True),
        ("False", False),
        ("tRUE", "tRUE"),
    ],
)
def test_words_are_read_as_yaml_1_2_reads_them(word: str, value: object):
    read_as = scalar(word)
    assert read_as == value
    assert type(read_as) is type(value)


@pytest.mark.parametrize("word", [".nan", ".NaN", ".inf", "-.Inf", "1e999", "9" * 400])
def test_numbers_that_are_not_finite_are_refused(word: str):
    with pytest.raises(ValueError, match=r"finite|too large"):
        scalar(word)


def test_quoted_numbers_stay_text():
    assert data("a: '12'\nb: \"1e-3\"") == {"a": "12", "b": "1e-3"}


def test_keys_are_text_as_written():
    assert data("2021: a\nNO: b") == {"2021": "a", "NO": "b"}


def test_a_directive_for_yaml_1_1_changes_nothing():
    assert data("%YAML 1.1\n---\na: 012\nb: yes") == {"a": 12, "b": "yes"}


def test_chinese_text_is_read():
    assert data("title: {zh: 吉林省}") == {"title": {"zh": "吉林省"}}


def test_values_and_keys_know_their_line_and_column():
    node = read("a:\n  b: [1, 22]\n", "case.yaml", Problems())
    inner = node.value["a"].value["b"]
    assert inner.key == Mark("case.yaml", 2, 3)
    assert inner.value[1].mark == Mark("case.yaml", 2, 10)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3", "case.yaml:3:1  a: 'a' is stated twice, first in line 1"),
        ("a: !foo 1", "case.yaml:1:4  a: tags are not allowed"),
        ("a: !!python/object:os.system 1", "case.yaml:1:4  a: tags are not allowed"),
        ("a: &x 1", "case.yaml:1:4  a: anchors are not allowed (&x)"),
        ("a: *x", "case.yaml:1:4  a: aliases are not allowed (*x)"),
        ("? [1, 2]\n: 3", "case.yaml:1:3  ?: expected a name before ':'"),
        (": 3", "case.yaml:1:1  ?: expected a name before ':', found nothing"),
        ("a: 1\n---\nb: 2", "case.yaml:2:1  a scenario file holds one document"),
        ('a: "\\ud800"', "case.yaml:1:4  a: the text holds a character that cannot be printed (U+D800)"),
        ('a: "\\0"', "case.yaml:1:4  a: the text holds a character that cannot be printed (U+0000)"),
        ("a: .nan", "case.yaml:1:4  a: expected a finite number, found .nan"),
        ("a: b: c", "case.yaml:1:5  a ':' where none can stand"),
        ("a:\n\t- b", "case.yaml:2:1  a character that cannot start a value (tab"),
        ("a: @b", "case.yaml:1:4  a character that cannot start a value"),
        ("a: [1, 2", "case.yaml:1:9  "),
        ('a: "never closed', "a quotation mark is never closed"),
        ("- a\nb: 1", "case.yaml:2:1  the indentation does not match"),
        ("a: \x01", "case.yaml:1:4  this is not valid YAML"),
        ('"\\U99999999": 1', "this is not valid YAML"),
    ],
)
def test_what_is_not_plain_yaml_is_refused_with_its_place(text: str, expected: str):
    assert expected in said(text)[0]


def test_reading_goes_on_after_a_refused_value():
    assert len(said("a: &x 1\nb: *x\nc: !t 2\nd: .inf\ne: 1\ne: 5")) == 5


def test_fifty_levels_are_read_and_more_refused():
    assert said("[" * 50 + "]" * 50) == []
    assert "nested more than 50 levels deep" in said("[" * 52 + "]" * 52)[0]


def test_countless_brackets_are_refused_at_once():
    assert "nested more than 50 levels" in said("[" * 100_000)[0]


def test_aliases_that_would_explode_are_refused_without_being_followed():
    bomb = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefghi", "bcdefghij", strict=True)
    )
    assert all("not allowed" in line for line in said(bomb))
