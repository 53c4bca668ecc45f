"""Training and test images become one pool, or an error says why not."""

import numpy as np
import pytest
from sklearn.utils import Bunch

from dlboi.bias._cohort import cohort_of


def images(n, *, classes=("a", "b"), groups=None, side=4):
    rng = np.random.default_rng(n)
    target = np.resize(np.array(classes), n)
    X = rng.integers(0, 255, size=(n, side, side), dtype=np.uint8)
    return (X, target) if groups is None else (X, target, np.asarray(groups))


def test_patients_of_one_name_are_one_patient_in_both_parts():
    cohort = cohort_of(
        images(4, groups=["p1", "p1", "p2", "p3"]), images(3, groups=["p3", "p4", "p4"])
    )

    assert cohort.in_test.tolist() == [False] * 4 + [True] * 3
    assert cohort.group_names[cohort.in_both].tolist() == ["p3"]
    assert cohort.y.tolist() == [0, 1, 0, 1, 0, 1, 0]


def test_without_patients_each_image_is_a_unit():
    cohort = cohort_of(images(4), images(3))

    assert cohort.groups is None
    assert len(cohort.in_both) == 0
    assert len(np.unique(cohort.units)) == 7


def test_names_of_classes_and_files_come_from_a_bunch():
    def bunch(n, name):
        X, _ = images(n)
        return Bunch(
            data=X,
            target=np.arange(n) % 2,
            target_names=np.array(["ill", "well"]),
            groups=None,
            filenames=np.array([f"{name}{i}.png" for i in range(n)]),
        )

    cohort = cohort_of(bunch(4, "train"), bunch(2, "test"))

    assert cohort.class_names == ["ill", "well"]
    assert cohort.filenames[-1] == "test1.png"


def test_an_origin_takes_the_place_of_a_test_set():
    X, y = images(6)
    origin = np.array([2021, 2020, 2021, 2020, 2020, 2021])

    cohort = cohort_of((X, y), origin=origin)

    assert cohort.part_names == ("2020", "2021")
    assert np.array_equal(cohort.X, X[[1, 3, 4, 0, 2, 5]])
    assert cohort.in_test.sum() == 3


def test_of_more_origins_one_is_named():
    X, y = images(6)
    origin = ["a", "a", "b", "b", "c", "c"]

    cohort = cohort_of((X, y), origin=origin, held_out="b")

    assert cohort.part_names == ("a and c", "b")
    with pytest.raises(ValueError, match="'held_out' must be the one"):
        cohort_of((X, y), origin=origin)


@pytest.mark.parametrize(
    ("train", "test", "options", "message"),
    [
        (images(4), None, {}, "Got neither instead"),
        (images(4), images(4), {"origin": [1, 1, 2, 2]}, "Got both instead"),
        (images(4), images(4, side=5), {}, "must have one shape"),
        (images(4), images(4, classes=list("abc")), {}, r"classes that 'train' does not: \['c'\]"),
        (images(4, classes=["a"]), images(4, classes=["a"]), {}, "two classes or more"),
        (images(4, groups=list("ppqq")), images(4), {}, "named in 'train', not in 'test'"),
        (images(4, groups=list("ppqq")), images(4, groups=[1, 2, 3, 4]), {}, "of one kind"),
        (images(4), None, {"origin": [1, 2]}, "origin of each of the 4 images"),
        (images(4), None, {"origin": [1, 1, 1, 1]}, "two origins or more"),
    ],
)
def test_what_cannot_be_compared_is_refused(train, test, options, message):
    with pytest.raises(ValueError, match=message):
        cohort_of(train, test, **options)
