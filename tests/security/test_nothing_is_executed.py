"""Files made to execute something when they are read, under every name that dlboi reads.

What `dlboi.load`, weights of networks, checkpoints and the command line do with such files stands
with their other tests.
"""

import ast
import io
import os
import pickle
from pathlib import Path

import numpy as np
import pytest

import dlboi
from dlboi.datasets import fetch_chest_xray_npy, fetch_medmnist, load_image_folder, load_npy_classes
from dlboi.datasets._image_files import IMAGE_SUFFIXES, read_image
from dlboi.evaluation import times_scored
from dlboi.exceptions import DlboiError, DlboiWarning, ImageFileError
from dlboi.studies import StudyResult, compare
from dlboi.training import FeatureCache
from tests.studies.prototypes import RandomProjections, make_patients


class Trap:
    """Makes a folder when it is unpickled."""

    def __init__(self, sprung):
        self.sprung = sprung

    def __reduce__(self):
        return os.mkdir, (str(self.sprung),)


@pytest.fixture
def trap(tmp_path):
    """Return a trap; after the test it is seen not to have sprung, and then that it can."""
    trap = Trap(tmp_path / "sprung")
    yield trap
    assert not trap.sprung.exists()
    pickle.loads(pickle.dumps(trap))
    assert trap.sprung.exists()


def array_of(trap, shape=(2,)):
    array = np.empty(shape, dtype=object)
    array[:] = trap
    return array


def npz_of(trap, names):
    buffer = io.BytesIO()
    np.savez(buffer, **dict.fromkeys(names, array_of(trap)))
    return buffer.getvalue()


@pytest.mark.parametrize("head", [b"", bytes(128) + b"DICM"], ids=["alone", "as DICOM"])
@pytest.mark.parametrize("suffix", [*IMAGE_SUFFIXES, ""])
def test_image_files(tmp_path, trap, suffix, head):
    path = tmp_path / "a" / f"image{suffix}"
    path.parent.mkdir()
    path.write_bytes(head + pickle.dumps(trap))
    with pytest.raises(DlboiError):
        read_image(path)
    with pytest.raises(DlboiError):
        load_image_folder(tmp_path)


@pytest.mark.parametrize("mmap_mode", ["r", "c", None])
def test_arrays_of_images(tmp_path, trap, mmap_mode):
    np.save(tmp_path / "a.npy", array_of(trap, (2, 4, 4)), allow_pickle=True)
    with pytest.raises(ImageFileError, match=r"a\.npy"):
        load_npy_classes([tmp_path / "a.npy"], mmap_mode=mmap_mode)
    (tmp_path / "b.npy").write_bytes(pickle.dumps(trap))
    with pytest.raises(ImageFileError, match=r"b\.npy"):
        load_npy_classes([tmp_path / "b.npy"], mmap_mode=mmap_mode)


def test_groups(tmp_path, trap):
    np.save(tmp_path / "images.npy", np.zeros((2, 4, 4), dtype=np.uint8))
    np.save(tmp_path / "groups.npy", array_of(trap), allow_pickle=True)
    with pytest.raises(ImageFileError, match=r"groups\.npy"):
        load_npy_classes([tmp_path / "images.npy"], groups=tmp_path / "groups.npy")
    (tmp_path / "groups.npy").write_bytes(pickle.dumps(trap))
    with pytest.raises(ImageFileError, match=r"groups\.npy"):
        load_npy_classes([tmp_path / "images.npy"], groups=tmp_path / "groups.npy")


def test_fetched_files(tmp_path, trap):
    """Checksums protect sets that have some; the chest X-rays have none."""
    files = {
        "chest_xray_npy/normal.npy": array_of(trap, (2, 4, 4)),
        "chest_xray_npy/pneumonia.npy": array_of(trap, (2, 4, 4)),
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        np.save(tmp_path / name, content, allow_pickle=True)
    (tmp_path / "medmnist").mkdir()
    (tmp_path / "medmnist" / "pneumoniamnist.npz").write_bytes(npz_of(trap, ["train_images"]))
    for fetch in (fetch_chest_xray_npy, lambda **how: fetch_medmnist("pneumoniamnist", **how)):
        with pytest.raises(DlboiError):
            fetch(data_home=tmp_path, download_if_missing=False)


def levels():
    return {"stream 0": RandomProjections(), "stream 1": RandomProjections(stream=1)}


def test_saved_studies(tmp_path, trap):
    result = compare(levels(), make_patients(20, 0), test=0.3, verbose=0)
    path = tmp_path / "study.npz"
    result.save(path)
    with np.load(path) as content:
        names = content.files
    for content in (npz_of(trap, names), pickle.dumps(trap)):
        path.write_bytes(content)
        with pytest.raises(DlboiError, match=r"study\.npz"):
            StudyResult.load(path)


@pytest.mark.filterwarnings("always::dlboi.exceptions.DlboiWarning")
def test_journals(tmp_path, trap):
    def study():
        return compare(levels(), make_patients(20, 0), test=0.3, memory=tmp_path / "j", verbose=0)

    first = study()
    runs = sorted((tmp_path / "j").rglob("*.npz"))
    for number, path in enumerate(runs):
        content = npz_of(trap, np.load(path).files) if number % 2 else pickle.dumps(trap)
        path.write_bytes(content)
    with pytest.warns(DlboiWarning, match="the run is done again"):
        again = study()
    assert again.runs["test_accuracy"].tolist() == first.runs["test_accuracy"].tolist()
    (settings,) = (tmp_path / "j").rglob("*.json")
    settings.write_bytes(pickle.dumps(trap))
    with pytest.raises(DlboiError):
        study()


def test_kept_features(tmp_path, trap):
    cache = FeatureCache(tmp_path / "cache")
    rows = np.ones((2, 3), dtype=np.float32)
    cache.fetch(["a", "b"], lambda _: rows)
    for path in (tmp_path / "cache").glob("*.shard"):
        head = path.read_bytes()[:16]
        path.write_bytes(head + pickle.dumps(trap))
    read = FeatureCache(tmp_path / "cache").fetch(["a", "b"], lambda missing: rows[: len(missing)])
    np.testing.assert_array_equal(read, rows)


@pytest.mark.filterwarnings("always::dlboi.exceptions.DlboiWarning")
def test_the_count_of_scorings(tmp_path, trap, monkeypatch):
    monkeypatch.setenv("DLBOI_CACHE", str(tmp_path))
    (tmp_path / "scored_sets").mkdir()
    (tmp_path / "scored_sets" / "counts.json").write_bytes(pickle.dumps(trap))
    assert times_scored(np.zeros((2, 4)), [0, 1]) == 0


#: What may be called only in a way that executes nothing: the argument that makes it so.
SAFE_WITH = {"np.load": "allow_pickle=False", "torch.load": "weights_only=True"}
SAFE_WITH["np.lib.format.read_array"] = "allow_pickle=False"

#: Unpickles what it has pickled itself, to see whether another process could.
OWN_PICKLES = {("_study.py", "pickle.loads")}

NEVER = {"eval", "exec", "compile", "pickle.load", "pickle.loads", "pickle.Unpickler", "os.system"}
NEVER |= {"joblib.load", "torch.jit.load", "torch.hub.load", "np.fromfile", "marshal.loads"}


def calls():
    for path in Path(dlboi.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield path.name, ast.unparse(node.func), {ast.unparse(k) for k in node.keywords}


def test_the_source_calls_nothing_that_executes_what_it_reads():
    found = list(calls())
    assert {"np.load", "torch.load"} <= {name for _, name, _ in found}
    harmful = {
        (file, name)
        for file, name, arguments in found
        if name in NEVER or (name in SAFE_WITH and SAFE_WITH[name] not in arguments)
    }
    assert harmful == OWN_PICKLES
