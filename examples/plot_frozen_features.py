"""
Do features of one set of images serve another?
===============================================

:class:`~dlboi.PretrainedFeatures` gives what a fixed backbone makes of an image to any classifier,
here a logistic regression. The backbone learns synthetic tissue, and is then used as it is on
tissue from patients whose stains and tiles differ more, and on something else altogether: chest
X-rays. It is compared with a backbone of random weights, at the same cost.

This is no ImageNet: the backbone has seen 400 images of six classes.
"""

# %%
# A backbone learns
# -----------------
# SqueezeNet on tissue of low difficulty, all of it trained. Its state dict is written to a file, as
# it could come from elsewhere.
import tempfile
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dlboi import PretrainedClassifier, PretrainedFeatures
from dlboi.datasets import make_chest_phantoms, make_tissue_phantoms
from dlboi.exceptions import DlboiWarning

source = make_tissue_phantoms(400, difficulty=0.2, random_state=0)
source_test = make_tissue_phantoms(300, difficulty=0.2, random_state=1)
teacher = PretrainedClassifier(
    "squeezenet1_1", weights=None, schedule="cosine", max_epochs=9, random_state=0
)
teacher.fit(source.data, source.target)
print(f"accuracy on tissue like that: {teacher.score(source_test.data, source_test.target):.2f}")

folder = tempfile.TemporaryDirectory()
path = Path(folder.name, "squeezenet.pt")
torch.save(teacher.net_.module_.body.state_dict(), path)

# %%
# And stays as it is
# ------------------
# With 30, 100 and 300 training images, three draws of patients each. The test images are always the
# same 200, of other patients.


def harder_tissue(n_samples, random_state):
    """Return tissue with more varied stains, up to 40 % of a tile covered by another class."""
    return make_tissue_phantoms(n_samples, difficulty=0.8, random_state=random_state)


def accuracies(make, weights, n_samples):
    """Return the test accuracies of a linear classifier on fixed features, one a draw."""
    test = make(200, random_state=99)
    found = []
    for draw in range(3):
        train = make(n_samples, random_state=10 + draw)
        # random_state decides the weights where they are random; memory=None leaves no features
        # in the user's cache.
        features = PretrainedFeatures(
            "squeezenet1_1", weights=weights, memory=None, random_state=draw
        )
        clf = make_pipeline(features, StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
        with warnings.catch_warnings():
            # That random weights which stay as they are were never learnt is the point here.
            warnings.simplefilter("ignore", DlboiWarning)
            clf.fit(train.data, train.target)
        found.append(clf.score(test.data, test.target))
    return np.array(found)


sizes = (30, 100, 300)
means = {}
targets = {
    "Harder tissue, 6 classes": harder_tissue,
    "Chest X-rays, 2 classes": make_chest_phantoms,
}
fig, axes = plt.subplots(1, 2, figsize=(8, 3.4), sharey=True, layout="constrained")
for ax, (title, make), chance in zip(axes, targets.items(), (1 / 6, 1 / 2), strict=True):
    for name, weights in {"learnt on tissue": path, "random": None}.items():
        scores = np.array([accuracies(make, weights, n_samples) for n_samples in sizes])
        means[title, name] = scores.mean(axis=1)
        (line,) = ax.plot(sizes, means[title, name], label=name)
        ax.plot(sizes, scores, "o", color=line.get_color(), markersize=4, alpha=0.5)
        for n_samples, row in zip(sizes, scores, strict=True):
            print(
                f"{title}, {n_samples:3d} images, {name}: {row.mean():.2f} ± {row.std(ddof=1):.2f}"
            )
    ax.axhline(chance, color="grey", linestyle=":", label="chance")
    ax.set(title=title, xscale="log", xticks=sizes, xlabel="training images")
    ax.set_xticks(sizes, labels=sizes)
    ax.minorticks_off()
axes[0].set(ylabel="test accuracy", ylim=(0, 1))
axes[1].legend(title="weights of the backbone", loc="lower right")
plt.show()
folder.cleanup()

# %%
# On tissue, features that were learnt on tissue need 30 images for what random ones do not reach
# with 300. On X-rays they help where images are few; with 300, random features are as good:
# what was learnt does not fit the new question, and more images say more.
#
# The spread of "random" is that of patients and of weights, that of "learnt on tissue" of patients
# alone, for there is one such backbone. With three draws, differences of a few hundredths mean
# nothing. The classifier matters, too: a linear layer trained for a few dozen steps on features
# that are not scaled has not converged, and makes random ones look worse than they are.
