"""``dlboi compare --repeats``."""

import argparse
import html

from sklearn.utils import Bunch

from dlboi.cli._output import print_json, rows_of

# As in the comparison on one division.
_SHARE = 0.2


def study_networks(
    options: argparse.Namespace, estimators: dict, train: Bunch, test: Bunch | None, *, title: str
) -> None:
    """Train classifiers on several divisions, write the folder of the study and print its tables.

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
    """
    from dlboi.studies import compare
    from dlboi.studies._networks._folder import write_folder
    from dlboi.training import keep_freed_memory

    keep_freed_memory()  # the process is ours
    result = compare(
        {name: network.set_params(verbose=0) for name, network in estimators.items()},
        train,
        validation=_SHARE,
        test=_SHARE if test is None else test,
        n_repeats=options.repeats,
        random_state=options.seed,
        memory=options.memory,
        verbose=0 if options.quiet else 1,
    )
    texts = {"results.csv": result.to_csv(), "results.md": result.to_markdown()}
    page = write_folder(options.out, page=result.to_page(title), texts=texts, classifiers={})
    if options.json:
        print_json({"page": page, "levels": rows_of(result.table)})
        return
    print(html.unescape(result.to_markdown()))
    print(f"Open {page} in a browser.")
