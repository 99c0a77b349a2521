"""Files that were slow or large to refuse: what is laid over the sound files, the command, place, field and word."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from bad_input.sound import SCENARIO, SEGMENTS

MEGABYTE = 1_000_000
ROWS = 50_000


class Hungry(NamedTuple):
    """A case whose files are made when it is run."""

    files: Callable[[], dict[str, str]]
    command: str
    place: str
    field: str
    word: str


def scenario(old: str, new: str, times: int, after: str = "") -> Callable[[], dict[str, str]]:
    """The sound scenario with a part replaced by another one, many times over."""
    assert old in SCENARIO
    return lambda: {"case.yaml": SCENARIO.replace(old, new * times + after, 1)}


def appended(lines: Iterable[str]) -> Callable[[], dict[str, str]]:
    """The sound scenario with many lines at its end."""
    return lambda: {"case.yaml": SCENARIO + "".join(lines)}


def enterprises(row: str) -> Callable[[], dict[str, str]]:
    """The table of enterprises with 50,000 rows."""
    head = "id,name,segment,revenue\n"
    return lambda: {"enterprises.csv": head + "".join(row.format(number=number) for number in range(ROWS))}


def bomb() -> dict[str, str]:
    """Twenty lists, each nine times the one before."""
    lists = [f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(20)]
    return {"case.yaml": "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(lists)}


CHECK, TABLES = "check case.yaml", "check tabled.yaml"
KEYS = [f"k{number}: {number}\n" for number in range(5000)]
LEVERS = "levers:\n" + "".join(f"  k{number}: {{type: rd_grand, years: 2021, rate: .1}}\n" for number in range(2500))

# fmt: off
CASES: dict[str, list[Hungry]] = {
    "a megabyte of text in one value": [
        Hungry(scenario("2021-2024", "x", MEGABYTE), CHECK, "case.yaml:31:34", "levers.grant.years", "expected years such as"),
        Hungry(scenario("2021-2024", "2", MEGABYTE), CHECK, "case.yaml:31:34", "levers.grant.years", "too large"),
        Hungry(scenario("2021-2024", "word ", MEGABYTE // 5), CHECK, "case.yaml:31:34", "levers.grant.years", "expected years such as"),
        Hungry(scenario("years: 2021-2024", "x", MEGABYTE, ": 1"), CHECK, "case.yaml:31:1000027", "", "expected ',' or '}'"),
        Hungry(scenario("type: rd_grant", "type: ", 1, "x" * MEGABYTE), CHECK, "case.yaml:31:17", "levers.grant.type", "unknown type"),
        Hungry(scenario("tier: upstream", "tier: ", 1, "x" * MEGABYTE), CHECK, "case.yaml:10:13", "chain.segments.steel.tier", "expected a name"),
        Hungry(scenario("status: sourced", "status: ", 1, "x" * MEGABYTE), CHECK, "case.yaml:16:77", "chain.segments.cars.output.status", "unknown status"),
        Hungry(scenario("output: 100", "output: *", 1, "a" * MEGABYTE), CHECK, "case.yaml:11:15", "chain.segments.steel.output", "aliases are not allowed"),
    ],
    "a YAML file full of backslashes": [
        Hungry(scenario("2021-2024", '"', 1, "\\\\" * 400_000 + '"'), CHECK, "case.yaml:31:34", "levers.grant.years", "expected years such as"),
        Hungry(scenario("seed: 1", 'extends: "', 1, "\\\\" * 400_000 + '"'), CHECK, "case.yaml:4:10", "extends", "cannot be the name of a file"),
        Hungry(scenario("seed: 1", 'description: "', 1, "\\\\" * 4_000_000), CHECK, "case.yaml:4:1", "", "a line of 8,000,014 letters"),
        Hungry(scenario("seed: 1", "\\", 9_000_000), CHECK, "case.yaml:4:1", "", "a line of 9,000,000 letters"),
    ],
    "a bomb of aliases, depth, entries or lines": [
        Hungry(bomb, CHECK, "case.yaml:1:4", "a", "anchors are not allowed"),
        Hungry(appended(["x: ", "[" * 100_000]), CHECK, "case.yaml:38:54", "", "nested more than 50 levels deep"),
        Hungry(appended(["x: [", "1, " * 300_000, "1]"]), CHECK, "case.yaml:38:60005", "x", "more than 20,000 entries"),
        Hungry(appended(["\n" * 9_000_000]), CHECK, "case.yaml:200000:1", "", "more than 200,000 lines"),
        Hungry(appended(["---\nname: x\n"] * 90_000), CHECK, "case.yaml:38:1", "", "one document"),
        Hungry(appended([f"x{i}: &x{i} 1\n" for i in range(90_000)]), CHECK, "case.yaml:38:5", "x0", "anchors are not allowed"),
    ],
    "thousands of unknown keys": [
        Hungry(appended(KEYS), CHECK, "case.yaml:38:1", "k0", "unknown key 'k0'"),
        Hungry(appended(["extra:\n", *(f"  {line}" for line in KEYS)]), CHECK, "case.yaml:38:1", "extra", "unknown key 'extra'"),
        Hungry(scenario("levers:\n", LEVERS, 1), CHECK, "case.yaml:31:14", "levers.k0.type", "did you mean 'rd_grant'?"),
        Hungry(lambda: {"segments.csv": SEGMENTS + "".join(f"s{i},output,many,,,,\n" for i in range(ROWS))}, TABLES, "segments.csv:8:value", "chain.segments.s0.output", "found the text 'many'"),
    ],
    "a table of enterprises with a fault in every row": [
        Hungry(enterprises("e{number},E,cars,many\n"), TABLES, "enterprises.csv:2:revenue", "enterprises.0.revenue", "found the text 'many'"),
        Hungry(enterprises("e{number},E,cars,-1\n"), TABLES, "enterprises.csv:2:revenue", "enterprises.0.revenue", "above 0"),
        Hungry(enterprises("e{number},E,cars,1,2,3\n"), TABLES, "enterprises.csv:2:1", "enterprises.line 2", "the row has 6 cells"),
        Hungry(enterprises(",E,cars,1\n"), TABLES, "enterprises.csv:2:id", "enterprises.line 2", "the column id is empty"),
        Hungry(enterprises("e{number},E,vans,1\n"), TABLES, "enterprises.csv:2:segment", "enterprises.0.segment", "unknown segment 'vans'"),
        Hungry(enterprises("e,E,cars,1\n"), TABLES, "enterprises.csv:3:id", "enterprises.1.id", "the id 'e' is used 2000 times"),
        Hungry(enterprises('e{number},"E\\\\\\\\\\\\\\\\\\\\",cars,\\\\\n'), TABLES, "enterprises.csv:2:revenue", "enterprises.0.revenue", "found the text"),
    ],
}
# fmt: on
