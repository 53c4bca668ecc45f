"""Fits that go on from the last one in the same process."""

import numpy as np

from dlboi.classifiers._fit_data import FitData
from dlboi.training import ImageClassifierNet, make_augmentation


def prepare_to_go_on(classifier, net) -> ImageClassifierNet:
    """Give a fitted net the parameters that may change from one fit to the next."""
    vars(net).update(  # skorch refuses to set a transform that is an nn.Module
        max_epochs=classifier.max_epochs,
        batch_size=classifier.batch_size,
        n_threads=classifier.n_threads,
        augment=make_augmentation(classifier.augment),
    )
    groups = net.optimizer_.param_groups
    rates = [classifier.lr] * len(groups)
    if len(groups) > 1:
        rates[0] = classifier.backbone_lr or classifier.lr
    for group, rate in zip(groups, rates, strict=True):
        group |= {"initial_lr": rate, "lr": rate, "weight_decay": classifier.weight_decay}
    return net


def refuse_other_data(classifier, data: FitData) -> None:
    """Raise a ValueError unless a fitted classifier can go on with the images at hand.

    Parameters
    ----------
    classifier : ImageClassifier
        A fitted one, with ``warm_start=True``.
    data : FitData
        What it is to be trained on.
    """
    same_classes = np.array_equal(data.classes, classifier.classes_)
    if not same_classes or data.image_shape != classifier.image_shape_:
        raise ValueError(
            "With warm_start=True, X and y must have the classes and the image shape of the last "
            f"fit, {classifier.classes_.tolist()} and {classifier.image_shape_}. Got "
            f"{data.classes.tolist()} and {data.image_shape} instead."
        )
    if classifier.validation_fraction is not None and classifier._drawn != data.validation.digest():
        raise ValueError(
            "With warm_start=True and 'validation_fraction', fit must be given the images, labels "
            "and groups of the last fit, in their order, and the same fraction: another validation "
            "part would hold images that were trained on. Pass 'validation_data'."
        )
