"""Load, fetch and make sets of images."""

from dlboi.datasets._chest_phantoms import make_chest_phantoms
from dlboi.datasets._group_proposal import GroupProposal
from dlboi.datasets._image_folder import load_image_folder
from dlboi.datasets._infer_groups import infer_groups
from dlboi.datasets._npy_classes import load_npy_classes
from dlboi.datasets._tissue_phantoms import make_tissue_phantoms

__all__ = [
    "GroupProposal",
    "infer_groups",
    "load_image_folder",
    "load_npy_classes",
    "make_chest_phantoms",
    "make_tissue_phantoms",
]
