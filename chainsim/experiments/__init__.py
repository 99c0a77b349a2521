"""Experiments: designs, sweeps that survive their end, stores of results, and what drives a result."""
