"""Image files that are damaged at random, and what the reader must make of them.

``python -m tests.datasets.mutated_files FIRST LAST`` reads the files of these numbers, within
limits of time and memory, and prints what it found as JSON.
"""

import faulthandler
import importlib.util
import io
import json
import struct
import sys
import tempfile
import warnings
import zlib
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from dlboi.datasets._image_files import read_image
from dlboi.exceptions import ImageFileError, MissingPathError

SECONDS_A_FILE = 10
MEMORY = 1_500_000_000  # bytes beyond what the process has after its imports

_RNG = np.random.default_rng(0)
_SMOOTH = np.add.outer(np.arange(48), np.arange(40)).astype(np.uint8) * 2
_GREY = _SMOOTH + _RNG.integers(0, 20, _SMOOTH.shape, dtype=np.uint8)
_COLOUR = np.stack([_GREY, _GREY[::-1], 255 - _GREY], axis=2)
_DEEP = _GREY.astype(np.uint16) * 257
_EXTREMES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def _encoded(pixels, kind, mode=None, **how):
    image = Image.fromarray(pixels)
    buffer = io.BytesIO()
    (image if mode is None else image.convert(mode)).save(buffer, kind, **how)
    return buffer.getvalue()


def _tiled_tiff():
    """Return a grey TIFF of 48×40 pixels in tiles of 16×16, each deflated."""
    tiles = [
        zlib.compress(np.pad(_GREY, ((0, 0), (0, 8)))[y : y + 16, x : x + 16].tobytes())
        for y in range(0, 48, 16)
        for x in range(0, 48, 16)
    ]
    n_entries, n_tiles = 11, len(tiles)
    arrays = 8 + 2 + 12 * n_entries + 4
    data = arrays + 8 * n_tiles
    offsets = [data + sum(map(len, tiles[:i])) for i in range(n_tiles)]
    entries = [
        *((256, 3, 1, 40), (257, 3, 1, 48), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1)),
        *((277, 3, 1, 1), (322, 3, 1, 16), (323, 3, 1, 16), (324, 4, n_tiles, arrays)),
        *((325, 4, n_tiles, arrays + 4 * n_tiles), (339, 3, 1, 1)),
    ]
    head = struct.pack("<2sHLH", b"II", 42, 8, n_entries)
    body = b"".join(struct.pack("<HHLL", *entry) for entry in entries) + bytes(4)
    sizes = [len(tile) for tile in tiles]
    return head + body + struct.pack(f"<{2 * n_tiles}L", *offsets, *sizes) + b"".join(tiles)


def _dicom_files():
    from pydicom.uid import JPEGBaseline8Bit, RLELossless

    from tests.datasets.dicom_files import make_dicom, pydicom

    def content(header):
        buffer = io.BytesIO()
        header.save_as(buffer, enforce_file_format=True)
        return buffer.getvalue()

    window = {"WindowCenter": [900, 40], "WindowWidth": [700, 9], "RescaleSlope": 1.5}
    table = pydicom.Dataset()
    table.add_new("LUTDescriptor", "US", [256, 0, 8])
    table.add_new("LUTData", "US", list(range(256)))
    jpeg = make_dicom(_GREY, syntax=JPEGBaseline8Bit)
    jpeg.PixelData = pydicom.encaps.encapsulate([_encoded(_GREY, "JPEG")])
    run_lengths = make_dicom(_DEEP)
    run_lengths.compress(RLELossless)
    film = np.stack([_GREY, _GREY, _GREY])
    return {
        "window.dcm": content(make_dicom(_DEEP, bits=12, RescaleIntercept=-9, **window)),
        "table.dcm": content(make_dicom(_GREY.astype(np.uint16), VOILUTSequence=[table])),
        "plain.dcm": content(make_dicom(_DEEP, PhotometricInterpretation="MONOCHROME1")),
        "colour.dcm": content(make_dicom(_COLOUR)),
        "film.dcm": content(make_dicom(film, n_frames=3)),
        "jpeg.dcm": content(jpeg),
        "run_lengths.dcm": content(run_lengths),
    }


@cache
def intact_files():
    """Return the files that are damaged: content by name."""
    turned = Image.Exif()
    turned[0x0112] = 6
    turned[0x010E] = "chest, anterior-posterior"
    files = {
        "grey.png": _encoded(_GREY, "PNG", exif=turned),
        "deep.png": _encoded(_DEEP, "PNG"),
        "palette.png": _encoded(_COLOUR, "PNG", "P"),
        "colour.png": _encoded(_COLOUR, "PNG"),
        "bits.png": _encoded(_GREY, "PNG", "1"),
        "grey.jpg": _encoded(_GREY, "JPEG", exif=turned),
        "colour.jpg": _encoded(_COLOUR, "JPEG"),
        "cmyk.jpg": _encoded(_COLOUR, "JPEG", "CMYK"),
        "progressive.jpg": _encoded(_COLOUR, "JPEG", progressive=True, exif=turned),
        "strips.tif": _encoded(_COLOUR, "TIFF", tiffinfo={278: 7}),
        "deep.tif": _encoded(_DEEP, "TIFF"),
        "lzw.tif": _encoded(_GREY, "TIFF", compression="tiff_lzw", strip_size=400),
        "deflate.tif": _encoded(_COLOUR, "TIFF", compression="tiff_adobe_deflate"),
        "jpeg.tif": _encoded(_COLOUR, "TIFF", compression="jpeg"),
        "fax.tif": _encoded(_GREY, "TIFF", "1", compression="group4"),
        "tiles.tif": _tiled_tiff(),
        "grey.bmp": _encoded(_GREY, "BMP"),
        "colour.bmp": _encoded(_COLOUR, "BMP"),
    }
    return files | (_dicom_files() if importlib.util.find_spec("pydicom") else {})


def mutated(number):
    """Return the name of the file that was damaged, and what became of it."""
    rng = np.random.default_rng([20261121, number])
    files = intact_files()
    name = sorted(files)[number % len(files)]
    content = bytearray(files[name])
    for _ in range(rng.integers(1, 4)):
        content = rng.choice(_MUTATIONS)(content, rng) if content else content
    if name.endswith(".png") and rng.random() < 0.5:
        _mend_checksums(content)
    return name, bytes(content)


def _flip_bits(content, rng):
    for place in rng.integers(0, 8 * len(content), rng.integers(1, 9)):
        content[place // 8] ^= 1 << int(place % 8)
    return content


def _edit_header(content, rng):
    """Put a number at the limit of its type among the first bytes, where sizes and types are."""
    width = int(rng.choice([1, 2, 4]))
    number = int(rng.choice(_EXTREMES)) & (256**width - 1)
    start = int(rng.integers(0, min(len(content), 500)))
    content[start : start + width] = number.to_bytes(width, rng.choice(["little", "big"]))
    return content


def _span(content, rng, longest=64):
    start = int(rng.integers(0, len(content)))
    return start, start + int(rng.integers(1, longest))


def _delete(content, rng):
    start, stop = _span(content, rng)
    return content[:start] + content[stop:]


def _insert(content, rng):
    start, stop = _span(content, rng)
    return content[:start] + rng.bytes(stop - start) + content[start:]


def _repeat(content, rng):
    start, stop = _span(content, rng, 400)
    return content[:stop] + content[start:]


def _truncate(content, rng):
    return content[: int(rng.integers(0, len(content)))]


def _swap(content, rng):
    """Exchange two neighbouring pieces."""
    start, middle, stop = np.sort(rng.integers(0, len(content) + 1, 3)).tolist()
    return content[:start] + content[middle:stop] + content[start:middle] + content[stop:]


_MUTATIONS = [_flip_bits, _edit_header, _edit_header, _delete, _insert, _repeat, _truncate, _swap]


def _mend_checksums(content):
    """Make the checksums of PNG chunks right, so that the damage is not noticed by them."""
    start = 8
    while start + 12 <= len(content):
        length = int.from_bytes(content[start : start + 4], "big")
        stop = start + 8 + length
        if stop + 4 > len(content):
            return
        content[stop : stop + 4] = zlib.crc32(content[start + 4 : stop]).to_bytes(4, "big")
        start = stop + 4


def read_mutated(number, folder):
    """Read a damaged file; return "read", "refused" or "warned", and what is wrong, or ""."""
    name, content = mutated(number)
    path = folder / f"{number}-{name}"
    path.write_bytes(content)
    rng = np.random.default_rng(number)
    how = {
        "size": [None, (20, 24), 300][rng.integers(3)],
        "crop": [None, None, (30, 20)][rng.integers(3)],
        "channels": [None, 1, 3][rng.integers(3)],
    }
    target = f"{path}[1]" if name == "film.dcm" and number % 2 else str(path)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        result, fault = _read(target, path, how)
    ours = [f"{w.category.__name__}: {w.message}" for w in said if not _is_of_decoder(w)]
    fault = fault or "; ".join(ours)
    if said and not fault:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            again, fault = _read(target, path, how)
        if again != "refused" and not fault:
            fault = f"a warning that is made an error is lost: {said[0].message}"
        result = "warned" if result == "read" else result
    path.unlink()
    return result, fault


def _is_of_decoder(warning):
    return bool({"PIL", "pydicom"} & set(Path(warning.filename).parts))


def _read(target, path, how):
    try:
        image = read_image(target, **how)
    except (ImageFileError, MissingPathError) as error:
        return "refused", "" if str(path) in str(error) else f"unnamed: {error}"
    except Exception as error:
        return "failed", f"{type(error).__name__}: {error}"
    shape = how["size"] or how["crop"]
    shape = (shape, shape) if isinstance(shape, int) else shape
    if image.dtype not in (np.uint8, np.uint16):
        return "read", f"type {image.dtype}"
    if image.ndim not in (2, 3) or image.shape[2:] not in ((), (3,)) or 0 in image.shape:
        return "read", f"shape {image.shape}"
    if how["channels"] is not None and image.ndim != (2 if how["channels"] == 1 else 3):
        return "read", f"shape {image.shape} with channels={how['channels']}"
    if shape is not None and image.shape[:2] != shape:
        return "read", f"shape {image.shape} with {how}"
    return "read", ""


def _limit_memory():
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _main(first, last, folder):
    intact_files()
    _limit_memory()
    counts, faults = Counter(), {}
    for number in range(first, last):
        faulthandler.dump_traceback_later(SECONDS_A_FILE, exit=True)
        result, fault = read_mutated(number, folder)
        counts[result] += 1
        if fault:
            faults[f"{number} {mutated(number)[0]}"] = fault
    faulthandler.cancel_dump_traceback_later()
    sys.stdout.write(json.dumps({"counts": counts, "faults": faults}))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        _main(int(sys.argv[1]), int(sys.argv[2]), Path(temporary))
