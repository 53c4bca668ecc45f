"""How a network learns: images in batches, randomness, devices, schedules, the skorch net."""

from dlboi.training._allocator import keep_freed_memory
from dlboi.training._augment import AUGMENT_PRESETS, augment_batch, make_augmentation
from dlboi.training._callbacks import (
    LearningRate,
    ProgressBar,
    ScoreMonitors,
    StopOnDivergence,
    Thaw,
)
from dlboi.training._dataset import ImageBatch, LabelledImages
from dlboi.training._device import resolve_device, resolve_precision
from dlboi.training._feature_cache import FeatureCache, clear_cache
from dlboi.training._feature_rows import FeatureRows
from dlboi.training._image_files import ImageFiles
from dlboi.training._images import ImageArray, scale_pixels
from dlboi.training._keep_best import KeepBest
from dlboi.training._lanes import Lanes
from dlboi.training._losses import LogitLoss
from dlboi.training._net import ImageClassifierNet, StopTraining
from dlboi.training._pretrained_weights import PretrainedWeights, read_weights
from dlboi.training._randomness import LocalRandomness
from dlboi.training._schedules import schedule_factor
from dlboi.training._split import validation_split

__all__ = [
    "AUGMENT_PRESETS",
    "FeatureCache",
    "FeatureRows",
    "ImageArray",
    "ImageBatch",
    "ImageClassifierNet",
    "ImageFiles",
    "KeepBest",
    "LabelledImages",
    "Lanes",
    "LearningRate",
    "LocalRandomness",
    "LogitLoss",
    "PretrainedWeights",
    "ProgressBar",
    "ScoreMonitors",
    "StopOnDivergence",
    "StopTraining",
    "Thaw",
    "augment_batch",
    "clear_cache",
    "keep_freed_memory",
    "make_augmentation",
    "read_weights",
    "resolve_device",
    "resolve_precision",
    "scale_pixels",
    "schedule_factor",
    "validation_split",
]
