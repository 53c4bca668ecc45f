"""The result of the step on harm."""

from dataclasses import dataclass

from dlboi.bias._domain_swap import DomainSwap
from dlboi.bias._effect import Effect
from dlboi.reporting import Table


@dataclass(frozen=True)
class Harm:
    """What thresholds, ranking and the origin of the images cost on test.

    Attributes
    ----------
    part_names : tuple of (str, str)
        Names of the two parts.
    at_argmax : float
        Test accuracy where the largest probability decides.
    at_threshold : float
        At the threshold that suits other test patients; NaN where there is none.
    at_oracle : float
        At the threshold that is best for all test images, these included: too good.
    threshold : Effect
        `at_threshold` less `at_argmax`, over test patients.
    displaced : Effect
        `threshold` less what the prevalence of test alone makes of it.
    ranking : Effect
        Validation accuracy at the prevalence of test less `at_threshold`, over the patients of
        both parts.
    lost_auc : Effect
        Area under the ROC curve in validation less that on test; with more than two classes the
        mean of each against the rest.
    swap : DomainSwap
        Accuracies by the part that is learnt from and the part that is scored.
    reasons : tuple of str
        Why something is not known, in sentences.
    """

    part_names: tuple[str, str]
    at_argmax: float
    at_threshold: float
    at_oracle: float
    threshold: Effect
    displaced: Effect
    ranking: Effect
    lost_auc: Effect
    swap: DomainSwap
    reasons: tuple[str, ...]

    @property
    def harder(self) -> Effect:
        """Accuracy within training less that within test, learnt from as many images."""
        return self.swap.harder

    @property
    def foreign(self) -> Effect:
        """Test accuracy of what learnt from test patients less that from training patients."""
        return self.swap.foreign

    @property
    def tables(self) -> tuple[Table, ...]:
        """Thresholds, effects, and domains."""
        train, test = self.part_names
        thresholds = {
            f"accuracy on {test}": [
                "largest probability",
                "threshold of other patients",
                "best threshold (too good)",
            ],
            "estimate": [self.at_argmax, self.at_threshold, self.at_oracle],
        }
        effects = {
            "threshold": self.threshold,
            "threshold, but for the prevalence": self.displaced,
            "ranking": self.ranking,
            "area under the ROC curve": self.lost_auc,
            f"{test} is harder": self.harder,
            f"learning from {train} in place of {test}": self.foreign,
        }
        costs = {
            "lost": list(effects),
            "estimate": [effect.estimate for effect in effects.values()],
            "lower bound": [effect.low for effect in effects.values()],
            "upper bound": [effect.high for effect in effects.values()],
            "p": [effect.p_value for effect in effects.values()],
        }
        cells = [(i, j) for i in range(2) for j in range(2)]
        domains = {
            "learnt from": [self.part_names[i] for i, _ in cells],
            "scored on": [self.part_names[j] for _, j in cells],
            "accuracy": [self.swap.accuracy[cell] for cell in cells],
            "lower bound": [self.swap.low[cell] for cell in cells],
            "upper bound": [self.swap.high[cell] for cell in cells],
        }
        return (
            Table(thresholds, "Thresholds"),
            Table(costs, "What is lost, with 95 % intervals and one-sided p-values"),
            Table(
                domains,
                f"Learning from {self.swap.n_images} images of each part, at the prevalence of "
                f"{test}, with 95 % intervals over patients",
            ),
        )
