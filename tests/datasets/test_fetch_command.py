"""The command ``dlboi fetch``."""

from dataclasses import replace

import numpy as np
import pytest

from dlboi.cli import main
from dlboi.datasets._facts import RemoteFile
from dlboi.datasets._medmnist_facts import MEDMNIST


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Keep what is fetched out of the user's folders."""
    monkeypatch.setenv("DLBOI_DATA", str(tmp_path / "home"))
    monkeypatch.delenv("DLBOI_CHEST_XRAY_URL", raising=False)
    return tmp_path / "home"


@pytest.fixture
def breast(server, monkeypatch):
    """Publish something as BreastMNIST with 64 pixels."""
    remote = RemoteFile(server.serve("b", b"content"))
    facts = replace(MEDMNIST["breastmnist"], files={"breastmnist_64.npz": remote})
    monkeypatch.setitem(MEDMNIST, "breastmnist", facts)


def test_a_set_of_medmnist_is_downloaded_once_and_its_path_printed(
    breast, server, tmp_path, capsys
):
    arguments = ["fetch", "breastmnist", "--size", "64", "--data-home", str(tmp_path / "here")]
    assert main(arguments) == 0
    printed = capsys.readouterr()
    path = tmp_path / "here" / "medmnist" / "breastmnist_64.npz"
    assert printed.out == f"{path}\n"
    assert "100%" in printed.err
    assert path.read_bytes() == b"content"
    assert main([*arguments, "--quiet"]) == 0
    assert capsys.readouterr() == (f"{path}\n", "")
    assert len(server.asked) == 1


def test_the_four_arrays_of_x_rays(server, home, tmp_path, capsys):
    names = ["normal.npy", "pneumonia.npy", "test_normal.npy", "test_pneumonia.npy"]
    np.save(tmp_path / "x.npy", np.zeros((2, 4, 4), dtype=np.uint8))
    for name in names:
        server.serve(name, (tmp_path / "x.npy").read_bytes())
    assert main(["fetch", "chest_xray_npy", "--base-url", server.url, "--quiet"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [str(home / "chest_xray_npy" / name) for name in names]


def test_the_folder_of_the_textures_is_printed(home, capsys):
    (home / "colorectal_textures" / "tiles").mkdir(parents=True)
    assert main(["fetch", "colorectal_textures"]) == 0
    assert "Kather_texture_2016_image_tiles_5000\n" in capsys.readouterr().out


def test_a_download_that_fails_has_a_status_of_its_own(breast, server, home, capsys):
    server.files.clear()
    assert main(["fetch", "breastmnist", "--size", "64"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("dlboi fetch: error: http://127.0.0.1")
    assert "404" in printed.err
    assert "Traceback" not in printed.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mnist"], "There is no set 'mnist'. There are chest_xray_npy,"),
        (["breastmnist", "--size", "32"], "sizes 28, 64, 128, 224"),
        (["colorectal_textures", "--size", "28"], "others have one. Got 28"),
        (["breastmnist", "--base-url", "https://example.org"], "Leave out 'https://example.org'"),
        (["chest_xray_npy", "--base-url", "http://example.org"], "begin with https://"),
        (["chest_xray_npy"], "DLBOI_CHEST_XRAY_URL"),
    ],
)
def test_arguments_that_cannot_be_used(arguments, message, home, capsys):
    assert main(["fetch", *arguments]) == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert "Traceback" not in printed.err
    assert not home.exists()


def test_ctrl_c_keeps_what_has_arrived(breast, server, home, monkeypatch, capsys):
    def interrupted(url, part, **kwargs):
        part.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr("dlboi.datasets._download.transfer", interrupted)
    assert main(["fetch", "breastmnist", "--size", "64"]) == 130
    assert "interrupted, what has arrived is kept" in capsys.readouterr().err
    assert (home / "medmnist" / ".breastmnist_64.npz.part").read_bytes() == b"half"
