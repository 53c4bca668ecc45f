"""Why does a classifier do worse on the test images: shift, leakage, selection or chance?"""

__all__ = []
