"""The one table of what is known of the published sets that can be fetched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dlboi.datasets._bunch import class_table


@dataclass(frozen=True)
class RemoteFile:
    """Where a file is published, and its checksum as ``algorithm:digest``; None: not known."""

    url: str | None = None
    checksum: str | None = None


@dataclass(frozen=True)
class SetFacts:
    """What is known of a set; `n_images` and `files` go by subset and by file name."""

    title: str
    summary: str
    source: str
    licence: str
    references: tuple[str, ...]
    target_names: tuple[str, ...]
    n_images: Mapping[str, int]
    files: Mapping[str, RemoteFile]

    def describe(self, data: np.ndarray, target: np.ndarray, target_names, groups=None) -> str:
        """Return the DESCR of some images of the set."""
        return "\n".join(
            [
                self.title,
                "",
                self.summary,
                "",
                class_table(target, target_names, groups),
                "",
                f"array of shape {data.shape}, {data.dtype}",
                "in all: "
                + ", ".join(f"{number} images ({name})" for name, number in self.n_images.items()),
                "",
                f"Source: {self.source}",
                f"Licence: {self.licence}",
                *(f"Reference: {reference}" for reference in self.references),
            ]
        )


#: Published by nobody in this form: a course hands the four files out.
CHEST_XRAY_NPY = SetFacts(
    title="Paediatric chest X-rays, pneumonia or not, as NumPy arrays",
    summary=(
        "Frontal X-rays of the chests of children of one to five years, from a hospital in "
        "Guangzhou. Grey, 256x256 pixels. A draw from the public set, with equal numbers of both "
        "classes. The arrays do not say which images are of one patient, although many are."
    ),
    source="https://doi.org/10.17632/rscbjbr9sj (the public set, as JPEG files)",
    licence="CC BY 4.0",
    references=(
        "Kermany, Goldbaum, Cai et al. Identifying medical diagnoses and treatable diseases by "
        "image-based deep learning. Cell 172:1122-1131, 2018.",
    ),
    target_names=("normal", "pneumonia"),
    n_images={"train": 2000, "test": 400},
    files={
        "normal.npy": RemoteFile(),
        "pneumonia.npy": RemoteFile(),
        "test_normal.npy": RemoteFile(),
        "test_pneumonia.npy": RemoteFile(),
    },
)

COLORECTAL_TEXTURES = SetFacts(
    title="Textures of colorectal cancer",
    summary=(
        "Tiles of 150x150 pixels (74x74 micrometres) from haematoxylin-eosin sections of "
        "colorectal adenocarcinomas, University Medical Center Mannheim; 625 tiles of each of "
        "eight kinds of tissue. The groups are the numbers that the file names give to the ten "
        "slides."
    ),
    source="https://zenodo.org/records/53169",
    licence="CC BY 4.0",
    references=(
        "Kather, Weis, Bianconi et al. Multi-class texture analysis in colorectal cancer "
        "histology. Scientific Reports 6:27988, 2016.",
    ),
    # In the order of the folders 01_TUMOR to 08_EMPTY.
    target_names=(
        "tumor",
        "stroma",
        "complex",
        "lympho",
        "debris",
        "mucosa",
        "adipose",
        "empty",
    ),
    n_images={"all": 5000},
    files={
        # 258098431 bytes; the MD5 is the one that Zenodo shows beside the file.
        "Kather_texture_2016_image_tiles_5000.zip": RemoteFile(
            "https://zenodo.org/records/53169/files/Kather_texture_2016_image_tiles_5000.zip"
            "?download=1",
            "md5:0ddbebfc56344752028fda72602aaade",
        )
    },
)
