"""Scores of a test set, with intervals, and how often it has been scored."""

from dlboi.evaluation._evaluate import evaluate
from dlboi.evaluation._evaluation import Evaluation
from dlboi.evaluation._scored_sets import times_scored

__all__ = ["Evaluation", "evaluate", "times_scored"]
