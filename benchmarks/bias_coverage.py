"""Do the intervals of the decomposition hold the truth? ``python -m benchmarks.bias_coverage``.

Printed are the tables in the docstrings of `decomposition` and `selection_optimism`. ``terms`` or
``selection`` as an argument prints one of them.

``terms``: every patient has one class and a geometric number of images (mean 3). An image has a
score, the logit of the second class: that of its class and its patient's and its own deviation.
Each of the classifiers of a validation adds an offset and noise of its own. A share of 75 % of the
training and 50 % of the test patients have the second class; in the validation by image, scores
are better by a patient's own amount; in test, classes are less far apart and all scores are higher.
The truth of a term is its value for infinitely many patients. A threshold that is chosen on few
patients is worse than that, so that coverage is printed for the mean over the simulations, too.

``selection``: candidates are right on four fifths of the images, or on shares between this and
seven tenths; what makes an image hard may be common to them. The truth is the mean, over the
simulated sets, of the reported score less the share of the candidate that was named best.
"""

import sys

import numpy as np
from scipy import special, stats

from benchmarks.score_coverage import print_table
from dlboi.bias import selection_optimism
from dlboi.bias._cohort import cohort_of
from dlboi.bias._crossfit import Crossfit
from dlboi.bias._decomposition import decomposition_of
from dlboi.bias._materials import Materials, Settings

N_PATIENTS = (10, 20, 40, 400)
N_RUNS = 10
N_CANDIDATES = 50


def draw_patients(rng, n_patients, prevalence):
    """Return classes and patients of the images of a set."""
    patients = np.repeat(np.arange(n_patients), rng.geometric(1 / 3, n_patients))
    y = rng.permutation(np.arange(n_patients) < round(prevalence * n_patients))
    return y[patients].astype(int), patients


def draw_scores(rng, y, patients, distance, displacement):
    """Return the scores of the images that all classifiers share."""
    deviation = 0.7 * rng.normal(size=patients.max() + 1)[patients] + rng.normal(size=len(y))
    return distance * (2 * y - 1) + displacement + deviation


def draw_runs(rng, scores, n_runs):
    """Return probabilities by classifiers, (n_runs, n_images, 2)."""
    noise = 0.1 * rng.normal(size=(n_runs, 1)) + 0.3 * rng.normal(size=(n_runs, len(scores)))
    second = special.expit(scores + noise)
    return np.stack([1 - second, second], axis=2)


def draw_materials(rng, n_patients, seed):
    """Return materials with validations that are drawn, not learnt."""
    y, patients = draw_patients(rng, n_patients, 0.75)
    y_test, patients_test = draw_patients(rng, n_patients, 0.5)
    scores = draw_scores(rng, y, patients, 1.0, 0.0)
    leaked = scores + (2 * y - 1) * rng.uniform(0, 1.2, n_patients)[patients]
    scores_test = draw_scores(rng, y_test, patients_test, 0.8, 0.6)
    cohort = cohort_of(
        (scores[:, None], y, patients), (scores_test[:, None], y_test, patients_test + n_patients)
    )
    materials = Materials(cohort, (), Settings(n_resamples=N_RUNS, seed=seed))
    for name, values in (("grouped", scores), ("shuffled", leaked)):
        proba = draw_runs(rng, values, N_RUNS)
        correct = proba.argmax(axis=2) == y
        test_proba = draw_runs(rng, scores_test, 5 * N_RUNS)
        setattr(materials, name, Crossfit(proba, test_proba, y, y_test, correct))
    return materials


def coverage_of_terms():
    """Print the share of intervals that hold the truth, for each term."""
    large = decomposition_of(draw_materials(np.random.default_rng(0), 20_000, 0))
    truth = {**large.terms, "gap": large.gap}
    rows = []
    for n_patients in N_PATIENTS:
        rng, n_sets = np.random.default_rng(1), 150 if n_patients == 400 else 400
        found = {name: [] for name in truth}
        for seed in range(n_sets):
            result = decomposition_of(draw_materials(rng, n_patients, seed))
            for name, effect in {**result.terms, "gap": result.gap}.items():
                found[name].append(effect[:3])
        for name, effects in found.items():
            estimate, low, high = np.transpose(effects)
            known = ~np.isnan(low)
            low, high = low[known], high[known]
            held = [
                np.mean((low <= value) & (value <= high))
                for value in (truth[name].estimate, estimate.mean())
            ]
            shown = (truth[name].estimate, estimate.mean(), np.mean(high - low), *held)
            rows.append([name, n_patients, *(f"{value:.3f}" for value in shown)])
    titles = ["term", "patients", "truth", "mean", "width", "holds truth", "holds mean"]
    print_table(titles, sorted(rows, key=lambda row: list(truth).index(row[0])))


def draw_candidates(rng, n_patients, common, worst):
    """Return what each candidate is right on, the patients, and the candidates' true shares."""
    patients = np.repeat(np.arange(n_patients), rng.geometric(1 / 3, n_patients))
    size = (1 + N_CANDIDATES, n_patients)
    deviations = np.sqrt(0.4) * rng.normal(size=size)[:, patients]
    deviations += np.sqrt(0.6) * rng.normal(size=(size[0], len(patients)))
    shares = rng.permutation(np.linspace(worst, 0.8, N_CANDIDATES))
    value = np.sqrt(common) * deviations[0] + np.sqrt(1 - common) * deviations[1:]
    return value < stats.norm.ppf(shares)[:, None], patients, shares


def coverage_of_selection():
    """Print the share of intervals that hold the mean optimism, by the number of parts."""
    rows = []
    for common, worst in ((0.0, 0.8), (0.8, 0.8), (0.8, 0.7)):
        for n_patients in N_PATIENTS:
            for n_parts in (2, 10):
                rng, n_sets = np.random.default_rng(1), 50 if n_patients == 400 else 200
                truth, found = [], []
                for seed in range(n_sets):
                    correct, patients, shares = draw_candidates(rng, n_patients, common, worst)
                    result = selection_optimism(
                        correct, patients, n_parts=n_parts, random_state=seed
                    )
                    truth.append(result.reported - shares[result.best])
                    found.append(result.optimism[:3])
                estimate, low, high = np.transpose(found)
                held = np.mean((low <= np.mean(truth)) & (np.mean(truth) <= high))
                shown = np.mean(truth), estimate.mean(), np.std(estimate - truth), held
                rows.append(
                    [common, worst, n_patients, n_parts, *(f"{value:.3f}" for value in shown)]
                )
    titles = ["common", "worst", "patients", "parts", "truth", "mean", "error", "holds truth"]
    print_table(titles, rows)


if __name__ == "__main__":
    wanted = sys.argv[1:] or ["terms", "selection"]
    for name in wanted:
        {"terms": coverage_of_terms, "selection": coverage_of_selection}[name]()
