"""What a sweep adds to bare runs, what it keeps in memory, and how large its store is.

    python benchmarks/sweep.py                          # one process: overhead over bare runs at about 900 enterprises
    python benchmarks/sweep.py --runs 10000 --tiny      # memory over many short runs
    python benchmarks/sweep.py --jobs 2 --runs 400      # runs a second of two processes

Bare runs and sweep take turns in processor time of this process, so that a busy machine does not decide.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import chainsim as cs
from chainsim.runs.simulation import simulate

SCALE = 0.47
"""Factor on the flagship's enterprises that leaves about 900 of them."""


def scenario(tiny, scale):
    """The flagship scenario at a scale, or two years of the smallest."""
    if tiny:
        return cs.load("scenarios/minimal.yaml", {"years.end": 2021})
    return cs.load("scenarios/jilin.yaml", {"population.scale": scale})


def design(base, runs, replications):
    """A design with about this many runs."""
    points = max(1, runs // replications)
    kind = {"kind": "latin", "points": points}
    return {"scenario": base, "vary": {"region.productivity_growth": {}}, "design": kind, "replications": replications}


def resident():
    """Bytes of memory of this process now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def bare(made):
    """Processor seconds of the runs of a design without a sweep."""
    before = time.process_time()
    for point in range(made.points):
        at_point = made.at(point)
        for replication in range(made.replications):
            simulate(at_point, made.seed(replication))
    return time.process_time() - before


def main():
    """Print one line a measure."""
    from chainsim.experiments.design_file import design_of

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=80)
    parser.add_argument("--replications", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--scale", type=float, default=SCALE)
    parser.add_argument("--tiny", action="store_true")
    chosen = parser.parse_args()
    base = scenario(chosen.tiny, chosen.scale)
    made = design_of(design(base, chosen.runs, chosen.replications))
    size = int(cs.ChainModel(base, seed=1).economy.active.sum())
    with tempfile.TemporaryDirectory() as folder:
        cs.sweep(design(base, 2, 2), Path(folder) / "warm")
        simulate(base, 1)
        if chosen.jobs == 1 and not chosen.tiny:
            first = bare(made)
        began, before, memory = time.perf_counter(), time.process_time(), resident()
        store = cs.sweep(made, Path(folder) / "store", jobs=chosen.jobs)
        took, used, grown = time.perf_counter() - began, time.process_time() - before, resident() - memory
        rate = store.total / took
        print(
            f"enterprises {size}, runs {store.total}, {took:.1f} s, "
            f"{rate / chosen.jobs:.2f} runs/s for each of {chosen.jobs}"
        )
        if chosen.jobs == 1 and not chosen.tiny:
            plain = (first + bare(made)) / 2
            print(f"processor seconds: sweep {used:.2f}, bare runs {plain:.2f}, overhead {used / plain - 1:+.1%}")
        print(
            f"store {store.index.size / 1e6:.1f} MB, {store.index.size / store.total / 1e3:.1f} kB a run, "
            f"{len(store.index.parts)} parts"
        )
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        worker = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"this process grew by {grown / 1e6:.1f} MB, peak {peak:.0f} MB; largest worker {worker:.0f} MB")


if __name__ == "__main__":
    main()
