"""Class activation maps: what each place of an image adds to the logit of a class."""

import numpy as np
import torch
from torch.nn import functional

from dlboi.training import ImageArray, ImageClassifierNet, ImageFiles


def activation_maps(
    net: ImageClassifierNet, images: ImageArray | ImageFiles, target: np.ndarray
) -> np.ndarray:
    """Return what each place of an image adds to the logit of a class.

    The gradient of the logit by the feature map is constant where all behind the map is linear;
    feature map times gradient, summed over the channels, are then the exact summands of the logit.
    Elsewhere Grad-CAM: the gradient's mean in its place, and only what speaks for the class.

    Parameters
    ----------
    net : ImageClassifierNet
        Its module has ``map_and_logits``, and ``map_is_linear``, which says which of the two.
    images : ImageArray or ImageFiles
        The images.
    target : ndarray of int of shape (n_samples,)
        Class of each image to explain.

    Returns
    -------
    ndarray of float32 of shape (n_samples, h, w)
    """

    def explain(pixels, start):
        with torch.enable_grad():
            features, logits = module.map_and_logits(pixels.requires_grad_())
            wanted = torch.zeros(len(pixels), dtype=torch.int64, device=logits.device)
            asked = target[start : start + len(pixels)]  # the last micro-batch is filled up
            wanted[: len(asked)] = torch.as_tensor(asked)
            if logits.shape[1] == 1:
                logit = logits[:, 0] * (2 * wanted - 1)
            else:
                logit = logits.gather(1, wanted[:, None])
            (slope,) = torch.autograd.grad(logit.sum(), features)
        if not module.map_is_linear:
            slope = slope.mean(dim=(2, 3), keepdim=True)
        summands = (features * slope).sum(dim=1, keepdim=True).detach()
        if not module.map_is_linear:
            summands = summands.relu()
        places = summands.shape[-2] * summands.shape[-1]
        maps = functional.interpolate(
            summands * places, size=pixels.shape[-2:], mode="bilinear", align_corners=False
        )
        return maps[:, 0]

    module = net.module_.eval()
    return net.map_images(images, explain).cpu().numpy()
