"""
One logit or two?
=================

Two classes can be told apart by one logit and a sigmoid (BCE), or by two logits and a softmax
(CE). The two losses are the same function of the network's outputs. Do they learn alike?
"""

# %%
# A fair comparison starts both at the same function: the study gives the two logits weight
# vectors whose difference is that of the single one. ``--data DIR --full`` runs the experiment
# itself on real images.
import matplotlib.pyplot as plt
from _options import read_options

from dlboi.datasets import make_chest_phantoms
from dlboi.studies import loss_study

options = read_options()
train, test = options.images(make_chest_phantoms, 300, 300, size=32)

quick = {"max_epochs": 20, "step_size": 6, "lr": 3e-4, "batch_size": 32}
result = loss_study(train, test=test, **options.settings(parameters=quick))
options.keep(result, "e04_loss")

result.plot_curves()
plt.show()

# %%
for finding in result.findings:
    print("-", finding)

# %%
# Did both start alike, and who is ahead later on?
start, curves = result.tables.values()
apart = abs(start["difference"][1])
print(f"loss before the first step, CE less BCE: {apart:.0e} nats")
is_ce = (curves["quantity"] == "training loss") & (curves["level"] == "CE")
ahead, low, high = (
    float(curves[column][is_ce][0])
    for column in ("difference", "difference low", "difference high")
)
print(f"training loss in the last half of the epochs, CE less BCE: {ahead:.3f}")
print(f"95 % interval {low:.3f} to {high:.3f}")

# %%
# Both start as the same function. Then CE is ahead by a little, as the difference of its two
# weight vectors moves at twice the rate: each of them takes the step that BCE's single one takes.
# On the test images the two are not told apart.
