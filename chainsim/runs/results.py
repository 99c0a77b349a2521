"""The result of a scenario: tidy tables of one or many runs, headline, pictures, a folder on disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pandas as pd

from chainsim.economy.parameters import in_money_of, names_its_money
from chainsim.figures.display import table_by
from chainsim.figures.results import checked_observations, observations, plot, series
from chainsim.figures.stacked import stack
from chainsim.indicators.table import Recording
from chainsim.runs.certified import PAGE, Damaged, read_record, write_record
from chainsim.runs.exported import EXPORTS, Labelled, check_format, export_tables
from chainsim.runs.frames import TABLES, frame, meanings
from chainsim.runs.headline import headline, headline_html, lines, statistics
from chainsim.runs.output_folder import page_of, whole_folder
from chainsim.runs.provenance import Provenance, now, provenance
from chainsim.runs.table_files import read_parquet, write_csv, write_parquet
from chainsim.scenario.errors import ScenarioError
from chainsim.scenario.load import load
from chainsim.scenario.write import write_resolved

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from chainsim.runs.exported import Format
    from chainsim.scenario.scenario import Scenario


class Source(Protocol):
    """Where the tables of a result come from: memory or a folder."""

    def names(self) -> list[str]:
        """Names of the tables there are."""
        ...

    def frame(self, name: str) -> pd.DataFrame:
        """One table."""
        ...


class Recorded:
    """Tables still held as the arrays of their runs."""

    def __init__(self, scenario: str, recordings: Sequence[Recording], point: int) -> None:
        self.scenario, self.recordings, self.point = scenario, recordings, point

    def names(self) -> list[str]:
        """Names of the tables recorded."""
        return [name for name in TABLES if name in self.recordings[0].tables]

    def frame(self, name: str) -> pd.DataFrame:
        """The table of all runs, joined."""
        return frame(name, self.scenario, self.recordings, self.point)


class Stored:
    """Tables in an output folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        """Names of the Parquet files."""
        return [name for name in TABLES if (self.folder / f"{name}.parquet").exists()]

    def frame(self, name: str) -> pd.DataFrame:
        """The table as stored."""
        return read_parquet(self.folder / f"{name}.parquet")


@names_its_money(lambda result: result.scenario.money)
class Result:
    """The yearly tables of a scenario's runs. Frames are built when first asked for, one row per run, year and key.

    Every table starts with the columns scenario, point, replication, seed and year; the first year is the base year
    as built. Units and meanings of columns are in `chainsim.indicators.INDICATORS` and in the Parquet schema.
    """

    def __init__(
        self,
        scenario: Scenario,
        recordings: Sequence[Recording] | Source,
        record: Provenance | None = None,
        point: int = 0,
    ) -> None:
        """Of the recordings of runs, in the order of their replications, or of any other source of the tables."""
        self.scenario = scenario
        if isinstance(recordings, Sequence):
            self._source: Source = Recorded(scenario.name, recordings, point)
            record = record or provenance(scenario, [recording.seed for recording in recordings], now())
        else:
            self._source = recordings
        if record is None:
            raise TypeError("tables that are not recordings need their provenance")
        self.provenance = record
        self._frames: dict[str, pd.DataFrame] = {}

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables there are."""
        return tuple(self._source.names())

    def table(self, name: str) -> pd.DataFrame:
        """One table. *Raises* KeyError with what there is where it was not recorded."""
        if name not in self._frames:
            if name not in self.tables:
                raise KeyError(f"no table '{name}' in this result; there are {', '.join(self.tables)}")
            self._frames[name] = self._source.frame(name)
        return self._frames[name]

    @property
    def region(self) -> pd.DataFrame:
        """Indicators of the region by scope: the chain, which is the headline, and all tiers."""
        return self.table("region")

    @property
    def tiers(self) -> pd.DataFrame:
        """Indicators by tier."""
        return self.table("tiers")

    @property
    def industries(self) -> pd.DataFrame:
        """The table `industries`. *Raises* KeyError where no segment of the chain states one."""
        return self.table("industries")

    @property
    def segments(self) -> pd.DataFrame:
        """Indicators by segment."""
        return self.table("segments")

    @property
    def parks(self) -> pd.DataFrame:
        """Output, value added, staff, R&D, enterprises and support of the chain by park."""
        return self.table("parks")

    @property
    def levers(self) -> pd.DataFrame:
        """Budget, requests, outlay and recipients by lever."""
        return self.table("levers")

    @property
    def missing_links(self) -> pd.DataFrame:
        """Why segments that began without enterprises stay missing, and what alone would open them, every year."""
        return self.table("missing_links")

    @property
    def ledger(self) -> pd.DataFrame:
        """Every movement of money by row, payer and receiver."""
        return self.table("ledger")

    @property
    def trade(self) -> pd.DataFrame:
        """Who buys what from whom: purchases by segment of product, segment of buyer and origin."""
        return self.table("trade")

    @property
    def named(self) -> pd.DataFrame:
        """Output, staff, R&D and profit of every named enterprise in business."""
        return self.table("named")

    @property
    def enterprises(self) -> pd.DataFrame:
        """The state of every enterprise; there where the scenario records it (`record: {enterprises: true}`)."""
        return self.table("enterprises")

    @property
    def support(self) -> pd.DataFrame:
        """What every lever paid for every enterprise in every year; there where the scenario records enterprises."""
        return self.table("support")

    @property
    def links(self) -> pd.DataFrame:
        """Every supply link; there where the scenario records it (`record: {links: true}`)."""
        return self.table("links")

    @property
    def seeds(self) -> tuple[int, ...]:
        """Seeds of the runs, by replication."""
        return self.provenance.seeds

    @property
    def replications(self) -> int:
        """Number of runs."""
        return len(self.seeds)

    @property
    def years(self) -> tuple[int, int]:
        """Base year and last year."""
        return self.scenario.years.start, self.scenario.years.end

    def headline(self) -> pd.DataFrame:
        """The chain's main indicators in the base year and the last year, with the 90 % band of the runs."""
        return headline(self.region, self.years)

    def statistics(self) -> pd.DataFrame:
        """The chain as yearbooks count it, a row a year, means of the runs.

        Enterprises above scale, money at current prices (the `inflation` of the scenario), growth over the year before;
        units and meanings are in `chainsim.runs.headline.STATISTICS`.
        """
        return statistics(self.region, self.scenario.inflation)

    def plot(
        self,
        indicator: str,
        by: str | None = None,
        ax: Axes | None = None,
        observed: pd.DataFrame | None = None,
        stacked: bool = False,
    ) -> Axes:
        """Draw an indicator over the years and return the axes, the unit on the vertical one.

        Without `by` it is that of the chain; 'tier', 'industry', 'segment', 'park' and 'scope' draw a line each;
        application tiers have axes of their own beside the chain's (see `chainsim.figures.results.plot`). What was
        observed stands as points beside the lines: `observed`, a frame with columns indicator, year, value and, where
        known, of (chain, all, tier, industry or segment), low and high in the units of the tables; else what the
        scenario states under `observed` and as levels among its targets.

        `stacked` puts the means of the runs on top of each other, which add up: for sums such as output by tier.

        *Raises* ValueError where the indicator or `by` is unknown, a column of `observed` is missing, or what is to be
        stacked does not add up.
        """
        seen = observations(self.scenario) if observed is None else checked_observations(observed)
        lines = series(self.table(table_by(by)), self.scenario.chain, indicator, by, seen)
        name = self.scenario.title.en if self.scenario.title is not None else self.scenario.name
        return stack(lines, name, indicator, by, ax) if stacked else plot(lines, name, indicator, ax)

    def export(self, path: str | Path, to: Format = "csv") -> list[Path]:
        """Write the tables for other programs, "csv", "stata" or "excel", and return the files.

        A workbook `path` (.xlsx), or a folder of a file for each table; `path` may be a .csv or .dta file, which is
        that of the region. Units and meanings are labels in Stata and the sheet `columns` in Excel; what is missing is
        empty. *Raises* ValueError for another format, OutputError where the disk refuses.
        """
        return export_tables(self.labelled(), to, path, self.scenario.name)

    def labelled(self) -> dict[str, Labelled]:
        """Every table with unit and meaning of its columns, that of the region first."""
        tables = {name: self.table(name) for name in self.tables}
        return {name: (table, meanings(name, list(table.columns))) for name, table in tables.items()}

    def save(self, folder: str | Path, csv: bool = False, overwrite: bool = False, to: Sequence[str] = ()) -> Path:
        """Write tables, resolved scenario, provenance and report into a folder, wholly or not at all.

        `to` are formats in which the tables are also written, into `export` there (see `export`).

        *Raises* OutputError where the place is taken or the disk refuses.
        """
        for each in to:
            check_format(each)
        page = page_of("run", self)
        with whole_folder(Path(folder), overwrite) as partial:
            write_files(self, partial, csv)
            for each in to:
                export_tables(self.labelled(), each, partial / EXPORTS, self.scenario.name)
            (partial / PAGE).write_text(page, encoding="utf-8")
            write_record(self.provenance, partial)
        return Path(folder)

    def _repr_html_(self) -> str:
        """The headline as a table, for notebooks."""
        return headline_html(
            lines(self.region, self.years), f"{self.scenario.name}, {self.replications} runs", self.years
        )

    def __repr__(self) -> str:
        """Name, number of runs, years and tables."""
        start, end = self.years
        runs = "1 run" if self.replications == 1 else f"{self.replications} runs"
        return f"<Result {self.scenario.name}: {runs}, {start}-{end}, tables {', '.join(self.tables)}>"


def write_result(result: Result, folder: Path, csv: bool = False) -> None:
    """Fill a new folder, part of a larger output, with a result that can be read back; without a page of its own."""
    folder.mkdir()
    write_files(result, folder, csv)
    write_record(result.provenance, folder)


@in_money_of(lambda result: result.scenario.money)
def write_files(result: Result, folder: Path, csv: bool) -> None:
    """Tables and resolved scenario."""
    for name in result.tables:
        table = result.table(name)
        write_parquet(table, name, folder / f"{name}.parquet")
        if csv:
            write_csv(table, folder / f"{name}.csv")
    write_resolved(result.scenario, folder)


def read(folder: str | Path) -> Result:
    """The result in a folder that `Result.save` wrote; its tables are read when first asked for.

    *Raises* OutputError where the folder holds no result, or a file of it is not what was written.
    """
    folder = Path(folder)
    record = read_record(folder, optional=PAGE)
    try:
        scenario = load(folder / "scenario.yaml")
    except ScenarioError as error:
        raise Damaged(folder / "scenario.yaml", f"it cannot be used: {error}") from error
    return Result(scenario, Stored(folder), record)
