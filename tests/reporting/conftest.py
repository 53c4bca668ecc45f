"""Figures are drawn without a screen, and closed after each test."""

import matplotlib
import pytest


@pytest.fixture(autouse=True)
def _closed_figures():
    matplotlib.use("Agg")
    yield
    from matplotlib import pyplot

    pyplot.close("all")
