"""Training and test images, as ``dlboi compare`` and ``dlboi tune`` take them."""

import argparse
import sys
from pathlib import Path

from sklearn.utils import Bunch

from dlboi.cli._folders import parts_of
from dlboi.datasets import load_image_folder


def load_parts(options: argparse.Namespace) -> tuple[Bunch, Bunch | None, list[Path]]:
    """Load the images that the options of ``add_image_parts`` name.

    Parameters
    ----------
    options : argparse.Namespace
        What was asked for.

    Returns
    -------
    train : Bunch
        Training images.
    test : Bunch or None
        Test images; None where there are none of their own.
    folders : list of Path
        Where they come from.
    """
    folders = _folders(options)
    reading = {"groups": options.groups, "n_jobs": -1, "verbose": not options.quiet}
    train = load_image_folder(folders[0], size=options.size, **reading)
    test = load_image_folder(folders[1], like=train, **reading) if folders[1:] else None
    return train, test, folders


def _folders(options):
    if options.test is not None:
        return [options.dir, options.test]
    parts, passed_over = parts_of(options.dir)
    if passed_over:
        said = f"Passed over: {', '.join(passed_over)} (only {' and '.join(parts)} are used)."
        print(said, file=sys.stderr if options.json else sys.stdout)
    return [options.dir / part for part in parts] or [options.dir]
