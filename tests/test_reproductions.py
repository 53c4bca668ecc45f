"""Every row of the reproductions runs, on a few synthetic images in the place of the real ones."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from dlboi.datasets import make_chest_phantoms, make_tissue_phantoms
from dlboi.studies import StudyResult

ROOT = Path(__file__).parents[1]
ROWS = ["E1", "E2", "E3", "E4", "E5", "E5b", "E6", "E7", "E8", "E9", "E9b", "E10", "E12", "E13"]


def _write(phantoms, folder, names, form):
    for number, (image, code) in enumerate(zip(phantoms.data, phantoms.target, strict=True)):
        patient = phantoms.groups[number].removeprefix("patient_")
        path = folder / names[code] / form.format(patient, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder = tmp_path_factory.mktemp("images")
    for part, n_images, seed in (("train", 60, 0), ("test", 20, 1)):
        phantoms = make_chest_phantoms(n_images, image_size=32, random_state=seed)
        _write(phantoms, folder / "chest_xray" / part, ["NORMAL", "PNEUMONIA"], form="IM-{}-{}.png")
    tissue = make_tissue_phantoms(90, image_size=32, random_state=0)
    names = [f"class_{code}" for code in range(6)]
    _write(tissue, folder / "colorectal_biopsies", names, form="GT{}-{}.png")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS)
def test_a_row_runs(row, images, tmp_path):
    folders = {"memory": tmp_path / "memory", "results": tmp_path, "page": tmp_path / "page.rst"}
    options = [f"--{name}={path}" for name, path in {"data": images, **folders}.items()]
    command = [sys.executable, "-m", "benchmarks.reproductions", row, *options]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    result = StudyResult.load(tmp_path / f"{row}.npz")
    assert (result.runs["error"] == "").all()
    assert len(result.findings) > 0
    assert f"{row}: " in folders["page"].read_text()
