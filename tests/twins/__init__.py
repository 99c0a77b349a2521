"""Slow plain-Python twins of the compiled kernels: the same rules, written to be read."""
