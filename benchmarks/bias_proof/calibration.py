"""What is planted, measured without the study: many new images, and scikit-learn's classifier."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from benchmarks.bias_proof.truths import CHANCE, CLASS, POOL, VALIDATION

_PREDICTED = 0.8  # share of the training patients that one classifier of five folds learns from


def true_effects(source, truth, sizes, n_draws: int, n_asked: int, seed: int = 1) -> dict:
    """Return the effects that a study of this size would find with infinitely many scored patients.

    Classifiers learn from four fifths of as many patients as those of the study, and are asked
    about other patients. Leakage in validation is that by image less that by patient. In the pool,
    a fifth of the patients are scored with half of their images in training, and again with as many
    images of other patients there.

    Parameters
    ----------
    source : Rows or ImagePool
        Where images are drawn.
    truth : Truth
        What is planted.
    sizes : tuple of (int, int)
        Patients of the study in train and in test.
    n_draws : int
        Classifiers.
    n_asked : int
        Patients that each is asked about, of the kind of train and of that of test.
    seed : int, default=1
        Decides the draws.

    Returns
    -------
    dict of str to tuple of (float, float)
        Mean and its standard error, by the name of the verdict; none of duplicates and shortcuts.
    """
    found = []
    for number in range(n_draws):
        rng = np.random.default_rng([seed, number])
        one = {VALIDATION: _leakage(source.draw(truth, *sizes, rng), rng)}
        if truth.random_labels:
            one[POOL] = _leakage_in_pool(source.draw(truth, round(1.2 * sum(sizes)), 2, rng), rng)
        if truth.n_candidates:
            one["selection"] = _optimism(source.draw(truth, *sizes, rng))
        elif not truth.n_copies:
            n_learnt = round(_PREDICTED * sizes[0])
            drawn = source.draw(truth, n_learnt + n_asked, n_asked, rng)
            one |= _of_parts(drawn, n_learnt, rng)
            one |= {"harder test": _harder(drawn, sizes, rng)}
        found.append(one)
    table = {name: [one[name] for one in found] for name in found[0]}
    return {
        name: (float(np.mean(values)), float(np.std(values) / np.sqrt(len(values))))
        for name, values in table.items()
    }


def _second_class(drawn, training, scored):
    """Probability of the second class of the images `scored`, by those of `training`."""
    if len(np.unique(drawn.y[training])) < 2:
        return np.full(len(scored), float(drawn.y[training[0]]))
    model = LogisticRegression(max_iter=1000).fit(drawn.rows[training], drawn.y[training])
    return model.predict_proba(drawn.rows[scored])[:, 1]


def _leakage(drawn, rng):
    train = np.arange(drawn.n_train)
    y, groups, right = drawn.y[train], drawn.groups[train], []
    seed = int(rng.integers(2**31))
    for splitter, by in ((StratifiedKFold, None), (StratifiedGroupKFold, groups)):
        n_right = 0
        for learnt, held in splitter(5, shuffle=True, random_state=seed).split(train, y, by):
            n_right += ((_second_class(drawn, learnt, held) > 0.5) == y[held]).sum()
        right.append(n_right / len(train))
    return right[0] - right[1]


def _leakage_in_pool(drawn, rng):
    patients = rng.permutation(np.unique(drawn.groups[: drawn.n_train]))
    n_fifth = len(patients) // 6  # of those of the study; another sixth are the strangers
    scored, strangers = patients[:n_fifth], patients[n_fifth : 2 * n_fifth]
    is_half = np.arange(len(drawn.y)) % 2 == 0
    asked = np.flatnonzero(np.isin(drawn.groups, scored) & ~is_half)
    common = np.isin(drawn.groups, patients[2 * n_fifth :])
    right = []
    for others in (scored, strangers):
        learnt = np.flatnonzero(common | (np.isin(drawn.groups, others) & is_half))
        right.append(np.mean((_second_class(drawn, learnt, asked) > 0.5) == drawn.y[asked]))
    return right[0] - right[1]


def _optimism(drawn):
    """Best score of cross-validation less the mean of all: candidates are as good as each other.

    Not less one half: where a patient has several images, some of each are learnt from.
    """
    train, y = np.arange(drawn.n_train), drawn.y[: drawn.n_train]
    folds = list(StratifiedKFold(5, shuffle=True, random_state=0).split(train, y))
    scores = []
    for rows in drawn.candidates:
        n_right = 0
        for learnt, held in folds:
            model = LogisticRegression().fit(rows[learnt], y[learnt])
            n_right += (model.predict(rows[held]) == y[held]).sum()
        scores.append(n_right / len(train))
    return max(scores) - np.mean(scores)


def _of_parts(drawn, n_learnt, rng):
    """Draw patients to learn from among those of train; ask about the others, and about test."""
    is_train = ~drawn.in_test
    patients = rng.permutation(np.unique(drawn.groups[is_train]))
    learnt = np.flatnonzero(is_train & np.isin(drawn.groups, patients[:n_learnt]))
    held = np.flatnonzero(is_train & ~np.isin(drawn.groups, patients[:n_learnt]))
    test = np.flatnonzero(drawn.in_test)
    asked = np.append(held, test)
    second = _second_class(drawn, learnt, asked)
    validation, tested = second[: len(held)], second[len(held) :]
    y, y_test = drawn.y[held], drawn.y[test]
    recalls = [np.mean((validation > 0.5)[y == code] == code) for code in range(2)]
    test_recalls = [np.mean((tested > 0.5)[y_test == code] == code) for code in range(2)]
    accuracy, test_accuracy = np.mean((validation > 0.5) == y), np.mean((tested > 0.5) == y_test)
    prevalence = np.bincount(y_test, minlength=2) / len(y_test)
    expected, best = prevalence @ recalls, _best_accuracy(tested, y_test, np.ones(2))
    # What another threshold gives in validation, too, is owed to the prevalence of test.
    of_prevalence = _best_accuracy(validation, y, prevalence * len(y) / np.bincount(y)) - expected
    return {
        CHANCE: accuracy - test_accuracy,
        "label shift": accuracy - expected,
        "lost ranking": expected - best,
        "threshold": best - test_accuracy - of_prevalence,
        CLASS.format(0): recalls[0] - test_recalls[0],
        CLASS.format(1): recalls[1] - test_recalls[1],
    }


def _best_accuracy(second, y, weights):
    """Accuracy at the threshold at which it is highest; weights are those of the classes."""
    order = np.argsort(second)
    below, above = (weights[code] * (y[order] == code) for code in (1, 0))
    wrong_below = np.concatenate([[0], np.cumsum(below)])
    wrong_above = above.sum() - np.concatenate([[0], np.cumsum(above)])
    return 1 - (wrong_below + wrong_above).min() / (below.sum() + above.sum())


def _harder(drawn, sizes, rng):
    """Accuracy within train less that within test, of as many patients, at test's prevalence."""
    first = np.unique(drawn.groups, return_index=True)[1]
    of_train, of_test = (first[drawn.in_test[first] == side] for side in (False, True))
    shares = [np.bincount(drawn.y[part], minlength=2) / len(part) for part in (of_train, of_test)]
    counts = np.minimum(*(share * size for share, size in zip(shares, sizes, strict=True)))
    counts = (_PREDICTED * counts).astype(int)
    accuracies = []
    for part in (of_train, of_test):
        chosen = [
            rng.permutation(drawn.groups[part[drawn.y[part] == code]])[: counts[code]]
            for code in range(2)
        ]
        learnt = np.isin(drawn.groups, np.concatenate(chosen))
        asked = np.flatnonzero(np.isin(drawn.groups, drawn.groups[part]) & ~learnt)
        if len(np.unique(drawn.y[asked])) < 2:  # all patients are learnt from
            return np.nan
        right = (_second_class(drawn, np.flatnonzero(learnt), asked) > 0.5) == drawn.y[asked]
        recalls = [right[drawn.y[asked] == code].mean() for code in range(2)]
        accuracies.append(shares[1] @ recalls)
    return accuracies[0] - accuracies[1]
