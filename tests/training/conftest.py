"""What tests of files share."""

from contextlib import contextmanager

import pytest


@pytest.fixture
def no_file_beyond():
    """Return a context in which the system lets no file grow beyond some bytes."""
    resource = pytest.importorskip("resource", reason="this system has no such limits")

    @contextmanager
    def limit(n_bytes):
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return limit
