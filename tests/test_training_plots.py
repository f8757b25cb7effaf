import numpy as np
import pytest

from emolib import plots

HISTORY = {"loss": [0.7, 0.5, 0.1], "val_loss": [0.7, 0.6, 0.9]}


def test_convolution_steps_shows_what_is_computed_so_far():
    image = np.arange(20.0).reshape(4, 5)
    kernel = np.array([[1, 0], [0, -1]])
    result = np.array(
        [[(image[r : r + 2, c : c + 2] * kernel).sum() for c in range(4)] for r in range(3)]
    )
    figure = plots.convolution_steps(image, kernel, result, [(0, 0), (1, 2), (2, 3)])
    assert len(figure.axes) == 9
    shown = [np.ma.filled(axes.images[0].get_array(), np.nan) for axes in figure.axes[2::3]]
    assert [int(np.isfinite(one).sum()) for one in shown] == [1, 7, 12]
    assert shown[-1] == pytest.approx(result)
    texts = [text.get_text() for text in figure.axes[4].texts]
    assert texts == ["7\n× 1", "8\n× 0", "12\n× 0", "13\n× \N{MINUS SIGN}1"]


def test_named_maps_puts_results_on_one_scale():
    maps = {"picture": np.zeros((4, 6), np.uint8), "a": np.full((4, 6), -3.0), "b": np.eye(4)}
    figure = plots.named_maps(maps, columns=2)
    assert [axes.get_title() for axes in figure.axes] == ["picture", "a", "b", ""]
    assert [axes.images[0].get_clim() for axes in figure.axes[:3]] == [(0, 255), (-3, 3), (-3, 3)]


def test_loss_curve_draws_each_walk_on_the_curve():
    figure = plots.loss_curve(lambda w: w * w, (-2, 2), {"slow": [2, 1.8], "fast": [2, -2, 2]})
    for axes, path in zip(figure.axes, ([2, 1.8], [2, -2, 2]), strict=True):
        curve, steps, start = axes.lines
        assert curve.get_ydata() == pytest.approx(curve.get_xdata() ** 2)
        assert steps.get_xydata() == pytest.approx(np.array([(w, w * w) for w in path]))
        assert start.get_xydata()[0] == pytest.approx([2, 4])


def test_runs_by_side_marks_the_lowest_validation_loss():
    class FromKeras:
        history = HISTORY

    figure = plots.runs_by_side({"one": HISTORY, "two": FromKeras()}, top=1.5)
    for axes in figure.axes:
        training, validation, best = axes.lines
        assert list(training.get_ydata()) == HISTORY["loss"]
        assert list(validation.get_ydata()) == HISTORY["val_loss"]
        assert best.get_xydata()[0] == pytest.approx([2, 0.6])
        assert axes.get_ylim() == (0, 1.5)


def test_runs_together_has_a_line_a_run():
    axes = plots.runs_together({"one": HISTORY, "two": {"val_loss": [0.2]}}, "val_loss").axes[0]
    assert [line.get_label() for line in axes.lines] == ["one", "two"]
    assert list(axes.lines[1].get_xdata()) == [1]
    assert axes.get_ylabel() == "validation loss"
