"""Speed of simulated years against bare kernels of the same array sizes, measured in the same run.

Ratios hold on any machine; seconds hold on an idle one. Building the base year and compiling are left out of the
years. `--scale` and `--years` choose the size: 5.4 is about 10,000 enterprises and 220,000 links.
"""

import argparse
import resource
import time

import numpy as np
from numba import njit

from chainsim.runs.simulation import Simulation
from chainsim.scenario.load import load

REPEATS = 5


@njit(cache=True)
def walk(start, supplier, value, out):
    """The least a year must do with its links: read each once, and one number of its supplier."""
    for i in range(out.shape[0]):
        total = 0.0
        for e in range(start[i], start[i + 1]):
            if supplier[e] >= 0:
                total += value[supplier[e]]
        out[i] = total


def seconds(action, repeats=REPEATS):
    """Least processor time of an action."""
    took = []
    for _ in range(repeats):
        before = time.process_time()
        action()
        took.append(time.process_time() - before)
    return min(took)


def scenario(scale, years):
    """The Jilin chain at a scale."""
    made = load("scenarios/jilin.yaml")
    population = made.population.model_copy(update={"scale": scale})
    ends = made.years.model_copy(update={"end": made.years.start + years})
    return made.model_copy(update={"population": population, "years": ends})


def run(made, seed):
    """All years of one run; returns the enterprise-years and the final economy."""
    simulation, lived = Simulation(made, seed), 0
    while simulation.running:
        lived += int(simulation.economy.active.sum())
        simulation.step()
    return lived, simulation.economy


def bare(economy):
    """Seconds of one walk along the links, and of one product of two columns."""
    links, out = economy.links, np.empty(economy.n)
    walk(links.start, links.supplier, economy.price, out)
    along = seconds(lambda: walk(links.start, links.supplier, economy.price, out), 200)
    return along, seconds(lambda: [np.multiply(economy.price, economy.output, out=out) for _ in range(1000)]) / 1000


def main():
    """Print one line a measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=5.4)
    parser.add_argument("--years", type=int, default=30)
    chosen = parser.parse_args()
    made = scenario(chosen.scale, chosen.years)
    run(scenario(0.2, 2), 1)
    build = seconds(lambda: Simulation(made, 1), 1)
    copy = seconds(lambda: Simulation(made, 1))
    took = seconds(lambda: run(made, 1)) - copy
    lived, economy = run(made, 1)
    along, product = bare(economy)
    year = took / chosen.years
    print(f"enterprises {economy.active.sum()}, rows {economy.n}, links {economy.links.supplier.size}")
    print(f"build {build:.2f} s, {chosen.years} years {took:.2f} s, {lived / took:,.0f} enterprise-years a second")
    print(f"a year is {year / along:.0f} walks along the links or {year / product:.0f} products of two columns")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


if __name__ == "__main__":
    main()
