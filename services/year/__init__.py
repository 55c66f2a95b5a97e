"""The synthetic year: a client of the public API that imports no service (see run.py)."""
