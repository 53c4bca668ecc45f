"""The result of the decomposition."""

from dataclasses import dataclass

from dlboi.bias._effect import Effect
from dlboi.reporting import Table


@dataclass(frozen=True)
class Decomposition:
    """Measured accuracies from the reported to the test score, and their differences.

    Attributes
    ----------
    scores : dict of str to float
        Accuracies in their order: reported, re-selected (by image), by patient, re-weighted to the
        prevalence of test, on test at the threshold, on test. Those that the input does not have
        are left out.
    terms : dict of str to Effect
        What each step from one to the next costs. They add up to the gap.
    gap : Effect
        First less last score. Its interval is what chance leaves open.
    merged : tuple of str
        What is not told apart, and why, in sentences.
    """

    scores: dict
    terms: dict
    gap: Effect
    merged: tuple[str, ...]

    @property
    def tables(self) -> tuple[Table, ...]:
        """Scores, and terms."""
        scores = {"accuracy": list(self.scores), "estimate": list(self.scores.values())}
        effects = [*self.terms.values(), self.gap]
        names = [*self.terms, "gap"]
        terms = {
            "term": names,
            "estimate": [effect.estimate for effect in effects],
            "lower bound": [effect.low for effect in effects],
            "upper bound": [effect.high for effect in effects],
            "p": [effect.p_value for effect in effects],
        }
        return (
            Table(scores, "From the reported to the test score"),
            Table(terms, "What the steps cost, with 95 % intervals and one-sided p-values"),
        )
