"""The command dlboi info."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from dlboi.cli import main
from dlboi.datasets import load_image_folder


def _write(path, seed, *, size=(12, 16), colour=False):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (*size, 3)[: 3 if colour else 2])
    Image.fromarray(pixels.astype("uint8")).save(path)


@pytest.fixture
def images(tmp_path):
    """Training images of patients 0 to 5 and test images of 6 to 8, without a fault."""
    for part, patients in (("train", range(6)), ("test", range(6, 9))):
        for patient in patients:
            for number, name in enumerate(("ill", "well")):
                file = tmp_path / "set" / part / name / f"P{patient}_{number}.png"
                _write(file, 2 * patient + number)
    return tmp_path / "set"


def _document(capsys, *arguments):
    assert main(["info", *map(str, arguments), "--json", "--quiet"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    return json.loads(printed.out)


def test_a_folder_without_fault_is_counted_and_not_warned_of(images, capsys):
    found = _document(capsys, images, "--groups", r"(P\d+)_")
    train, test = found["parts"]
    assert train == {
        "folder": str(images / "train"),
        "n_images": 12,
        "classes": {"ill": 6, "well": 6},
        "n_patients": 6,
        "sizes": [[12, 16]],
        "modes": {"L": 12},
        "unusable": [],
        "n_passed_over": 0,
    }
    assert (test["n_images"], test["n_patients"]) == (6, 3)
    assert found["warnings"] == []


def test_every_unusable_file_is_named_and_the_loader_refuses_the_same(images, capsys):
    train = images / "train"
    whole = (train / "ill" / "P0_0.png").read_bytes()
    (train / "ill" / "P1_0.png").write_text("no image")
    (train / "well" / "P2_1.png").write_bytes(whole[: len(whole) // 2])
    (train / "well" / "notes.txt").write_text("passed over")
    found = _document(capsys, train, "--groups", "(P.)_")
    faulty = [str(train / "ill" / "P1_0.png"), str(train / "well" / "P2_1.png")]
    assert found["parts"][0]["unusable"] == faulty
    for file, said, word in zip(faulty, found["warnings"], ("no PNG", "truncated"), strict=False):
        assert file in said
        assert word in said
    assert f"1 file of '{train}' would be passed over" in found["warnings"][2]
    with pytest.raises(ValueError, match=r"P1_0\.png"):
        load_image_folder(train)


def _shared_patient(images):
    _write(images / "test" / "ill" / "P3_9.png", 99)


def _copy_across(images):
    shutil.copy(images / "train" / "ill" / "P0_0.png", images / "test" / "well" / "P8_2.png")


def _other_size(images):
    _write(images / "train" / "ill" / "P0_2.png", 99, size=(20, 10))


def _unknown_class(images):
    (images / "test" / "well").rename(images / "test" / "Well")


def _one_patient(images):
    for file in (images / "test" / "ill").glob("P[67]*"):
        file.unlink()


def _deep_image(images):
    pixels = np.full((12, 16), 40_000, dtype=np.uint16)
    Image.fromarray(pixels).save(images / "train" / "ill" / "P0_2.png")


def _folder_beside(images):
    (images / "val").mkdir()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (_shared_patient, ["1 patient has images in training and test images: P3."]),
        (_copy_across, ["1 image is there more", "1 in training and test", "1 in different"]),
        (_other_size, ["2 sizes, 12 to 20 pixels high and 10 to 16 wide", "--size"]),
        (_unknown_class, ["has not: Well", "has no image of well"]),
        (_one_patient, ["All images of ill in", "are of one patient"]),
        (_deep_image, ["16 bits"]),
        (_folder_beside, ["Not looked at: val"]),
    ],
)
def test_a_fault_is_warned_of(fault, said, images, capsys):
    fault(images)
    text = "\n".join(_document(capsys, images, "--groups", r"(P\d+)_")["warnings"])
    for words in said:
        assert words in text


def test_patients_are_proposed_where_none_are_named(images, capsys):
    assert main(["info", str(images), "--quiet"]) == 0
    printed = capsys.readouterr()
    assert r"suggest --groups '(P\d+)'" in printed.out
    assert f"| {images / 'train'} | ill | 6 | 0.5000 | n/a |" in printed.out
    assert printed.err == ""


def test_progress_goes_to_standard_error(images, capsys):
    assert main(["info", str(images), "--json"]) == 0
    printed = capsys.readouterr()
    json.loads(printed.out)
    assert "12/12" in printed.err


def test_a_reader_that_has_seen_enough_is_no_error(images):
    read, write = os.pipe()
    os.close(read)
    code = "import sys; from dlboi.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "info", str(images), "--quiet"]
    ended = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (ended.returncode, ended.stderr) == (1, "")


def test_ctrl_c_while_files_are_read_ends_info_cleanly(images, monkeypatch, capsys):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("dlboi.cli._folder_facts.read_image", interrupted)
    assert main(["info", str(images), "--json", "--quiet"]) == 130
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "\ndlboi info: interrupted, nothing written\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{images}/no_such_folder"], "no_such_folder"),
        (["{images}/train/ill"], "has no sub-folder"),
        (["{images}", "--groups", "("], "groups"),
        (["{images}", "--groups", "Q"], "have no group"),
    ],
)
def test_bad_input_of_info_is_named(arguments, message, images, capsys):
    arguments = [argument.format(images=images) for argument in arguments]
    assert main(["info", *arguments, "--json"]) == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert printed.out == ""
