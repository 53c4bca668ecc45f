"""How files are downloaded: whole or not at all, and on from where it broke."""

import hashlib
import threading
from types import SimpleNamespace

import numpy as np
import pytest

from dlboi.datasets._download import download
from dlboi.datasets._facts import RemoteFile
from dlboi.datasets._transfer import _Attempt, check_address, transfer
from dlboi.exceptions import DownloadError, ImageFileError, MissingPathError

CONTENT = np.random.default_rng(0).bytes(400_000)
MD5 = f"md5:{hashlib.md5(CONTENT).hexdigest()}"
SHA256 = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"


@pytest.fixture
def get(server, tmp_path):
    """Return a function that downloads the file "x" into a folder that is not there yet."""
    server.serve("x", CONTENT)

    def get(checksum=SHA256, *, download_if_missing=True, verbose=0, check=None):
        return download(
            tmp_path / "home" / "x",
            RemoteFile(f"{server.url}/x", checksum),
            download_if_missing=download_if_missing,
            verbose=verbose,
            check=check,
        )

    return get


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("checksum", [None, MD5, SHA256])
def test_a_file_is_downloaded_once(checksum, get, server, capsys):
    path = get(checksum)
    assert path.read_bytes() == CONTENT
    assert names(path.parent) == [".x.lock", "x"]
    assert get(checksum) == path
    assert get(checksum, download_if_missing=False) == path
    assert server.asked == [("x", None)]
    assert capsys.readouterr() == ("", "")


def test_files_that_are_there_are_read_without_writing(get, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "x").write_bytes(CONTENT)
    before = (tmp_path / "home").stat().st_mtime_ns
    (tmp_path / "home").chmod(0o500)
    get()
    assert names(tmp_path / "home") == ["x"]
    assert (tmp_path / "home").stat().st_mtime_ns == before


def test_progress_goes_to_stderr(get, capsys):
    get(verbose=1)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "100%" in printed.err


def test_a_file_with_another_checksum_is_not_kept(get, server, tmp_path):
    server.files["x"] = b"a page of the server"
    with pytest.raises(DownloadError, match=r"was not kept: its checksum is sha256:.*Try again"):
        get()
    assert names(tmp_path / "home") == [".x.lock"]
    server.files["x"] = CONTENT
    assert get().read_bytes() == CONTENT
    assert server.asked[1] == ("x", None)


def test_a_file_that_does_not_pass_the_check_is_not_kept(get, tmp_path):
    def check(path):
        assert path.read_bytes() == CONTENT
        raise ImageFileError("it is a page")

    with pytest.raises(DownloadError, match=r"it is no file of images \(it is a page\)"):
        get(None, check=check)
    assert names(tmp_path / "home") == [".x.lock"]


def test_another_file_of_that_name_is_replaced_when_the_right_one_has_come(get, server, tmp_path):
    path = tmp_path / "home" / "x"
    path.parent.mkdir()
    path.write_bytes(b"damaged")
    server.files["x"] = b"wrong"
    with pytest.raises(DownloadError):
        get()
    assert path.read_bytes() == b"damaged"
    server.files["x"] = CONTENT
    assert get().read_bytes() == CONTENT


def test_a_broken_transfer_goes_on_in_the_same_call(get, server):
    server.breaks = [100_000, 150_000]
    assert get().read_bytes() == CONTENT
    ranges = [int(wanted[6:-1]) for _, wanted in server.asked[1:]]
    assert len(ranges) == 2
    assert 0 < ranges[0] <= 100_000 < ranges[1] <= 250_000


def test_a_transfer_goes_on_in_a_later_call(get, server, tmp_path):
    server.breaks = [100_000, 0]
    with pytest.raises(DownloadError, match=r"could not be downloaded.*next call goes on.*'.*x'"):
        get()
    assert names(tmp_path / "home") == [".x.lock", ".x.part", ".x.part.json"]
    assert get().read_bytes() == CONTENT
    assert server.asked[-1][1] is not None
    assert names(tmp_path / "home") == [".x.lock", "x"]


@pytest.mark.parametrize("etag", ['"one"', 'W/"weak"', None])
def test_without_a_checksum_only_the_entity_tag_allows_to_go_on(etag, get, server):
    server.etag, server.breaks = etag, [300_000, 0]
    with pytest.raises(DownloadError):
        get(None)
    n_asked = len(server.asked)
    assert get(None).read_bytes() == CONTENT
    went_on = [wanted is not None for _, wanted in server.asked[n_asked:]]
    assert went_on == [etag == '"one"']


def test_a_file_that_has_changed_is_begun_anew(get, server):
    server.etag, server.breaks = '"one"', [300_000, 0]
    with pytest.raises(DownloadError):
        get(None)
    server.etag, server.files["x"] = '"two"', CONTENT[::-1]
    assert get(None).read_bytes() == CONTENT[::-1]


def test_a_server_without_ranges_is_asked_for_all(get, server):
    server.ranges, server.breaks = False, [100_000]
    assert get().read_bytes() == CONTENT


def test_a_server_that_always_breaks_at_the_same_place_is_given_up(get, server):
    server.ranges, server.breaks = False, [100_000] * 9
    with pytest.raises(DownloadError, match="could not be downloaded"):
        get()
    assert len(server.asked) == 2


def test_a_server_that_breaks_off_again_and_again_is_given_up(get, server, monkeypatch):
    monkeypatch.setattr("dlboi.datasets._transfer._MAX_REQUESTS", 3)
    server.breaks = [100_000] * 3
    with pytest.raises(DownloadError):
        get()
    assert len(server.asked) == 3
    assert get().read_bytes() == CONTENT


def test_a_server_that_sends_another_part_is_refused(get, server):
    server.breaks, server.shift = [100_000], 1
    with pytest.raises(DownloadError, match="sent another range"):
        get()


def test_a_part_that_is_longer_than_the_file_is_thrown_away(get, server):
    server.breaks = [300_000, 0]
    with pytest.raises(DownloadError):
        get()
    server.files["x"] = b"short"
    assert get(f"md5:{hashlib.md5(b'short').hexdigest()}").read_bytes() == b"short"


def test_a_part_that_is_complete_is_not_brought_again(get, server, tmp_path):
    server.breaks = [300_000, 0]
    with pytest.raises(DownloadError):
        get()
    (tmp_path / "home" / ".x.part").write_bytes(CONTENT)
    n_asked = len(server.asked)
    assert get().read_bytes() == CONTENT
    assert server.asked[n_asked:] == [("x", f"bytes={len(CONTENT)}-")]


def test_a_part_of_another_address_is_not_used(server, tmp_path):
    part = tmp_path / "part"
    server.breaks = [100_000, 0]
    with pytest.raises(OSError, match=r"IncompleteRead|bytes"):
        transfer(server.serve("a", CONTENT), part, checked=True, verbose=0)
    transfer(server.serve("b", CONTENT[::-1]), part, checked=True, verbose=0)
    assert part.read_bytes() == CONTENT[::-1]


def test_a_damaged_note_is_as_none(server, tmp_path):
    for number, note in enumerate(("{", "[]", "{}", "null")):
        part = tmp_path / str(number)
        part.write_bytes(b"something")
        part.with_name(f"{number}.json").write_text(note)
        transfer(server.serve("a", CONTENT), part, checked=True, verbose=0)
        assert part.read_bytes() == CONTENT


def test_a_missing_file_and_a_server_that_is_gone(get, server):
    del server.files["x"]
    with pytest.raises(DownloadError, match="404"):
        get()
    assert len(server.asked) == 1
    server.shutdown()
    server.server_close()
    with pytest.raises(DownloadError, match="Check the connection"):
        get()


def test_without_permission_to_download_the_error_says_what_to_do(get, server, tmp_path):
    with pytest.raises(MissingPathError, match=rf"is not there.*{server.url}/x \({SHA256}\) there"):
        get(download_if_missing=False)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "x").write_bytes(b"another")
    with pytest.raises(FileNotFoundError, match="is another one than was published"):
        get(download_if_missing=False)
    assert server.asked == []


def test_a_folder_that_cannot_be_written_is_named(get, server, tmp_path):
    (tmp_path / "home").write_text("a file")
    with pytest.raises(DownloadError, match=r"home' cannot be written.*DLBOI_DATA"):
        get()
    assert server.asked == []


@pytest.mark.parametrize("url", ["http://example.org/x", "ftp://example.org/x", "x", "file:///x"])
def test_only_https(url, tmp_path):
    with pytest.raises(ValueError, match="begin with https://"):
        transfer(url, tmp_path / "part", checked=True, verbose=0)
    assert list(tmp_path.iterdir()) == []


def test_https_and_this_machine_are_allowed():
    for url in ("https://example.org/x", "http://localhost:8000/x", "http://127.0.0.1/x"):
        check_address(url)


def test_redirects_are_followed_but_not_out_of_https(get, server):
    server.redirects["x"] = f"{server.url}/y"
    server.serve("y", CONTENT)
    assert get().read_bytes() == CONTENT
    server.redirects["z"] = "http://example.org/y"
    with pytest.raises(DownloadError, match=r"redirects to http://example\.org/y, which is not"):
        download(
            get().with_name("z"),
            RemoteFile(f"{server.url}/z"),
            download_if_missing=True,
            verbose=0,
        )


@pytest.mark.parametrize(
    "target", ["http://localhost/x", "http://example.org/x", "ftp://localhost"]
)
def test_https_does_not_lead_back_to_http(target, tmp_path):
    attempt = _Attempt("https://example.org/x", tmp_path / "x", checked=True)
    answer = SimpleNamespace(
        status_code=302, is_redirect=True, url=attempt.url, headers={"Location": target}
    )
    with pytest.raises(OSError, match=f"redirects to {target}, which is not https"):
        attempt._look_at(answer)
    answer.headers = {"Location": "/elsewhere"}
    attempt._look_at(answer)


def test_a_proxy_of_the_environment_is_asked(server, tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("http_proxy", server.url)
    server.files["http://localhost:9/x"] = CONTENT
    transfer("http://localhost:9/x", tmp_path / "x", checked=True, verbose=0)
    assert (tmp_path / "x").read_bytes() == CONTENT


def test_two_at_once_download_once(get, server):
    threads = [threading.Thread(target=get) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.asked) == 1
    assert get().read_bytes() == CONTENT
