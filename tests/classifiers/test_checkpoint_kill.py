"""Processes that are killed while they fit, and fits that go on in others."""

import subprocess
import sys
import time

import numpy as np
import pytest

from dlboi import ANNClassifier
from dlboi.datasets import make_chest_phantoms

SETTINGS = {
    "hidden_layer_sizes": (64, 16),
    "dropout": 0.3,
    "lr": 0.003,
    "batch_size": 8,
    "validation_fraction": 0.25,
    "random_state": 0,
    "n_threads": 1,
}

CHILD = """
import ast, sys
from dlboi import ANNClassifier
from dlboi.datasets import make_chest_phantoms

settings, size, folder = ast.literal_eval(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
X, y = make_chest_phantoms(24, image_size=size, random_state=0, return_X_y=True)
ANNClassifier(**settings).fit(X, y, checkpoint=folder)
"""


def fit(settings, image_size, checkpoint=None):
    X, y = make_chest_phantoms(24, image_size=image_size, random_state=0, return_X_y=True)
    return ANNClassifier(**settings).fit(X, y, checkpoint=checkpoint)


def start(settings, image_size, folder):
    arguments = [repr(settings), str(image_size), str(folder)]
    return subprocess.Popen([sys.executable, "-c", CHILD, *arguments])


def newest(folder):
    """Return the number of the newest state; -1 if there is none."""
    return max((int(path.name.split("-")[1]) for path in folder.glob("checkpoint-*")), default=-1)


def drafts(folder):
    """Return the files that are being written, or were when their process was killed."""
    return list(folder.glob(".*.part"))


def wait(child, is_reached):
    """Wait until something is reached, or the child has come to its end."""
    deadline = time.monotonic() + 120
    while child.poll() is None and not is_reached():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def kill(child):
    child.kill()
    child.wait()


def test_a_process_that_is_killed(tmp_path, digest):
    folder, settings = tmp_path / "checkpoints", {**SETTINGS, "max_epochs": 40}
    child = start(settings, 16, folder)
    wait(child, lambda: newest(folder) >= 5)
    kill(child)
    assert child.returncode == -9
    assert digest(fit(settings, 16, folder)) == digest(fit(settings, 16))
    assert newest(folder) == 41


@pytest.mark.slow
def test_ten_kills_at_random_moments(tmp_path, digest):
    """Every second one while a state, of 20 MB, is being written."""
    folder, settings = tmp_path / "checkpoints", {**SETTINGS, "max_epochs": 60}
    settings["hidden_layer_sizes"] = (256, 64)
    rng, n_drafts = np.random.default_rng(0), 0
    for kills in range(10):
        before = newest(folder)
        child = start(settings, 80, folder)
        wait(child, lambda before=before: newest(folder) > before)
        time.sleep(rng.uniform(0, 0.2))
        if kills % 2:
            wait(child, lambda: drafts(folder))
        kill(child)
        assert child.returncode == -9, "the fit was over too soon"
        n_drafts += len(drafts(folder))
    assert digest(fit(settings, 80, folder)) == digest(fit(settings, 80))
    assert n_drafts > 0, "no process was killed while it wrote"
    assert not drafts(folder)
