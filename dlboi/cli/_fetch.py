"""``dlboi fetch``."""

import argparse

from dlboi.cli._options import add_json_and_quiet, new_command


def add_fetch(commands) -> None:
    """Add the command to the parser."""
    command = new_command(
        commands, fetch, when_interrupted="what has arrived is kept for the next time"
    )
    command.add_argument("name", metavar="NAME", help="the set of images")
    command.add_argument(
        "--size", type=int, help="pixels of a set of MedMNIST: 28 (default), 64, 128 or 224"
    )
    command.add_argument(
        "--base-url", metavar="URL", help="address of the folder of chest_xray_npy"
    )
    command.add_argument(
        "--data-home",
        metavar="DIR",
        help="folder to keep it in (default: the environment variable DLBOI_DATA, or the user's "
        "cache)",
    )
    add_json_and_quiet(command)


def fetch(options: argparse.Namespace) -> None:
    """Download a set of images, for the fetchers of dlboi.datasets to find without a network.

    NAME is colorectal_textures, chest_xray_npy, or a set of MedMNIST, such as pneumoniamnist. What
    is there already is not downloaded again, and a transfer that was broken goes on. The paths of
    the files are printed.
    """
    from dlboi.cli._output import print_json
    from dlboi.datasets._download_set import download_set

    paths = download_set(
        options.name,
        size=options.size,
        base_url=options.base_url,
        data_home=options.data_home,
        verbose=not options.quiet,
    )
    if options.json:
        print_json({"files": paths})
        return
    for path in paths:
        print(path)
