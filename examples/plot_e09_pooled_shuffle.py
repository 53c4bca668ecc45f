"""
What does pooling training and test images show?
================================================

Validation is good, test is bad. All images are pooled, shuffled and divided anew, and the gap is
gone: was the test set to blame? :func:`~dlboi.studies.pooled_shuffle_study` does the same, and
looks at what the new mean hides.

``--data DIR --full`` is the experiment on real chest X-rays, with the CNN of the studies.
"""

# %%
# The test images are of other patients, and their pneumonia is harder to see.
import matplotlib.pyplot as plt
from _options import read_options

from dlboi import ANNClassifier
from dlboi.datasets import make_chest_phantoms
from dlboi.studies import pooled_shuffle_study


def make_parts(n_samples, *, random_state, **knobs):
    """Make training images (seed 0), or test images (seed 1)."""
    difficulty = (0.1, 0.9)[random_state]
    return make_chest_phantoms(n_samples, difficulty=difficulty, random_state=random_state, **knobs)


options = read_options()
train, test = options.images(make_parts, 1000, 200, size=32)
result = pooled_shuffle_study(
    train, test, **options.settings(estimator=ANNClassifier(max_epochs=12))
)
options.keep(result, "e09_pooled_shuffle")
print("\n\n".join(result.findings))

# %%
# By origin
# ---------
# After pooling, about one in six of the test images is an old test image. The mean rises, as the
# others are old training images. The old test images are as hard as they were.
result.plot()
plt.show()

# %%
# The curves
# ----------
# Test images are recorded after each epoch, and choose nothing. Bands are the range of the runs.
result.plot_curves()
plt.show()

# %%
# The gap has not been closed, it has been diluted. Pooling cannot tell why test images are harder,
# and takes away the one set that would show it: keep the given test images, and report both.
