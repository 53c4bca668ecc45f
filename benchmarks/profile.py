"""Where the time of a fit goes: ``python -m benchmarks.profile``."""

import argparse

import numpy as np
from torch.profiler import ProfilerActivity, profile

from benchmarks.machine import describe
from dlboi import ANNClassifier, CNNClassifier, GAPClassifier, keep_freed_memory

CLASSIFIERS = {"ANN": ANNClassifier, "CNN": CNNClassifier, "GAP": GAPClassifier}


def main():
    """Print the ten functions of torch with the largest share of one fit, in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", default="CNN", choices=CLASSIFIERS)
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--images", type=int, default=256)
    parser.add_argument("--keep-freed-memory", action="store_true")
    options = parser.parse_args()
    if options.keep_freed_memory:
        keep_freed_memory()
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (options.images, 256, 256), dtype=np.uint8)
    y = rng.integers(0, 2, options.images)
    make = {"precision": options.precision, "n_threads": 1, "random_state": 0, "max_epochs": 1}
    classifier = CLASSIFIERS[options.network](warm_start=True, **make).fit(X, y)
    with profile(activities=[ProfilerActivity.CPU]) as run:
        classifier.fit(X, y)
    events = sorted(run.key_averages(), key=lambda event: -event.self_cpu_time_total)
    total = sum(event.self_cpu_time_total for event in events)
    print(f"{describe()}; {options.network}, {options.precision}, one thread\n")
    print("| function | share | ms an image |\n|---|---|---|")
    for event in events[:10]:
        microseconds = event.self_cpu_time_total
        share, each = 100 * microseconds / total, microseconds / 1000 / options.images
        print(f"| {event.key} | {share:.0f} % | {each:.2f} |")


if __name__ == "__main__":
    main()
