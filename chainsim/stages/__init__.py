"""The year: its stages and their order."""

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
]
