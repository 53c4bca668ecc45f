"""From the stored values of a DICOM image to the grey levels that are shown."""

from __future__ import annotations

import numpy as np

_OF_VALUES = ("RescaleSlope", "RescaleIntercept", "ModalityLUTSequence")
_OF_WINDOWS = ("WindowCenter", "WindowWidth", "VOILUTFunction", "VOILUTSequence")
_SHOWN_BITS = 8


def grey_levels(stored: np.ndarray, header, frame: int) -> np.ndarray:
    """Return the grey levels that a viewer shows at first, from 0 (black) to 255.

    Parameters
    ----------
    stored : ndarray of shape (height, width)
        Stored values.
    header : pydicom.Dataset
        Header of the file.
    frame : int
        Position of the frame; enhanced multi-frame files have settings for each.

    Returns
    -------
    levels : ndarray of uint8 of shape (height, width)
    """
    from pydicom.pixels import apply_modality_lut, apply_windowing

    rules = _rules_of_frame(header, frame)
    # Overflow is what a sigmoid far from its centre has; what is not finite is found below.
    with np.errstate(over="ignore", invalid="ignore"):
        values = apply_modality_lut(stored, rules)
        if rules.get("VOILUTSequence"):
            shown, low, high = _by_table(values, rules)
        elif "WindowCenter" in rules and "WindowWidth" in rules:
            shown, low, high = apply_windowing(values, _window(rules)), 0, 2**_SHOWN_BITS - 1
        else:
            shown, (low, high) = values, _full_range(stored, values, header, rules)
        levels = (shown.astype(np.float64) - low) * (255 / (high - low) if high > low else 0)
    if not np.isfinite(levels).all():
        raise ValueError("its grey levels are not finite")
    levels = np.clip(np.rint(levels), 0, 255).astype(np.uint8)
    return 255 - levels if header.PhotometricInterpretation == "MONOCHROME1" else levels


def _rules_of_frame(header, frame):
    """Return what turns values into grey levels: of the frame, else of all, else of the file."""
    from pydicom import Dataset

    places = [header]
    shared = header.get("SharedFunctionalGroupsSequence") or []
    of_frames = header.get("PerFrameFunctionalGroupsSequence") or []
    for group in [*shared[:1], *of_frames[frame : frame + 1]]:
        for name in ("PixelValueTransformationSequence", "FrameVOILUTSequence"):
            places += (group.get(name) or [])[:1]
    rules = Dataset()
    rules.file_meta = header.file_meta
    for place in places:
        for name in (*_OF_VALUES, *_OF_WINDOWS):
            if name in place and not place[name].is_empty:
                rules[name] = place[name]
    return rules


def _by_table(values, rules):
    from pydicom.pixels import apply_voi

    item = rules.VOILUTSequence[0]
    n_entries, first, n_bits = item.LUTDescriptor
    # pydicom holds positions in the type of the entries: 8 bits are too few for long tables.
    item.LUTDescriptor = [n_entries, first, 16]
    inside = np.clip(np.rint(values), first, first + (n_entries or 2**16) - 1)
    return apply_voi(inside.astype(np.int64), rules), 0, 2**n_bits - 1


def _window(rules):
    """Return the window for an output of as many bits as are shown, from 0."""
    from pydicom import Dataset

    window = Dataset()
    for name in ("WindowCenter", "WindowWidth", "VOILUTFunction"):
        if name in rules:
            window[name] = rules[name]
    window.PhotometricInterpretation = "MONOCHROME2"
    window.BitsStored = _SHOWN_BITS
    window.PixelRepresentation = 0
    return window


def _full_range(stored, values, header, rules):
    """Return the values that are black and white where the file names no window.

    They are the ends of what 8 bits can hold, so that such images are left as they are, and the
    smallest and largest value of deeper ones, whose bits are rarely all used.
    """
    from pydicom.pixels import apply_modality_lut

    n_bits = header.get("BitsStored", 0)
    if stored.dtype.kind in "iu" and n_bits <= _SHOWN_BITS:
        lowest = -(2 ** (n_bits - 1)) if stored.dtype.kind == "i" else 0
        ends = np.array([lowest, lowest + 2**n_bits - 1], dtype=stored.dtype)
        values = apply_modality_lut(ends, rules)
    elif "PixelPaddingValue" in header and (is_image := stored != header.PixelPaddingValue).any():
        values = values[is_image]
    return float(values.min()), float(values.max())
