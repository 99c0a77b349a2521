"""Sound files that cases spoil in one place: a scenario with policy, its tables, a design, a register, a sector map."""

from __future__ import annotations

SCENARIO = """\
name: sound
years: {start: 2020, end: 2025}
replications: 2
seed: 1
chain:
  tiers: [upstream, downstream]
  anchors: [cars]
  segments:
    steel:
      tier: upstream
      output: 100
      enterprises: {number: 3}
      markets: {national: {sales: 80, volume: 1000, growth: {2021: 0.03}}}
    cars:
      tier: downstream
      output: {value: 200, low: 180, high: 220, source: "yearbook", status: sourced}
      inputs: {steel: 0.2}
      localization: {steel: 0.5}
      enterprises: {number: 4}
      markets: {abroad: {sales: 200, local_share: 0.1}}
enterprises:
  - {id: first, name: First Works, segment: cars, revenue: 60, employees: 90}
region:
  taxes: {profit: 0.25, rd_deduction: {2020: 0.75}}
  parks: {north: {share: 0.4}, south: {share: 0.6}}
  institutes: {lab: {budget: 5, segments: {steel: 0.5}}}
stages:
  demand: {goodwill: persistent}
  sourcing: {substitution: 3}
levers:
  grant: {type: rd_grant, years: 2021-2024, rate: 0.2, budget: {yearly: 5}, where: employees < 300}
  hub: {type: matchmaking, years: 2022, rate: 0.3, target: {segments: [steel], max_employees: 500}}
shocks:
  slump: {type: demand_shift, years: 2022, change: -0.2, markets: [abroad]}
record: {enterprises: false}
observed:
  - {indicator: output, year: 2024, of: steel, value: 110, low: 100, high: 120}
"""

TABLED = """\
name: tabled
years: {start: 2020, end: 2025}
chain:
  tiers: [upstream, downstream]
  anchors: [cars]
  tables: {segments: segments.csv, inputs: inputs.csv, markets: markets.csv}
enterprises: enterprises.csv
"""

SEGMENTS = """\
segment,field,value,low,high,source,status
steel,tier,upstream,,,,
steel,output,100,90,110,yearbook,sourced
steel,enterprises.number,3,,,,
cars,tier,downstream,,,,
cars,output,200,,,,
cars,enterprises.number,4,,,,
"""

INPUTS = """\
from,to,coefficient,localization,abroad
steel,cars,0.2,0.5,0.1
"""

MARKETS = """\
segment,market,sales,volume,local_share,growth_2021,growth_2023
steel,national,80,1000,,0.03,0.02
cars,abroad,200,,0.1,0.01,
"""

ENTERPRISES = """\
id,name,segment,revenue,employees,founded
first,First Works,cars,60,90,1990
second,"Second, Ltd",cars,40,70,2001
"""

SEARCH = """\
name: best
base: bare.yaml
policy: policy.yaml
levers:
  levers.grant.rate: [0, 0.4]
  levers.grant.years: {start: [2021, 2023]}
aims: {jobs: max, outlay: min}
budget: {outlay: 30}
thresholds: {jobs: 5}
seeds: 2
"""

BARE = """\
extends: case.yaml
name: bare
levers: {grant: null, hub: null}
"""

POLICY = """\
extends: bare.yaml
name: policy
levers:
  grant: {type: rd_grant, years: 2021-2024, rate: 0.2}
"""

CALIBRATION = """\
name: fitted
scenario: case.yaml
targets: targets.csv
luck: own
runs: 40
fit:
  stages.sourcing.review_rate: {low: 0.1, high: 0.3}
  region.productivity_growth: {}
"""

TARGETS = """\
id,use,region,target,period,unit,value,how,indicator,of,first,source
out,fit,here,output,2024,CNY m,300,level,output,chain,2024,yearbook
"""

DESIGN = """\
name: trial
scenario: case.yaml
vary:
  stages.sourcing.review_rate: [0.1, 0.3]
  region.productivity_growth: {low: 0.02, high: 0.05}
design: {kind: grid, levels: 2}
replications: 3
record: [region, segments]
summary: [0.1, 0.5]
"""

LISTED = """\
scenario: case.yaml
design: {kind: list, file: points.csv}
"""

POINTS = """\
point,stages.sourcing.review_rate,region.productivity_growth
0,0.1,0.02
1,0.3,0.05
"""

REGISTERED = SCENARIO.replace(
    "enterprises:\n  - {id: first, name: First Works, segment: cars, revenue: 60, employees: 90}\n",
    "enterprises: {file: register.csv, columns: columns.yaml}\n",
)

REGISTER = """\
code,firm,industry,sales,staff,since,state
A1,First Works,C36,6000,0.09,1990,open
A2,Second Works,C36,"4,000",0.07,2001,open
A3,Old Works,C31,100,0.01,1970,closed
"""

COLUMNS = """\
columns:
  id: code
  name: firm
  segment: {column: industry, values: {C36: cars, C31: steel}}
  revenue: {column: sales, unit: 万元}
  employees: {column: staff, unit: 千人}
  founded: since
drop: {column: state, values: [closed]}
largest: 5
duplicates: first
"""

ACCOUNTS = """\
,sector_1,sector_2,households,output
sector_1,150,500,350,1000
sector_2,200,100,1700,2000
value_added,650,1400,,
output,1000,2000,,
"""

SECTORS = """\
code,segment,tier,title
sector_1,primary,up,Primary
sector_2,secondary,down,Secondary
"""
