"""The store of a sweep: a folder of certified parts that is read lazily and cannot be lost."""
