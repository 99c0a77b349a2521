"""Fills the tables of docs/policy-levers.md from what the package declares: `python docs/make_policy_levers.py`."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from chainsim.economy.entry_points import entry_points
from chainsim.levers import LEVERS
from chainsim.policy.targeting import QUANTITIES, WORDS
from chainsim.shocks import SHOCKS

HERE = Path(__file__).parent

DEADWEIGHT: dict[str, tuple[tuple[str, ...], str]] = {
    "application_scenario": (("additional",), "replaces other public demand"),
    "cluster_incentive": (("crowding", "scale"), "own R&D falls; entrants are missing in other parks"),
    "digitisation": (("additional",), "others would have adopted anyway"),
    "institute_platform": ((), "none stated; the stock decays by 15 % a year"),
    "investment_attraction": (
        ("but_for", "typical_rate"),
        "the rest is windfall, paid to plants that come in both worlds",
    ),
    "investment_grant": (("reach",), "large enterprises would invest anyway"),
    "loan_guarantee": (("provision",), "banks would have lent anyway; losses are paid"),
    "local_content_rule": ((), "buyers pay what the forced choice is worse"),
    "matchmaking": ((), "others lose what the treated win: part of the result"),
    "planning_service": (("entry",), "nothing but an earlier start"),
    "profit_tax_break": (("rd_response",), "those already here only keep the money"),
    "rd_grant": (("own_response", "relabelled"), "crowding out and relabelling"),
    "rd_tax_deduction": (("relabelled",), "other cost called research; only for who makes a profit"),
    "security_standard": (("cost", "upkeep"), "paid by enterprises, small ones most"),
    "talent_introduction": (("additional",), "others would have come anyway"),
}
"""Parameters that say how much of a lever is lost, and in words."""


def page(text: str) -> str:
    """The page with its tables made anew."""
    for part, table in (
        ("levers", levers()),
        ("lost", lost()),
        ("shocks", shocks()),
        ("entry points", points()),
        ("names", names()),
    ):
        text = re.sub(
            f"(<!-- {part} -->\n).*?(<!-- end -->)",
            lambda found, t=table: found[1] + t + "\n" + found[2],
            text,
            flags=re.S,
        )
    return text


def levers() -> str:
    """Every lever: its strength, what it does, the entry points it moves, the evidence."""
    rows = []
    for name, lever in LEVERS.items():
        strength = lever.strength_field
        about = lever.model_fields[strength]
        unit = (about.json_schema_extra or {}).get("unit", "")
        says = f"`{strength}`: {about.description}" + ("" if unit in ("", "1") else f", {unit}")
        rows += [f"| [`{name}`]({file_of(lever)}) | {says} | {moved(lever)} | {source(lever)} |"]
    return table("| type | strength | entry points | evidence |", rows)


def lost() -> str:
    """What of every lever is lost, with the parameters that say how much."""
    rows = []
    for name, (fields, words) in DEADWEIGHT.items():
        cells = [f"`{field}` {ranged(LEVERS[name], field)}" for field in fields]
        rows += [f"| `{name}` | {words} | {'; '.join(cells)} |"]
    return table("| type | deadweight, displacement | parameter, default [range] |", rows)


def shocks() -> str:
    """Every shock: what it is and its own fields."""
    common = {"title", "years", "ramp", "target", "where", "type"}
    rows = []
    for name, shock in SHOCKS.items():
        fields = [f"`{field}`" for field in shock.model_fields if field not in common]
        rows += [f"| [`{name}`]({file_of(shock)}) | {first_line(shock)} | {', '.join(fields)} | {moved(shock)} |"]
    return table("| type | what happens | fields | entry points |", rows)


def points() -> str:
    """Every entry point: the stage that reads it, unit, what several levers make together, meaning."""
    rows = []
    for name, item in sorted(entry_points().items(), key=lambda pair: pair[1].metadata["stage"]):
        about = item.metadata
        unit = "" if about["unit"] == "1" else about["unit"]
        rows += [f"| `{name}` | {about['stage']} | {unit} | {about['stacking']} | {about['meaning']} |"]
    return table("| entry point | read by | unit | several levers | meaning |", rows)


def names() -> str:
    """What a condition can ask of an enterprise."""
    numbers = [f"`{name}` {about[0]}" for name, about in QUANTITIES.items()]
    words = [f"`{name}`" for name in WORDS]
    return f"Numbers: {'; '.join(numbers)}.\n\nNames, compared with text: {', '.join(words)}."


def moved(kind: type) -> str:
    """Entry points that the code of a lever or shock sets."""
    code = inspect.getsource(kind)
    found = dict.fromkeys(re.findall(r"policy\.(\w+)(?:\[[^=\n]*\])? [*+]?=", code))
    if "policy.charge(" in code:
        found |= dict.fromkeys(("costs", "income"))
    return ", ".join(f"`{name}`" for name in found if name in entry_points())


def file_of(kind: type) -> str:
    """The file of a lever or shock, as the page finds it."""
    return f"../{kind.__module__.replace('.', '/')}.py"


def source(lever: type) -> str:
    """The evidence that a lever's file names."""
    text = " ".join((inspect.getmodule(lever).__doc__ or "").split())
    named = re.search(r"Source: (.*)$", text)
    return named[1].rstrip(".") if named else "judgement; no evidence was found"


def first_line(kind: type) -> str:
    """What a class says it is."""
    return (kind.__doc__ or "").strip().partition("\n")[0].rstrip(".")


def ranged(kind: type, field: str) -> str:
    """Default and range of a parameter."""
    about = kind.model_fields[field]
    extra = about.json_schema_extra or {}
    limits = "" if extra.get("low") is None else f" [{extra['low']:g} to {extra['high']:g}]"
    return f"{about.default:g}{limits}"


def table(head: str, rows: list[str]) -> str:
    """A Markdown table."""
    return "\n".join([head, "|---" * head.count(" | ") + "|---|", *rows])


if __name__ == "__main__":
    target = HERE / "policy-levers.md"
    target.write_text(page(target.read_text(encoding="utf-8")), encoding="utf-8")
