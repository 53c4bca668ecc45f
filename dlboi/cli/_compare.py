"""``dlboi compare``."""

import argparse
import sys
from pathlib import Path

from dlboi.cli._options import NETWORKS, add_training_options, at_least_one, new_command


def add_compare(commands) -> None:
    """Add the command to the parser."""
    command = new_command(commands, compare)
    command.add_argument("dir", metavar="DIR", type=Path, help="folder of images")
    command.add_argument(
        "--test",
        metavar="TEST_DIR",
        type=Path,
        help="folder of test images, with one sub-folder a class: DIR then has the training images",
    )
    command.add_argument(
        "--networks",
        nargs="+",
        choices=NETWORKS,
        default=NETWORKS,
        help="networks to train (default: all)",
    )
    command.add_argument(
        "--size", type=int, help="pixels to resize every image to (default: the files' own size)"
    )
    command.add_argument(
        "--groups",
        metavar="REGEX",
        help="what in a file's path names the patient, as in '(person\\d+)_': the parts are then "
        "divided by patient",
    )
    command.add_argument(
        "--repeats",
        type=at_least_one,
        default=1,
        help="trainings of each network, each with a seed and a division of its own (default: "
        "%(default)s)",
    )
    command.add_argument(
        "--memory",
        metavar="FOLDER",
        type=Path,
        help="with --repeats, folder of a journal, from which an interrupted comparison goes on",
    )
    add_training_options(command, epochs=10, out="dlboi_compare")


def compare(options: argparse.Namespace) -> None:
    """Train ANN, CNN and GAP on a folder of images and write a folder with a report.

    DIR has one sub-folder a class, or the folders ``train`` and ``test``, each with one sub-folder
    a class; without ``test`` and ``--test``, a fifth of the images, by patient, is set aside to
    test on. Other folders beside ``train`` and ``test`` are passed over, and named. An estimate of
    the time is printed before the training starts. With ``--repeats`` of 2 or more, differences of
    the networks have intervals, over the repeats; the trained networks are then not kept.
    """
    from dlboi.cli._study_networks import study_networks
    from dlboi.cli._train_networks import make_networks, train_networks
    from dlboi.datasets import load_image_folder
    from dlboi.studies._networks._folder import check_folder

    names = list(dict.fromkeys(options.networks))
    _check_repeats(options, names)
    check_folder(options.out)
    folders = _folders(options)
    reading = {"groups": options.groups, "n_jobs": -1, "verbose": not options.quiet}
    train = load_image_folder(folders[0], size=options.size, **reading)
    test = load_image_folder(folders[1], like=train, **reading) if folders[1:] else None
    title = f"Comparison of networks on {options.dir.resolve().name}"
    estimators = make_networks(options, names, train.image_shape)
    if options.repeats > 1:
        study_networks(options, estimators, train, test, title=title)
        return
    settings = {
        "training images": str(folders[0]),
        "test images": str(folders[1]) if folders[1:] else "some of the training images",
        "size": options.size,
        "groups": options.groups,
    }
    train_networks(options, estimators, train, test, title=title, settings=settings)


def _check_repeats(options, names):
    if options.repeats > 1 and len(names) == 1:
        raise ValueError("--repeats compares networks. Name two or more with --networks.")
    if options.memory is None:
        return
    if options.repeats == 1:
        raise ValueError("--memory needs --repeats of 2 or more: one training has no journal.")
    options.when_interrupted = "the same command goes on with what the journal has"


def _folders(options):
    """Return the folder of the training images, and that of the test images if there is one."""
    from dlboi.cli._folders import parts_of

    if options.test is not None:
        return [options.dir, options.test]
    parts, passed_over = parts_of(options.dir)
    if passed_over:
        said = f"Passed over: {', '.join(passed_over)} (only {' and '.join(parts)} are used)."
        print(said, file=sys.stderr if options.json else sys.stdout)
    return [options.dir / part for part in parts] or [options.dir]
