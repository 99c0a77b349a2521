"""Speed and memory in one session: ratios first, for they hold on any machine; seconds hold on an idle one.

    python benchmarks/bench.py                      # some ten minutes; writes build/bench.json as well
    python benchmarks/bench.py --sizes 1000 10000   # without the large sizes
    python benchmarks/bench.py --largest            # a million enterprises too: some 5 GB

Four ways to make a year are measured in turn, in processor time of this process, the least or the median of several:
the package; the same rules as plain Mesa objects (`mesa_objects.py`, which also says what both leave out); the package
with one rule overridden in NumPy; and `bound.c`, a bare C kernel of the work that no program of this model can leave out.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import comparing
import mesa_equivalence
import mesa_objects
import numpy as np

import chainsim as cs
from chainsim.runs.simulation import Simulation
from chainsim.scenario.load import load
from chainsim.scenario.scenario import Scenario
from chainsim.stages import Investment, Production

ROOT = Path(__file__).resolve().parent.parent
FLAGSHIP = ROOT / "scenarios" / "jilin.yaml"
OUT = ROOT / "build" / "bench.json"
ENTERPRISES = 1860
"""Enterprises of the flagship at scale 1, to choose the scale of a size."""
RATIO = "x"
REPEATS = 5
OBJECT_SIZES = 20_000
"""Size above which plain objects are not run: minutes a year."""


class OwnRule(Investment):
    """A stage with a rule overridden as a notebook would, by the same answer."""

    def desired_capital(self, economy: Any) -> Any:
        """Capital that serves the expected orders, (n,)."""
        return super().desired_capital(economy) * 1.0


class Measured(dict[str, Any]):
    """What was found, by name, in the order found."""

    def say(self, name: str, value: float, unit: str) -> None:
        """Keep a figure; tell whoever waits that it is there."""
        self[name] = {"value": value, "unit": unit}
        print(f"measured: {name}", file=sys.stderr, flush=True)

    def table(self) -> str:
        """All figures, ratios first."""
        lines = [(each["unit"] != RATIO, name, each["value"], each["unit"]) for name, each in self.items()]
        lines.sort(key=lambda line: line[0])
        return "\n".join(f"{name:62} {value:12,.3g} {unit}" for _, name, value, unit in lines)


def scenario(size: int, years: int) -> Scenario:
    """The flagship with about so many enterprises."""
    made = load(FLAGSHIP)
    population = made.population.model_copy(update={"scale": size / ENTERPRISES})
    ends = made.years.model_copy(update={"end": made.years.start + years})
    return made.model_copy(update={"population": population, "years": ends})


def processor(action: Callable[[], Any]) -> float:
    """Processor seconds of an action."""
    began = time.process_time()
    action()
    return time.process_time() - began


def years_of(made: Scenario, seed: int, simulation: Simulation | None = None) -> tuple[float, int, dict[str, float]]:
    """Processor seconds and enterprise-years of a run without its base year, and seconds by step of the year."""
    simulation, lived, steps = simulation or Simulation(made, seed), 0, defaultdict[str, float](float)
    began = before = time.process_time()
    while simulation.running:
        lived += int(simulation.economy.active.sum())
        for step in simulation.steps():
            now = time.process_time()
            steps[step] += now - before
            before = now
    return time.process_time() - began, lived, dict(steps)


def shape(made: Scenario) -> dict[str, float]:
    """What the bound is told of the economy: links, reviews, candidates, sweeps, entry and markets a year."""
    simulation = Simulation(made, 1)
    simulation.step()
    economy, links = simulation.economy, simulation.economy.links
    number, total = int(economy.active.sum()), links.supplier.size
    _, sample = next(iter(economy.stages.sourcing.shown(economy)))
    slots = sum(part.slots.shape[1] for part in economy.stages.sourcing.reviewed(economy))
    return {
        "enterprises": number,
        "links": round(total / economy.n),
        "local": float((links.supplier >= 0).mean()),
        "reviewed": slots / number,
        "candidates": round(float(sample.number.mean())),
        "sweeps": economy.flows.sweeps,
        "entry": float(economy.flows.entries.sum()) / number,
        "served": round(float((economy.market_share[economy.active] > 0).sum(axis=1).mean())),
    }


def compiled_bound(folder: Path) -> Path | None:
    """The bound as a program; None without a C compiler."""
    compiler = next((found for name in ("cc", "gcc", "clang") if (found := shutil.which(name))), None)
    if compiler is None:
        return None
    program, source = folder / "bound", ROOT / "benchmarks" / "bound.c"
    subprocess.run([compiler, "-O3", "-march=native", "-o", program, source, "-lm"], check=True)
    return program


def bound(program: Path, like: dict[str, float], repeats: int) -> dict[str, float]:
    """Nanoseconds an enterprise-year of the bound by stage, and in total."""
    numbers = [f"{value:.0f}" if float(value).is_integer() else f"{value:.4f}" for value in like.values()]
    told = subprocess.run(
        [program, *numbers, str(repeats)],
        check=True,
        capture_output=True,
        text=True,
    )
    return {name: float(value) for name, value in re.findall(r"(.+) ([\d.]+)\n", told.stdout)}


def whole(measured: Measured, sizes: list[int], program: Path | None) -> None:
    """The package against the bound and against plain objects, by size."""
    nanoseconds = {}
    for size in sizes:
        years = 15 if size <= 20_000 else 3
        made, repeats = scenario(size, years), REPEATS if size <= 20_000 else 2
        years_of(made, 1)
        like, package, least = shape(made), [], []
        for seed in range(repeats):
            took, lived, steps = years_of(made, seed)
            package.append(1e9 * took / lived)
            if program:
                least.append(bound(program, like, 8)["total"])
        nanoseconds[size] = median(package)
        if program:
            measured.say(f"package over the bound, {size:,}", median(package) / median(least), RATIO)
        objects(measured, made, size)
        own_rule(measured, made, size)
        measured.say(f"enterprise-years a second, {size:,}", 1e9 / median(package), "1/s")
        for step, seconds in sorted(steps.items(), key=lambda each: -each[1]):
            measured.say(f"  {step}, {size:,}", 1e9 * seconds / lived, "ns an enterprise-year")
        if program:
            measured.say(f"  bound, {size:,}", median(least), "ns an enterprise-year")
    first, last = min(sizes), max(sizes)
    if last > first:
        grown = math.log(nanoseconds[last] / nanoseconds[first]) / math.log(last / first)
        measured.say(f"exponent of time in size, {first:,} to {last:,}", 1.0 + grown, RATIO)


def objects(measured: Measured, made: Scenario, size: int) -> None:
    """Plain Mesa objects over the package, both without entry and exit."""
    if size > OBJECT_SIZES:
        return
    still, ratios = mesa_equivalence.without_turnover(made), []
    years_of(still, 1)
    for seed in range(2 if size > 2_000 else REPEATS):
        simulation = Simulation(still, seed)
        chain = mesa_objects.Chain(simulation.economy, seed)
        number = len(chain.agents)
        slow = [processor(chain.step) / number for _ in range(3)]
        took, lived, _ = years_of(still, seed, simulation)
        ratios.append(median(slow) / (took / lived))
    measured.say(f"plain Mesa objects over the package, {size:,}", median(ratios), RATIO)


def own_rule(measured: Measured, made: Scenario, size: int) -> None:
    """What a rule overridden in NumPy costs a run."""
    values = {name: getattr(made.stages.investment, name) for name in Investment.model_fields}
    stages = made.stages.model_copy(update={"investment": OwnRule(**values)})
    own = made.model_copy(update={"stages": stages})
    years_of(own, 1)
    ratios = [years_of(own, seed)[0] / years_of(made, seed)[0] for seed in range(3)]
    measured.say(f"a run with one rule overridden over one without, {size:,}", median(ratios), RATIO)


def points() -> Iterator[Scenario]:
    """The flagship with another parameter of a stage each time: its base year has to be solved anew."""
    made = load(FLAGSHIP)
    for rate in np.linspace(0.08, 0.12, 9):
        production = made.stages.production.model_copy(update={"expectation": 0.7 + rate})
        stages = made.stages.model_copy(update={"production": Production(**production.model_dump())})
        sourcing = stages.sourcing.model_copy(update={"review_rate": float(rate)})
        yield made.model_copy(update={"stages": stages.model_copy(update={"sourcing": sourcing})})


def flagship(measured: Measured) -> None:
    """A run, a point of a sweep, and a pair of the flagship."""
    single, policy, paired = comparing.costs(pairs=20)
    measured.say("a pair over the two runs", paired / (single + policy), RATIO)
    measured.say("a run of 15 years", 1e3 * single, "ms")
    fresh = [processor(lambda: cs.run(made, seed=1)) for made in points()]  # noqa: B023
    measured.say("a point of a sweep that moves stage parameters, and its run", 1e3 * median(fresh[1:]), "ms")


def two_workers(measured: Measured) -> None:
    """Runs a second of two processes over those of one."""
    design = {
        "scenario": str(FLAGSHIP),
        "vary": {"region.productivity_growth": [0.04, 0.05, 0.06, 0.07]},
        "replications": 15,
    }
    took = {}
    with tempfile.TemporaryDirectory() as folder:
        for jobs in (1, 2):
            began = time.perf_counter()
            cs.sweep(design, Path(folder) / f"{jobs}", jobs=jobs)
            took[jobs] = time.perf_counter() - began
    measured.say("sweep of two workers over one", took[1] / took[2], RATIO)


def command(*arguments: str, **environment: str) -> tuple[float, float]:
    """Seconds of a command of the package, and the peak of its memory in MB."""
    began = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, *arguments],
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(child.pid, 0)
    assert status == 0, f"{' '.join(arguments)} failed"
    return time.perf_counter() - began, used.ru_maxrss / 1024


ONE_YEAR = """
import sys
sys.path.insert(0, {folder!r})
import bench
made = bench.scenario({size}, 1)
bench.years_of(made, 1)
"""


def memory(measured: Measured, sizes: list[int]) -> None:
    """Peak memory an enterprise, links included, between the smallest and the largest size."""
    folder = str(Path(__file__).parent)
    small, large = (command("-c", ONE_YEAR.format(folder=folder, size=size))[1] for size in (min(sizes), max(sizes)))
    measured.say(f"peak memory an enterprise, {max(sizes):,}", 1e3 * (large - small) / (max(sizes) - min(sizes)), "KB")


def start(measured: Measured) -> None:
    """From nothing to a result: import, a small run cold and warm."""
    measured.say("import chainsim", 1e3 * min(command("-c", "import chainsim")[0] for _ in range(3)), "ms")
    with tempfile.TemporaryDirectory() as folder:
        run = ("-m", "chainsim.cli", "run", str(ROOT / "scenarios" / "minimal.yaml"), "--overwrite", "-o")
        kept = {"NUMBA_CACHE_DIR": f"{folder}/compiled"}
        cold = command(*run, f"{folder}/cold", **kept)[0]
        warm = min(command(*run, f"{folder}/warm", **kept)[0] for _ in range(3))
    measured.say("chainsim run of minimal.yaml, warm", warm, "s")
    measured.say("compiling everything that it needs", cold - warm, "s")


def main() -> None:
    """Measure, print, and keep as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--largest", action="store_true", help="a million enterprises too")
    parser.add_argument("--json", type=Path, default=OUT)
    asked = parser.parse_args()
    sizes, measured = [*asked.sizes, *([1_000_000] if asked.largest else [])], Measured()
    memory(measured, sizes)  # first: on Linux the peak of a process begins at the size of the one that started it
    with tempfile.TemporaryDirectory() as folder:
        program = compiled_bound(Path(folder))
        if program is None:
            print("no C compiler: nothing is held against the bound")
        flagship(measured)
        whole(measured, sizes, program)
    two_workers(measured)
    start(measured)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    measured.say("peak memory of this process", peak, "MB")
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    asked.json.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    print(measured.table())
    print(f"kept in {asked.json}")


if __name__ == "__main__":
    main()
