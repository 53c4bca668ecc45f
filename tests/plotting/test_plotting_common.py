"""What holds for every display."""

import inspect
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.exceptions import NotFittedError

import dlboi.plotting
from dlboi.classifiers import GAPClassifier

HISTORY = {
    "epoch": np.arange(1, 4),
    "train_loss": np.array([0.7, 0.4, 0.2]),
    "train_accuracy": np.array([0.5, 0.8, 0.9]),
    "lr": np.array([1e-3, 1e-3, 1e-4]),
}
LAYERS = [SimpleNamespace(name="output", kind="Linear", output_shape=(1,), n_parameters=65)]
IMAGES = np.zeros((2, 8, 8))

# They show several estimators, or several fits of one.
NOT_OF_ONE_ESTIMATOR = (
    "GapWaterfallDisplay",
    "LossSlopeDisplay",
    "MeanDifferenceDisplay",
    "OriginAccuracyDisplay",
    "PermutationDisplay",
    "StudyCurvesDisplay",
    "StudyDisplay",
    "TwoSampleDisplay",
)

ARGUMENTS = {
    "ActivationMapDisplay": (IMAGES, np.ones((2, 8, 8))),
    "EvaluationDisplay": ([0, 1, 1, 0], [[0.8, 0.2], [0.4, 0.6], [0.7, 0.3], [0.9, 0.1]]),
    "GapWaterfallDisplay": (["leakage", "ranking"], [0.1, -0.05], [0.05, -0.1], [0.15, 0.0], 0.9),
    "ImageGridDisplay": (IMAGES,),
    "LossSlopeDisplay": ([1, 2, 3], {"train": [[0.3, 0.2, 0.2], [0.4, 0.3, 0.1]]}),
    "MeanDifferenceDisplay": (IMAGES[:1], IMAGES[:1] + 0.1),
    "NetworkDisplay": (LAYERS,),
    "OriginAccuracyDisplay": (["given"], ["train", "test"], *[[[0.9, 0.8]]] * 3),
    "PermutationDisplay": (np.arange(9.0), 10.0),
    "ScheduleDisplay": (HISTORY["epoch"], HISTORY["lr"]),
    "StudyCurvesDisplay": ({"CNN": [HISTORY, HISTORY]},),
    "StudyDisplay": (["ANN", "CNN"], [0.8, 0.9], [0.7, 0.85], [0.9, 0.95]),
    "TrainingHistoryDisplay": (HISTORY,),
    "TwoSampleDisplay": (["ill"], [0.8], [0.7], [0.9]),
}
FROM_ESTIMATOR = [n for n in dlboi.plotting.__all__ if n not in NOT_OF_ONE_ESTIMATOR]


class Classifier:
    """What displays ask of a fitted classifier, and no more."""

    classes_ = np.array(["ill", "well"])
    history_ = HISTORY
    best_epoch_ = 2

    def predict_proba(self, X):
        return np.tile([0.8, 0.2], (len(X), 1))

    def class_activation_map(self, X, y=None):
        return np.ones((len(X), 4, 4))

    def summary(self):
        return SimpleNamespace(layers=LAYERS, input_shape=(1, 8, 8))


def test_every_display_is_tested_here():
    assert sorted(ARGUMENTS) == dlboi.plotting.__all__


def test_import_takes_no_matplotlib_along():
    code = "import sys, dlboi.plotting; print('matplotlib' in sys.modules)"
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert output.strip() == "False"


@pytest.mark.parametrize("name", dlboi.plotting.__all__)
def test_constructor_stores_and_plot_returns_self(name):
    cls = getattr(dlboi.plotting, name)
    display = cls(*ARGUMENTS[name])
    stored = list(inspect.signature(cls).parameters)
    assert sorted(vars(display)) == sorted(stored)
    assert display.plot() is display
    assert isinstance(display.figure_, Figure)
    axes = display.ax_ if hasattr(display, "ax_") else display.axes_
    assert all(ax.figure is display.figure_ for ax in np.ravel(axes))


@pytest.mark.parametrize("name", dlboi.plotting.__all__)
def test_plot_draws_in_given_axes(name):
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, 2)
    display = getattr(dlboi.plotting, name)(*ARGUMENTS[name])
    display.plot(axes if hasattr(display, "axes") or name in _WITH_AXES else axes[0, 0])
    assert display.figure_ is figure
    assert pyplot.get_fignums() == [figure.number]


@pytest.mark.parametrize("name", FROM_ESTIMATOR)
def test_from_estimator_asks_for_public_attributes_only(name):
    cls = getattr(dlboi.plotting, name)
    takes_images = "X" in inspect.signature(cls.from_estimator).parameters
    arguments = (IMAGES, ["well", "ill"]) if takes_images else ()
    display = cls.from_estimator(Classifier(), *arguments)
    assert isinstance(display, cls)
    assert display.figure_.axes


@pytest.mark.parametrize("name", FROM_ESTIMATOR)
def test_a_classifier_that_is_not_fitted_is_refused(name):
    cls = getattr(dlboi.plotting, name)
    takes_images = "X" in inspect.signature(cls.from_estimator).parameters
    arguments = (IMAGES, ["well", "ill"]) if takes_images else ()
    with pytest.raises(NotFittedError, match="GAPClassifier"):
        cls.from_estimator(GAPClassifier(), *arguments)


@pytest.mark.parametrize("name", dlboi.plotting.__all__)
def test_figures_are_drawn_without_a_warning(name, tmp_path):
    display = getattr(dlboi.plotting, name)(*ARGUMENTS[name]).plot()
    display.figure_.savefig(tmp_path / "figure.png")
    display.figure_.savefig(tmp_path / "figure.svg")
    assert (tmp_path / "figure.svg").stat().st_size > 1000


_WITH_AXES = (
    "ActivationMapDisplay",
    "EvaluationDisplay",
    "ImageGridDisplay",
    "MeanDifferenceDisplay",
    "StudyCurvesDisplay",
    "TrainingHistoryDisplay",
)
