"""What a fit writes to the terminal."""

import numpy as np
import pytest


@pytest.mark.parametrize("verbose", [1, True, 2])
def test_verbose_shows_a_bar_on_standard_error(classifier, verbose, chest, small, capsys):
    clf = small(classifier, verbose=verbose, validation_fraction=0.2, max_epochs=3)
    clf.fit(chest.data, chest.target)
    captured = capsys.readouterr()
    assert captured.out == ""
    last = captured.err.strip().splitlines()[-1].split("\r")[-1]
    assert type(clf).__name__ in last
    assert "3/3" in last
    for name in ("train_loss", "train_accuracy", "valid_loss", "valid_accuracy"):
        assert name in last
    assert f"valid_loss={clf.history_['validation_loss'][-1]:.3f}" in last


def test_silence_is_the_default(classifier, chest, small, capfd):
    clf = small(classifier, validation_fraction=0.2, early_stopping=True, patience=1, max_epochs=9)
    clf.fit(chest.data, chest.target, monitor={"again": (chest.data, chest.target)})
    clf.predict(chest.data)
    captured = capfd.readouterr()
    assert captured.out == captured.err == ""


def test_the_bar_is_closed_when_a_fit_fails(chest, small, capsys):
    from dlboi import ANNClassifier

    clf = small(ANNClassifier, verbose=1, augment=lambda image: image[:, 1:])
    with pytest.raises(ValueError, match="augment"):
        clf.fit(chest.data, chest.target)
    assert "0/2" in capsys.readouterr().err
    assert not np.any([name == "net_" for name in vars(clf)])
