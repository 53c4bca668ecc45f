"""Three ways to say which patient an image is of."""

import re

import pytest

from dlboi.datasets import load_image_folder
from dlboi.exceptions import ImageFolderError, MissingPathError

FLAT = ("a/p1_x.png", "a/p2_x.png", "b/p1_y.png")
NESTED = ("a/p1/x.png", "a/p2/x.png", "b/p1/s/y.png")


def groups_of(root, groups):
    found = load_image_folder(root, groups=groups, lazy=True).groups
    assert found.dtype.kind == "U"
    return found.tolist()


@pytest.mark.parametrize(
    ("pattern", "groups"),
    [
        (r"p\d", ["p1", "p2", "p1"]),
        (r"p(\d)", ["1", "2", "1"]),
        (r"(.)/p(\d)", ["a_1", "a_2", "b_1"]),
        (r"a/p(\d)|b/p(\d)", ["1_", "2_", "_1"]),
        (re.compile(r"P\d", re.IGNORECASE), ["p1", "p2", "p1"]),
    ],
)
def test_a_pattern(write_images, pattern, groups):
    assert groups_of(write_images(*FLAT), pattern) == groups


def test_a_pattern_has_to_match_every_file(write_images):
    root = write_images(*FLAT, "b/other.png")
    with pytest.raises(ImageFolderError, match=r"1 of 4 images.*'b/other\.png'.*p1\|p2"):
        groups_of(root, "p1|p2")
    with pytest.raises(ImageFolderError, match="4 of 4"):
        groups_of(root, r"q*")


def test_a_pattern_has_to_be_valid(write_images):
    with pytest.raises(ValueError, match=r"The 'groups' parameter.*regular expression.*'\(p'"):
        groups_of(write_images(*FLAT), "(p")


def test_a_level(write_images):
    root = write_images(*NESTED)
    assert groups_of(root, 0) == ["a", "a", "b"]
    assert groups_of(root, 1) == ["p1", "p2", "p1"]
    with pytest.raises(ImageFolderError, match=r"2 of 3 images.*'a/p1/x\.png'.*level groups=2"):
        groups_of(root, 2)


@pytest.mark.parametrize("groups", [-1, True, 1.0, ["p1", "p2", "p3"], ("a", "b", "c")])
def test_anything_else_is_refused(write_images, groups):
    with pytest.raises(ValueError, match="The 'groups' parameter of load_image_folder"):
        groups_of(write_images(*FLAT), groups)


@pytest.fixture
def write_csv(tmp_path):
    def write(text, name="patients.csv", encoding="utf-8"):
        (tmp_path / name).write_text(text, encoding=encoding)
        return tmp_path / name

    return write


ROWS = "b/p1_y.png,u\na/p1_x.png,v\na/p2_x.png,w\nelse/where.png,x\n"


@pytest.mark.parametrize(
    "text",
    [
        "filename,patient\n" + ROWS,
        "patient;filename\nu;p1_y.png\nv;p1_x.png\nw;p2_x.png\n",
        "filename\tpatient\n" + ROWS.replace(",", "\t").replace("/", "\\"),
        '"filename","patient"\r\n"./b/p1_y.png","u"\r\n"a/p1_x.png"," v"\r\n"a/p2_x.png",w\r\n\r\n',
    ],
    ids=["comma", "semicolon and bare names", "tab and backslash", "quoted"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_csv(write_images, write_csv, text, encoding):
    path = write_csv(text, encoding=encoding)
    root = write_images(*FLAT)
    assert groups_of(root, path) == groups_of(root, str(path)) == ["v", "w", "u"]


def test_a_column_of_a_csv(write_images, write_csv):
    path = write_csv("age,filename,slide\n1,p1_x.png,s\n2,p2_x.png,t\n3,p1_y.png,s\n")
    root = write_images(*FLAT)
    assert groups_of(root, (path, "slide")) == ["s", "t", "s"]
    assert groups_of(root, (str(path), "age")) == ["1", "2", "3"]
    with pytest.raises(ImageFolderError, match=r"'age', 'filename', 'slide'.*groups=\(path,"):
        groups_of(root, path)
    with pytest.raises(ImageFolderError, match="no column 'patient'"):
        groups_of(root, (path, "patient"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("filename,patient\na/p1_x.png,v\n", r"2 of 3 images.*'a/p2_x\.png', 'b/p1_y\.png'"),
        ("filename,patient\n" + ROWS.replace(",w", ","), r"1 of 3 images.*'a/p2_x\.png'"),
        ("filename,patient\n" + ROWS + "a/p1_x.png,other\n", "gives 'a/p1_x.png' two groups"),
        ("filename,patient\na/p1_x.png\n", "Row 2.*1 cells.*2"),
        ("name,patient\n" + ROWS, "Name the one of the groups"),
        ("patient\nu\nv\nw\n", "no column 'filename'"),
        ("", "is empty"),
    ],
)
def test_a_csv_that_does_not_fit(write_images, write_csv, text, message):
    with pytest.raises(ImageFolderError, match=message):
        groups_of(write_images(*FLAT), write_csv(text))


def test_bare_names_have_to_be_unique(write_images, write_csv):
    path = write_csv("filename,patient\nx.png,u\n")
    with pytest.raises(ImageFolderError, match="2 of 2"):
        groups_of(write_images("a/x.png", "b/x.png"), path)


def test_a_missing_csv(write_images, tmp_path):
    with pytest.raises(MissingPathError, match=r"gone\.csv"):
        groups_of(write_images(*FLAT), tmp_path / "gone.csv")


def test_a_csv_that_is_no_text(write_images, tmp_path):
    (tmp_path / "binary.csv").write_bytes(b"filename,patient\n\xff\xfe\x00")
    with pytest.raises(ImageFolderError, match=r"binary\.csv.*UTF-8"):
        groups_of(write_images(*FLAT), tmp_path / "binary.csv")
