"""Headless Chromium, which says of a page what a person would stumble over."""

import html
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
WIDTHS = (390, 1280)

_CHECKS = Path(__file__).with_name("checks.js").read_text()
_QUIET = ["background-networking", "component-update", "sync", "gpu", "default-apps"]


def inspect(page: str, *, dark: bool) -> tuple[list[dict], list[str]]:
    """Show a page in frames of a telephone's and of a desk's width.

    Parameters
    ----------
    page : str
        The HTML.
    dark : bool
        Whether the reader prefers dark pages.

    Returns
    -------
    found : list of dict
        What ``check`` of ``checks.js`` says of each width.
    console : list of str
        What the browser wrote to its console.
    """
    frames = "".join(
        f'<iframe style="border:0;width:{width}px;height:900px" srcdoc="{html.escape(page)}">'
        "</iframe>"
        for width in WIDTHS
    )
    harness = (
        f'<!DOCTYPE html><meta charset="utf-8"><body>{frames}<pre id="found"></pre>'
        f"<script>{_CHECKS}\n"
        "addEventListener('load', () => { document.getElementById('found').textContent ="
        "JSON.stringify([...document.querySelectorAll('iframe')].map(check)); });</script>"
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "harness.html")
        file.write_text(harness, encoding="utf-8")
        command = [
            CHROMIUM,
            "--headless",
            "--no-sandbox",
            "--no-first-run",
            *(f"--disable-{name}" for name in _QUIET),
            f"--user-data-dir={folder}/profile",
            f"--blink-settings=preferredColorScheme={0 if dark else 1}",
            "--enable-logging=stderr",
            "--window-size=1800,1000",
            "--dump-dom",
            file.as_uri(),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    found = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)[1]
    console = re.findall(r".*:CONSOLE[:(].*", done.stderr)
    return json.loads(html.unescape(found)), console
