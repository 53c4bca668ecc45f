"""Shapes of X are read as they are meant, or refused."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlboi._validation import image_layout

sides = st.integers(1, 60)


@pytest.mark.parametrize(
    ("shape", "row_shape", "order", "image_shape"),
    [
        ((5, 8, 9), None, "grey", (1, 8, 9)),
        ((5, 8, 9, 3), None, "last", (3, 8, 9)),
        ((5, 8, 9, 1), None, "last", (1, 8, 9)),
        ((5, 3, 8, 9), None, "first", (3, 8, 9)),
        ((5, 1, 8, 9), None, "first", (1, 8, 9)),
        ((5, 3, 8, 3), None, "last", (3, 3, 8)),
        ((5, 49), None, "flat", (1, 7, 7)),
        ((5, 50), None, "flat", (1, 1, 50)),
        ((5, 48), (3, 4, 4), "flat", (3, 4, 4)),
        ((5, 64), (1, 4, 16), "flat", (1, 4, 16)),
    ],
)
def test_layouts(shape, row_shape, order, image_shape):
    assert image_layout(shape, row_shape) == (order, image_shape)


@settings(deadline=None, max_examples=100)
@given(n=st.integers(1, 9), shape=st.lists(sides, min_size=1, max_size=5))
def test_a_layout_never_loses_a_pixel(n, shape):
    if len(shape) > 3 or (len(shape) == 3 and not {shape[0], shape[2]} & {1, 3}):
        with pytest.raises(ValueError, match="X must have shape"):
            image_layout((n, *shape))
    else:
        layout = image_layout((n, *shape))
        assert math.prod(layout.image_shape) == math.prod(shape)
        assert layout.image_shape[0] in (1, 3)


@pytest.mark.parametrize("shape", [(5, 2, 8, 9), (5, 8, 9, 2), (5, 1, 2, 3, 4), (5,), (5, 4, 8, 4)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match=r"X must have shape \(n, h, w\)"):
        image_layout(shape)


def test_empty_images_are_refused():
    with pytest.raises(ValueError, match="at least one pixel"):
        image_layout((5, 0, 8))


def test_rows_that_do_not_fill_the_image_shape_are_refused():
    with pytest.raises(ValueError, match=r"'image_shape' parameter, \(3, 4, 4\), holds 48"):
        image_layout((5, 50), (3, 4, 4))
