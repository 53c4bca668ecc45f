"""Files take the place of others as a whole, and are on the disk when they do."""

import errno
import os
import stat
from pathlib import Path

import pytest

from dlboi.training._replacing import replacing


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"before")
    return path


def write(path, content=b"after"):
    with replacing(path) as file:
        file.write(content)


def test_file_then_name_then_folder(path, monkeypatch):
    steps, fsync, replace = [], os.fsync, Path.replace

    def noting_fsync(descriptor):
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        steps.append("folder" if is_folder else "file")
        fsync(descriptor)

    def noting_replace(draft, target):
        steps.append("name")
        return replace(draft, target)

    monkeypatch.setattr(os, "fsync", noting_fsync)
    monkeypatch.setattr(Path, "replace", noting_replace)
    write(path)
    assert steps == ["file", "name", "folder"]
    assert path.read_bytes() == b"after"


def test_an_error_in_between_leaves_what_was_there(path):
    with pytest.raises(TypeError):
        write(path, content="text in a file of bytes")
    assert path.read_bytes() == b"before"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("code", [errno.EACCES, errno.EINVAL, errno.ENOTSUP])
def test_a_folder_that_cannot_be_forced_to_the_disk(code, path, monkeypatch):
    _refuse_folders(code, monkeypatch)
    write(path)
    assert path.read_bytes() == b"after"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_fails(code, path, monkeypatch):
    _refuse_folders(code, monkeypatch)
    with pytest.raises(OSError, match=os.strerror(code)):
        write(path)


def _refuse_folders(code, monkeypatch):
    def refuse(name, flags):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "open", refuse)
