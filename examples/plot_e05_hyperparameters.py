"""
Which learning rate and step size: does the choice hold on new images?
======================================================================

:func:`~dlboi.studies.hyperparameter_study` trains each candidate several times, chooses one on the
validation images, and scores the test images with that one alone. Five candidates compared on the
test images, once each, would choose by chance and promise too much.

``--data DIR --full`` is the experiment on real chest X-rays: the five pairs of learning rate and
step size that are the default, of a network with three layers of 64 neurons.
"""

# %%
# Three learning rates, and three lengths of the steps at which the middle one falls.
import matplotlib.pyplot as plt
import numpy as np
from _options import read_options

from dlboi.datasets import make_chest_phantoms
from dlboi.studies import hyperparameter_study

options = read_options()
train, test = options.images(make_chest_phantoms, 300, 400, size=32)
result = hyperparameter_study(
    train,
    test=test,
    **options.settings(
        param_grid=[
            {"lr": [1e-3, 1e-2, 1e-5], "step_size": [8]},
            {"lr": [1e-3], "step_size": [16, 4]},
        ],
        parameters={"max_epochs": 20, "batch_size": 32},
        validation=0.3,
        n_repeats=12,
    ),
)
options.keep(result, "e05_hyperparameters")
print("\n\n".join(result.findings))

# %%
# On the validation images
# ------------------------
result.plot()
plt.show()

# %%
# Do they over- or underfit?
# --------------------------
# The gap between training and validation accuracy, with its interval: above 0 it tells overfitting.
candidates, *_ = result.tables.values()
rows = np.arange(len(result.names))
fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
ax.hlines(rows, candidates["gap low"], candidates["gap high"])
ax.plot(candidates["gap"], rows, "o")
ax.axvline(0, color="grey", linestyle=":")
names = [f"{name} ({fit})" for name, fit in zip(result.names, candidates["fit"], strict=True)]
ax.set_yticks(rows, names)
ax.set_xlabel("training less validation accuracy (95 % interval)")
ax.invert_yaxis()
plt.show()

# %%
result.plot_curves()
plt.show()

# %%
# Of the phantoms one thing is certain: the smallest rate is too small. It is worse than the chosen
# candidate in training and in validation. Among the others the choice is a matter of chance, and
# whether they overfit stays undecided: each division of 300 images has a hundred to validate on.
# The test accuracy of the one that was chosen is the number to report, with its interval.
