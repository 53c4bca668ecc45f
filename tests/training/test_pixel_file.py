"""Arrays in a temporary file: what was written is read, within bounds, and nothing stays."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlboi.exceptions import CacheWarning
from dlboi.training._pixel_file import PixelFile

IMAGES = np.random.default_rng(0).integers(256, size=(40, 1, 10, 10), dtype=np.uint8)


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def make(tmp_path):
    """Return a function that makes a file, which is closed at the end."""
    made = []

    def make(max_bytes=10**6):
        made.append(PixelFile(tmp_path / "pixels", max_bytes))
        return made[-1]

    yield make
    for file in made:
        file.close()


def read(file, start, image):
    return file.read(start, image.shape, image.dtype)


@settings(deadline=None, max_examples=25)
@given(
    images=st.lists(
        st.tuples(
            st.sampled_from([np.uint8, np.uint16]),
            st.tuples(st.sampled_from([1, 3]), st.integers(1, 6), st.integers(1, 6)),
            st.booleans(),
        ),
        min_size=1,
        max_size=8,
    ),
    seed=st.integers(0, 99),
)
def test_any_image_comes_back_in_any_order(images, seed, tmp_path_factory):
    rng = np.random.default_rng(seed)
    arrays = [
        rng.integers(256, size=shape).astype(dtype).transpose((0, 2, 1) if turned else (0, 1, 2))
        for dtype, shape, turned in images
    ]
    file = PixelFile(tmp_path_factory.getbasetemp(), 10**6)
    try:
        starts = [file.append(array) for array in arrays]
        for i in rng.permutation(len(arrays)):
            again = read(file, starts[i], arrays[i])
            np.testing.assert_array_equal(again, arrays[i])
            assert again.dtype == arrays[i].dtype
    finally:
        file.close()


def test_threads_write_and_read_at_once(make):
    file = make()

    def there_and_back(i):
        start = file.append(IMAGES[i])
        return read(file, start, IMAGES[i])

    with ThreadPoolExecutor(8) as threads:
        np.testing.assert_array_equal(list(threads.map(there_and_back, range(40))), IMAGES)


def test_a_system_that_cannot_read_from_a_place(make, monkeypatch):
    monkeypatch.delattr(os, "pread")
    test_threads_write_and_read_at_once(make)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no list of open files here")
def test_no_name_and_nothing_left(make):
    before = open_files()
    file = make()
    file.append(IMAGES[0])
    assert list(file.folder.iterdir()) == []
    assert open_files() == before + 1
    file.close()
    assert open_files() == before


def test_a_limit(make):
    file = make(max_bytes=250)  # two images with their checksums
    first, second = (file.append(image) for image in IMAGES[:2])
    with pytest.warns(CacheWarning, match=r"pixels \(the limit is 2\.5e-07 GB\).*_CACHE_BYTES"):
        assert file.append(IMAGES[2]) is None
    assert file.append(IMAGES[3]) is None  # and no second warning
    np.testing.assert_array_equal(read(file, first, IMAGES[0]), IMAGES[0])
    np.testing.assert_array_equal(read(file, second, IMAGES[1]), IMAGES[1])
    assert os.fstat(file._file.fileno()).st_size == 216


def test_a_limit_of_nothing(make):
    file = make(max_bytes=0)
    assert file.append(IMAGES[0]) is None
    assert not file.folder.exists()


@pytest.mark.parametrize(("total", "free"), [(100e9, 9e9), (1000e9, 9e9)])
def test_room_is_left_to_others(total, free, make, monkeypatch):
    usage = SimpleNamespace(total=total, free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    file = make()
    with pytest.warns(CacheWarning, match=r"9 GB are free"):
        assert file.append(IMAGES[0]) is None


def test_what_is_free_is_looked_at_again(make, monkeypatch):
    usage = SimpleNamespace(total=100e9, free=90e9)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    monkeypatch.setattr("dlboi.training._pixel_file._BETWEEN_LOOKS", 150)
    file = make()
    start = file.append(IMAGES[0])
    usage.free = 0
    assert file.append(IMAGES[1]) is not None
    with pytest.warns(CacheWarning, match="0 GB are free"):
        assert file.append(IMAGES[2]) is None
    np.testing.assert_array_equal(read(file, start, IMAGES[0]), IMAGES[0])


def test_a_disk_that_is_full_gets_its_room_back(make, no_file_beyond):
    file = make()
    start = file.append(IMAGES[0])
    with no_file_beyond(150), pytest.warns(CacheWarning, match="pixels.*the disk is full"):
        assert file.append(IMAGES[1]) is None
    assert file.append(IMAGES[2]) is None  # and no second warning
    assert read(file, start, IMAGES[0]) is None
    assert os.fstat(file._file.fileno()).st_size == 0


def test_what_a_disk_has_lost_is_not_read(make):
    file = make()
    first, second = (file.append(image) for image in IMAGES[:2])
    file._file.truncate(108 + 50)
    file._file.truncate(216)  # zeros in the place of what was lost
    assert read(file, second, IMAGES[1]) is None
    np.testing.assert_array_equal(read(file, first, IMAGES[0]), IMAGES[0])
    file._file.truncate(3)
    assert read(file, first, IMAGES[0]) is None


def test_a_folder_that_cannot_be_made(make, tmp_path):
    (tmp_path / "pixels").write_text("a file in its place")
    file = make()
    with pytest.warns(CacheWarning, match="File exists"):
        assert file.append(IMAGES[0]) is None


def test_the_environment_says_where_and_how_much(monkeypatch, tmp_path):
    monkeypatch.setenv("DLBOI_CACHE", str(tmp_path))
    assert PixelFile().folder == tmp_path / "pixels"
    assert PixelFile().max_bytes == 16 * 1024**3
    monkeypatch.setenv("DLBOI_PIXEL_CACHE_BYTES", "4e9")
    assert PixelFile().max_bytes == 4_000_000_000
    monkeypatch.setenv("DLBOI_PIXEL_CACHE_BYTES", "much")
    with pytest.raises(ValueError, match=r"DLBOI_PIXEL_CACHE_BYTES must be a number.*'much'"):
        PixelFile()
