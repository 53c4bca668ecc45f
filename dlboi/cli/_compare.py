"""``dlboi compare``."""

import argparse
from pathlib import Path

from dlboi.cli._options import add_training_options, new_command


def add_compare(commands) -> None:
    """Add the command to the parser."""
    command = new_command(commands, compare)
    command.add_argument("dir", metavar="DIR", type=Path, help="folder of images")
    command.add_argument(
        "--size", type=int, help="pixels to resize every image to (default: the files' own size)"
    )
    command.add_argument(
        "--groups",
        metavar="REGEX",
        help="what in a file's path names the patient, as in '(person\\d+)_': the parts are then "
        "divided by patient",
    )
    add_training_options(command, epochs=10, out="dlboi_compare")


def compare(options: argparse.Namespace) -> None:
    """Train ANN, CNN and GAP on a folder of images and write a folder with a report.

    DIR has one sub-folder a class, or the folders ``train`` and ``test``, each with one sub-folder
    a class; without ``test``, a fifth of the images, by patient, is set aside to test on. Other
    folders beside ``train`` and ``test`` are passed over, and named. An estimate of the time is
    printed before the training starts.
    """
    from dlboi.cli._folders import parts_of
    from dlboi.cli._three_networks import compare_three_networks
    from dlboi.datasets import load_image_folder
    from dlboi.studies._networks._folder import check_folder

    check_folder(options.out)
    parts, passed_over = parts_of(options.dir)
    if passed_over:
        print(f"Passed over: {', '.join(passed_over)} (only {' and '.join(parts)} are used).")
    reading = {"groups": options.groups, "n_jobs": -1, "verbose": not options.quiet}
    folders = [options.dir / part for part in parts] or [options.dir]
    train = load_image_folder(folders[0], size=options.size, **reading)
    test = load_image_folder(folders[1], like=train, **reading) if parts else None
    settings = {
        "folder": str(options.dir),
        "parts": parts or "none: test images were set aside",
        "size": options.size,
        "groups": options.groups,
    }
    title = f"Three networks on {options.dir.resolve().name}"
    compare_three_networks(options, train, test, title, settings)
