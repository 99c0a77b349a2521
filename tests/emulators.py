"""A search file of a small economy with two levers over two years, for emulators and their pages."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from chainsim.effects.worlds import Draw, World
from chainsim.search.emulate import PAIRS, fit
from chainsim.search.emulator import Emulator
from chainsim.search.emulator_runs import MOST_PAIRS, EffectPairs, points_of
from chainsim.search.search_file import search_of

SCENARIOS = Path(__file__).parent.parent / "scenarios"
POLICY = """extends: base.yaml
name: policy
levers:
  plant:
    title: {en: "Plants & <machines>", zh: 设备投资}
    type: investment_grant
    rate: .2
    budget: {value: 20, low: 10, high: 40, status: assumption, source: A150; B103}
    years: 2021-2022
  talent: {type: talent_introduction, heads: 60, cost: .05, years: 2021-2022}
"""
SEARCH = """base: base.yaml
policy: policy.yaml
levers: {levers.plant.budget: [0, 40], levers.talent.heads: [0, 100]}
aims: {employment: max}
"""


def search_file(folder: Path, money: str = "") -> Path:
    """The search file in a folder, with its scenarios."""
    base = (SCENARIOS / "minimal.yaml").read_text(encoding="utf-8").replace("end: 2030", "end: 2022")
    base += f"\nmoney: {money}\n" if money else ""
    for name, text in (("base", base), ("policy", POLICY), ("search", SEARCH)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder / "search.yaml"


def synthetic_emulator(folder: Path, worlds: bool = False, money: str = "") -> Emulator:
    """An emulator of the small economy that is fitted to numbers drawn here, with no run behind them."""
    points = 30
    search = search_of(search_file(folder, money))
    if worlds:
        search = replace(search, worlds=Draw((World({}, {}), World({}, {})), pd.DataFrame(), {}))
    made = EffectPairs(search, tuple(map(tuple, points_of(search, points, 3).tolist())), points)
    rng = np.random.default_rng(0)
    size = 100.0 * rng.normal(size=sum(each.years for each in made.series))
    outcomes = {
        MOST_PAIRS * point + pair: ((10.0 * size).tolist(), (size * sum(place) * luck).tolist())
        for point, place in enumerate(made.points)
        for pair, luck in enumerate(1.0 + 0.2 * rng.normal(size=(PAIRS, len(size))) + 0.3 * worlds * rng.normal())
    }
    return fit(made, outcomes)
