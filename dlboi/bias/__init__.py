"""Why a classifier does worse on the test set: shift, leakage, selection or chance."""

__all__ = []
