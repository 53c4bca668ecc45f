"""Archives that are damaged, or made to do harm."""

import stat
import struct
import zipfile

import numpy as np
import pytest

from dlboi.datasets._unpack import unpack_zip
from dlboi.exceptions import ArchiveError

NOISE = np.random.default_rng(0).bytes(5000)


@pytest.fixture
def pack(tmp_path):
    """Return a function that writes an archive of entries (name or ZipInfo, content)."""

    def pack(*entries, compression=zipfile.ZIP_DEFLATED):
        with zipfile.ZipFile(tmp_path / "archive.zip", "w", compression) as archive:
            for name, content in entries:
                archive.writestr(name, content)
        return tmp_path / "archive.zip"

    return pack


def unpack(archive, *, max_files=10, max_bytes=10**6):
    folder = archive.with_name("unpacked")
    unpack_zip(archive, folder, max_files=max_files, max_bytes=max_bytes)
    return folder


def refuse(archive, message, **limits):
    """Check that an archive is refused and that nothing of it stays."""
    with pytest.raises(ArchiveError, match=message):
        unpack(archive, **limits)
    assert [path.name for path in archive.parent.iterdir()] == ["archive.zip"]


def entry(name, mode):
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_files_are_unpacked_into_a_new_folder(pack, compression):
    archive = pack(
        ("a/", b""), ("a/b/c.txt", NOISE), ("empty", b""), ("d\\e", b"e"), compression=compression
    )
    folder = unpack(archive)
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert found == {"a/b/c.txt": NOISE, "empty": b"", "d/e": b"e"}
    assert sorted(path.name for path in archive.parent.iterdir()) == ["archive.zip", "unpacked"]


@pytest.mark.parametrize(
    "name", ["../x", "a/../../x", "/x", "\\x", "..\\x", "C:\\x", "C:x", "a/..", "//host/x"]
)
def test_nothing_outside_the_folder_is_written(pack, name):
    refuse(pack(("fine", b""), (name, b"x")), "lies outside the folder")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFSOCK])
def test_links_and_devices_are_refused(pack, kind):
    refuse(pack((entry("x", kind | 0o777), b"/etc/passwd")), "'x' is a link or a device")


@pytest.mark.parametrize("names", [("a", "a"), ("a", "A"), ("a", "a/b"), ("a/b", "A")])
def test_names_that_meet_are_refused(pack, names):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *args, **kwargs: None)  # zipfile's own, on writing
        archive = pack(*((name, b"x") for name in names))
    refuse(archive, "two of its files have the same name")


def test_too_many_files(pack):
    archive = pack(*((str(number), b"") for number in range(4)))
    refuse(archive, "holds 4 files, more than 3", max_files=3)


def test_too_many_bytes_in_all(pack):
    archive = pack(("a", NOISE), ("b", NOISE))
    refuse(archive, "more than is allowed", max_bytes=9_999)
    assert len(list(unpack(archive, max_bytes=10_000).iterdir())) == 2


def test_a_bomb_is_refused_by_its_ratio(pack):
    archive = pack(("a", bytes(5 * 10**6)))
    assert archive.stat().st_size < 50_000
    refuse(archive, "more than is allowed", max_bytes=10**9)


def test_a_header_that_lies_about_the_size_is_not_believed(pack):
    archive = pack(("a", bytes(5 * 10**6)))
    content = archive.read_bytes()
    archive.write_bytes(content.replace(struct.pack("<L", 5 * 10**6), struct.pack("<L", 10)))
    refuse(archive, "damaged", max_bytes=10**9)


def test_an_encrypted_archive(pack):
    archive = pack(("a", NOISE))
    content = bytearray(archive.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(bytes(content))
    refuse(archive, "'a' is encrypted")


@pytest.mark.parametrize("part", [0.0, 0.3, 0.9])
def test_a_truncated_archive(pack, part):
    archive = pack(("a", NOISE), ("b", NOISE))
    content = archive.read_bytes()
    archive.write_bytes(content[: int(part * len(content))])
    refuse(archive, r"archive\.zip' was not unpacked: it is damaged.*Delete it")


def test_a_damaged_byte_is_found_or_does_no_harm(pack):
    content = pack(("a", NOISE[:40]), ("b", b"b" * 40)).read_bytes()
    for position in range(0, len(content), 3):
        archive = pack()
        archive.write_bytes(
            content[:position] + bytes([content[position] ^ 0x55]) + content[position + 1 :]
        )
        try:
            folder = unpack(archive)
        except ArchiveError:
            continue
        inside = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
        assert set(inside) <= {NOISE[:40], b"b" * 40}
        folder.rename(archive.with_name(f"seen{position}"))


def test_a_method_that_is_not_known(pack):
    archive = pack(("a", NOISE))
    content = archive.read_bytes()
    start = content.index(b"PK\x01\x02")
    patched = bytearray(content)
    patched[start + 10] = 99
    patched[8] = 99
    archive.write_bytes(bytes(patched))
    refuse(archive, "damaged")


def test_a_disk_that_cannot_be_written_is_not_taken_for_damage(pack, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    archive = pack(("a", NOISE))
    monkeypatch.setattr("pathlib.Path.open", full)
    with pytest.raises(OSError, match="No space left") as caught:
        unpack(archive)
    assert not isinstance(caught.value, ArchiveError)
