"""The page of an emulator: one offline file with the emulator inside, sliders for every setting, both kinds of doubt.

The page allows itself one script and one style sheet, each named by its hash, and no request: its policy is
`default-src 'none'`. Served on loopback it may ask where it came from for true pairs, and nobody else.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from chainsim.economy.parameters import in_money, in_money_of
from chainsim.figures.display import display, title
from chainsim.report.language import said, unit
from chainsim.report.pages import HERE, environment
from chainsim.report.translation import Translator
from chainsim.search.emulator import Emulator
from chainsim.search.emulator_runs import CHAIN, EVERYTHING, Series
from chainsim.search.surface import FADING, Setting, levers_of, student

MOST_LIVE = 30
"""True pairs that a page may ask for at once."""
STEPS = 100
"""Steps of a slider from one end to the other."""
TOTALS = {
    "outlay": "Outlay of the region",
    "net_cost": "Net cost",
    "net_cost_region": "Net cost to the region alone",
    "job_years": "Job-years",
    "job_years_chain": "Job-years of the chain",
    "jobs": "Jobs in the last year",
    "tax_return": "Tax return, all levels",
}
"""Headings that totals have on other pages as well."""
OWN_UNITS = {
    "person-years": "人年", "CNY million/y": "百万元/年", "persons/y": "人/年", "y": "年", "CNY million/person": "百万元/人",
    "products": "种", "1": "", "index": "指数",
}  # fmt: skip
Both = dict[str, str]


@in_money_of(lambda emulator: emulator.money)
def page(emulator: Emulator, sources: Mapping[str, tuple[str, str]], live: str = "") -> str:
    """The page as HTML that needs no other file; `sources` are texts and addresses by their ids.

    `live` is the word by which a page that is served here shows that it is ours; none for a page that stands alone.
    """
    data = json.dumps(page_data(emulator, sources, live), ensure_ascii=False, separators=(",", ":"))
    script, style = ((HERE / f"dashboard.{kind}").read_text(encoding="utf-8") for kind in ("js", "css"))
    return (
        environment()
        .get_template("dashboard.html.j2")
        .render(
            title=names(emulator)[1]["en"],
            policy=Markup(policy(script, style, live)),  # noqa: S704 - made of hashes
            script=Markup(script),  # noqa: S704 - our own file
            style=Markup(style),  # noqa: S704 - our own file
            sources=listed(emulator),
            data=Markup(data.replace("<", "\\u003c")),  # noqa: S704 - no tag can end it
        )
    )


def policy(script: str, style: str, live: str) -> str:
    """What the page may do: one script, one style sheet, an empty icon; served, ask for pairs."""
    hashes = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (script, style))
    own = "script-src 'sha256-{}'; style-src 'sha256-{}'".format(*hashes)
    asks = "; connect-src 'self'" if live else ""
    return f"default-src 'none'; {own}; img-src data:{asks}; base-uri 'none'; form-action 'none'"


def page_data(emulator: Emulator, sources: Mapping[str, tuple[str, str]], live: str) -> dict[str, Any]:
    """What the script of the page reads: the emulator, and all words in both languages."""
    about, surface = emulator.about, emulator.surface
    checks = {(row["place"], row["indicator"]): row for row in emulator.checks}
    ids = listed(emulator)
    base, named = names(emulator)
    return {
        "name": named,
        "base": base,
        "start": about["start"],
        "end": about["end"],
        "points": about["points"],
        "pairs": about["pairs"],
        "stated": about["stated"],
        "settings": [setting_data(emulator, each, place) for place, each in enumerate(surface.settings)],
        "levers": [lever_data(emulator, name) for name in levers_of(surface)],
        "places": places(emulator),
        "series": [
            {**series_data(each), "first": first, "check": checks[each.place, each.column]}
            for each, first in zip(emulator.series, emulator.first, strict=False)
        ],
        "terms": [list(term) for term in surface.terms],
        "coefficients": surface.coefficients[0].tolist(),
        "fading": FADING,
        "misfit": surface.error.tolist(),
        "grams": surface.grams.tolist(),
        "level": surface.level.tolist(),
        "noise": surface.noise.tolist(),
        "baseline": emulator.base.tolist(),
        "luck": emulator.luck.tolist(),
        "whole": None if emulator.whole is None else emulator.whole.tolist(),
        "sources": [
            {"id": each, "text": sources.get(each, ("", ""))[0], "url": sources.get(each, ("", ""))[1]} for each in ids
        ],
        "anchors": {each: f"source-{number}" for number, each in enumerate(ids)},
        "student": [0.0, 0.0, *(student(number) for number in range(2, MOST_LIVE + 1))],
        "live": live,
        "words": {key: {"en": en, "zh": zh} for key, (en, zh) in WORDS.items()},
    }


def names(emulator: Emulator) -> tuple[Both, Both]:
    """What baseline and policy are called: their titles, or their names where both have the same."""
    stated = [emulator.about["scenarios"][role] for role in ("base", "policy")]
    alike = stated[0]["title"] == stated[1]["title"]
    base, policy = (both({} if alike else each["title"], each["name"]) for each in stated)
    return base, policy


def both(stated: Mapping[str, str], plain: str) -> Both:
    """A title in both languages, or else the name in words."""
    english = stated.get("en") or plain.replace("_", " ")
    return {"en": english, "zh": stated.get("zh") or english}


def spoken(text: str) -> Both:
    """A text in both languages, as it is where it has no Chinese, as a citation has none."""
    return {"en": text, "zh": (text and Translator({}).chinese(text)) or text}


def unit_of(text: str) -> Both:
    """A unit in both languages."""
    own = {in_money(english): in_money(chinese) for english, chinese in OWN_UNITS.items()}
    return {"en": "" if text == "1" else text, "zh": own.get(text, unit(text).zh)}


def setting_data(emulator: Emulator, setting: Setting, place: int) -> dict[str, Any]:
    """A slider: what it is called, its range, step and unit, and what the policy states."""
    stated = emulator.about["stated"]
    field = setting.path.split(".", 2)[2]
    label = {"start": ("first year", "起始年"), "stop": ("last year", "结束年")}.get(setting.role)
    words = FIELDS.get(field, (field.replace("_", " "), field.replace("_", " "))) if label is None else label
    span = setting.high - setting.low
    return {
        "name": setting.name,
        "lever": setting.lever,
        "strength": setting.role == "strength",
        "low": setting.low,
        "high": setting.high,
        "whole": setting.whole,
        "year": setting.role in ("start", "stop"),
        "step": max(1.0, span // STEPS) if setting.whole else span / STEPS,
        "unit": unit_of(emulator.about["settings"][setting.name]["unit"]),
        "meaning": spoken(emulator.about["settings"][setting.name]["meaning"]),
        "label": {"en": words[0], "zh": words[1]},
        "own": None if stated is None else float(setting.at(stated[place])),
    }


def lever_data(emulator: Emulator, name: str) -> dict[str, Any]:
    """A lever: its title, and its numbers with their sources."""
    own = emulator.about["levers"][name]
    numbers = [
        {
            "path": row["path"].removeprefix(f"levers.{name}."),
            "value": f"{row['value']:.6g}",
            "range": spoken(row["range"]),
            "unit": unit_of(row["unit"]),
            "sources": ids_of(row["source"]),
            "about": spoken("" if ids_of(row["source"]) else row["source"]),
        }
        for row in own["numbers"]
    ]
    return {
        "name": name,
        "title": both(own["title"], name),
        "type": own["type"],
        "years": own["years"],
        "numbers": numbers,
    }


def ids_of(source: str) -> list[str]:
    """Ids in a source such as 'A150; B103; assumption'."""
    return [part for part in re.split(r"\s*[;,]\s*", source) if re.fullmatch(r"[A-Z]{1,3}\d+", part)]


def listed(emulator: Emulator) -> list[str]:
    """Ids of all sources of levers that have a slider, in their order."""
    levers = emulator.about["levers"]
    found = (row["source"] for name in levers_of(emulator.surface) for row in levers[name]["numbers"])
    return sorted({each for source in found for each in ids_of(source)})


def places(emulator: Emulator) -> dict[str, dict[str, str]]:
    """Where effects are shown: the chain, all tiers, each tier and each segment."""
    about = emulator.about
    found = {CHAIN: {"en": "The chain", "zh": "产业链", "kind": "whole"}}
    found[EVERYTHING] = {"en": "All tiers", "zh": said("All tiers").zh, "kind": "whole"}
    for tier in about["tiers"]:
        name = tier.replace("_", " ").capitalize()
        found[tier] = {"en": name, "zh": said(name).zh, "kind": "tier"}
    for name, stated in about["segments"].items():
        found[name] = {**both(stated, name), "kind": "segment"}
    return found


def series_data(series: Series) -> dict[str, Any]:
    """A series: place, indicator, number of years, title, unit and factors of effects and of levels."""
    if series.is_total:
        heading = TOTALS[series.column]
        words = (heading, said(heading).zh)
        return {
            "place": "", "column": series.column, "years": 1, "factor": 1.0, "level": 1.0,
            "title": {"en": words[0], "zh": words[1]}, "unit": unit_of(series.unit),
        }  # fmt: skip
    shown = display(series.column)
    return {
        "place": series.place,
        "column": series.column,
        "years": series.years,
        "factor": shown.factor,
        "level": shown.factor,
        "title": {"en": title(series.column), "zh": said(title(series.column)).zh},
        "unit": unit_of("points" if shown.unit == "%" else shown.unit),
    }


def source_table(path: Path) -> dict[str, tuple[str, str]]:
    """Text and address of sources by id, from a CSV table with columns id, source and url.

    *Raises* OSError where it cannot be read, ValueError where it has no such columns.
    """
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.DictReader(stream)
        missing = {"id", "source", "url"} - set(rows.fieldnames or ())
        if missing:
            raise ValueError(f"{path} has no column {', '.join(sorted(missing))}; expected id, source, url")
        return {row["id"]: (described(row), web(row["url"])) for row in rows}


def described(row: Mapping[str, str]) -> str:
    """A source in words."""
    return ", ".join(part for part in (row.get("quantity", ""), row.get("year", ""), row["source"]) if part)


def web(address: str | None) -> str:
    """An address that may be a link; nothing for any other."""
    return address if address and re.match(r"https?://", address) else ""


FIELDS = {
    "budget": ("budget", "预算"), "rate": ("rate", "比例"), "share": ("share", "份额"), "heads": ("people a year", "每年人数"),
    "saved": ("delay saved", "节省的时间"), "cost": ("cost", "成本"), "points": ("points", "百分点"), "bonus": ("bonus", "加成"),
}  # fmt: skip
"""What numbers of levers are called on sliders."""
WORDS = {
    "whatIf": ("What if?", "如果……会怎样?"),
    "beside": ("Effects beside the baseline:", "相对基线的效果:"),
    "made": ("Answers of an emulator fitted to {points} portfolios of {pairs} pairs of runs each", "由仿真器给出,拟合自 {points} 个组合,每个 {pairs} 对模拟"),
    "language": ("中文", "English"),
    "allOff": ("All off", "全部关闭"),
    "asStated": ("As stated", "按原方案"),
    "stated": ("stated", "原方案"),
    "levers": ("Levers", "政策工具"),
    "numbers": ("Numbers and sources", "数字与来源"),
    "off": ("off", "关闭"),
    "to": ("to", "至"),
    "totals": ("Over all years", "全部年份"),
    "place": ("Where", "范围"),
    "indicator": ("What", "指标"),
    "year": ("Year", "年份"),
    "whole": ("Whole", "整体"),
    "tiers": ("Tiers", "环节层级"),
    "segments": ("Segments", "环节"),
    "baseline": ("Baseline", "基线"),
    "policy": ("With policy", "有政策"),
    "effect": ("Effect", "效果"),
    "errorBand": ("Emulator's error, 90 %", "仿真误差,90 %"),
    "luckBand": ("Luck of one pair, 90 %", "单次随机,90 %"),
    "wholeBand": ("Luck and uncertain numbers, 90 %", "随机与参数,90 %"),
    "pairs": ("True pairs", "真实成对模拟"),
    "chartSays": ("The same numbers stand in the table below.", "下表给出相同的数字。"),
    "table": ("The same as a table", "数据表"),
    "wrong": ("Where the emulator is wrong", "仿真器的误差"),
    "wrongSays": (
        "Error at portfolios that were left out of the fit, and how much of it is luck; the part of the variance that is explained, luck taken "
        "out; and how many fresh pairs of runs, and means of fresh portfolios, lie inside their 90 % intervals.",
        "对未参与拟合的组合的误差及其中随机部分;剔除随机后被解释的方差;新模拟及其均值落入 90 % 区间的比例。",
    ),
    "leftOut": ("Error at portfolios left out", "留一误差"),
    "ofLuck": ("Of it luck", "其中随机"),
    "explained": ("Explained", "解释程度"),
    "pairsInside": ("Fresh pairs inside", "新模拟落入比例"),
    "meansInside": ("Fresh means inside", "新均值落入比例"),
    "weak": ("do not trust its intervals", "区间不可靠"),
    "sources": ("Sources", "来源"),
    "unlisted": ("", ""),
    "live": ("Check by true pairs", "用真实模拟检验"),
    "number": ("Pairs", "对数"),
    "checkNow": ("Run them", "运行"),
    "running": ("running", "运行中"),
    "done": ("pairs run:", "已运行:"),
    "agrees": ("outcomes within both errors:", "两种误差之内的结果:"),
    "moved": ("stopped: a slider was moved", "已停止:滑块被移动"),
}  # fmt: skip
"""Words of the page in English and Chinese."""
