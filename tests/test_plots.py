"""Figures show the numbers they were given."""

import numpy as np
import pytest
from PIL import Image

from conftest import SEVEN
from emolib import plots
from emolib.evaluation import evaluate, wilson_interval
from emolib.plots.style import BLACK


def report_of(names, n=200):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, len(names), n)
    scores = rng.normal(size=(n, len(names)))
    scores[np.arange(n), labels] += 1.5
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return evaluate(p, labels, names)


@pytest.fixture(scope="module")
def two():
    return report_of(["happy", "sad"])


def texts(figure):
    """Every text that a figure shows."""
    import matplotlib.text

    figure.draw_without_rendering()
    ticks = [
        text
        for axes in figure.axes
        if not axes.axison
        for axis in (axes.xaxis, axes.yaxis)
        for text in axis.findobj(matplotlib.text.Text)
    ]
    every = figure.findobj(matplotlib.text.Text)
    return [t for t in every if t.get_visible() and t.get_text() and t not in ticks]


def test_figures_are_written_and_readable(tmp_path, two):
    paths = plots.save_report_figures(two, tmp_path / "new" / "folder")
    names = ["confusion_matrix.png", "reliability.png", "coverage.png", "roc.png"]
    assert [path.name for path in paths] == names
    for path in paths:
        with Image.open(path) as image:
            assert image.format == "PNG" and image.width > 600
            assert len(image.convert("RGB").getcolors(100_000)) > 10
    again = plots.save_report_figures(report_of(SEVEN), str(tmp_path))
    assert [path.name for path in again] == names[:3]


def test_text_can_be_read_from_the_back_row(two):
    history = {"loss": [1, 0.5], "accuracy": [0.5, 0.6]}
    gray = np.zeros((8, 8))
    figures = [
        *(draw(two) for draw in (plots.confusion_matrix, plots.roc_curve)),
        *(draw(two) for draw in (plots.reliability_diagram, plots.coverage_curve)),
        *(plots.learning_curves(history), plots.gallery([gray], ["happy"])),
        plots.heat_maps([gray], [gray], ["happy"]),
        plots.interval_coverage({"one": (np.zeros(3), np.ones(3), 0.5)}),
    ]
    for figure in figures:
        assert min(t.get_fontsize() for t in texts(figure)) >= 11


def test_learning_curves_draw_the_history_and_mark_the_best_epoch():
    history = {
        "loss": [0.9, 0.5, 0.3],
        "accuracy": [0.5, 0.7, 0.9],
        "val_loss": [0.8, 0.4, 0.6],
        "val_accuracy": [0.6, 0.8, 0.7],
    }
    left, right = plots.learning_curves(history).axes
    for axes, name in ((left, "loss"), (right, "accuracy")):
        training, validation, best = axes.lines
        assert training.get_xydata().tolist() == [[i + 1, y] for i, y in enumerate(history[name])]
        assert validation.get_ydata().tolist() == history["val_" + name]
        assert set(best.get_xdata()) == {2} and best.get_label() == "best epoch: 2"


def test_learning_curves_take_what_fit_returns_and_do_without_validation():
    class History:
        history = {"loss": [0.9], "accuracy": [0.5]}

    left, _ = plots.learning_curves(History()).axes
    assert [t.get_text() for t in left.get_legend().get_texts()] == ["training"]
    with pytest.raises(plots.PlotError, match="epoch"):
        plots.learning_curves({})


def test_confusion_matrix_counts_and_shares():
    p = np.array([[0.9, 0.1, 0], [0.2, 0.8, 0], [0.9, 0.1, 0], [0.7, 0.3, 0], [0, 1, 0]])
    report = evaluate(p, [0, 0, 0, 0, 1], ["a", "b", "absent"])
    assert report.class_names == ["a", "b"]
    shown = [t.get_text() for t in plots.confusion_matrix(report).axes[0].texts]
    assert shown == [
        *("3\n75%", "1\n25%"),
        *("0\n0%", "1\n100%"),
    ]


def test_roc_curve_encloses_its_area_and_needs_both_classes(two):
    _, curve = plots.roc_curve(two).axes[0].lines
    assert np.trapezoid(curve.get_ydata(), curve.get_xdata()) == pytest.approx(two.roc_auc)
    for report in (report_of(SEVEN), evaluate([[1, 0]], [0], ["happy", "sad"])):
        with pytest.raises(plots.PlotError, match="two classes"):
            plots.roc_curve(report)


def test_reliability_diagram_shows_each_bin_and_compares_reports(two):
    axes = plots.reliability_diagram(two, bins=10).axes[0]
    _, dots = axes.lines
    sure = np.sort(two.probabilities.max(axis=1)).reshape(10, -1).mean(axis=1)
    assert dots.get_xdata() == pytest.approx(sure)
    # each dot is as many pictures, so their mean is the accuracy
    assert np.mean(dots.get_ydata()) == pytest.approx(two.accuracy.value)
    [bars] = axes.collections
    for segment, right in zip(bars.get_segments(), dots.get_ydata(), strict=True):
        assert segment[:, 1] == pytest.approx(wilson_interval(round(20 * right), 20))
    both = plots.reliability_diagram({"before": two, "after": two}).axes[0]
    assert len(both.lines) == 3 and both.lines[1].get_color() != both.lines[2].get_color()
    known = plots.reliability_diagram(two, line=("many", [0.6, 0.9], [0.5, 0.8])).axes[0].lines[-1]
    assert (known.get_label(), known.get_color()) == ("many", BLACK)
    assert known.get_xydata().tolist() == [[0.6, 0.5], [0.9, 0.8]]


def test_interval_coverage_marks_the_intervals_that_miss():
    low = np.array([0.8, 0.5, 1])
    high = np.array([0.95, 0.7, 1])
    axes, other = plots.interval_coverage({"one": (low, high, 0.9), "two": (low, high, 0.6)}).axes
    held, missed = axes.collections
    assert [s[:, 1].tolist() for s in held.get_segments()] == [[0.8, 0.95]]
    assert [s[:, 1].tolist() for s in missed.get_segments()] == [[0.5, 0.7], [1, 1]]
    assert axes.lines[0].get_xydata().tolist() == [[2, 1]]
    assert [a.get_xlabel() for a in (axes, other)] == ["1 of 3 hold the truth"] * 2


def test_coverage_curve_ends_at_the_accuracy(two):
    curve, end = plots.coverage_curve(two).axes[0].lines
    assert curve.get_xydata()[-1] == pytest.approx([1, two.accuracy.value])
    assert end.get_xydata()[0] == pytest.approx([1, two.accuracy.value])


def test_gallery_takes_every_kind_of_picture():
    images = [
        np.full((4, 4), 7.0, np.float32),
        np.full((4, 4, 1), 300.0),
        np.full((6, 4, 3), 9, np.uint8),
        Image.new("L", (5, 5), 11),
        Image.new("RGBA", (5, 5), (1, 2, 3, 255)),
    ]
    figure = plots.gallery(images, list("abcde"), columns=3)
    assert len(figure.axes) == 6
    shown = [axes.images[0].get_array() for axes in figure.axes[:5]]
    assert all(pixels.dtype == np.uint8 and pixels.shape[2] == 3 for pixels in shown)
    assert [pixels[0, 0].tolist() for pixels in shown] == [
        *([7] * 3, [255] * 3, [9] * 3, [11] * 3),
        [1, 2, 3],
    ]
    assert [axes.get_title() for axes in figure.axes] == [*"abcde", ""]
    with pytest.raises(plots.PlotError):
        plots.gallery([])
    with pytest.raises(plots.PlotError):
        plots.gallery(images, ["a"])
