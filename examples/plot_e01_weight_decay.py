"""
Does weight decay reduce overfitting?
=====================================

A convolutional network is trained with and without an L2 penalty on its weights. If the
validation loss rises over the last epochs while the training loss falls, it overfits: does the
penalty change that?
"""

# %%
# On synthetic X-rays, a fifth of whose labels are wrong, in half as many epochs as the experiment
# has. ``--data DIR --full`` runs the experiment itself on real images.
import matplotlib.pyplot as plt
from _options import read_options

from dlboi.datasets import make_chest_phantoms
from dlboi.plotting import LossSlopeDisplay
from dlboi.studies import weight_decay_study

options = read_options()
train, test = options.images(make_chest_phantoms, 160, 300, size=32, label_noise=0.2)

quick = {"max_epochs": 25, "step_size": 20, "lr": 3e-3, "n_filters": (16, 16)}
result = weight_decay_study(train, test=test, **options.settings(parameters=quick))
options.keep(result, "e01_weight_decay")

result.plot_curves()
plt.show()

# %%
# Each repeat has a slope of its own over the last epochs; the interval is over the repeats. One
# over the epochs of a single run would be far too narrow, as they depend on each other.
epochs = result.histories[result.names[0]][0]["epoch"]
late = epochs[-round(0.4 * len(epochs)) :]
LossSlopeDisplay(
    late,
    {
        f"{part}, {name}": [history[f"{part}_loss"][late - 1] for history in histories]
        for name, histories in result.histories.items()
        for part in ("train", "validation")
    },
).plot()
plt.show()

# %%
# What the study concludes, and does not:
for finding in result.findings:
    print("-", finding)

# %%
# The penalty is not part of the losses that are logged, and stands beside them:
slopes, losses, weights = result.tables.values()
penalty = weights["mean"][weights["quantity"] == "penalty, nats"]
higher = losses["difference"][losses["quantity"] == "training loss"][1]
print(f"penalty with decay: {penalty[1]:.3f} nats; training loss higher by {higher:.3f} nats")

# %%
# On these images the training loss falls over the last epochs with and without decay, and it
# settles higher with decay. That is not the penalty, which is not in the loss, and is smaller than
# the difference: the network fits the training images less closely. The test accuracy is not
# changed clearly.
