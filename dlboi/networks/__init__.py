"""Plain ``torch.nn`` modules that map a batch of images to logits; they know nothing of labels."""

from dlboi.networks._ann import ANN
from dlboi.networks._blocks import ConvBlocks
from dlboi.networks._cnn import CNN
from dlboi.networks._gap import GAP
from dlboi.networks._summary import Layer, NetworkSummary, summarize

__all__ = ["ANN", "CNN", "GAP", "ConvBlocks", "Layer", "NetworkSummary", "summarize"]
