"""What the C library does with freed memory: an offer, never made without being asked."""

import ctypes
import platform

# Numbers of mallopt(3) in glibc's malloc.h.
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_LARGEST_THRESHOLD = 32 * 2**20  # more is refused
_KEPT_BYTES = 2**30


def keep_freed_memory() -> bool:
    """Tell the C library to keep up to 1 GiB of freed memory for the next allocation.

    By default glibc gives freed blocks back to the system and fetches fresh, zeroed pages for the
    next ones: in each training step for each activation of a few megabytes. How much time kept
    pages save depends on the machine: ``python -m benchmarks.allocator`` of the repository says it.
    Results do not change.

    The setting holds for the whole process and cannot be taken back, so dlboi makes it only in its
    own commands (``dlboi demo``, ``dlboi compare``) and leaves it to you in your programs. For a
    search with ``n_jobs``, set the environment variables ``MALLOC_MMAP_THRESHOLD_=33554432`` and
    ``MALLOC_TRIM_THRESHOLD_=1073741824`` instead: every worker process reads them when it starts.

    Returns
    -------
    bool
        Whether the C library took the setting; False where it is not glibc (macOS, Windows, musl),
        and nothing has changed.

    References
    ----------
    .. [1] mallopt(3), Linux Programmer's Manual.

    Examples
    --------
    >>> import dlboi
    >>> taken = dlboi.keep_freed_memory()
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return bool(
        mallopt(_M_MMAP_THRESHOLD, _LARGEST_THRESHOLD) and mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)
    )
