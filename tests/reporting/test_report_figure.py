import base64
import io

import numpy as np
import pytest
from matplotlib import pyplot, rc_context
from PIL import Image

from dlboi.reporting import Figure


def grid(size):
    figure, ax = pyplot.subplots(figsize=(5, 5))
    ax.imshow(np.random.default_rng(0).random((size, size)))
    return figure


def test_small_figures_are_svg_and_large_ones_png():
    assert Figure(grid(10), "", "noise").to_html().startswith("<svg")
    element = Figure(grid(600), "", 'a "quoted" <alt>').to_html()
    assert element.startswith('<img alt="a &#34;quoted&#34; &lt;alt&gt;"')
    data = element.split("base64,")[1].split('"')[0]
    image = Image.open(io.BytesIO(base64.b64decode(data)))
    assert image.format == "PNG"
    assert image.width > 500


@pytest.mark.parametrize("size", [10, 600])
def test_same_figure_gives_the_same_bytes(size):
    first, second = (Figure(grid(size), "", "noise").to_html() for _ in range(2))
    assert first == second


def test_users_settings_do_not_matter():
    wanted = Figure(grid(10), "", "noise").to_html()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": None}):
        assert Figure(grid(10), "", "noise").to_html() == wanted


def test_figure_is_neither_changed_nor_closed():
    figure = grid(10)
    before = figure.get_size_inches().copy(), figure.dpi
    Figure(figure, "", "noise").to_html()
    Figure(figure, "", "noise").to_html()
    np.testing.assert_array_equal(figure.get_size_inches(), before[0])
    assert figure.dpi == before[1]
    assert pyplot.fignum_exists(figure.number)
