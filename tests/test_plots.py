"""Figures show the numbers they were given; boxes and labels stand where they should."""

import sys
from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image, ImageChops

from emolib import plots
from emolib.calibration import expected_calibration_error
from emolib.evaluation import evaluate

SEVEN = ["angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"]


@dataclass
class Face:
    box: tuple
    label: str = "happy"
    probability: float = 0.97
    sure: bool = True


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


# Figures


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


def test_letters_can_be_read_from_the_back_row(two):
    history = {"loss": [1, 0.5], "accuracy": [0.5, 0.6]}
    gray = np.zeros((8, 8))
    figures = [
        *(draw(two) for draw in (plots.confusion_matrix, plots.roc_curve)),
        *(draw(two) for draw in (plots.reliability_diagram, plots.coverage_curve)),
        *(plots.learning_curves(history), plots.gallery([gray], ["happy"])),
        plots.heat_map(gray, gray),
    ]
    for figure in figures:
        assert min(t.get_fontsize() for t in texts(figure)) >= 11


def test_a_figure_shows_itself_without_pyplot(two):
    assert plots.roc_curve(two)._repr_png_().startswith(b"\x89PNG")


def test_figures_pile_up_nowhere(two):
    import matplotlib.pyplot as plt

    plots.coverage_curve(two)
    assert plt.get_fignums() == []


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
    shown = [t.get_text() for t in plots.confusion_matrix(report).axes[0].texts]
    assert shown == [
        *("3\n75 %", "1\n25 %", "0\n0 %"),
        *("0\n0 %", "1\n100 %", "0\n0 %"),
        *("0\n0 %", "0\n0 %", "0\n0 %"),
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


def test_heat_map_covers_the_whole_picture():
    heat = np.eye(4, dtype=np.float32)
    _, right, _ = plots.heat_map(Image.new("RGB", (60, 40)), heat).axes
    picture, over = right.images
    assert list(over.get_extent()) == list(picture.get_extent()) == [-0.5, 59.5, 39.5, -0.5]
    np.testing.assert_array_equal(over.get_array(), heat)


# Boxes on a photo


def changed(before, after):
    """Left, top, right, bottom of what differs."""
    return ImageChops.difference(before, after).getbbox()


def share_of(image, color):
    rgb = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    return (np.asarray(image) == rgb).all(axis=-1).mean()


def test_annotate_draws_on_a_copy():
    photo = Image.new("RGB", (400, 300), "#123456")
    answered = plots.annotate(photo, [Face((100, 100, 200, 220))])
    assert photo.getcolors() == [(120_000, (0x12, 0x34, 0x56))]
    assert answered.size == photo.size and answered.mode == "RGB"
    orange = tuple(int(plots.ORANGE[i : i + 2], 16) for i in (1, 3, 5))
    for corner in [(100, 100), (200, 100), (100, 220), (200, 220)]:
        assert answered.getpixel(corner) == orange
    # nothing inside the face is hidden
    inside = (104, 104, 196, 216)
    assert changed(photo.crop(inside), answered.crop(inside)) is None
    # the label stands above, from the box's left side
    left, top, right, bottom = changed(photo, answered)
    assert left == 100 and 60 < top < 90 and bottom == 221
    assert plots.annotate(photo, []).tobytes() == photo.tobytes()


def test_annotate_colours_follow_the_class_order_and_gray_means_unsure():
    photo = Image.new("RGB", (400, 300), "white")
    names = ["happy", "sad"]
    for label, sure, color in [
        ("happy", True, plots.PALETTE[0]),
        ("sad", True, plots.PALETTE[1]),
        ("sad", False, plots.NOT_SURE),
    ]:
        face = Face((100, 100, 200, 220), label, 0.6, sure)
        answered = plots.annotate(photo, [face], names)
        assert share_of(answered, color) > 0.01
        others = {*plots.PALETTE, plots.NOT_SURE} - {color}
        assert not any(share_of(answered, other) for other in others)


def test_captions():
    assert plots._caption(Face((), "happy", 0.968)) == "happy 97 %"
    assert plots._caption(Face((), "happy", 0.56, sure=False)) == "not sure (happy 56 %)"


def labels_of(monkeypatch, photo, faces):
    """Where annotate put each label."""
    found = []
    draw = plots._draw_label
    monkeypatch.setattr(plots, "_draw_label", lambda *args: found.append(draw(*args)) or found[-1])
    plots.annotate(photo, faces)
    return found


def test_labels_stay_inside_and_off_each_other(monkeypatch):
    photo = Image.new("RGB", (1600, 1000))
    corners = [(x, y) for x in (-30, 740, 1510) for y in (-30, 440, 900)]
    faces = [Face((x, y, x + 120, y + 150), sure=x > 0) for x, y in corners]
    # neighbours so close that labels side by side do not fit
    faces += [Face((300 + 95 * i, 500, 390 + 95 * i, 600), sure=False) for i in range(4)]
    found = labels_of(monkeypatch, photo, faces)
    assert len(found) == len(faces)
    for i, (left, top, right, bottom) in enumerate(found):
        assert 0 <= left < right <= 1600 and 0 <= top < bottom <= 1000
        assert not any(plots._overlap(found[i], other) for other in found[:i])


@pytest.mark.parametrize("size", [(16, 16), (48, 48), (3000, 40), (4000, 3000)])
def test_annotate_bears_any_size_and_any_box(size):
    photo = Image.new("RGB", size)
    boxes = [(-50, -50, 9999, 9999), (5, 5, 5, 5), (9000, 9000, 9100, 9100), (1.5, 2.5, 9.9, 8.1)]
    answered = plots.annotate(photo, [Face(box, sure=False) for box in boxes])
    assert answered.size == size and changed(photo, answered)


def test_letters_grow_with_the_picture():
    sizes = [plots._font_size([(0, 0, s // 3, s // 3)], s) for s in (100, 1000, 4000)]
    assert sizes[0] == 12 and sizes[0] < sizes[1] < sizes[2]


def test_class_names_need_not_be_english():
    photo = Image.new("RGB", (400, 200), "white")
    drawn = {
        plots.annotate(photo, [Face((100, 100, 300, 180), name)]).tobytes()
        for name in ("ää", "öö", "жж", "ωω", "😢😢")
    }
    # letters the font lacks would all give the same empty boxes
    assert len(drawn) == 5


def test_annotate_needs_no_matplotlib(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    plots._font.cache_clear()
    plots.annotate(Image.new("RGB", (100, 100)), [Face((20, 20, 80, 80))])
    assert not any(name.split(".")[0] == "matplotlib" for name in sys.modules)
