"""Threads that decode image files, and what is kept of them."""

import threading

import numpy as np
import pytest
import torch
from PIL import Image

from dlboi.exceptions import CacheWarning, ImageFileError
from dlboi.training import ImageFiles
from dlboi.training._decoding import Decoding


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """Twelve grey files, the last two with 16 bits."""
    folder = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(0)
    names = [str(folder / f"{number}.png") for number in range(12)]
    for number, name in enumerate(names):
        dtype = np.uint16 if number > 9 else np.uint8
        Image.fromarray(rng.integers(256, size=(6, 5)).astype(dtype)).save(name)
    return names


INDICES = [np.arange(12), np.array([3, 11, 3]), np.array([5]), np.array([10, 11]), np.arange(12)]


@pytest.mark.parametrize("n_threads", [1, 2, 5])
def test_each_file_is_decoded_once(n_threads, paths, opened):
    plain = ImageFiles(paths, (1, 6, 5))
    expected = [plain.take(index) for index in INDICES]
    opened.clear()
    with Decoding(n_threads) as decoding:
        files = ImageFiles(paths, (1, 6, 5), decoding=decoding)
        for index, images in zip(INDICES, expected, strict=True):
            taken = files.take(index)
            assert torch.equal(taken, images)
            assert taken.dtype == images.dtype
    assert sorted(opened) == sorted(paths)


def test_colour_and_size_are_kept_as_asked(paths, opened):
    plain = ImageFiles(paths, (3, 4, 4), resize=True)
    with Decoding() as decoding:
        files = ImageFiles(paths, (3, 4, 4), resize=True, decoding=decoding)
        for _ in range(2):
            assert torch.equal(files.take(np.arange(9)), plain.take(np.arange(9)))


def test_what_finds_no_room_is_decoded_again(paths, opened, monkeypatch):
    monkeypatch.setenv("DLBOI_PIXEL_CACHE_BYTES", "120")  # three images
    with Decoding(1) as decoding:
        files = ImageFiles(paths, (1, 6, 5), decoding=decoding)
        with pytest.warns(CacheWarning, match=r"1\.2e-07 GB"):
            first = files.take(np.arange(12))
        assert torch.equal(files.take(np.arange(12)), first)
    assert [opened.count(path) for path in paths] == [1] * 3 + [2] * 9


def test_pixels_that_had_to_make_room_are_decoded_again(paths, no_file_beyond):
    expected = ImageFiles(paths, (1, 6, 5)).take(np.arange(12))
    with Decoding(3) as decoding:
        files = ImageFiles(paths, (1, 6, 5), decoding=decoding)
        files.take(np.arange(5))
        with no_file_beyond(200), pytest.warns(CacheWarning, match="the disk is full"):
            assert torch.equal(files.take(np.arange(12)), expected)
        assert torch.equal(files.take(np.arange(12)), expected)


def test_the_first_bad_file_in_the_order_is_named(paths, tmp_path):
    bad = [str(tmp_path / f"{name}.png") for name in "ab"]
    for name in bad:
        (tmp_path / name).write_text("no image")
    with Decoding(4) as decoding:
        files = ImageFiles([*paths, *bad], (1, 6, 5), decoding=decoding)
        with pytest.raises(ImageFileError, match=r"b\.png"):
            files.take(np.array([0, 1, 13, 2, 12]))


def test_no_thread_stays():
    before = set(threading.enumerate())
    with Decoding(3) as decoding:
        assert decoding.map(lambda i: i * i, np.arange(7)) == [i * i for i in range(7)]
        assert len(threading.enumerate()) > len(before)
    assert set(threading.enumerate()) == before


def test_nothing_is_written_without_files():
    with Decoding() as decoding:
        assert decoding.map(str, np.arange(0)) == []
    assert "pixel_file" not in vars(decoding)


def test_bad_files_are_told_apart(paths, tmp_path):
    bad = str(tmp_path / "bad.png")
    (tmp_path / "bad.png").write_text("no image")
    with Decoding(2, "skip") as decoding:
        files = ImageFiles([bad, *paths, bad], decoding=decoding)
        assert files.image_shape == (1, 6, 5)
        assert files.intact().tolist() == list(range(1, 13))
        assert list(decoding.skipped) == [bad]
        assert "no PNG" in decoding.skipped[bad]
        with pytest.raises(ImageFileError, match=r"None of the 2 image files.*no PNG"):
            ImageFiles([bad, bad], decoding=decoding)
        with pytest.raises(ImageFileError, match=r"None of the 1 image files.*no PNG"):
            ImageFiles([bad], (1, 6, 5), decoding=decoding).intact()
        with pytest.raises(ImageFileError, match="6×5 pixels"):
            ImageFiles(paths, (1, 4, 4), decoding=decoding).intact()


def test_what_is_no_fault_of_the_file_is_an_error(paths, tmp_path):
    folder = str(tmp_path)  # opening it fails as a file fails that may not be read
    with Decoding(2, "skip") as decoding:
        with pytest.raises(ImageFileError, match="IsADirectoryError"):
            ImageFiles([*paths, folder], (1, 6, 5), decoding=decoding).intact()
        with pytest.raises(ImageFileError, match="IsADirectoryError"):
            ImageFiles([folder, *paths], decoding=decoding)


def test_looking_at_all_files_decodes_none_again(paths, opened):
    with Decoding(2, "skip") as decoding:
        files = ImageFiles(paths, (1, 6, 5), decoding=decoding)
        files.intact()
        files.take(np.arange(12))
    assert sorted(opened) == sorted(paths)
