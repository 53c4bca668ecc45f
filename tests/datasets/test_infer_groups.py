"""Where in file names the patient stands, and what is said of it."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from dlboi.datasets import infer_groups, load_image_folder, make_chest_phantoms
from dlboi.datasets._shared_numbers import shared_numbers

CHEST = r"(person\d+_[a-z]+|(?:NORMAL2-)?IM-\d+)"


def same_division(groups, others):
    return adjusted_rand_score(groups, others) == 1


def searched(pattern, names):
    return [re.search(pattern, name)[1] for name in names]


@pytest.mark.realdata
@pytest.mark.parametrize("part", ["", "train", "test"])
def test_chest_images(real_data, part):
    files = [str(path) for path in sorted((real_data / "chest_xray" / part).rglob("*.jpeg"))]
    proposal = infer_groups(files)
    assert same_division(proposal.groups, searched(CHEST, files))
    number_alone = [p for p in proposal.table["pattern"] if re.search(r"person\\d\+[|)]", p)]
    assert number_alone
    assert any("the number alone may merge different patients" in r for r in proposal.reasons)


@pytest.mark.realdata
def test_biopsies(real_data):
    folder = real_data / "colorectal_biopsies"
    files = [str(path) for path in folder.rglob("*.jpeg")]
    proposal = infer_groups(files)
    assert proposal.pattern == r"(\d{7})"
    assert same_division(proposal.groups, searched(r"(\d{7})", files))
    assert any("It seems to mean the same under each word" in r for r in proposal.reasons)
    loaded = load_image_folder(folder, groups=proposal.pattern, lazy=True)
    assert len(np.unique(loaded.groups)) == len(np.unique(proposal.groups))


NAMES = {
    "running number within patients": lambda p, i: f"a/{p:03d}_{i}.png",
    "session within subject": lambda p, i: f"sub-{p:02d}_ses-0{i}.tif",
    "site before the patient": lambda p, i: f"site{p % 2}_patient{p:02d}_{i}.png",
    "class before the patient": lambda p, i: (
        f"{'ab'[p % 2]}/{'tumour' if p % 2 else 'x'}_{p}_{i}.png"
    ),
    "folders of patients": lambda p, i: f"{'ab'[p % 2]}/P{p}/image{i}.png",
    "folders of visits": lambda p, i: f"{'ab'[p % 2]}/P{p}/visit{i}/image_{i % 2}.png",
    "names": lambda p, i: f"{'ABCDEFGHIJKLMNOP'[p]}x_{i}.png",
    "digits in folders": lambda p, i: f"scanner{p % 2}/{i % 2}/P{p}_{i}.png",
    "backslashes": lambda p, i: f"C:\\images\\P{p:04d}-{i}.png",
}


@pytest.mark.parametrize("name", NAMES)
def test_the_patient_is_found(name):
    pairs = [(patient, image) for patient in range(16) for image in range(4)]
    files = [NAMES[name](*pair) for pair in pairs]
    proposal = infer_groups(files)
    assert same_division(proposal.groups, [patient for patient, _ in pairs]), str(proposal)
    assert np.array_equal(proposal.groups, proposal.groups_by(proposal.pattern))
    assert proposal.pattern in str(proposal)
    assert proposal.table["pattern"][0] == proposal.pattern
    assert proposal.table["groups"][0] == 16
    for files_of_group in proposal.examples.values():
        assert set(files_of_group) <= set(proposal.filenames)


@settings(max_examples=40, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 5), min_size=8, max_size=30).filter(lambda s: max(s) > 1),
    width=st.integers(1, 5),
    separator=st.sampled_from("_-. "),
    seed=st.integers(0, 10**6),
)
def test_any_numbers_of_images(sizes, width, separator, seed):
    numbers = np.random.default_rng(seed).permutation(len(sizes))
    patients = np.repeat(numbers, sizes)
    places = np.concatenate([np.arange(size) for size in sizes])
    files = [f"c/p{n:0{width}d}{separator}{i}.png" for n, i in zip(patients, places, strict=True)]
    assert same_division(infer_groups(files).groups, patients)


def test_a_pattern_loads_the_files(write_images):
    names = [f"{'ab'[p % 2]}/P{p:02d}_{i}.png" for p in range(6) for i in range(3)]
    root = write_images(*names)
    files = load_image_folder(root, lazy=True).filenames
    proposal = infer_groups(files)
    loaded = load_image_folder(root, groups=proposal.pattern, lazy=True)
    assert np.array_equal(loaded.groups, proposal.groups)


@pytest.mark.parametrize(
    "files",
    [
        [f"img_{i:04d}.png" for i in range(20)],
        ["one.png"],
        [f"a/{word}.png" for word in ("ash", "oak", "elm", "yew")],
        [f"{'ab'[i % 2]}_{i}.png" for i in range(20)],
        [f"{np.random.default_rng(i).bytes(8).hex()}.png" for i in range(30)],
        ["same.png"] * 5,
    ],
    ids=["running numbers", "one file", "words", "class and number", "hashes", "all the same"],
)
def test_nothing_is_proposed_where_names_tell_nothing(files):
    proposal = infer_groups(files)
    assert proposal.pattern is None
    assert proposal.groups is None
    assert "No pattern of the patient is proposed" in str(proposal)
    assert "none" in repr(proposal)


def test_phantoms():
    phantoms = make_chest_phantoms(60, n_patients=20, random_state=0)
    assert same_division(infer_groups(phantoms.filenames).groups, phantoms.groups)


def test_groups_that_span_classes_and_folders_are_counted():
    files = [
        f"{part}/{'ab'[p % 2]}/P{p:02d}_{i}.png" for p in range(9) for i in (1, 2) for part in "uv"
    ]
    files.append("u/b/P00_3.png")
    table = infer_groups(files).table
    assert (table["in_several_classes"][0], table["in_several_folders"][0]) == (1, 9)


@pytest.mark.parametrize("filenames", [[], "a.png", Path("a.png"), [1, 2], [None, "a.png"], ["/"]])
def test_what_is_no_list_of_paths_is_refused(filenames):
    with pytest.raises(ValueError, match="The 'filenames' parameter of infer_groups"):
        infer_groups(filenames)


def test_numbers_of_two_dense_series_are_shared_by_chance():
    found = shared_numbers([*range(1, 41), *range(1, 41)], ["a"] * 40 + ["b"] * 40)
    assert (found.n_shared, found.by_chance, found.more_than_chance) == (40, 40, False)


def test_numbers_of_two_sparse_series_are_not():
    numbers = np.random.default_rng(0).integers(10**6, 10**7, 40).tolist()
    found = shared_numbers(numbers * 2, ["a"] * 40 + ["b"] * 40)
    assert found.n_shared == 40
    assert found.by_chance < 2
    assert found.more_than_chance


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.text("aBé019_-. /²", max_size=12).map(lambda name: f"{name}.png"),
        min_size=1,
        max_size=25,
    )
)
def test_any_names_get_a_pattern_that_holds_or_none(names):
    proposal = infer_groups(names)
    if proposal.pattern is None:
        assert proposal.groups is None
    else:
        assert np.array_equal(proposal.groups, proposal.groups_by(proposal.pattern))
        assert 1 < len(np.unique(proposal.groups)) < len(names)
    assert len({len(column) for column in proposal.table.values()}) == 1
    assert str(proposal)
