"""The result of the shortcut probe."""

from dataclasses import dataclass

import numpy as np

from dlboi.bias._effect import Effect
from dlboi.reporting import Table

#: Balanced accuracy within which statistics reach a classifier, and beyond which they stay below.
NEAR, FAR = 0.05, 0.1


@dataclass(frozen=True, eq=False)
class ShortcutProbe:
    """What low-level statistics alone tell of the classes; see :func:`shortcut_probe`.

    Attributes
    ----------
    by_statistics, by_model : tuple of (Effect, Effect)
        Balanced accuracy in validation by patient and on test; the p-values do not matter.
    short_of : Effect
        Balanced accuracy of the classifier in validation less that of the statistics.
    p_near : float
        P-value of statistics that stay five points or more below the classifier: small where they
        reach to within five points.
    fall : Effect
        Balanced accuracy of the statistics in validation less that on test.
    names : list of str
        Names of the statistics.
    told : ndarray of shape (n_statistics, 2)
        Share of the variance of each that lies between the classes, by part.
    part_names : tuple of (str, str)
        Names of the two parts.
    notes : tuple of str
        What is to be known of the numbers, in sentences.
    """

    by_statistics: tuple[Effect, Effect]
    by_model: tuple[Effect, Effect]
    short_of: Effect
    p_near: float
    fall: Effect
    names: list
    told: np.ndarray
    part_names: tuple[str, str]
    notes: tuple[str, ...]

    @property
    def p_value(self) -> float:
        """P-value of no shortcut: of both claims, that statistics come near and that they fall."""
        return float(np.max([self.p_near, self.fall.p_value]))

    @property
    def supports(self) -> bool:
        """Whether the 95 % intervals say that statistics come near, and that they fall."""
        return bool(self.short_of.high < NEAR and self.fall.low > 0)

    @property
    def refutes(self) -> bool:
        """Whether statistics stay more than ten points below, by the 95 % interval."""
        return bool(self.short_of.low > FAR)

    @property
    def tables(self) -> tuple[Table, ...]:
        """Balanced accuracies, and how much each statistic has to do with the class."""
        train, test = self.part_names
        rows = {
            f"statistics, validation in {train}": self.by_statistics[0],
            f"classifier, validation in {train}": self.by_model[0],
            f"classifier less statistics, {train}": self.short_of,
            f"statistics, {test}": self.by_statistics[1],
            f"classifier, {test}": self.by_model[1],
            f"statistics, lost on {test}": self.fall,
        }
        bounds = {
            name: [getattr(effect, field) for effect in rows.values()]
            for name, field in (
                ("estimate", "estimate"),
                ("95 % low", "low"),
                ("95 % high", "high"),
            )
        }
        order = np.argsort(-self.told[:, 0], kind="stable")
        return (
            Table(
                {"balanced accuracy": list(rows), **bounds},
                "Balanced accuracy of low-level statistics alone and of the classifier, with "
                "intervals over patients",
            ),
            Table(
                {
                    "statistic": [self.names[row] for row in order],
                    train: self.told[order, 0].tolist(),
                    test: self.told[order, 1].tolist(),
                },
                "Share of the variance of each statistic that lies between the classes",
            ),
        )
