"""Scenario files: YAML and tables -> one validated, frozen Scenario, and back."""
