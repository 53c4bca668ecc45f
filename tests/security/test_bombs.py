"""Small files that would become large: refused before they are decoded, or within bounds."""

import io
import struct
import tracemalloc
import zlib
from contextlib import contextmanager

import numpy as np
import pytest
from PIL import Image, ImageFile, TiffImagePlugin

from dlboi.datasets import load_image_folder, load_npy_classes
from dlboi.datasets._image_files import read_image
from dlboi.exceptions import ImageFileError

MEGABYTE = 2**20


def chunk(kind, content):
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def png(height, width, *extra):
    """Return a PNG whose header says its size; it holds the pixels of 8×8 at most."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1 + min(width, 8)) * min(height, 8))
    chunks = [chunk(b"IHDR", header), *extra, chunk(b"IDAT", rows), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@contextmanager
def little_memory():
    """See that Python takes no more than 20 MB."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < 20 * MEGABYTE
    finally:
        tracemalloc.stop()


def refused(path, what):
    with little_memory(), pytest.raises(ImageFileError, match=what) as caught:
        read_image(path, size=16)
    assert str(path) in str(caught.value)


def read_or_refused(path):
    said = ""
    with little_memory():
        try:
            assert read_image(path).shape == (8, 8)
        except ImageFileError as error:
            said = str(error)
    assert said == "" or str(path) in said


@pytest.fixture
def nothing_is_decoded(monkeypatch):
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda _: pytest.fail("decoded"))


@pytest.mark.filterwarnings("always::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [102, 140, 1000])  # Pillow itself warns up to twice its limit
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP"])
def test_more_pixels_than_the_limit(tmp_path, monkeypatch, nothing_is_decoded, kind, side):
    path = tmp_path / f"bomb.{kind.lower()}"
    Image.new("L", (side, 100)).save(path, kind)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10_100)
    if side < 200:
        with pytest.warns(Image.DecompressionBombWarning):
            refused(path, "more pixels than Pillow allows.*MAX_IMAGE_PIXELS")
    else:
        refused(path, "more pixels than Pillow allows.*MAX_IMAGE_PIXELS")


def test_the_limit_itself_is_no_bomb(tmp_path, monkeypatch):
    Image.new("L", (101, 100)).save(tmp_path / "large.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10_100)
    assert read_image(tmp_path / "large.png").shape == (100, 101)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    assert read_image(tmp_path / "large.png").shape == (100, 101)


@pytest.mark.parametrize("lazy", [False, True])
def test_a_bomb_in_a_folder(tmp_path, nothing_is_decoded, lazy):
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "bomb.png").write_bytes(png(2**31 - 1, 2**31 - 1))
    with pytest.raises(ImageFileError, match=r"a.bomb\.png"):
        load_image_folder(tmp_path, size=16, lazy=lazy)


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt", b"iCCP"])
def test_text_that_unfolds(tmp_path, kind):
    """40 MB of zeros in 40 kB, beside the pixels."""
    head = {b"zTXt": b"a\0\0", b"iTXt": b"a\0\1\0\0\0", b"iCCP": b"a\0\0"}[kind]
    content = head + zlib.compress(bytes(40 * MEGABYTE))
    path = tmp_path / "text.png"
    path.write_bytes(png(8, 8, chunk(kind, content)))
    read_or_refused(path)


def test_lengths_beyond_the_file(tmp_path):
    """Python takes memory for what is asked for, before it looks whether it is there."""
    path = tmp_path / "length.png"
    whole = png(8, 8)
    at = whole.index(b"IDAT")
    path.write_bytes(whole[: at - 4] + b"\x7f\xff\xff\xff" + whole[at:])
    read_or_refused(path)


@pytest.mark.parametrize("mmap_mode", ["r", "c", None])
def test_an_array_that_claims_more_than_its_file_has(tmp_path, mmap_mode):
    np.save(tmp_path / "a.npy", np.zeros((2, 8, 8), dtype=np.uint8))
    content = (tmp_path / "a.npy").read_bytes()
    large = content.replace(b"(2, 8, 8), }" + b" " * 12, b"(2, 8000000, 8000000), }")
    assert len(large) == len(content)
    (tmp_path / "a.npy").write_bytes(large)
    with little_memory(), pytest.raises(ImageFileError, match=r"a\.npy.*truncated"):
        load_npy_classes([tmp_path / "a.npy"], mmap_mode=mmap_mode)


def test_pages_are_not_counted(tmp_path, monkeypatch):
    """A file of 100 MB may hold millions of pages, which take minutes to count."""
    pages = [Image.new("L", (4, 4)) for _ in range(3)]
    pages[0].save(tmp_path / "pages.tif", save_all=True, append_images=pages[1:])
    counted = property(lambda _: pytest.fail("counted"))
    monkeypatch.setattr(TiffImagePlugin.TiffImageFile, "n_frames", counted)
    refused(tmp_path / "pages.tif", "several pages")


@pytest.fixture
def dicom_files():
    pytest.importorskip("pydicom", reason="DICOM files need pydicom, the extra dicom")
    from tests.datasets import dicom_files

    return dicom_files


def test_dicom_lengths_beyond_the_file(tmp_path, dicom_files):
    path = tmp_path / "length.dcm"
    header = dicom_files.make_dicom(np.zeros((8, 8), dtype=np.uint8))
    header.add_new(0x00091001, "UN", bytes(8))
    header.save_as(path, enforce_file_format=True)
    whole = path.read_bytes()
    at = whole.index(b"\x09\x00\x01\x10UN") + 8
    path.write_bytes(whole[:at] + b"\xf0\xff\xff\x7f" + whole[at + 4 :])
    read_or_refused(path)


def test_a_bomb_within_a_dicom_file(tmp_path, monkeypatch, dicom_files):
    buffer = io.BytesIO()
    Image.new("L", (1000, 100)).save(buffer, "JPEG")
    header = dicom_files.make_dicom(
        np.zeros((8, 8), dtype=np.uint8), syntax=dicom_files.pydicom.uid.JPEGBaseline8Bit
    )
    header.PixelData = dicom_files.pydicom.encaps.encapsulate([buffer.getvalue()])
    header.save_as(tmp_path / "bomb.dcm", enforce_file_format=True)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10_100)
    refused(tmp_path / "bomb.dcm", "decompression bomb")
