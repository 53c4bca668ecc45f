"""Studies: one question each, answered with several classifiers on one division of the images."""

from dlboi.studies._architecture import architecture_study
from dlboi.studies._augmentation import augmentation_study
from dlboi.studies._batch_size import batch_size_study
from dlboi.studies._bias._bias_report import BiasReport
from dlboi.studies._compare import compare
from dlboi.studies._dataset_bias import dataset_bias_study
from dlboi.studies._gap_pooling import gap_pooling_study
from dlboi.studies._hyperparameter import hyperparameter_study
from dlboi.studies._loss import loss_study
from dlboi.studies._networks._compare_networks import NetworkComparison, compare_networks
from dlboi.studies._pool_size import pool_size_study
from dlboi.studies._pooled._pooled_result import PooledShuffleResult
from dlboi.studies._pooled_shuffle import pooled_shuffle_study
from dlboi.studies._result._study_result import StudyResult
from dlboi.studies._split_ratio import split_ratio_study
from dlboi.studies._time_estimate import estimate_seconds
from dlboi.studies._transfer import transfer_study
from dlboi.studies._weight_decay import weight_decay_study
from dlboi.studies._width_dropout import width_dropout_study

__all__ = [
    "BiasReport",
    "NetworkComparison",
    "PooledShuffleResult",
    "StudyResult",
    "architecture_study",
    "augmentation_study",
    "batch_size_study",
    "compare",
    "compare_networks",
    "dataset_bias_study",
    "estimate_seconds",
    "gap_pooling_study",
    "hyperparameter_study",
    "loss_study",
    "pool_size_study",
    "pooled_shuffle_study",
    "split_ratio_study",
    "transfer_study",
    "weight_decay_study",
    "width_dropout_study",
]
