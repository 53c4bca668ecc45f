"""The page and the table of a comparison of networks."""

import numpy as np

from dlboi.plotting import (
    ActivationMapDisplay,
    ImageGridDisplay,
    NetworkDisplay,
    ScheduleDisplay,
    TrainingHistoryDisplay,
)
from dlboi.reporting import Figure, Page, Section, Table
from dlboi.studies._overlap import overlap_sentences

_N_IMAGES = 8


def comparison_table(comparison) -> Table:
    """Return the results of a comparison, one row a network."""
    results = comparison.results
    columns = {
        "network": results["network"],
        "parameters": results["n_parameters"],
        "best epoch": results["best_epoch"],
        "train accuracy": results["train_accuracy"],
    }
    for part in ("validation", "test"):
        accuracy, low, high = (results[f"{part}_{name}"] for name in ("accuracy", "low", "high"))
        columns[f"{part} accuracy (95 % interval)"] = [
            f"{a:.3f} ({b:.3f} to {c:.3f})" for a, b, c in zip(accuracy, low, high, strict=True)
        ]
    columns["training (s)"] = results["seconds"]
    cohort = comparison.cohort
    over = "images" if cohort.test.groups is None else "patients"
    caption = (
        f"Accuracy is the share of images classified correctly; the intervals are over {over}. The "
        "train accuracy is the running mean of the chosen epoch."
    )
    return Table(columns, caption)


def comparison_page(comparison, title: str) -> Page:
    """Return the page of a comparison: the answer first, then data, curves, maps and errors."""
    sections = [
        Section(
            "Results",
            "Every network was trained on the same images. The epoch, and the best network, were "
            "chosen on the validation images; the test images were scored once, at the end.",
            tables=[comparison_table(comparison)],
        ),
        _data_section(comparison),
        _curves_section(comparison),
        _networks_section(comparison),
        *_maps_sections(comparison),
        _errors_section(comparison),
    ]
    return Page(title, _lead(comparison), sections, _settings(comparison))


def _lead(comparison):
    results, cohort = comparison.results, comparison.cohort
    best = int(np.argmax(results["validation_accuracy"]))
    accuracy, low, high = (results[f"test_{name}"][best] for name in ("accuracy", "low", "high"))
    lead = (
        f"{results['network'][best]} was best on the validation images "
        f"({_percent(results['validation_accuracy'][best])} correct) and classified "
        f"{_percent(accuracy)} of the {len(cohort.test.target)} test images correctly "
        f"(95 % interval {_percent(low)} to {_percent(high)})."
    )
    gap = results["validation_accuracy"][best] - accuracy
    outside = not (
        results["validation_low"][best] <= high and low <= results["validation_high"][best]
    )
    if outside:
        lead += (
            f" That is {100 * abs(gap):.1f} points {'lower' if gap > 0 else 'higher'} than in "
            "validation, and the two intervals do not overlap: chance alone does not explain it. "
            "The test images may differ from the training images; that the validation images chose "
            "the epoch and the network can explain a part."
        )
    lead += "".join(f" {sentence}" for sentence in overlap_sentences(cohort))
    if cohort.training.groups is None:
        lead += (
            " No patients were given, so images of one patient may be on both sides of a division, "
            "and the accuracies may be too high."
        )
    return lead


def _data_section(comparison):
    cohort = comparison.cohort
    names = ("training", "validation", "test")
    parts = [getattr(cohort, name) for name in names]
    columns = {"part": names, "images": [len(part.target) for part in parts]}
    if cohort.training.groups is not None:
        columns["patients"] = [part.n_patients for part in parts]
    for code, class_name in enumerate(cohort.target_names):
        columns[str(class_name)] = [int((part.target == code).sum()) for part in parts]
    text = "The numbers of images in each part" + (
        ", divided by patient." if "patients" in columns else ", divided by image."
    )
    chosen = _spread(cohort.training.target, _N_IMAGES)
    samples = ImageGridDisplay(
        cohort.training.images[chosen],
        titles=[str(cohort.target_names[code]) for code in cohort.training.target[chosen]],
        title="Training images",
    ).plot()
    shape = "×".join(map(str, cohort.training.images.shape[1:]))
    return Section(
        "Data",
        text,
        tables=[Table(columns, f"Images of {shape} pixels, {cohort.training.images.dtype}.")],
        figures=[Figure(samples.figure_, "Some training images of each class.", "Grid of images.")],
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
        chosen = _spread(cohort.test.target, _N_IMAGES // 2)
        images, target = cohort.test.images[chosen], cohort.test.target[chosen]
        predicted = classifier.predict(images)
        titles = [
            f"{cohort.target_names[true]} → {cohort.target_names[guess]}"
            for true, guess in zip(target, predicted, strict=True)
        ]
        display = ActivationMapDisplay(
            images, classifier.class_activation_map(images, predicted), titles=titles
        ).plot()
        sections.append(
            Section(
                f"Where {name} looks",
                "The logit of the predicted class as a sum over the places of the image: what "
                "speaks for the class and what against it. A map shows where the network found "
                "evidence, not that the evidence is medical.",
                figures=[
                    Figure(
                        display.figure_,
                        "Test images (true class → predicted class) and class activation maps.",
                        "Test images with heat maps.",
                    )
                ],
            )
        )
    return sections


def _errors_section(comparison):
    cohort, best = comparison.cohort, comparison.best
    proba = comparison.classifiers[best].predict_proba(cohort.test.images)
    names = cohort.target_names
    display = ImageGridDisplay.from_predictions(
        cohort.test.images,
        names[cohort.test.target],
        names[proba.argmax(axis=1)],
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


def _settings(comparison):
    settings = {}
    for name, classifier in comparison.classifiers.items():
        parameters = classifier.get_params(deep=False)
        shown = {k: v for k, v in parameters.items() if v is not None and k != "verbose"}
        settings[name] = ", ".join(f"{k}={v!r}" for k, v in shown.items())
    return settings


def _spread(target, n_images):
    """Return the indices of some images, as many of each class as there is room for."""
    classes = np.unique(target)
    n_each = max(n_images // len(classes), 1)
    return np.concatenate([np.flatnonzero(target == code)[:n_each] for code in classes])


def _percent(share):
    return f"{100 * share:.1f} %"
