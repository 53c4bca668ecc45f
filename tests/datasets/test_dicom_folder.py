"""Folders with DICOM files: frames are images, and share what their file has."""

import csv
import json

import numpy as np
import pytest
from PIL import Image

from dlboi.bias._file_facts import file_facts
from dlboi.cli import main
from dlboi.datasets import infer_groups, load_image_folder
from dlboi.datasets._folder_scan import find_all_images
from dlboi.evaluation._image_digest import image_digest
from dlboi.exceptions import ImageFileError, ImageFolderError
from dlboi.training import ImageFiles
from tests.datasets.dicom_files import make_dicom, save_dicom

RNG = np.random.default_rng(0)
CINE = RNG.integers(0, 256, (11, 12, 10), dtype=np.uint8)
STILL = RNG.integers(0, 256, (12, 10), dtype=np.uint8)


@pytest.fixture
def root(tmp_path):
    """Return a folder of two classes: a film of 11 frames and a still, one of them not named."""
    save_dicom(tmp_path / "images/ill/p1/cine.dcm", CINE, n_frames=len(CINE))
    save_dicom(tmp_path / "images/ill/p2/IM000001", STILL)
    save_dicom(tmp_path / "images/well/p3/still.dcm", STILL)
    (tmp_path / "images/well/p3/DICOMDIR").write_bytes(bytes(128) + b"DICM")
    (tmp_path / "images/well/p3/README").write_text("no image")
    return tmp_path / "images"


def test_frames_are_images_of_their_own_in_their_order(root):
    dataset = load_image_folder(root)
    frames = [str(root / f"ill/p1/cine.dcm[{i}]") for i in range(11)]
    others = [str(root / "ill/p2/IM000001"), str(root / "well/p3/still.dcm")]
    assert dataset.filenames.tolist() == frames + others
    assert dataset.target.tolist() == [0] * 12 + [1]
    np.testing.assert_array_equal(dataset.data, [*CINE, STILL, STILL])
    assert "2 other files passed over" in dataset.DESCR


@pytest.mark.parametrize("groups", [1, r"(p\d)/[^/]+$", "csv"])
def test_frames_share_the_group_of_their_file(root, groups):
    if groups == "csv":
        groups = root.parent / "groups.csv"
        with groups.open("w", newline="") as file:
            rows = [["filename", "patient"], ["cine.dcm", "p1"], ["IM000001", "p2"]]
            csv.writer(file).writerows([*rows, ["well/p3/still.dcm", "p3"]])
    dataset = load_image_folder(root, groups=groups)
    assert dataset.groups.tolist() == ["p1"] * 11 + ["p2", "p3"]


def test_groups_may_be_read_from_the_headers(root):
    save_dicom(root / "well/p3/other.dcm", STILL, PatientID="patient 8")
    dataset = load_image_folder(root, groups="dicom:PatientID")
    assert dataset.groups.tolist() == ["patient 7"] * 12 + ["patient 8", "patient 7"]


@pytest.mark.parametrize("keyword", ["StudyID", "PatentID", "walk", ""])
def test_an_element_that_headers_lack_is_named(root, keyword):
    with pytest.raises(
        ImageFolderError, match=f"cine.*IM000001.*has no '{keyword}' in its header.*dicom:PatientID"
    ):
        load_image_folder(root, groups=f"dicom:{keyword}")


def test_a_file_without_header_has_no_group(root):
    Image.fromarray(STILL).save(root / "well/p3/copy.png")
    with pytest.raises(ImageFolderError, match=r"1 of 14 images.*copy\.png' has no 'PatientID'"):
        load_image_folder(root, groups="dicom:PatientID")


def test_lazy_frames_are_decoded_when_needed(root):
    lazy, eager = load_image_folder(root, lazy=True), load_image_folder(root)
    assert lazy.data.tolist() == eager.filenames.tolist()
    assert lazy.image_shape == eager.image_shape == (1, 12, 10)
    batch = ImageFiles(lazy.data).take(np.array([12, 3, 7]))
    np.testing.assert_array_equal(batch[:, 0], eager.data[[12, 3, 7]])


def test_dicom_and_other_files_may_stand_together(root):
    Image.fromarray(STILL).save(root / "well/p3/copy.png")
    assert load_image_folder(root).data.shape == (14, 12, 10)


def test_a_damaged_header_is_named_also_where_nothing_is_decoded(root):
    (root / "well/p3/still.dcm").write_bytes(bytes(128) + b"DICM" + b"\x08\x00" * 9)
    with pytest.raises(ImageFileError, match=r"still\.dcm"):
        load_image_folder(root, lazy=True)


def test_the_command_line_counts_frames_and_patients(root, capsys):
    assert main(["info", str(root), "--groups", "dicom:PatientID", "--json"]) == 0
    (part,) = json.loads(capsys.readouterr().out)["parts"]
    assert part["classes"] == {"ill": 12, "well": 1}
    assert part["n_patients"] == 1
    assert part["unusable"] == []


def test_frames_are_found_without_class_folders(root):
    files = find_all_images(root / "ill")
    assert files == [*(f"p1/cine.dcm[{i}]" for i in range(11)), "p2/IM000001"]


def test_facts_of_files_know_frames(root):
    names = [root / "ill/p1/cine.dcm[3]", root / "well/p3/still.dcm", root / "gone.dcm[1]"]
    rgb = save_dicom(root / "rgb.dcm", np.zeros((4, 5, 3), dtype=np.uint8))
    facts = file_facts([*names, rgb, root / "well/p3/README", "normal.npy[17]"])
    assert facts.height.tolist()[:2] == [12, 12]
    assert facts.width.tolist()[:2] == [10, 10]
    assert facts.mode.tolist() == ["L", "L", "", "RGB", "", ""]
    assert facts.n_bytes[0] == (root / "ill/p1/cine.dcm").stat().st_size / 11
    assert facts.missing == [str(root / "gone.dcm"), "normal.npy[17]"]
    assert facts.unreadable == [str(root / "well/p3/README")]


def test_digests_tell_frames_apart_and_copies_not(root, tmp_path):
    copy = tmp_path / "copy.dcm"
    copy.write_bytes((root / "ill/p1/cine.dcm").read_bytes())
    digests = [image_digest(f"{root}/ill/p1/cine.dcm[{i}]") for i in range(11)]
    assert len(set(digests)) == 11
    assert [image_digest(f"{copy}[{i}]") for i in range(11)] == digests
    make_dicom(255 - CINE, n_frames=11).save_as(copy, enforce_file_format=True)
    assert image_digest(f"{copy}[0]") not in digests


def test_a_pattern_is_proposed_across_frames():
    names = [f"P{patient:04d}.dcm[{i}]" for patient in range(8) for i in range(3)]
    assert infer_groups(names).groups.tolist() == [f"P{p:04d}" for p in range(8) for _ in range(3)]
