"""
Does global average pooling average too much?
=============================================

A network with global average pooling (GAP) reduces each map of features to its mean. Is it less
accurate where the map is large, and does a larger pooling kernel, which makes the map smaller,
help?
"""

# %%
# Three levels: max pooling with side 2, with side 4, and with side 2 but means over the cells of a
# 4×4 grid. The second has a smaller map, each of whose cells sees more of the image; the third
# has the map of the first and averages fewer cells of it. ``--data DIR --full`` runs the
# experiment itself, with weight decay and a grid of 16×16 cells, on real images.
import matplotlib.pyplot as plt
from _options import read_options

from dlboi.datasets import make_chest_phantoms
from dlboi.reporting import Table
from dlboi.studies import gap_pooling_study

options = read_options()
train, test = options.images(make_chest_phantoms, 160, 200, size=64, difficulty=0.0)

levels = {
    "p = 2": {"pool_size": 2},
    "p = 4": {"pool_size": 4},
    "p = 2, grid 4×4": {"pool_size": 2, "output_size": 4},
}
quick = {"max_epochs": 14, "lr": 5e-3, "weight_decay": 0.0, "n_filters": (16, 16, 16)}
result = gap_pooling_study(train, test=test, **options.settings(levels=levels, parameters=quick))
options.keep(result, "e03_gap_pooling")

result.plot()
plt.show()

# %%
caption, maps = next(iter(result.tables.items()))
print(Table(maps, caption).to_markdown())

# %%
for finding in result.findings:
    print("-", finding)

# %%
# Within these few epochs the network that averages the whole large map has not begun to learn: it
# is no better than chance. A smaller map helps, and so does the grid, which averages a few cells of
# the *same* map. That speaks for the mean as a cause, for the grid has hardly more parameters.
# Where the levels would be after many epochs, these few do not say.
