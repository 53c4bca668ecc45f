"""``dlboi info``."""

import argparse
import html
from pathlib import Path

from dlboi.cli._options import add_groups, add_json_and_quiet, new_command


def add_info(commands) -> None:
    """Add the command to the parser."""
    command = new_command(commands, info)
    command.add_argument("dir", metavar="DIR", type=Path, help="folder of images")
    add_groups(command)
    add_json_and_quiet(command)


def info(options: argparse.Namespace) -> None:
    """Count the images, classes and patients of a folder, and warn of what is wrong with it.

    DIR has one sub-folder a class, or the folders ``train`` and ``test``, each with one sub-folder
    a class. Every file is read: those that are no images are named, and so are copies byte for
    byte, sizes that differ, and patients in both parts. Without ``--groups``, a pattern of the
    patient in the names of the files is proposed.
    """
    from dlboi.cli._folder_facts import folder_facts
    from dlboi.cli._folder_tables import folder_tables
    from dlboi.cli._folder_warnings import folder_warnings
    from dlboi.cli._folders import parts_of
    from dlboi.cli._output import print_json

    names, passed_over = parts_of(options.dir)
    folders = [options.dir / name for name in names] or [options.dir]
    settings = {"groups": options.groups, "verbose": not options.quiet}
    parts = [folder_facts(folder, **settings) for folder in folders]
    warnings = folder_warnings(parts)
    if passed_over:
        warnings.insert(0, f"Not looked at: {', '.join(passed_over)}, beside {names[0]}.")
    if options.json:
        print_json({"parts": [_part(part) for part in parts], "warnings": warnings})
        return
    tables = "\n\n".join(table.to_markdown() for table in folder_tables(parts))
    print(html.unescape(tables))
    for warning in warnings:
        print(f"\nWarning: {warning}")


def _part(part):
    return {
        "folder": part.root,
        "n_images": len(part.files),
        "classes": part.classes,
        "n_patients": None if part.groups is None else len(part.patients),
        "sizes": part.sizes(),
        "modes": part.modes(),
        "unusable": list(part.problems),
        "n_passed_over": part.n_passed_over,
    }
