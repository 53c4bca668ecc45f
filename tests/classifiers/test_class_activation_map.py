"""Class activation maps add up to the logit, and show where the class is."""

import numpy as np
import pytest
import torch
from sklearn.exceptions import NotFittedError

from dlboi import ANNClassifier, GAPClassifier


def logits(clf, X):
    """Return the logits, (n, n_outputs), by a plain forward pass, and the bias."""
    pixels = torch.tensor(X).float() / 255
    pixels = pixels[:, None] if X.ndim == 3 else pixels.permute(0, 3, 1, 2)
    with torch.no_grad():
        return clf.net_.module_(pixels).numpy(), clf.net_.module_.head.output.bias.detach().numpy()


@pytest.fixture(scope="module", params=[1, 2], ids=["output_size=1", "output_size=2"])
def output_size(request):
    return request.param


@pytest.fixture(scope="module")
def fit(small, output_size):
    """Return a function that fits without pooling: the map has the size of the image."""

    def fit(X, y, **parameters):
        parameters = {"pool_size": 1, "lr": 0.01, "output_size": output_size, **parameters}
        return small(GAPClassifier, **parameters).fit(X, y)

    return fit


@pytest.mark.parametrize("labels", [(0, 1), ("ill", "well")])
def test_one_logit(labels, fit, chest):
    clf = fit(chest.data, np.array(labels)[chest.target])
    X = chest.data[:37]
    logit, bias = logits(clf, X)
    maps = clf.class_activation_map(X, labels[1])
    assert maps.shape == (37, 32, 32)
    assert maps.dtype == np.float32
    np.testing.assert_allclose(maps.mean((1, 2)), logit[:, 0] - bias, rtol=1e-3, atol=1e-5)
    np.testing.assert_array_equal(clf.class_activation_map(X, labels[0]), -maps)


def test_one_logit_a_class(fit, chest):
    clf = fit(chest.data, chest.target, loss="ce")
    logit, bias = logits(clf, chest.data)
    for code in range(2):
        maps = clf.class_activation_map(chest.data, code)
        expected = logit[:, code] - bias[code]
        np.testing.assert_allclose(maps.mean((1, 2)), expected, rtol=1e-3, atol=1e-5)


def test_six_classes_in_colour(fit, tissue):
    y = tissue.target_names[tissue.target]
    clf = fit(tissue.data, y)
    logit, bias = logits(clf, tissue.data)
    codes = np.searchsorted(clf.classes_, y)
    maps = clf.class_activation_map(tissue.data, y)
    expected = logit[np.arange(48), codes] - bias[codes]
    np.testing.assert_allclose(maps.mean((1, 2)), expected, rtol=1e-3, atol=1e-5)


def test_the_class_is_one_for_all_or_one_an_image_or_the_predicted_one(fit, tissue):
    clf = fit(tissue.data, tissue.target, max_epochs=4)
    by_class = np.stack([clf.class_activation_map(tissue.data, code) for code in range(6)], axis=1)
    rows = np.arange(48)
    for y in (tissue.target, tissue.target.tolist()):
        np.testing.assert_array_equal(
            clf.class_activation_map(tissue.data, y), by_class[rows, tissue.target]
        )
    np.testing.assert_array_equal(
        clf.class_activation_map(tissue.data), by_class[rows, clf.predict(tissue.data)]
    )
    np.testing.assert_array_equal(
        clf.class_activation_map(tissue.data, np.int64(3)), by_class[:, 3]
    )


@pytest.mark.parametrize(
    "y", [7, "ill", None, [0] * 5, np.zeros((60, 1)), [0] * 59 + [9], 0.5], ids=str
)
def test_unknown_labels_are_refused(y, chest, small):
    clf = small(GAPClassifier).fit(chest.data, chest.target + 1)
    with pytest.raises(ValueError, match=r"'y' parameter must be one label or one an image \(60\)"):
        clf.class_activation_map(chest.data, [None] * 60 if y is None else y)


def test_a_label_of_another_kind_is_refused(chest, small):
    labels = np.array(["ill", "well"], dtype=object)
    clf = small(GAPClassifier).fit(chest.data, labels[chest.target])
    with pytest.raises(ValueError, match=r"'y' parameter must be .*\['ill', 'well'\]"):
        clf.class_activation_map(chest.data, 1)


def test_images_are_checked_as_in_predict(fitted, chest, small):
    if not isinstance(fitted, GAPClassifier):
        assert not hasattr(fitted, "class_activation_map")
        return
    with pytest.raises(ValueError, match=r"\(1, 16, 32\).* was fitted with"):
        fitted.class_activation_map(chest.data[:, :16])
    with pytest.raises(NotFittedError):
        small(GAPClassifier).class_activation_map(chest.data)


def test_maps_are_enlarged_to_the_image(chest, small):
    clf = small(GAPClassifier, pool_size=4).fit(chest.data, chest.target)
    assert clf.net_.module_.features.output_shape[1:] == (2, 2)
    maps = clf.class_activation_map(chest.data[:3], 1)
    assert maps.shape == (3, 32, 32)
    # bilinear enlargement of 2×2 to 32×32 leaves the corners as they are
    logit, bias = logits(clf, chest.data[:3])
    corners = maps[:, [0, 0, -1, -1], [0, -1, 0, -1]].mean(axis=1)
    np.testing.assert_allclose(corners, logit[:, 0] - bias, rtol=1e-3, atol=1e-5)


def test_maps_do_not_depend_on_what_is_beside_an_image(fitted, chest):
    if isinstance(fitted, GAPClassifier):
        whole = fitted.class_activation_map(chest.data, 1)
        parts = [fitted.class_activation_map(chest.data[i : i + 7], 1) for i in range(0, 60, 7)]
        np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-6)
        assert not any(p.grad is not None for p in fitted.net_.module_.parameters())


def test_a_bright_square_is_found():
    rng = np.random.default_rng(0)
    y = np.arange(160) % 2
    X = rng.integers(60, 120, size=(160, 32, 32), dtype=np.uint8)
    corners = rng.integers(0, 26, size=(160, 2))
    inside = np.zeros(X.shape, dtype=bool)
    for image, (top, left) in enumerate(corners):
        inside[image, top : top + 6, left : left + 6] = True
    X[inside & (y == 1)[:, None, None]] += 120
    clf = GAPClassifier(n_filters=(16, 16), lr=0.01, max_epochs=15, batch_size=16, random_state=0)
    clf.fit(X[:120], y[:120])
    test = np.flatnonzero(y == 1)[60:]
    assert clf.score(X[120:], y[120:]) > 0.9
    maps = clf.class_activation_map(X[test], 1)
    ratio = [
        map_[square].mean() - map_[~square].mean()
        for map_, square in zip(maps, inside[test], strict=True)
    ]
    assert min(ratio) > 0
    highest = maps.reshape(len(test), -1).argmax(axis=1)
    distance = np.abs(np.stack(np.divmod(highest, 32), axis=1) - corners[test] - 2.5).max(axis=1)
    assert np.mean(distance <= 5) > 0.8  # within the square or a cell of the map beside it


def test_only_gap_has_maps():
    assert not hasattr(ANNClassifier(), "class_activation_map")
