"""Time of training against the plain loop and stock skorch: ``python -m benchmarks.train``.

All are run in turn, several times over, so that a machine that slows down slows all of them; the
ratios are medians of the ratios of single rounds.
"""

import argparse
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


def measure(name, X, y, n_epochs, repeats):
    """Return milliseconds an image and epoch, one row a round."""
    contestants = {
        "plain loop": PlainLoop(name, X, y),
        "stock skorch": StockSkorch(name, X, y),
        "dlboi float32": Dlboi(name, X, y, "float32"),
        "dlboi bfloat16": Dlboi(name, X, y, "bfloat16"),
    }
    rounds = {contestant: [] for contestant in contestants}
    for number in range(repeats + 1):
        for contestant, trainer in contestants.items():
            start = time.perf_counter()
            trainer.train(n_epochs)
            if number > 0:  # the first round warms up
                seconds = time.perf_counter() - start
                rounds[contestant].append(1000 * seconds / n_epochs / len(X))
    return {contestant: np.array(values) for contestant, values in rounds.items()}


def main():
    """Measure and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=256, help="pixels a side")
    parser.add_argument("--images", type=int, default=320)
    parser.add_argument("--epochs", type=int, default=3, help="epochs a round")
    parser.add_argument("--keep-freed-memory", action="store_true", help="for all contestants")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--networks", nargs="+", default=list(CLASSIFIERS), choices=CLASSIFIERS)
    options = parser.parse_args()
    if options.keep_freed_memory:
        keep_freed_memory()

    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (options.images, options.size, options.size), dtype=np.uint8)
    y = rng.integers(0, 2, options.images)
    print(f"{describe()}; matrix products {matmul_gflops(torch.float32):.0f} GFLOP/s in float32, ")
    print(
        f"{matmul_gflops(torch.bfloat16):.0f} in bfloat16; copies {bandwidth_gbytes():.0f} GB/s\n"
    )
    print(f"{options.size}×{options.size} pixels, batch 32, {options.images} images, ")
    print(f"{options.epochs} epochs a round; milliseconds an image and epoch, median of ")
    print(f"{options.repeats} rounds (median ratio to the plain loop)\n")
    print("| network | plain loop | stock skorch | dlboi float32 | dlboi bfloat16 |")
    print("|---|---|---|---|---|")
    for name in options.networks:
        rounds = measure(name, X, y, options.epochs, options.repeats)
        plain = rounds["plain loop"]
        cells = [
            f"{np.median(values):.2f} ({np.median(plain / values):.2f}×)"
            for values in rounds.values()
        ]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
