"""
Why split by patient?
=====================

Several images of one patient resemble each other in more than the disease. If some of them are
trained on and others validated on, a network can score by recognising the patient. By how much
does that flatter it?
"""

# %%
# Synthetic X-rays have a knob for this: with `leakage=1` all images of a patient carry the same
# faint pattern. The disease is hardly visible (`difficulty=1`), and there are eight images a
# patient on the mean. The test images are of other patients.
import matplotlib.pyplot as plt
import numpy as np

from dlboi import ANNClassifier
from dlboi.datasets import make_chest_phantoms
from dlboi.plotting import ImageGridDisplay

knobs = {"image_size": 32, "difficulty": 1.0, "leakage": 1.0}
n_repeats = 8

shown = make_chest_phantoms(48, n_patients=6, random_state=0, **knobs)
order = np.argsort(shown.groups, kind="stable")[:20]
ImageGridDisplay(shown.data[order], titles=shown.groups[order].tolist()).plot(n_columns=5)

# %%
# Each repeat makes new images, trains once with a validation part drawn image by image and once
# with one drawn by patient (that is what `groups` does), and compares the validation accuracy
# with the accuracy on patients that the network has never seen.
rows = []
for seed in range(n_repeats):
    train = make_chest_phantoms(400, n_patients=50, random_state=seed, **knobs)
    test = make_chest_phantoms(400, n_patients=200, random_state=1000 + seed, **knobs)
    clf = ANNClassifier(
        max_epochs=30, step_size=20, validation_fraction=0.25, restore_best=None, random_state=seed
    )
    row = []
    for groups in (None, train.groups):
        clf.fit(train.data, train.target, groups=groups)
        row += [clf.history_["validation_accuracy"][-1], clf.score(test.data, test.target)]
    rows.append(row)
accuracies = np.array(rows)

names = ["image by image", "test", "by patient", "test"]
for name, mean, spread in zip(names, accuracies.mean(0), accuracies.std(0, ddof=1), strict=True):
    print(f"{name:15s} {mean:.2f} ± {spread:.2f} (mean ± standard deviation of {n_repeats})")

# %%
fig, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
ax.plot(accuracies.T, color="0.7", marker="o", linestyle="none", markersize=4)
ax.errorbar(
    range(4),
    accuracies.mean(0),
    accuracies.std(0, ddof=1),
    fmt="s",
    color="#D55E00",
    capsize=4,
    label="mean ± standard deviation",
)
ax.axhline(0.5, color="black", linestyle=":", label="chance")
labels = ["validation,\nimage by image", "test", "validation,\nby patient", "test"]
ax.set_xticks(range(4), labels)
ax.set_xlim(-0.5, 3.5)
ax.set_ylabel("Accuracy")
ax.legend(loc="upper right")
plt.show()

# %%
# Image by image, the validation accuracy promises far more than the network keeps on new patients.
# By patient, it is near the test accuracy on the mean; single repeats scatter, for the
# validation part holds about a dozen patients only. Splitting by patient does not make the network
# better: it makes the number true.
