"""The page of a comparison: one HTML file that a minister can read, and that needs no other file and no network."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from chainsim.economy.parameters import in_money_of
from chainsim.effects.effect import Effect
from chainsim.effects.effect_tables import interval_of
from chainsim.effects.world_shares import FEWEST_WORLDS
from chainsim.report import effect_figures as figures
from chainsim.report import effect_text as text
from chainsim.report.doubt import NO_NUMBER, crossed, doubt_rows
from chainsim.report.language import said, titled_levers
from chainsim.report.lever_text import additionality_rows, ranking_rows
from chainsim.report.pages import HERE, environment
from chainsim.report.several import several, softened, titles
from chainsim.report.sources import cited_in, source_groups
from chainsim.report.summary import in_short, paths
from chainsim.report.translation import in_both_languages, names_of
from chainsim.report.who import named_effects, who_got_what


@in_money_of(lambda effect: effect.base.scenario.money)
def effect_report(effect: Effect) -> str:
    """The page. The same comparison gives the same bytes, but for the paragraph on its identity."""
    parts, names = [part_of(part) for part in effect.parts], titles(effect)
    page = (
        environment()
        .get_template("effects.html.j2")
        .render(
            base=effect.base.scenario,
            description=description(effect),
            policies=[policy.scenario for policy in effect.policies],
            start=effect.base.years[0],
            end=effect.base.years[1],
            pairs=effect.replications,
            interval=interval_of(effect.worlds),
            interval_zh=said(interval_of(effect.worlds)).zh,
            worlds=effect.worlds,
            few_worlds=effect.worlds < FEWEST_WORLDS,
            enough_worlds=FEWEST_WORLDS,
            crossed=crossed(effect),
            parts=parts,
            titles=names,
            several=several(effect),
            softened=softened(effect),
            cited=cited_in(group for part in parts for group in part["sources"]),
            identity=effect.provenance,
            hashes=[(item.scenario.name, item.scenario.hash) for item in (effect.base, *effect.policies)],
            style=Markup((HERE / "style.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
        )
    )
    return in_both_languages(page, names_of(*(each.scenario for each in (effect.base, *effect.policies))))


def description(effect: Effect) -> str:
    """What the only policy says of itself; nothing where it only repeats the baseline."""
    said = effect.policies[0].scenario.description if len(effect.policies) == 1 else ""
    return said if said != effect.base.scenario.description else ""


def part_of(effect: Effect) -> dict[str, Any]:
    """What the page says of one policy."""
    years, trace, certificate = text.effect_years(effect), effect.trace(), effect.certificate
    costs = effect.costs()
    found: dict[str, Any] = {
        "scenario": effect.policy.scenario,
        "levers_titled": titled_levers(effect.policy.scenario),
        "application": bool(effect.base.scenario.chain.application),
        "years": years,
        "short": in_short(effect),
        "paths": paths(effect),
        "effects": text.effect_rows(effect, years),
        "doubt": doubt_rows(effect, untold=True),
        "no_number": NO_NUMBER,
        "totals": text.both_scopes(costs, text.TOTALS),
        "ratios": text.both_scopes(costs, text.RATIOS),
        "plane": figures.plane_figure(effect),
        "levers": text.lever_rows(effect),
        "payments": text.payment_rows(effect),
        "outlay": figures.money_figure(effect),
        "support": [(by, text.support_rows(effect, by)) for by in ("tier", "size", "owner", "segment")],
        "got": who_got_what(effect),
        "named": named_effects(effect),
        "where": text.where_rows(effect),
        "charts": figures.charts(effect),
        "aims": figures.aims(effect),
        "why": text.why(effect),
        "recipients": text.recipient_rows(effect),
        "additionality": additionality_rows(effect),
        "ranking": None,
        "channels": list(trace.channels.itertuples()),
        "reach": list(trace.reach.round().astype(int).itertuples()) if len(trace.reach) else [],
        "certificate": certificate,
        "sources": [group for group in source_groups(effect.policy.scenario) if group.title in ("Levers", "Shocks")],
        "split": None,
    }
    if effect.has_ranking:
        found["ranking"] = {
            "rows": ranking_rows(effect),
            "pairs": len(effect.ranking.seeds),
            "figure": figures.ranking_figure(effect),
        }
    if "coalitions" in effect.seen:
        heads, rows = text.share_rows(effect)
        found["split"] = {
            "heads": heads,
            "rows": rows,
            "synergies": text.synergy_rows(effect),
            "replications": effect.split.replications,
            "runs": 2 ** len(effect.split.players),
            "players": effect.split.players,
            "plane": figures.lever_plane_figure(effect),
        }
    return found
