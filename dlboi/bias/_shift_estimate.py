"""The prevalence of test, from predictions alone."""

from dataclasses import dataclass

import numpy as np

from dlboi.bias._class_rates import class_rates, prevalence_of, said_shares
from dlboi.bias._materials import Materials
from dlboi.bias._over_patients import over_patients
from dlboi.metrics import holm_adjust

#: A smallest singular value below this makes ten points of an error of one point.
SMALLEST_SINGULAR_VALUE = 0.1


@dataclass(frozen=True)
class ShiftEstimate:
    """Black-box shift estimation.

    Attributes
    ----------
    prevalence, low, high : ndarray of shape (n_classes,)
        Estimated shares of the classes in test and their 95 % intervals; NaN where `reason` says
        why. A share may be estimated below 0 or above 1.
    said, expected : ndarray of shape (n_classes,)
        How often each class is said of the test images, and how often it would be if only the
        prevalence were another.
    p_value : float
        Of the hypothesis that these two are the same, adjusted for the number of classes.
    reason : str
        Why there is no estimate, or empty.
    """

    prevalence: np.ndarray
    low: np.ndarray
    high: np.ndarray
    said: np.ndarray
    expected: np.ndarray
    p_value: float
    reason: str


def shift_estimate(materials: Materials) -> ShiftEstimate:
    """Estimate the prevalence of test from the confusion matrix of the validation.

    Parameters
    ----------
    materials : Materials
        Cohort and validations.

    Returns
    -------
    ShiftEstimate
    """
    rates_of = _Rates(materials)
    rates, said, known = (value[0] for value in rates_of(*rates_of.ones))
    n_tests = 1 if len(known) == 2 else len(known)  # two classes are off by the same
    effects = [over_patients(materials.cohort, _unexpected(rates_of, c)) for c in range(n_tests)]
    p_values = [2 * min(effect.p_value, 1 - effect.p_value) for effect in effects]
    smallest, reason = np.linalg.svd(rates, compute_uv=False)[-1], ""
    found = np.full((len(known), 3), np.nan)
    if smallest < SMALLEST_SINGULAR_VALUE:
        reason = (
            "The predictions in validation depend too little on the class (smallest singular "
            f"value of the confusion matrix {smallest:.2g}) to tell a prevalence from predictions."
        )
    else:
        scale = np.abs(np.linalg.inv(rates)).max()
        for code in range(len(known)):
            effect = over_patients(materials.cohort, _error(rates_of, code, scale))
            found[code] = known[code] + scale * np.array(effect[:3])
    p_value = float(np.min(holm_adjust(p_values)))
    return ShiftEstimate(*found.T, said, known @ rates, p_value, reason)


class _Rates:
    """Confusion rates of validation, what is said of test and its prevalence, by weights."""

    def __init__(self, materials):
        crossfit = materials.grouped
        self.n_classes = materials.cohort.n_classes
        self.y_train, self.y_test = crossfit.y_train, crossfit.y_test
        self.said_train = said_shares(crossfit.proba)
        self.said_test = said_shares(crossfit.test_proba)
        self.ones = np.ones((1, len(self.y_train))), np.ones((1, len(self.y_test)))

    def __call__(self, train, test):
        return (
            class_rates(train, self.y_train, self.said_train),
            test @ self.said_test / test.sum(axis=1, keepdims=True),
            prevalence_of(test, self.y_test, self.n_classes),
        )


def _unexpected(rates_of, code):
    """How much more often a class is said of test than its prevalence explains."""

    def statistic(train, test):
        rates, said, known = rates_of(train, test)
        return said[:, code] - np.einsum("nc,nc->n", known, rates[:, :, code])

    return statistic


def _error(rates_of, code, scale):
    """Estimated less known share of a class, divided by `scale`."""

    def statistic(train, test):
        rates, said, known = rates_of(train, test)
        regular = np.isfinite(rates).all(axis=(1, 2))
        singular_values = np.linalg.svd(
            np.where(regular[:, None, None], rates, 0), compute_uv=False
        )
        regular &= singular_values[:, -1] > SMALLEST_SINGULAR_VALUE / 100
        error = np.full(len(said), np.nan)
        inverse = np.linalg.inv(rates[regular])
        error[regular] = np.einsum("nc,nc->n", said[regular], inverse[:, :, code])
        return np.clip((error - known[:, code]) / scale, -1, 1)

    return statistic
