from types import SimpleNamespace

import pytest

from dlboi.plotting import NetworkDisplay


def layer(name, kind, shape, n_parameters=0, **others):
    return SimpleNamespace(
        name=name, kind=kind, output_shape=shape, n_parameters=n_parameters, **others
    )


CNN = [
    layer("conv1", "Conv2d", (32, 256, 256), 320),
    layer("pool1", "MaxPool2d", (32, 128, 128)),
    layer("relu1", "ReLU", (32, 128, 128)),
    layer("flatten", "Flatten", (524288,)),
    layer("linear1", "Linear", (32,), 16777248),
    layer("norm1", "BatchNorm1d", (32,), 64),
    layer("relu2", "ReLU", (32,)),
    layer("dropout", "Dropout", (32,)),
    layer("output", "Linear", (1,), 33),
]


def boxes(display):
    from matplotlib.patches import FancyBboxPatch

    return [patch for patch in display.ax_.patches if isinstance(patch, FancyBboxPatch)]


def texts(display):
    return [text.get_text() for text in display.ax_.texts if text.get_text()]


def test_boxes_hold_kind_shape_and_parameters():
    display = NetworkDisplay(CNN, input_shape=(1, 256, 256)).plot()
    assert len(boxes(display)) == 6  # with the input, ReLU and the like within others
    found = texts(display)
    for wanted in (
        *("Input", "1×256×256", "Conv2d", "32×256×256", "320 parameters"),
        *("MaxPool2d", "+ ReLU", "Flatten", "524288", "0 parameters"),
        *("16,777,312 parameters", "+ BatchNorm1d + ReLU", "+ Dropout", "33 parameters"),
    ):
        assert wanted in found
    assert found[-1] == "Total: 16,777,665 parameters"


def test_kinds_have_colours_of_their_own():
    display = NetworkDisplay(CNN).plot()
    colours = [box.get_facecolor() for box in boxes(display)]
    assert len(set(colours)) == 4
    assert colours[3] == colours[4]  # both linear


@pytest.mark.parametrize("n_layers", [1, 6, 23])
def test_rows_wrap_and_text_stays_in_its_box(n_layers):
    layers = [
        layer(f"layer{n}.0.downsample.convolution", "AdaptiveAvgPool2d", (2048, 112, 112), 10**8)
        for n in range(n_layers)
    ]
    display = NetworkDisplay(layers).plot()
    figure = display.figure_
    figure.canvas.draw()
    assert figure.get_figwidth() <= 7.7
    frames = [box.get_window_extent() for box in boxes(display)]
    assert len(frames) == n_layers
    for text in display.ax_.texts[: 4 * n_layers]:
        if text.get_text():
            assert text.get_fontsize() >= 6.5
            extent = text.get_window_extent()
            assert any(
                frame.x0 <= extent.x0 <= extent.x1 <= frame.x1
                and frame.y0 <= extent.y0 <= extent.y1 <= frame.y1
                for frame in frames
            ), text.get_text()
    overlaps = [a.overlaps(b) for k, a in enumerate(frames) for b in frames[:k]]
    assert not any(overlaps)


def test_frozen_layers_are_dashed():
    layers = [
        layer("stem", "Conv2d", (64, 8, 8), 1000, n_trainable_parameters=0),
        layer("fc", "Linear", (2,), 130, n_trainable_parameters=130),
    ]
    display = NetworkDisplay(layers).plot()
    assert [box.get_linestyle() for box in boxes(display)] == ["--", "-"]
    assert texts(display)[-1] == "Total: 1,130 parameters, 130 trainable (dashed: frozen)"


def test_no_layers_is_an_error():
    with pytest.raises(ValueError, match="'layers' parameter"):
        NetworkDisplay([]).plot()
