"""Seeds are drawn without the global random state."""

import numpy as np
import pytest

from dlboi._validation import draw_seed


def test_an_int_gives_the_same_seed_each_time():
    assert draw_seed(3) == draw_seed(3) != draw_seed(4)


def test_an_instance_is_drawn_from():
    state, again = np.random.RandomState(0), np.random.RandomState(0)
    first, second = draw_seed(state), draw_seed(state)
    assert first != second
    assert [draw_seed(again), draw_seed(again)] == [first, second]


def test_none_takes_fresh_entropy_and_leaves_numpy_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    assert len({draw_seed(None) for _ in range(5)}) == 5
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize("random_state", ["a", -1, 1.5])
def test_anything_else_is_refused(random_state):
    with pytest.raises(ValueError, match=r"seed|Seed"):
        draw_seed(random_state)
