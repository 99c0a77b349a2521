"""The validation panel measures what a made-up population was made with, and hides nothing."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from chainsim.runs.results import Result
from chainsim.runs.simulation import simulate
from chainsim.scenario.load import load
from chainsim.validation.patterns import PATTERNS, patterns

YEARS = range(2020, 2036)
HAZARD = 0.08


def population(seed, number=1500):
    """Enterprises that grow at random by .1, close at one hazard at the end of a year and are replaced."""
    luck = np.random.default_rng(seed)
    identity, founded = np.arange(number), 2020 - luck.geometric(HAZARD, number) + 1
    size, productivity = luck.random(number) ** (-1 / 1.1), np.exp(luck.normal(0, 0.3, number))
    frames = []
    for year in YEARS:
        active = luck.random(number) >= (HAZARD if year > YEARS[0] else 0)
        person = productivity * np.exp(luck.normal(0, 0.2, number))
        columns = {"year": year, "identity": identity, "founded": founded, "active": active, "sales": size}
        columns |= {"segment": np.arange(number) % 3, "employment": size * active, "value_added": size * person}
        columns |= {"productivity": productivity, "capital": active * 1.0, "investment": luck.random(number) / 4}
        frames.append(pd.DataFrame(columns))
        identity, founded = np.where(active, identity, identity + number), np.where(active, founded, year + 1)
        size = size * np.exp(luck.laplace(0, 0.1 / np.sqrt(2), number))
    return pd.concat(frames)


def region(seed):
    """Pay that follows unemployment with elasticity -.07."""
    luck = np.random.default_rng(seed)
    years = len(YEARS)
    unemployment = 0.05 * np.exp(np.cumsum(luck.normal(0, 0.1, years)))
    pay = 1.04 ** np.arange(years) * unemployment**-0.07
    table = {"year": YEARS, "supporting_rate": 0.38 + luck.normal(0, 0.01, years)}
    table |= {f"unemployment_{skill}": unemployment for skill in ("ordinary", "skilled")}
    table |= {f"wage_{skill}": pay for skill in ("ordinary", "skilled")}
    return pd.concat([pd.DataFrame(table | {"scope": scope}) for scope in ("chain", "all")])


def links(seed):
    """Forty suppliers in the region, and national supply; one link in ten goes every year."""
    luck = np.random.default_rng(seed)
    supplier = luck.integers(0, 40, 2000).astype(object)
    supplier[:500] = "national"
    frames = []
    for year in YEARS:
        again = luck.random(2000) < 0.1
        again[:500] = False
        supplier = np.where(again, 40 + luck.integers(0, 1400, 2000), supplier)
        frames.append(pd.DataFrame({"year": year, "buyer": np.arange(2000), "input": "chips", "supplier": supplier}))
    return pd.concat(frames)


def made_result(replications=2, with_links=True, in_chain=(0, 1, 2)):
    makers = {"enterprises": population, "region": region} | ({"links": links} if with_links else {})
    tables = {
        name: pd.concat([make(seed).assign(replication=seed) for seed in range(replications)], ignore_index=True)
        for name, make in makers.items()
    }
    scenario = SimpleNamespace(chain=SimpleNamespace(own_segments=in_chain))
    return SimpleNamespace(tables=tuple(tables), scenario=scenario, **tables)


@pytest.fixture(scope="module")
def panel():
    return patterns(made_result()).set_index("pattern")


@pytest.mark.parametrize(
    ("pattern", "value", "tolerance"),
    [
        ("size tail", 1.1, 0.25),
        ("growth shape", 1.0, 0.05),
        ("growth excess kurtosis", 3.0, 0.5),
        ("volatility-size slope", 0.0, 0.02),
        ("productivity P90/P10", np.exp(2 * 1.28155 * 0.3), 0.1),
        ("productivity AR(1)", 0.09 / (0.09 + 0.04), 0.03),
        ("exit hazard, year 1", HAZARD, 0.02),
        ("exit hazard, years 16+", HAZARD, 0.02),
        ("survival, 5 years", (1 - HAZARD) ** 5, 0.02),
        ("median life, years", np.log(0.5) / np.log(1 - HAZARD), 0.5),
        ("entry rate", HAZARD, 0.01),
        ("exit rate", HAZARD, 0.01),
        ("investment spikes", 0.2, 0.01),
        ("wage curve", -0.07, 1e-9),
        ("supporting rate, yearly sd", 0.01 * np.sqrt(2), 0.006),
    ],
)
def test_a_pattern_is_measured_as_it_was_made(panel, pattern, value, tolerance):
    assert panel.loc[pattern, "value"] == pytest.approx(value, abs=tolerance)


def test_links_with_local_suppliers_survive_as_often_as_they_were_kept(panel):
    assert panel.loc["link survival", "value"] == pytest.approx(0.9, abs=0.02)


def test_the_age_stock_is_compared_with_what_the_run_own_hazards_imply(panel):
    middle = panel.loc["age under 5, share", ["low", "high"]].mean()
    assert middle == pytest.approx(1 - (1 - HAZARD) ** 5, abs=0.03)
    assert panel.loc["age under 5, share", "inside"]


def test_entry_is_held_against_exit_and_the_growth_of_the_number(panel):
    assert panel.loc["entry rate", ["low", "high"]].mean() == pytest.approx(HAZARD, abs=0.005)
    assert panel.loc["entry rate", "value"] == pytest.approx(
        HAZARD * 14 / 15, abs=0.003
    )  # nobody closed in the base year


def test_the_size_tail_leaves_out_those_who_only_use_the_chain():
    made = made_result(replications=1, in_chain=(0, 1))
    made.enterprises.loc[made.enterprises["segment"] == 2, "employment"] = 7.0
    table = patterns(made).set_index("pattern")
    assert table.loc["size tail", "value"] == pytest.approx(1.1, abs=0.3)


def test_a_pattern_outside_its_band_is_reported_as_outside(panel):
    assert panel.loc["wage curve", "inside"]
    assert not panel.loc["volatility-size slope", "inside"]


def test_every_pattern_is_reported_with_its_band_spread_and_source(panel):
    assert list(panel.index) == [pattern.name for pattern in PATTERNS]
    assert panel[["value", "sd", "low", "high"]].notna().all(axis=None)
    assert (panel["source"] != "").all()
    assert (panel["low"] < panel["high"]).all()


def test_what_was_not_recorded_is_neither_inside_nor_outside():
    table = patterns(made_result(replications=1, with_links=False)).set_index("pattern")
    assert pd.isna(table.loc["link survival", "inside"])
    assert "links: true" in table.loc["customer tail", "note"]


def test_a_result_without_enterprises_is_refused_with_the_next_step():
    with pytest.raises(ValueError, match="enterprises: true"):
        patterns(SimpleNamespace(tables=("region",)))


def test_a_run_that_records_enterprises_and_links_has_a_value_for_its_patterns():
    scenario = load(Path(__file__).parents[2] / "scenarios" / "minimal.yaml")
    scenario = scenario.replace({"record.enterprises": True, "record.links": True, "years.end": 2030})
    table = patterns(Result(scenario, [simulate(scenario, seed=1)])).set_index("pattern")
    rare = {"exit hazard, year 1", "exit hazard, year 2", "exit hazard, year 3"}  # sixty enterprises have few newcomers
    rare |= {name for name in table.index if name.startswith("age ")}
    known = table[~table.index.isin(rare)]
    assert known["value"].notna().all()
    assert 0 < table.loc["exit rate", "value"] < 0.2
    assert 0.5 < table.loc["link survival", "value"] < 1
