"""The page of an evaluation."""

from dlboi.evaluation._evaluation_tables import class_table, confusion_table, score_table
from dlboi.evaluation._evaluation_text import headline, over, remarks
from dlboi.reporting import Figure, Page, Section


def evaluation_page(evaluation, title: str) -> Page:
    """Return the page of an evaluation: the accuracy first, then all scores, classes and curves.

    Parameters
    ----------
    evaluation : Evaluation
        The evaluation.
    title : str
        Its title.

    Returns
    -------
    Page
    """
    sections = [
        Section(
            "Scores",
            "\n\n".join(remarks(evaluation)),
            tables=[score_table(evaluation), class_table(evaluation)],
        )
    ]
    if evaluation.y_proba is None:
        sections.append(Section("Errors", tables=[confusion_table(evaluation)]))
    else:
        sections.append(_curves_section(evaluation))
    facts = {
        "images": evaluation.n_images,
        "patients": evaluation.n_patients,
        "scored": "patients, by mean probability" if evaluation.aggregate else "images",
        "confidence level": evaluation.confidence_level,
    }
    if evaluation.n_patients is None:
        del facts["patients"]
    return Page(title, headline(evaluation), sections, {**evaluation.settings, **facts})


def _curves_section(evaluation):
    from matplotlib import pyplot as plt

    figure = evaluation.plot().figure_
    plt.close(figure)  # else a notebook would show it a second time
    return Section(
        "Errors, ranking and probabilities",
        "The confusion matrix shows which classes are taken for which. The ROC curve shows what "
        "specificity a higher sensitivity costs. On the reliability curve, points on the dashed "
        "line stand for probabilities that can be taken at their word; below it they are too high.",
        figures=[
            Figure(
                figure,
                "Confusion matrix, ROC curve and reliability curve. Bands and bars, where drawn, "
                f"are {100 * evaluation.confidence_level:g} % intervals over {over(evaluation)}.",
                "Confusion matrix, ROC curve and reliability curve of the test set.",
            )
        ],
    )
