"""Captions of the figures of a study of dataset bias."""

#: Caption and description of each figure.
CAPTIONS = {
    "effects": (
        "Accuracy lost by each cause, with 95 % intervals. Within the blue band a loss is "
        "practically nothing. For SUPPORTED an interval lies above the band and the p-value is "
        "small enough for all verdicts together; for NOT SUPPORTED it ends in the band or below.",
        "Effects with intervals.",
    ),
    "effect": (
        "What is lost, with its 95 % interval; within the blue band it is practically nothing.",
        "One effect with its interval.",
    ),
    "gap": (
        "From the validation score to the test score. Bars to the left are accuracy lost, hatched "
        "ones to the right accuracy gained; black lines are 95 % intervals. The steps add up to "
        "the gap.",
        "Waterfall of the accuracy from validation to test.",
    ),
    "permutations": (
        "Gaps that come about when patients change places between the two parts at random, and "
        "everything is fitted anew, against the observed gap.",
        "Histogram of permuted gaps with the observed one.",
    ),
    "origins": (
        "Accuracy by where the images come from. As given: the classifiers have learnt from train "
        "only. Pooled: they have learnt from both parts, divided by image or by patient. The mean "
        "over a pool would show neither.",
        "Accuracy by origin under three divisions.",
    ),
    "told apart": (
        "How well the two parts are told apart within each class, against parts of the training "
        "images alone. Parts that follow each other differ, too, where images were taken over "
        "years: that is the comparison that counts.",
        "Areas under the ROC curve with controls.",
    ),
    "mean difference": (
        "Mean images of each class, and where the second is brighter (orange) or darker (blue).",
        "Mean images and their differences.",
    ),
    "duplicates": (
        "Pairs of the same image in both parts, side by side.",
        "Pairs of duplicate images.",
    ),
}
