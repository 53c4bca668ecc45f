"""The study of the batch size: fluctuation of the curves beside the number of steps."""

import pytest

from dlboi.datasets import make_chest_phantoms
from dlboi.metrics import curve_noise
from dlboi.studies import batch_size_study


@pytest.fixture(scope="module")
def result():
    return batch_size_study(
        make_chest_phantoms(80, image_size=32, random_state=0),
        batch_sizes=(4, 32),
        parameters={"max_epochs": 10, "lr": 3e-3, "schedule": None, "hidden_layer_sizes": (8,)},
        n_repeats=4,
        validation=0.25,
        verbose=0,
    )


def test_the_fluctuation_is_that_of_the_last_half(result):
    curves = next(iter(result.tables.values()))
    for row, name in enumerate(result.names):
        late = [history["train_loss"][5:] for history in result.histories[name]]
        assert curves["mean"][row] == pytest.approx(curve_noise(late).mean())


def test_steps_are_counted(result):
    steps = list(result.tables.values())[1]["steps"]
    assert steps.tolist() == [10 * 15, 10 * 2]


def test_the_caveat_is_said(result):
    assert "fewer steps" in result.findings[-1]
    assert "nan" not in " ".join(result.findings)
