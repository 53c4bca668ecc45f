"""Displays: figures of data, networks, predictions and studies.

A display takes plain arrays in its constructor, or reads them off a classifier or predictions with
its class methods; `plot` draws. matplotlib is imported when a figure is drawn and no earlier.
"""

from dlboi.plotting._activation_map import ActivationMapDisplay
from dlboi.plotting._evaluation import EvaluationDisplay
from dlboi.plotting._gap_waterfall import GapWaterfallDisplay
from dlboi.plotting._image_grid import ImageGridDisplay
from dlboi.plotting._loss_slope import LossSlopeDisplay
from dlboi.plotting._mean_difference import MeanDifferenceDisplay
from dlboi.plotting._network import NetworkDisplay
from dlboi.plotting._origin_accuracy import OriginAccuracyDisplay
from dlboi.plotting._permutation import PermutationDisplay
from dlboi.plotting._schedule import ScheduleDisplay
from dlboi.plotting._study import StudyDisplay
from dlboi.plotting._study_curves import StudyCurvesDisplay
from dlboi.plotting._training_history import TrainingHistoryDisplay
from dlboi.plotting._two_sample import TwoSampleDisplay

__all__ = [
    "ActivationMapDisplay",
    "EvaluationDisplay",
    "GapWaterfallDisplay",
    "ImageGridDisplay",
    "LossSlopeDisplay",
    "MeanDifferenceDisplay",
    "NetworkDisplay",
    "OriginAccuracyDisplay",
    "PermutationDisplay",
    "ScheduleDisplay",
    "StudyCurvesDisplay",
    "StudyDisplay",
    "TrainingHistoryDisplay",
    "TwoSampleDisplay",
]
