"""Errors and warnings of dlboi.

Every error inherits :class:`DlboiError` *and* the built-in class that a caller would catch
without knowing dlboi; its message ends with the way out.
"""

__all__ = [
    "ArchiveError",
    "BackboneError",
    "CacheWarning",
    "CheckpointError",
    "DeviceUnavailableError",
    "DivergenceError",
    "DlboiError",
    "DlboiWarning",
    "DownloadError",
    "EmptyValidationWarning",
    "FeatureMapWarning",
    "ImageFileError",
    "ImageFolderError",
    "JournalError",
    "MissingPathError",
    "ModelFileError",
    "PixelRangeWarning",
    "PydicomImportError",
    "SkippedFilesWarning",
    "TorchvisionImportError",
    "UnknownBackboneError",
]


class DlboiError(Exception):
    """Root of all errors that dlboi defines."""


class ArchiveError(DlboiError, ValueError):
    """An archive is damaged, or holds what must not be unpacked."""


class DownloadError(DlboiError, OSError):
    """A file could not be downloaded, or what came is not what was published."""


class ImageFileError(DlboiError, ValueError):
    """An image file is truncated, is no image, or does not have the size asked for."""


class ImageFolderError(DlboiError, ValueError):
    """A folder of images is not laid out as the loader needs it."""


class MissingPathError(DlboiError, FileNotFoundError):
    """A file or a folder is not there."""


class ModelFileError(DlboiError, ValueError):
    """A file holds no classifier that dlboi saved, or no weights, or it is damaged."""


class DeviceUnavailableError(DlboiError, ValueError):
    """The device asked for is not on this machine."""


class TorchvisionImportError(DlboiError, ImportError):
    """torchvision is missing, or it was built for another torch."""


class PydicomImportError(DlboiError, ImportError):
    """pydicom, which reads DICOM files, is missing."""


class UnknownBackboneError(DlboiError, ValueError):
    """No torchvision classification model has this name."""


class BackboneError(DlboiError, ValueError):
    """A backbone cannot do what is asked of it, or weights do not fit it."""


class DivergenceError(DlboiError, ValueError):
    """Training has ended in numbers that are not finite."""


class JournalError(DlboiError, ValueError):
    """A folder holds the journal of another study, or is in use."""


class CheckpointError(DlboiError, ValueError):
    """A folder holds checkpoints of another fit, or none that can be read, or is in use."""


class DlboiWarning(UserWarning):
    """Root of all warnings that dlboi defines."""


class CacheWarning(DlboiWarning):
    """Features cannot be kept where they should be."""


class PixelRangeWarning(DlboiWarning):
    """Pixels of type float lie outside the range that the network expects."""


class SkippedFilesWarning(DlboiWarning):
    """Image files that cannot be used are left out of a fit."""


class EmptyValidationWarning(DlboiWarning):
    """A class has no image in the validation part."""


class FeatureMapWarning(DlboiWarning):
    """A feature map has fewer cells than it is to be pooled to."""
