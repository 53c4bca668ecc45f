"""Studies: one question each, answered with several classifiers on one division of the images."""

from dlboi.studies._compare import compare
from dlboi.studies._compare_networks import NetworkComparison, compare_networks
from dlboi.studies._study_result import StudyResult
from dlboi.studies._time_estimate import estimate_seconds

__all__ = ["NetworkComparison", "StudyResult", "compare", "compare_networks", "estimate_seconds"]
