"""Sets that are fetched by name, from a server on this machine."""

import hashlib
import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from dlboi.datasets import (
    _colorectal_textures,
    clear_data_home,
    fetch_chest_xray_npy,
    fetch_colorectal_textures,
    fetch_medmnist,
    get_data_home,
)
from dlboi.datasets._facts import COLORECTAL_TEXTURES, RemoteFile
from dlboi.datasets._medmnist_facts import MEDMNIST, MEDMNIST_SIZES, medmnist_file
from dlboi.exceptions import ArchiveError, DownloadError, ImageFolderError, MissingPathError

TILES = "Kather_texture_2016_image_tiles_5000"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Keep what is fetched out of the user's folders."""
    monkeypatch.setenv("DLBOI_DATA", str(tmp_path / "home"))
    monkeypatch.delenv("DLBOI_CHEST_XRAY_URL", raising=False)
    return tmp_path / "home"


def pixels(n, shape=(8, 8), seed=0):
    return np.random.default_rng(seed).integers(0, 255, (n, *shape), dtype=np.uint8)


def bytes_of(save, *args, **kwargs):
    buffer = io.BytesIO()
    save(buffer, *args, **kwargs)
    return buffer.getvalue()


def md5(content):
    return f"md5:{hashlib.md5(content).hexdigest()}"


def publish(monkeypatch, table, name, **changes):
    monkeypatch.setitem(table, name, replace(table[name], **changes))


# ----------------------------------------------------------------------------------- the data home


def test_the_data_home_is_the_parameter_the_variable_or_the_cache(home, monkeypatch, tmp_path):
    assert get_data_home() == home
    assert get_data_home(tmp_path) == tmp_path
    monkeypatch.setenv("HOME", str(tmp_path))
    assert get_data_home("~/x") == tmp_path / "x"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("DLBOI_DATA", "")
    assert get_data_home().parts[-1] == "data"
    assert "dlboi" in get_data_home().parts
    assert list(tmp_path.iterdir()) == []


def test_clearing_deletes_what_was_fetched_and_nothing_else(home):
    for folder in ("chest_xray_npy", "colorectal_textures", "medmnist", "mine"):
        (home / folder).mkdir(parents=True)
        (home / folder / "file").write_text("x")
    clear_data_home()
    assert [path.name for path in home.iterdir()] == ["mine"]
    clear_data_home()
    clear_data_home(home / "nowhere")


# ---------------------------------------------------------------------------------------- MedMNIST


@pytest.fixture
def medmnist(server, monkeypatch):
    """Publish small arrays under the name of a set."""

    def publish_arrays(name="pneumoniamnist", size=28, shape=(8, 8), n_classes=2):
        arrays = {}
        for seed, (subset, n) in enumerate({"train": 6, "val": 2, "test": 3}.items()):
            arrays[f"{subset}_images"] = pixels(n, shape, seed)
            arrays[f"{subset}_labels"] = (np.arange(n, dtype=np.uint8) % n_classes)[:, None]
        content = bytes_of(np.savez_compressed, **arrays)
        file = medmnist_file(name, size)
        remote = RemoteFile(server.serve(file, content), md5(content))
        publish(monkeypatch, MEDMNIST, name, files={file: remote})
        return arrays

    return publish_arrays


@pytest.mark.parametrize("subset", ["train", "val", "test"])
def test_medmnist_gives_the_subset(subset, medmnist, server):
    arrays = medmnist()
    dataset = fetch_medmnist("pneumoniamnist", subset=subset)
    np.testing.assert_array_equal(dataset.data, arrays[f"{subset}_images"])
    np.testing.assert_array_equal(dataset.target, arrays[f"{subset}_labels"][:, 0])
    assert dataset.data.dtype == np.uint8
    assert dataset.target.dtype == np.int64
    assert dataset.target_names.tolist() == ["normal", "pneumonia"]
    assert dataset.groups is None
    assert dataset.image_shape == (1, 8, 8)
    assert dataset.filenames[1] == f"pneumoniamnist.npz:{subset}_images[1]"
    assert "PneumoniaMNIST" in dataset.DESCR
    assert "Licence: CC BY 4.0" in dataset.DESCR
    X, y = fetch_medmnist("pneumoniamnist", subset=subset, return_X_y=True)
    np.testing.assert_array_equal(X, dataset.data)
    np.testing.assert_array_equal(y, dataset.target)
    assert len(server.asked) == 1


def test_sizes_are_files_of_their_own_and_colour_stays(medmnist, home):
    medmnist("bloodmnist", size=64, shape=(9, 9, 3), n_classes=8)
    assert fetch_medmnist("bloodmnist", size=64).image_shape == (3, 9, 9)
    assert (home / "medmnist" / "bloodmnist_64.npz").is_file()


def test_medmnist_with_another_md5_is_refused(medmnist, server, home):
    medmnist()
    server.files["pneumoniamnist.npz"] += b"x"
    with pytest.raises(DownloadError, match="checksum is md5:"):
        fetch_medmnist("pneumoniamnist")
    assert not (home / "medmnist" / "pneumoniamnist.npz").exists()


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"name": "chestmnist"}, "name"),
        ({"name": "bloodmnist", "size": 32}, "size"),
        ({"name": "bloodmnist", "subset": "all"}, "subset"),
    ],
)
def test_parameters_of_medmnist(arguments, name):
    with pytest.raises(ValueError, match=f"The '{name}' parameter of fetch_medmnist"):
        fetch_medmnist(**arguments)


def test_the_table_of_medmnist_is_complete():
    assert len(MEDMNIST) == 11
    checksums = []
    for name, facts in MEDMNIST.items():
        assert facts.title.lower() == name
        assert set(facts.n_images) == {"train", "val", "test"}
        assert len(set(facts.target_names)) == len(facts.target_names) >= 2
        assert list(facts.files) == [medmnist_file(name, size) for size in MEDMNIST_SIZES]
        for file, remote in facts.files.items():
            assert remote.url.startswith("https://zenodo.org/records/10519652/files/")
            assert file in remote.url
            checksums.append(remote.checksum)
    assert len(set(checksums)) == 44
    assert {len(checksum) for checksum in checksums} == {len("md5:") + 32}
    assert MEDMNIST["dermamnist"].licence == "CC BY-NC 4.0"


# ---------------------------------------------------------------------------- colorectal textures


@pytest.fixture
def textures(server, monkeypatch):
    """Publish an archive of two tiles a class."""

    def publish_archive(*, truncated=False, extra=()):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for code, name in enumerate(COLORECTAL_TEXTURES.target_names):
                for number in range(2):
                    tile = Image.fromarray(pixels(1, (150, 150, 3), 2 * code + number)[0])
                    file = f"{number}A_CRC-Prim-HE-0{code % 3 + 1}_00{number}b.tif_Row_1_Col_1.tif"
                    archive.writestr(
                        f"{TILES}/0{code + 1}_{name.upper()}/{file}",
                        bytes_of(tile.save, format="TIFF"),
                    )
            for name in extra:
                archive.writestr(name, b"x")
        content = buffer.getvalue()[: 100_000 if truncated else None]
        file = f"{TILES}.zip"
        facts = replace(
            COLORECTAL_TEXTURES,
            n_images={"all": 16},
            files={file: RemoteFile(server.serve(file, content), md5(content))},
        )
        monkeypatch.setattr(_colorectal_textures, "COLORECTAL_TEXTURES", facts)

    return publish_archive


def test_textures_have_classes_and_slides(textures, server, home):
    textures()
    dataset = fetch_colorectal_textures()
    assert dataset.data.shape == (16, 150, 150, 3)
    np.testing.assert_array_equal(dataset.data[3], pixels(1, (150, 150, 3), 3)[0])
    assert dataset.target.tolist() == np.repeat(range(8), 2).tolist()
    assert dataset.target_names.tolist() == list(COLORECTAL_TEXTURES.target_names)
    assert dataset.groups[:4].tolist() == ["CRC-Prim-HE-01"] * 2 + ["CRC-Prim-HE-02"] * 2
    assert dataset.image_shape == (3, 150, 150)
    assert dataset.filenames[2].endswith("02_STROMA/0A_CRC-Prim-HE-02_000b.tif_Row_1_Col_1.tif")
    assert "empty    2 images, 1 groups" in dataset.DESCR
    (home / "colorectal_textures" / f"{TILES}.zip").unlink()
    X, y = fetch_colorectal_textures(return_X_y=True, download_if_missing=False)
    np.testing.assert_array_equal(X, dataset.data)
    np.testing.assert_array_equal(y, dataset.target)
    assert len(server.asked) == 1


def test_some_classes_in_an_order_of_ones_own_and_cut(textures):
    textures()
    dataset = fetch_colorectal_textures(classes=["mucosa", "tumor"], crop=128, n_jobs=2)
    assert dataset.target_names.tolist() == ["mucosa", "tumor"]
    assert dataset.target.tolist() == [0, 0, 1, 1]
    np.testing.assert_array_equal(dataset.data[2], pixels(1, (150, 150, 3), 0)[0, :128, :128])


@pytest.mark.parametrize("classes", [[], ["tumor", "tumor"], ["tumour"], ["TUMOR"]])
def test_classes_that_are_none_are_named(classes):
    with pytest.raises(ValueError, match=r"The 'classes' parameter.*'tumor', 'stroma'"):
        fetch_colorectal_textures(classes=classes)


def test_a_truncated_archive_leaves_no_tiles(textures, home):
    textures(truncated=True)
    with pytest.raises(ArchiveError, match=r"5000\.zip' was not unpacked.*Delete it"):
        fetch_colorectal_textures()
    assert not (home / "colorectal_textures" / "tiles").exists()


def test_an_archive_that_reaches_out_is_not_unpacked(textures, home):
    textures(extra=["../../out"])
    with pytest.raises(ArchiveError, match="lies outside"):
        fetch_colorectal_textures()
    assert [path.name for path in home.rglob("*") if path.suffix == ".tif"] == []
    assert not (home / "out").exists()


def test_tiles_that_are_missing_are_noticed(textures, home):
    textures()
    first = fetch_colorectal_textures().filenames[0]
    (home / first).unlink()
    with pytest.raises(ImageFolderError, match=r"15 images instead of 16\. Delete '.*tiles'"):
        fetch_colorectal_textures()


def test_textures_that_may_not_be_downloaded(home):
    with pytest.raises(MissingPathError, match=rf"'{home}/.*zenodo.org/records/53169.*md5:0ddbeb"):
        fetch_colorectal_textures(download_if_missing=False)


# ------------------------------------------------------------------------------ the course's X-rays


@pytest.fixture
def arrays(server):
    """Publish the four arrays and return them by file name."""
    shapes = {"normal": 4, "pneumonia": 3, "test_normal": 2, "test_pneumonia": 1}
    made = {f"{name}.npy": pixels(n, seed=n) for name, n in shapes.items()}
    for name, array in made.items():
        server.serve(f"xray/{name}", bytes_of(np.save, array))
    return made


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_arrays_come_from_the_address_given(slash, arrays, server, home):
    train = fetch_chest_xray_npy(base_url=f"{server.url}/xray{slash}")
    np.testing.assert_array_equal(
        train.data, np.concatenate([arrays["normal.npy"], arrays["pneumonia.npy"]])
    )
    assert train.target.tolist() == [0, 0, 0, 0, 1, 1, 1]
    assert train.target_names.tolist() == ["normal", "pneumonia"]
    assert train.groups is None
    assert train.filenames[5] == f"{home / 'chest_xray_npy' / 'pneumonia.npy'}[1]"
    assert "Kermany" in train.DESCR
    assert [name for name, _ in server.asked] == ["xray/normal.npy", "xray/pneumonia.npy"]
    X, y = fetch_chest_xray_npy(return_X_y=True)  # from the files that are there
    np.testing.assert_array_equal(X, train.data)
    np.testing.assert_array_equal(y, train.target)
    assert len(server.asked) == 2


def test_the_address_of_the_environment(arrays, server, monkeypatch):
    monkeypatch.setenv("DLBOI_CHEST_XRAY_URL", f"{server.url}/xray")
    test = fetch_chest_xray_npy(subset="test")
    np.testing.assert_array_equal(test.data[:2], arrays["test_normal.npy"])
    assert test.target.tolist() == [0, 0, 1]


@pytest.mark.parametrize("download_if_missing", [True, False])
def test_without_an_address_the_error_says_what_to_do(download_if_missing, home):
    with pytest.raises(MissingPathError, match=r"base_url.*DLBOI_CHEST_XRAY_URL.*test_normal\.npy"):
        fetch_chest_xray_npy(download_if_missing=download_if_missing)
    assert not home.exists()


def test_checksums_of_the_course(arrays, server, home):
    content = server.files["xray/normal.npy"]
    sums = {"normal.npy": hashlib.sha256(content).hexdigest().upper()}
    fetch_chest_xray_npy(base_url=f"{server.url}/xray", checksums=sums)
    sums["pneumonia.npy"] = md5(b"another file")
    with pytest.raises(MissingPathError, match=r"pneumonia\.npy' is not the one of its checksum"):
        fetch_chest_xray_npy(checksums=sums)
    with pytest.raises(DownloadError, match="was not kept"):
        fetch_chest_xray_npy(base_url=f"{server.url}/xray", checksums=sums)


@pytest.mark.parametrize(
    "checksums", [{"other.npy": "0" * 64}, {"normal.npy": "0" * 32}, {"normal.npy": None}]
)
def test_checksums_that_are_none(checksums):
    with pytest.raises(ValueError, match="The 'checksums' parameter of fetch_chest_xray_npy"):
        fetch_chest_xray_npy(checksums=checksums)


@pytest.mark.parametrize("content", [b"<html>Log in</html>", b""])
def test_a_page_in_the_place_of_an_array_is_not_kept(content, arrays, server, home):
    server.files["xray/pneumonia.npy"] = content
    with pytest.raises(DownloadError):
        fetch_chest_xray_npy(base_url=f"{server.url}/xray")
    assert not (home / "chest_xray_npy" / "pneumonia.npy").exists()


def test_an_address_without_https(home):
    with pytest.raises(ValueError, match="begin with https://"):
        fetch_chest_xray_npy(base_url="http://example.org")
    assert not home.exists()


# ------------------------------------------------------------------------------- the real addresses


@pytest.mark.network
def test_medmnist_is_published_as_the_table_says():
    for subset, n in MEDMNIST["breastmnist"].n_images.items():
        assert fetch_medmnist("breastmnist", subset=subset).data.shape == (n, 28, 28)


@pytest.mark.network
def test_the_textures_are_published_as_the_table_says():
    dataset = fetch_colorectal_textures()
    assert dataset.data.shape == (5000, 150, 150, 3)
    assert np.bincount(dataset.target).tolist() == [625] * 8
    assert len(np.unique(dataset.groups)) == 10
