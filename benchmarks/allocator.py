"""What ``dlboi.keep_freed_memory`` saves: ``python -m benchmarks.allocator``.

Each fit runs in a process of its own, for the setting cannot be taken back.
"""

import argparse
import resource
import subprocess
import sys

import numpy as np

from benchmarks.machine import describe
from dlboi import CNNClassifier, keep_freed_memory

N_IMAGES, N_EPOCHS = 128, 3


def fit_once(precision, n_threads, kept):
    """Fit a CNN; print milliseconds and page faults an image."""
    if kept == "kept":
        keep_freed_memory()
    X = np.random.default_rng(0).integers(0, 256, (N_IMAGES, 256, 256), dtype=np.uint8)
    make = {"precision": precision, "n_threads": int(n_threads), "max_epochs": N_EPOCHS}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    classifier = CNNClassifier(random_state=0, **make).fit(X, np.arange(N_IMAGES) % 2)
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
    print(1000 * classifier.history_["train_seconds"][-1] / N_IMAGES, faults / N_IMAGES / N_EPOCHS)


def main():
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        fit_once(*options.one)
        return
    print(f"{describe()}; CNN, {N_IMAGES} images of 256×256, the last of {N_EPOCHS} epochs:")
    print(
        "milliseconds an image, page faults an image\n\n| CNN | left alone | kept |\n|---|---|---|"
    )
    for precision in ("float32", "bfloat16"):
        for n_threads in ("1", "2"):
            cells = []
            for kept in ("left alone", "kept"):
                command = [sys.executable, "-m", "benchmarks.allocator", "--one"]
                command += [precision, n_threads, kept]
                output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                cells.append("{:.1f} ms, {:.0f}".format(*map(float, output.split())))
            print(f"| {precision}, threads: {n_threads} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
