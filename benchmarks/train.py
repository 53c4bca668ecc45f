"""Time of training against the plain loop and stock skorch: ``python -m benchmarks.train``.

All take turns, several times over, so that a machine that slows down slows all of them; the ratios
are medians of the ratios of single rounds. Each turn is a process of its own: how fast a loop is
depends on what the C library does with the memory that others have freed.
"""

import argparse
import functools
import subprocess
import sys
import time

import numpy as np
import torch
from sklearn.base import clone

from benchmarks.machine import bandwidth_gbytes, describe, matmul_gflops
from benchmarks.plain import PlainLoop, StockSkorch
from dlboi import ANNClassifier, CNNClassifier, GAPClassifier, keep_freed_memory

CLASSIFIERS = {
    "ANN": ANNClassifier(),
    "CNN": CNNClassifier(),
    "GAP": GAPClassifier(),
    "GAP(4)": GAPClassifier(pool_size=4),
}


class Dlboi:
    """A classifier of dlboi that goes on from one training to the next."""

    def __init__(self, name, X, y, precision):
        self.data = X, y
        self.classifier = clone(CLASSIFIERS[name]).set_params(
            precision=precision, warm_start=True, random_state=0
        )

    def train(self, n_epochs):
        """Train for some epochs, everything that `fit` does included."""
        self.classifier.set_params(max_epochs=n_epochs).fit(*self.data)


CONTESTANTS = {
    "plain loop": PlainLoop,
    "stock skorch": StockSkorch,
    "dlboi float32": functools.partial(Dlboi, precision="float32"),
    "dlboi bfloat16": functools.partial(Dlboi, precision="bfloat16"),
}


def train_once(name, contestant, options):
    """Train in this process, warm; print the milliseconds an image and epoch."""
    if options.keep_freed_memory:
        keep_freed_memory()
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (options.images, options.size, options.size), dtype=np.uint8)
    y = rng.integers(0, 2, options.images)
    trainer = CONTESTANTS[contestant](name, X, y)
    trainer.train(1)
    start = time.perf_counter()
    trainer.train(options.epochs)
    print(1000 * (time.perf_counter() - start) / options.epochs / len(X))


def measure(name, repeats):
    """Return milliseconds an image and epoch of each contestant, one a round."""
    rounds = {contestant: [] for contestant in CONTESTANTS}
    for _ in range(repeats):
        for contestant, found in rounds.items():
            command = [sys.executable, "-m", "benchmarks.train", *sys.argv[1:]]
            command += ["--one", name, contestant]
            found.append(float(subprocess.check_output(command, text=True)))
    return {contestant: np.array(found) for contestant, found in rounds.items()}


def main():
    """Measure and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=256, help="pixels a side")
    parser.add_argument("--images", type=int, default=320)
    parser.add_argument("--epochs", type=int, default=3, help="epochs a round")
    parser.add_argument("--keep-freed-memory", action="store_true", help="for all contestants")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--networks", nargs="+", default=list(CLASSIFIERS), choices=CLASSIFIERS)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        train_once(*options.one, options)
        return
    print(f"{describe()}; matrix products {matmul_gflops(torch.float32):.0f} GFLOP/s in float32, ")
    print(
        f"{matmul_gflops(torch.bfloat16):.0f} in bfloat16; copies {bandwidth_gbytes():.0f} GB/s\n"
    )
    print(f"{options.size}×{options.size} pixels, batch 32, {options.images} images, ")
    print(f"{options.epochs} epochs a round; milliseconds an image and epoch, median of ")
    print(f"{options.repeats} rounds (median ratio to the plain loop), a process for each\n")
    print("| network | plain loop | stock skorch | dlboi float32 | dlboi bfloat16 |")
    print("|---|---|---|---|---|")
    for name in options.networks:
        rounds = measure(name, options.repeats)
        plain = rounds["plain loop"]
        cells = [
            f"{np.median(values):.2f} ({np.median(plain / values):.2f}×)"
            for values in rounds.values()
        ]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
