"""Measurements of what dlboi claims; each prints its table: ``python -m benchmarks.<name>``."""
