"""Splitters that scikit-learn lacks."""

from dlboi.model_selection._group_train_val_test_split import group_train_val_test_split
from dlboi.model_selection._pooled_shuffle_split import PooledShuffleSplit
from dlboi.model_selection._stratified_group_shuffle_split import StratifiedGroupShuffleSplit

__all__ = ["PooledShuffleSplit", "StratifiedGroupShuffleSplit", "group_train_val_test_split"]
