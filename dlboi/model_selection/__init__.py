"""Splitters that scikit-learn lacks."""

__all__ = []
