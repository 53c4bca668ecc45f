"""Make synthetic chest X-rays."""

from __future__ import annotations

from numbers import Real

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from dlboi.datasets._chest_rendering import draw_anatomy, render_chest, write_letters
from dlboi.datasets._phantom_plan import PHANTOM_CONSTRAINTS, plan_phantoms
from dlboi.datasets._phantom_set import draw_set, phantom_bunch

_NAMES = ["normal", "pneumonia"]


@validate_params(
    {
        **PHANTOM_CONSTRAINTS,
        "prevalence": [Interval(Real, 0, 1, closed="both")],
        "shift_class": [StrOptions(set(_NAMES))],
        "shortcut_class": [StrOptions(set(_NAMES))],
    },
    prefer_skip_nested_validation=True,
)
def make_chest_phantoms(
    n_samples: int = 200,
    *,
    image_size: int = 64,
    n_patients: int | None = None,
    prevalence: float = 0.5,
    difficulty: float = 0.5,
    shift: float = 0.0,
    shift_class: str = "normal",
    leakage: float = 0.0,
    shortcut: float | None = None,
    shortcut_class: str = "pneumonia",
    label_noise: float = 0.0,
    duplicates: float = 0.0,
    random_state: int | np.random.RandomState | None = None,
    return_X_y: bool = False,
) -> Bunch | tuple[np.ndarray, np.ndarray]:
    """Make synthetic chest X-rays, normal and with pneumonia, and plant known faults.

    The images of a patient share the anatomy; posture, breath, exposure and noise differ.
    Pneumonia shows as patches of mottled density in otherwise dark lungs, whose mean density
    varies in health, too: texture tells more than brightness.

    Parameters
    ----------
    n_samples : int, default=200
        Number of images.
    image_size : int, default=64
        Height and width in pixels, 16 or more.
    n_patients : int, default=None
        Number of patients, each with one class and at least one image. None makes half as
        many as images.
    prevalence : float, default=0.5
        Part of the images, 0 to 1, that show pneumonia: exact up to rounding.
    difficulty : float, default=0.5
        From 0 (dense opacities) to 1 (hardly visible).
    shift : float, default=0.0
        How far, from 0 to 1, another device blurs and fades the images of `shift_class`,
        and of that class alone.
    shift_class : {"normal", "pneumonia"}, default="normal"
        Class that `shift` befalls.
    leakage : float, default=0.0
        Strength, from 0 to 1, of a pattern that is the same in all images of a patient
        and by which a network can recognise the patient in place of the disease. It shows
        where images of one patient are on both sides of a split, most at high `difficulty`.
    shortcut : float, default=None
        How closely, from 0 to 1, the letters "AP" in the corner go with `shortcut_class`: they
        are on (1 + shortcut)/2 of its images and on (1 - shortcut)/2 of the others. None
        writes them on no image.
    shortcut_class : {"normal", "pneumonia"}, default="pneumonia"
        Class that the letters go with.
    label_noise : float, default=0.0
        Part of the patients, 0 to 1, whose images carry the other label.
    duplicates : float, default=0.0
        Part of the images, 0 to 0.5, that are copies of another image of the same class,
        filed under another patient where there is one, with grey levels changed by one
        at most.
    random_state : int, RandomState instance or None, default=None
        Pass an int for the same images each time. Each setting has random numbers of its own:
        with the same seed, changing one leaves everything else as it was.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    dataset : Bunch
        data : ndarray of uint8 of shape (n_samples, image_size, image_size)
            The images.
        target : ndarray of int of shape (n_samples,)
            0 normal, 1 pneumonia, as labelled.
        target_names : ndarray of str of shape (2,)
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
            Whether the letters of `shortcut` are on the image.
        masks : ndarray of bool of shape (n_samples, image_size, image_size)
            Where the opacities lie.
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
    make_tissue_phantoms : Synthetic histology in six classes.

    Notes
    -----
    The letters are modelled on a known shortcut: networks that read chest X-rays learned
    the projection and the hospital from what is written on the film [1]_.

    References
    ----------
    .. [1] J. R. Zech et al., "Variable generalization performance of a deep learning model to
       detect pneumonia in chest radiographs", PLoS Medicine 15(11), 2018.

    Examples
    --------
    >>> from dlboi.datasets import make_chest_phantoms
    >>> train = make_chest_phantoms(20, image_size=32, random_state=0)
    >>> train.data.shape, train.data.dtype, train.target.sum()
    ((20, 32, 32), dtype('uint8'), np.int64(10))
    >>> test = make_chest_phantoms(10, image_size=32, shift=1.0, random_state=1)
    >>> set(train.groups) & set(test.groups)
    set()
    """
    plan = plan_phantoms(
        n_samples=n_samples,
        fractions=[1 - prevalence, prevalence],
        n_patients=n_patients,
        one_class_a_patient=True,
        label_noise=label_noise,
        duplicates=duplicates,
        shortcut=shortcut,
        shortcut_class=_NAMES.index(shortcut_class),
        random_state=random_state,
        function="make_chest_phantoms",
    )
    strength = 2.15 - 1.9 * difficulty

    def draw_image(anatomy, rng, code):
        return render_chest(anatomy, rng, image_size, strength * code)

    data, masks = draw_set(
        plan,
        (image_size, image_size),
        draw_patient=draw_anatomy,
        draw_image=draw_image,
        draw_marker=write_letters,
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
        "Synthetic chest X-rays (no patient was ever exposed)",
        masks=masks,
        difficulty=difficulty,
        shift=f"{shift} ({shift_class})",
        leakage=leakage,
        shortcut=f"{shortcut} ({shortcut_class})",
        label_noise=label_noise,
        duplicates=duplicates,
    )
