"""Folders of any shape, with any names: loaded as they are, or refused for a reason."""

import os
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image

from dlboi.datasets import load_image_folder
from dlboi.exceptions import ImageFolderError

PARTS = {"train", "training", "test", "testing", "val", "valid", "validation"}
TYPICAL = ["a", "B", "p 1", "p1", "Größe", "患者", ".git", "test", "train", "[x](y)", r"\d+", "%s"]

NAMES = st.one_of(
    st.sampled_from(TYPICAL),
    st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=8),
).filter(lambda name: name not in (".", ".."))
SUFFIXES = st.sampled_from([*[".png"] * 5, ".PNG", ".bmp", ".txt", "", ".png.txt", ".7"])
FILES = st.lists(st.tuples(NAMES, SUFFIXES).map("".join), max_size=3)
TREES = st.dictionaries(
    NAMES, st.tuples(FILES, st.dictionaries(NAMES, FILES, max_size=2)), max_size=4
)


def write_tree(root, tree):
    """Write folders of files, and of folders of files; each file is an image of one grey level."""
    level = 0
    for name, (files, patients) in tree.items():
        for folder, names in {".": files, **patients}.items():
            try:
                (root / name / folder).mkdir(parents=True, exist_ok=True)
                for file in names:
                    image = Image.fromarray(np.full((3, 4), level, dtype=np.uint8))
                    image.save(root / name / folder / file, "PNG")
                    level += 1
            except OSError:  # a file and a folder of one name, or one the system does not take
                assume(False)


def images_of_classes(root):
    """Return the images of each class folder, found by other means than the loader's."""
    images = {}
    for name in sorted(entry.name for entry in root.iterdir() if entry.name[0] != "."):
        below = [
            Path(folder, file).relative_to(root)
            for folder, _, files in os.walk(root / name)
            for file in files
        ]
        images[name] = sorted(
            path.as_posix()
            for path in below
            if path.name.lower().endswith((".png", ".bmp"))
            and not any(part.startswith(".") for part in path.parts)
        )
    return images


def reason_to_refuse(root, images):
    """Return what the error must say, or None."""
    if not images:
        return "has no sub-folder"
    if all(name.lower() in PARTS for name in images):
        return "parts of a set"
    for name, files in images.items():
        if not files:
            return re.escape(f"'{root / name}' holds no image")
    inner = [
        {file.split("/")[1] if file.count("/") > 1 else "" for file in files}
        for files in images.values()
    ]
    same = len(images) > 1 and all(names == inner[0] for names in inner)
    return "hold no image themselves" if same and "" not in inner[0] else None


@settings(deadline=None, max_examples=60)
@given(tree=TREES)
def test_any_tree_is_loaded_as_it_is_or_refused_for_a_reason(tmp_path_factory, tree):
    root = tmp_path_factory.mktemp("tree")
    write_tree(root, tree)
    images = images_of_classes(root)
    if (reason := reason_to_refuse(root, images)) is not None:
        with pytest.raises(ImageFolderError, match=reason):
            load_image_folder(root)
        return
    dataset = load_image_folder(root)
    files = [file for of_class in images.values() for file in of_class]
    assert dataset.filenames.tolist() == [str(root / file) for file in files]
    assert dataset.target_names.tolist() == list(images)
    assert dataset.target_names[dataset.target].tolist() == [file.split("/")[0] for file in files]
    for file, image in zip(files, dataset.data, strict=True):
        np.testing.assert_array_equal(image, np.asarray(Image.open(root / file)))


@settings(deadline=None, max_examples=40)
@given(patients=st.dictionaries(NAMES, st.sets(NAMES, min_size=1, max_size=3), min_size=1))
def test_patients_in_folders_are_found_whatever_their_names(tmp_path_factory, patients):
    root = tmp_path_factory.mktemp("patients")
    files = {"image.png"}
    write_tree(
        root, {name: ([], dict.fromkeys(of_class, files)) for name, of_class in patients.items()}
    )
    images = images_of_classes(root)
    assume(images and all(images.values()) and not all(name.lower() in PARTS for name in images))
    dataset = load_image_folder(root, groups=1)
    files = [file for of_class in images.values() for file in of_class]
    assert dataset.groups.tolist() == [file.split("/")[1] for file in files]


def test_names_that_are_no_text_are_names(tmp_path):
    name = os.fsdecode(b"scan \xff.png")
    try:
        write_tree(tmp_path, {"a": ([name], {}), "b": (["1.png"], {})})
    except OSError:
        pytest.skip("this system takes no such name")
    dataset = load_image_folder(tmp_path)
    assert dataset.filenames.tolist() == [str(tmp_path / "a" / name), str(tmp_path / "b" / "1.png")]
    np.testing.assert_array_equal(dataset.data[:, 0, 0], [0, 1])
