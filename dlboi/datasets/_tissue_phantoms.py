"""Make synthetic histology."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils._param_validation import StrOptions, validate_params

from dlboi.datasets._phantom_plan import PHANTOM_CONSTRAINTS, plan_phantoms
from dlboi.datasets._phantom_set import draw_set, phantom_bunch
from dlboi.datasets._tissue_rendering import draw_ink, draw_stain, render_tissue
from dlboi.datasets._tissue_types import TISSUES

_NAMES = list(TISSUES)


@validate_params(
    {
        **PHANTOM_CONSTRAINTS,
        "prevalence": [None, "array-like"],
        "shift_class": [StrOptions(set(_NAMES))],
        "shortcut_class": [StrOptions(set(_NAMES))],
    },
    prefer_skip_nested_validation=True,
)
def make_tissue_phantoms(
    n_samples: int = 240,
    *,
    image_size: int = 64,
    n_patients: int | None = None,
    prevalence: Sequence[float] | None = None,
    difficulty: float = 0.5,
    shift: float = 0.0,
    shift_class: str = "tumor",
    leakage: float = 0.0,
    shortcut: float | None = None,
    shortcut_class: str = "tumor",
    label_noise: float = 0.0,
    duplicates: float = 0.0,
    random_state: int | np.random.RandomState | None = None,
    return_X_y: bool = False,
) -> Bunch | tuple[np.ndarray, np.ndarray]:
    """Make synthetic H&E-stained colorectal tissue of six classes, and plant known faults.

    The classes are those of Kather et al. [1]_: tumor, stroma, complex (stroma with nests of
    tumour and single immune cells), lympho (lymphocytes), debris (necrosis and mucus) and
    mucosa (normal crypts). The tiles of a patient share the stain; a patient has tiles of
    several classes.

    Parameters
    ----------
    n_samples : int, default=240
        Number of images.
    image_size : int, default=64
        Height and width in pixels, 16 or more; a tile is about 0.1 mm wide.
    n_patients : int, default=None
        Number of patients, each with at least one image. None makes half as many as images.
    prevalence : sequence of 6 floats, default=None
        Part of the images in each class, summing to 1: exact up to rounding. None makes
        all classes equally frequent.
    difficulty : float, default=0.5
        From 0 (pure tiles) to 1 (up to 40 % of a tile may be covered by another class, and
        the stains differ more).
    shift : float, default=0.0
        How far, from 0 to 1, another scanner blurs and fades the images of `shift_class`,
        and of that class alone.
    shift_class : str, default="tumor"
        Class that `shift` befalls.
    leakage : float, default=0.0
        Strength, from 0 to 1, of a pattern that is the same in all images of a patient
        and by which a network can recognise the patient. As a patient has several classes,
        it helps a network only where a patient happens to have few.
    shortcut : float, default=None
        How closely, from 0 to 1, a stroke of a pen in the corner goes with `shortcut_class`:
        it is on (1 + shortcut)/2 of its images and on (1 - shortcut)/2 of the others. None
        draws it on no image.
    shortcut_class : str, default="tumor"
        Class that the stroke goes with.
    label_noise : float, default=0.0
        Part of the patients, 0 to 1, each of whose images carries another class at random.
    duplicates : float, default=0.0
        Part of the images, 0 to 0.5, that are copies of another image of the same class,
        filed under another patient where there is one, with values changed by one at most.
    random_state : int, RandomState instance or None, default=None
        Pass an int for the same images each time. Each setting has random numbers of its own:
        with the same seed, changing one leaves everything else as it was.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    dataset : Bunch
        data : ndarray of uint8 of shape (n_samples, image_size, image_size, 3)
            The images.
        target : ndarray of int of shape (n_samples,)
            Position of the class in `target_names`, as labelled.
        target_names : ndarray of str of shape (6,)
            Names of the classes.
        groups : ndarray of str of shape (n_samples,)
            The patient of each image. Sets made with different seeds share no patient.
        filenames : ndarray of str of shape (n_samples,)
            Names under which the images could be saved.
        image_shape : tuple (channels, height, width)
            Shape of an image.
        true_target : ndarray of int of shape (n_samples,)
            What the images show, before `label_noise`.
        duplicate_of : ndarray of int of shape (n_samples,)
            Index of the image of which this one is a copy, -1 where it is none.
        has_marker : ndarray of bool of shape (n_samples,)
            Whether the stroke of `shortcut` is on the image.
        DESCR : str
            What was made.
    (data, target) : tuple of ndarray
        If `return_X_y` is True.

    Raises
    ------
    ValueError
        If a parameter is out of its range, `n_patients` does not fit `n_samples`, or
        `duplicates` leaves a class without original.

    See Also
    --------
    make_chest_phantoms : Synthetic chest X-rays in two classes.

    Notes
    -----
    Each tissue is a map of haematoxylin and one of eosin; colours follow from the optical
    density of the two stains [2]_ by the law of Lambert and Beer.

    References
    ----------
    .. [1] J. N. Kather et al., "Multi-class texture analysis in colorectal cancer histology",
       Scientific Reports 6, 27988, 2016.
    .. [2] A. C. Ruifrok and D. A. Johnston, "Quantification of histochemical staining by color
       deconvolution", Analytical and Quantitative Cytology and Histology 23(4), 2001.

    Examples
    --------
    >>> from dlboi.datasets import make_tissue_phantoms
    >>> dataset = make_tissue_phantoms(12, image_size=32, random_state=0)
    >>> dataset.data.shape, dataset.data.dtype
    ((12, 32, 32, 3), dtype('uint8'))
    >>> dataset.target_names.tolist()
    ['tumor', 'stroma', 'complex', 'lympho', 'debris', 'mucosa']
    """
    plan = plan_phantoms(
        n_samples=n_samples,
        fractions=_checked_fractions(prevalence),
        n_patients=n_patients,
        one_class_a_patient=False,
        label_noise=label_noise,
        duplicates=duplicates,
        shortcut=shortcut,
        shortcut_class=_NAMES.index(shortcut_class),
        random_state=random_state,
        function="make_tissue_phantoms",
    )

    def draw_patient(rng):
        return draw_stain(rng, spread=0.6 + 0.8 * difficulty)

    def draw_image(stain, rng, code):
        return render_tissue(stain, rng, image_size, code, 0.4 * difficulty), False

    data, _ = draw_set(
        plan,
        (image_size, image_size, 3),
        draw_patient=draw_patient,
        draw_image=draw_image,
        draw_marker=draw_ink,
        leakage=leakage,
        shift=shift,
        shift_code=_NAMES.index(shift_class),
    )
    if return_X_y:
        return data, plan.target.astype(np.int64)
    return phantom_bunch(
        plan,
        data,
        _NAMES,
        "Synthetic H&E-stained colorectal tissue",
        difficulty=difficulty,
        shift=f"{shift} ({shift_class})",
        leakage=leakage,
        shortcut=f"{shortcut} ({shortcut_class})",
        label_noise=label_noise,
        duplicates=duplicates,
    )


def _checked_fractions(prevalence):
    if prevalence is None:
        return np.full(len(_NAMES), 1 / len(_NAMES))
    try:
        fractions = np.asarray(prevalence, dtype=float)
    except (TypeError, ValueError):
        fractions = np.empty(0)
    one_a_class = fractions.shape == (len(_NAMES),) and np.all(fractions >= 0)
    if one_a_class and abs(fractions.sum() - 1) < 1e-6:
        return fractions / fractions.sum()
    raise ValueError(
        f"The 'prevalence' parameter of make_tissue_phantoms must be {len(_NAMES)} numbers of 0 or "
        f"more that sum to 1, or None. Got {prevalence!r} instead."
    )
