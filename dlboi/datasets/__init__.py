"""Load, fetch and make sets of images."""

from dlboi.datasets._chest_phantoms import make_chest_phantoms
from dlboi.datasets._chest_xray_npy import fetch_chest_xray_npy
from dlboi.datasets._clear_data_home import clear_data_home
from dlboi.datasets._colorectal_textures import fetch_colorectal_textures
from dlboi.datasets._data_home import get_data_home
from dlboi.datasets._group_proposal import GroupProposal
from dlboi.datasets._image_folder import load_image_folder
from dlboi.datasets._infer_groups import infer_groups
from dlboi.datasets._medmnist import fetch_medmnist
from dlboi.datasets._npy_classes import load_npy_classes
from dlboi.datasets._tissue_phantoms import make_tissue_phantoms

__all__ = [
    "GroupProposal",
    "clear_data_home",
    "fetch_chest_xray_npy",
    "fetch_colorectal_textures",
    "fetch_medmnist",
    "get_data_home",
    "infer_groups",
    "load_image_folder",
    "load_npy_classes",
    "make_chest_phantoms",
    "make_tissue_phantoms",
]
