"""Images from which patients are drawn, with their changes, and one representation of them all."""

from dataclasses import dataclass

import numpy as np

from benchmarks.bias_proof.changes import augmented, blurred, brightened, seen_again
from benchmarks.bias_proof.drawn import Drawn
from benchmarks.bias_proof.truths import Truth
from dlboi.bias._materials import SIDE
from dlboi.bias._representation import _PATIENTS_PER_COMPONENT, represent
from dlboi.bias._thumbnails import thumbnails

_N_PROTOTYPES = 160
_N_COPIES = 20


@dataclass(frozen=True)
class ImageStrengths:
    """How strongly images are changed; see :func:`benchmarks.bias_proof.sources.source_of`.

    Attributes
    ----------
    blur, veil : float
        Of the first class on test: standard deviation of the blur, in pixels, and how much of the
        difference of the mean images of both classes is added.
    bright : float
        Grey levels that are added to the second class.
    random_labels, random_labels_pool : float
        Share of patients whose label is drawn, for leakage in validation and in the pool.
    n_columns : int
        Leading columns that are known where the prevalence differs: with all of them the classes
        are told too well for their prevalence to matter.
    """

    blur: float
    veil: float
    bright: float
    random_labels: float
    random_labels_pool: float
    n_columns: int


class ImagePool:
    """Patients with images, from whom training and test patients are drawn without replacement.

    Parameters
    ----------
    name : str
        What they are called in the table.
    images : ndarray of uint8 of shape (n_images, height, width)
        Images as they are.
    y : ndarray of int of shape (n_images,)
        Classes, one a patient.
    patients : ndarray of int of shape (n_images,)
        Patients.
    strengths : ImageStrengths
        Strengths of the changes.
    """

    def __init__(self, name, images, y, patients, strengths: ImageStrengths):
        rng = np.random.default_rng(0)
        self.name, self.y, self.strengths = name, y, strengths
        self.patients = np.unique(patients, return_inverse=True)[1]
        self.class_of = y[np.unique(self.patients, return_index=True)[1]]
        prototypes = np.unique(self.patients, return_index=True)[1]
        self.prototypes = rng.permutation(prototypes)[:_N_PROTOTYPES]
        copied = images[np.repeat(self.prototypes, _N_COPIES)]
        difference = images[y == 1].mean(axis=0) - images[y == 0].mean(axis=0)
        kinds = {
            "plain": images,
            "sibling": seen_again(images, rng),
            "blurred": blurred(images, strengths.blur, strengths.veil * difference),
            "bright": brightened(images, strengths.bright),
            "copies": augmented(copied, rng),
        }
        everything = np.concatenate(list(kinds.values()))
        units = np.concatenate([self.patients] * 4 + [np.repeat(self.prototypes, _N_COPIES)])
        rows = represent(thumbnails(everything, SIDE), units, seed=0)
        bounds = np.cumsum([len(each) for each in kinds.values()])[:-1]
        self.images = dict(zip(kinds, np.split(everything, bounds), strict=True))
        self.rows = dict(zip(kinds, np.split(rows, bounds), strict=True))
        order = np.argsort(self.patients, kind="stable")
        self.images_of = np.split(order, np.cumsum(np.bincount(self.patients))[:-1])

    def draws(self, truth: Truth) -> bool:
        """Return whether a truth can be planted."""
        return True

    def draw(self, truth: Truth, n_train: int, n_test: int, rng: np.random.Generator) -> Drawn:
        """Draw training and test patients; see :meth:`benchmarks.bias_proof.rows.Rows.draw`."""
        if truth.n_copies:
            return self._draw_copies(truth, n_train + n_test, rng)
        chosen = self._choose((n_train, n_test), truth.prevalence, rng)
        index = [self.images_of[patient] for patient in chosen]
        n_images = np.cumsum([len(each) for each in index])
        index, n_train_images = np.concatenate(index), int(n_images[n_train - 1])
        y, in_test = self.y[index], np.arange(len(index)) >= n_train_images
        kinds = np.full(len(index), "plain", dtype="<U8")
        if truth.changed == "blurred":
            kinds[in_test & (y == 0)] = "blurred"
        if truth.changed == "bright":
            kinds[~in_test & (y == 1)] = "bright"
        if truth.is_large:  # classes that are told easily: a gap is known to a point
            kinds[y == 1] = "bright"
        if truth.random_labels:
            index, kinds = np.repeat(index, 2), np.repeat(kinds, 2)
            kinds[1::2] = "sibling"
            n_train_images *= 2
        patients, labels = self.patients[index], self._labels(self.class_of, truth, rng)
        images, rows = (self._take(arrays, kinds, index) for arrays in (self.images, self.rows))
        if truth.changed == "mirrored":  # not among the kinds, which have one representation
            is_second = labels[patients] == 1
            images[is_second] = images[is_second, :, ::-1]
            rows = represent(thumbnails(images, SIDE), patients, seed=0)
        rows = rows[:, : self._n_columns(truth, n_train + n_test)]
        return Drawn(
            rows,
            labels[patients],
            patients,
            n_train_images,
            images,
            tuple(
                rows[:, rng.choice(rows.shape[1], 3, replace=False)]
                for _ in range(truth.n_candidates)
            ),
        )

    def _n_columns(self, truth, n_patients):
        """As many as the representation of so many patients has."""
        if truth.prevalence[0] != truth.prevalence[1]:
            return self.strengths.n_columns
        return max(2, n_patients // _PATIENTS_PER_COMPONENT)

    def _labels(self, classes, truth, rng):
        is_random = rng.random(len(classes)) < self._random_share(truth)
        return np.where(is_random, rng.integers(0, 2, len(classes)), classes)

    def _random_share(self, truth):
        if truth.n_candidates or truth.changed == "mirrored":
            return 1.0
        if not truth.random_labels:
            return 0.0
        pooled = truth.name.endswith("pooling")
        return self.strengths.random_labels_pool if pooled else self.strengths.random_labels

    def _choose(self, sizes, prevalence, rng):
        """Patients of train, then of test, in random order within each."""
        waiting = [list(rng.permutation(np.flatnonzero(self.class_of == code))) for code in (0, 1)]
        parts = []
        for size, share in zip(sizes, prevalence, strict=True):
            counts = [size - round(share * size), round(share * size)]
            if any(count > len(each) for count, each in zip(counts, waiting, strict=True)):
                raise ValueError(f"There are not {counts} more patients of each class in the pool.")
            part = [
                each.pop()
                for count, each in zip(counts, waiting, strict=True)
                for _ in range(count)
            ]
            parts.append(rng.permutation(part))
        return np.concatenate(parts)

    def _draw_copies(self, truth, n_prototypes, rng):
        """Draw copies of prototypes, each filed under a patient of its own, and divide them."""
        chosen = rng.choice(len(self.prototypes), n_prototypes, replace=False)
        index = (chosen[:, None] * _N_COPIES + np.arange(_N_COPIES)).ravel()
        index = rng.permutation(index)
        y = self._labels(self.y[self.prototypes], truth, rng)[index // _N_COPIES]
        n_train, names = len(index) // 2, np.arange(len(index))
        rows = self.rows["copies"][index][:, : n_prototypes // _PATIENTS_PER_COMPONENT]
        return Drawn(rows, y, names, n_train, self.images["copies"][index])

    @staticmethod
    def _take(arrays, kinds, index):
        first = arrays["plain"]
        taken = np.empty((len(index), *first.shape[1:]), dtype=first.dtype)
        for kind in np.unique(kinds):
            taken[kinds == kind] = arrays[kind][index[kinds == kind]]
        return taken
