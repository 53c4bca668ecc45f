"""Folders with one sub-folder a class."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.utils import Bunch

from dlboi.datasets import load_image_folder, make_chest_phantoms
from dlboi.datasets._image_files import read_image
from dlboi.exceptions import ImageFileError, ImageFolderError, MissingPathError

NAMES = ("b/2.png", "b/10.png", "a/z.png", "a/deep/er/x.png", "a/y.tif", "c c/1.bmp")
ORDERED = ("a/deep/er/x.png", "a/y.tif", "a/z.png", "b/10.png", "b/2.png", "c c/1.bmp")


def test_classes_order_and_pixels(write_images):
    root = write_images(*NAMES)
    dataset = load_image_folder(root)
    assert isinstance(dataset, Bunch)
    assert dataset.filenames.tolist() == [str(root / name) for name in ORDERED]
    assert dataset.target.tolist() == [0, 0, 0, 1, 1, 2]
    assert dataset.target_names.tolist() == ["a", "b", "c c"]
    assert dataset.groups is None
    assert dataset.data.shape == (6, 12, 10)
    assert dataset.data.dtype == np.uint8
    assert dataset.image_shape == (1, 12, 10)
    for image, name in zip(dataset.data, ORDERED, strict=True):
        np.testing.assert_array_equal(image, read_image(root / name))
    assert "a    3 images" in dataset.DESCR
    assert "12x10" in dataset.DESCR


def test_a_class_name_is_sorted_before_what_is_in_it(write_images):
    # '-' sorts before '/', so that whole paths have another order than class names.
    dataset = load_image_folder(write_images("a/1.png", "a-b/1.png"))
    assert dataset.target.tolist() == [0, 1]
    assert dataset.target_names.tolist() == ["a", "a-b"]


def test_return_X_y(write_images):
    root = write_images(*NAMES)
    dataset = load_image_folder(root)
    X, y = load_image_folder(root, return_X_y=True)
    np.testing.assert_array_equal(X, dataset.data)
    np.testing.assert_array_equal(y, dataset.target)


@pytest.mark.parametrize("n_jobs", [2, 5, -1])
def test_threads_change_nothing(write_images, n_jobs):
    root = write_images(*(f"{code}/{i}.png" for code in "ab" for i in range(40)))
    one, many = load_image_folder(root), load_image_folder(root, n_jobs=n_jobs)
    np.testing.assert_array_equal(one.data, many.data)
    assert one.filenames.tolist() == many.filenames.tolist()
    assert one.DESCR == many.DESCR


@pytest.mark.parametrize("n_jobs", [1, 3])
def test_of_several_damaged_files_the_first_is_named(write_images, n_jobs):
    root = write_images(*(f"a/{i:02}.png" for i in range(50)), "b/x.png")
    for i in (31, 17, 48):
        (root / f"a/{i}.png").write_bytes(b"")
    with pytest.raises(ImageFileError, match=r"17\.png.*empty"):
        load_image_folder(root, n_jobs=n_jobs)


def test_what_is_no_image_is_passed_over(write_images):
    root = write_images("a/1.png", "b/1.png", ".hidden/1.png", "a/.thumbnail.png", "b/.x/1.png")
    for name in ("README.md", "a/Thumbs.db", "b/notes.txt"):
        (root / name).write_text("text")
    dataset = load_image_folder(root)
    assert len(dataset.data) == 2
    assert "3 other files passed over" in dataset.DESCR


@pytest.mark.parametrize("content", [b"", b"not an image", b"\x89PNG\r\n\x1a\n"])
def test_an_unreadable_file_with_an_image_suffix_is_an_error(write_images, content):
    root = write_images("a/1.png", "b/1.png")
    (root / "b" / "2.JPG").write_bytes(content)
    with pytest.raises(ImageFileError, match=r"2\.JPG"):
        load_image_folder(root)


def test_a_missing_folder(tmp_path):
    with pytest.raises(MissingPathError, match="nowhere"):
        load_image_folder(tmp_path / "nowhere")


def test_a_file_is_no_folder(write_images):
    root = write_images("a/1.png")
    with pytest.raises(ImageFolderError, match="is a file"):
        load_image_folder(root / "a" / "1.png")


def test_a_class_without_image(write_images):
    root = write_images("a/1.png")
    (root / "empty").mkdir()
    (root / "empty" / "notes.txt").write_text("soon")
    with pytest.raises(ImageFolderError, match=r"empty.*holds no image"):
        load_image_folder(root)


def test_images_without_class_folders(write_images):
    with pytest.raises(ImageFolderError, match=r"no sub-folder.*ROOT/CLASS/IMAGE"):
        load_image_folder(write_images("1.png", "2.png"))


def test_mixed_sizes_need_size(write_images):
    write_images("a/1.png", "a/2.png")
    root = write_images("b/3.png", "b/4.png", shape=(20, 30))
    with pytest.raises(ImageFolderError, match=r"1\.png' has 12x10.*3\.png' has 20x30.*size="):
        load_image_folder(root)
    assert load_image_folder(root, size=(6, 8)).data.shape == (4, 6, 8)
    assert load_image_folder(root, crop=10).data.shape == (4, 10, 10)
    assert load_image_folder(root, crop=10, size=5).data.shape == (4, 5, 5)


def test_mixed_depths_are_refused(write_images):
    write_images("a/1.png")
    root = write_images("b/2.png", dtype=np.uint16)
    with pytest.raises(ImageFolderError, match=r"1\.png' has uint8.*2\.png' has uint16"):
        load_image_folder(root)


def test_sixteen_bits(write_images):
    dataset = load_image_folder(write_images("a/1.png", "b/1.tif", dtype=np.uint16))
    assert dataset.data.dtype == np.uint16
    assert dataset.data.max() > 255


@pytest.fixture
def stored_as_colour(write_images):
    root = write_images("a/1.png", "a/2.png", "b/3.png")
    for path in root.glob("*/*.png"):
        Image.open(path).convert("RGB").save(path)
    return root


def test_grey_stored_as_colour_is_grey(stored_as_colour):
    dataset = load_image_folder(stored_as_colour)
    assert dataset.data.shape == (3, 12, 10)
    forced = load_image_folder(stored_as_colour, channels=3)
    np.testing.assert_array_equal(forced.data, np.repeat(dataset.data[..., None], 3, axis=3))


@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_one_colour_image_makes_the_set_colour(stored_as_colour, which, n_jobs):
    path = sorted(stored_as_colour.glob("*/*.png"))[which]
    pixels = np.array(Image.open(path))
    pixels[5, 5] = [255, 0, 0]
    Image.fromarray(pixels).save(path)
    dataset = load_image_folder(stored_as_colour, n_jobs=n_jobs)
    assert dataset.data.shape == (3, 12, 10, 3)
    assert dataset.image_shape == (3, 12, 10)
    forced = load_image_folder(stored_as_colour, channels=3)
    np.testing.assert_array_equal(dataset.data, forced.data)
    assert load_image_folder(stored_as_colour, channels=1).data.shape == (3, 12, 10)


def test_like_takes_over_classes_size_crop_and_channels(write_images):
    train = load_image_folder(
        write_images("a/1.png", "b/1.png", "c/1.png"), size=(6, 8), crop=10, channels=3
    )
    root = write_images("c/1.png", "b/2.png", shape=(40, 40), folder="test")
    test = load_image_folder(root, like=train)
    assert test.target.tolist() == [1, 2]
    assert test.target_names.tolist() == ["a", "b", "c"]
    assert test.data.shape == (2, 6, 8, 3)
    np.testing.assert_array_equal(
        test.data[0], read_image(root / "b/2.png", size=(6, 8), crop=10, channels=3)
    )
    again = load_image_folder(root, like=test)
    np.testing.assert_array_equal(again.data, test.data)


def test_like_an_unknown_class_is_an_error(write_images):
    train = load_image_folder(write_images("a/1.png", "b/1.png"))
    root = write_images("a/1.png", "B/1.png", folder="test")
    with pytest.raises(ImageFolderError, match=r"'.*B' is no class of 'like'"):
        load_image_folder(root, like=train)


@pytest.mark.parametrize(
    "setting", [{"size": 5}, {"crop": 5}, {"channels": 3}], ids=["size", "crop", "channels"]
)
def test_like_refuses_a_contradiction(write_images, setting):
    root = write_images("a/1.png", "b/1.png")
    train = load_image_folder(root, size=8)
    with pytest.raises(ValueError, match=f"The '{next(iter(setting))}' parameter"):
        load_image_folder(root, like=train, **setting)
    assert load_image_folder(root, like=train, size=8, channels=1).data.shape == (2, 8, 8)


def test_like_without_size_wants_the_same_sizes_and_depth(write_images):
    train = load_image_folder(write_images("a/1.png", "b/1.png"))
    other = write_images("a/1.png", shape=(9, 9), folder="small")
    with pytest.raises(ImageFolderError, match=r"'like' has 12x10.*1\.png' has 9x9"):
        load_image_folder(other, like=train)
    with pytest.raises(ImageFolderError, match=r"'like' has 12x10.*1\.png' has 9x9"):
        load_image_folder(other, like=train, lazy=True)
    deep = write_images("a/1.png", dtype=np.uint16, folder="deep")
    with pytest.raises(ImageFolderError, match=r"'like' has uint8.*1\.png' has uint16"):
        load_image_folder(deep, like=train)


def test_like_phantoms(write_images):
    phantoms = make_chest_phantoms(4, image_size=16, random_state=0)
    dataset = load_image_folder(write_images("pneumonia/1.png"), like=phantoms)
    assert dataset.data.shape == (1, 16, 16)
    assert dataset.target.tolist() == [1]


def test_like_wants_a_dataset(write_images):
    with pytest.raises(ValueError, match="The 'like' parameter"):
        load_image_folder(write_images("a/1.png"), like=Bunch(data=np.zeros((1, 2, 2))))


def test_lazy_returns_paths(write_images):
    root = write_images(*NAMES)
    eager, lazy = load_image_folder(root), load_image_folder(root, lazy=True)
    assert lazy.data.dtype.kind == "U"
    assert lazy.data.tolist() == eager.filenames.tolist()
    assert lazy.image_shape == (1, 12, 10)
    np.testing.assert_array_equal(lazy.target, eager.target)
    assert load_image_folder(root, lazy=True, size=(4, 6), channels=3).image_shape == (3, 4, 6)
    test = load_image_folder(root, like=lazy)
    np.testing.assert_array_equal(test.data, eager.data)


def test_lazy_refuses_a_crop(write_images):
    root = write_images("a/1.png", "b/1.png")
    with pytest.raises(ValueError, match="The 'crop' parameter"):
        load_image_folder(root, lazy=True, crop=8)
    with pytest.raises(ValueError, match="The 'like' parameter"):
        load_image_folder(root, lazy=True, like=load_image_folder(root, crop=8))


@pytest.mark.parametrize("name", ["size", "crop"])
@pytest.mark.parametrize("value", [0, -1, (3,), (3, 0), (3, 4, 5), "64", True, None, 2.5])
def test_sizes_are_checked(write_images, name, value):
    root = write_images("a/1.png", "b/1.png")
    if value is None:
        assert load_image_folder(root, **{name: value}).data.shape == (2, 12, 10)
        return
    with pytest.raises(ValueError, match=f"The '{name}' parameter of load_image_folder must"):
        load_image_folder(root, **{name: value})


@pytest.mark.parametrize(
    "setting", [{"channels": 2}, {"channels": "grey"}, {"n_jobs": "two"}, {"like": 3}, {"lazy": 2}]
)
def test_parameters_are_checked(write_images, setting):
    with pytest.raises(ValueError, match=f"The '{next(iter(setting))}' parameter"):
        load_image_folder(write_images("a/1.png"), **setting)


def link(link, target):
    try:
        link.symlink_to(target, target_is_directory=target.is_dir())
    except OSError:
        pytest.skip("this system makes no symbolic links")


def test_links_that_form_a_loop_end(write_images):
    root = write_images("a/1.png", "a/more/2.png", "b/3.png")
    link(root / "a" / "more" / "up", root / "a")
    link(root / "b" / "everything", root)
    link(root / "b" / "self", root / "b" / "self")
    assert load_image_folder(root).target.tolist() == [0, 0, 1]


def test_linked_class_folders_are_followed(write_images, tmp_path):
    elsewhere = write_images("x/1.png", "x/2.png", folder="elsewhere")
    root = write_images("a/3.png")
    link(root / "b", elsewhere / "x")
    assert load_image_folder(root).target.tolist() == [0, 1, 1]


@pytest.mark.parametrize("lazy", [False, True])
def test_a_link_to_nowhere_is_an_error(write_images, lazy):
    root = write_images("a/1.png", "b/3.png")
    link(root / "a" / "0.png", root / "gone.png")
    with pytest.raises(MissingPathError, match=r"0\.png"):
        load_image_folder(root, lazy=lazy)


def test_the_progress_bar_is_shown_on_request(write_images, capsys):
    root = write_images("a/1.png", "b/1.png")
    load_image_folder(root)
    assert capsys.readouterr() == ("", "")
    load_image_folder(root, verbose=1)
    assert "Reading images" in capsys.readouterr().err


def test_the_path_may_be_relative(write_images, monkeypatch):
    root = write_images("a/1.png", "b/1.png")
    monkeypatch.chdir(root.parent)
    assert load_image_folder("images").filenames[0] == str(Path("images", "a", "1.png"))


@pytest.mark.realdata
def test_patients_of_the_chest_x_rays(real_data):
    patient = r"(person\d+_[a-z]+|(?:NORMAL2-)?IM-\d+)"
    folder = real_data / "chest_xray"
    train = load_image_folder(folder / "train", groups=patient, lazy=True, size=128)
    test = load_image_folder(folder / "test", groups=patient, lazy=True, like=train)
    assert len(np.unique(train.groups)) == 1752
    assert len(np.unique(test.groups)) == 327
    assert np.bincount(train.target).tolist() == [1000, 1000]
    assert np.bincount(test.target).tolist() == [200, 200]
    assert train.image_shape == test.image_shape == (1, 128, 128)


@pytest.mark.realdata
def test_chest_x_rays_are_read_in_grey(real_data):
    dataset = load_image_folder(real_data / "chest_xray" / "test", size=32, n_jobs=2)
    assert dataset.data.shape == (400, 32, 32)
    assert dataset.data.std() > 30


@pytest.mark.realdata
def test_cases_of_the_biopsies(real_data):
    dataset = load_image_folder(
        real_data / "colorectal_biopsies", groups=r"[A-Za-z]+(\d{7})", lazy=True
    )
    assert len(dataset.data) == 1429
    assert dataset.image_shape == (3, 224, 224)
    several = [len(np.unique(dataset.target[dataset.groups == g])) for g in set(dataset.groups)]
    assert max(several) > 1


@pytest.mark.parametrize("parts", [("train", "test"), ("Training", "VAL", "Test"), ("valid",)])
def test_the_folders_of_a_division_are_no_classes(write_images, parts):
    root = write_images(*(f"{part}/{code}/{part}.png" for part in parts for code in "ab"))
    with pytest.raises(ImageFolderError, match="not classes") as error:
        load_image_folder(root)
    assert f"'{root / parts[0]}'" in str(error.value)
    assert load_image_folder(root / parts[0]).target_names.tolist() == ["a", "b"]


def test_a_class_may_be_called_test_among_others(write_images):
    assert len(load_image_folder(write_images("test/1.png", "control/1.png")).data) == 2


def test_folders_that_all_have_the_same_classes_are_no_classes(write_images):
    root = write_images(*(f"{place}/{code}/1.png" for place in ("bonn", "ulm") for code in "ab"))
    with pytest.raises(ImageFolderError, match=r"same sub-folders \('a', 'b'\)") as error:
        load_image_folder(root)
    assert f"'{root / 'bonn'}'" in str(error.value)


def test_patients_with_images_in_every_class_are_given_as_a_level(write_images):
    root = write_images(*(f"{code}/{patient}/1.png" for code in "ab" for patient in ("p1", "p2")))
    assert load_image_folder(root, groups=1).groups.tolist() == ["p1", "p2", "p1", "p2"]


@pytest.mark.parametrize(
    "names", [("a/p1/1.png", "b/p2/1.png"), ("a/p1/1.png", "b/p1/1.png", "b/2.png")]
)
def test_folders_below_a_class_folder_belong_to_the_class(write_images, names):
    assert load_image_folder(write_images(*names)).target_names.tolist() == ["a", "b"]
