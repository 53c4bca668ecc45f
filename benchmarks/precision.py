"""Is accuracy paid for bfloat16? ``python -m benchmarks.precision CHEST_XRAY_FOLDER``.

The CNN is fitted in float32 and in bfloat16 with the same seeds, hence the same first weights, the
same validation patients and the same order of images; what is compared is the validation accuracy
of the best epoch, seed by seed.
"""

import argparse
from pathlib import Path

import numpy as np
from scipy import stats

from benchmarks.machine import describe
from dlboi import CNNClassifier
from dlboi.datasets import load_image_folder

PATIENT = r"(person\d+_[a-z]+|(?:NORMAL2-)?IM-\d+)"


def validation_accuracy(train, precision, seed, max_epochs):
    """Fit, and return the validation accuracy of the best epoch."""
    classifier = CNNClassifier(
        max_epochs=max_epochs, validation_fraction=0.2, precision=precision, random_state=seed
    )
    classifier.fit(train.data, train.target, groups=train.groups)
    return classifier.history_["validation_accuracy"][classifier.best_epoch_ - 1]


def main():
    """Fit, compare and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="has the folder train")
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--seeds", type=int, default=10)
    options = parser.parse_args()

    train = load_image_folder(options.folder / "train", size=options.size, groups=PATIENT)
    print(f"{describe()}; {len(train.data)} images, {options.size} pixels, ", end="")
    print(f"{options.epochs} epochs\n")
    print("| seed | float32 | bfloat16 | difference, points |")
    print("|---|---|---|---|")
    differences = []
    for seed in range(options.seeds):
        single, half = (
            validation_accuracy(train, precision, seed, options.epochs)
            for precision in ("float32", "bfloat16")
        )
        differences.append(100 * (half - single))
        print(f"| {seed} | {single:.4f} | {half:.4f} | {differences[-1]:+.2f} |", flush=True)
    mean, error = np.mean(differences), stats.sem(differences)
    low, high = stats.t.interval(0.95, options.seeds - 1, loc=mean, scale=error)
    print(f"\nmean difference {mean:+.2f} points, 95 % interval {low:+.2f} to {high:+.2f}")


if __name__ == "__main__":
    main()
