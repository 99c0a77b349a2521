"""Pictures drawn from frames, for notebooks and pages."""
