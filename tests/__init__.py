"""Tests of the package, in the folders of its rooms; `promises` holds what no room can keep alone."""
