"""Numbers that say how well a classifier does, and how sure one may be of them."""

from dlboi.metrics._corrected_resampled_interval import corrected_resampled_interval
from dlboi.metrics._crossed_interval import crossed_interval
from dlboi.metrics._curve_noise import curve_noise
from dlboi.metrics._difference_interval import difference_interval
from dlboi.metrics._evaluation_scores import evaluation_scores
from dlboi.metrics._holm_adjust import holm_adjust
from dlboi.metrics._loss_slope import loss_slope
from dlboi.metrics._mcnemar_test import mcnemar_test
from dlboi.metrics._mean_interval import MeanInterval
from dlboi.metrics._patient_jackknife_interval import patient_jackknife_interval
from dlboi.metrics._per_class_table import per_class_table
from dlboi.metrics._proportion_interval import ProportionInterval, proportion_interval
from dlboi.metrics._roc_band import RocBand, roc_band
from dlboi.metrics._score_intervals import ScoreInterval, score_intervals

__all__ = [
    "MeanInterval",
    "ProportionInterval",
    "RocBand",
    "ScoreInterval",
    "corrected_resampled_interval",
    "crossed_interval",
    "curve_noise",
    "difference_interval",
    "evaluation_scores",
    "holm_adjust",
    "loss_slope",
    "mcnemar_test",
    "patient_jackknife_interval",
    "per_class_table",
    "proportion_interval",
    "roc_band",
    "score_intervals",
]
