"""Verdicts of the bias study on real images.

``python -m benchmarks.bias_verdicts chest biopsies_by_case --data DIR`` runs these cases. Each
writes its part of ``docs/bias_verdicts.rst``, ``docs/bias_verdicts/CASE.inc``.
"""

import argparse
import os
import time
from pathlib import Path

from sklearn.model_selection import StratifiedShuffleSplit

from benchmarks.machine import describe
from benchmarks.reproductions.images import Images
from benchmarks.rst import csv_table
from dlboi import CNNClassifier, PretrainedFeatures
from dlboi.model_selection import StratifiedGroupShuffleSplit
from dlboi.studies import dataset_bias_study

FOLDER = Path(__file__).parents[1] / "docs" / "bias_verdicts"
SETTINGS = {"verbose": 1, "random_state": 0}


def chest(images, options):
    """Study the chest X-rays with the default estimator."""
    return dataset_bias_study(*images.chest(128), **SETTINGS)


def chest_cnn(images, options):
    """Study the chest X-rays with a CNN, within twenty minutes of fits."""
    cnn = CNNClassifier(max_epochs=10, precision="auto", random_state=0)
    return dataset_bias_study(*images.chest(64), estimator=cnn, max_time=1200, **SETTINGS)


def chest_backbone(images, options):
    """Study the features of a fixed ResNet-18, which are computed once."""
    features = PretrainedFeatures("resnet18", weights=options.weights, precision="auto")
    train, test = images.chest(224)
    features.fit(train.data)
    rows = [(features.transform(part.data), part.target, part.groups) for part in (train, test)]
    return dataset_bias_study(*rows, **SETTINGS)


def biopsies_by_image(images, options):
    """Divide the biopsies at random, whoever the case is."""
    cohort = images.biopsies(128)
    splitter = StratifiedShuffleSplit(1, test_size=0.25, random_state=0)
    return _divided(cohort, next(splitter.split(cohort.target, cohort.target)))


def biopsies_by_case(images, options):
    """Divide the biopsies by case."""
    cohort = images.biopsies(128)
    splitter = StratifiedGroupShuffleSplit(1, test_size=0.25, random_state=0)
    return _divided(cohort, next(splitter.split(cohort.target, cohort.target, cohort.groups)))


def _divided(cohort, indices):
    labels = cohort.target_names[cohort.target]
    parts = [(cohort.data[index], labels[index], cohort.groups[index]) for index in indices]
    return dataset_bias_study(*parts, **SETTINGS)


CASES = {
    "chest": chest,
    "chest_cnn": chest_cnn,
    "chest_backbone": chest_backbone,
    "biopsies_by_image": biopsies_by_image,
    "biopsies_by_case": biopsies_by_case,
}


def main():
    """Run cases and write their parts of the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="+", choices=CASES, metavar="CASE")
    parser.add_argument("--data", type=Path, default=os.environ.get("DLBOI_TEST_DATA"))
    parser.add_argument("--weights", type=Path, help="of a ResNet-18, for chest_backbone")
    options = parser.parse_args()
    if options.data is None:
        parser.error("name the folder of the images with --data or DLBOI_TEST_DATA")
    if "chest_backbone" in options.cases and options.weights is None:
        parser.error("chest_backbone needs --weights")
    images = Images(options.data)
    FOLDER.mkdir(exist_ok=True)
    for case in options.cases:
        began = time.perf_counter()
        report = CASES[case](images, options)
        text = _section(report, time.perf_counter() - began)
        (FOLDER / f"{case}.inc").write_text(text)
        print(text, flush=True)


def _section(report, seconds):
    page = report.to_page()
    lines = [page.lead, ""]
    for section in page.sections[:2]:  # all verdicts, and the parts of the gap
        for table in section.tables:
            lines += csv_table(table)
    lines += [f"{seconds:.0f} s in all on {describe()}.", ""]
    if report.left_out:
        lines += [f"Done less often than asked for: {' '.join(report.left_out)}", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
