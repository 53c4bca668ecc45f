"""
Which learning rate, and how soon should it fall?
=================================================

The classifiers are scikit-learn estimators, so ``GridSearchCV`` searches over their parameters.
Here over the learning rate and the number of epochs between two steps of the schedule, each a
tenth of the one before.
"""

# %%
# Folds are drawn by patient (``StratifiedGroupKFold``), so that no candidate is favoured for
# recognising patients. The test images are not touched.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold

from dlboi import ANNClassifier
from dlboi.datasets import make_chest_phantoms

train = make_chest_phantoms(300, image_size=32, random_state=0)
test = make_chest_phantoms(300, image_size=32, random_state=1)

rates, steps = [1e-4, 1e-3, 1e-2], [5, 10, 20]
search = GridSearchCV(
    ANNClassifier(max_epochs=20, random_state=0),
    {"lr": rates, "step_size": steps},
    cv=StratifiedGroupKFold(4),
)
search.fit(train.data, train.target, groups=train.groups)
print(search.best_params_)

# %%
mean = search.cv_results_["mean_test_score"].reshape(len(rates), len(steps))
spread = search.cv_results_["std_test_score"].reshape(len(rates), len(steps))

fig, ax = plt.subplots(figsize=(5.2, 3.8), layout="constrained")
image = ax.imshow(mean, cmap="cividis", origin="lower", aspect="auto")
middle = (mean.min() + mean.max()) / 2
for i, j in np.ndindex(mean.shape):
    color = "white" if mean[i, j] < middle else "black"
    text = f"{mean[i, j]:.3f}\n± {spread[i, j]:.3f}"
    ax.text(j, i, text, ha="center", va="center", color=color)
ax.set_xticks(range(len(steps)), steps)
ax.set_yticks(range(len(rates)), rates)
ax.set_xlabel("step_size (epochs)")
ax.set_ylabel("lr")
fig.colorbar(image, label="Accuracy, mean of 4 folds")
plt.show()

# %%
# How far do the candidates differ, measured by how far the folds of one candidate differ?
gain = mean.max() - mean.min()
print(f"best less worst candidate: {gain:.3f}")
print(f"standard deviation over the folds of one candidate, on the mean: {spread.mean():.3f}")
n_close = np.sum(mean > mean.max() - spread.flat[mean.argmax()])
print(f"candidates within one standard deviation of the best: {n_close} of {mean.size}")

# %%
# More than one candidate is as good as the best, as far as these folds can tell: the search rules
# out settings, it does not find *the* best one. The smallest rate with the shortest step is among
# those ruled out. If the best candidate lies on the edge of the grid, widen the grid.
#
# The score of the best candidate is the largest of nine, so it promises a little too much. The
# number to report is that of the test images, scored once:
at_edge = search.best_params_["lr"] in (rates[0], rates[-1])
print(f"the best rate is on the edge of the grid: {at_edge}")
print(f"cross-validated accuracy of the best {search.best_score_:.3f}")
print(f"test accuracy of the best {search.score(test.data, test.target):.3f}")
