"""``dlboi predict``."""

import argparse
import html
from pathlib import Path

from dlboi.cli._options import add_classes, add_groups, add_json_and_quiet, new_command


def add_predict(commands) -> None:
    """Add the command to the parser."""
    command = new_command(commands, predict)
    command.add_argument("model", metavar="MODEL", type=Path, help="file that save() has written")
    command.add_argument("dir", metavar="DIR", type=Path, help="folder of images")
    command.add_argument(
        "-o",
        "--out",
        metavar="FILE",
        type=Path,
        default=Path("predictions.csv"),
        help="CSV file to write (default: %(default)s)",
    )
    add_classes(command)
    add_groups(command)
    add_json_and_quiet(command)


def predict(options: argparse.Namespace) -> None:
    """Predict the images of a folder with a saved classifier and write a CSV file.

    DIR is laid out as it may be. Images are resized to what the network is made for. The file has a
    row an image: its path below DIR, the predicted class, and the probability of each class. Where
    all images of DIR are in folders of the model's classes, the accuracy is printed with its
    interval, over patients with ``--groups``.
    """
    from dlboi.cli._folders import images_to_predict
    from dlboi.cli._output import check_output, print_json
    from dlboi.cli._predictions import predict_files, write_predictions
    from dlboi.cli._saved_model import load_model
    from dlboi.training import keep_freed_memory

    keep_freed_memory()  # the process is ours
    check_output(options.out, inputs=[options.model])
    classifier, names = load_model(options.model, options.classes)
    files = images_to_predict(options.dir)
    check_output(options.out, inputs=[options.dir / file for file in files])
    found = predict_files(
        classifier, names, options.dir, files, groups=options.groups, verbose=not options.quiet
    )
    write_predictions(found, options.out)
    if options.json:
        print_json({"predictions": options.out, **found.document})
        return
    print(html.unescape(found.text))
    print(f"The predictions are in {options.out}.")
