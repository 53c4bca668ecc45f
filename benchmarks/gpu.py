"""Training on a GPU against the plain loop there: ``python -m benchmarks.gpu``."""

import argparse
import time

import numpy as np
import torch

from benchmarks.plain import PlainLoop
from dlboi import CNNClassifier

#: Multiplications and additions of the CNN of the reports for one image of 256×256, there and back.
GFLOP_AN_IMAGE = 1.25


def peak_gflops(dtype: torch.dtype, n: int = 8192, repeats: int = 10) -> float:
    """Return the rate of matrix products on the GPU, in GFLOP/s."""
    a = torch.randn(n, n, device="cuda", dtype=dtype)
    a @ a
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(repeats):
        a @ a
    torch.cuda.synchronize()
    return 2 * n**3 * repeats / (time.perf_counter() - start) / 1e9


def main():
    """Measure and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=1600)
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    if not torch.cuda.is_available():
        parser.exit(1, "There is no CUDA device on this machine.\n")
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (options.images, 256, 256), dtype=np.uint8)
    y = rng.integers(0, 2, options.images)

    def plain():
        PlainLoop("CNN", X, y, "cuda").train(options.epochs)

    def dlboi(precision):
        make = {"device": "cuda", "precision": precision, "random_state": 0}
        CNNClassifier(max_epochs=options.epochs, **make).fit(X, y)

    contestants = {
        "plain loop": plain,
        "dlboi float32": lambda: dlboi("float32"),
        "dlboi bfloat16": lambda: dlboi("bfloat16"),
    }
    seconds = {name: [] for name in contestants}
    for number in range(options.repeats + 1):
        for name, train in contestants.items():
            start = time.perf_counter()
            train()
            torch.cuda.synchronize()
            if number > 0:  # the first round warms up
                seconds[name].append(time.perf_counter() - start)
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}; CNN,")
    print(f"{options.images} images of 256×256, {options.epochs} epochs,")
    print(f"median of {options.repeats} rounds\n")
    print("| | seconds | ratio to the plain loop | share of the peak |\n|---|---|---|---|")
    for name, values in seconds.items():
        dtype = torch.bfloat16 if "bfloat16" in name else torch.float32
        rate = GFLOP_AN_IMAGE * options.images * options.epochs / np.median(values)
        ratio = np.median(np.array(seconds["plain loop"]) / values)
        share = rate / peak_gflops(dtype)
        print(f"| {name} | {np.median(values):.1f} | {ratio:.1f}× | {100 * share:.1f} % |")


if __name__ == "__main__":
    main()
