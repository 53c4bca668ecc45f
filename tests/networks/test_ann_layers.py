"""The order of the layers in a hidden layer of the ANN."""

from torch import nn

from dlboi.networks import ANN


def kinds(**arguments):
    return [type(layer) for layer in ANN((1, 4, 4), 1, hidden_layer_sizes=(8,), **arguments)]


def test_dropout_relu_batch_norm_in_the_order_of_the_reports():
    assert kinds() == [nn.Flatten, nn.Linear, nn.ReLU, nn.Linear]
    assert kinds(dropout=0.5, batch_norm=True) == [
        nn.Flatten, nn.Linear, nn.Dropout, nn.ReLU, nn.BatchNorm1d, nn.Linear,
    ]  # fmt: skip
