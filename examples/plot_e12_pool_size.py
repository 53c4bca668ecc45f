"""
Do more cells of the last feature map help?
===========================================

A pretrained network averages its last feature map over the whole image. It can keep n×n cells
instead, for a head with n² times as many weights: :func:`~dlboi.studies.pool_size_study`.

``--data DIR --full`` is the experiment on real tissue, a fine-tuned ResNet-34 with n = 1, 2, 4 and
8. Here a small backbone stays fixed, which takes seconds.
"""

# %%
# A backbone that knows tissue, and the study
# -------------------------------------------
# At 64 pixels the map has 3×3 cells: of 6×6, cells only repeat. A warning says so, and so do
# the findings.
import tempfile
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import torch
from _options import read_options

from dlboi import PretrainedClassifier
from dlboi.datasets import make_tissue_phantoms
from dlboi.exceptions import FeatureMapWarning
from dlboi.studies import pool_size_study

options = read_options()
train, test = options.images(make_tissue_phantoms, 300, 300, size=64, full_size=128, groups=None)
quick = {}
folder = tempfile.TemporaryDirectory()
if not options.full:
    source = make_tissue_phantoms(300, image_size=64, difficulty=0.2, random_state=7)
    teacher = PretrainedClassifier(
        "squeezenet1_1", weights=None, schedule="cosine", max_epochs=7, random_state=0
    ).fit(source.data, source.target)
    path = Path(folder.name, "squeezenet.pt")
    torch.save(teacher.net_.module_.body.state_dict(), path)
    parameters = {"backbone": "squeezenet1_1", "weights": path, "freeze_backbone": True}
    quick = {
        "sizes": (1, 2, 3, 6),
        "parameters": {**parameters, "max_epochs": 30, "memory": None},
        "n_repeats": 5,
    }
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always", FeatureMapWarning)
    result = pool_size_study(train, test=test, **options.settings(**quick))
folder.cleanup()
options.keep(result, "e12_pool_size")
repeats = [str(warning.message) for warning in caught if warning.category is FeatureMapWarning]
print(repeats[0])

# %%
print("\n\n".join(result.findings))

# %%
result.plot()
plt.show()

# %%
# Head, map and losses
# --------------------
(table,) = result.tables.values()
for name, values in table.items():
    print(f"{name:24}", *(f"{format(v, '.3g') if 'loss' in name else v:>8}" for v in values))

# %%
result.plot_curves()
plt.show()

# %%
# On these phantoms more cells help, up to the cells that there are: where a structure lies in a
# tile says something of its class. With cells that only repeat, the head has four times the
# weights of 3×3, the validation loss begins higher and stays higher, and the accuracy gains
# nothing to speak of. None of this says what a fine-tuned network does on real tissue.
