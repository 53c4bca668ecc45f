"""One row for each experiment: what the report saw, and the call that runs it here."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.reproductions.images import Images
from benchmarks.reproductions.weights import own_weights
from dlboi import PretrainedClassifier, studies
from dlboi.studies import PooledShuffleResult, StudyResult
from dlboi.studies._transfer_recipe import TRANSFER_RECIPE

#: Where a processor has bfloat16 in hardware it is used: benchmarks/README.md has what it costs.
FAST = {"precision": "auto"}

NO_IMAGENET = "ImageNet weights cannot be downloaded where this ran"
NO_TISSUE = "six classes of colorectal biopsies in place of the six tissue types of Kather et al."


@dataclass(frozen=True)
class Row:
    """An experiment of the reports.

    Attributes
    ----------
    name : str
        As in the table of experiments: E1, E2, …
    question : str
        What was asked.
    report : str
        What the report saw.
    run : callable
        Takes :class:`Images`, the folder of a journal and of weights, and returns a StudyResult.
    data, weights, reduced : str
        Which images, which weights, and what is less than in the report.
    missing : str
        What is not reproduced, and why; empty where all of it is.
    about : str
        Words of the findings that answer the question; empty takes the first finding.
    result : type
        What the call returns.
    """

    name: str
    question: str
    report: str
    run: Callable[..., StudyResult]
    data: str = "chest X-rays, 128×128"
    weights: str = "random"
    reduced: str = "128×128 pixels in place of 256×256"
    missing: str = ""
    about: str = ""
    result: type[StudyResult] = StudyResult


def _chest(function, *, size=128, validation=0.2, parameters=None, **settings):
    """Return what runs a study on the chest X-rays, 1600/400/400 of them or 1800/200/400."""

    def run(images: Images, folder: Path):
        train, test = images.chest(size)
        own = {} if validation is None else {"validation": validation}
        parameters_ = FAST | (parameters or {})
        return function(train, test=test, parameters=parameters_, memory=folder, **own, **settings)

    return run


def _transfer(*backbones):
    """Return what compares backbones, fixed and fine-tuned, with weights of our own."""

    def run(images: Images, folder: Path):
        weights = {name: own_weights(images, name, "biopsies", folder.parent) for name in backbones}
        study = _chest(
            studies.transfer_study,
            size=224,
            backbones=backbones,
            weights=weights,
            modes=("fixed", "fine-tuned"),
            parameters=SHORT,
        )
        return study(images, folder)

    return run


def _division(images: Images, folder: Path):
    weights = own_weights(images, "resnet18", "biopsies", folder.parent)
    parameters = SHORT | {"backbone": "resnet18", "weights": weights}
    return _chest(studies.split_ratio_study, size=224, validation=None, parameters=parameters)(
        images, folder
    )


def _pooled(images: Images, folder: Path):
    weights = own_weights(images, "resnet18", "biopsies", folder.parent)
    network = PretrainedClassifier(backbone="resnet18", weights=weights, **TRANSFER_RECIPE)
    study = _chest(studies.pooled_shuffle_study, size=224, estimator=network, parameters=SHORT)
    return study(images, folder)


def _biopsies(function, **settings):
    """Return what runs a study of ResNet-18 on the biopsies, divided by case for each repeat."""

    def run(images: Images, folder: Path):
        weights = own_weights(images, "resnet18", "chest", folder.parent)
        return function(
            images.biopsies(224),
            validation=0.2,
            test=0.2,
            parameters=FAST | SHORT | {"backbone": "resnet18", "weights": weights},
            memory=folder,
            **settings,
        )

    return run


OWN = {
    "data": "chest X-rays, 224×224",
    "weights": "own: 10 epochs on 1429 biopsies",
    "reduced": "10 epochs in place of 30",
    "missing": NO_IMAGENET,
}
TISSUE = {
    "data": NO_TISSUE + ", 224×224",
    "weights": "own: 10 epochs on 2000 chest X-rays",
    "reduced": "ResNet-18 in place of ResNet-34; 10 epochs in place of 100; 1429 images in place "
    "of 3750",
    "missing": f"{NO_IMAGENET}, and the tissue tiles were not at hand",
}
SHORT = {"max_epochs": 10}

ROWS = (
    Row(
        "E1",
        "Does weight decay reduce the overfitting of the CNN?",
        "The slope of the validation loss over epochs 31 to 50 is negative with decay and positive "
        "without; both losses settle higher with decay.",
        _chest(studies.weight_decay_study, n_repeats=5),
        about="over epochs 31 to 50 the validation loss",
    ),
    Row(
        "E2",
        "Is the CNN better than the ANN, and what does it cost?",
        "CNN better, with fewer parameters; training on 1600 images for 50 epochs 109 s (CNN) and "
        "16 s (ANN).",
        _chest(studies.architecture_study),
    ),
    Row(
        "E3",
        "Does a larger pooling kernel restore the accuracy of global average pooling?",
        "Train/validation accuracy 83.9/85.8 % with p = 2, 91.9/92.3 % with p = 4; GAP-16 about "
        "94 %.",
        _chest(studies.gap_pooling_study),
    ),
    Row(
        "E4",
        "One logit with BCE, or two with CE?",
        "Test accuracy 83 % (BCE) and 82.25 % (CE); the curves of CE fluctuate more late.",
        _chest(studies.loss_study, size=224, validation=0.1),
        data="chest X-rays, 224×224",
        reduced="224×224 pixels in place of 256×256",
    ),
    Row(
        "E5",
        "Which learning rate and step size?",
        "Test accuracy 83, 80.25, 77, 74.75, 75.25 % for (lr, step size) = (3e-6, 4), (3e-5, 4), "
        "(3e-7, 4), (3e-6, 8), (3e-6, 2).",
        _chest(studies.hyperparameter_study, size=224, validation=0.1),
        about="% accuracy (95 % interval",
        data="chest X-rays, 224×224",
        reduced="224×224 pixels in place of 256×256",
    ),
    Row(
        "E5b",
        "Is the loss curve of a batch of 128 smoother than that of 32?",
        "Asserted, not shown.",
        _chest(studies.batch_size_study, size=224, validation=0.1),
        about="fluctuation of the validation loss",
        data="chest X-rays, 224×224",
        reduced="224×224 pixels in place of 256×256",
    ),
    Row(
        "E6",
        "Do a wider layer and dropout help the ANN?",
        "ANN-256 with dropout 0.5: train about 82 %, validation about 94 %.",
        _chest(studies.width_dropout_study),
    ),
    Row(
        "E7",
        "Train the whole network, or only the head?",
        "Validation accuracy about 95 % fixed, 99 % fine-tuned; 64 and 177 s of training "
        "(ResNet-18), 99 and 281 s (ResNet-34); ResNet-34 is no better.",
        _transfer("resnet18", "resnet34"),
        about="; difference",
        **OWN,
    ),
    Row(
        "E8",
        "Do AlexNet and GoogLeNet do better?",
        "Fine-tuned: test accuracy 72.5 % (AlexNet) and 74 % (GoogLeNet); fixed GoogLeNet 85.5 %; "
        "fixed AlexNet was never made to work.",
        _transfer("alexnet", "googlenet"),
        about="; difference",
        **OWN,
    ),
    Row(
        "E9",
        "Why is test accuracy 72 to 86 % when validation is 95 to 99 %? Is the test set biased?",
        "Test accuracy about 80 % as given, and 97 % after all images are pooled, shuffled by "
        "image and divided anew: the given test set is biased.",
        _pooled,
        about="of the test images are right",
        result=PooledShuffleResult,
        **OWN,
    ),
    Row(
        "E9b",
        "The question of E9, for the CNN of E1",
        "Not asked.",
        _chest(studies.pooled_shuffle_study, parameters={"max_epochs": 20}),
        about="of the test images are right",
        result=PooledShuffleResult,
        reduced="128×128 pixels in place of 256×256, 20 epochs in place of 50",
    ),
    Row(
        "E10",
        "Would other divisions, 700/300 or 600/400, help?",
        'Test accuracy above 80 %, "highly suspicious".',
        _division,
        about="; difference",
        **OWN,
    ),
    Row(
        "E12",
        "Does a larger pooled size help ResNet-34 on tissue?",
        "Validation accuracy 85 to 90 %, test accuracy 81.7 %; a larger size lowers the accuracy, "
        "which was blamed on the parameters of the head.",
        _biopsies(studies.pool_size_study),
        about="; difference",
        **TISSUE,
    ),
    Row(
        "E13",
        "ResNet-34 on tissue (E11): does augmentation help?",
        "Without: train near 100 %, validation 85 to 90 %, test accuracy 81.7 %. With: not done.",
        _biopsies(studies.augmentation_study),
        about="; difference",
        **TISSUE,
    ),
)
