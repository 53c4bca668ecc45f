import numpy as np
import pytest

from dlboi.reporting._format import format_column, format_value


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (2099329, "2,099,329"),
        (np.int64(1000), "1,000"),
        (0.9325, "0.9325"),
        (1 / 3, "0.3333"),
        (1e-3, "0.001"),
        (3e-6, "3e-6"),
        (1.5e22, "1.5e22"),
        (12345.6, "12,346"),
        (0.0, "0"),
        (float("nan"), "n/a"),
        (None, "n/a"),
        (float("-inf"), "-infinite"),
        (True, "yes"),
        (np.False_, "no"),
        ((32, 32, 0.5), "32, 32, 0.5"),
        ((), "none"),
        ({"ill": 2, "well": 0.25}, "ill: 2, well: 0.25"),
        ("$x_1$", "$x_1$"),
    ],
)
def test_value(value, wanted):
    assert format_value(value) == wanted


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ([0.9325, 0.9, 1.0], ["0.9325", "0.9000", "1.0000"]),
        ([83.9, 100.0, 7.25], ["83.90", "100.00", "7.25"]),
        ([109.3, 16.4], ["109.3", "16.4"]),
        ([1e-3, 1e-4, 1e-5], ["0.001", "0.0001", "1e-5"]),
        ([50.0, 1200.0], ["50", "1,200"]),
        ([1.25, 3e9], ["1.25", "3,000,000,000"]),
        ([0.5, None, np.nan, np.inf], ["0.5000", "n/a", "n/a", "infinite"]),
        ([0, 0.0], ["0", "0"]),
        ([], []),
        (["CNN", 0.5], ["CNN", "0.5000"]),
    ],
)
def test_column(values, wanted):
    assert format_column(values) == wanted
