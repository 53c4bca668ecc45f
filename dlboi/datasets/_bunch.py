"""The one place that puts a set of images together as a Bunch."""

import numpy as np
from sklearn.utils import Bunch


def image_bunch(
    *, data, target, target_names, groups, filenames, descr, image_shape=None, **more
) -> Bunch:
    """Return the Bunch that every loader and maker returns.

    `image_shape` is (channels, height, width); it is read off `data` where it is not given.
    """
    if image_shape is None:
        channels = data.shape[3] if data.ndim == 4 else 1
        image_shape = (channels, *data.shape[1:3])
    return Bunch(
        data=data,
        target=np.asarray(target, dtype=np.int64),
        target_names=np.asarray(target_names, dtype=str),
        groups=groups,
        filenames=filenames,
        image_shape=tuple(int(length) for length in image_shape),
        DESCR=descr,
        **more,
    )


def class_table(target, target_names, groups=None) -> str:
    """Return one line a class: images and, where known, patients."""
    width = max(len(str(name)) for name in target_names)
    lines = []
    for code, name in enumerate(target_names):
        of_class = np.asarray(target) == code
        line = f"{name!s:<{width}}  {np.count_nonzero(of_class)} images"
        if groups is not None:
            line += f", {len(np.unique(np.asarray(groups)[of_class]))} groups"
        lines.append(line)
    return "\n".join(lines)
