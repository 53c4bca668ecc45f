"""Image files against the same images in memory: ``python -m benchmarks.larger_than_memory``.

Each fit runs in a process of its own, so that its peak of memory is its own; files and memory take
turns, so that a machine that slows down slows both.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.machine import describe
from dlboi import CNNClassifier
from dlboi.datasets import make_chest_phantoms

_N_PHANTOMS = 500


def write_images(folder, n_images, size, suffix):
    """Write phantoms that differ in place and brightness; return the bytes of all of them."""
    phantoms = make_chest_phantoms(_N_PHANTOMS, image_size=size, random_state=0).data
    rng = np.random.default_rng(0)
    n_bytes = 0
    for number in range(n_images):
        shift, factor = rng.integers(0, size, 2), rng.uniform(0.7, 1)
        pixels = np.roll(phantoms[number % _N_PHANTOMS], shift, axis=(0, 1)) * factor
        path = folder / f"{number:07}.{suffix}"
        Image.fromarray(pixels.astype(np.uint8)).save(path)
        n_bytes += path.stat().st_size
    return n_bytes


def write_array(folder, n_images):
    """Write the pixels of the first files as one array."""
    paths = sorted(folder.glob("0*"))[:n_images]
    np.save(folder / "array.npy", np.stack([np.asarray(Image.open(path)) for path in paths]))


def fit_once(kind, folder, n_epochs):
    """Fit the CNN in this process; print images a second of each epoch, and the peak of memory."""
    if kind == "files":
        X = [str(path) for path in sorted(folder.glob("0*"))]
    else:
        X = np.load(folder / "array.npy")
    y = np.arange(len(X)) % 2
    classifier = CNNClassifier(max_epochs=n_epochs, random_state=0).fit(X, y)
    rates = len(X) / classifier.history_["train_seconds"]
    print(json.dumps({"rates": rates.tolist(), "peak": _peak_bytes()}))


def _peak_bytes():
    """Return the largest resident set of this program; that of its parent is not in it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    lines = status.read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def main():
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--images-in-memory", type=int, default=10_000)
    parser.add_argument("--size", type=int, default=128, help="pixels a side")
    parser.add_argument("--format", default="jpg", choices=["jpg", "png"])
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", help="where to write the images; default: a temporary folder")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        fit_once(options.one[0], Path(options.one[1]), options.epochs)
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        measure(Path(folder), options)


def measure(folder, options):
    """Write the images, fit in turn, print."""
    n_bytes = write_images(folder, options.images, options.size, options.format)
    write_array(folder, options.images_in_memory)
    print(
        f"{describe()}; CNN, {options.images} images of {options.size}×{options.size}, "
        f"{n_bytes / 1e6:.0f} MB of {options.format}, {options.images * options.size**2 / 1e6:.0f} "
        f"MB decoded; in memory {options.images_in_memory} of them; medians of {options.rounds} "
        "rounds (ratio to memory)\n"
    )
    print("| | peak of memory, MiB | first epoch, images/s | later epochs, images/s |")
    print("|---|---|---|---|")
    peaks, first, later = ({"memory": [], "files": []} for _ in range(3))
    for _ in range(options.rounds):
        for kind in peaks:
            command = [sys.executable, "-m", "benchmarks.larger_than_memory"]
            command += ["--epochs", str(options.epochs), "--one", kind, str(folder)]
            output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            result = json.loads(output)
            peaks[kind].append(result["peak"] / 2**20)
            first[kind].append(result["rates"][0])
            later[kind].append(np.median(result["rates"][1:]))
    for kind in peaks:
        cells = [
            f"{np.median(rates[kind]):.0f} "
            f"({np.median(np.divide(rates[kind], rates['memory'])):.2f})"
            for rates in (first, later)
        ]
        print(f"| {kind} | {max(peaks[kind]):.0f} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
