"""What each verdict asks, means, and does not say, for a person who has not heard the terms."""

from typing import NamedTuple


class Explanation(NamedTuple):
    """A verdict in plain words; {train}, {test} and {name} stand for the parts and the class.

    Attributes
    ----------
    question : str
        What is asked.
    supported, not_supported : str
        What it means.
    brief : str
        What is claimed, as a part of a sentence.
    limits : str
        What the verdict does not say.
    """

    question: str
    supported: str
    not_supported: str
    brief: str
    limits: str


#: Ends the name of the claim of a class.
OF_CLASS = "conditional shift in class "

EXPLANATIONS = {
    "chance explains the gap": Explanation(
        "Is the gap between validation and {test} no more than chance?",
        "The whole interval of the gap is too small to matter: there is practically no gap to "
        "explain.",
        "The two parts differ: such a gap hardly ever comes about when patients of the same "
        "classes change places between {train} and {test} at random and everything is fitted "
        "anew, or other shares of the classes are a part of it.",
        "the gap is practically nothing",
        "That chance does not explain a gap says nothing of what does.",
    ),
    "leakage in validation": Explanation(
        "Is the validation score too high because images of one patient were both learnt from and "
        "validated on?",
        "Dividing {train} by image instead of by patient raises its validation accuracy: the "
        "classifier recognises patients, which new patients do not give it. Validate by patient.",
        "Dividing {train} by image or by patient makes no difference that matters.",
        "images of one patient on both sides of the validation raise its score",
        "It relies on the names of the patients: one patient under two names counts as two. It is "
        "about the validation inside {train}, not about patients who are in both parts.",
    ),
    "leakage in the pool": Explanation(
        "If {train} and {test} are pooled and divided anew by image, how much accuracy comes from "
        "other images of the same patients?",
        "The same images are classified better when the classifier has learnt from other images of "
        "their patients than when it has learnt from as many images of strangers. Pooling by image "
        "would raise the score by that, and nothing would be better.",
        "Other images of the same patients hardly help: what pooling changes, it changes by "
        "something else.",
        "after pooling, recognised patients raise the score",
        "It is not a part of the gap between the given parts: it is about a division that somebody "
        "might make. That pooling does not leak would not make it a cure, as the mean over the "
        "pool hides how the images of {test} fare.",
    ),
    "selection": Explanation(
        "Is the validation score too high because it is the best of several?",
        "The score of the best candidate is higher than what a candidate reaches that is chosen on "
        "some patients and scored on others: part of it was luck of the choice.",
        "Choosing the best candidate has raised its score by too little to matter.",
        "having chosen the best candidate raises the validation score",
        "Only the candidates that were handed in count, not what was tried before them.",
    ),
    "label shift": Explanation(
        "Does the accuracy fall because the classes are more or less frequent in {test}?",
        "Were each class recognised as often as in validation, the accuracy on {test} would still "
        "be lower, as its classes have other shares. Balanced accuracy and recalls do not depend "
        "on them.",
        "The shares of the classes in {test} cost no accuracy that matters.",
        "other shares of the classes cost accuracy",
        "It does not say that the images of a class are the same in both parts.",
    ),
    "lost ranking": Explanation(
        "Are the classes of {test} harder to tell apart for what was learnt from {train}, at any "
        "threshold?",
        "Even with the threshold that suits {test} best, found on other patients of it, the "
        "accuracy is lower than the shares of its classes lead to expect: the classifier separates "
        "the classes of {test} less well.",
        "With a threshold that suits {test}, nothing that matters is lost.",
        "the classes of {test} are separated less well, at any threshold",
        "It does not say why: other equipment, other patients and harder cases look alike here.",
    ),
    "threshold": Explanation(
        "Would another threshold between the classes win accuracy back, more than other shares of "
        "the classes ask for?",
        "Probabilities on {test} lie higher or lower than in {train}. With the threshold moved, "
        "this part of the accuracy comes back. (The term of the gap also has what other shares of "
        "the classes alone would make of it.)",
        "Moving the threshold would win nothing that matters.",
        "the threshold between the classes does not suit {test}",
        "The better threshold was found with the labels of other {test} patients. Who has no "
        "labelled images from there does not know it; and a threshold chosen on the test images "
        "must not be scored on them.",
    ),
    "harder test": Explanation(
        "Is {test} harder in itself, whatever one learns from?",
        "Classifiers that learn from {test} and are asked about other patients of it are less "
        "often right than those that learn from as many images of {train} and are asked about "
        "other patients of {train}.",
        "Who learns from {test} does at least as well there as who learns from {train} does in "
        "{train}, or nearly.",
        "{test} is harder in itself",
        "Harder is not wrong: {test} may hold earlier disease, or what the clinic sees. It is "
        "measured with few images, so that the accuracies are lower than in the rest.",
    ),
    "duplicates across splits": Explanation(
        "Are copies of the same image in {train} and in {test}?",
        "Copies were found and verified. A test image that was learnt from tests nothing: leave "
        "the copies out of one part, and find out how they came there.",
        "No copy was found across the parts.",
        "copies of images are in both parts",
        "Copies that were changed more than the search allows for are not found. Two exposures of "
        "one patient are no copies; the names of the patients are what finds those.",
    ),
    OF_CLASS: Explanation(
        "Do the images of class {name} in {test} differ from those in {train}, and are they "
        "recognised less often?",
        "{test} differs from {train} in class {name}: its images are recognised less often than in "
        "validation, and they are told apart from those of {train} more easily than parts of "
        "{train} that follow each other are.",
        "Class {name} is recognised in {test} as often as in validation, or nearly.",
        "{test} differs from {train} in class {name}",
        "It does not say which of the two parts is right, nor that anything is wrong with either. "
        "That two sets of images can be told apart is the rule and does no harm by itself; the "
        "verdict needs the lost recall too.",
    ),
    "threshold only": Explanation(
        "Is the threshold all that is lost?",
        "The threshold costs accuracy and the separation of the classes does not: what was learnt "
        "from {train} holds in {test}, at another threshold.",
        "The classes of {test} are separated less well: no threshold mends that.",
        "the threshold is all that is lost",
        "It follows from the verdicts on threshold and ranking, and is as sure as these.",
    ),
    "shortcut risk": Explanation(
        "Can the class be told without looking at what an image shows: from size, brightness, "
        "sharpness, borders?",
        "In {train} such statistics alone come near the classifier, and in {test} they do not "
        "hold. A network is free to learn them instead of the disease.",
        "Such statistics alone stay far behind the classifier in {train}.",
        "the class can be told from brightness, size or borders in {train}, and less well in "
        "{test}",
        "That a shortcut is there does not prove that a classifier takes it, and a classifier may "
        "take one that these statistics do not know, such as a letter on the film.",
    ),
}


def explanation_of(claim: str, part_names: tuple[str, str]) -> Explanation:
    """Return a claim in plain words.

    Parameters
    ----------
    claim : str
        Its name.
    part_names : tuple of (str, str)
        What the two parts are called.

    Returns
    -------
    Explanation
    """
    key = OF_CLASS if claim.startswith(OF_CLASS) else claim
    words = dict(zip(("train", "test"), part_names, strict=True))
    words["name"] = claim.removeprefix(OF_CLASS)
    return Explanation(*(text.format_map(words) for text in EXPLANATIONS[key]))
