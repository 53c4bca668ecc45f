"""Images that are in a set more than once are found, others are not, and odd input is refused."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dlboi.bias import find_duplicates
from dlboi.bias._duplicates._align import align, start_of
from dlboi.bias._duplicates._calibrate import candidate_threshold
from dlboi.bias._duplicates._clusters import Clusters
from dlboi.bias._duplicates._plant import changed, crop
from dlboi.bias._duplicates._symmetries import NAMES, turned
from dlboi.bias._duplicates._thumbnails import (
    Thumbnails,
    greatest_similarities,
    parity_parts,
    similarities_by_symmetry,
    standardise,
)
from dlboi.datasets import load_image_folder, make_chest_phantoms
from dlboi.exceptions import ImageFileError

PATIENT = r"(person\d+_[a-z]+|(?:NORMAL2-)?IM-\d+)"


@pytest.fixture(scope="module")
def chest():
    return make_chest_phantoms(24, image_size=64, random_state=1, n_patients=24)


@pytest.fixture(scope="module")
def with_copies(chest):
    """Phantoms, changed copies of one of them as patients of their own, and a copy of another."""
    copies = changed(chest.data[7], np.random.default_rng(0))
    X = np.concatenate([chest.data, np.stack(list(copies.values())), chest.data[3:4]])
    groups = np.append(chest.groups, [f"copy {i}" for i in range(len(copies) + 1)])
    found = find_duplicates(X, groups=groups, in_test=np.arange(len(X)) >= 24, n_planted=8)
    return found, list(copies)


def partners(found, index):
    codes = found.joined_groups
    return set(np.flatnonzero(codes == codes[index]).tolist()) - {index}


def test_changed_copies_are_found_and_nothing_else(with_copies):
    found, kinds = with_copies
    assert partners(found, 7) == set(range(24, 24 + len(kinds)))
    assert partners(found, 3) == {24 + len(kinds)}
    assert len(np.unique(found.joined_groups)) == 24
    assert found.recall["all"] >= 0.98
    assert found.cross_patient.all()
    assert found.cross_class is None


def test_kind_symmetry_and_split_of_pairs(with_copies):
    found, kinds = with_copies
    by_pair = {tuple(pair): i for i, pair in enumerate(found.pairs.tolist())}
    exact = by_pair[3, 24 + len(kinds)]
    assert (found.kinds[exact], found.similarities[exact]) == ("exact", 1.0)
    assert (found.kinds == "exact").sum() == 1
    for kind, symmetry in {
        "crop of 2 %": "none",
        "vertical flip": "vertical flip",
        # The copy is turned by 90 degrees, and three quarters more bring it back.
        "rotation by 90°": "rotation by 270°",
    }.items():
        near = by_pair[7, 24 + kinds.index(kind)]
        assert found.symmetries[near] == symmetry
        assert found.similarities[near] > found.threshold
        assert found.cross_split[near]
    assert not found.cross_split[by_pair[24, 25]]


def test_phantoms_with_planted_duplicates():
    chest = make_chest_phantoms(40, duplicates=0.1, random_state=3)
    found = find_duplicates(chest.data, y=chest.target, groups=chest.groups, n_planted=10)
    copies = np.flatnonzero(chest.duplicate_of >= 0)
    planted = np.sort(np.stack([chest.duplicate_of[copies], copies], axis=1), axis=1)
    assert set(map(tuple, planted.tolist())) <= set(map(tuple, found.pairs.tolist()))
    assert not found.cross_class.any()
    # A copy may also match other images of its original's patient.
    assert found.cross_patient.sum() <= 2 * len(copies)


def test_tables_and_notes(with_copies):
    found, _ = with_copies
    counts, pairs, recall = found.tables
    assert counts.columns["pairs"] == [1, len(found.pairs) - 1]
    assert counts.columns["across classes"] == [None, None]
    assert pairs.columns["across"][0] == "splits, patients"
    assert recall.columns["change"][-1] == "all"
    assert "calibrated on" in found.calibration or "fixed" in found.calibration
    assert "changed copies" in found.notes[1]


def test_the_same_seed_gives_the_same(chest):
    first, second = (
        find_duplicates(chest.data[:8], groups=chest.groups[:8], n_planted=2, random_state=3)
        for _ in range(2)
    )
    assert first.threshold == second.threshold
    assert first.recall == second.recall


def test_without_patients_the_threshold_is_fixed_and_said_to_be(chest):
    found = find_duplicates(chest.data[:10], n_planted=0)
    assert found.threshold == 0.9
    assert "patients are not known" in found.calibration
    assert found.cross_patient is None
    assert found.recall == {}
    assert len(found.tables) == 2
    assert find_duplicates(chest.data[:10], n_planted=0, threshold=0.95).threshold == 0.95


def test_small_images_of_different_patients_are_not_taken_for_copies():
    small = make_chest_phantoms(60, image_size=32, random_state=0, n_patients=60)
    X = np.concatenate([small.data, small.data[:1, ::-1]])
    found = find_duplicates(X, groups=np.append(small.groups, "copy"), n_planted=5)
    assert found.pairs.tolist() == [[0, 60]]
    assert found.threshold == 0.99
    assert "fewer than 64 pixels" in found.calibration
    assert len(find_duplicates(X, n_planted=0, threshold=0.9).pairs) > 1


def test_type_and_layout_do_not_matter(chest):
    X = np.concatenate([chest.data[:12], chest.data[:1, ::-1]])
    colour = np.repeat(X[..., None], 3, axis=3)
    layouts = (
        X.astype(np.uint16) * 257,
        X / 255,
        X.reshape(len(X), -1),
        colour,
        colour.transpose(0, 3, 1, 2),
        list(X),
    )
    for images in layouts:
        assert find_duplicates(images, n_planted=1).pairs.tolist() == [[0, 12]]


def test_files_of_different_sizes_and_formats(tmp_path, chest):
    paths = [tmp_path / f"{i}.png" for i in range(6)]
    for path, image in zip(paths, chest.data, strict=False):
        Image.fromarray(image).save(path)
    paths += [tmp_path / "a.jpeg", tmp_path / "b.bmp"]
    Image.fromarray(chest.data[2]).resize((150, 120)).save(paths[6], quality=90)
    Image.fromarray(chest.data[4]).save(paths[7])
    found = find_duplicates(paths, n_planted=2, n_jobs=2)
    assert found.pairs.tolist() == [[4, 7], [2, 6]]
    assert found.kinds.tolist() == ["exact", "near"]
    assert found.tables[1].columns["image"][0] == str(paths[4])
    paths[1].write_bytes(paths[1].read_bytes()[:200])
    with pytest.raises(ImageFileError, match=r"1\.png"):
        find_duplicates(paths)


def test_blank_images_are_one_cluster(chest):
    blank = np.zeros((300, 64, 64), np.uint8)
    found = find_duplicates(np.concatenate([chest.data[:5], blank, blank[:1] + 9]), n_planted=1)
    assert found.n_blank == 301
    assert len(found.pairs) == 299
    assert partners(found, 5) == set(range(6, 305))
    assert partners(found, 305) == set()
    assert "301 images are blank" in found.notes[-1]


def test_many_near_copies_of_one_image_are_connected_and_not_all_listed(chest):
    rng = np.random.default_rng(0)
    copies = chest.data[0] + rng.integers(0, 2, (70, 64, 64))
    found = find_duplicates(copies.astype(np.uint8), n_planted=0)
    assert len(np.unique(found.joined_groups)) == 1
    assert len(found.pairs) < 70 * 69 / 2


@pytest.mark.parametrize("n", [1, 2])
def test_few_images(chest, n):
    found = find_duplicates(chest.data[:n], groups=chest.groups[:n], in_test=[False] * n)
    assert found.pairs.shape == (0, 2)
    assert found.cross_split.shape == (0,)
    assert len(set(found.joined_groups.tolist())) == n
    assert found.recall["all"] > 0.9


def test_only_blank_images():
    found = find_duplicates(np.zeros((3, 20, 20)))
    assert found.pairs.tolist() == [[0, 1], [0, 2]]
    assert found.recall == {}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"X": [np.zeros((4, 5)), np.zeros((5, 4))]}, "X must be one array of images of one size"),
        ({"X": np.full((4, 5, 5), np.nan)}, "contains NaN. The first image with one is at index 0"),
        ({"X": "folder"}, "X must hold one path an image"),
        ({"X": np.empty((0, 8, 8))}, "minimum of 1"),
        ({"groups": [1, 2]}, "'groups' parameter of find_duplicates"),
        ({"y": [1, 2]}, "'y' parameter of find_duplicates"),
        ({"in_test": [0, 1, 1, 0]}, "'in_test' parameter of find_duplicates must be boolean"),
        ({"filenames": ["a"]}, "'filenames' parameter of find_duplicates"),
        ({"threshold": 1.5}, "'threshold' parameter of find_duplicates"),
    ],
)
def test_bad_input(change, message):
    X = np.random.default_rng(0).integers(0, 255, (4, 16, 16), dtype=np.uint8)
    with pytest.raises(ValueError, match=message):
        find_duplicates(**{"X": X, "n_planted": 0} | change)


# --------------------------------------------------------------------------------------- the parts


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_parity_parts_give_the_greatest_correlation_over_symmetries(seed):
    images = torch.from_numpy(np.random.default_rng(seed).normal(size=(2, 3, 32, 32))).float()
    whole, zoomed = standardise(images[0]), standardise(images[1])
    every = slice(None)
    greatest = greatest_similarities(parity_parts(whole), parity_parts(zoomed), every, every)
    thumbnails = Thumbnails(whole, zoomed, None)
    first, second = torch.arange(3).repeat_interleave(3), torch.arange(3).repeat(3)
    similarity, _ = similarities_by_symmetry(thumbnails, first, second)
    expected = similarity.amax(dim=1).reshape(3, 3)
    torch.testing.assert_close(greatest, expected, rtol=0, atol=1e-5)


def test_many_duplicates_do_not_hide_the_copies_that_are_least_alike():
    rng = np.random.default_rng(0)
    scenes = np.repeat(rng.normal(size=(200, 32, 32)), np.repeat([9, 1], 100), axis=0)
    images = standardise(torch.from_numpy(scenes + rng.normal(0, 0.1, scenes.shape)).float())
    planted = np.stack([np.full(30, 0.9999), rng.normal(0.7, 0.02, 30)], axis=1)
    thumbnails = Thumbnails(images, images, images)
    level = candidate_threshold(thumbnails, np.arange(1000), planted, rng)
    assert 0.5 < level < planted.min()


@pytest.mark.parametrize(("scale", "shift"), [(0.97, 0.02), (1.03, -0.02)])
def test_alignment_finds_scale_and_shift(scale, shift):
    # A field of view in which smooth structure lies everywhere, seen through a known alignment.
    rows, columns = torch.meshgrid(*[(torch.arange(64) + 0.5) / 32 - 1] * 2, indexing="ij")

    def seen(scale, shift):
        x, y = scale * columns + shift, scale * rows - shift
        return (torch.sin(9 * x + 4 * y) + torch.cos(7 * y - 3 * x))[None]

    fixed, moving = seen(scale, shift), 3 * seen(1.0, 0.0) + 5
    alignment, similarity = align(fixed, moving, start_of(torch.ones(1)), n_steps=6)
    expected = torch.tensor([[scale, shift, scale, -shift]])
    torch.testing.assert_close(alignment, expected, rtol=0, atol=2e-3)
    assert similarity > 0.999


def test_symmetries_are_named_as_numpy_turns():
    image = np.arange(9).reshape(3, 3)
    turns = {
        "horizontal flip": image[:, ::-1],
        "vertical flip": image[::-1],
        "rotation by 90°": np.rot90(image),
        "rotation by 180°": np.rot90(image, 2),
        "rotation by 270°": np.rot90(image, 3),
        "transposition": image.T,
    }
    for name, expected in turns.items():
        result = turned(torch.from_numpy(image)[None], NAMES.index(name))[0]
        np.testing.assert_array_equal(result, expected)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=15))
def test_clusters_are_the_connected_components(edges):
    clusters = Clusters(10)
    reach = np.eye(10, dtype=bool)
    for i, j in edges:
        clusters.join(i, j)
        reach[i, j] = reach[j, i] = True
    for k in range(10):
        reach |= reach[:, [k]] & reach[k]
    codes = clusters.codes()
    np.testing.assert_array_equal(codes[:, None] == codes, reach)
    assert clusters.size_of_common(0, 1) == (reach[0].sum() if reach[0, 1] else 0)


def test_crop_keeps_the_size():
    image = np.arange(100 * 50, dtype=np.uint8).reshape(100, 50)
    assert crop(image, 0.02, np.random.default_rng(0)).shape == (100, 50)


@pytest.mark.realdata
@pytest.mark.slow
def test_chest_x_rays_and_biopsies(real_data):
    sets = (("chest_xray/train", PATIENT), ("chest_xray/test", PATIENT))
    for folder, pattern in (*sets, ("colorectal_biopsies", r"(\d{7})")):
        images = load_image_folder(real_data / folder, groups=pattern)
        found = find_duplicates(images.data, groups=images.groups, n_planted=50)
        assert found.recall["all"] >= 0.99
        assert (found.similarities[found.cross_patient] > 0.99).all()
