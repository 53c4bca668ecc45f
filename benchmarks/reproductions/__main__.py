"""Run the experiments of the reports on real images, and write the page of reproductions.

Each row is one call of a study; its result is a file in --results, from which the page is made. An
interrupted row goes on from its journal in --memory.
"""

import argparse
import dataclasses
import os
from pathlib import Path

from benchmarks.machine import describe
from benchmarks.reproductions.images import Images
from benchmarks.reproductions.page import reproductions_page
from benchmarks.reproductions.rows import ROWS
from dlboi import keep_freed_memory

DOCS = Path(__file__).parents[2] / "docs"


def main():
    """Run rows and write the page."""
    names = [row.name for row in ROWS]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(names)}")
    parser.add_argument("--data", type=Path, default=os.environ.get("DLBOI_TEST_DATA"))
    parser.add_argument("--memory", type=Path, default=Path("reproductions_journal"))
    parser.add_argument("--results", type=Path, default=DOCS / "reproductions")
    parser.add_argument("--page", type=Path, default=DOCS / "reproductions.rst")
    options = parser.parse_args()
    unknown = set(options.rows) - set(names)
    if unknown:
        parser.error(f"no rows {sorted(unknown)}; there are {names}")
    if options.rows and options.data is None:
        parser.error("name the folder of the images with --data or DLBOI_TEST_DATA")
    keep_freed_memory()
    options.results.mkdir(parents=True, exist_ok=True)
    images = Images(options.data) if options.rows else None
    for row in ROWS:
        if row.name in options.rows:
            result = row.run(images, options.memory / row.name)
            _small(result).save(options.results / f"{row.name}.npz")
            print(f"{row.name}\n{result.to_markdown()}\n", flush=True)
    results = {
        row.name: row.result.load(path)
        for row in ROWS
        if (path := options.results / f"{row.name}.npz").exists()
    }
    options.page.write_text(reproductions_page(ROWS, results))


def _small(result):
    """Return the result without probabilities, and with where it was computed."""
    arrays = [
        {name: values for name, values in run.items() if not name.endswith("_proba")}
        for run in result.arrays
    ]
    return dataclasses.replace(
        result, arrays=arrays, settings={**result.settings, "machine": describe()}
    )


if __name__ == "__main__":
    main()
