"""Puts the base year together: `build` in order, `calibration` solves its constants by asking the stages' rules."""
