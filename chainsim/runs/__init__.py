"""Running scenarios: one run, many runs, processes, results, and folders on disk."""
