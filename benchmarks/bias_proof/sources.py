"""Where images come from: rows, phantoms, or the chest X-rays of a folder."""

import functools
from pathlib import Path

import numpy as np
from joblib import Memory

from benchmarks.bias_proof.image_pool import ImagePool, ImageStrengths
from benchmarks.bias_proof.rows import Rows
from benchmarks.reproductions.images import CHEST_PATIENT
from dlboi.datasets import load_image_folder, make_chest_phantoms

NAMES = ("rows", "phantoms", "chest")
_SIDE, _N_PHANTOMS, _N_PATIENTS = 64, 5000, 4200
#: Calibrated: ``python -m benchmarks.bias_proof --calibrate`` prints what they are worth.
_STRENGTHS = {
    "phantoms": ImageStrengths(
        blur=0.5, veil=0.14, bright=12, random_labels=0.75, random_labels_pool=0.95, n_columns=10
    ),
    "chest": ImageStrengths(
        blur=2.35, veil=0, bright=25, random_labels=0.7, random_labels_pool=0.72, n_columns=8
    ),
}


@functools.cache
def source_of(name: str, data: Path | None, memory: Path):
    """Return a source; images and their representation are computed once.

    Parameters
    ----------
    name : {"rows", "phantoms", "chest"}
        Which.
    data : path-like or None
        Folder that holds ``chest_xray/train``.
    memory : path-like
        Folder in which they are kept.

    Returns
    -------
    Rows or ImagePool
    """
    if name == "rows":
        return Rows()
    return Memory(memory, verbose=0).cache(_image_pool)(name, data, _STRENGTHS[name])


def _image_pool(name, data, strengths):
    if name == "phantoms":
        found = make_chest_phantoms(
            _N_PHANTOMS,
            n_patients=_N_PATIENTS,
            image_size=_SIDE,
            difficulty=0.2,
            random_state=0,
        )
        return ImagePool(name, found.data, found.target, found.groups, strengths)
    folder = Path(data) / "chest_xray" / "train"
    found = load_image_folder(folder, size=_SIDE, groups=CHEST_PATIENT)
    images = found.data.reshape(len(found.data), _SIDE, _SIDE)
    return ImagePool(name, images, np.asarray(found.target), np.asarray(found.groups), strengths)
