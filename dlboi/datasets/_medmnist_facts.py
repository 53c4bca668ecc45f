"""What is known of the two-dimensional sets of MedMNIST that have one class an image.

Addresses, numbers of images, names of the classes and MD5s are those of ``medmnist/info.py``,
version 3.0.2, in the repository of the authors (github.com/MedMNIST/MedMNIST). The files are those
of Zenodo record 10519652. ChestMNIST has several labels an image, and is not here for that.
"""

from __future__ import annotations

from dlboi.datasets._facts import RemoteFile, SetFacts

MEDMNIST_SIZES = (28, 64, 128, 224)

_RECORD = "https://zenodo.org/records/10519652"
_REFERENCE = (
    "Yang, Shi, Wei et al. MedMNIST v2: a large-scale lightweight benchmark for 2D and 3D "
    "biomedical image classification. Scientific Data 10:41, 2023."
)


def medmnist_file(name: str, size: int) -> str:
    """Return the name of the file that holds a set at a size in pixels."""
    return f"{name}.npz" if size == 28 else f"{name}_{size}.npz"


def _facts(title, summary, target_names, n_images, md5s, licence="CC BY 4.0"):
    files = (medmnist_file(title.lower(), size) for size in MEDMNIST_SIZES)
    return SetFacts(
        title=title,
        summary=summary,
        source=_RECORD,
        licence=licence,
        references=(_REFERENCE,),
        target_names=tuple(target_names.split("; ")),
        n_images=n_images,
        files={
            file: RemoteFile(f"{_RECORD}/files/{file}?download=1", f"md5:{md5}")
            for file, md5 in zip(files, md5s, strict=True)
        },
    )


_ORGANS = (
    "bladder; femur-left; femur-right; heart; kidney-left; kidney-right; liver; lung-left; lung-"
    "right; pancreas; spleen"
)

#: By name; the MD5s are in the order of the sizes.
MEDMNIST = {
    "bloodmnist": _facts(
        "BloodMNIST",
        (
            "Blood cells of people without infection, blood disease or cancer, centre-cropped, by "
            "type of cell."
        ),
        (
            "basophil; eosinophil; erythroblast; immature granulocytes(myelocytes, metamyelocytes "
            "and promyelocytes); lymphocyte; monocyte; neutrophil; platelet"
        ),
        {"train": 11959, "val": 1712, "test": 3421},
        (
            "7053d0359d879ad8a5505303e11de1dc",
            "2b94928a2ae4916078ca51e05b6b800b",
            "adace1e0ed228fccda1f39692059dd4c",
            "b718ff6835fcbdb22ba9eacccd7b2601",
        ),
    ),
    "breastmnist": _facts(
        "BreastMNIST",
        "Ultrasound images of breasts; normal and benign are one class.",
        "malignant; normal, benign",
        {"train": 546, "val": 78, "test": 156},
        (
            "750601b1f35ba3300ea97c75c52ff8f6",
            "742edef2a1fd1524b2efff4bd7ba9364",
            "363e4b3f8d712e9b5de15470a2aaadf1",
            "b56378a6eefa9fed602bb16d192d4c8b",
        ),
    ),
    "dermamnist": _facts(
        "DermaMNIST",
        "Dermatoscopic images of pigmented skin lesions (HAM10000), by diagnosis.",
        (
            "actinic keratoses and intraepithelial carcinoma; basal cell carcinoma; benign "
            "keratosis-like lesions; dermatofibroma; melanoma; melanocytic nevi; vascular lesions"
        ),
        {"train": 7007, "val": 1003, "test": 2005},
        (
            "0744692d530f8e62ec473284d019b0c7",
            "b70a2f5635c6199aeaa28c31d7202e1f",
            "2defd784463fa5243564e855ed717de1",
            "8974907d8e169bef5f5b96bc506ae45d",
        ),
        licence="CC BY-NC 4.0",
    ),
    "octmnist": _facts(
        "OCTMNIST",
        "Retinas by optical coherence tomography, centre-cropped, by disease.",
        "choroidal neovascularization; diabetic macular edema; drusen; normal",
        {"train": 97477, "val": 10832, "test": 1000},
        (
            "c68d92d5b585d8d81f7112f81e2d0842",
            "e229e9440236b774d9f0dfef9d07bdaf",
            "0a97e76651ace45c5d943ee3f65b63ae",
            "abc493b6d529d5de7569faaef2773ba3",
        ),
    ),
    "organamnist": _facts(
        "OrganAMNIST",
        "Axial slices of abdominal CT (LiTS), cut to one organ each.",
        _ORGANS,
        {"train": 34561, "val": 6491, "test": 17778},
        (
            "68e3f8846a6bd62f0c9bf841c0d9eacc",
            "2dcccc29b88e6da5a01161ef20cda288",
            "eeae80d0a227a8d099027e1b3cfd3b60",
            "50747347e05c87dd3aaf92c49f9f3170",
        ),
    ),
    "organcmnist": _facts(
        "OrganCMNIST",
        "Coronal slices of abdominal CT (LiTS), cut to one organ each.",
        _ORGANS,
        {"train": 12975, "val": 2392, "test": 8216},
        (
            "b9ceb9546e10131b32923c5bbeaea2b1",
            "3ce34a8724ea6f548e6db4744d03b6a9",
            "773c1f009daa3fe5d9a2a201b2a7ed94",
            "050f5e875dc056f6768abf94ec9995d1",
        ),
    ),
    "organsmnist": _facts(
        "OrganSMNIST",
        "Sagittal slices of abdominal CT (LiTS), cut to one organ each.",
        _ORGANS,
        {"train": 13932, "val": 2452, "test": 8827},
        (
            "9ab87b696fb54e2a387ebe992d6ed5f1",
            "53a6d115339d874c25e309a994ff46d3",
            "ded0c5fa01a95dc4978b956f613e9b8e",
            "b354719e553fbbb2513d5533f52a4cb1",
        ),
    ),
    "pathmnist": _facts(
        "PathMNIST",
        (
            "Tiles of haematoxylin-eosin sections of colorectal cancer (NCT-CRC-HE-100K); the test"
            " images are from another centre."
        ),
        (
            "adipose; background; debris; lymphocytes; mucus; smooth muscle; normal colon mucosa; "
            "cancer-associated stroma; colorectal adenocarcinoma epithelium"
        ),
        {"train": 89996, "val": 10004, "test": 7180},
        (
            "a8b06965200029087d5bd730944a56c1",
            "55aa9c1e0525abe5a6b9d8343a507616",
            "ac42d08fb904d92c244187169d1fd1d9",
            "2c51a510bcdc9cf8ddb2af93af1eadec",
        ),
    ),
    "pneumoniamnist": _facts(
        "PneumoniaMNIST",
        (
            "Paediatric chest X-rays (Kermany et al. 2018), centre-cropped; the test images are "
            "the validation images of the source."
        ),
        "normal; pneumonia",
        {"train": 4708, "val": 524, "test": 624},
        (
            "28209eda62fecd6e6a2d98b1501bb15f",
            "8f4eceb4ccffa70c672198ea285246c6",
            "05b46931834c231683c68f40c47b2971",
            "d6a3c71de1b945ea11211b03746c1fe1",
        ),
    ),
    "retinamnist": _facts(
        "RetinaMNIST",
        "Fundus photographs (DeepDRiD), by the grade of diabetic retinopathy, 0 to 4.",
        "0; 1; 2; 3; 4",
        {"train": 1080, "val": 120, "test": 400},
        (
            "bd4c0672f1bba3e3a89f0e4e876791e4",
            "afda852cc34dcda56f86ad2b2457dbcc",
            "e48e916a24454daf90583d4e6efb1a18",
            "eae7e3b6f3fcbda4ae613ebdcbe35348",
        ),
    ),
    "tissuemnist": _facts(
        "TissueMNIST",
        "Human kidney cortex cells (BBBC051), the brightest of seven slices at each pixel.",
        (
            "Collecting Duct, Connecting Tubule; Distal Convoluted Tubule; Glomerular endothelial "
            "cells; Interstitial endothelial cells; Leukocytes; Podocytes; Proximal Tubule "
            "Segments; Thick Ascending Limb"
        ),
        {"train": 165466, "val": 23640, "test": 47280},
        (
            "ebe78ee8b05294063de985d821c1c34b",
            "123ece2eba09d0aa5d698fda57103344",
            "61b955355d7425a89687b06cca3ce0c2",
            "b077128c4a949f0a4eb01517f9037b9c",
        ),
    ),
}
