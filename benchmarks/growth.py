"""How time and memory grow with images and batch: ``python -m benchmarks.growth``.

Each fit runs in a process of its own, so that its peak of memory is its own.
"""

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.machine import describe
from dlboi import ANNClassifier, CNNClassifier, GAPClassifier

CLASSIFIERS = {"ANN": ANNClassifier, "CNN": CNNClassifier, "GAP": GAPClassifier}


def fit_once(name, n_images, batch_size, size, precision):
    """Fit for two epochs; print milliseconds an image of the second and megabytes on top of X."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, n_images)
    make = {"batch_size": batch_size, "precision": precision, "random_state": 0}
    few = rng.integers(0, 256, (64, size, size), dtype=np.uint8)
    CLASSIFIERS[name](max_epochs=1, **make).fit(few, y[:64])  # libraries are loaded by the first
    X = rng.integers(0, 256, (n_images, size, size), dtype=np.uint8)
    before = _resident_bytes()
    classifier = CLASSIFIERS[name](max_epochs=2, **make)
    start = time.perf_counter()
    classifier.fit(X, y)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(
        1000 * classifier.history_["train_seconds"][1] / n_images,
        1000 * seconds / 2 / n_images,
        max(0, peak - before) / 1e6,
        X.nbytes / 1e6,
    )


def _resident_bytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def main():
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--network", default="CNN", choices=CLASSIFIERS)
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--images", type=int, nargs="+", default=[500, 1000, 2000, 4000, 8000])
    parser.add_argument("--batches", type=int, nargs="+", default=[32, 64, 128, 256])
    parser.add_argument("--one", type=int, nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        fit_once(options.network, *options.one, options.size, options.precision)
        return
    print(f"{describe()}; {options.network}, {options.size}×{options.size}, {options.precision}\n")
    print(
        "| images | batch | ms an image, second epoch | ms an image, whole fit | uint8 set, MB "
        "| peak on top of it, MB |\n|---|---|---|---|---|---|"
    )
    cases = [(n, 32) for n in options.images] + [(1000, batch) for batch in options.batches[1:]]
    for n_images, batch_size in cases:
        command = [sys.executable, "-m", "benchmarks.growth", "--network", options.network]
        command += ["--size", str(options.size), "--precision", options.precision]
        command += ["--one", str(n_images), str(batch_size)]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        second, whole, extra, data = map(float, output.split())
        times = f"{second:.2f} | {whole:.2f}"
        print(f"| {n_images} | {batch_size} | {times} | {data:.0f} | {extra:.0f} |", flush=True)


if __name__ == "__main__":
    main()
