"""What keys in sources stand for: read beside the scenario, told by explain and on pages, kept with results."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenario_files import SMALL, lines_of, written

import chainsim as cs
from chainsim.report.pages import report
from chainsim.report.terminal import plain, sheet
from chainsim.scenario.explain import explained, having
from chainsim.scenario.load import load
from chainsim.scenario.write import write_resolved

TABLE = """\
id,quantity,source,url
A036,enterprises,"Yearbook <2021>, table 4",https://example.org/4
B7,staff,a survey of firms,javascript:alert(1)
C9,nothing,never cited,
"""
CITING = SMALL.replace("output: 100", "output: {value: 100, source: A036; B7, note: B7 says more}").replace(
    "years:", "citations: cited.csv\nyears:", 1
)


@pytest.fixture
def citing(tmp_path: Path) -> cs.Scenario:
    """A scenario whose first output names two keys of its table."""
    written(tmp_path, TABLE, "cited.csv")
    return load(written(tmp_path, CITING))


def test_explain_tells_what_the_keys_stand_for_and_finds_words_of_it(citing: cs.Scenario) -> None:
    (value,) = explained(citing, "chain.segments.steel.output")
    assert plain([value]).splitlines()[-2:] == [
        "A036\tYearbook <2021>, table 4\thttps://example.org/4",
        "B7\ta survey of firms\tjavascript:alert(1)",
    ]
    assert "A036 Yearbook <2021>, table 4 https://example.org/4" in sheet([value], 80).plain
    assert [found.path for found in having(explained(citing), "survey FIRMS")] == ["chain.segments.steel.output"]


def test_the_page_links_keys_to_their_texts_and_to_addresses_of_the_web_alone(citing: cs.Scenario) -> None:
    page = report(cs.run(citing.replace({"years.end": 2021}), seed=1))
    assert '<a href="#cited-A036" title="Yearbook &lt;2021&gt;, table 4">A036</a>; <a href="#cited-B7"' in page
    assert '<dt id="cited-A036">A036</dt><dd>Yearbook &lt;2021&gt;, table 4<br><a href="https://example.org/4">' in page
    assert '<dt id="cited-B7">' in page
    assert "javascript:" not in page
    assert "never cited" not in page


def test_what_is_cited_is_kept_with_the_scenario(citing: cs.Scenario, tmp_path: Path) -> None:
    again = load(write_resolved(citing.replace({"years.end": 2022}), tmp_path / "out"))
    assert dict(again.citations) == {key: citing.citations[key] for key in ("A036", "B7")}
    assert again.hash == citing.replace({"years.end": 2022}).hash


def test_a_policy_adds_citations_to_those_of_its_base(citing: cs.Scenario, tmp_path: Path) -> None:
    written(tmp_path, "id,source\nD1,a law\nA036,a newer yearbook\n", "own.csv")
    policy = load(written(tmp_path, "extends: case.yaml\ncitations: own.csv\nname: policy\n", "policy.yaml"))
    assert (policy.citations["D1"].source, policy.citations["A036"].source) == ("a law", "a newer yearbook")
    assert policy.citations["B7"] == citing.citations["B7"]


WRONG = [
    ("source: A036;", "source: A063;", "case.yaml:10:36 chain.segments.steel.output.source: the table of citations has no key 'A063', did you mean 'A036'?"),
    ("B7, note", "B8; the census of 2015, note", "no key 'B8', known: A036, B7, C9"),
    ("citations: cited.csv", "citations: cite.csv", "citations: there is no file 'cite.csv', did you mean 'cited.csv'?"),
    ("citations: cited.csv", "citations: [cited.csv]", "citations: expected the name of a file"),
    ("citations: cited.csv", "citations: twice.csv", "the key 'A1' stands in line 2 already"),
    ("citations: cited.csv", "citations: bare.csv", "the table lacks the column source"),
]  # fmt: skip


@pytest.mark.parametrize(("stated", "broken", "said"), WRONG)
def test_a_key_that_the_table_lacks_is_refused_with_the_nearest(tmp_path: Path, stated: str, broken: str, said: str):
    for name, text in (("cited", TABLE), ("twice", "id,source\nA1,a\nA1,b\n"), ("bare", "id,text\nA1,a\n")):
        written(tmp_path, text, f"{name}.csv")
    lines = [" ".join(line.split()) for line in lines_of(tmp_path, CITING.replace(stated, broken))]
    assert len(lines) == 1
    assert said in lines[0]


def test_every_key_of_the_shipped_scenarios_has_its_text() -> None:
    scenario = load(Path(__file__).parents[2] / "scenarios" / "jilin-package.yaml")
    keys = {key for value in explained(scenario) for key, _ in value.cited}
    assert {"A036", "B103"} <= keys
    assert len(keys) > 250
    assert all(scenario.citations[key].source for key in keys)
