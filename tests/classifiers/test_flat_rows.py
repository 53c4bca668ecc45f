"""Flat rows of colour images: read in the order that is documented, else a warning."""

import warnings

import numpy as np
import pytest

from dlboi.exceptions import DlboiWarning


@pytest.mark.parametrize("image_shape", [None, (3, 24, 24)])
def test_channels_last_rows_are_told(tissue, classifier, small, image_shape):
    rows = tissue.data.reshape(len(tissue.data), -1)
    clf = small(classifier, image_shape=image_shape, max_epochs=1)
    with pytest.warns(DlboiWarning, match=r"transpose\(0, 3, 1, 2\)") as caught:
        clf.fit(rows, tissue.target)
    assert caught[0].filename == __file__


def test_channels_first_rows_are_the_images(tissue, classifier, small):
    rows = tissue.data.transpose(0, 3, 1, 2).reshape(len(tissue.data), -1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        flat = small(classifier, image_shape=(3, 24, 24)).fit(rows, tissue.target)
    images = small(classifier).fit(tissue.data, tissue.target)
    np.testing.assert_array_equal(flat.predict_proba(rows), images.predict_proba(tissue.data))
