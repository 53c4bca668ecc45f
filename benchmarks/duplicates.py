"""Search for duplicates: ``python -m benchmarks.duplicates CHEST_XRAY COLORECTAL_BIOPSIES``.

Each is a set, in any folders. Changed copies of some images are added as images of other patients,
and the search is run over all of a set together: how many are found of each kind of change, and
which pairs of other images it takes for duplicates. `--count` images, those of the first set mixed
with noise that is smooth, measure the time for so many.
"""

import argparse
import re
import time
from pathlib import Path

import numpy as np
from scipy import ndimage

from benchmarks.machine import describe
from dlboi.bias import find_duplicates
from dlboi.bias._duplicates._plant import changed, crop
from dlboi.datasets._decode_files import decode_files
from dlboi.datasets._image_files import IMAGE_SUFFIXES

PATIENT = r"^(person\d+_[a-z]+|(?:NORMAL2-)?IM-\d+)|(\d{7})"


def read(folder):
    """Return all images as grey ones of 224×224 pixels, their patients and paths."""
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in IMAGE_SUFFIXES)
    images = decode_files(
        [str(path) for path in files],
        size=(224, 224),
        crop=None,
        channels=1,
        expected=None,
        n_jobs=2,
        verbose=0,
    )
    matches = [re.search(PATIENT, path.name) for path in files]
    groups = [
        path.name if match is None else match[0] for path, match in zip(files, matches, strict=True)
    ]
    return images, np.array(groups), [str(path.relative_to(folder)) for path in files]


def recall(images, groups, n_planted, rng):
    """Add changed copies, search, and print how many of each kind are found."""
    chosen = rng.choice(len(images), n_planted, replace=False)
    copies = [
        {**changed(images[i], rng), "crop of 4 %": crop(images[i], 0.04, rng)} for i in chosen
    ]
    kinds = list(copies[0])
    data = np.concatenate([images, np.stack([copy[k] for copy in copies for k in kinds])])
    patients = np.append(groups, [f"copy {i}" for i in range(len(data) - len(groups))])
    found = find_duplicates(data, groups=patients, n_planted=20)
    clusters = {tuple(pair) for pair in found.pairs.tolist()}
    first_of = {b: a for a, b in found.pairs[found.kinds == "exact"].tolist()}
    print("| change | planted | found |\n|---|---|---|")
    for k, kind in enumerate(kinds):
        pairs = [
            {first_of.get(i, i), first_of.get(c, c)}
            for i, c in ((chosen[j], len(images) + j * len(kinds) + k) for j in range(n_planted))
        ]
        n_found = sum(len(pair) == 1 or tuple(sorted(pair)) in clusters for pair in pairs)
        print(f"| {kind} | {n_planted} | {n_found} |")
    print(f"\nthreshold {found.calibration}\n", flush=True)


def false_pairs(images, groups, names):
    """Search among the images as they are, and print the pairs of different patients."""
    start = time.process_time()
    found = find_duplicates(images, groups=groups)
    seconds = time.process_time() - start
    n_compared, n_patients = found.n_compared, len(np.unique(groups))
    print(
        f"{len(images)} images of {n_patients} patients, {n_compared} pairs compared in "
        f"{seconds:.0f} s of the processors, {found.n_candidates} of them closely; "
        f"{len(found.pairs)} duplicates, "
        f"{found.cross_patient.sum()} of them of different patients:\n"
    )
    for (first, second), kind, similarity in zip(
        found.pairs[found.cross_patient],
        found.kinds[found.cross_patient],
        found.similarities[found.cross_patient],
        strict=True,
    ):
        print(f"- {kind}, {similarity:.3f}: {names[first]}, {names[second]}")
    print(f"\nthreshold {found.calibration}\n", flush=True)


def seconds_for(images, count, rng):
    """Return `count` images, made of real ones and smooth noise, and the seconds of the search."""
    data = np.empty((count, *images.shape[1:]), np.uint8)
    for i in range(count):
        noise = ndimage.zoom(rng.normal(0, 25, (16, 16)), 14, order=1)
        data[i] = np.clip(images[i % len(images)] + noise + rng.normal(0, 2, noise.shape), 0, 255)
    start, cpu = time.perf_counter(), time.process_time()
    found = find_duplicates(data, groups=np.arange(count) % len(images))
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    print(
        f"{count} images of {data.shape[1]}×{data.shape[2]}: {wall:.0f} s, {cpu:.0f} s of the "
        f"processors; {found.n_candidates} pairs looked at closely, recall "
        f"{found.recall['all']:.3f}"
    )


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", type=Path, nargs="+", help="folders of the sets of images")
    parser.add_argument("--planted", type=int, default=200, help="images with changed copies")
    parser.add_argument("--count", type=int, default=10_000, help="images to measure the time with")
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    print(f"{describe()}\n")
    first = None
    for folder in options.sets:
        images, groups, names = read(folder)
        first = images if first is None else first
        print(f"## {folder.name}\n")
        false_pairs(images, groups, names)
        recall(images, groups, min(options.planted, len(images)), rng)
    if options.count:
        seconds_for(first, options.count, rng)


if __name__ == "__main__":
    main()
