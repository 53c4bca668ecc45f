"""Files damaged at random: each is refused by name, or gives an image as it was asked for.

Nothing else may come: no other error, no crash, no hang, no gigabytes of memory.
"""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from dlboi.datasets._image_files import read_image
from tests.datasets.mutated_files import intact_files, mutated, read_mutated

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", sorted(intact_files()))
def test_the_files_are_intact_before_they_are_damaged(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(intact_files()[name])
    read = read_image(f"{path}[1]" if name == "film.dcm" else path)
    assert sorted(read.shape[:2]) == [40, 48]
    assert np.ptp(read) > 100


def test_damaged_files_give_an_image_or_our_error(tmp_path):
    counts, faults = Counter(), {}
    for number in range(1000):
        result, fault = read_mutated(number, tmp_path)
        counts[result] += 1
        if fault:
            faults[f"{number} {mutated(number)[0]}"] = fault
    assert faults == {}
    assert counts["read"] > 100
    assert counts["refused"] > 500


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="memory is limited by setrlimit")
def test_ten_thousand_damaged_files_do_no_harm():
    command = [sys.executable, "-m", "tests.datasets.mutated_files", "1000", "11000"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1800)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert found["faults"] == {}
    assert sum(found["counts"].values()) == 10_000
