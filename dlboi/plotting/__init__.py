"""Displays: figures of data, networks and predictions.

A display takes plain arrays in its constructor, or reads them off a classifier or predictions with
its class methods; `plot` draws. matplotlib is imported when a figure is drawn and no earlier.
"""

from dlboi.plotting._activation_map import ActivationMapDisplay
from dlboi.plotting._image_grid import ImageGridDisplay
from dlboi.plotting._network import NetworkDisplay
from dlboi.plotting._schedule import ScheduleDisplay
from dlboi.plotting._training_history import TrainingHistoryDisplay

__all__ = [
    "ActivationMapDisplay",
    "ImageGridDisplay",
    "NetworkDisplay",
    "ScheduleDisplay",
    "TrainingHistoryDisplay",
]
