"""
Where does a network with global average pooling look?
======================================================

The logit of :class:`~dlboi.GAPClassifier` is a sum over the places of the image, and
:meth:`~dlboi.GAPClassifier.class_activation_map` shows its summands. On synthetic X-rays it is
known where the disease lies: does the map lie there, too?
"""

# %%
# A network that is right for the right reason
# --------------------------------------------
import matplotlib.pyplot as plt
from scipy.ndimage import maximum_filter

from dlboi import GAPClassifier
from dlboi.datasets import make_chest_phantoms
from dlboi.plotting import ActivationMapDisplay

train = make_chest_phantoms(500, image_size=64, difficulty=0.0, random_state=0)
test = make_chest_phantoms(100, image_size=64, difficulty=0.0, random_state=1)

recipe = {
    "n_filters": (16, 32, 32),
    "lr": 5e-3,
    "schedule": "cosine",
    "batch_size": 16,
    "max_epochs": 30,
    "validation_fraction": 0.2,
    "random_state": 0,
}
clf = GAPClassifier(**recipe).fit(train.data, train.target, groups=train.groups)
accuracy = clf.score(test.data, test.target)
print(f"test accuracy {accuracy:.2f}")

pneumonia = test.target == 1
ActivationMapDisplay.from_estimator(
    clf, test.data[pneumonia], n_images=4, display_labels=test.target_names
)

# %%
# The summands of every image have a part in common, for instance along the border, that only sets
# the level. So the mean map of the normal test images is taken off; is the largest value of what
# remains within an opacity?
maps = clf.class_activation_map(test.data, 1)
extra = maps[pneumonia] - maps[~pneumonia].mean(axis=0)
masks = test.masks[pneumonia]


def share_of_peaks_within(maps, masks):
    """Return the share of maps whose largest value lies within the mask of its image."""
    return sum(mask.flat[m.argmax()] for m, mask in zip(maps, masks, strict=True)) / len(maps)


raw_hits = share_of_peaks_within(maps[pneumonia], masks)
hits = share_of_peaks_within(extra, masks)
print(f"opacities cover {masks.mean():.0%} of an image")
print(f"peak of the map within an opacity: {raw_hits:.0%}")
print(f"peak of map less mean normal map within an opacity: {hits:.0%}")

# %%
# Peaks of the difference lie in the opacities far more often than chance would have it, which is
# the share of the image that they cover. Peaks of the maps as they are do so less often, for the
# common part may outweigh the rest: read a map beside that of a normal image.
#
# A network that is right for the wrong reason
# --------------------------------------------
# Now the letters "AP" stand on all images with pneumonia and on no other, as where the ill are
# X-rayed in bed. The anatomy and the opacities are the same as before.
marked = make_chest_phantoms(500, image_size=64, difficulty=0.0, shortcut=1.0, random_state=0)
marked_test = make_chest_phantoms(100, image_size=64, difficulty=0.0, shortcut=1.0, random_state=1)

misled = GAPClassifier(**recipe).fit(marked.data, marked.target, groups=marked.groups)
recall_marked = (misled.predict(marked_test.data[pneumonia]) == 1).mean()
recall_unmarked = (misled.predict(test.data[pneumonia]) == 1).mean()
print(f"test accuracy with letters: {misled.score(marked_test.data, marked_test.target):.2f}")
print(f"pneumonia found with letters: {recall_marked:.0%}, without: {recall_unmarked:.0%}")

# A value of the map stands for a cell of 8 × 8 pixels, so the peak may be 8 pixels off.
letters = maximum_filter((marked_test.data != test.data)[pneumonia], size=(1, 17, 17))
letter_hits = share_of_peaks_within(
    misled.class_activation_map(marked_test.data[pneumonia], 1), letters
)
print(f"letters and 8 pixels around them cover {letters.mean():.0%} of an image")
print(f"peak of the map there: {letter_hits:.0%}")

ActivationMapDisplay.from_estimator(
    misled, marked_test.data[pneumonia], n_images=4, display_labels=test.target_names
)
plt.show()

# %%
# On test images with the same letters the accuracy is as good as perfect, so no validation on data
# of this kind would raise a doubt. The same chests without letters are recognised less often. The
# map shows why: it peaks at the letters, not in the lungs.
