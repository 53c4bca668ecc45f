"""What ``dlboi demo`` and ``dlboi compare`` have in common."""

import argparse
import html
import math

from sklearn.utils import Bunch


def compare_three_networks(
    options: argparse.Namespace, train: Bunch, test: Bunch | None, title: str, settings: dict
) -> None:
    """Train ANN, CNN and GAP, write the folder of the report and print its tables."""
    from dlboi.classifiers import ANNClassifier, CNNClassifier, GAPClassifier
    from dlboi.studies import compare_networks
    from dlboi.training import keep_freed_memory

    keep_freed_memory()  # the process is ours
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
