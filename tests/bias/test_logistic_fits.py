"""Many logistic regressions at once are those of scikit-learn, one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from dlboi.bias._logistic_fits import logistic_fits


def draw(n_rows, n_columns, n_classes, signal, seed, share=0.7, n_fits=3):
    rng = np.random.default_rng(seed)
    codes = rng.permutation(np.arange(n_rows) % n_classes)
    rows = rng.normal(size=(n_rows, n_columns))
    rows += signal * rng.normal(size=(n_classes, n_columns))[codes]
    rows = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    training = rng.random((n_fits, n_rows)) < share
    # scikit-learn knows the classes that a fit has learnt from: let that be all of them.
    training[:, np.unique(codes, return_index=True)[1]] = True
    return rows, codes, training


def sklearns(rows, codes, training):
    """Log-odds of each class and the first, for all rows, by each fit."""
    fits = [
        LogisticRegression(tol=1e-9, max_iter=10000).fit(rows[used], codes[used])
        for used in training
    ]
    logits = [fit.decision_function(rows) for fit in fits]
    if logits[0].ndim == 1:
        return np.stack(logits)[..., None]
    return np.stack([each[:, 1:] - each[:, :1] for each in logits])


def log_odds(fits, rows):
    logits = rows @ fits[..., :-1].swapaxes(1, 2) + fits[:, None, :, -1]
    return logits[..., 1:] - logits[..., :1]


@settings(max_examples=15, deadline=None)
@given(
    n_rows=st.integers(20, 120),
    n_columns=st.integers(1, 8),
    n_classes=st.integers(2, 4),
    signal=st.sampled_from([0.0, 0.5, 2.0, 10.0]),  # the last is separable
    share=st.sampled_from([0.2, 0.5, 1.0]),
    seed=st.integers(0, 1000),
)
def test_fits_are_those_of_scikit_learn(n_rows, n_columns, n_classes, signal, share, seed):
    rows, codes, training = draw(n_rows, n_columns, n_classes, signal, seed, share)
    found = logistic_fits(rows, codes, n_classes, training)
    assert found.shape == (3, n_classes, n_columns + 1)
    np.testing.assert_allclose(
        log_odds(found, rows), sklearns(rows, codes, training), rtol=1e-3, atol=1e-3
    )


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("signal", [0.3, 2.0])
def test_the_gradient_is_zero_at_the_optimum(n_classes, signal):
    rows, codes, training = draw(300, 20, n_classes, signal, seed=0, n_fits=20)
    fits = logistic_fits(rows, codes, n_classes, training)
    odds = np.concatenate([np.zeros((20, 300, 1)), log_odds(fits, rows)], axis=2)
    probability = np.exp(odds) / np.exp(odds).sum(axis=2, keepdims=True)
    error = (probability - (codes[:, None] == np.arange(n_classes))) * training[..., None]
    gradient = error.swapaxes(1, 2) @ np.column_stack([rows, np.ones(300)])
    # The penalty of a single vector of two classes is half of that of each of the two.
    penalty = 2 if n_classes == 2 else 1
    gradient[..., :-1] += penalty * fits[..., :-1]
    assert np.abs(gradient).max() < 1e-3


def test_a_fit_is_the_same_alone_and_among_others():
    rows, codes, training = draw(200, 10, 2, 0.5, seed=0, n_fits=40)
    together = logistic_fits(rows, codes, 2, training)
    alone = np.concatenate([logistic_fits(rows, codes, 2, used[None]) for used in training])
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_rows_that_a_fit_does_not_learn_from_do_not_matter_to_it():
    rows, codes, training = draw(200, 10, 2, 1.0, seed=0)
    others = codes.copy()
    others[~training[0]] = 1 - others[~training[0]]
    first, second = (logistic_fits(rows, y, 2, training[:1]) for y in (codes, others))
    np.testing.assert_allclose(first, second, atol=1e-3)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_unlike_fits_get_there_by_newtons_method(n_classes, monkeypatch):
    rows, codes, training = draw(150, 6, n_classes, 1.0, seed=0, share=0.3)
    expected = logistic_fits(rows, codes, n_classes, training)
    monkeypatch.setattr("dlboi.bias._logistic_fits._MAX_CHEAP_STEPS", 1)
    found = logistic_fits(rows, codes, n_classes, training)
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_no_fits():
    rows, codes, _ = draw(30, 3, 2, 1.0, seed=0)
    assert logistic_fits(rows, codes, 2, np.zeros((0, 30), dtype=bool)).shape == (0, 2, 4)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_fit_that_knows_one_class_is_sure_of_it(n_classes):
    rows, codes, training = draw(60, 3, n_classes, 1.0, seed=0)
    training[:] = codes == 1
    fits = logistic_fits(rows, codes, n_classes, training)
    logits = rows @ fits[0, :, :-1].T + fits[0, :, -1]
    assert np.isfinite(fits).all()
    assert (logits.argmax(axis=1) == 1).all()


@pytest.mark.parametrize("n_columns", [1, 60])
def test_more_columns_than_rows_and_a_single_one(n_columns):
    rows, codes, training = draw(30, n_columns, 2, 0.5, seed=0)
    found = log_odds(logistic_fits(rows, codes, 2, training), rows)
    np.testing.assert_allclose(found, sklearns(rows, codes, training), atol=1e-3)


def test_a_class_that_a_fit_does_not_know_has_no_part_in_it():
    rows, codes, training = draw(120, 5, 4, 1.0, seed=0)
    training[:, codes == 3] = False
    found = logistic_fits(rows, codes, 4, training)
    of_three = logistic_fits(rows, np.minimum(codes, 2), 3, training)
    np.testing.assert_allclose(log_odds(found[:, :3], rows), log_odds(of_three, rows), atol=1e-3)
    logits = rows @ found[0, :, :-1].T + found[0, :, -1]
    assert (logits[:, 3] < logits[:, :3].min(axis=1) - 10).all()
