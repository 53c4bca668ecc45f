"""How fast and how near divisions by patient are: ``python -m benchmarks.splitters``.

The first table compares the choice of the patients of a fifth of the images with visiting patients
one by one in a Python loop, with the same draws, hence the same patients; and gives the time of a
division of `StratifiedGroupShuffleSplit`. All times are medians.

The second one gives how far the share of a class in the test part is from the wanted fifth, in
points, for the class that is farthest off: median and largest of the divisions.
"""

import argparse
import functools
import time

import numpy as np
from sklearn.model_selection import GroupShuffleSplit, StratifiedGroupKFold

from benchmarks.machine import describe
from dlboi.model_selection import StratifiedGroupShuffleSplit
from dlboi.training._group_choice import choose_groups, group_counts

SHARE = 0.2
CASES = [(50, 2), (300, 2), (1000, 4), (5000, 2), (5000, 6)]


def one_by_one(counts, wanted, rng):
    """Choose as `choose_groups` does, one patient after the other."""
    counts = counts / np.sqrt(wanted)
    missing = np.sqrt(wanted)
    chosen = np.zeros(len(counts), dtype=bool)
    has_moved = True
    while has_moved:
        has_moved = False
        for group in rng.permutation(len(counts)):
            left = missing + (counts[group] if chosen[group] else -counts[group])
            if left @ left < missing @ missing * (1 - 1e-9):
                chosen[group] = not chosen[group]
                missing = left
                has_moved = True
    return chosen


def make_images(n_patients, n_classes, one_class):
    """Return classes and patients of images: 1 to 6 a patient, of one class or of any."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(n_patients), rng.integers(1, 7, n_patients))
    y = rng.integers(n_classes, size=n_patients)[groups]
    return (y if one_class else rng.integers(n_classes, size=len(groups))), groups


def milliseconds(calls):
    """Return the median time of some calls, and what they returned."""
    times, results = [], []
    for call in calls:
        start = time.perf_counter()
        results.append(call())
        times.append(1000 * (time.perf_counter() - start))
    return np.median(times), results


def time_choice(choose, counts, n_repeats):
    """Return the median time of a choice, and the choices."""
    wanted = SHARE * counts.sum(axis=0)
    generators = map(np.random.default_rng, range(n_repeats))
    return milliseconds(functools.partial(choose, counts, wanted, rng) for rng in generators)


def print_times(n_repeats):
    """Print the first table."""
    print("| patients | classes | images of a patient | loop, ms | ms | times faster | split, ms |")
    print("|---|---|---|---|---|---|---|")
    for n_patients, n_classes in CASES:
        for one_class in (True, False):
            y, groups = make_images(n_patients, n_classes, one_class)
            counts = group_counts(groups, y)
            slow, expected = time_choice(one_by_one, counts, n_repeats)
            fast, got = time_choice(choose_groups, counts, n_repeats)
            if not np.array_equal(expected, got):
                raise RuntimeError("The choice differs from that of the loop.")
            splitter = StratifiedGroupShuffleSplit(n_repeats, test_size=SHARE, random_state=0)
            divisions = splitter.split(y, y, groups)
            whole, _ = milliseconds([divisions.__next__] * n_repeats)
            kind = "one class" if one_class else "any class"
            print(
                f"| {n_patients} | {n_classes} | {kind} | {slow:.2f} | {fast:.2f} | "
                f"{slow / fast:.0f} | {whole:.2f} |"
            )


def print_distances(n_repeats):
    """Print the second table."""
    print("\n| patients | classes | images of a patient | splitter | median | largest |")
    print("|---|---|---|---|---|---|")
    for n_patients, n_classes in CASES[:3]:
        for one_class in (True, False):
            y, groups = make_images(n_patients, n_classes, one_class)
            n_times = n_repeats // 5
            for splitters in (
                [StratifiedGroupShuffleSplit(n_repeats, test_size=SHARE, random_state=0)],
                [GroupShuffleSplit(n_repeats, test_size=SHARE, random_state=0)],
                [StratifiedGroupKFold(5, shuffle=True, random_state=s) for s in range(n_times)],
            ):
                off = [
                    100 * np.abs(np.bincount(y[test]) / np.bincount(y) - SHARE).max()
                    for splitter in splitters
                    for _, test in splitter.split(y, y, groups)
                ]
                print(
                    f"| {n_patients} | {n_classes} | {'one class' if one_class else 'any class'} | "
                    f"{type(splitters[0]).__name__} | {np.median(off):.2f} | {np.max(off):.2f} |"
                )


def main():
    """Measure, and print two tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=50)
    options = parser.parse_args()
    print(f"{describe()}\n")
    print_times(options.repeats)
    print_distances(options.repeats)


if __name__ == "__main__":
    main()
