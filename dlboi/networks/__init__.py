"""Plain ``torch.nn`` modules that map a batch of images to logits; they know nothing of labels."""

from dlboi.networks._ann import ANN
from dlboi.networks._backbone import PretrainedNetwork
from dlboi.networks._backbone_anatomy import fixed_input_size, minimum_input_size
from dlboi.networks._backbone_models import check_backbone, list_backbones
from dlboi.networks._blocks import ConvBlocks
from dlboi.networks._cnn import CNN
from dlboi.networks._gap import GAP
from dlboi.networks._summary import Layer, NetworkSummary, summarize

__all__ = [
    "ANN",
    "CNN",
    "GAP",
    "ConvBlocks",
    "Layer",
    "NetworkSummary",
    "PretrainedNetwork",
    "check_backbone",
    "fixed_input_size",
    "list_backbones",
    "minimum_input_size",
    "summarize",
]
