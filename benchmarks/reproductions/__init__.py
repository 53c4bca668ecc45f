"""The experiments of the reports on real images: ``python -m benchmarks.reproductions``."""
