"""The first screen of a comparison: what the policy does in sentences, and the paths of the three aims."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes

from chainsim.economy.parameters import currency, in_money
from chainsim.effects.effect import Effect
from chainsim.effects.effect_tables import FEWEST_FOR_A_SIGN, interval_of, values
from chainsim.effects.ranking import LEAST
from chainsim.figures.display import band, is_share, number, show_effect, signed, unit_of
from chainsim.figures.results import COLOURS, DASHES, axis_scale, fan, finish_axes
from chainsim.report.effect_text import base_year, means, name_of, percent
from chainsim.report.figures import SIZE, figure_svg
from chainsim.report.language import Both, indicator, lever_title, said, unit
from chainsim.report.lever_text import carrying
from chainsim.runs.headline import is_undefined
from chainsim.scenario.schema import Chain

PATHS = ("output", "localization_rate_fixed", "employment")
"""What the mission of the region is measured by."""
AIMS = {"completeness_fixed": ("Complete", "补链"), "extension": ("Extend", "延链"), "strength": ("Strengthen", "强链")}
BOX = (0.15, 0.11, 0.83, 0.85)
MOST = 3
"""Names in a sentence."""
WEAK = Both(", so the sign is not certain", ",正负号不确定")
FEW = Both(", but so few runs leave the sign uncertain", ",但运行次数太少,正负号仍不确定")
"""What is said of an effect whose sign is not certain, where its interval holds 0 and where it does not."""


class Path(NamedTuple):
    """An indicator of the chain over the years in both worlds."""

    title: Both
    unit: Both
    svg: Markup


def paths(effect: Effect) -> list[Path]:
    """The three trajectories, policy against baseline."""
    return [path(effect, name) for name in PATHS]


def path(effect: Effect, name: str) -> Path:
    """One trajectory: means of both worlds, the band that holds nine runs in ten around each."""
    both = values(effect.base, effect.policy, name)
    frames = [pd.DataFrame(runs.T, index=pd.Index(both.keys["year"])) for runs in (both.base, both.policy)]
    factor, shown = axis_scale(name, max(float(np.abs(frame.to_numpy()).max()) for frame in frames))

    def draw(ax: Axes) -> None:
        for frame, world, style in zip(frames, ("baseline", "policy"), (1, 0), strict=True):
            fan(ax, frame * factor, world, middle=np.mean, color=COLOURS[style], linestyle=DASHES[style])
        finish_axes(ax, name, shown)
        ax.set_ylabel("")

    svg = figure_svg(f"{effect.names[0]}-path-{name}", SIZE, BOX, draw, f"{indicator(name).en}, {shown}")
    return Path(indicator(name), unit(shown), svg)


def in_short(effect: Effect) -> list[Both]:
    """What the policy does to the chain, whom it hurts and when, which levers carry it, and how sure that is."""
    told = [main_effect(effect, name) for name in ("output", "localization_rate_fixed", "employment")]
    return [*told, *aims(effect), losers(effect), *dips(effect), *levers(effect), *money(effect), how_sure(effect)]


def main_effect(effect: Effect, name: str) -> Both:
    """The effect on an indicator in the last year, with nine pairs in ten."""
    end = effect.base.years[1]
    row = means(effect, [end], [name]).iloc[0]
    shown, words = (
        show_effect(name, row["effect"]),
        unit({"points": "percentage points"}.get(unit_of(name), unit_of(name))),
    )
    over = "" if is_share(name) or not np.isfinite(row["relative"]) else percent(row["relative"])
    en, zh = indicator(name)
    first = f"{en} of the chain in {end}: {shown} {words.en}" + (f", {over} of the baseline" if over else "")
    second = f"{end}年产业链{zh}:{shown}{words.zh}" + (f",为基线的{over}" if over else "")
    if effect.replications > 1:
        weak = Both("", "") if row["certain"] else WEAK if row["low90"] <= 0.0 <= row["high90"] else FEW
        first += (
            f"; {interval_of(effect.worlds)} lies between {band(name, row['low90'], row['high90'], ' and ')}{weak.en}"
        )
        second += (
            f";{said(interval_of(effect.worlds)).zh}在{band(name, row['low90'], row['high90'], '与')}之间{weak.zh}"
        )
    return Both(f"{first}.", f"{second}。")


def aims(effect: Effect) -> list[Both]:
    """What becomes of completing, extending and strengthening the chain, as far as they are defined."""
    names = [name for name in AIMS if name in effect.base.region and not is_undefined(name, base_year(effect, name))]
    if not names:
        return []
    parts = []
    for row in means(effect, [effect.base.years[1]], names).to_dict("records"):
        name = str(row["indicator"])
        en, zh = AIMS[name]
        shown, words = show_effect(name, row["effect"]), unit(unit_of(name))
        sure = Both("", "") if row["certain"] else Both(" (sign not certain)", "(正负号不确定)")
        parts.append(Both(f"{en}: {shown} {words.en}{sure.en}", f"{zh}:{shown}{words.zh}{sure.zh}"))
    return [Both("; ".join(part.en for part in parts) + ".", ";".join(part.zh for part in parts) + "。")]


def losers(effect: Effect) -> Both:
    """Segments whose output in the last year is surely below that of the baseline."""
    table = means(effect, [effect.base.years[1]], ["output"], "segment")
    lost = table[surely_below(table)].sort_values("effect")
    if (effect.worlds or effect.replications) < FEWEST_FOR_A_SIGN:
        return Both("Fewer than ten pairs or worlds cannot tell who loses.", "不足十对结果或十组参数,无法判断谁受损。")
    if lost.empty:
        return Both(
            "No segment surely loses output: of none are nine pairs in ten below the baseline.",
            "没有一个环节的产出确定受损:没有一个环节的九成区间全部低于基线。",
        )
    chain = effect.base.scenario.chain
    titles = [segment_title(chain, str(row["segment"])) for row in lost.head(MOST).to_dict("records")]
    amounts = [show_effect("output", float(row["effect"])) for row in lost.head(MOST).to_dict("records")]
    more = len(lost) - len(titles)
    en = ", ".join(f"{title.en} ({amount})" for title, amount in zip(titles, amounts, strict=True))
    zh = "、".join(f"{title.zh}({amount})" for title, amount in zip(titles, amounts, strict=True))
    return Both(
        f"Losers of output, {in_money('CNY million')}: {en}{f' and {more} more' if more else ''}.",
        f"产出受损的环节({in_money('百万元')}):{zh}{f',另有{more}个' if more else ''}。",
    )


def surely_below(table: pd.DataFrame) -> pd.Series:
    """Whether effects lie below 0 for certain."""
    return (table["high90"] < 0.0) & table["certain"]


def segment_title(chain: Chain, name: str) -> Both:
    """The title of a segment in both languages."""
    found = chain.segments[name].title
    return Both(name_of(name), name_of(name)) if found is None else Both(found.en, found.zh or found.en)


def dips(effect: Effect) -> list[Both]:
    """Years in which the policy surely lowers output, localization or jobs of the chain."""
    start, end = effect.base.years
    table = means(effect, list(range(start + 1, end + 1)), PATHS)
    found = []
    for name, rows in table.groupby("indicator", sort=False):
        years = rows.loc[surely_below(rows), "year"]
        if len(years):
            title, (first, last) = indicator(str(name)), (int(years.min()), int(years.max()))
            worst = show_effect(str(name), float(rows["effect"].min()))
            when = (
                Both(f"in {first}", f"{first}年")
                if first == last
                else Both(f"between {first} and {last}", f"{first}至{last}年")
            )
            found.append(
                Both(
                    f"Dip: {title.en} is below the baseline {when.en} ({len(years)} years), by {worst} {unit_of(str(name))} at worst.",
                    f"下降:{when.zh}{title.zh}低于基线(共{len(years)}年),最多{worst}{unit(unit_of(str(name))).zh}。",
                )
            )
    return found


def levers(effect: Effect) -> list[Both]:
    """The levers without which output would surely be another."""
    if not effect.has_ranking:
        return []
    found, pairs = carrying(effect), len(effect.ranking.seeds)
    if pairs < LEAST:
        return [
            Both(
                f"Only {pairs} pairs do not tell which levers carry the result.",
                f"仅{pairs}对结果,无法判断哪些工具起作用。",
            )
        ]
    if not found:
        return [
            Both(
                f"No single lever's part in output can be told from luck in {pairs} pairs.",
                f"{pairs}对结果中,没有一项工具对产出的贡献能与随机波动区分开。",
            )
        ]
    titles = [(lever_title(effect.policy.scenario, name), signed(amount, 0)) for name, amount in found[:MOST]]
    en, zh = ([f"{title[k]} ({amount})" for title, amount in titles] for k in (0, 1))
    first = Both(
        f"Levers that carry the result, {in_money('CNY million')} of output that the policy would lose without them: "
        f"{', '.join(en)}.",
        f"起作用的工具(缺少它时政策损失的产出,{in_money('百万元')}):{'、'.join(zh)}。",
    )
    if not effect.worlds:
        return [first]
    together = signed(float(effect.ranking.together("output").mean()), 0)
    return [
        first,
        Both(
            f"That is with every number as stated, where all levers together add {together} ({pairs} pairs); the effects "
            "above are means of worlds, whose numbers come from ranges that may reach further to one side.",
            f"以上按各数字的给定值计算,此时全部工具合计增加{together}({pairs}对结果);"
            "前文的效果是各情景的平均值,情景中的数字取自可能偏向一侧的范围。",
        ),
    ]


def money(effect: Effect) -> list[Both]:
    """What it costs over all years, of all tiers and of the chain without its users."""
    table = effect.costs()
    amounts = {
        scope: {str(row["item"]): float(row["value"]) for row in rows.to_dict("records")}
        for scope, rows in table.groupby("scope")
    }
    every, chain, kept = amounts["all"], amounts["chain"], f"{100.0 * effect.base.scenario.local_tax_share:g} %"
    outlay, tax, net = (number(every["outlay"], 0), signed(every["tax_return"], 0), number(every["net_cost"], 0))
    jobs = job_years(every)
    unit, letters = in_money("百万元"), currency()
    found = [
        Both(
            f"Over all years the region pays {letters} {outlay} million and taxes of all levels change by {letters} {tax} million: "
            f"net cost {letters} {net} million for {jobs.en} in all tiers.",
            f"全部年份中,本地支出{outlay}{unit},各级税收变化{tax}{unit}:净成本{net}{unit},全部环节共{jobs.zh}。",
        )
    ]
    alone = number(every["net_cost_region"], 0)
    found.append(
        Both(
            f"To the region alone, which is taken to bear {kept} of tax forgone and to keep {kept} of these taxes: net cost {letters} {alone} million.",
            f"若减免的税收和上述税收均有{kept}归本地:本地净成本{alone}{unit}。",
        )
    )
    if effect.base.scenario.chain.application:
        net, jobs = number(chain["net_cost"], 0), job_years(chain)
        found.append(
            Both(
                f"Counting the chain alone, without its users: net cost {letters} {net} million for {jobs.en}.",
                f"只计产业链本身、不计其用户:净成本{net}{unit},共{jobs.zh}。",
            )
        )
    return found


def job_years(amounts: Mapping[str, float]) -> Both:
    """Job-years, and what each costs where that is defined."""
    years, each = number(amounts["job_years"], 0), amounts["net_cost_per_job_year"]
    if not np.isfinite(each):
        return Both(f"{years} job-years", f"{years}个就业年")
    price = number(1000.0 * each, 0)
    return Both(
        f"{years} job-years, {currency()} {price} thousand each", f"{years}个就业年,每个{price}{in_money('千元')}"
    )


def how_sure(effect: Effect) -> Both:
    """What the intervals hold."""
    pairs = number(effect.replications, 0)
    if effect.worlds:
        worlds = number(effect.worlds, 0)
        return Both(
            f"How sure: {pairs} pairs in {worlds} worlds of uncertain numbers. Intervals hold luck and these numbers, "
            "not doubts about data without a range or about the model.",
            f"把握程度:{worlds}组不确定参数下的{pairs}对结果。区间反映随机波动和这些参数,不反映没有给出范围的数据和模型本身的不确定。",
        )
    return Both(
        f"How sure: {pairs} pair{'s' if effect.replications > 1 else ''} that share all luck. Intervals show luck, "
        "not doubts about parameters, data or the model.",
        f"把握程度:{pairs}对共享全部随机因素的结果。区间只反映随机波动,不反映参数、数据和模型的不确定。",
    )
