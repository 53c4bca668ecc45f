"""Numbers that say how well a classifier does, and how sure one may be of them."""

from dlboi.metrics._per_class_table import per_class_table
from dlboi.metrics._proportion_interval import ProportionInterval, proportion_interval

__all__ = ["ProportionInterval", "per_class_table", "proportion_interval"]
