"""Losses on logits, weighted."""

import torch
from torch import Tensor, nn
from torch.nn import functional


class LogitLoss(nn.Module):
    """Cross-entropy of logits, as a weighted mean over the images.

    Parameters
    ----------
    kind : {"bce", "ce"}
        ``"bce"``: one logit and a sigmoid; ``"ce"``: one logit a class and a softmax.
    """

    def __init__(self, kind: str):
        super().__init__()
        self.kind = kind

    def forward(
        self, logits: Tensor, target: Tensor, weight: Tensor | None = None, total=None
    ) -> Tensor:
        """Return the sum of the weighted losses of the images divided by `total`.

        Parameters
        ----------
        logits : Tensor of shape (n, 1) or (n, n_classes)
            What the network gives out.
        target : Tensor of int64 of shape (n,)
            The class of each image.
        weight : Tensor of shape (n,), default=None
            Weight of each image; None weighs all 1.
        total : float or Tensor, default=None
            What to divide by; None takes the sum of the weights. A part of a batch is divided by
            the weight of the whole batch, so that the parts add up.
        """
        logits = logits.float()
        if self.kind == "bce":
            losses = functional.binary_cross_entropy_with_logits(
                logits[:, 0], target.to(logits.dtype), reduction="none"
            )
        else:
            losses = functional.cross_entropy(logits, target, reduction="none")
        if weight is not None:
            losses = losses * weight
        if total is None:
            total = len(losses) if weight is None else weight.sum()
        return losses.sum() / total


def predicted_class(logits: Tensor) -> Tensor:
    """Return the most probable class of each row of logits, shape (n,)."""
    if logits.shape[1] == 1:
        return (logits[:, 0] > 0).to(torch.int64)
    return logits.argmax(dim=1)


def probabilities(logits: Tensor) -> Tensor:
    """Return the probability of each class, shape (n, n_classes)."""
    if logits.shape[1] == 1:
        logits = torch.cat([torch.zeros_like(logits), logits], dim=1)
    return logits.double().softmax(dim=1)
