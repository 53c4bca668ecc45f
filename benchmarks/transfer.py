"""Do weights from one set help on another? ``python -m benchmarks.transfer CHEST TISSUE``.

A ResNet-18 is trained on the chest X-rays, and its weights are given to a second one for the
biopsies (six classes), once fixed and once fine-tuned, against random weights with the same cost:
the same epochs, splits and seeds. Cases are on one side of a split only. This is no ImageNet: two
thousand grey images of another organ are all that the first network has seen.
"""

import argparse
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch
from scipy import stats
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import GroupShuffleSplit

from benchmarks.machine import describe
from benchmarks.precision import PATIENT
from dlboi import PretrainedClassifier
from dlboi.datasets import load_image_folder
from dlboi.exceptions import DlboiWarning

CASE = r"(\d{7})"


def pretrain(chest, path, max_epochs):
    """Train on the chest X-rays and write the state dict of the body."""
    classifier = PretrainedClassifier(
        "resnet18",
        weights=None,
        max_epochs=max_epochs,
        schedule="cosine",
        validation_fraction=0.2,
        random_state=0,
    )
    classifier.fit(chest.data, chest.target, groups=chest.groups)
    torch.save(classifier.net_.module_.body.state_dict(), path)
    return classifier.history_["validation_accuracy"][classifier.best_epoch_ - 1]


def score(tissue, seed, **parameters):
    """Return accuracy and balanced accuracy on held-out cases."""
    split = GroupShuffleSplit(1, test_size=0.25, random_state=seed)
    train, test = next(split.split(tissue.data, tissue.target, tissue.groups))
    classifier = PretrainedClassifier(
        "resnet18", schedule="cosine", random_state=seed, memory=None, **parameters
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*random backbone", DlboiWarning)  # what is asked here
        classifier.fit(tissue.data[train], tissue.target[train])
    predicted = classifier.predict(tissue.data[test])
    truth = tissue.target[test]
    return np.mean(predicted == truth), balanced_accuracy_score(truth, predicted)


def main():
    """Train, compare and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("chest", type=Path, help="chest X-rays: has the folder train")
    parser.add_argument("tissue", type=Path, help="colorectal biopsies: one folder a class")
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--first-epochs", type=int, default=8, help="on the chest X-rays")
    parser.add_argument("--epochs", type=int, default=6, help="of fine-tuning")
    parser.add_argument("--head-epochs", type=int, default=40, help="with a fixed backbone")
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()

    chest = load_image_folder(options.chest / "train", size=options.size, groups=PATIENT)
    tissue = load_image_folder(options.tissue, size=options.size, groups=CASE)
    print(f"{describe()}; {options.size} pixels; {len(chest.data)} chest X-rays, ", end="")
    n_cases = len(np.unique(tissue.groups))
    print(f"{len(tissue.data)} biopsies of {n_cases} cases, {options.seeds} splits by case\n")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chest.pt"
        reached = pretrain(chest, path, options.first_epochs)
        print(f"validation accuracy on the chest X-rays: {reached:.3f}\n")
        print("| backbone | measure | random | from chest | difference, points (95 % interval) |")
        print("|---|---|---|---|---|")
        for kind, parameters in (
            ("fixed", {"freeze_backbone": True, "lr": 0.01, "max_epochs": options.head_epochs}),
            ("fine-tuned", {"max_epochs": options.epochs}),
        ):
            scores = np.array(
                [
                    [score(tissue, seed, weights=weights, **parameters) for weights in (None, path)]
                    for seed in range(options.seeds)
                ]
            )
            for column, measure in enumerate(("accuracy", "balanced accuracy")):
                random, given = scores[:, 0, column], scores[:, 1, column]
                difference = 100 * (given - random)
                low, high = stats.t.interval(
                    0.95, len(difference) - 1, loc=difference.mean(), scale=stats.sem(difference)
                )
                interval = f"{difference.mean():+.1f} ({low:+.1f} to {high:+.1f})"
                means = f"{random.mean():.3f} | {given.mean():.3f}"
                print(f"| {kind} | {measure} | {means} | {interval} |", flush=True)


if __name__ == "__main__":
    main()
