"""Checks of what users hand in; every message names the parameter and the way out."""

from dlboi._validation._groups import check_groups
from dlboi._validation._layout import ImageLayout, image_layout
from dlboi._validation._missing import refuse_missing
from dlboi._validation._seed import draw_seed
from dlboi._validation._sizes import check_image_shape, check_odd, check_sizes

__all__ = [
    "ImageLayout",
    "check_groups",
    "check_image_shape",
    "check_odd",
    "check_sizes",
    "draw_seed",
    "image_layout",
    "refuse_missing",
]
