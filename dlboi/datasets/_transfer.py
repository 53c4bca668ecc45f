"""Transfer one file, going on where an earlier transfer broke off."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from pooch import HTTPDownloader

_TIMEOUT = 30  # seconds without a byte
_CHUNK = 2**16  # bytes; what a broken connection may lose
_MAX_REQUESTS = 100  # for a server that breaks off again and again
_LOCAL = ("localhost", "127.0.0.1", "::1")


def check_address(url: str) -> None:
    """Refuse addresses that are not https; http is good enough for this machine itself."""
    if not _is_allowed(url):
        raise ValueError(
            f"Files are downloaded from addresses that begin with https://. Got {url!r} instead."
        )


def _is_allowed(url):
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)


def note_of(part: Path) -> Path:
    """Return the file that says where a part comes from."""
    return part.with_name(f"{part.name}.json")


def transfer(url: str, part: Path, *, checked: bool, verbose: int | bool) -> None:
    """Write what is at an address to a file.

    Where the connection breaks, the transfer goes on from there, as long as every attempt brings
    something. What has come by then stays, and the next call goes on from there.

    Parameters
    ----------
    url : str
        The address.
    part : Path
        File to write, or to go on with.
    checked : bool
        Whether the whole file will be held against a checksum. If not, an earlier part is used only
        where the server says that the file is still the same, by its entity tag.
    verbose : int or bool
        Whether to show a progress bar on stderr.

    Raises
    ------
    OSError
        The server cannot be reached or refuses, the transfer breaks off, or `part` cannot be
        written. The errors of ``requests`` are such.
    ValueError
        The address is not https.
    """
    check_address(url)
    for n_left in reversed(range(_MAX_REQUESTS)):
        attempt = _Attempt(url, part, checked)
        try:
            attempt.run(verbose)
        except OSError:
            if attempt.was_complete:
                return
            if n_left == 0 or not attempt.leads_on():
                raise
        else:
            return


class _Attempt:
    """One request, for what follows the first `start` bytes."""

    def __init__(self, url, part, checked):
        self.url, self.part = url, part
        self.status, self._size = None, None
        self.was_complete = False
        self.start, self._etag = _usable(part, url, checked)
        if self.start == 0:
            part.unlink(missing_ok=True)

    def leads_on(self):
        """Whether another request may do better than this one, which has failed."""
        if self.status == 416 and self.start > 0:
            self.part.unlink()  # it does not fit the file
            return True
        return self.part.exists() and self.part.stat().st_size > self.start

    def run(self, verbose):
        # Sizes and ranges are then those of the file, not of its compression.
        headers = {"Accept-Encoding": "identity"}
        if self.start:
            headers["Range"] = f"bytes={self.start}-"
            if self._etag:
                headers["If-Range"] = self._etag
        download = HTTPDownloader(
            progressbar=bool(verbose),
            chunk_size=_CHUNK,
            timeout=_TIMEOUT,
            headers=headers,
            hooks={"response": self._look_at},
        )
        with self.part.open("ab") as self._file:
            download(self.url, self._file, None)
        n_bytes = self.part.stat().st_size
        if self._size is not None and n_bytes != self._size:
            raise OSError(f"{n_bytes} of {self._size} bytes came")

    def _look_at(self, response, **_):
        """Look at the head of an answer before its body is written."""
        self.status, headers = response.status_code, response.headers
        if response.is_redirect:
            self._check_redirect(urljoin(response.url, headers["Location"]))
        elif self.status == 206:
            span = re.match(r"bytes (\d+)-\d+/(\d+)$", headers.get("Content-Range", ""))
            if span is None or int(span[1]) != self.start:
                raise OSError(f"the server sent another range than from byte {self.start}")
            self._size = int(span[2])
        elif self.status == 416:  # nothing follows the part
            self.was_complete = headers.get("Content-Range") == f"bytes */{self.start}"
        elif self.status == 200:
            self._begin_anew(headers)

    def _begin_anew(self, headers):
        self._file.truncate(0)
        if "Content-Encoding" not in headers and "Content-Length" in headers:
            self._size = int(headers["Content-Length"])
        etag = headers.get("ETag", "")
        note = {"url": self.url, "etag": "" if etag.startswith("W/") else etag}
        note_of(self.part).write_text(json.dumps(note), encoding="utf-8")

    def _check_redirect(self, target):
        leaves_https = self.url.startswith("https:") and not target.startswith("https:")
        if leaves_https or not _is_allowed(target):
            raise OSError(f"the server redirects to {target}, which is not https")


def _usable(part, url, checked):
    """Return how many bytes of a part can be used, and the entity tag of the file."""
    try:
        n_bytes = part.stat().st_size
        note = json.loads(note_of(part).read_text(encoding="utf-8"))
        same, etag = note["url"] == url, note["etag"]
    except (FileNotFoundError, ValueError, TypeError, KeyError):  # no part, or none of ours
        return 0, ""
    return (n_bytes, etag) if same and (checked or etag) else (0, "")
