"""Whatever is done to a scenario file, it loads or fails with a list of mistakes: never with anything else."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from scenario_files import SMALL, problems_of

from chainsim.scenario.templates import templates

TEXT = templates()["minimal"].read_text(encoding="utf-8") + SMALL[SMALL.index("    steel:") :].replace("upstream", "up")
LINES = TEXT.splitlines()

VALUES = (
    """|0|-1|1e400|.nan|~|true|{}|[]|[1]|{a: 1}|{value: 3}|{value: x, low: []}|text|'2'|吉|&a 1|*a|!t x|"|0x1F|1e3"""
)
BLOCKS = "{value: {value: 1}}|{2021: 0.1}|{x: {y: {z: 1}}}|- a|: b|? c|\t"
WORDS = st.sampled_from([*VALUES.split("|"), *BLOCKS.split("|")])


def mistakes(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.yaml"
        path.write_text(text, encoding="utf-8", errors="surrogatepass")
        for problem in problems_of(path):
            assert problem.message
            assert str(problem).startswith("case.yaml")


@settings(max_examples=80)
@given(st.integers(0, len(LINES) - 1), WORDS, st.integers(0, len(LINES) - 1))
def test_a_line_with_another_value(line: int, word: str, dropped: int):
    lines = LINES.copy()
    lines[line] = lines[line].partition(":")[0] + ": " + word
    mistakes("\n".join(lines[:dropped] + lines[dropped + 1 :] if dropped % 3 == 0 else lines))


@settings(max_examples=50)
@given(st.integers(0, len(TEXT)), st.integers(0, 30), st.text(max_size=10))
def test_a_piece_with_other_letters(start: int, length: int, letters: str):
    mistakes(TEXT[:start] + letters + TEXT[start + length :])


@settings(max_examples=40)
@given(st.permutations(range(12)), st.integers(0, 40))
def test_lines_in_another_order(order: list[int], start: int):
    piece = LINES[start : start + 12]
    mistakes("\n".join(LINES[:start] + [piece[i] for i in order if i < len(piece)] + LINES[start + 12 :]))


@settings(max_examples=60)
@given(st.binary(max_size=200))
def test_any_bytes(content: bytes):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.yaml"
        path.write_bytes(content)
        assert problems_of(path)


@settings(max_examples=60)
@given(st.lists(st.text(max_size=8), max_size=20), st.sampled_from(["segments", "inputs", "markets"]))
def test_any_table(cells: list[str], table: str):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.yaml"
        path.write_text(f"name: a\nyears: {{start: 1, end: 2}}\nchain: {{tiers: [a], tables: {{{table}: t.csv}}}}")
        header = {
            "segments": "segment,field,value",
            "inputs": "from,to,coefficient",
            "markets": "segment,market,sales",
        }[table]
        rows = "\n".join(",".join(cells[start : start + 3]) for start in range(0, len(cells), 3))
        (Path(folder) / "t.csv").write_text(f"{header}\n{rows}", encoding="utf-8", errors="surrogatepass")
        assert problems_of(path)
