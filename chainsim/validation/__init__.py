"""Validation: estimators of stylised facts, and the bands that a credible baseline must meet."""
