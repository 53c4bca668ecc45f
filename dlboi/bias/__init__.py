"""Why a classifier does worse on the test set: shift, leakage, selection or chance."""

from dlboi.bias._check_groups import check_groups
from dlboi.bias._covariate_shift import covariate_shift
from dlboi.bias._covariate_shift_result import ClassShift, CovariateShift
from dlboi.bias._decomposition import decomposition
from dlboi.bias._decomposition_result import Decomposition
from dlboi.bias._duplicates_result import Duplicates
from dlboi.bias._find_duplicates import find_duplicates
from dlboi.bias._gap_result import GapTest
from dlboi.bias._gap_test import gap_test
from dlboi.bias._group_check import GroupCheck
from dlboi.bias._harm import harm
from dlboi.bias._harm_result import Harm
from dlboi.bias._image_statistics import Statistics, image_statistics
from dlboi.bias._inventory import Inventory, inventory
from dlboi.bias._label_shift import label_shift
from dlboi.bias._label_shift_result import LabelShift
from dlboi.bias._leakage_result import LeakageStudy
from dlboi.bias._leakage_study import leakage_study
from dlboi.bias._likeness import Likeness
from dlboi.bias._selection_optimism import selection_optimism
from dlboi.bias._selection_result import SelectionOptimism
from dlboi.bias._shortcut_probe import shortcut_probe
from dlboi.bias._shortcut_result import ShortcutProbe

__all__ = [
    "ClassShift",
    "CovariateShift",
    "Decomposition",
    "Duplicates",
    "GapTest",
    "GroupCheck",
    "Harm",
    "Inventory",
    "LabelShift",
    "LeakageStudy",
    "Likeness",
    "SelectionOptimism",
    "ShortcutProbe",
    "Statistics",
    "check_groups",
    "covariate_shift",
    "decomposition",
    "find_duplicates",
    "gap_test",
    "harm",
    "image_statistics",
    "inventory",
    "label_shift",
    "leakage_study",
    "selection_optimism",
    "shortcut_probe",
]
