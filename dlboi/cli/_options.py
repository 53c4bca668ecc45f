"""What the commands share in reading their arguments."""

import argparse
import math
from collections.abc import Callable
from pathlib import Path

#: Networks that the commands train.
NETWORKS = ("ann", "cnn", "gap")


def new_command(
    commands, function: Callable, *, when_interrupted: str = "nothing written"
) -> argparse.ArgumentParser:
    """Add a command whose help is the docstring of its function.

    Parameters
    ----------
    commands : object
        What ``ArgumentParser.add_subparsers`` returns.
    function : callable
        Carries the command out; it is given the parsed arguments.
    when_interrupted : str, default="nothing written"
        What is said after Ctrl-C.
    """
    summary, _, rest = function.__doc__.partition("\n\n")
    command = commands.add_parser(
        function.__name__, help=summary, description=f"{summary} {' '.join(rest.split())}"
    )
    command.set_defaults(run=function, when_interrupted=when_interrupted)
    return command


def add_training_options(command: argparse.ArgumentParser, *, epochs: int, out: str) -> None:
    """Add what the commands that train have in common, with the defaults given."""
    command.add_argument(
        "--epochs",
        type=at_least_one,
        default=epochs,
        help="passes over the training images (default: %(default)s); the learning rate falls to a "
        "tenth after two thirds of them",
    )
    command.add_argument(
        "--weight-decay", type=float, default=0.0, help="L2 coefficient (default: %(default)s)"
    )
    command.add_argument(
        "--out", type=Path, default=Path(out), help="folder to write (default: %(default)s)"
    )
    add_seed(command)
    add_json_and_quiet(command)


def add_seed(command: argparse.ArgumentParser) -> None:
    """Add ``--seed``."""
    command.add_argument("--seed", type=seed, default=0, help="random state (default: %(default)s)")


def add_image_parts(command: argparse.ArgumentParser) -> None:
    """Add what names training and test images: ``DIR``, ``--test``, ``--size``, ``--groups``."""
    command.add_argument("dir", metavar="DIR", type=Path, help="folder of images")
    command.add_argument(
        "--test",
        metavar="TEST_DIR",
        type=Path,
        help="folder of test images, with one sub-folder a class: DIR then has the training images",
    )
    command.add_argument(
        "--size", type=int, help="pixels to resize every image to (default: the files' own size)"
    )
    command.add_argument(
        "--groups",
        metavar="REGEX",
        help="what in a file's path names the patient, as in '(person\\d+)_', or what in the "
        "header of DICOM files, as in 'dicom:PatientID': the parts are then divided by patient",
    )


def add_repeats(command: argparse.ArgumentParser, *, default: int) -> None:
    """Add ``--repeats`` and ``--memory``."""
    command.add_argument(
        "--repeats",
        type=at_least_one,
        default=default,
        help="trainings of each network, each with a seed and a division of its own (default: "
        "%(default)s)",
    )
    command.add_argument(
        "--memory",
        metavar="FOLDER",
        type=Path,
        help="folder of a journal of the repeats, from which the same command goes on after an "
        "interruption",
    )


def add_groups(command: argparse.ArgumentParser) -> None:
    """Add ``--groups``."""
    command.add_argument(
        "--groups",
        metavar="REGEX",
        help="what in a file's path names the patient, as in '(person\\d+)_', or what in the "
        "header of DICOM files, as in 'dicom:PatientID'",
    )


def add_classes(command: argparse.ArgumentParser) -> None:
    """Add ``--classes``."""
    command.add_argument(
        "--classes",
        metavar="NAMES",
        type=lambda text: [name.strip() for name in text.split(",")],
        help="names of the model's classes, in the order of its labels and with commas between "
        "them, as in NORMAL,PNEUMONIA (default: the labels themselves)",
    )


def add_json_and_quiet(command: argparse.ArgumentParser) -> None:
    """Add ``--json`` and ``--quiet``."""
    command.add_argument(
        "--json", action="store_true", help="print one JSON document and nothing else"
    )
    command.add_argument("--quiet", action="store_true", help="no progress bars")


def seed(text: str) -> int:
    """Read a random state."""
    number = int(text)
    if not 0 <= number < 2**32:
        raise argparse.ArgumentTypeError(f"{number} is not between 0 and 2**32 - 1")
    return number


def at_least_one(text: str) -> int:
    """Read a number of 1 or more."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number


def learning_rate(text: str) -> float:
    """Read a number above 0."""
    number = float(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{number} is no number above 0")
    return number
