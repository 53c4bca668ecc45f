"""Do equally good classifiers differ? ``python -m benchmarks.equal_levels``.

Studies of two classifiers that differ in a stream of random numbers alone: how often the 95 %
interval of their difference holds zero.
"""

import argparse

import numpy as np

from tests.studies.test_compare import DIVISIONS, covers_zero


def main():
    """Simulate and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=600)
    options = parser.parse_args()
    print("| scored on | interval holds zero |\n|---|---|")
    for name, division in DIVISIONS.items():
        share = np.mean([covers_zero(seed, **division) for seed in range(options.studies)])
        print(f"| {name} | {share:.3f} |", flush=True)


if __name__ == "__main__":
    main()
