"""One file at a time: what it becomes, and what it is refused for."""

import io
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dlboi.datasets._dicom_header import DICOM_SUFFIXES
from dlboi.datasets._image_files import IMAGE_SUFFIXES, read_image
from dlboi.exceptions import ImageFileError, MissingPathError

GREY = np.random.default_rng(0).integers(0, 256, (20, 30), dtype=np.uint8)
COLOUR = np.random.default_rng(1).integers(0, 256, (20, 30, 3), dtype=np.uint8)
DEEP = np.random.default_rng(2).integers(0, 65536, (20, 30), dtype=np.uint16)
SMOOTH = np.add.outer(np.arange(20), np.arange(30)).astype(np.uint8) * 4


def save(path, array, mode=None, **how):
    image = Image.fromarray(array)
    (image if mode is None else image.convert(mode)).save(path, **how)
    return path


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".TIFF"])
@pytest.mark.parametrize("array", [GREY, COLOUR], ids=["grey", "colour"])
def test_lossless_formats_give_the_pixels_back(tmp_path, suffix, array):
    path = save(tmp_path / f"image{suffix}", array)
    read = read_image(path)
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, array)
    np.testing.assert_array_equal(read_image(str(path)), array)


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg"])
def test_jpeg_gives_about_the_pixels_back(tmp_path, suffix):
    read = read_image(save(tmp_path / f"image{suffix}", SMOOTH, quality=95))
    assert read.shape == SMOOTH.shape
    assert np.abs(read.astype(int) - SMOOTH).max() <= 4


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_sixteen_bits_stay_sixteen_bits(tmp_path, suffix):
    read = read_image(save(tmp_path / f"image{suffix}", DEEP))
    assert read.dtype == np.uint16
    np.testing.assert_array_equal(read, DEEP)


def test_big_endian_tiff(tmp_path):
    Image.frombytes("I;16B", DEEP.shape[::-1], DEEP.astype(">u2").tobytes()).save(
        tmp_path / "image.tif"
    )
    read = read_image(tmp_path / "image.tif")
    assert read.dtype == np.dtype("uint16")
    assert read.dtype.isnative
    np.testing.assert_array_equal(read, DEEP)


def test_sixteen_bits_are_resized_without_loss_of_depth(tmp_path):
    ramp = np.linspace(0, 65535, 40 * 40).reshape(40, 40).astype(np.uint16)
    small = read_image(save(tmp_path / "ramp.png", ramp), size=10)
    assert small.dtype == np.uint16
    assert len(np.unique(small)) == 100
    blocks = ramp.reshape(10, 4, 10, 4).mean(axis=(1, 3))
    assert np.abs(small[2:-2, 2:-2] - blocks[2:-2, 2:-2]).max() < 300


def test_palette_becomes_colour(tmp_path):
    path = tmp_path / "image.png"
    palette = Image.fromarray(COLOUR).quantize(16)
    palette.save(path)
    np.testing.assert_array_equal(read_image(path), np.array(palette.convert("RGB")))


def test_cmyk_becomes_colour(tmp_path):
    path = save(tmp_path / "image.tif", COLOUR, mode="CMYK")
    np.testing.assert_array_equal(read_image(path), COLOUR)


def test_one_bit_becomes_black_and_white(tmp_path):
    Image.fromarray(GREY > 128).save(tmp_path / "image.png")
    np.testing.assert_array_equal(read_image(tmp_path / "image.png"), np.uint8(GREY > 128) * 255)


@pytest.mark.parametrize("array", [GREY, COLOUR], ids=["grey", "colour"])
def test_an_opaque_alpha_channel_is_dropped(tmp_path, array):
    image = Image.fromarray(array)
    image.putalpha(255)
    image.save(tmp_path / "image.png")
    np.testing.assert_array_equal(read_image(tmp_path / "image.png"), array)


@pytest.mark.parametrize("array", [GREY, COLOUR], ids=["grey", "colour"])
def test_transparent_pixels_are_refused(tmp_path, array):
    image = Image.fromarray(array)
    alpha = np.full(GREY.shape, 255, dtype=np.uint8)
    alpha[3, 4] = 254
    image.putalpha(Image.fromarray(alpha))
    image.save(tmp_path / "image.png")
    with pytest.raises(ImageFileError, match=r"image\.png.*transparent.*[Ff]latten"):
        read_image(tmp_path / "image.png")


@pytest.mark.parametrize("array", [GREY, DEEP], ids=["uint8", "uint16"])
def test_a_transparent_grey_level_is_refused_only_where_it_occurs(tmp_path, array):
    absent = next(v for v in range(65536) if v not in array)
    save(tmp_path / "unused.png", array, transparency=absent)
    save(tmp_path / "used.png", array, transparency=int(array[0, 0]))
    np.testing.assert_array_equal(read_image(tmp_path / "unused.png"), array)
    with pytest.raises(ImageFileError, match="transparent"):
        read_image(tmp_path / "used.png")


def test_orientation_is_applied(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise to view
    path = save(tmp_path / "image.png", GREY, exif=exif)
    np.testing.assert_array_equal(read_image(path), np.rot90(GREY, -1))
    assert read_image(path, size=(6, 4)).shape == (6, 4)


def test_crop_is_the_top_left_corner_and_comes_before_size(tmp_path):
    path = save(tmp_path / "image.png", COLOUR)
    np.testing.assert_array_equal(read_image(path, crop=(8, 12)), COLOUR[:8, :12])
    np.testing.assert_array_equal(read_image(path, crop=8), COLOUR[:8, :8])
    corner = save(tmp_path / "corner.png", np.ascontiguousarray(COLOUR[:16, :16]))
    np.testing.assert_array_equal(read_image(path, crop=16, size=8), read_image(corner, size=8))


def test_a_crop_larger_than_the_image_is_refused(tmp_path):
    with pytest.raises(ImageFileError, match=r"image\.png.*20x30.*crop=\(24, 24\)"):
        read_image(save(tmp_path / "image.png", GREY), crop=24)


def test_size_is_height_and_width_and_is_antialiased(tmp_path):
    stripes = np.zeros((64, 64), dtype=np.uint8)
    stripes[:, ::2] = 200
    path = save(tmp_path / "image.png", stripes)
    assert read_image(path, size=(16, 8)).shape == (16, 8)
    assert np.ptp(read_image(path, size=16)) <= 20
    np.testing.assert_array_equal(read_image(path, size=64), stripes)


def test_channels_repeat_grey_and_reduce_colour(tmp_path):
    grey, colour = save(tmp_path / "g.png", GREY), save(tmp_path / "c.png", COLOUR)
    np.testing.assert_array_equal(read_image(grey, channels=3), np.stack([GREY] * 3, axis=2))
    luminance = COLOUR @ [0.299, 0.587, 0.114]
    assert np.abs(read_image(colour, channels=1) - luminance).max() <= 1
    deep = save(tmp_path / "d.png", DEEP)
    np.testing.assert_array_equal(read_image(deep, channels=3), np.stack([DEEP] * 3, axis=2))


def test_scaling_in_the_jpeg_decoder_changes_little(tmp_path):
    rng = np.random.default_rng(0)
    coarse = Image.fromarray(rng.integers(0, 256, (30, 40), dtype=np.uint8))
    path = tmp_path / "image.jpg"
    coarse.resize((800, 600), Image.Resampling.BICUBIC).save(path, quality=90)
    exact = Image.open(path).resize((64, 64), Image.Resampling.BILINEAR)
    difference = np.abs(read_image(path, size=64).astype(int) - np.asarray(exact))
    assert difference.mean() < 1
    assert difference.max() <= 6


def test_pixels_may_be_written_to(tmp_path):
    assert read_image(save(tmp_path / "image.png", GREY)).flags.writeable


def save_pages(path):
    Image.fromarray(GREY).save(path, save_all=True, append_images=[Image.fromarray(GREY)])


REFUSED = {
    "empty.png": (lambda path: path.touch(), "empty"),
    "notes.jpg": (lambda path: path.write_text("patient 12, see page 3\n" * 20), "no PNG, JPEG"),
    "animation.png": (lambda path: Image.fromarray(GREY).save(path, format="GIF"), "no PNG, JPEG"),
    "folder.png": (lambda path: path.mkdir(), "truncated or damaged"),
    "pages.tif": (save_pages, "several pages"),
    "animated.png": (save_pages, "several pages"),
    "float.tif": (lambda path: save(path, DEEP.astype(np.float32)), "mode 'F'"),
    "int32.tif": (lambda path: save(path, DEEP.astype(np.int32)), "mode 'I'"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_single_meaning_is_refused_by_name(tmp_path, name):
    make, what = REFUSED[name]
    make(tmp_path / name)
    with pytest.raises(ImageFileError, match=f"{name}.*{what}"):
        read_image(tmp_path / name)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(MissingPathError, match=r"gone\.png"):
        read_image(tmp_path / "gone.png")


def test_a_decompression_bomb_is_refused(tmp_path, monkeypatch):
    path = save(tmp_path / "bomb.png", GREY)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(ImageFileError, match=r"bomb\.png.*more pixels.*MAX_IMAGE_PIXELS"):
        read_image(path)


def read_or_refuse(path):
    """Return the image, or None where the file is refused by name; no other error may come."""
    try:
        return read_image(path)
    except ImageFileError as refusal:
        message = str(refusal)
    assert os.fspath(path) in message
    return None


@pytest.mark.parametrize("suffix", sorted(set(IMAGE_SUFFIXES) - set(DICOM_SUFFIXES)))
@settings(deadline=None, max_examples=25)
@given(part=st.floats(0, 1), colour=st.booleans())
def test_a_truncated_file_is_refused_or_complete(tmp_path_factory, suffix, part, colour):
    folder = tmp_path_factory.mktemp("cut")
    path = save(folder / f"whole{suffix}", COLOUR if colour else GREY)
    whole = path.read_bytes()
    cut = folder / f"cut{suffix}"
    cut.write_bytes(whole[: int(part * len(whole))])
    read = read_or_refuse(cut)
    if read is not None:
        np.testing.assert_array_equal(read, read_image(path))


@settings(deadline=None, max_examples=40)
@given(
    position=st.floats(0, 1, exclude_max=True),
    byte=st.integers(0, 255),
    suffix=st.sampled_from(["png", "tiff", "bmp", "jpeg"]),
)
def test_a_damaged_byte_gives_an_image_or_our_error(tmp_path_factory, position, byte, suffix):
    buffer = io.BytesIO()
    Image.fromarray(COLOUR).save(buffer, format=suffix)
    content = bytearray(buffer.getvalue())
    content[int(position * len(content))] = byte
    path = tmp_path_factory.mktemp("byte") / f"image.{suffix}"
    path.write_bytes(content)
    read = read_or_refuse(path)
    assert read is None or read.dtype in (np.uint8, np.uint16)
