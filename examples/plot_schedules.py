"""
What does a learning-rate schedule do?
======================================

The learning rate may stay as it is, fall in steps, or follow half a cosine to zero. What changes
in training, and does it change the accuracy?
"""

# %%
# One network for each schedule, all else equal.
import matplotlib.pyplot as plt
import numpy as np

from dlboi import ANNClassifier
from dlboi.datasets import make_chest_phantoms
from dlboi.plotting import ScheduleDisplay

train = make_chest_phantoms(300, image_size=32, random_state=0)
test = make_chest_phantoms(300, image_size=32, random_state=1)

schedules = {"none": None, "step": "step", "cosine": "cosine"}
n_seeds = 5


def fit(schedule, seed):
    """Return a classifier trained for 30 epochs, with the weights of the last one."""
    clf = ANNClassifier(
        lr=3e-3,
        schedule=schedule,
        step_size=10,
        gamma=0.2,
        max_epochs=30,
        validation_fraction=0.25,
        restore_best=None,
        random_state=seed,
    )
    return clf.fit(train.data, train.target, groups=train.groups)


fitted = {
    name: [fit(schedule, seed) for seed in range(n_seeds)] for name, schedule in schedules.items()
}

fig, axes = plt.subplots(1, 3, figsize=(9, 2.8), layout="constrained")
for ax, (name, classifiers) in zip(axes, fitted.items(), strict=True):
    ScheduleDisplay.from_estimator(classifiers[0], ax=ax)
    # One linear scale for all three, to compare them.
    ax.set(title=f"schedule: {name}", yscale="linear", ylim=(0, 3.3e-3))

# %%
# The curves
# ----------
fig, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
styles = [("#0072B2", "-"), ("#D55E00", "--"), ("#009E73", "-.")]
for (name, classifiers), (color, dash) in zip(fitted.items(), styles, strict=True):
    for number, clf in enumerate(classifiers):
        history = clf.history_
        label = name if number == 0 else None
        ax.plot(
            history["epoch"], history["validation_loss"], color=color, linestyle=dash, label=label
        )
ax.set_xlabel("Epoch")
ax.set_ylabel("Validation loss")
ax.legend(title="Schedule")
plt.show()

# %%
# How much does the validation loss jump from one epoch to the next, over the last ten, and what is
# the accuracy on test images?
jumps, accuracies = {}, {}
for name, classifiers in fitted.items():
    losses = np.array([clf.history_["validation_loss"][-10:] for clf in classifiers])
    jumps[name] = np.abs(np.diff(losses)).mean()
    accuracies[name] = np.array([clf.score(test.data, test.target) for clf in classifiers])
    print(
        f"{name:7s} jumps of the loss {jumps[name]:.4f}, test accuracy "
        f"{accuracies[name].mean():.3f} ± {accuracies[name].std(ddof=1):.3f}"
    )

# %%
# A rate that falls quiets the loss towards the end: the last epoch is then as good as its
# neighbours, and it matters little which one is kept. With a constant rate the last epoch is a
# draw. Whether a schedule also gives a better accuracy is another question; compare the
# differences between the rows with the standard deviation over seeds, which is what the first
# weights and the order of the images do by themselves.
