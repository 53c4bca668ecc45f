"""``dlboi bias``."""

import argparse
import html
from pathlib import Path

from dlboi.cli._options import add_groups, add_json_and_quiet, add_seed, at_least_one, new_command


def add_bias(commands) -> None:
    """Add the command to the parser."""
    command = new_command(commands, bias)
    command.add_argument("train", metavar="TRAIN_DIR", type=Path, help="training images")
    command.add_argument("test", metavar="TEST_DIR", type=Path, help="test images")
    add_groups(command)
    command.add_argument(
        "--size", type=int, default=128, help="pixels to resize to (default: %(default)s)"
    )
    command.add_argument(
        "--reported", type=float, help="validation accuracy that was reported, from 0 to 1"
    )
    command.add_argument(
        "--permutations",
        type=at_least_one,
        default=999,
        help="permutations of each test (default: %(default)s)",
    )
    command.add_argument(
        "--report",
        metavar="FILE",
        type=Path,
        default=Path("bias.html"),
        help="page to write (default: %(default)s)",
    )
    add_seed(command)
    add_json_and_quiet(command)


def bias(options: argparse.Namespace) -> None:
    """Find out why test images are classified worse, and write a page of verdicts.

    TRAIN_DIR and TEST_DIR have one sub-folder a class each. Shift, leakage, label shift and chance
    are told apart with small images and logistic regression, in minutes: the verdicts are
    about the images, not about a network. Name the patients with ``--groups``: without them
    nothing is said of leakage.
    """
    from dlboi.cli._output import print_json, rows_of
    from dlboi.datasets import load_image_folder
    from dlboi.exceptions import MissingPathError
    from dlboi.studies import dataset_bias_study
    from dlboi.training import keep_freed_memory

    if not options.report.parent.is_dir():
        raise MissingPathError(
            f"The folder {str(options.report.parent)!r} is not there. Make it, or write the report "
            "elsewhere."
        )
    keep_freed_memory()  # the process is ours
    reading = {"groups": options.groups, "n_jobs": -1, "verbose": not options.quiet}
    train = load_image_folder(options.train, size=options.size, **reading)
    test = load_image_folder(options.test, like=train, **reading)
    report = dataset_bias_study(
        train,
        test,
        reported=options.reported,
        n_permutations=options.permutations,
        random_state=options.seed,
        verbose=not options.quiet,
    )
    page = report.save(options.report)
    if options.json:
        print_json({"page": page, "verdicts": rows_of(report.verdicts_)})
        return
    print(html.unescape(report.to_markdown()))
    print(f"Open {page} in a browser.")
