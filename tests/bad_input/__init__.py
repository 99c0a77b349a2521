"""Malformed files and command lines as data: how a sound file is spoilt, and what has to be said about it."""

Case = tuple[str, str, str, str, str, str]
"""Spoilt file, what stands in it, what stands there instead; place, field and word of the refusal."""
