"""Figures show the numbers they were given."""

import numpy as np
import pytest
from PIL import Image

from conftest import SEVEN
from emolib import plots
from emolib.evaluation import evaluate, expected_calibration_error


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


def test_reliability_diagram_holds_every_picture(two):
    upper, lower = plots.reliability_diagram(two, bins=10).axes
    counts = [bar.get_height() for bar in lower.patches]
    assert len(counts) == 10 and sum(counts) == two.n
    points = upper.lines[1].get_xydata()
    error = np.abs(points[:, 0] - points[:, 1]) @ [c for c in counts if c] / two.n
    assert error == pytest.approx(expected_calibration_error(two.probabilities, two.labels, 10))


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
