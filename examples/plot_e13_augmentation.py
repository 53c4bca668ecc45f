"""
Does augmentation help on tissue?
=================================

Tissue has no upright, and its stain varies. :func:`~dlboi.studies.augmentation_study` trains the
same network without and with random flips, turns and changes of the stain.

``--data DIR --full`` is the experiment on real tissue, a fine-tuned ResNet-34 for 100 epochs. Its
level without augmentation is what that network reaches as it is.
"""

# %%
import matplotlib.pyplot as plt
from _options import read_options

from dlboi import CNNClassifier
from dlboi.datasets import make_tissue_phantoms
from dlboi.studies import augmentation_study

options = read_options()
train, test = options.images(
    make_tissue_phantoms, 240, 300, size=32, full_size=128, groups=None, difficulty=0.2
)
result = augmentation_study(
    train,
    test=test,
    **options.settings(
        estimator=CNNClassifier(n_filters=(16, 16, 16), schedule="cosine", max_epochs=20),
        n_repeats=4,
    ),
)
options.keep(result, "e13_augmentation")
print("\n\n".join(result.findings))

# %%
result.plot()
plt.show()

# %%
# Training and validation
# -----------------------
result.plot_curves()
plt.show()

# %%
# With so few epochs and images the study cannot tell the two apart, and its interval says how
# large a gain or loss is still possible. Augmentation slows learning down: before it is given up,
# it deserves more epochs.
