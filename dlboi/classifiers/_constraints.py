"""What the parameters that all classifiers have may be, as scikit-learn checks it."""

from numbers import Integral, Real

from sklearn.utils._param_validation import Interval, StrOptions

from dlboi.classifiers._net_setup import OPTIMIZERS
from dlboi.training import AUGMENT_PRESETS

TRAINING_CONSTRAINTS: dict = {
    "loss": [StrOptions({"auto", "bce", "ce"})],
    "optimizer": [StrOptions(set(OPTIMIZERS))],
    "lr": [Interval(Real, 0, None, closed="neither")],
    "weight_decay": [Interval(Real, 0, None, closed="left")],
    "schedule": [StrOptions({"step", "cosine"}), None],
    "step_size": [Interval(Integral, 1, None, closed="left")],
    "gamma": [Interval(Real, 0, 1, closed="right")],
    "max_epochs": [Interval(Integral, 1, None, closed="left")],
    "batch_size": [Interval(Integral, 1, None, closed="left")],
    "validation_fraction": [Interval(Real, 0, 1, closed="neither"), None],
    "early_stopping": ["boolean"],
    "patience": [Interval(Integral, 1, None, closed="left")],
    "restore_best": [StrOptions({"auto", "val_loss", "val_accuracy"}), None],
    "class_weight": [dict, StrOptions({"balanced"}), None],
    "augment": [StrOptions(set(AUGMENT_PRESETS)), callable, None],
    "image_shape": [tuple, list, None],
    "on_bad_file": [StrOptions({"raise", "skip"})],
    "device": [str],
    "precision": [StrOptions({"float32", "bfloat16", "auto"})],
    "n_threads": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
    "random_state": ["random_state"],
    "callbacks": [list, tuple, None],
    "verbose": ["verbose"],
    "warm_start": ["boolean"],
}
