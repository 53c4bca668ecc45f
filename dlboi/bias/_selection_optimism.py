"""How much of a best validation score is owed to having chosen the best."""

from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, validate_params

from dlboi._validation import draw_seed, group_codes
from dlboi.bias._gain import gain
from dlboi.bias._materials import Materials
from dlboi.bias._patient_folds import patient_folds
from dlboi.bias._selection_result import SelectionOptimism


@validate_params(
    {
        "correct": ["array-like"],
        "groups": ["array-like", None],
        "n_parts": [Interval(Integral, 2, None, closed="left")],
        "n_repeats": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def selection_optimism(
    correct: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    n_parts: int = 2,
    n_repeats: int = 20,
    random_state=0,
) -> SelectionOptimism:
    """Measure by how much the validation score of a best epoch or configuration is too good.

    Parameters
    ----------
    correct : array-like of shape (n_candidates, n_images)
        1 where a candidate (an epoch, a configuration) classifies a validation image correctly,
        else 0; NaN where it was not asked, as in cross-validation with other folds.
    groups : array-like of shape (n_images,), default=None
        Patient of each image. None takes images to be independent.
    n_parts : int, default=2
        Parts of the patients. For each, the candidate is chosen on the others. Where there are
        fewer patients, each is a part. With more than two the estimate is less sure, and its
        interval too narrow; see Notes.
    n_repeats : int, default=20
        Divisions into parts.
    random_state : int, RandomState or None, default=0
        Decides the divisions.

    Returns
    -------
    result : SelectionOptimism

    Raises
    ------
    ValueError
        Where `correct` is not 2-D or empty, holds anything but 0, 1 and NaN, or a candidate was
        asked about no image; where `groups` does not name a patient for every image, or names
        one only; where a choice on a part of the patients has no image to be scored on.

    Notes
    -----
    The candidate that is best on the validation images is so in part by luck on these images, and
    its score on them is too good by that luck [1]_. Patients are divided into parts; each part is
    scored by the candidate that is best on the others, so that luck in the choice does not count.
    Of equally good candidates the first is taken.

    Halves are better than many small parts. Without a tenth of the patients, the luckiest candidate
    is mostly the same as with them, and its luck on that tenth is not seen for what it is: the
    estimate is right on average over many sets, but far off on each. A choice on half of the
    patients finds slightly worse candidates; the table shows that this matters little.

    In the table, fifty candidates are right on 80 % of the images, or on shares between this and
    `worst`; part of what makes an image hard is common to them. The truth is the mean over 200
    simulated sets (50 with 400 patients) of the reported score less the true share of the best
    candidate. Next to it are the mean estimate, the standard deviation of the error on single sets,
    and the share of 95 % intervals that hold the truth.
    ``python -m benchmarks.bias_coverage selection`` prints it:

    ======  =====  ========  =====  =====  =====  =====  ===========
    common  worst  patients  parts  truth  mean   error  holds truth
    ======  =====  ========  =====  =====  =====  =====  ===========
    0.0     0.8    10        2      0.173  0.176  0.072  0.925
    0.0     0.8    10        10     0.173  0.179  0.152  0.830
    0.0     0.8    20        2      0.139  0.133  0.047  0.950
    0.0     0.8    20        10     0.139  0.124  0.107  0.815
    0.0     0.8    40        2      0.100  0.099  0.034  0.970
    0.0     0.8    40        10     0.100  0.101  0.077  0.720
    0.0     0.8    400       2      0.034  0.034  0.011  0.980
    0.0     0.8    400       10     0.034  0.039  0.025  0.680
    0.8     0.8    10        2      0.110  0.121  0.098  0.975
    0.8     0.8    10        10     0.110  0.124  0.122  0.885
    0.8     0.8    20        2      0.086  0.088  0.066  0.995
    0.8     0.8    20        10     0.086  0.089  0.086  0.890
    0.8     0.8    40        2      0.065  0.062  0.044  0.985
    0.8     0.8    40        10     0.065  0.063  0.058  0.890
    0.8     0.8    400       2      0.021  0.021  0.017  1.000
    0.8     0.8    400       10     0.021  0.020  0.025  0.660
    0.8     0.7    10        2      0.106  0.128  0.096  1.000
    0.8     0.7    10        10     0.106  0.124  0.113  0.955
    0.8     0.7    20        2      0.078  0.086  0.070  0.995
    0.8     0.7    20        10     0.078  0.085  0.084  0.925
    0.8     0.7    40        2      0.052  0.057  0.048  0.990
    0.8     0.7    40        10     0.052  0.052  0.061  0.810
    0.8     0.7    400       2      0.015  0.013  0.017  0.960
    0.8     0.7    400       10     0.015  0.010  0.019  0.520
    ======  =====  ========  =====  =====  =====  =====  ===========

    The table is for classifiers that have learnt from other patients than these. In
    cross-validation they have learnt from those, too, on which the candidate is not chosen: noise
    that tells the classes of all patients looks good in each part of them, and the optimism is
    estimated too low. :func:`~dlboi.bias.decomposition` and the study, which can fit anew, choose
    by a cross-validation inside each half alone, therefore, and score the other half as before. In
    the next table, twenty logistic regressions learn from noise (`best` is 0), or from columns in
    the best of which the classes are 1.5 standard deviations apart. The truth is the reported score
    less the accuracy of the same classifiers on new patients, a mean over 40 simulated sets, and
    `width` the mean width of the intervals, of three repeats. On half of the patients candidates
    learn less, and a worse one is chosen: where candidates differ, the optimism is estimated too
    high. ``python -m benchmarks.bias_coverage learnt`` prints it:

    ====  ========  =====  =====  =====  =====  ===========
    best  patients  truth  mean   error  width  holds truth
    ====  ========  =====  =====  =====  =====  ===========
    0.0   20        0.221  0.227  0.090  0.584  1.000
    0.0   40        0.172  0.173  0.061  0.419  1.000
    0.0   200       0.079  0.077  0.024  0.159  1.000
    1.5   20        0.163  0.220  0.112  0.658  1.000
    1.5   40        0.115  0.131  0.060  0.367  1.000
    1.5   200       0.029  0.042  0.036  0.135  0.975
    ====  ========  =====  =====  =====  =====  ===========

    The interval is that of :func:`~dlboi.metrics.crossed_interval` over patients and divisions, of
    the difference on each image, allowing for skewness. Images about which candidates were not
    asked count in the mean of those that were.

    References
    ----------
    .. [1] Cawley, G. C., and Talbot, N. L. C. (2010). On over-fitting in model selection and
       subsequent selection bias in performance evaluation. Journal of Machine Learning Research
       11, 2079-2107.

    Examples
    --------
    Fifty epochs that are all right on 80 % of the images, of forty patients with five each:

    >>> import numpy as np
    >>> from dlboi.bias import selection_optimism
    >>> correct = np.random.default_rng(0).random((50, 200)) < 0.8
    >>> result = selection_optimism(correct, np.arange(200) // 5)
    >>> print(f"{result.reported:.3f} reported, {result.reselected:.3f} re-selected")
    0.890 reported, 0.837 re-selected
    """
    correct = _check_correct(correct)
    units = group_codes(groups, correct.shape[1], caller="selection_optimism")
    n_units = units.max() + 1
    if n_units < 2:
        raise ValueError(
            "The 'groups' parameter of selection_optimism must name two patients or more, so that "
            "a candidate can be chosen on others. Got one instead."
        )
    rng = np.random.default_rng(draw_seed(random_state))
    asked = ~np.isnan(correct)
    right = np.where(asked, correct, 0.0)
    of_units = _Sums(right, asked, units)
    best = int((of_units.right.sum(axis=1) / of_units.asked.sum(axis=1)).argmax())
    strata, sizes = np.zeros(n_units, dtype=np.int64), np.bincount(units)
    choices = np.empty((n_repeats, correct.shape[1]), dtype=np.int64)
    n_chosen = np.zeros(len(correct), dtype=np.int64)
    for repeat in range(n_repeats):
        parts = patient_folds(strata, sizes, min(n_parts, n_units), rng)
        chosen = of_units.best_without(parts)
        n_chosen += np.bincount(chosen, minlength=len(correct))
        choices[repeat] = chosen[parts[units]]
    images = np.arange(correct.shape[1])
    first, reported = _linear(right[best], asked[best])
    second, reselected = _linear(right[choices, images], asked[choices, images])
    optimism = gain(first, second, units)
    return SelectionOptimism(reported, reselected, optimism, best=best, n_chosen=n_chosen)


def selection_of(materials: Materials) -> SelectionOptimism:
    """Return the optimism of naming the best of the candidates of a study, in shuffled validation.

    Parameters
    ----------
    materials : Materials
        Cohort and validations, with candidates.

    Returns
    -------
    SelectionOptimism
    """
    cohort, shuffled = materials.cohort, materials.shuffled
    return SelectionOptimism(
        reported=float(shuffled.best_correct.mean()),
        reselected=float(shuffled.correct.mean()),
        optimism=gain(shuffled.best_correct, shuffled.correct, cohort.units[cohort.train]),
    )


class _Sums:
    """Right answers and questions of each candidate, by patient."""

    def __init__(self, right, asked, units):
        self.right, self.asked = (
            np.stack([np.bincount(units, weights=row) for row in each]) for each in (right, asked)
        )

    def best_without(self, parts):
        """Return the best candidate without each part."""
        in_part = np.eye(parts.max() + 1)[parts]
        right, asked = (
            each.sum(axis=1, keepdims=True) - each @ in_part for each in (self.right, self.asked)
        )
        scores = np.divide(right, asked, out=np.full(right.shape, -1.0), where=asked > 0)
        return scores.argmax(axis=0)


def _linear(right, asked):
    """Values of the images with the mean Σ right / Σ asked, and this mean.

    They are what each image adds to it: where all are asked, `right` itself.
    """
    if not asked.any():
        raise ValueError(
            "The 'correct' parameter of selection_optimism must hold answers of the chosen "
            "candidates. Got NaN for all images on which they are to be scored instead."
        )
    score = right.sum() / asked.sum()
    return score + (right - score * asked) / asked.mean(), float(score)


def _check_correct(correct):
    correct = np.asarray(correct, dtype=float)
    wanted = "The 'correct' parameter of selection_optimism must"
    if correct.ndim != 2 or correct.size == 0:
        raise ValueError(
            f"{wanted} have shape (n_candidates, n_images), not empty. Got shape {correct.shape} "
            "instead."
        )
    odd = correct[~(np.isnan(correct) | np.isin(correct, (0, 1)))]
    if odd.size:
        raise ValueError(
            f"{wanted} hold 0, 1, and NaN where a candidate was not asked. Got {odd[0]:g} in it "
            "instead."
        )
    silent = np.flatnonzero(np.isnan(correct).all(axis=1))
    if silent.size:
        raise ValueError(
            f"{wanted} hold an answer of each candidate. Got NaN for all images of candidate "
            f"{silent[0]} instead: leave it out."
        )
    return correct
