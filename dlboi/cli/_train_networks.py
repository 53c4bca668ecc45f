"""What ``dlboi demo`` and ``dlboi compare`` have in common."""

import argparse
import html
import math
import sys

from sklearn.utils import Bunch

from dlboi.cli._output import print_json, rows_of


def make_networks(options: argparse.Namespace, names: list[str], image_shape: tuple) -> dict:
    """Return the classifiers to train.

    Parameters
    ----------
    options : argparse.Namespace
        What was asked for.
    names : list of {"ann", "cnn", "gap"}
        Which of them.
    image_shape : tuple (channels, height, width)
        Shape of the images.

    Returns
    -------
    dict of str to ImageClassifier
    """
    from dlboi.classifiers import ANNClassifier, CNNClassifier, GAPClassifier

    recipe = {
        "max_epochs": options.epochs,
        "step_size": math.ceil(2 * options.epochs / 3),
        "weight_decay": options.weight_decay,
        "verbose": 0 if options.quiet else 1,
    }
    networks = {
        "ANN": ANNClassifier(**recipe),
        "CNN": CNNClassifier(**recipe),
        "GAP": GAPClassifier(**_gap_blocks(image_shape[1:]), **recipe),
    }
    return {name.upper(): networks[name.upper()] for name in names}


def train_networks(
    options: argparse.Namespace,
    estimators: dict,
    train: Bunch,
    test: Bunch | None,
    *,
    title: str,
    settings: dict,
) -> None:
    """Train classifiers, write the folder of the report and print its tables.

    Parameters
    ----------
    options : argparse.Namespace
        What was asked for.
    estimators : dict of str to ImageClassifier
        The classifiers.
    train : Bunch
        Training images.
    test : Bunch or None
        Test images; None sets some of `train` aside.
    title : str
        Title of the page.
    settings : dict of str to object
        What the page is to say of the images.
    """
    from dlboi.studies import compare_networks
    from dlboi.training import keep_freed_memory

    keep_freed_memory()  # the process is ours
    notices = sys.stderr if options.json else sys.stdout
    comparison = compare_networks(
        train,
        test,
        estimators=estimators,
        random_state=options.seed,
        on_estimate=lambda seconds: print(_estimate(seconds), flush=True, file=notices),
    )
    page = comparison.save(options.out, title=title, settings=settings)
    if options.json:
        networks = rows_of(comparison.results)
        print_json({"page": page, "best": comparison.best, "networks": networks})
        return
    print(html.unescape(comparison.to_markdown()))
    print(f"Open {page} in a browser.")


def _gap_blocks(image_size):
    """Return as many blocks with pooling 4 (1 to 3) as leave activation maps of 4×4 cells."""
    n_blocks = next((n for n in (3, 2) if min(image_size) >= 4 * 4**n), 1)
    return {"n_filters": (32,) * n_blocks, "pool_size": 4}


def _estimate(seconds):
    text = f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
    return f"Training will take about {text}."
