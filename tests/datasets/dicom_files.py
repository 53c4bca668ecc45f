"""DICOM files for tests, written with pydicom."""

import numpy as np
import pytest

pydicom = pytest.importorskip("pydicom", reason="DICOM files need pydicom, the extra dicom")

from pydicom import Dataset  # noqa: E402
from pydicom.dataset import FileMetaDataset  # noqa: E402
from pydicom.uid import (  # noqa: E402
    ExplicitVRLittleEndian,
    SecondaryCaptureImageStorage,
    generate_uid,
)


def make_dicom(pixels, *, bits=None, n_frames=None, syntax=ExplicitVRLittleEndian, **elements):
    """Return a data set of pixels (h, w), (h, w, 3) or, with `n_frames`, a stack of them."""
    pixels = np.asarray(pixels)
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = syntax
    meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    header = Dataset()
    header.file_meta = meta
    header.SOPClassUID = meta.MediaStorageSOPClassUID
    header.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    header.PatientID = "patient 7"
    header.Modality = "OT"
    shape = pixels.shape if n_frames is None else pixels.shape[1:]
    header.Rows, header.Columns = shape[:2]
    if n_frames is not None:
        header.NumberOfFrames = n_frames
    header.SamplesPerPixel = 3 if len(shape) == 3 else 1
    if header.SamplesPerPixel == 3:
        header.PlanarConfiguration = 0
    header.PhotometricInterpretation = "RGB" if len(shape) == 3 else "MONOCHROME2"
    header.BitsAllocated = 8 * pixels.dtype.itemsize
    header.BitsStored = bits or header.BitsAllocated
    header.HighBit = header.BitsStored - 1
    header.PixelRepresentation = int(pixels.dtype.kind == "i")
    header.PixelData = pixels.tobytes()
    for name, value in elements.items():
        setattr(header, name, value)
    return header


def save_dicom(path, pixels, **how):
    """Write :func:`make_dicom` to a file and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    make_dicom(pixels, **how).save_as(path, enforce_file_format=True)
    return path
