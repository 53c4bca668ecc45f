"""Images stored as NumPy arrays."""

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dlboi.datasets import load_npy_classes
from dlboi.exceptions import ImageFileError, ImageFolderError, MissingPathError


@pytest.fixture
def save(tmp_path):
    def save(name, array, **how):
        np.save(tmp_path / name, array, **how)
        return tmp_path / name

    return save


def images(n, shape=(6, 5), dtype=np.uint8, seed=0):
    return np.random.default_rng(seed).integers(0, 255, (n, *shape)).astype(dtype)


def test_four_files_as_in_the_course(save):
    normal, pneumonia = images(4), images(3, seed=1)
    files = {"normal": save("a.npy", normal), "pneumonia": save("b.npy", pneumonia)}
    dataset = load_npy_classes(files)
    np.testing.assert_array_equal(dataset.data, np.concatenate([normal, pneumonia]))
    assert dataset.data.dtype == np.uint8
    assert dataset.target.tolist() == [0] * 4 + [1] * 3
    assert dataset.target_names.tolist() == ["normal", "pneumonia"]
    assert dataset.groups is None
    assert dataset.image_shape == (1, 6, 5)
    assert dataset.filenames[4] == f"{files['pneumonia']}[0]"
    assert "pneumonia  3 images" in dataset.DESCR
    X, y = load_npy_classes(files, return_X_y=True)
    np.testing.assert_array_equal(X, dataset.data)
    np.testing.assert_array_equal(y, dataset.target)


def test_classes_keep_the_order_given(save):
    paths = [save("z.npy", images(1)), str(save("a.npy", images(2)))]
    assert load_npy_classes(paths).target_names.tolist() == ["z", "a"]
    assert load_npy_classes(paths, target_names=["u", "t"]).target_names.tolist() == ["u", "t"]
    assert load_npy_classes({"p": paths[1], "o": paths[0]}).target.tolist() == [0, 0, 1]


@settings(deadline=None, max_examples=30)
@given(
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=4),
    shape=st.one_of(
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=6),
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=6).map(lambda shape: (*shape, 3)),
    ),
    dtype=st.sampled_from(["u1", "u2", "<f4", ">u2", ">f8"]),
    order=st.sampled_from("CF"),
    mmap_mode=st.sampled_from(["r", "c", None]),
)
def test_any_sizes_shapes_and_types(tmp_path_factory, sizes, shape, dtype, order, mmap_mode):
    folder = tmp_path_factory.mktemp("npy")
    stack = np.asarray(images(sum(sizes), shape), dtype=dtype, order=order)
    np.save(folder / "stack.npy", stack)
    parts = np.split(stack, np.cumsum(sizes)[:-1])
    for code, part in enumerate(parts):
        np.save(folder / f"{code}.npy", part)
    several = load_npy_classes(
        [folder / f"{code}.npy" for code in range(len(sizes))], mmap_mode=mmap_mode
    )
    one = load_npy_classes(folder / "stack.npy", class_sizes=sizes, mmap_mode=mmap_mode)
    for dataset in (several, one):
        np.testing.assert_array_equal(dataset.data, stack)
        assert dataset.data.dtype == stack.dtype.newbyteorder("=")
        assert dataset.target.tolist() == np.repeat(np.arange(len(sizes)), sizes).tolist()
        assert dataset.image_shape == (shape[2] if len(shape) == 3 else 1, *shape[:2])
        assert len(dataset.filenames) == len(stack)
    assert len(set(one.target_names)) == len(sizes)


def test_a_stacked_array_stays_mapped_and_read_only(save):
    path = save("stack.npy", images(5))
    dataset = load_npy_classes(path, class_sizes=(2, 3))
    assert isinstance(dataset.data, np.memmap)
    assert not dataset.data.flags.writeable
    private = load_npy_classes(path, class_sizes=(2, 3), mmap_mode="c").data
    private[:] = 0
    np.testing.assert_array_equal(np.load(path), images(5))
    assert not isinstance(
        load_npy_classes(path, class_sizes=(2, 3), mmap_mode=None).data, np.memmap
    )


@pytest.mark.parametrize("class_sizes", [[2, 2], [5, 0], [2.0, 3.0], [6, -1], []])
def test_class_sizes_have_to_fit(save, class_sizes):
    with pytest.raises(ValueError, match=r"The 'class_sizes' parameter.*the 5 images"):
        load_npy_classes(save("stack.npy", images(5)), class_sizes=class_sizes)


def test_class_sizes_belong_to_one_path(save):
    path = save("stack.npy", images(5))
    with pytest.raises(ValueError, match=r"The 'class_sizes' parameter.*one path"):
        load_npy_classes(path)
    with pytest.raises(ValueError, match=r"The 'class_sizes' parameter.*several paths"):
        load_npy_classes([path], class_sizes=[5])


@pytest.mark.parametrize("other", [images(2, (6, 6)), images(2, dtype=np.uint16)])
def test_files_that_differ_are_named(save, other):
    files = [save("first.npy", images(2)), save("other.npy", other)]
    with pytest.raises(ImageFileError, match=r"first\.npy.*uint8.*other\.npy.*\(6, \d\)"):
        load_npy_classes(files)


@pytest.mark.parametrize(
    "array",
    [
        images(2)[0],
        images(2, (3, 4, 4)),
        images(2, (4, 4, 4)),
        images(0),
        images(2).astype(np.int64),
        images(2).astype(bool),
        images(2).astype(complex),
        images(2).astype(str),
    ],
    ids=["2-d", "channels first", "rgba", "none", "int64", "bool", "complex", "str"],
)
def test_arrays_that_are_no_images(save, array):
    with pytest.raises(ImageFileError, match=r"wrong\.npy.*Save the images anew"):
        load_npy_classes([save("wrong.npy", array)])


def test_nothing_is_unpickled(save, tmp_path):
    class Trap:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "sprung"),))

    trap = np.empty((2, 2, 2), dtype=object)
    trap[:] = Trap()
    with pytest.raises(ImageFileError, match=r"trap\.npy.*Python objects"):
        load_npy_classes([save("trap.npy", trap, allow_pickle=True)], mmap_mode=None)
    assert not (tmp_path / "sprung").exists()


@settings(deadline=None, max_examples=25)
@given(part=st.floats(0, 1, exclude_max=True), mmap_mode=st.sampled_from(["r", None]))
def test_a_truncated_file_is_named(tmp_path_factory, part, mmap_mode):
    path = tmp_path_factory.mktemp("cut") / "cut.npy"
    np.save(path, images(3))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(part * len(whole))])
    with pytest.raises(ImageFileError, match=r"cut\.npy"):
        load_npy_classes([path], mmap_mode=mmap_mode)


def test_other_files_are_named(save, tmp_path):
    np.savez(tmp_path / "archive.npz", images(2))
    (tmp_path / "text.npy").write_text("a,b\n1,2\n")
    for name in ("archive.npz", "text.npy"):
        with pytest.raises(ImageFileError, match=f"{name}.*no .npy file"):
            load_npy_classes([tmp_path / name])
    for path in (tmp_path / "gone.npy", tmp_path):
        with pytest.raises(MissingPathError, match="There is no file"):
            load_npy_classes([path])


@pytest.mark.parametrize("files", [[], {}])
def test_no_file(files):
    with pytest.raises(ValueError, match="The 'files' parameter"):
        load_npy_classes(files)


def test_target_names_have_to_fit(save):
    paths = [save("a.npy", images(2)), save("b.npy", images(2))]
    for names in (["x"], ["x", "x"]):
        with pytest.raises(ValueError, match="The 'target_names' parameter"):
            load_npy_classes(paths, target_names=names)
    with pytest.raises(ValueError, match=r"The 'target_names' parameter.*dict"):
        load_npy_classes({"a": paths[0], "b": paths[1]}, target_names=["x", "y"])
    with pytest.raises(ValueError, match="The 'target_names' parameter"):
        load_npy_classes([paths[0], paths[0]])


def test_groups_in_three_ways(save, tmp_path):
    paths = [save("a.npy", images(2)), save("b.npy", images(1))]
    (tmp_path / "groups.csv").write_text("patient,age\np,1\nq,2\np,3\n")
    for groups in (
        ["p", "q", "p"],
        save("groups.npy", np.array(["p", "q", "p"])),
        str(tmp_path / "groups.npy"),
        (tmp_path / "groups.csv", "patient"),
    ):
        assert load_npy_classes(paths, groups=groups).groups.tolist() == ["p", "q", "p"]
    assert "2 images, 2 groups" in load_npy_classes(paths, groups=[1, 2, 1]).DESCR


@pytest.mark.parametrize(
    "groups",
    [
        ["p"],
        [["p", "q", "r"]],
        ["p", None, "q"],
        ["p", float("nan"), "q"],
        [1.0, np.nan, 2.0],
        ["p", "", "q"],
    ],
)
def test_groups_have_to_fit(save, groups):
    with pytest.raises(ValueError, match=r"The 'groups' parameter.*each of the 3 images"):
        load_npy_classes([save("a.npy", images(3))], groups=groups)


def test_damaged_groups_are_named(save, tmp_path):
    path = save("a.npy", images(3))
    (tmp_path / "groups.npy").write_bytes(b"\x93NUMPY")
    with pytest.raises(ImageFileError, match=r"groups\.npy"):
        load_npy_classes([path], groups=tmp_path / "groups.npy")
    with pytest.raises(MissingPathError, match=r"gone\.npy"):
        load_npy_classes([path], groups=tmp_path / "gone.npy")
    (tmp_path / "groups.csv").write_text("patient\np\n\nq\n")
    with pytest.raises(ValueError, match="The 'groups' parameter"):
        load_npy_classes([path], groups=tmp_path / "groups.csv")
    (tmp_path / "two.csv").write_text("patient,slide\np,1\nq,2\nr,3\n")
    with pytest.raises(ImageFolderError, match="'patient', 'slide'"):
        load_npy_classes([path], groups=tmp_path / "two.csv")


@pytest.mark.parametrize("setting", [{"mmap_mode": "r+"}, {"mmap_mode": "w"}, {"return_X_y": 2}])
def test_parameters_are_checked(save, setting):
    with pytest.raises(ValueError, match=f"The '{next(iter(setting))}' parameter"):
        load_npy_classes([save("a.npy", images(3))], **setting)
