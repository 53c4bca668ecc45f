"""
Train the whole network, or only its head?
==========================================

:func:`~dlboi.studies.transfer_study` compares a pretrained backbone that stays fixed, one that is
fine-tuned, and the same network from random weights: accuracy, and what it costs in seconds.

``--data DIR --full`` is the experiment on real chest X-rays, ResNet-18 and ResNet-34 with the
weights of ImageNet. AlexNet and GoogLeNet are the same call with
``backbones=("alexnet", "googlenet")``.
"""

# %%
# Weights to begin with
# ---------------------
# Without ImageNet, a small network first learns phantoms that are easy. A study takes the path of
# any state dict.
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import torch
from _options import read_options

from dlboi import PretrainedClassifier
from dlboi.datasets import make_chest_phantoms
from dlboi.studies import transfer_study

options = read_options()
train, test = options.images(make_chest_phantoms, 150, 200, size=64)
quick = {}
folder = tempfile.TemporaryDirectory()
if not options.full:
    source = make_chest_phantoms(300, image_size=64, difficulty=0.2, random_state=7)
    teacher = PretrainedClassifier(
        "squeezenet1_1", weights=None, schedule="cosine", max_epochs=7, random_state=0
    ).fit(source.data, source.target)
    path = Path(folder.name, "squeezenet.pt")
    torch.save(teacher.net_.module_.body.state_dict(), path)
    quick = {
        "backbones": ["squeezenet1_1"],
        "weights": path,
        "parameters": {"max_epochs": 8, "lr": 2e-4, "memory": None},
    }

# %%
# The study
# ---------
result = transfer_study(train, test=test, **options.settings(**quick))
folder.cleanup()
options.keep(result, "e07_transfer")
print("\n\n".join(result.findings))

# %%
result.plot()
plt.show()

# %%
result.plot_curves()
plt.show()

# %%
# Seconds
# -------
# Over all epochs of a run. What a fixed backbone makes of an image is computed once.
(seconds,) = result.tables.values()
for row in zip(*seconds.values(), strict=True):
    print("{}: training {:.2f} (first run), {:.2f} (others); validation {:.2f}".format(*row))

# %%
# The fixed backbone costs a fraction of the seconds, and on phantoms that differ from those it has
# learnt by their difficulty alone, all of its runs are nearly always right. Fine-tuned runs can end
# anywhere between that and chance, as at this rate the first steps can destroy what was learnt: one
# run can tell either story, and the interval over three says how little is known. On other images,
# or with a lower `backbone_lr`, fine-tuning may win.
