"""The year: its stages and their order."""

from pydantic import Field

from chainsim.economy.parameters import Frozen
from chainsim.stages.base import Stage
from chainsim.stages.demand import Demand
from chainsim.stages.demography import Demography
from chainsim.stages.finance import Finance
from chainsim.stages.innovation import Innovation
from chainsim.stages.investment import Investment
from chainsim.stages.labour import Labour
from chainsim.stages.pricing import Pricing
from chainsim.stages.production import Production
from chainsim.stages.sourcing import Sourcing

CALENDAR: tuple[type[Stage], ...] = (
    Pricing,
    Sourcing,
    Demand,
    Labour,
    Production,
    Innovation,
    Investment,
    Finance,
    Demography,
)
"""Order of the year; the levers set the entry points before it, the indicators are recorded after it."""


class Stages(Frozen):
    """Parameters of the yearly stages."""

    pricing: Pricing = Field(Pricing(), description="Unit cost, markup, price.")
    sourcing: Sourcing = Field(Sourcing(), description="Choice of suppliers.")
    demand: Demand = Field(Demand(), description="Final demand.")
    labour: Labour = Field(Labour(), description="Hiring, wages, migration.")
    production: Production = Field(Production(), description="Orders, output, deliveries.")
    innovation: Innovation = Field(Innovation(), description="R&D, productivity, quality.")
    investment: Investment = Field(Investment(), description="Capital.")
    finance: Finance = Field(Finance(), description="Taxes, credit, dividends, default.")
    demography: Demography = Field(Demography(), description="Exit and entry.")


__all__ = [
    "CALENDAR",
    "Demand",
    "Demography",
    "Finance",
    "Innovation",
    "Investment",
    "Labour",
    "Pricing",
    "Production",
    "Sourcing",
    "Stage",
    "Stages",
]
