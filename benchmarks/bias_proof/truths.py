"""What is planted, how strongly, and in how many patients."""

from dataclasses import dataclass

#: Verdicts that a study of two classes has, under the names that the table gives them.
CLASS = "conditional shift in class {}"


@dataclass(frozen=True)
class Truth:
    """Something that is planted.

    Attributes
    ----------
    name : str
        What it is, in a few words.
    supported : tuple of str
        Verdicts that must be SUPPORTED.
    steps : tuple of str
        Steps that these verdicts rest on.
    effect : str
        The effect whose strength is fixed; empty where it is a number of copies.
    strength : float
        Its size, as a fraction; NaN where the plan fixes another number, such as a prevalence.
    prevalence : tuple of (float, float)
        Share of the second class in train and in test.
    random_labels : bool
        Whether labels of some patients are drawn at random.
    changed : str
        Name of the change of the images: "blurred", the first class on test; "bright", the second
        class in train; "mirrored", the second class in both, whatever the images show.
    n_candidates : int
        Configurations that learn from noise.
    n_copies : int
        Augmented copies of each prototype, which are divided at random.
    is_null : bool
        Whether nothing is planted.
    is_large : bool
        Whether nothing is planted in so many patients that the study must say so.
    """

    name: str
    supported: tuple = ()
    steps: tuple = ()
    effect: str = ""
    strength: float = float("nan")
    prevalence: tuple = (0.5, 0.5)
    random_labels: bool = False
    changed: str = ""
    n_candidates: int = 0
    n_copies: int = 0
    is_null: bool = False
    is_large: bool = False


#: Steps that intervals and p-values come from.
MEASURING = ("gap", "label_shift", "leakage", "harm", "covariate_shift", "decomposition")
CHANCE = "chance explains the gap"
VALIDATION, POOL = "leakage in validation", "leakage in the pool"
DUPLICATES = "duplicates across splits"

TRUTHS = (
    Truth("nothing, 10 patients", is_null=True),
    Truth("nothing, 20 patients", is_null=True),
    Truth("nothing, few", steps=MEASURING, is_null=True),
    Truth("nothing, many", is_null=True, is_large=True),
    # Statistics of the grey levels are those of the mirrored image.
    Truth("nothing but mirrors", steps=("shortcut",), changed="mirrored", is_null=True),
    Truth("leakage", (VALIDATION,), ("leakage",), VALIDATION, 0.05, random_labels=True),
    Truth("leakage after pooling", (POOL,), ("leakage",), POOL, 0.05, random_labels=True),
    Truth(
        "recall of a class",
        (CLASS.format(0),),
        ("gap", "covariate_shift"),
        CLASS.format(0),
        0.10,
        changed="blurred",
    ),
    Truth("prevalence", ("label shift",), ("label_shift",), "label shift", prevalence=(0.75, 0.5)),
    Truth("shortcut", ("shortcut risk",), ("shortcut",), "shortcut risk", changed="bright"),
    Truth("selection", ("selection",), ("selection",), "selection", n_candidates=50),
    Truth(
        "copies of prototypes",
        (DUPLICATES, VALIDATION),
        ("duplicates", "leakage"),
        VALIDATION,
        random_labels=True,  # so few prototypes show a leak that is not small
        n_copies=20,
    ),
)

#: All effects together, for the coverage of their intervals.
EVERYTHING = Truth(
    "everything",
    steps=MEASURING,
    prevalence=(0.7, 0.5),
    random_labels=True,
    changed="blurred",
)
COVERAGE_SIZES = (10, 20, 40, 400)
BY_NAME = {truth.name: truth for truth in (*TRUTHS, EVERYTHING)}

#: Patients in train and in test, by source and truth.
SIZES = {
    "nothing, 10 patients": (10, 10),
    "nothing, 20 patients": (20, 20),
    "nothing, few": (60, 60),
    "nothing, many": (1200, 1200),
    "nothing but mirrors": (500, 400),
    "leakage": (400, 200),
    "leakage after pooling": (400, 200),
    "recall of a class": (1300, 1300),
    "prevalence": (700, 700),
    "shortcut": (500, 400),
    "selection": (200, 100),
    "copies of prototypes": (20, 20),
}
PHANTOM_SIZES = {
    "nothing, many": (2000, 2000),
    "leakage": (300, 150),
    "leakage after pooling": (240, 120),
}
#: There are 933 and 819 patients of the two classes.
CHEST_SIZES = {
    "leakage after pooling": (240, 120),
    "nothing, many": (800, 800),
    "recall of a class": (800, 800),
    "prevalence": (520, 520),
}


def size_of(source: str, truth: Truth) -> tuple[int, int]:
    """Return the numbers of patients in train and in test."""
    if source == "chest" and truth.name in CHEST_SIZES:
        return CHEST_SIZES[truth.name]
    if source == "phantoms" and truth.name in PHANTOM_SIZES:
        return PHANTOM_SIZES[truth.name]
    return SIZES[truth.name]
