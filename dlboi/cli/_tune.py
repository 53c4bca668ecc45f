"""``dlboi tune``."""

import argparse

from dlboi.cli._options import (
    NETWORKS,
    add_image_parts,
    add_repeats,
    add_training_options,
    at_least_one,
    learning_rate,
    new_command,
)


def add_tune(commands) -> None:
    """Add the command to the parser."""
    command = new_command(commands, tune)
    add_image_parts(command)
    command.add_argument(
        "--network", choices=NETWORKS, default="cnn", help="network to train (default: %(default)s)"
    )
    command.add_argument(
        "--lr",
        nargs="+",
        type=learning_rate,
        default=[1e-4, 1e-3, 1e-2],
        help="learning rates to try (default: 0.0001 0.001 0.01)",
    )
    command.add_argument(
        "--step-size",
        nargs="+",
        type=at_least_one,
        metavar="EPOCHS",
        help="epochs after which the learning rate falls to a tenth, to try (default: two thirds "
        "of --epochs)",
    )
    add_repeats(command, default=3)
    add_training_options(command, epochs=10, out="dlboi_tune")


def tune(options: argparse.Namespace) -> None:
    """Choose the learning rate of a network on validation images and write a folder with a report.

    DIR has one sub-folder a class, or the folders ``train`` and ``test``, each with one sub-folder
    a class; without ``test`` and ``--test``, a fifth of the images, by patient, is set aside to
    test on. Every combination of ``--lr`` and ``--step-size`` is trained ``--repeats`` times; the
    test images score the chosen one alone.
    """
    from dlboi.cli._image_parts import load_parts
    from dlboi.cli._train_networks import make_networks
    from dlboi.cli._write_study import study_settings, write_study
    from dlboi.studies import hyperparameter_study
    from dlboi.studies._networks._folder import check_folder
    from dlboi.training import keep_freed_memory

    check_folder(options.out)
    _check_candidates(options)
    keep_freed_memory()  # the process is ours
    train, test, _ = load_parts(options)
    (network,) = make_networks(options, [options.network], train.image_shape).values()
    network.set_params(verbose=0)  # the study shows its own progress
    grid = {"lr": options.lr, "step_size": options.step_size or [network.step_size]}
    result = hyperparameter_study(
        train, param_grid=grid, estimator=network, **study_settings(options, test)
    )
    title = f"Parameters of {options.network.upper()} on {options.dir.resolve().name}"
    write_study(options, result, title=title)


def _check_candidates(options):
    if len(options.lr) * len(options.step_size or [None]) == 1:
        raise ValueError("There is nothing to choose from. Give --lr or --step-size two values.")
