"""The command ``dlboi``."""

import argparse
import html
import math
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

# The rest is imported where it is needed: it takes seconds, in which Ctrl-C is to end cleanly.
from dlboi._version import __version__
from dlboi.exceptions import DlboiError, DlboiWarning


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Parameters
    ----------
    arguments : sequence of str, default=None
        What follows ``dlboi``; None takes it from the process.

    Returns
    -------
    int
        0: done; 2: an argument or a file cannot be used; 130: interrupted.
    """
    options = _parser().parse_args(arguments)
    os.environ.setdefault("MPLBACKEND", "Agg")  # figures go to files: open no window
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        try:
            _keep_freed_memory()
            options.run(options)
        except (DlboiError, ValueError, OSError) as error:
            print(f"dlboi {options.command}: error: {error}", file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            print(f"\ndlboi {options.command}: interrupted, nothing written", file=sys.stderr)
            return 130
    return 0


def demo(options: argparse.Namespace) -> None:
    """Train ANN, CNN and GAP on synthetic chest X-rays and write a folder with a report.

    The X-rays are phantoms, made on the spot: nothing is downloaded. It takes less than two
    minutes on two cores.
    """
    from dlboi.datasets import make_chest_phantoms
    from dlboi.studies._networks._folder import check_folder

    check_folder(options.out)
    phantoms = make_chest_phantoms(600, image_size=64, random_state=options.seed)
    settings = {"images": f"make_chest_phantoms(600, image_size=64, random_state={options.seed})"}
    _compare(options, phantoms, None, "Demo: three networks on synthetic chest X-rays", settings)


def compare(options: argparse.Namespace) -> None:
    """Train ANN, CNN and GAP on a folder of images and write a folder with a report.

    DIR has one sub-folder a class, or the folders ``train`` and ``test``, each with one sub-folder
    a class; without ``test``, a fifth of the images, by patient, is set aside to test on. Other
    folders beside ``train`` and ``test`` are passed over, and named. An estimate of the time is
    printed before the training starts.
    """
    from dlboi.datasets import load_image_folder
    from dlboi.studies._networks._folder import check_folder

    check_folder(options.out)
    parts, passed_over = _parts(options.dir)
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
    _compare(options, train, test, f"Three networks on {options.dir.resolve().name}", settings)


def bias(options: argparse.Namespace) -> None:
    """Find out why test images are classified worse, and write a page of verdicts.

    TRAIN_DIR and TEST_DIR have one sub-folder a class each. Shift, leakage, label shift and chance
    are told apart with small images and logistic regression, in minutes: the verdicts are
    about the images, not about a network. Name the patients with ``--groups``: without them
    nothing is said of leakage.
    """
    from dlboi.datasets import load_image_folder
    from dlboi.exceptions import MissingPathError
    from dlboi.studies import dataset_bias_study

    if not options.report.parent.is_dir():
        raise MissingPathError(
            f"The folder {str(options.report.parent)!r} is not there. Make it, or write the report "
            "elsewhere."
        )
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
    print(html.unescape(report.to_markdown()))
    print(f"Open {page} in a browser.")


def _parts(folder):
    """Return the names of the folders of training and test images, and of those beside them."""
    names = []
    if folder.is_dir():
        names = sorted(entry.name for entry in folder.iterdir() if entry.is_dir())
    found = [
        next((name for name in names if name.lower() in part), None)
        for part in (("train", "training"), ("test", "testing"))
    ]
    if None in found:
        return [], []
    return found, [name for name in names if name not in found and not name.startswith(".")]


def _keep_freed_memory():
    from dlboi.training import keep_freed_memory

    keep_freed_memory()  # the process is ours


def _compare(options, train, test, title, settings):
    from dlboi.classifiers import ANNClassifier, CNNClassifier, GAPClassifier
    from dlboi.studies import compare_networks

    recipe = {
        "max_epochs": options.epochs,
        "step_size": math.ceil(2 * options.epochs / 3),
        "weight_decay": options.weight_decay,
        "verbose": 0 if options.quiet else 1,
    }
    estimators = {
        "ANN": ANNClassifier(**recipe),
        "CNN": CNNClassifier(**recipe),
        "GAP": GAPClassifier(**_gap_blocks(train.data.shape[1:3]), **recipe),
    }
    comparison = compare_networks(
        train,
        test,
        estimators=estimators,
        random_state=options.seed,
        on_estimate=_print_estimate,
    )
    page = comparison.save(options.out, title=title, settings=settings)
    print(html.unescape(comparison.to_markdown()))
    print(f"Open {page} in a browser.")


def _gap_blocks(image_size):
    """Return as many blocks with pooling 4 (1 to 3) as leave activation maps of 4×4 cells."""
    n_blocks = next((n for n in (3, 2) if min(image_size) >= 4 * 4**n), 1)
    return {"n_filters": (32,) * n_blocks, "pool_size": 4}


def _print_estimate(seconds):
    text = f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
    print(f"Training will take about {text}.", flush=True)


def _show_warning(message, category, filename, lineno, file=None, line=None):
    origin = "" if issubclass(category, DlboiWarning) else f" ({filename}:{lineno})"
    print(f"dlboi: warning: {message}{origin}", file=sys.stderr)


def _parser():
    parser = argparse.ArgumentParser(
        prog="dlboi", description="Deep learning on biomedical images, the scikit-learn way."
    )
    parser.add_argument("--version", action="version", version=f"dlboi {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    command = _add_command(commands, demo)
    _add_training_options(command, epochs=20, out="dlboi_demo")

    command = _add_command(commands, compare)
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
    _add_training_options(command, epochs=10, out="dlboi_compare")

    command = _add_command(commands, bias)
    command.add_argument("train", metavar="TRAIN_DIR", type=Path, help="training images")
    command.add_argument("test", metavar="TEST_DIR", type=Path, help="test images")
    command.add_argument(
        "--groups",
        metavar="REGEX",
        help="what in a file's path names the patient, as in '(person\\d+)_'",
    )
    command.add_argument(
        "--size", type=int, default=128, help="pixels to resize to (default: %(default)s)"
    )
    command.add_argument(
        "--reported", type=float, help="validation accuracy that was reported, from 0 to 1"
    )
    command.add_argument(
        "--permutations",
        type=_at_least_one,
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
    command.add_argument(
        "--seed", type=_seed, default=0, help="random state (default: %(default)s)"
    )
    command.add_argument("--quiet", action="store_true", help="no progress bars")
    return parser


def _add_command(commands, function):
    """Add a command whose help is the docstring of its function."""
    summary, _, rest = function.__doc__.partition("\n\n")
    command = commands.add_parser(
        function.__name__, help=summary, description=f"{summary} {' '.join(rest.split())}"
    )
    command.set_defaults(run=function)
    return command


def _add_training_options(command, *, epochs, out):
    command.add_argument(
        "--epochs",
        type=_at_least_one,
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
    command.add_argument(
        "--seed", type=_seed, default=0, help="random state (default: %(default)s)"
    )
    command.add_argument("--quiet", action="store_true", help="no progress bars")


def _seed(text):
    number = int(text)
    if not 0 <= number < 2**32:
        raise argparse.ArgumentTypeError(f"{number} is not between 0 and 2**32 - 1")
    return number


def _at_least_one(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number
