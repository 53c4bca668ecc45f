"""Weights of our own, where ImageNet's cannot be had: learnt from the other set of images."""

from pathlib import Path

import torch

from dlboi import PretrainedClassifier


def own_weights(images, backbone: str, of: str, folder: Path, *, size: int = 224) -> Path:
    """Train a backbone from scratch and return the file of its state dict.

    Parameters
    ----------
    images : Images
        Where the images come from.
    backbone : str
        Name of a model of torchvision.
    of : {"chest", "biopsies"}
        The images to learn from.
    folder : Path
        For the file; one that is there is not made again.
    size : int, default=224
        Side of the images.

    Returns
    -------
    Path
    """
    path = folder / f"{backbone}-{of}-{size}.pt"
    if path.exists():
        return path
    data = images.chest(size)[0] if of == "chest" else images.biopsies(size)
    classifier = PretrainedClassifier(
        backbone,
        weights=None,
        loss="ce",
        schedule="cosine",
        max_epochs=10,
        validation_fraction=0.2,
        precision="auto",
        random_state=0,
        verbose=1,
    )
    classifier.fit(data.data, data.target, groups=data.groups)
    folder.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    torch.save(classifier.net_.module_.body.state_dict(), draft)
    draft.replace(path)
    return path
