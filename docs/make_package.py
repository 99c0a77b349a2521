"""Measures the numbers of docs/package-2020.md: `python docs/make_package.py`, some fifteen minutes on one core."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

import chainsim as cs

HERE = Path(__file__).parent
SCENARIOS = HERE.parent / "scenarios"
PAIRS, PAIRS_EMBARGO, SEEDS, WORLDS = 60, 40, 24, 64
JOBS = 2
TIERS = (("upstream", "completeness_fixed", 100), ("midstream", "extension", 1), ("downstream", "strength", 1))
"""What the package should do for each tier, by the measure of it, and the factor that it is shown by."""


def shown(values: np.ndarray, digits: int = 2) -> str:
    """Mean over pairs with its standard error."""
    error = values.std(ddof=1) / np.sqrt(values.size)
    return f"{values.mean():+.{digits}f} ({error:.{digits}f})"


def last(result: cs.Result, table: str, column: str, key: str, name: str) -> np.ndarray:
    """A column of one key in the last year, (runs,)."""
    frame = result.table(table)
    rows = frame[(frame["year"] == result.years[1]) & (frame[key] == name)].sort_values("replication")
    return rows[column].to_numpy(dtype=float)


def answers(effect: cs.Effect) -> str:
    """Effects on the tiers, the chain and the missing links as a Markdown table."""
    base, policy = effect.base, effect.policy
    lines = ["| what | without | with the package, 2035 | effect (error of the mean) |", "|---|---|---|---|"]
    for tier, measure, factor in TIERS:
        both = [factor * last(each, "tiers", measure, "tier", tier) for each in (base, policy)]
        lines.append(
            f"| {tier}: {measure} | {both[0].mean():.2f} | {both[1].mean():.2f} | {shown(both[1] - both[0])} |"
        )
    for name, factor, digits in (
        ("output", 1, 0), ("employment", 1, 0), ("localization_rate_fixed", 100, 2), ("localization_rate", 100, 2),
        ("completeness_fixed", 100, 2), ("extension", 1, 2), ("strength", 1, 3), ("rd", 1, 0),
    ):  # fmt: skip
        both = [factor * last(each, "region", name, "scope", "chain") for each in (base, policy)]
        cells = [f"{values.mean():,.{digits}f}" for values in both]
        lines.append(f"| chain: {name} | {cells[0]} | {cells[1]} | {shown(both[1] - both[0], digits)} |")
    costs = effect.costs().query("scope == 'all'").set_index("item")
    for item in ("outlay", "net_cost", "job_years"):
        if item in costs.index:
            row = costs.loc[item]
            lines.append(
                f"| {item} (90 % of pairs) | | | {row['value']:,.0f} ({row['low90']:,.0f} to {row['high90']:,.0f}) |"
            )
    return "\n".join(lines)


def links(effect: cs.Effect) -> str:
    """Every missing link: how often it is filled, and what alone would open it."""
    lines = [
        "| link | filled without, % of runs | with | demand it could win over the smallest plant | what alone would open it |",
        "|---|---|---|---|---|",
    ]
    tables = [each.missing_links[each.missing_links["year"] == each.years[1]] for each in (effect.base, effect.policy)]
    for name in tables[0]["segment"].unique():
        rows = [table[table["segment"] == name] for table in tables]
        filled = [100 * row["filled"].mean() for row in rows]
        row = rows[1]
        grant, quality = row["opens_grant"].median(), row["opens_quality"].median()
        rate = row.loc[row["filled"] == 0, "rate"].median()
        waits = f"nothing: a plant is worth it, and comes with a chance of {100 * rate:.0f} % a year"
        opens = [f"demand x {row['opens_demand'].median():.1f}"] if row["viability"].median() < 1.0 else [waits]
        if row["viability"].median() < 1.0:
            opens += [f"a grant of {100 * grant:.0f} % of capital"] if np.isfinite(grant) else []
            opens += [f"quality {quality:+.2f} log"] if np.isfinite(quality) else ["no quality up to the frontier"]
        lines.append(
            f"| {name} | {filled[0]:.0f} | {filled[1]:.0f} | {row['viability'].median():.2f} | {'; '.join(opens)} |"
        )
    return "\n".join(lines)


def channels(effect: cs.Effect) -> str:
    """The effects on localization (points), jobs, output (CNY million) and the extension of midstream by channel."""
    columns = (
        ("localization_rate_fixed", None, 100, 2), ("employment", None, 1, 0), ("output", None, 1, 0),
        ("extension", "midstream", 1, 2),
    )  # fmt: skip
    heads = "channel | localization, points", "channel | jobs", "channel | output", "channel | extension, midstream"
    lines = [f"| {' | | '.join(heads)} |", f"|{'|'.join(['---'] * 11)}|"]
    cells = [
        [
            f"{row.channel} | {f * row.effect:+.{d}f} ({f * row.low90:.{d}f} to {f * row.high90:.{d}f})"
            for row in effect.channels(name, tier=tier).itertuples()
        ]
        for name, tier, f, d in columns
    ]
    for number in range(max(map(len, cells))):
        lines.append(f"| {' | | '.join(each[number] if number < len(each) else ' | ' for each in cells)} |")
    return "\n".join(lines)


def embargo(base: cs.Scenario, policy: cs.Scenario) -> str:
    """Output of the chain in its worst year lost by an embargo without and with the package, and without its standard."""
    shock = cs.load(SCENARIOS / "chip-embargo.yaml").shocks
    lines = ["| world | output lost in the worst year, % | output lost 2023-2030, % |", "|---|---|---|"]
    rest = {name: lever for name, lever in policy.levers.items() if name != "security"}
    without = policy.replace({"levers": rest, "groups": {}})
    for name, calm in (("no package", base), ("the package", policy), ("the package without its standard", without)):
        struck = calm.replace({"shocks": shock})
        effect = cs.compare(calm, struck, replications=PAIRS_EMBARGO, jobs=JOBS)
        paths = [
            each.region[each.region["scope"] == "chain"].pivot(index="replication", columns="year", values="output")
            for each in (effect.base, effect.policy)
        ]
        lost = 100 * (1 - paths[1] / paths[0])
        lines.append(
            f"| {name} | {shown(lost.max(axis=1).to_numpy())} | {shown(lost.loc[:, 2023:2030].mean(axis=1).to_numpy())} |"
        )
    return "\n".join(lines)


def ranking(base: cs.Scenario, policy: cs.Scenario) -> str:
    """Each lever alone and left out."""
    table = cs.rank(base, policy, replications=SEEDS, jobs=JOBS).table()
    columns = (
        ("outlay", 1, 0), ("output", 1, 0), ("jobs", 1, 0), ("job_years_chain", 1, 0), ("localization_rate_fixed", 100, 2),
        ("completeness", 100, 2), ("extension", 1, 2), ("strength", 1, 3), ("rd", 1, 0),
    )  # fmt: skip
    head = ("lever", "how", *(name for name, _, _ in columns))
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for row in table.to_dict("records"):
        cells = [str(row["lever"]), str(row["how"]).replace("_", " ")]
        for name, factor, digits in columns:
            value, low, high = (factor * row[f"{name}{end}"] for end in ("", "_low", "_high"))
            certain = low > 0 or high < 0
            cells.append(f"{'**' * certain}{value:,.{digits}f}{'**' * certain} ±{(high - low) / 2:,.{digits}f}")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def doubt(base: cs.Scenario, policy: cs.Scenario) -> str:
    """The package in worlds: bounds of luck and numbers, of luck alone, and what drives the effects."""
    effect = cs.compare(base, policy, worlds=WORLDS, replications=2, jobs=JOBS)
    lines = [
        f"| effect in 2035, {effect.worlds} worlds x 2 | median | 90 % luck and numbers | 90 % luck alone | same sign | numbers that drive it (more than chance) |",
        "|---|---|---|---|---|---|",
    ]
    table = effect.table(2035).set_index("indicator")
    for name, factor, digits in (
        ("output", 1, 0), ("employment", 1, 0), ("localization_rate_fixed", 100, 2), ("completeness_fixed", 100, 2),
        ("strength", 1, 3), ("rd", 1, 0),
    ):  # fmt: skip
        row, found = table.loc[name], effect.drivers(name, 2035)
        told = found[found["told"] & (found["group"] != "luck")].head(3)
        words = ", ".join(f"{item.path} {100 * item.share:.0f} %" for item in told.itertuples()) or "none"
        bounds = [
            f"{factor * row[f'{end}low90']:,.{digits}f} to {factor * row[f'{end}high90']:,.{digits}f}"
            for end in ("", "luck_")
        ]
        luck = found.iloc[-1]["share"]
        lines.append(
            f"| {name} | {factor * row['effect']:,.{digits}f} | {bounds[0]} | {bounds[1]} | {100 * row['same_sign']:.0f} % | {words}; luck {100 * luck:.0f} % |"
        )
    return "\n".join(lines)


def fill(text: str, part: str, made: str) -> str:
    """The page with the text between the marks of a part."""
    pattern = rf"(<!-- {part} -->\n).*?(<!-- end -->)"
    return re.sub(pattern, lambda found: found[1] + made + "\n" + found[2], text, flags=re.S)


if __name__ == "__main__":
    page = HERE / "package-2020.md"
    jilin, package = cs.load(SCENARIOS / "jilin.yaml"), cs.load(SCENARIOS / "jilin-package.yaml")
    pairs = cs.compare(jilin, package, replications=PAIRS, jobs=JOBS)
    parts = {
        "answers": lambda: answers(pairs),
        "links": lambda: links(pairs),
        "channels": lambda: channels(pairs),
        "embargo": lambda: embargo(jilin, package),
        "doubt": lambda: doubt(jilin, package),
        "levers": lambda: ranking(jilin, package),
    }
    for part, make in parts.items():
        page.write_text(fill(page.read_text(encoding="utf-8"), part, make()), encoding="utf-8")
