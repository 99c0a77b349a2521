"""The report of a result: one HTML file that needs no other file and no network."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from chainsim.economy.parameters import in_money, in_money_of
from chainsim.figures.display import display, number, title
from chainsim.indicators.table import INDICATORS
from chainsim.report.figures import charts
from chainsim.report.flow import Flow, local_share, picture
from chainsim.report.flow_svg import flow_svg, ribbon_scale
from chainsim.report.observed import target_tables
from chainsim.report.sources import cited_in, source_groups
from chainsim.report.tables import (
    findings,
    headline_rows,
    lever_rows,
    link_rows,
    named_rows,
    purchase_rows,
    segment_columns,
    segment_groups,
    statistics_rows,
)
from chainsim.report.translation import in_both_languages, names_of
from chainsim.runs.results import Result

HERE = Path(__file__).parent


@in_money_of(lambda result: result.scenario.money)
def report(result: Result) -> str:
    """The page. The same result gives the same bytes, but for the paragraph on its identity."""
    first, last = pictures = tuple(picture(result, year) for year in result.years)
    scale = ribbon_scale(pictures)
    drawn, sources = charts(result), source_groups(result.scenario)
    page = template().render(
        scenario=result.scenario,
        start=first.year,
        end=last.year,
        runs=result.replications,
        findings=findings(result),
        headline=headline_rows(result),
        statistics=statistics_rows(result),
        charts=drawn,
        points=any(panel.observed for chart in drawn for panel in (*chart.near, *chart.apart)),
        targets=target_tables(result),
        flows=[(item, flow_svg(item, scale)) for item in pictures],
        inside=purchase_rows(first, last),
        ribbons=purchase_rows(first, last, drawn=True),
        columns=[(title(name), display(name).unit, INDICATORS[name].meaning) for name in segment_columns(result)],
        segments=segment_groups(result),
        links=link_rows(result),
        named=named_rows(result),
        levers=lever_rows(result),
        sources=sources,
        cited=cited_in(sources),
        identity=result.provenance,
        style=Markup((HERE / "style.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
    )
    return in_both_languages(page, names_of(result.scenario))


def template() -> Template:
    """The template of the page of a result."""
    return environment().get_template("template.html.j2")


@cache
def environment() -> Environment:
    """Where page templates come from; whatever is put into them is escaped."""
    found = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    found.filters |= {
        "sentence": sentence,
        "total": total,
        "local_share": local_share,
        "number": number,
        "in_money": in_money_of_page,
    }
    return found


@pass_context
def in_money_of_page(_: Context, declared: str) -> str:
    """A unit in the money of the page: asked for with the context, so that it is not worked out before there is one."""
    return in_money(declared)


def sentence(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def total(flows: Sequence[Flow]) -> float:
    """Purchases of all flows, CNY million."""
    return sum(flow.value for flow in flows)
