import numpy as np
import pytest

from emolib import plots
from emolib.plots import style

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
    minus = "\N{MINUS SIGN}"
    assert texts == ["7 × 1\n= 7", "8 × 0\n= 0", "12 × 0\n= 0", f"13 × {minus}1\n= {minus}13"]
    assert "not computed yet" in figure.get_supxlabel()
    for axes in figure.axes[2::3]:  # what is not computed is hatched, zero is white
        assert axes.patch.get_hatch() and axes.images[0].get_cmap()(0.5)[:3] != axes.patch.get_fc()


def test_named_maps_puts_results_on_one_scale():
    maps = {"picture": np.zeros((4, 6), np.uint8), "a": np.full((4, 6), -3.0), "b": np.eye(4)}
    figure = plots.named_maps(maps, columns=2)
    assert [axes.get_title() for axes in figure.axes] == ["picture", "a", "b", ""]
    assert [axes.images[0].get_clim() for axes in figure.axes[:3]] == [(0, 255), (-3, 3), (-3, 3)]
    assert figure.get_supxlabel().startswith("Green: above 0.")
    assert not plots.named_maps({"picture": maps["picture"]}).get_supxlabel()


def test_results_are_drawn_in_the_colors_of_no_emotion():
    result = plots.named_maps({"a": np.eye(4)}).axes[0].images[0]
    red, green, blue, _ = result.get_cmap()(0.9)
    assert green > max(red, blue)
    red, green, blue, _ = result.get_cmap()(0.1)
    assert green < min(red, blue)


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


def test_runs_together_has_a_line_per_run():
    axes = plots.runs_together({"one": HISTORY, "two": {"val_loss": [0.2]}}, "val_loss").axes[0]
    assert [line.get_label() for line in axes.lines] == ["one", "two"]
    assert list(axes.lines[1].get_xdata()) == [1]
    assert axes.get_ylabel() == "validation loss"


def test_runs_together_shows_where_a_run_ends_that_only_guesses():
    axes = plots.runs_together({"one": HISTORY}, guessing=0.693).axes[0]
    assert axes.lines[-1].get_label() == "guessing: 0.69"
    assert list(axes.lines[-1].get_ydata()) == [0.693, 0.693]


def test_happy_and_sad_keep_their_colors():
    figures = [plots.learning_curves(HISTORY), plots.runs_by_side({"one": HISTORY})]
    figures += [plots.runs_together({"one": HISTORY})]
    figures += [plots.loss_curve(lambda w: w * w, (-2, 2), {"slow": [2, 1.8]})]
    colors = {line.get_color() for figure in figures for axes in figure.axes for line in axes.lines}
    assert not colors & {style.ORANGE, style.BLUE}


def test_size_curve_joins_means_and_prices_labels():
    yours = {"yours": (200, 0.8)}
    axes = plots.size_curve([100, 100, 1000], [0.6, 0.7, 0.9], yours, price=0.5).axes[0]
    mean, runs, mine = axes.lines
    assert mean.get_xydata() == pytest.approx(np.array([(100, 0.65), (1000, 0.9)]))
    assert runs.get_xydata() == pytest.approx(np.array([(100, 0.6), (100, 0.7), (1000, 0.9)]))
    assert mine.get_xydata()[0] == pytest.approx([200, 0.8])
    axes.figure.draw_without_rendering()
    above = axes.child_axes[0]
    for axis, words in ((axes.xaxis, ["100", "1,000"]), (above.xaxis, ["$50", "$500"])):
        assert [label.get_text() for label in axis.get_ticklabels()] == words
