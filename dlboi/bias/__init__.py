"""Why a classifier does worse on the test set: shift, leakage, selection or chance."""

from dlboi.bias._check_groups import check_groups
from dlboi.bias._group_check import GroupCheck
from dlboi.bias._image_statistics import Statistics, image_statistics
from dlboi.bias._inventory import Inventory, inventory
from dlboi.bias._likeness import Likeness
from dlboi.bias._shortcut_probe import shortcut_probe
from dlboi.bias._shortcut_result import ShortcutProbe

__all__ = [
    "GroupCheck",
    "Inventory",
    "Likeness",
    "ShortcutProbe",
    "Statistics",
    "check_groups",
    "image_statistics",
    "inventory",
    "shortcut_probe",
]
