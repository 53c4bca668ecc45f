"""``dlboi compare``."""

import argparse

from dlboi.cli._options import (
    NETWORKS,
    add_image_parts,
    add_repeats,
    add_training_options,
    new_command,
)


def add_compare(commands) -> None:
    """Add the command to the parser."""
    command = new_command(commands, compare)
    add_image_parts(command)
    command.add_argument(
        "--networks",
        nargs="+",
        choices=NETWORKS,
        default=NETWORKS,
        help="networks to train (default: all)",
    )
    add_repeats(command, default=1)
    add_training_options(command, epochs=10, out="dlboi_compare")


def compare(options: argparse.Namespace) -> None:
    """Train ANN, CNN and GAP on a folder of images and write a folder with a report.

    DIR has one sub-folder a class, or the folders ``train`` and ``test``, each with one sub-folder
    a class; without ``test`` and ``--test``, a fifth of the images, by patient, is set aside to
    test on. Other folders beside ``train`` and ``test`` are passed over, and named. An estimate of
    the time is printed before the training starts. With ``--repeats`` of 2 or more, differences of
    the networks have intervals, over the repeats; the trained networks are then not kept.
    """
    from dlboi.cli._image_parts import load_parts
    from dlboi.cli._train_networks import make_networks, train_networks
    from dlboi.studies._networks._folder import check_folder

    names = list(dict.fromkeys(options.networks))
    _check_repeats(options, names)
    check_folder(options.out)
    train, test, folders = load_parts(options)
    title = f"Comparison of networks on {options.dir.resolve().name}"
    estimators = make_networks(options, names, train.image_shape)
    if options.repeats > 1:
        _compare_repeatedly(options, estimators, train, test, title)
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
    if options.repeats == 1 and options.memory is not None:
        raise ValueError("--memory needs --repeats of 2 or more: one training has no journal.")


def _compare_repeatedly(options, estimators, train, test, title):
    from dlboi.cli._write_study import study_settings, write_study
    from dlboi.studies import compare
    from dlboi.training import keep_freed_memory

    keep_freed_memory()  # the process is ours
    for network in estimators.values():
        network.set_params(verbose=0)  # the study shows its own progress
    result = compare(estimators, train, **study_settings(options, test))
    write_study(options, result, title=title)
