"""Checks of the parameters that the steps of the bias study share."""

from numbers import Integral, Real

from sklearn.utils._param_validation import HasMethods, Interval

STEP_CONSTRAINTS = {
    "train": "no_validation",  # checked with its content
    "test": "no_validation",
    "origin": ["array-like", None],
    "held_out": "no_validation",
    "estimator": [HasMethods(["fit", "predict_proba"]), None],
    "n_resamples": [Interval(Integral, 2, None, closed="left")],
    "max_time": [Interval(Real, 0, None, closed="neither"), None],
    "n_jobs": [Integral, None],
    "random_state": ["random_state"],
}
