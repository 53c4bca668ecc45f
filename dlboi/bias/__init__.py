"""Tell shift, leakage, selection and chance apart, where a classifier does worse on the test set."""

__all__ = []
