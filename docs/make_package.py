"""Measures the numbers of docs/package-2020.md: `python docs/make_package.py`, some fifteen minutes on one core.

The ten lines of the page are printed as well: each figure with the 90 % interval of its mean, or of its share.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

import chainsim as cs

HERE = Path(__file__).parent
SCENARIOS = HERE.parent / "scenarios"
PAIRS, PAIRS_EMBARGO, SEEDS, WORLDS = 60, 40, 24, 64
JOBS = 2
NORMAL_90 = 1.645
"""Half the width of the middle 90 % of a normal distribution, in standard deviations."""
TIERS = (("upstream", "completeness_fixed", 100), ("midstream", "extension", 1), ("downstream", "strength", 1))
"""What the package should do for each tier, by the measure of it, and the factor that it is shown by."""


def shown(values: np.ndarray, digits: int = 2) -> str:
    """Mean over pairs with its standard error."""
    error = values.std(ddof=1) / np.sqrt(values.size)
    return f"{values.mean():+.{digits}f} ({error:.{digits}f})"


def interval(values: np.ndarray, digits: int = 2, factor: float = 1.0) -> str:
    """Mean over pairs with the 90 % interval of the mean."""
    values = factor * values
    half = NORMAL_90 * values.std(ddof=1) / np.sqrt(values.size)
    mean = values.mean()
    return f"{mean:+,.{digits}f} ({mean - half:,.{digits}f} to {mean + half:,.{digits}f})"


def share(happened: np.ndarray) -> str:
    """Share of runs in which something happened, %, with its 90 % interval (Wilson)."""
    n, p = happened.size, float(happened.mean())
    middle = (p + NORMAL_90**2 / (2 * n)) / (1 + NORMAL_90**2 / n)
    half = NORMAL_90 / (1 + NORMAL_90**2 / n) * np.sqrt(p * (1 - p) / n + NORMAL_90**2 / (4 * n**2))
    return f"{100 * p:.0f} % ({100 * max(middle - half, 0.0):.0f} to {100 * (middle + half):.0f})"


def agreed(same_sign: float) -> str:
    """Share of worlds in which an effect has the sign of the median, which has none where it is 0."""
    return "no sign" if np.isnan(same_sign) else f"{100 * same_sign:.0f} %"


def gain(effect: cs.Effect, table: str, column: str, key: str, name: str) -> np.ndarray:
    """Effect on a column of one key in the last year, by pair, (pairs,)."""
    return last(effect.policy, table, column, key, name) - last(effect.base, table, column, key, name)


def ten_lines(effect: cs.Effect, lost: Mapping[str, np.ndarray], table: pd.DataFrame) -> str:
    """What a minister would ask, answered: every figure with its 90 % interval."""

    def chain(name: str) -> np.ndarray:
        return gain(effect, "region", name, "scope", "chain")

    def by(channel: str, name: str, digits: int, factor: float = 1.0) -> str:
        row = effect.channels(name).set_index("channel").loc[channel]
        return f"{factor * row['effect']:+,.{digits}f} ({factor * row['low90']:,.{digits}f} to {factor * row['high90']:,.{digits}f})"

    links = {side: one.missing_links for side, one in (("without", effect.base), ("with", effect.policy))}
    links = {side: found[found["year"] == effect.policy.years[1]] for side, found in links.items()}
    filled, needs = [], []
    for name, rows in links["with"].groupby("segment", sort=False):
        without = links["without"][links["without"]["segment"] == name]
        filled.append(f"{name} {share(rows['filled'].to_numpy())}, without {share(without['filled'].to_numpy())}")
        low, middle, high = rows["viability"].quantile([0.05, 0.5, 0.95])
        even = rows["viability_even_odds"].median()
        needs.append(f"{name} {middle:.2f} ({low:.2f} to {high:.2f}) of {even:.1f}")
    costs = effect.costs().query("scope == 'all'").set_index("item")
    money = {name: costs.loc[name] for name in ("outlay", "net_cost", "job_years") if name in costs.index}
    told = table.set_index("indicator")
    output = last(effect.base, "region", "output", "scope", "chain")
    research = last(effect.base, "region", "rd", "scope", "chain")
    upstream, chip = gain(effect, "tiers", "completeness_fixed", "tier", "upstream"), filled.pop()
    worlds = ", ".join(
        f"{name.replace('_', ' ')} {agreed(told.loc[name, 'same_sign'])}"
        for name in ("output", "employment", "strength", "rd", "localization_rate_fixed", "completeness_fixed")
    )
    lines = [
        f"Upstream, completeness moves by {interval(upstream, factor=100)} points, in the chain by "
        f"{interval(chain('completeness_fixed'), factor=100)}. Share of runs with a plant: {'; '.join(filled)}.",
        "What keeps links missing is demand: what a first plant could sell over the smallest plant (nine runs in ten), of what brings it "
        f"within ten years with even odds: {'; '.join(needs)}.",
        f"Midstream, share of runs with a plant: {chip}. The effective number of products moves by "
        f"{interval(gain(effect, 'tiers', 'extension', 'tier', 'midstream'))}, in the chain by {interval(chain('extension'))}.",
        f"Downstream, strength moves by {interval(gain(effect, 'tiers', 'strength', 'tier', 'downstream'), 3)}, in the chain by "
        f"{interval(chain('strength'), 3)}.",
        f"Localization moves by {interval(chain('localization_rate_fixed'), factor=100)} points; by quality "
        f"{by('quality', 'localization_rate_fixed', 2, 100)} and by price {by('price', 'localization_rate_fixed', 2, 100)} in nine pairs of ten.",
        f"Jobs in the chain move by {interval(chain('employment'), 0)}; in nine pairs of ten {by('demand', 'employment', 0)} by demand and "
        f"{by('productivity', 'employment', 0)} by productivity.",
        f"Output moves by {interval(chain('output'), 0)} million, {interval(chain('output') / output, 1, 100)} %; R&D by "
        f"{interval(chain('rd'), 0)} million, {interval(chain('rd') / research, 1, 100)} %.",
        "It costs, over all years and in nine pairs of ten, "
        + "; ".join(
            f"{name.replace('_', ' ')} {row['value']:,.0f} ({row['low90']:,.0f} to {row['high90']:,.0f})"
            for name, row in money.items()
        )
        + ".",
        f"An embargo on chips costs {interval(lost['no package'])} % of output in the worst year without and {interval(lost['the package'])} % "
        f"with the package; its security standard saves {interval(lost['the package without its standard'] - lost['the package'])} points.",
        f"Share of {WORLDS} worlds of other numbers in which the effect has the sign of the median: {worlds}.",
    ]
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))


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
        "| link | filled without, % of runs | with | demand it could win over the smallest plant (viability) | viability of even odds in ten years | what alone brings viability to 1 |",
        "|---|---|---|---|---|---|",
    ]
    tables = [each.missing_links[each.missing_links["year"] == each.years[1]] for each in (effect.base, effect.policy)]
    for name in tables[0]["segment"].unique():
        rows = [table[table["segment"] == name] for table in tables]
        filled = [100 * row["filled"].mean() for row in rows]
        row = rows[1]
        grant, quality = (
            row[each].fillna(np.inf).median() for each in ("opens_grant", "opens_quality")
        )  # never: beyond all
        rate = row.loc[row["filled"] == 0, "rate"].median()
        waits = f"nothing: a plant is worth it, and comes with a chance of {100 * rate:.0f} % a year"
        opens = [f"demand x {row['opens_demand'].median():.1f}"] if row["viability"].median() < 1.0 else [waits]
        if row["viability"].median() < 1.0:
            opens += [f"a grant of {100 * grant:.0f} % of capital"] if np.isfinite(grant) else []
            opens += [f"quality {quality:+.2f} log"] if np.isfinite(quality) else ["no quality up to the frontier"]
        lines.append(
            f"| {name} | {filled[0]:.0f} | {filled[1]:.0f} | {row['viability'].median():.2f} "
            f"| {row['viability_even_odds'].median():.1f} | {'; '.join(opens)} |"
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


def embargo(base: cs.Scenario, policy: cs.Scenario) -> tuple[str, dict[str, np.ndarray]]:
    """Output of the chain lost by an embargo without and with the package, and without its standard; of the worst year by pair."""
    worst: dict[str, np.ndarray] = {}
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
        worst[name] = lost.max(axis=1).to_numpy()
        lines.append(f"| {name} | {shown(worst[name])} | {shown(lost.loc[:, 2023:2030].mean(axis=1).to_numpy())} |")
    return "\n".join(lines), worst


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


def doubt(base: cs.Scenario, policy: cs.Scenario) -> tuple[str, pd.DataFrame]:
    """The package in worlds: bounds of luck and numbers, of luck alone, and what drives the effects; all effects."""
    effect = cs.compare(base, policy, worlds=WORLDS, replications=2, jobs=JOBS)
    lines = [
        f"| effect in 2035, {effect.worlds} worlds x 2 | median | 90 % luck and numbers | 90 % luck alone | same sign | five numbers that seem to drive it most, 90 %; ? may be chance |",
        "|---|---|---|---|---|---|",
    ]
    table = effect.table(2035).set_index("indicator")
    for name, factor, digits in (
        ("output", 1, 0), ("employment", 1, 0), ("localization_rate_fixed", 100, 2), ("completeness_fixed", 100, 2),
        ("strength", 1, 3), ("rd", 1, 0),
    ):  # fmt: skip
        row, found = table.loc[name], effect.drivers(name, 2035)
        strongest = found[(found["group"] != "luck") & (found["share"] > 0.0)].head(5)
        words = ", ".join(
            f"{item.path} {100 * item.share:.0f} % ({100 * item.low:.0f} to {100 * item.high:.0f}){'' if item.told else ' ?'}"
            for item in strongest.itertuples()
        )
        bounds = [
            f"{factor * row[f'{end}low90']:,.{digits}f} to {factor * row[f'{end}high90']:,.{digits}f}"
            for end in ("", "luck_")
        ]
        words, luck = words or "none", found.iloc[-1]["share"]
        lines.append(
            f"| {name} | {factor * row['effect']:,.{digits}f} | {bounds[0]} | {bounds[1]} | {agreed(row['same_sign'])} | {words}; luck {100 * luck:.0f} % |"
        )
    return "\n".join(lines), table.reset_index()


def fill(text: str, part: str, made: str) -> str:
    """The page with the text between the marks of a part."""
    pattern = rf"(<!-- {part} -->\n).*?(<!-- end -->)"
    return re.sub(pattern, lambda found: found[1] + made + "\n" + found[2], text, flags=re.S)


if __name__ == "__main__":
    page = HERE / "package-2020.md"
    jilin, package = cs.load(SCENARIOS / "jilin.yaml"), cs.load(SCENARIOS / "jilin-package.yaml")
    pairs = cs.compare(jilin, package, replications=PAIRS, jobs=JOBS)

    def keep(part: str, made: str) -> None:
        """Write a part of the page."""
        page.write_text(fill(page.read_text(encoding="utf-8"), part, made), encoding="utf-8")

    for part, make in (("answers", answers), ("links", links), ("channels", channels)):
        keep(part, make(pairs))
    struck, worst_years = embargo(jilin, package)
    keep("embargo", struck)
    numbers, in_worlds = doubt(jilin, package)
    keep("doubt", numbers)
    minister = ten_lines(pairs, worst_years, in_worlds)
    print(minister)
    keep("ten", minister)
    keep("levers", ranking(jilin, package))
