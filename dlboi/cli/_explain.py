"""``dlboi explain``."""

import argparse
from pathlib import Path

from dlboi.cli._options import add_classes, new_command


def add_explain(commands) -> None:
    """Add the command to the parser."""
    command = new_command(commands, explain)
    command.add_argument("model", metavar="MODEL", type=Path, help="file that save() has written")
    command.add_argument("image", metavar="IMAGE", type=Path, help="image file")
    command.add_argument(
        "-o",
        "--out",
        metavar="FILE",
        type=Path,
        default=Path("map.png"),
        help="figure to write: PNG, PDF or SVG, by the suffix (default: %(default)s)",
    )
    command.add_argument(
        "--class",
        dest="name",
        metavar="NAME",
        help="class whose map is drawn (default: the predicted one)",
    )
    add_classes(command)
    command.add_argument(
        "--json", action="store_true", help="print one JSON document and nothing else"
    )


def explain(options: argparse.Namespace) -> None:
    """Draw what in an image speaks for a class, and against it, to a saved classifier.

    The figure has the image as the network gets it, and below it the image under its class
    activation map, which GAPClassifier and PretrainedClassifier have.
    """
    from dlboi.cli._draw_map import check_format, draw_map
    from dlboi.cli._output import check_output, print_json
    from dlboi.cli._saved_model import load_model

    check_output(options.out, inputs=[options.model, options.image])
    check_format(options.out)
    classifier, names = load_model(options.model, options.classes)
    drawn = draw_map(classifier, names, options.image, name=options.name, out=options.out)
    if options.json:
        print_json({"map": options.out, **drawn})
        return
    shares = ", ".join(f"{name} {share:.3f}" for name, share in drawn["probabilities"].items())
    print(f"Predicted: {drawn['predicted']} (probabilities: {shares}).")
    print(f"The map of {drawn['class']} is in {options.out}.")
