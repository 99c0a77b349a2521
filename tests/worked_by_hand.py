"""A comparison of two runs whose tables are written by hand."""

import pandas as pd
from economies import START, three_makers

from chainsim.indicators.table import INDICATORS
from chainsim.runs.provenance import now, provenance
from chainsim.runs.results import Result

TINY = three_makers(end=START + 1)

ZERO = dict.fromkeys((*INDICATORS,), 0.0)


class ByHand:
    """Tables of two runs of a base year and one year more, given indicator by indicator and run by run."""

    def __init__(self, last, levers=()):
        self.last, self.levers = last, levers

    def names(self):
        return ["region", "levers"]

    def frame(self, name):
        if name == "levers":
            columns = ["replication", "year", "lever", "type", "recovered", "cofinanced", "outlay"]
            return pd.DataFrame(list(self.levers), columns=columns)
        rows = [
            {**ZERO, "replication": run, "year": START + year, "scope": scope}
            | {name: values[run] * year for name, values in self.last.items()}
            for run in range(2)
            for year in range(2)
            for scope in ("chain", "all")
        ]
        return pd.DataFrame(rows)


def result(last, levers=()):
    return Result(TINY, ByHand(last, levers), provenance(TINY, [1, 2], now()))


BASE = result(
    {"employment": (100.0, 200.0), "tax_revenue": (10.0, 20.0), "value_added": (50.0, 80.0), "output": (0.0, 100.0)}
)

POLICY = result(
    {
        "employment": (110.0, 230.0),
        "tax_revenue": (12.0, 25.0),
        "value_added": (54.0, 92.0),
        "fiscal_outlay": (30.0, 40.0),
        "localization_rate_fixed": (0.01, 0.03),
        "jobs_induced": (3.0, 9.0),
        "output": (5.0, 110.0),
    },
    [(0, START + 1, "a", "grant", 2.0, 1.0, 30.0), (1, START + 1, "a", "grant", 4.0, 3.0, 40.0)],
)
