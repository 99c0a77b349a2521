"""A search file of a small economy with two levers over two years, for emulators and their pages."""

from pathlib import Path

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


def search_file(folder: Path) -> Path:
    """The search file in a folder, with its scenarios."""
    base = (SCENARIOS / "minimal.yaml").read_text(encoding="utf-8").replace("end: 2030", "end: 2022")
    for name, text in (("base", base), ("policy", POLICY), ("search", SEARCH)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder / "search.yaml"
