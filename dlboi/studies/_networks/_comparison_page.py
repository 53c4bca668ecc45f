"""The page of a comparison of networks."""

from collections.abc import Mapping

import numpy as np

from dlboi.plotting import (
    ActivationMapDisplay,
    ImageGridDisplay,
    NetworkDisplay,
    ScheduleDisplay,
    TrainingHistoryDisplay,
)
from dlboi.reporting import Figure, Page, Section, Table
from dlboi.studies._networks._comparison_lead import comparison_lead
from dlboi.studies._networks._comparison_tables import class_table, comparison_table

_N_IMAGES = 8


def comparison_page(comparison, title: str, settings: Mapping) -> Page:
    """Return the page of a comparison: the answer first, then data, curves, maps and errors.

    `settings` stand before those of the comparison and the networks.
    """
    sections = [
        Section(
            "Results",
            "Every network was trained on the same images. The epoch, and the best network, were "
            "chosen on the validation images; the test images were scored once, at the end.",
            tables=[comparison_table(comparison), class_table(comparison)],
        ),
        _data_section(comparison),
        _curves_section(comparison),
        _networks_section(comparison),
        *_maps_sections(comparison),
        _errors_section(comparison),
    ]
    return Page(
        title,
        comparison_lead(comparison),
        sections,
        {**settings, **comparison.settings, **_networks_settings(comparison)},
    )


def _data_section(comparison):
    cohort = comparison.cohort
    names = ("training", "validation", "test")
    parts = [getattr(cohort, name) for name in names]
    columns = {"part": names, "images": [len(part.target) for part in parts]}
    if cohort.training.groups is not None:
        columns["patients"] = [part.n_patients for part in parts]
    for name in cohort.target_names.tolist():
        columns[name] = [int((part.target == name).sum()) for part in parts]
    text = "The numbers of images in each part" + (
        ", divided by patient." if "patients" in columns else ", divided by image."
    )
    chosen = _sample(cohort.training, _N_IMAGES, comparison.seed)
    samples = ImageGridDisplay(
        cohort.training.images[chosen],
        titles=cohort.training.target[chosen].tolist(),
        title="Training images",
    ).plot()
    shape = "×".join(map(str, cohort.training.images.shape[1:]))
    return Section(
        "Data",
        text,
        tables=[Table(columns, f"Images of {shape} pixels, {cohort.training.images.dtype}.")],
        figures=[
            Figure(
                samples.figure_,
                f"{_drawn(cohort.training)}.",
                "Grid of images.",
            )
        ],
    )


def _curves_section(comparison):
    figures = []
    for name, classifier in comparison.classifiers.items():
        display = TrainingHistoryDisplay.from_estimator(classifier)
        caption = f"{name}: loss and accuracy of training and validation, the best epoch marked."
        figures.append(Figure(display.figure_, caption, f"Training curves of {name}."))
    first = next(iter(comparison.classifiers.values()))
    schedule = ScheduleDisplay.from_estimator(first)
    figures.append(
        Figure(schedule.figure_, "Learning rate of each epoch.", "Learning rate against epoch.")
    )
    return Section(
        "Training curves",
        "The train values are means over an epoch in which the weights change; validation is "
        "scored at the end of the epoch, so it can be the better of the two early on.",
        figures=figures,
    )


def _networks_section(comparison):
    figures = []
    for name, classifier in comparison.classifiers.items():
        display = NetworkDisplay.from_estimator(classifier)
        caption = f"{name}: {classifier.n_parameters_:,} parameters."
        figures.append(Figure(display.figure_, caption, f"Structure of {name}."))
    return Section(
        "Networks",
        "Blocks in the order in which an image passes them, with the shape they give out "
        "(channels × height × width) and their parameters. Pooling stands before the ReLU: the "
        "function is the same, and it takes less time.",
        figures=figures,
    )


def _maps_sections(comparison):
    cohort = comparison.cohort
    sections = []
    for name, classifier in comparison.classifiers.items():
        if not hasattr(classifier, "class_activation_map"):
            continue
        chosen = _sample(cohort.test, _N_IMAGES // 2, comparison.seed)
        images, target = cohort.test.images[chosen], cohort.test.target[chosen]
        predicted = classifier.predict(images)
        titles = [f"{true} → {guess}" for true, guess in zip(target, predicted, strict=True)]
        display = ActivationMapDisplay(
            images, classifier.class_activation_map(images, predicted), titles=titles
        ).plot()
        sections.append(
            Section(
                f"Where {name} looks",
                "The logit of the predicted class as a sum over the places of the image: what "
                "speaks for the class and what against it. A map shows where the network found "
                "evidence, not that the evidence is medical.\n\nOrange speaks for the class, blue "
                "against it. Contours stand at half of the largest value of all maps: solid for "
                "the class, dashed against it; the two lines across the colour bar mark these "
                "values. Its ticks are contributions to the logit: their mean over a map, plus "
                "the bias of the last layer, is the logit.",
                figures=[
                    Figure(
                        display.figure_,
                        f"{_drawn(cohort.test)} (true class → predicted class), and their "
                        "class activation maps.",
                        "Test images with heat maps.",
                    )
                ],
            )
        )
    return sections


def _errors_section(comparison):
    test, best = comparison.cohort.test, comparison.best
    classifier = comparison.classifiers[best]
    proba = classifier.predict_proba(test.images)
    display = ImageGridDisplay.from_predictions(
        test.images,
        test.target,
        classifier.classes_[proba.argmax(axis=1)],
        proba.max(axis=1),
        which="errors",
        n_images=_N_IMAGES,
    )
    return Section(
        "Most confident errors",
        f"The test images that {best} got wrong with the highest probability. Look for a wrong "
        "label, a marker or a border before you blame the network.",
        figures=[
            Figure(
                display.figure_,
                "True class → predicted class (probability).",
                "Grid of wrongly classified images.",
            )
        ],
    )


def _networks_settings(comparison):
    settings = {}
    for name, classifier in comparison.classifiers.items():
        parameters = classifier.get_params(deep=False)
        shown = {k: v for k, v in parameters.items() if v is not None and k != "verbose"}
        settings[name] = ", ".join(f"{k}={v!r}" for k, v in shown.items())
    return settings


def _sample(part, n_images, seed):
    """Draw images, as many of each class as there is room for, no two from one patient."""
    rng = np.random.default_rng(seed)
    classes = np.unique(part.target)
    n_each = max(n_images // len(classes), 1)
    chosen = []
    for name in classes:
        drawn = rng.permutation(np.flatnonzero(part.target == name))
        if part.groups is not None:
            _, first = np.unique(part.groups[drawn], return_index=True)
            drawn = drawn[np.sort(first)]
        chosen.append(drawn[:n_each])
    return np.concatenate(chosen)


def _drawn(part):
    of_whom = "" if part.groups is None else ", no two of a class from one patient"
    return f"Images of each class, drawn at random{of_whom}"
