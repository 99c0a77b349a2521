"""Settings of all tests: one thread a process, and the same examples in every run."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # two processes of tests share two cores

from hypothesis import settings

settings.register_profile("chainsim", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("chainsim")
