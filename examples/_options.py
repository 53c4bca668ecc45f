"""Command line of the examples that reproduce an experiment: seconds on phantoms, or all of it.

Without options an example runs on phantoms with settings that take seconds. ``--data DIR`` takes
real images instead, those of ``DIR/train`` and ``DIR/test``, and ``--full`` also the settings of
the experiment, which are the defaults of the studies.
"""

from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path

from dlboi.datasets import load_image_folder

#: The patient in the file names of the chest X-rays of Kermany et al.
CHEST_PATIENT = r"(person\d+_[a-z]+|(?:NORMAL2-)?IM-\d+)"


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    data: Path | None
    full: bool
    output: Path | None
    memory: Path | None
    n_jobs: int | None

    def images(
        self, make_phantoms, n_train, n_test, *, size, full_size=256, groups=CHEST_PATIENT, **knobs
    ):
        """Return training and test images: phantoms, or those of the folder.

        `size` is the side of the images in pixels, `full_size` that of the experiment; `knobs` are
        those of the phantoms. Of a folder that is not divided, the test images are a share, 0.2.
        """
        if self.data is None:
            return tuple(
                make_phantoms(n_images, image_size=size, random_state=seed, **knobs)
                for seed, n_images in enumerate((n_train, n_test))
            )
        size = full_size if self.full else size
        if not (self.data / "train").is_dir():
            return load_image_folder(self.data, size=size, groups=groups), 0.2
        train = load_image_folder(self.data / "train", size=size, groups=groups)
        return train, load_image_folder(self.data / "test", like=train, groups=groups)

    def settings(self, **quick):
        """Return options of a study: those given, or with ``--full`` its own defaults."""
        settings = {} if self.full else {"verbose": 0, **quick}
        return {**settings, "memory": self.memory, "n_jobs": self.n_jobs}

    def keep(self, result, name):
        """Write a result, and its page, to the folder ``--output``, if there is one."""
        if self.output is not None:
            self.output.mkdir(parents=True, exist_ok=True)
            result.save(self.output / f"{name}.npz")
            result.to_page(name).save(self.output / f"{name}.html")


def read_options(arguments=None) -> Options:
    """Read the command line of an example."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of real images: train/ and test/")
    parser.add_argument("--full", action="store_true", help="the settings of the experiment")
    parser.add_argument("--output", type=Path, help="folder for the result and its page")
    parser.add_argument("--memory", type=Path, help="folder of a journal, to go on from")
    parser.add_argument("--n-jobs", type=int, help="fits at once")
    options = parser.parse_args(arguments)
    if options.full and options.data is None:
        parser.error("--full needs real images: --data DIR")
    return Options(**vars(options))
