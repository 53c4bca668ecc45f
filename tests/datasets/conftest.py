"""Folders of small images, and a server of files."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def write_images(tmp_path):
    """Return a function that writes one image a name, each of its own pixels, into a folder."""

    def write(*names, shape=(12, 10), dtype=np.uint8, folder="images"):
        root = tmp_path / folder
        for number, name in enumerate(names):
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            rng = np.random.default_rng(number)
            Image.fromarray(rng.integers(0, np.iinfo(dtype).max, shape, dtype=dtype)).save(path)
        return root

    return write


class FileServer(ThreadingHTTPServer):
    """Serves `files` on this machine; faults are planted by setting the attributes."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = {}  # content by name
        self.asked = []  # (name, Range header or None) of each request
        self.breaks = []  # after how many bytes of the body the next answers break off
        self.redirects = {}  # address by name
        self.ranges = True  # whether parts are served
        self.etag = None
        self.shift = 0  # by how many bytes the parts are wrong

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def serve(self, name, content):
        self.files[name] = content
        return f"{self.url}/{name}"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server, name = self.server, self.path.lstrip("/")
        wanted = self.headers["Range"]
        server.asked.append((name, wanted))
        if name in server.redirects:
            return self._head(302, Location=server.redirects[name])
        if name not in server.files:
            return self._head(404)
        body, start = server.files[name], 0
        same = self.headers["If-Range"] in (None, server.etag)
        if wanted and server.ranges and same:
            start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1]) + server.shift
        if start >= len(body):
            return self._head(416, **{"Content-Range": f"bytes */{len(body)}"})
        headers = {"ETag": server.etag} if server.etag else {}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        self._head(206 if start else 200, length=len(body) - start, **headers)
        n_bytes = server.breaks.pop(0) if server.breaks else len(body)
        self.wfile.write(body[start : start + n_bytes])

    def _head(self, status, *, length=0, **headers):
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture
def server(monkeypatch):
    """Return a running server of files; a proxy of the environment is passed by."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with FileServer() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()
