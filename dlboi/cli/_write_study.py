"""The folder of a study, which ``dlboi compare --repeats`` and ``dlboi tune`` write."""

import argparse
import html

from dlboi.cli._output import print_json, rows_of
from dlboi.studies import StudyResult
from dlboi.studies._networks._folder import write_folder

#: Share of the images that is validated on, and of those that are tested on if none are given.
SHARE = 0.2


def study_settings(options: argparse.Namespace, test) -> dict:
    """Return how a study is to divide images, and what else it was asked for.

    Parameters
    ----------
    options : argparse.Namespace
        What was asked for.
    test : Bunch or None
        Test images; None sets some aside.

    Returns
    -------
    dict of str to object
    """
    return {
        "validation": SHARE,
        "test": SHARE if test is None else test,
        "n_repeats": options.repeats,
        "random_state": options.seed,
        "memory": options.memory,
        "verbose": 0 if options.quiet else 1,
    }


def write_study(options: argparse.Namespace, result: StudyResult, *, title: str) -> None:
    """Write the page and the table of a study, and print what was found.

    Parameters
    ----------
    options : argparse.Namespace
        What was asked for.
    result : StudyResult
        The study.
    title : str
        Title of the page.
    """
    texts = {"results.csv": result.to_csv(), "results.md": result.to_markdown()}
    page = write_folder(options.out, page=result.to_page(title), texts=texts, classifiers={})
    if options.json:
        print_json(
            {
                "page": page,
                "reference": result.reference,
                "findings": result.findings,
                "levels": rows_of(result.table),
                "tables": {name: rows_of(table) for name, table in result.tables.items()},
            }
        )
        return
    print(html.unescape(result.to_markdown()))
    print(f"Open {page} in a browser.")
