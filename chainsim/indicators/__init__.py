"""What is recorded of an economy every year; units in one table."""

from chainsim.indicators.recorder import Recorder
from chainsim.indicators.table import INDICATORS, Indicator, Recording

__all__ = ["INDICATORS", "Indicator", "Recorder", "Recording"]
