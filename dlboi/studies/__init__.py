"""Studies: one question each, answered with several classifiers on one division of the images."""

from dlboi.studies._compare_networks import NetworkComparison, compare_networks
from dlboi.studies._time_estimate import estimate_seconds

__all__ = ["NetworkComparison", "compare_networks", "estimate_seconds"]
