"""Names of candidates tell them apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import ParameterGrid

from dlboi.studies._candidate_names import candidate_names, parameter_texts


def _names(grid):
    return list(candidate_names("a_study", ParameterGrid(grid)))


def test_values_that_six_digits_tell_apart_are_short():
    names = _names({"lr": [10**-3.5, 1e-3], "optimizer": ["adam"], "step_size": [4]})
    assert names[0] == "lr=0.000316228, optimizer=adam, step_size=4"
    assert names[1] == "lr=0.001, optimizer=adam, step_size=4"


def test_values_that_agree_in_six_digits_are_written_in_full():
    values = [0.001, 0.00100000001, 0.1]
    assert _names({"ccp_alpha": values}) == [
        "ccp_alpha=0.001",
        "ccp_alpha=0.00100000001",
        "ccp_alpha=0.1",
    ]
    texts = parameter_texts(ParameterGrid({"ccp_alpha": values}))
    assert len({text["ccp_alpha"] for text in texts}) == 3


@given(st.lists(st.floats(0, 1), min_size=2, max_size=6, unique=True))
def test_each_number_is_a_candidate_of_its_own(values):
    assert list(candidate_names("a_study", ParameterGrid({"lr": values})).values()) == [
        {"lr": value} for value in values
    ]


def test_a_number_and_its_text_are_two_candidates():
    assert _names({"class_weight": [1, "1"]}) == ["class_weight=1", "class_weight='1'"]


def test_a_candidate_that_comes_twice_is_one():
    assert _names([{"lr": [1e-3, 1e-4]}, {"lr": [1e-3]}]) == ["lr=0.001", "lr=0.0001"]


def test_candidates_that_cannot_be_told_apart_are_refused():
    long = np.zeros((2, 5000))
    long[1, 2500] = 1  # where the repr of an array has dots
    with pytest.raises(ValueError, match="'param_grid' parameter of a_study must hold values that"):
        _names({"weights": list(long)})
