"""Does `covariate_shift` keep its error rates? ``python -m benchmarks.covariate_shift``.

Patients have a normal value a feature, in which they agree with themselves to one half, and numbers
of images with a geometric distribution, mean 2. ``tests`` prints how often the two-sample test has
a p-value of 0.05 or less, and how often the interval of the area holds the mean of all areas;
``blocks`` prints how often test is above the ordered blocks, the table in the docstring.
"""

import sys

import numpy as np

from benchmarks.score_coverage import print_table
from dlboi.bias._block_controls import block_controls
from dlboi.bias._two_sample_test import two_sample_test

#: Patients of the training and of the test part.
PATIENTS = ((40, 10), (160, 40), (400, 100))


def draw(rng, n_train, n_test, *, shift=0.0, drift=0.0, trend=0.0, images=(None, None)):
    """Return rows, patients and parts; test comes last in time.

    Parameters
    ----------
    rng : Generator
        Source of random numbers.
    n_train, n_test : int
        Patients.
    shift : float
        Distance of test from train, in standard deviations of a feature.
    drift : float
        Typical distance between stretches of time, each as long as test, and their mean.
    trend : float
        Distance between the first and the last training patient.
    images : tuple of int or None
        Images of a patient in train and in test; None for random numbers.
    """
    n, n_features = n_train + n_test, min(50, (n_train + n_test) // 4)
    sizes = [
        rng.geometric(0.5, n_part) if fixed is None else np.full(n_part, fixed)
        for n_part, fixed in zip((n_train, n_test), images, strict=True)
    ]
    means = rng.normal(size=(n, n_features)) * np.sqrt(0.5)
    effects = rng.normal(size=(-(-n // n_test), n_features)) / np.sqrt(n_features)
    means += drift * effects[np.arange(n) // n_test]
    means[:, 0] += trend * np.arange(n) / n_train
    means[n_train:, 1] += shift
    patients = np.repeat(np.arange(n), np.concatenate(sizes))
    rows = means[patients] + rng.normal(size=(len(patients), n_features)) * np.sqrt(0.5)
    return rows, patients, np.arange(n) >= n_train


def error_rates(n_sets=1000):
    """Return rows of the table of the two-sample test."""
    cases = {
        "none": {},
        "none; 8 images a patient in train, 1 in test": {"images": (8, 1)},
        "none; 1 image a patient in train, 8 in test": {"images": (1, 8)},
        "shift 1": {"shift": 1.0},
        "shift 2": {"shift": 2.0},
    }
    for n_train, n_test in PATIENTS[:2]:
        for name, case in cases.items():
            rng = np.random.default_rng(0)
            found = []
            for _ in range(n_sets):
                auc, p_value = two_sample_test(*draw(rng, n_train, n_test, **case), 99, rng)
                found.append((*auc, p_value))
            area, low, high, p_value = np.transpose(found)
            truth = area.mean()
            held = np.mean((low <= truth) & (truth <= high))
            rates = (truth, np.mean(p_value <= 0.05), held)
            yield n_train, n_test, name, *(f"{rate:.3f}" for rate in rates)


def above_rates(n_sets=100):
    """Return rows of the table of the ordered blocks."""
    cases = {
        "none": {},
        "drift 1": {"drift": 1.0},
        "drift 3": {"drift": 3.0},
        "trend 1": {"trend": 1.0},
        "trend 3": {"trend": 3.0},
        "shift 1": {"shift": 1.0},
        "shift 1.5": {"shift": 1.5},
        "shift 2": {"shift": 2.0},
    }
    for name, case in cases.items():
        rates = []
        for n_train, n_test in PATIENTS:
            rng = np.random.default_rng(0)
            order = np.arange(n_train + n_test)
            found = [
                block_controls(*draw(rng, n_train, n_test, **case), order, rng)
                for _ in range(n_sets)
            ]
            rates.append(f"{np.mean([each.auc > each.bound for each in found]):.3f}")
        yield name, *rates


if __name__ == "__main__":
    chosen = sys.argv[1:] or ("tests", "blocks")
    if "tests" in chosen:
        titles = ("train", "test", "difference", "mean AUC", "p <= 0.05", "interval holds")
        print_table(titles, list(error_rates()))
    if "blocks" in chosen:
        titles = ("difference", *(f"{train} and {test}" for train, test in PATIENTS))
        print_table(titles, list(above_rates()))
