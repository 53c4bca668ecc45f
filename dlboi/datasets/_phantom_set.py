"""Draw all images of a plan, and hand them out as a Bunch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from sklearn.utils import Bunch

from dlboi.datasets._bunch import class_table, image_bunch
from dlboi.datasets._phantom_effects import near_copy, patient_signature, shifted, to_uint8
from dlboi.datasets._phantom_plan import PhantomPlan

_SIGNATURE = 0.12  # of the range of grey, standard deviation about half of it
_NOISE = 0.012


def draw_set(
    plan: PhantomPlan,
    shape: tuple[int, ...],
    *,
    draw_patient: Callable,
    draw_image: Callable,
    draw_marker: Callable,
    leakage: float,
    shift: float,
    shift_code: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the images and, for each, where its disease lies.

    Parameters
    ----------
    plan : PhantomPlan
        Who and what to draw.
    shape : tuple of int
        Shape of one image.
    draw_patient : callable ``rng -> traits``
        What the images of a patient share.
    draw_image : callable ``(traits, rng, code) -> (image, mask)``
        One image of a class, in the range 0 to 1.
    draw_marker : callable ``(image, has_marker, rng) -> None``
        Writes into the image what is written on it, among that the shortcut marker.
    leakage, shift : float
        As in the public functions.
    shift_code : int
        Class that the shift befalls.

    Returns
    -------
    data : ndarray of uint8 of shape (n_samples, *shape)
    masks : ndarray of bool of shape (n_samples, height, width)
    """
    n_samples, size = len(plan.target), shape[0]
    data = np.empty((n_samples, *shape), dtype=np.uint8)
    masks = np.zeros((n_samples, size, size), dtype=bool)
    patient = None
    for i in np.argsort(plan.patient, kind="stable"):
        if plan.patient[i] != patient:
            patient = plan.patient[i]
            rng = plan.patient_rng(patient)
            traits = draw_patient(rng)
            if leakage:
                signature = leakage * _SIGNATURE * patient_signature(rng, size)
                signature = signature.reshape(size, size, *[1] * (len(shape) - 2))
        if plan.duplicate_of[i] >= 0:
            continue
        rng = plan.image_rng(i)
        image, masks[i] = draw_image(traits, rng, plan.true_target[i])
        if leakage:
            image = image + signature
        if plan.true_target[i] == shift_code:
            image = shifted(image, shift)
        image = image + np.float32(_NOISE) * rng.standard_normal(shape, dtype=np.float32)
        draw_marker(image, plan.has_marker[i], rng)
        data[i] = to_uint8(image)
    for copy in np.flatnonzero(plan.duplicate_of >= 0):
        original = plan.duplicate_of[copy]
        data[copy] = near_copy(data[original], plan.copy_rng(copy))
        masks[copy] = masks[original]
    return data, masks


def phantom_bunch(
    plan: PhantomPlan, data: np.ndarray, target_names: Sequence[str], title: str, **settings
) -> Bunch:
    """Return the images with all that is known about them.

    `settings` are the knobs, for the description; ``masks`` among them is handed out.
    """
    masks = settings.pop("masks", None)
    filenames = np.array(
        [
            f"{target_names[code]}/{patient}_{i:05d}.png"
            for i, (code, patient) in enumerate(zip(plan.target, plan.groups, strict=True))
        ],
        dtype=str,
    )
    descr = "\n".join(
        [
            title,
            "",
            class_table(plan.target, target_names, plan.groups),
            "",
            f"{len(data)} images of {len(np.unique(plan.groups))} patients, shape {data.shape[1:]}",
            "Planted: " + ", ".join(f"{name}={value}" for name, value in settings.items()),
            f"{np.count_nonzero(plan.target != plan.true_target)} images with a wrong label, "
            f"{np.count_nonzero(plan.duplicate_of >= 0)} copies of another image",
        ]
    )
    return image_bunch(
        data=data,
        target=plan.target,
        target_names=target_names,
        groups=plan.groups,
        filenames=filenames,
        descr=descr,
        true_target=plan.true_target,
        duplicate_of=plan.duplicate_of,
        has_marker=plan.has_marker,
        **({} if masks is None else {"masks": masks}),
    )
