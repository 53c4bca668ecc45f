"""
Would another division into training and validation images help?
================================================================

More images to validate on are fewer to learn from. :func:`~dlboi.studies.split_ratio_study`
compares divisions on the same test images, and draws the learning curve: what would twice as many
training images bring?

``--data DIR --full`` is the experiment on real chest X-rays: a fine-tuned ResNet-18 with 800, 700
and 600 images a class to learn from.
"""

# %%
# From 80 % down to 10 % of the images to learn from.
import matplotlib.pyplot as plt
from _options import read_options

from dlboi import ANNClassifier
from dlboi.datasets import make_chest_phantoms
from dlboi.studies import split_ratio_study

options = read_options()
train, test = options.images(make_chest_phantoms, 600, 400, size=32)
result = split_ratio_study(
    train,
    test=test,
    **options.settings(
        shares=(0.2, 0.3, 0.4, 0.6, 0.8, 0.9),
        estimator=ANNClassifier(max_epochs=20),
        n_repeats=5,
    ),
)
options.keep(result, "e10_split_ratio")
print("\n\n".join(result.findings))

# %%
# The learning curve
# ------------------
# Bars are 95 % intervals for new patients and new seeds. Those of two points may overlap though
# their difference, on the same images, is clear.
(curve,) = result.tables.values()
below = curve["accuracy"] - curve["low"]
above = curve["high"] - curve["accuracy"]
fig, ax = plt.subplots(figsize=(5.5, 3.5), layout="constrained")
ax.errorbar(curve["training images"], curve["accuracy"], [below, above], fmt="o-", capsize=3)
ax.set(xscale="log", xlabel="training images", ylabel="test accuracy")
ax.set_xticks(curve["training images"], curve["training images"], rotation=45)
ax.minorticks_off()
plt.show()

# %%
# Between 80 % and 60 % of the images there is nothing to be seen: the range is too short. Over the
# whole curve more images help, so what this network lacks is images, not another division of them.
