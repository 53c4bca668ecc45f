"""Do the intervals of the decomposition hold the truth? ``python -m benchmarks.bias_coverage``.

Printed are the tables in the docstrings of `decomposition` and `selection_optimism`, and that of
``thresholds``. ``terms``, ``thresholds``, ``selection`` or ``learnt`` as an argument prints one.

``terms``: every patient has one class and a geometric number of images (mean 3). An image has a
score, the logit of the second class: that of its class and its patient's and its own deviation.
Each of the classifiers of a validation adds an offset and noise of its own. A share of 75 % of the
training and 50 % of the test patients have the second class; in the validation by image, scores
are better by a patient's own amount; in test, classes are less far apart and all scores are higher.
The truth of a term is its value for infinitely many patients. A threshold that is chosen on few
patients is worse than that, so that coverage is printed for the mean over the simulations, too.

``thresholds``: the same for two verdicts, by classifiers that learn from rows in which all effects
are planted (:mod:`benchmarks.bias_proof`). The threshold is that of the verdict: less what the
prevalence of test alone asks for.

``selection``: candidates are right on four fifths of the images, or on shares between this and
seven tenths; what makes an image hard may be common to them. The truth is the mean, over the
simulated sets, of the reported score less the share of the candidate that was named best.

``learnt``: candidates are logistic regressions, each on two columns of its own, in cross-validation
of patients with one image. In the first column the classes are 0 to `best` standard deviations
apart, the same number of steps from one candidate to the next; all else is noise. The truth is the
mean, over the simulated sets, of the reported score less the accuracy on 1000 new patients of the
classifiers of the candidate that was named best.
"""

import sys

import numpy as np
from scipy import special, stats

from benchmarks.bias_proof.calibration import true_effects
from benchmarks.bias_proof.drawn import materials_for
from benchmarks.bias_proof.rows import Rows
from benchmarks.bias_proof.truths import EVERYTHING
from benchmarks.score_coverage import print_table
from dlboi.bias import selection_optimism
from dlboi.bias._cohort import cohort_of
from dlboi.bias._crossfit import Crossfit
from dlboi.bias._decomposition import decomposition_of
from dlboi.bias._learner import LogisticLearner
from dlboi.bias._materials import Materials, Settings
from dlboi.bias._selection_optimism import selection_of
from dlboi.bias._threshold_effects import displaced_effect, ranking_effect

N_PATIENTS = (10, 20, 40, 400)
N_RUNS = 10
N_CANDIDATES = 50
N_LEARNERS = 20
_N_LARGE = 10
_TITLES = ["term", "patients", "truth", "mean", "width", "holds truth", "holds mean"]


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
    truth = _true_terms(np.random.default_rng(0))
    rows = []
    for n_patients in N_PATIENTS:
        rng, n_sets = np.random.default_rng(1), 60 if n_patients == 400 else 200
        found = {name: [] for name in truth}
        for seed in range(n_sets):
            result = decomposition_of(draw_materials(rng, n_patients, seed))
            for name, effect in {**result.terms, "gap": result.gap}.items():
                found[name].append(effect[:3])
        for name, effects in found.items():
            rows.append([name, n_patients, *_covered(truth[name], effects)])
    print_table(_TITLES, sorted(rows, key=lambda row: list(truth).index(row[0])))


def _true_terms(rng):
    """Return the means over large sets: a single one has ten runs only, which vary, too."""
    large = [decomposition_of(draw_materials(rng, 20_000, seed)) for seed in range(_N_LARGE)]
    terms = [{**each.terms, "gap": each.gap} for each in large]
    return {name: np.mean([each[name].estimate for each in terms]) for name in terms[0]}


def _covered(truth, effects):
    """Truth, mean, width, and shares of the intervals that hold either, as they are printed."""
    estimate, low, high = np.transpose(effects)
    known = ~np.isnan(low)
    low, high = low[known], high[known]
    held = [np.mean((low <= value) & (value <= high)) for value in (truth, estimate.mean())]
    shown = (truth, estimate.mean(), np.mean(high - low), *held)
    return [f"{value:.3f}" for value in shown]


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


def draw_learners(rng, n_patients, best):
    """Return materials whose candidates learn from columns of their own; test is 1000 patients."""
    y = np.arange(n_patients + 1000) % 2
    X = rng.normal(size=(len(y), 2 * N_LEARNERS))
    X[:, ::2] += np.outer(y - 0.5, np.linspace(0, best, N_LEARNERS))
    cohort = cohort_of((X[:n_patients], y[:n_patients]), (X[n_patients:], y[n_patients:]))
    columns = [slice(2 * j, 2 * j + 2) for j in range(N_LEARNERS)]
    learners = [LogisticLearner(X[:, each], y, 2) for each in columns]
    return Materials(cohort, learners, Settings(n_resamples=3, seed=int(rng.integers(2**31))))


def true_optimism(materials):
    """Return the reported score less that of the candidates that were named, on new patients."""
    found = [materials.validation_of([learner]) for learner in materials.learners]
    scores = np.stack([each.correct.mean(axis=1) for each in found])  # (candidates, repeats)
    by_classifier = np.stack([each.test_correct.mean(axis=1) for each in found])
    known = by_classifier.reshape(*scores.shape, -1).mean(axis=2)
    return np.mean(scores.max(axis=0) - known[scores.argmax(axis=0), range(scores.shape[1])])


def coverage_of_learners():
    """Print the share of intervals that hold the mean optimism of candidates that learn."""
    rows = []
    for best in (0.0, 1.5):
        for n_patients in (20, 40, 200):
            rng, n_sets = np.random.default_rng(1), 40
            drawn = [draw_learners(rng, n_patients, best) for _ in range(n_sets)]
            truth = np.array([true_optimism(each) for each in drawn])
            estimate, low, high = np.transpose([selection_of(each).optimism[:3] for each in drawn])
            held = np.mean((low <= truth.mean()) & (truth.mean() <= high))
            shown = truth.mean(), estimate.mean(), np.std(estimate - truth), (high - low).mean()
            rows.append([best, n_patients, *(f"{value:.3f}" for value in (*shown, held))])
    print_table(["best", "patients", "truth", "mean", "error", "width", "holds truth"], rows)


def coverage_of_thresholds():
    """Print the share of intervals that hold what the threshold and the ranking cost in rows."""
    rows = []
    for n_patients, n_sets in ((10, 100), (20, 100), (40, 100), (400, 20)):
        rng, sizes = np.random.default_rng(1), (n_patients, n_patients)
        truth = true_effects(Rows(), EVERYTHING, sizes, 100, 1000)
        found = {"lost ranking": [], "threshold": []}
        for seed in range(n_sets):
            materials = materials_for(Rows().draw(EVERYTHING, *sizes, rng), seed=seed)
            scores = materials.thresholds
            if scores.correct is not None:
                found["lost ranking"].append(ranking_effect(materials, scores.correct)[:3])
                found["threshold"].append(displaced_effect(materials, scores)[:3])
        for name, effects in found.items():
            rows.append([name, n_patients, *_covered(truth[name][0], effects)])
    print_table(_TITLES, sorted(rows, key=lambda row: row[0]))


if __name__ == "__main__":
    known = {
        "terms": coverage_of_terms,
        "selection": coverage_of_selection,
        "learnt": coverage_of_learners,
        "thresholds": coverage_of_thresholds,
    }
    for name in sys.argv[1:] or known:
        known[name]()
