import numpy as np
import pytest

from dlboi.plotting import ActivationMapDisplay

IMAGES = np.random.default_rng(0).random((5, 12, 16))
MAPS = np.random.default_rng(1).normal(size=(5, 6, 8))


def test_each_image_stands_by_its_map():
    display = ActivationMapDisplay(IMAGES, MAPS, titles=list("abcde")).plot()
    assert display.axes_.shape == (5, 2)
    for (plain, mapped), image, map_, title in zip(
        display.axes_, IMAGES, MAPS, "abcde", strict=True
    ):
        assert plain.get_title() == title
        np.testing.assert_allclose(plain.images[0].get_array(), image, atol=1e-6)
        np.testing.assert_allclose(mapped.images[0].get_array(), image, atol=1e-6)
        np.testing.assert_array_equal(mapped.images[1].get_array(), map_)
        assert mapped.images[1].get_extent() == plain.images[0].get_extent()
    assert display.colorbar_.ax.get_ylabel() == "Contribution to the logit"


def test_scale_is_shared_symmetric_and_see_through_at_zero():
    display = ActivationMapDisplay(IMAGES, MAPS).plot()
    limit = np.abs(MAPS).max()
    overlays = [mapped.images[1] for _, mapped in display.axes_]
    assert {overlay.get_clim() for overlay in overlays} == {(-limit, limit)}
    colours = overlays[0].to_rgba([-limit, 0, limit])
    assert colours[1, 3] < 0.05
    assert colours[0, 2] > colours[0, 0]  # blue speaks against
    assert colours[2, 0] > colours[2, 2]  # orange in favour
    assert min(colours[[0, 2], 3]) > 0.7


def test_contours_tell_the_signs_apart():
    peak = np.exp(-(np.linspace(-2, 2, 9) ** 2)[:, None] - np.linspace(-2, 2, 9) ** 2)
    display = ActivationMapDisplay(IMAGES[:2], [peak, -peak]).plot()
    levels = [mapped.collections[0].levels.tolist() for _, mapped in display.axes_]
    assert levels == [[peak.max() / 2], [-peak.max() / 2]]
    dashes = [mapped.collections[0].get_linestyle()[0][1] for _, mapped in display.axes_]
    assert dashes[0] is None
    assert dashes[1]


@pytest.mark.parametrize("maps", [np.zeros((1, 6, 8)), np.ones((1, 1, 1)), -np.ones((1, 1, 5))])
def test_flat_maps_are_drawn(maps):
    display = ActivationMapDisplay(IMAGES[:1], maps).plot()
    display.figure_.canvas.draw()
    low, high = display.colorbar_.mappable.get_clim()
    assert low == -high < 0


class Classifier:
    classes_ = np.array([0, 1])

    def __init__(self):
        self.asked = []

    def predict_proba(self, X):
        return np.stack([np.linspace(0.1, 0.9, len(X)), np.linspace(0.9, 0.1, len(X))], axis=1)

    def class_activation_map(self, X, y=None):
        self.asked.append((X, y))
        return MAPS[: len(X)]


def test_from_estimator_shows_the_predicted_class():
    estimator = Classifier()
    display = ActivationMapDisplay.from_estimator(estimator, IMAGES, display_labels=["well", "ill"])
    shown = [plain.get_title() for plain, _ in display.axes_]
    assert shown[0] == "ill (0.90)"
    assert shown[-1] == "well (0.90)"
    assert display.figure_.get_suptitle() == "Class of the map (probability)"


def test_from_estimator_takes_the_class_and_a_few_images():
    estimator = Classifier()
    display = ActivationMapDisplay.from_estimator(estimator, IMAGES, [0, 0, 1, 1, 1], n_images=3)
    ((X, y),) = estimator.asked
    assert len(X) == 3
    assert y.tolist() == [0, 0, 1]
    assert [plain.get_title() for plain, _ in display.axes_] == ["0 (0.10)", "0 (0.50)", "1 (0.10)"]
    assert display.figure_.get_suptitle().endswith("3 of 5 images")


@pytest.mark.parametrize(
    ("images", "maps", "titles", "message"),
    [
        (IMAGES, MAPS[:2], None, "'maps' parameter.*5 images"),
        (IMAGES[:0], MAPS[:0], None, "at least one"),
        (IMAGES[:1], MAPS[0], None, "'maps' parameter"),
        (IMAGES[:1], np.full((1, 2, 2), np.nan), None, "with NaN"),
        (IMAGES, MAPS, ["a"], "'titles' parameter"),
    ],
)
def test_bad_input_names_the_parameter(images, maps, titles, message):
    with pytest.raises(ValueError, match=message):
        ActivationMapDisplay(images, maps, titles=titles).plot()


def test_unknown_class_is_named():
    with pytest.raises(ValueError, match=r"without \[7\]"):
        ActivationMapDisplay.from_estimator(Classifier(), IMAGES, [7, 0, 0, 0, 0])
    with pytest.raises(ValueError, match="'y' parameter"):
        ActivationMapDisplay.from_estimator(Classifier(), IMAGES, [0])
