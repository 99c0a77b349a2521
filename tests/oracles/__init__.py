"""Independent references: published numbers and slow plain-Python twins that the model has to agree with."""
