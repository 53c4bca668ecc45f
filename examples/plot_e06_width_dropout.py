"""
A wider layer, and dropout: what do they change?
================================================

A network with one hidden layer is made wider, and half of its neurons are left out at each step of
training. Which of the two changes the accuracy, and why may the accuracy in training lie far below
that in validation?
"""

# %%
# Each width with each dropout is a level. ``--data DIR --full`` runs the experiment itself on real
# images.
import matplotlib.pyplot as plt
from _options import read_options

from dlboi.datasets import make_chest_phantoms
from dlboi.plotting import StudyDisplay
from dlboi.studies import width_dropout_study

options = read_options()
train, test = options.images(make_chest_phantoms, 300, 300, size=32)

result = width_dropout_study(
    train, test=test, **options.settings(widths=(16, 128), parameters={"max_epochs": 20})
)
options.keep(result, "e06_width_dropout")

result.plot()
plt.show()

# %%
# The accuracy that training records is one with neurons left out. The study scores the training
# images once more after each epoch, with fixed weights and all neurons:
scores = next(iter(result.tables.values()))
fig, axes = plt.subplots(2, 1, figsize=(7, 5.6), layout="constrained", sharex=True)
for ax, quantity in zip(axes, list(dict.fromkeys(scores["quantity"]))[:2], strict=True):
    chosen = scores["quantity"] == quantity
    StudyDisplay(
        result.names,
        *(scores[column][chosen] for column in ("mean", "low", "high")),
        label=quantity,
    ).plot(ax)
plt.show()

# %%
for finding in result.findings:
    print("-", finding)

# %%
# No level is told from the others by its test accuracy. Dropout does lower the accuracy on the
# training images, in part only because neurons are left out when it is recorded: with all of
# them it is higher. That a network is "better in validation than in training" can come from that
# alone.
