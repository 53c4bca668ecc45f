"""Do the intervals of the other scores hold the truth? ``python -m benchmarks.score_coverage``.

Each image has one normal value a class, which is shifted for its own class, and shares part of it
(correlation 0.3) with the other images of the patient; probabilities are their softmax, too
confident by a factor of 1.5 in the logit. With two classes a patient has images of one class, with
six of all of them, as a slide has; numbers of images are geometric with mean 3.3. The truth is that
of 100 000 patients. Printed are the tables in the docstrings of `score_intervals`, `roc_band`,
`crossed_interval`, `corrected_resampled_interval`, `difference_interval` and
`patient_jackknife_interval`. One argument, such as ``roc``, prints one.
"""

import sys

import numpy as np
from scipy import special, stats

from dlboi.metrics import (
    corrected_resampled_interval,
    crossed_interval,
    difference_interval,
    evaluation_scores,
    patient_jackknife_interval,
    roc_band,
    score_intervals,
)

N_PATIENTS = (10, 20, 40, 400)
CORRELATION = 0.3
OVERCONFIDENCE = 1.5


def shift_for(accuracy, n_classes):
    """Return the shift of an image's own class that gives the accuracy."""
    noise = np.random.default_rng(1).normal(size=(400_000, n_classes))
    return np.quantile(noise[:, 1:].max(axis=1) - noise[:, 0], accuracy)


def draw(rng, n_patients, n_classes, shift, overconfidence=OVERCONFIDENCE):
    """Return true classes, probabilities and patients of a simulated test set."""
    patients = np.repeat(np.arange(n_patients), rng.geometric(0.3, n_patients))
    if n_classes == 2:
        y = rng.permutation(np.arange(n_patients) % 2)[patients]
    else:
        y = rng.integers(n_classes, size=patients.size)
    values = np.sqrt(CORRELATION) * rng.normal(size=(n_patients, n_classes))[patients]
    values += np.sqrt(1 - CORRELATION) * rng.normal(size=(patients.size, n_classes))
    values[np.arange(patients.size), y] += shift
    return y, special.softmax(overconfidence * shift * values, axis=1), patients


def print_table(titles, rows):
    """Print a simple table of reStructuredText."""
    cells = [titles, *rows]
    widths = [max(len(str(row[column])) for row in cells) for column in range(len(titles))]
    rule = "  ".join("=" * width for width in widths)
    lines = [
        "  ".join(f"{cell!s:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
    print(rule, lines[0], rule, *lines[1:], rule, "", sep="\n", flush=True)


def coverage_of_scores(n_classes, accuracy, overconfidence=OVERCONFIDENCE):
    """Return, by score, the coverage for each number of patients, among the defined intervals."""
    shift, classes = shift_for(accuracy, n_classes), np.arange(n_classes)
    y, y_proba, _ = draw(np.random.default_rng(2), 100_000, n_classes, shift, overconfidence)
    truth = evaluation_scores(y, y_proba, classes=classes)
    coverage = {name: [] for name in truth}
    for n_patients in N_PATIENTS:
        rng = np.random.default_rng(0)
        held = {name: [] for name in truth}
        for _ in range(1000):
            y, y_proba, patients = draw(rng, n_patients, n_classes, shift, overconfidence)
            found = score_intervals(y, y_proba, classes=classes, groups=patients)
            for name, (_, low, high) in found.items():
                if not np.isnan(low):
                    held[name].append(low <= truth[name] <= high)
        for name, hits in held.items():
            coverage[name].append(f"{np.mean(hits):.3f}")
    return coverage


def scores():
    """Print the coverage of the intervals of all scores."""
    rows = []
    for n_classes, accuracy in ((2, 0.8), (2, 0.95), (6, 0.8), (6, 0.95)):
        for name, cells in coverage_of_scores(n_classes, accuracy).items():
            if name != "specificity":  # that of the sensitivity, as the classes are alike
                rows.append((n_classes, accuracy, name, *cells))
    print_table(("classes", "accuracy", "score", *N_PATIENTS), rows)
    calibrated = coverage_of_scores(2, 0.8, overconfidence=1.0)["expected_calibration_error"]
    print("calibration error of a calibrated classifier:", *calibrated, "\n")


def roc():
    """Print the coverage of the band of the ROC curve."""
    rates, rows = (0.05, 0.1, 0.2, 0.5), []
    for accuracy in (0.8, 0.95):
        shift = shift_for(accuracy, 2)
        # The difference of the two values is normal, with variance 2 and mean ± shift.
        truth = stats.norm.cdf(stats.norm.ppf(rates) + np.sqrt(2) * shift)
        for n_patients in N_PATIENTS:
            rng, held = np.random.default_rng(0), []
            for _ in range(500 if n_patients < 400 else 200):
                y, y_proba, patients = draw(rng, n_patients, 2, shift)
                band = roc_band(y, y_proba[:, 1], groups=patients, n_resamples=199)
                at = np.round(np.multiply(rates, 100)).astype(int)
                held.append((band.low[at] <= truth) & (truth <= band.high[at]))
            rows.append((accuracy, n_patients, *(f"{cell:.3f}" for cell in np.mean(held, axis=0))))
    print_table(("accuracy", "patients", *(f"at {rate}" for rate in rates)), rows)


def draw_differences(rng, n_patients, n_runs, of_patients, of_runs):
    """Return the differences of two equally good classifiers, and the patients."""
    patients = np.repeat(np.arange(n_patients), rng.geometric(0.3, n_patients))
    shared = rng.normal(size=patients.size)
    right = []
    for _ in range(2):
        values = shared + rng.normal(size=(n_runs, patients.size))
        values += of_patients * rng.normal(size=n_patients)[patients]
        values += of_runs * rng.normal(size=(n_runs, 1))
        deviation = np.sqrt(2 + of_patients**2 + of_runs**2)
        right.append(values > deviation * stats.norm.ppf(0.15))
    return right[0].astype(int) - right[1], patients


def crossed():
    """Print how often a difference is found where there is none."""
    rows = []
    for of_patients, of_runs in ((0, 0), (1, 0), (0, 0.4), (1, 0.4)):
        for n_runs in (1, 2, 3, 10):
            if n_runs == 1 and of_runs:
                continue  # one run says nothing of others
            cells = []
            for n_patients in N_PATIENTS:
                rng, n_sets = np.random.default_rng(0), 2000
                drawn = (
                    draw_differences(rng, n_patients, n_runs, of_patients, of_runs)
                    for _ in range(n_sets)
                )
                p_values = [crossed_interval(d, groups=patients).p_value for d, patients in drawn]
                cells.append(f"{np.mean(np.array(p_values) <= 0.05):.3f}")
            rows.append((of_patients, of_runs, n_runs, *cells))
    print_table(("patients' sd", "runs' sd", "runs", *N_PATIENTS), rows)


def draw_gains(rng, n_patients):
    """Return gains of one on a tenth of the images, most of them of few patients."""
    patients = np.repeat(np.arange(n_patients), rng.geometric(0.1, n_patients))
    shares = rng.beta(0.5, 4.5, n_patients)
    return (rng.random(patients.size) < shares[patients]).astype(float), patients


def skewed():
    """Print where a skewed mean lies: in the interval, below it and above it."""
    rows = []
    for is_skewed in (False, True):
        cells = []
        for n_patients in N_PATIENTS:
            rng = np.random.default_rng(0)
            drawn = (draw_gains(rng, n_patients) for _ in range(4000))
            found = [
                crossed_interval(gains, groups=patients, skewed=is_skewed)
                for gains, patients in drawn
                if gains.any()
            ]
            _, low, high, _ = np.transpose(found)
            below, above = np.mean(low > 0.1), np.mean(high < 0.1)
            cells.append(f"{1 - below - above:.3f} {below:.3f} {above:.3f}")
        rows.append((is_skewed, *cells))
    print_table(("skewed", *N_PATIENTS), rows)


def resampled():
    """Print how often a difference is found over splits of the same images, and without care."""
    rows = []
    for n_images in (50, 200):
        for n_splits in (5, 10, 30):
            rng, n_test = np.random.default_rng(0), n_images // 5
            corrected, plain = [], []
            for _ in range(2000):
                # Nearest-mean classifiers of two features that are equally good.
                y = rng.integers(2, size=n_images)
                X = rng.normal(size=(2, n_images)) + y
                values = []
                for _ in range(n_splits):
                    order = rng.permutation(n_images)
                    test, train = order[:n_test], order[n_test:]
                    middle = [
                        np.mean([x[train][y[train] == label].mean() for label in (0, 1)]) for x in X
                    ]
                    right = (X[:, test] > np.array(middle)[:, None]) == y[test]
                    values.append(right[0].mean() - right[1].mean())
                found = corrected_resampled_interval(
                    values, n_train=n_images - n_test, n_test=n_test
                )
                corrected.append(found.p_value <= 0.05)
                error = np.std(values, ddof=1) / np.sqrt(n_splits)
                quantile = stats.t.ppf(0.975, n_splits - 1)
                plain.append(abs(np.mean(values)) > quantile * error)
            rows.append((n_images, n_splits, f"{np.mean(corrected):.3f}", f"{np.mean(plain):.3f}"))
    print_table(("images", "splits", "corrected", "plain t test"), rows)


def held_and_width(found, truth):
    """Return the share of intervals that hold the truth, and their width over the ideal one."""
    estimates, low, high, _ = np.transpose([each for each in found if not np.isnan(each.low)])
    held = np.mean((low <= truth) & (truth <= high))
    width = np.mean(high - low) / (2 * stats.norm.ppf(0.975) * np.std(estimates))
    return f"{held:.3f} ({width:.2f})"


def draw_correct(rng, n_patients, accuracy, correlation):
    """Return which images are right, and the patients."""
    patients = np.repeat(np.arange(n_patients), rng.geometric(0.3, n_patients))
    of_patient = np.full(n_patients, accuracy)
    if correlation:
        spread = 1 / correlation - 1
        of_patient = rng.beta(accuracy * spread, (1 - accuracy) * spread, n_patients)
    return rng.random(patients.size) < of_patient[patients], patients


def differences():
    """Print how often the interval holds the difference of the accuracies on two sets."""
    rows = []
    for accuracies in ((0.8, 0.8), (0.95, 0.95), (0.95, 0.8)):
        for correlation in (0, 0.3):
            cells = []
            for n_patients in N_PATIENTS:
                rng, found = np.random.default_rng(0), []
                for _ in range(2000 if n_patients < 400 else 1000):
                    (first, groups_first), (second, groups_second) = (
                        draw_correct(rng, n_patients, accuracy, correlation)
                        for accuracy in accuracies
                    )
                    interval = difference_interval(
                        first, second, groups_first=groups_first, groups_second=groups_second
                    )
                    found.append(interval)
                cells.append(held_and_width(found, accuracies[0] - accuracies[1]))
            rows.append((*accuracies, correlation, *cells))
    print_table(("first", "second", "correlation", *N_PATIENTS), rows)


def draw_values(rng, n_patients, accuracy, correlation, prevalence=0.5):
    """Return classes of a binary test set, a value that is larger for class 1, and patients."""
    patients = np.repeat(np.arange(n_patients), rng.geometric(0.3, n_patients))
    y = (rng.random(n_patients) < prevalence)[patients].astype(int)
    values = np.sqrt(correlation) * rng.normal(size=n_patients)[patients]
    values += np.sqrt(1 - correlation) * rng.normal(size=patients.size)
    return y, values + 2 * stats.norm.ppf(accuracy) * y, patients


def area(y, values, weights):
    """Return the area under the ROC curve for each row of weights; NaN where a class has none."""
    order = np.argsort(values)
    positive, negative = ((weights * (y == label))[:, order] for label in (1, 0))
    with np.errstate(invalid="ignore"):
        pairs = positive.sum(axis=1) * negative.sum(axis=1)
        return np.sum(positive * np.cumsum(negative, axis=1), axis=1) / pairs


def auc_difference(first, second):
    """Return the statistic: area under the ROC curve of the first set less that of the second."""
    return lambda w_first, w_second: area(*first[:2], w_first) - area(*second[:2], w_second)


def label_shift(first, second, threshold):
    """Return the statistic: accuracy less that at the prevalence of the second set."""
    y, values, _ = first
    correct = (values > threshold) == y

    def statistic(w_first, w_second):
        share = (w_first @ y) / w_first.sum(axis=1) - (w_second @ second[0]) / w_second.sum(axis=1)
        with np.errstate(invalid="ignore"):
            recalls = [w_first @ (correct * of) / (w_first @ of) for of in (1 - y, y)]
        return share * (recalls[1] - recalls[0])

    return statistic


def jackknife():
    """Print how often the interval holds the difference of other scores on two sets."""
    kinds = [("auc", *pair) for pair in ((0.8, 0.8), (0.95, 0.95), (0.95, 0.8))]
    rows = []
    for kind, *accuracies in [*kinds, ("prevalence", 0.8, 0.8), ("prevalence", 0.95, 0.95)]:
        shifts = 2 * stats.norm.ppf(accuracies)
        if kind == "auc":
            prevalences, truth = (0.5, 0.5), -np.diff(stats.norm.cdf(shifts / np.sqrt(2)))[0]
        else:  # the threshold is off the middle, so that the recalls differ
            prevalences, threshold = (0.75, 0.5), 0.35 * shifts[0]
            truth = 0.25 * (stats.norm.cdf(0.65 * shifts[0]) - stats.norm.cdf(threshold))
        for correlation in (0, 0.3):
            cells = []
            for n_patients in N_PATIENTS:
                rng, found = np.random.default_rng(0), []
                for _ in range(1000):
                    first, second = (
                        draw_values(rng, n_patients, accuracy, correlation, prevalence)
                        for accuracy, prevalence in zip(accuracies, prevalences, strict=True)
                    )
                    if kind == "auc":
                        statistic = auc_difference(first, second)
                    else:
                        statistic = label_shift(first, second, threshold)
                    found.append(patient_jackknife_interval(statistic, [first[2], second[2]]))
                cells.append(held_and_width(found, truth))
            rows.append((kind, *accuracies, correlation, *cells))
    print_table(("statistic", "first", "second", "correlation", *N_PATIENTS), rows)


def main():
    """Print the tables that are asked for, or all."""
    tables = {
        "scores": scores,
        "roc": roc,
        "crossed": crossed,
        "skewed": skewed,
        "resampled": resampled,
        "differences": differences,
        "jackknife": jackknife,
    }
    for name in sys.argv[1:] or tables:
        tables[name]()


if __name__ == "__main__":
    main()
