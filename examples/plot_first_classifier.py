"""
A first classifier in ten minutes
=================================

How are images loaded, a network trained, and its accuracy judged? Here on synthetic chest X-rays;
with images of your own, only the first cell changes.
"""

# %%
# Images
# ------
# The makers and loaders of :mod:`dlboi.datasets` return a Bunch: the images as ``uint8``, their
# classes, and the patient of each. Training and test images come from different patients.
from dlboi.datasets import make_chest_phantoms
from dlboi.plotting import ImageGridDisplay

train = make_chest_phantoms(400, image_size=64, random_state=0)
test = make_chest_phantoms(200, image_size=64, random_state=1)
print(train.DESCR)

ImageGridDisplay.from_labels(
    train.data, train.target, n_images=8, display_labels=train.target_names
)

# %%
# Training
# --------
# `validation_fraction` sets a fifth of the training images aside. With `groups`, no patient has
# images on both sides. The epoch with the lowest validation loss gives the final weights.
from dlboi import CNNClassifier

clf = CNNClassifier(max_epochs=15, validation_fraction=0.2, random_state=0)
clf.fit(train.data, train.target, groups=train.groups)
print(clf.summary())

# %%
# The curves tell whether training was long enough (the loss has settled) and whether the network
# learns its images by heart (the validation loss rises while the training loss falls).
from dlboi.plotting import TrainingHistoryDisplay

TrainingHistoryDisplay.from_estimator(clf)

# %%
# The test
# --------
# The test images are used once, when everything is decided. Images of one patient resemble each
# other, so the interval is taken over patients.
from dlboi.metrics import per_class_table, proportion_interval

predicted = clf.predict(test.data)
accuracy, low, high = proportion_interval(predicted == test.target, groups=test.groups)
print(f"test accuracy {accuracy:.3f}, 95 % interval {low:.3f} to {high:.3f}")

table = per_class_table(test.target, predicted)
for name, recall in zip(train.target_names, table["recall"], strict=True):
    print(f"recall of {name}: {recall:.3f}")

# %%
# Which errors was the network most sure of? They are worth a look: labels that are wrong, images
# that are poor, or a class that looks different from what was expected.
import matplotlib.pyplot as plt

ImageGridDisplay.from_estimator(
    clf, test.data, test.target, n_images=8, display_labels=train.target_names
)
plt.show()

# %%
# The interval is what a report should quote: another sample of patients, as many as these, could
# well have given any accuracy within it.
