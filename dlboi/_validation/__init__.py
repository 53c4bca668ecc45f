"""Checks of what users hand in; every message names the parameter and the way out."""

from dlboi._validation._label_codes import group_codes, label_codes
from dlboi._validation._labels import plain, refuse_mixed_labels
from dlboi._validation._layout import ImageLayout, image_layout
from dlboi._validation._misread import (
    refuse_missing_paths,
    refuse_single_image,
    refuse_what_is_no_set,
)
from dlboi._validation._missing import refuse_missing
from dlboi._validation._seed import draw_seed
from dlboi._validation._sizes import check_image_shape, check_odd, check_sizes

__all__ = [
    "ImageLayout",
    "check_image_shape",
    "check_odd",
    "check_sizes",
    "draw_seed",
    "group_codes",
    "image_layout",
    "label_codes",
    "plain",
    "refuse_missing",
    "refuse_missing_paths",
    "refuse_mixed_labels",
    "refuse_single_image",
    "refuse_what_is_no_set",
]
