"""``dlboi demo``."""

import argparse

from dlboi.cli._options import NETWORKS, add_training_options, new_command


def add_demo(commands) -> None:
    """Add the command to the parser."""
    add_training_options(new_command(commands, demo), epochs=20, out="dlboi_demo")


def demo(options: argparse.Namespace) -> None:
    """Train ANN, CNN and GAP on synthetic chest X-rays and write a folder with a report.

    The X-rays are phantoms, made on the spot: nothing is downloaded. It takes less than two
    minutes on two cores.
    """
    from dlboi.cli._train_networks import make_networks, train_networks
    from dlboi.datasets import make_chest_phantoms
    from dlboi.studies._networks._folder import check_folder

    check_folder(options.out)
    phantoms = make_chest_phantoms(600, image_size=64, random_state=options.seed)
    settings = {"images": f"make_chest_phantoms(600, image_size=64, random_state={options.seed})"}
    title = "Demo: three networks on synthetic chest X-rays"
    estimators = make_networks(options, NETWORKS, phantoms.image_shape)
    train_networks(options, estimators, phantoms, None, title=title, settings=settings)
