"""One DICOM file at a time: what its frames become, and what is refused."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, features

from dlboi.datasets._image_files import read_image
from dlboi.exceptions import ImageFileError, MissingPathError, PydicomImportError
from tests.datasets.dicom_files import make_dicom, pydicom, save_dicom

GREY = np.random.default_rng(0).integers(0, 256, (6, 9), dtype=np.uint8)
COLOUR = np.random.default_rng(1).integers(0, 256, (6, 9, 3), dtype=np.uint8)
DEEP = np.random.default_rng(2).integers(0, 4096, (6, 9), dtype=np.uint16)
CT = np.random.default_rng(3).integers(-1024, 3072, (6, 9), dtype=np.int16)


def linear(values, centre, width):
    """Return the standard's formula (PS3.3, C.11.2.1.2.1) for an output from 0 to 255."""
    middle = ((values - (centre - 0.5)) / (width - 1) + 0.5) * 255
    return np.clip(np.rint(middle), 0, 255).astype(np.uint8)


def lut(first, entries, bits):
    item = pydicom.Dataset()
    item.add_new("LUTDescriptor", "SS" if first < 0 else "US", [len(entries), first, bits])
    item.add_new("LUTData", "US", [int(entry) for entry in entries])
    return [item]


@pytest.mark.parametrize("array", [GREY, COLOUR], ids=["grey", "colour"])
def test_eight_bits_without_window_stay_as_they_are(tmp_path, array):
    read = read_image(save_dicom(tmp_path / "scan.dcm", array))
    assert read.dtype == np.uint8
    assert read.flags.writeable
    np.testing.assert_array_equal(read, array)


def test_few_bits_are_stretched_to_eight(tmp_path):
    path = save_dicom(tmp_path / "scan.dcm", GREY // 64, bits=2)
    np.testing.assert_array_equal(read_image(path), GREY // 64 * 85)


@pytest.mark.parametrize("name", ["scan.DCM", "scan.dicom", "IM000001", "1.2.840.10008", "scan."])
def test_dicom_is_known_by_suffix_or_by_itself(tmp_path, name):
    np.testing.assert_array_equal(read_image(save_dicom(tmp_path / name, GREY)), GREY)


def test_the_first_window_counts_and_comes_after_the_rescaling(tmp_path):
    path = save_dicom(
        tmp_path / "ct.dcm",
        CT + 1024,
        WindowCenter=["40", "-600"],
        WindowWidth=["400", "1500"],
        RescaleSlope=1,
        RescaleIntercept=-1024,
    )
    read = read_image(path)
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, linear(CT, 40, 400))


@pytest.mark.parametrize(
    ("function", "wanted"),
    [
        ("LINEAR", lambda v: linear(v, 2000, 1000)),
        ("LINEAR_EXACT", lambda v: np.clip(np.rint(((v - 2000) / 1000 + 0.5) * 255), 0, 255)),
        ("SIGMOID", lambda v: np.rint(255 / (1 + np.exp(-4 * (v - 2000) / 1000)))),
    ],
)
def test_functions_of_the_window(tmp_path, function, wanted):
    path = save_dicom(
        tmp_path / "scan.dcm",
        DEEP,
        bits=12,
        WindowCenter=2000,
        WindowWidth=1000,
        VOILUTFunction=function,
    )
    np.testing.assert_array_equal(read_image(path), wanted(DEEP.astype(float)))


def test_a_sigmoid_far_from_its_centre_is_black(tmp_path):
    settings_ = {"WindowCenter": 30000, "WindowWidth": 2, "VOILUTFunction": "SIGMOID"}
    path = save_dicom(tmp_path / "scan.dcm", DEEP, **settings_)
    assert not read_image(path).any()


@pytest.mark.parametrize("bits", [8, 9, 12, 16])
def test_a_voi_table_comes_before_the_window(tmp_path, bits):
    entries = np.linspace(0, 2**bits - 1, 4096).astype(int)[::-1]
    path = save_dicom(
        tmp_path / "scan.dcm",
        DEEP,
        bits=12,
        VOILUTSequence=lut(0, entries, bits),
        WindowCenter=1,
        WindowWidth=2,
    )
    np.testing.assert_array_equal(read_image(path), np.rint(entries[DEEP] * 255 / (2**bits - 1)))


def test_a_voi_table_holds_its_ends_beyond_them(tmp_path):
    values = np.array([[-500, -100, -99, 0, 155, 3000]], dtype=np.int16)
    path = save_dicom(tmp_path / "scan.dcm", values, VOILUTSequence=lut(-100, range(256), 8))
    assert read_image(path).tolist() == [[0, 0, 1, 100, 255, 255]]


def test_a_modality_table_comes_before_the_window(tmp_path):
    path = save_dicom(
        tmp_path / "scan.dcm",
        DEEP,
        bits=12,
        ModalityLUTSequence=lut(0, np.arange(4096) * 2, 16),
        WindowCenter=4000,
        WindowWidth=1000,
    )
    np.testing.assert_array_equal(read_image(path), linear(2.0 * DEEP, 4000, 1000))


def test_deep_images_without_window_go_from_their_least_to_their_largest_value(tmp_path):
    read = read_image(save_dicom(tmp_path / "scan.dcm", CT, WindowCenter="", WindowWidth=""))
    low, high = CT.min(), CT.max()
    np.testing.assert_array_equal(read, np.rint((CT - float(low)) * 255 / (high - low)))
    flat = save_dicom(tmp_path / "flat.dcm", np.full((4, 4), 900, dtype=np.uint16))
    assert not read_image(flat).any()


def test_what_pads_an_image_does_not_count_for_its_range(tmp_path):
    padded = CT.copy()
    padded[0] = -32768
    read = read_image(save_dicom(tmp_path / "scan.dcm", padded, PixelPaddingValue=-32768))
    assert not read[0].any()
    np.testing.assert_array_equal(
        read[1:], read_image(save_dicom(tmp_path / "inner.dcm", np.ascontiguousarray(CT[1:])))
    )


def test_monochrome1_is_inverted_after_the_window(tmp_path):
    path = save_dicom(tmp_path / "a.dcm", GREY, PhotometricInterpretation="MONOCHROME1")
    np.testing.assert_array_equal(read_image(path), 255 - GREY)
    path = save_dicom(
        tmp_path / "b.dcm",
        DEEP,
        bits=12,
        PhotometricInterpretation="MONOCHROME1",
        WindowCenter=2000,
        WindowWidth=1000,
    )
    np.testing.assert_array_equal(read_image(path), 255 - linear(DEEP, 2000, 1000))


def test_deep_colour_keeps_its_upper_bits(tmp_path):
    deep = COLOUR.astype(np.uint16) << 4 | 5
    np.testing.assert_array_equal(
        read_image(save_dicom(tmp_path / "scan.dcm", deep, bits=12)), COLOUR
    )


def test_ybr_becomes_rgb(tmp_path):
    ybr = np.asarray(Image.fromarray(COLOUR).convert("YCbCr"))
    path = save_dicom(tmp_path / "scan.dcm", ybr, PhotometricInterpretation="YBR_FULL")
    assert np.abs(read_image(path).astype(int) - COLOUR).max() <= 2


def palette(n_entries, dtype):
    tables = np.random.default_rng(4).integers(0, np.iinfo(dtype).max, (3, n_entries), dtype=dtype)
    elements = {"PhotometricInterpretation": "PALETTE COLOR"}
    for name, table in zip(("Red", "Green", "Blue"), tables, strict=True):
        stem = f"{name}PaletteColorLookupTable"
        elements[f"{stem}Descriptor"] = [n_entries, 0, 8 * table.itemsize]
        elements[f"{stem}Data"] = table.tobytes()
    return tables, elements


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_palettes_become_rgb(tmp_path, dtype):
    tables, elements = palette(256, dtype)
    read = read_image(save_dicom(tmp_path / "scan.dcm", GREY, **elements))
    wanted = tables[:, GREY] >> (8 * np.dtype(dtype).itemsize - 8)
    np.testing.assert_array_equal(read, np.moveaxis(wanted, 0, 2))


def test_size_crop_and_channels_apply(tmp_path):
    path = save_dicom(tmp_path / "scan.dcm", COLOUR)
    Image.fromarray(COLOUR).save(tmp_path / "scan.png")
    how = {"crop": (6, 8), "size": (3, 4), "channels": 1}
    np.testing.assert_array_equal(read_image(path, **how), read_image(tmp_path / "scan.png", **how))


def test_frames_are_read_by_name(tmp_path):
    frames = np.stack([GREY, 255 - GREY, GREY // 2])
    path = save_dicom(tmp_path / "cine.dcm", frames, n_frames=3)
    for i in range(3):
        np.testing.assert_array_equal(read_image(f"{path}[{i}]"), frames[i])
    with pytest.raises(ImageFileError, match=r"cine\.dcm' .*3 frames.*load_image_folder.*dcm\[0\]"):
        read_image(path)
    with pytest.raises(ImageFileError, match=r"cine\.dcm' .*no frame 3: it holds 3"):
        read_image(f"{path}[3]")
    single = save_dicom(tmp_path / "single.dcm", GREY)
    np.testing.assert_array_equal(read_image(f"{single}[0]"), GREY)


def test_a_file_may_have_brackets_in_its_name(tmp_path):
    np.testing.assert_array_equal(read_image(save_dicom(tmp_path / "IM[1]", GREY)), GREY)


def test_enhanced_files_have_a_window_for_each_frame(tmp_path):
    def group(**macros):
        item = pydicom.Dataset()
        for name, elements in macros.items():
            inner = pydicom.Dataset()
            for keyword, value in elements.items():
                setattr(inner, keyword, value)
            setattr(item, f"{name}Sequence", [inner])
        return item

    of_frame = [{"WindowCenter": 1000, "WindowWidth": 500}, {}]
    path = save_dicom(
        tmp_path / "enhanced.dcm",
        np.stack([DEEP, DEEP]),
        n_frames=2,
        SharedFunctionalGroupsSequence=[
            group(
                PixelValueTransformation={"RescaleSlope": 2, "RescaleIntercept": 10},
                FrameVOILUT={"WindowCenter": 4000, "WindowWidth": 3000},
            )
        ],
        PerFrameFunctionalGroupsSequence=[group(FrameVOILUT=window) for window in of_frame],
    )
    values = 2.0 * DEEP + 10
    np.testing.assert_array_equal(read_image(f"{path}[0]"), linear(values, 1000, 500))
    np.testing.assert_array_equal(read_image(f"{path}[1]"), linear(values, 4000, 3000))


def test_run_lengths_are_decoded(tmp_path):
    header = make_dicom(GREY)
    header.compress(pydicom.uid.RLELossless)
    header.save_as(tmp_path / "scan.dcm", enforce_file_format=True)
    np.testing.assert_array_equal(read_image(tmp_path / "scan.dcm"), GREY)


REAL = ["MR_small_RLE", "MR_small_bigendian", "MR_small_implicit", "MR_small_jp2klossless"]


@pytest.mark.parametrize("name", REAL)
def test_one_image_of_a_scanner_is_the_same_in_every_transfer_syntax(name):
    """These files come with pydicom."""
    first, other = (
        pydicom.data.get_testdata_file(f"{file}.dcm", download=False) for file in ("MR_small", name)
    )
    if "jp2k" in name and not features.check_codec("jpg_2000"):
        pytest.skip("this Pillow decodes no JPEG 2000")
    header = pydicom.dcmread(first)
    wanted = linear(header.pixel_array, header.WindowCenter, header.WindowWidth)
    for file in (first, other):
        np.testing.assert_array_equal(read_image(file), wanted)


def refused(path, what):
    with pytest.raises(ImageFileError, match=what) as caught:
        read_image(path)
    assert repr(str(path)) in str(caught.value)


def test_without_a_decoder_the_error_says_what_to_install(tmp_path, monkeypatch):
    path = save_dicom(tmp_path / "scan.dcm", GREY)
    monkeypatch.setattr(pydicom.pixels, "get_decoder", lambda _: SimpleNamespace(is_available=0))
    refused(path, r"compressed as 'Explicit VR.*no decoder.*pip install python-gdcm")


def test_a_decoder_that_fails_is_told_from_damage(tmp_path):
    header = make_dicom(DEEP, bits=12, syntax=pydicom.uid.JPEGExtended12Bit)
    header.PixelData = pydicom.encaps.encapsulate([b"\xff\xd8" + bytes(200)])
    header.save_as(tmp_path / "scan.dcm", enforce_file_format=True)
    refused(tmp_path / "scan.dcm", "'JPEG Extended.*cannot be decoded.*install another decoder")


def test_films_are_refused(tmp_path):
    header = make_dicom(GREY, syntax=pydicom.uid.MPEG2MPML)
    header.PixelData = pydicom.encaps.encapsulate([bytes(200)])
    header.save_as(tmp_path / "film.dcm", enforce_file_format=True)
    refused(tmp_path / "film.dcm", "MPEG2.*does not decode")


def test_without_pydicom_the_error_says_so(tmp_path, monkeypatch):
    path = save_dicom(tmp_path / "scan.dcm", GREY)
    monkeypatch.setitem(sys.modules, "pydicom", None)
    with pytest.raises(PydicomImportError, match=r"scan\.dcm'.*pip install \"pydicom>=3\.0\""):
        read_image(path)
    assert issubclass(PydicomImportError, ImportError)


def test_too_many_pixels_are_refused_before_they_are_decoded(tmp_path, monkeypatch):
    header = make_dicom(GREY)
    header.Rows = header.Columns = 60_000
    header.save_as(tmp_path / "bomb.dcm", enforce_file_format=True)
    monkeypatch.setattr(pydicom.pixels, "pixel_array", lambda *_, **__: pytest.fail("decoded"))
    refused(tmp_path / "bomb.dcm", "more pixels.*60000x60000.*MAX_IMAGE_PIXELS")


def test_more_frames_than_bytes_are_refused(tmp_path):
    path = save_dicom(tmp_path / "bomb.dcm", GREY[None], n_frames=1, NumberOfFrames=2_000_000_000)
    refused(path, "2000000000 frames, and it has")


def test_deflated_headers_are_refused_unread(tmp_path, monkeypatch):
    path = save_dicom(
        tmp_path / "bomb.dcm",
        np.zeros((2000, 2000), dtype=np.uint8),
        syntax=pydicom.uid.DeflatedExplicitVRLittleEndian,
    )
    assert path.stat().st_size < 20_000
    monkeypatch.setattr(pydicom, "dcmread", lambda *_, **__: pytest.fail("inflated"))
    refused(path, "deflated.*Explicit VR Little Endian")


def save_report(path):
    header = make_dicom(GREY, Modality="SR")
    for name in ("Rows", "Columns", "PixelData"):
        delattr(header, name)
    header.save_as(path, enforce_file_format=True)


def save_floats(path):
    header = make_dicom(GREY)
    del header.PixelData
    header.BitsAllocated = 32
    header.FloatPixelData = np.full(GREY.shape, np.nan, dtype=np.float32).tobytes()
    header.save_as(path, enforce_file_format=True)


REFUSED = {
    "empty.dcm": (lambda path: path.touch(), "empty"),
    "notes.dcm": (lambda path: path.write_text("patient 12, see page 3\n" * 20), "no DICOM file"),
    "folder.dcm": (lambda path: path.mkdir(), "no DICOM file"),
    "report.dcm": (save_report, "holds no image .modality 'SR'"),
    "nan.dcm": (save_floats, "not finite"),
    "cmyk.dcm": (
        lambda path: save_dicom(path, COLOUR, PhotometricInterpretation="CMYK"),
        "'CMYK', which is not read",
    ),
    "narrow.dcm": (
        lambda path: save_dicom(path, DEEP, WindowCenter=5, WindowWidth=0),
        "Window Width must be",
    ),
    "palette.dcm": (
        lambda path: save_dicom(path, DEEP, bits=12, **palette(4096, np.uint8)[1]),
        "4096 entries of 8 bits",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_single_meaning_is_refused_by_name(tmp_path, name):
    make, what = REFUSED[name]
    make(tmp_path / name)
    refused(tmp_path / name, what)


@pytest.mark.parametrize("name", ["gone.dcm", "gone.dcm[2]", "gone", "gone[2]"])
def test_a_missing_file_is_named(tmp_path, name):
    with pytest.raises(MissingPathError, match="gone"):
        read_image(tmp_path / name)


@settings(deadline=None, max_examples=25)
@given(part=st.floats(0, 1))
def test_a_truncated_file_is_refused_or_complete(tmp_path_factory, part):
    folder = tmp_path_factory.mktemp("cut")
    whole = save_dicom(folder / "whole.dcm", GREY).read_bytes()
    (folder / "cut.dcm").write_bytes(whole[: int(part * len(whole))])
    if part == 1:
        np.testing.assert_array_equal(read_image(folder / "cut.dcm"), GREY)
    else:
        refused(folder / "cut.dcm", "cannot be used")
