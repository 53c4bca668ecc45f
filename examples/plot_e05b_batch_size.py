"""
Are loss curves smoother with larger batches?
=============================================

The gradient of a small batch is noisy, so its loss curve is said to be. How much does a curve
fluctuate from epoch to epoch, and what else does the batch size change?
"""

# %%
# The rate stays as it is here, so that the curves go on moving. The fluctuation is measured over
# the last half of the epochs, with the trend taken out (:func:`dlboi.metrics.curve_noise`).
# ``--data DIR --full`` runs the experiment itself on real images.
import matplotlib.pyplot as plt
from _options import read_options

from dlboi.datasets import make_chest_phantoms
from dlboi.plotting import StudyDisplay
from dlboi.studies import batch_size_study

options = read_options()
train, test = options.images(make_chest_phantoms, 300, 300, size=32)

quick = {"max_epochs": 20, "lr": 1e-3, "schedule": None}
result = batch_size_study(
    train,
    test=test,
    **options.settings(batch_sizes=(8, 32, 128), parameters=quick, n_repeats=8),
)
options.keep(result, "e05b_batch_size")

result.plot_curves()
plt.show()

# %%
curves, steps = result.tables.values()
chosen = curves["quantity"] == "fluctuation of the validation loss"
StudyDisplay(
    result.names,
    *(curves[column][chosen] for column in ("mean", "low", "high")),
    label="Fluctuation of the validation loss (nats)",
).plot()
plt.show()

# %%
for finding in result.findings:
    print("-", finding)

# %%
for name, n_steps in zip(steps["level"], steps["steps"], strict=True):
    print(f"{name:15s} {n_steps:5d} steps of the optimizer")

# %%
# On the mean the curves of larger batches fluctuate less; the intervals say how sure that is. What
# is clear is another thing: with the largest batches the training loss is higher in the same
# epochs, for they take a small part of the steps. A part of their smoothness is that they move
# less.
