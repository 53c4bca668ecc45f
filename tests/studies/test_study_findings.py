"""What the studies share: means over runs, late epochs, and sentences that claim no more."""

from dataclasses import replace

import numpy as np
import pytest

from dlboi import GAPClassifier
from dlboi.datasets import make_chest_phantoms
from dlboi.metrics import MeanInterval
from dlboi.studies import compare
from dlboi.studies._late_epochs import late_curves, late_epochs, late_values, mean_of_curves
from dlboi.studies._run_statistics import difference, of_level, over_runs, table_of_means
from dlboi.studies._study_findings import accuracy_findings, difference_finding


class Failing(GAPClassifier):
    """Fails in every second fit, by its seed."""

    def fit(self, X, y, **arguments):
        if self.random_state % 2:
            raise RuntimeError("an odd seed")
        return super().fit(X, y, **arguments)


@pytest.fixture(scope="module")
def result():
    phantoms = make_chest_phantoms(40, image_size=32, random_state=0)
    small = {"max_epochs": 4, "n_filters": (2,)}
    estimators = {"whole": GAPClassifier(**small), "failing": Failing(**small)}
    with pytest.warns(UserWarning, match="an odd seed"):
        return compare(estimators, phantoms, n_repeats=4, verbose=0)


def test_the_interval_covers_the_mean_of_the_runs_in_95_percent():
    rng = np.random.default_rng(0)
    n_trials = 2000
    covered = [low <= 1 <= high for _, low, high, _ in map(over_runs, rng.normal(1, 2, (2000, 5)))]
    assert np.mean(covered) == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / n_trials))


def test_too_few_values_have_no_interval():
    assert np.isnan(over_runs([])).all()
    assert over_runs([0.5, np.nan]).estimate == 0.5
    assert np.isnan(over_runs([0.5])[1:]).all()
    assert np.isnan(over_runs([0.5, 0.5])[1:]).all()


@pytest.mark.parametrize("values", [[0.1] * 3, [0.0] * 3, [0.9 - 0.8, 0.8 - 0.7, 0.3 - 0.2]])
def test_values_that_vary_by_rounding_alone_have_no_interval(values):
    found = over_runs(values)
    assert found.estimate == pytest.approx(values[0])
    assert np.isnan(found[1:]).all()


def test_differences_are_of_runs_that_both_levels_have(result):
    failed = result.runs["error"] != ""
    assert 0 < failed.sum() < 4
    values = np.where(failed, np.nan, 10.0 * result.runs["repeat"])
    values[result.runs["level"] == "failing"] += 1
    assert difference(result, "failing", values).estimate == pytest.approx(1)
    means = [of_level(result, name, values).estimate for name in ("whole", "failing")]
    assert means[1] - means[0] != pytest.approx(1)  # the levels have not the same repeats
    table = table_of_means(result, {"a value": values})
    assert np.isnan(table["difference"][0])
    assert table["difference"][1] == pytest.approx(1)


def test_late_epochs_are_counted_from_the_end(result):
    epochs = late_epochs(result, 0.5)
    assert epochs.tolist() == [3, 4]
    curves = late_curves(result, "whole", "train_loss", epochs)
    assert curves.shape == (4, 2)
    means = late_values(result, "train_loss", epochs, mean_of_curves)
    assert np.isnan(means[result.runs["error"] != ""]).all()
    assert means[result.done("whole")] == pytest.approx(curves.mean(axis=1))


def test_a_network_that_calls_all_images_the_same_has_learnt_nothing(result):
    shown = [len(result.truth_of(run, "validation")) for run in range(len(result.arrays))]
    arrays = [
        {**run, "validation_predicted": np.arange(n) % 2}
        for run, n in zip(result.arrays, shown, strict=True)
    ]
    assert len(accuracy_findings(replace(result, arrays=arrays))) == 1
    first = result.done("whole")[0]
    arrays[first]["validation_predicted"][:] = 1
    *_, sentence = accuracy_findings(replace(result, arrays=arrays))
    assert sentence.startswith("whole says of all validation images that they are of one class in")
    assert "1 of 4 runs" in sentence
    assert f"training loss {result.runs['train_loss'][first]:.3f} nats" in sentence


def test_accuracies_that_do_not_differ_clearly_are_not_told_apart(result):
    sentence = accuracy_findings(result)[0]
    assert sentence.startswith("failing: validation accuracy")
    assert "nan" not in sentence
    assert not result.table["p_holm"][1] < 0.05
    assert "does not tell the two apart" in sentence


@pytest.mark.parametrize(
    ("apart", "said"),
    [
        (MeanInterval(0.2, 0.1, 0.3, 0.01), "The loss of B is 0.2 nats higher than that of A"),
        (MeanInterval(-0.2, -0.3, -0.1, 0.01), "The loss of B is 0.2 nats lower than that of A"),
        (MeanInterval(0.2, -0.1, 0.5, 0.2), "Whether the loss of B differs from that of A cannot"),
        (MeanInterval(0.2, *[np.nan] * 3), "is +0.2 nats, and these runs give no interval"),
        (MeanInterval(*[np.nan] * 4), "is unknown, and these runs give no interval"),
    ],
)
def test_a_difference_is_claimed_where_its_interval_leaves_zero_out(apart, said):
    assert said in difference_finding("the loss", "B", "A", apart, "nats")
