"""Figures of pictures show the numbers they were given, in text that can be read."""

from io import BytesIO

import matplotlib.text
import numpy as np
import pytest
from matplotlib.colors import to_hex
from PIL import Image

from emolib import plots
from emolib.plots import style

NAMES = ["happy", "sad"]


def smallest_letter(figure):
    figure.draw_without_rendering()
    off = [axis for axes in figure.axes if not axes.axison for axis in (axes.xaxis, axes.yaxis)]
    hidden = [text for axis in off for text in axis.findobj(matplotlib.text.Text)]
    texts = [text for text in figure.findobj(matplotlib.text.Text) if text not in hidden]
    return min(text.get_fontsize() for text in texts if text.get_visible() and text.get_text())


def shown_panels(figure):
    return [axes for axes in figure.axes if axes.images]


def test_pixel_numbers_writes_each_number_of_the_square():
    pixels = np.arange(48 * 48).reshape(48, 48) % 256
    whole, part = plots.pixel_numbers(pixels, top=10, left=5, size=4).axes
    written = [int(text.get_text()) for text in part.texts]
    assert written == pixels[10:14, 5:9].ravel().tolist()
    assert [text.get_text() for text in part.get_xticklabels()] == ["5", "6", "7", "8"]
    assert [text.get_text() for text in part.get_yticklabels()] == ["10", "11", "12", "13"]
    (frame,) = whole.patches
    assert (*frame.get_xy(), frame.get_width()) == (4.5, 9.5, 4)


def test_each_number_of_a_gray_square_can_be_read():
    grays = np.arange(256).reshape(16, 16)
    texts = plots.pixel_numbers(grays, top=0, left=0, size=16).axes[1].texts
    light = {"black": 0.0, "white": 1.0}  # relative luminance, as WCAG defines it
    for text in texts:
        share = int(text.get_text()) / 255
        gray = share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        low, high = sorted([gray, light[text.get_color()]])
        assert (high + 0.05) / (low + 0.05) >= 4.5, text.get_text()


def test_brightness_histogram_counts_every_picture_of_each_class():
    brightness, labels = np.array([0, 10.0, 100, 255, 130]), np.array([0, 0, 1, 1, 1])
    axes = plots.brightness_histogram(brightness, labels, NAMES).axes[0]
    outlines = [patch.get_xy() for patch in axes.patches if not patch.get_fill()]
    # an outline goes up and down once for each bin: its tops, two points each, are the counts
    assert [max(outline[:, 1]) for outline in outlines] == [1, 1]
    assert [line.get_xdata()[0] for line in axes.lines] == pytest.approx([5, 485 / 3])
    assert [text.get_text() for text in axes.get_legend().get_texts()] == NAMES


def test_average_faces_shows_the_averages_and_their_difference():
    averages = np.stack([np.full((4, 4, 1), 90.0), np.full((4, 4, 1), 60.0)])
    averages[0, 0, 0] = 10
    panels = shown_panels(plots.average_faces(averages, NAMES))
    first, second, difference = (axes.images[0] for axes in panels)
    np.testing.assert_array_equal(first.get_array(), averages[0, ..., 0])
    np.testing.assert_array_equal(second.get_array(), averages[1, ..., 0])
    np.testing.assert_array_equal(difference.get_array(), (averages[0] - averages[1])[..., 0])
    assert first.get_clim() == second.get_clim() == (10, 90)
    assert difference.get_clim() == (-50, 50)
    happy, sad = style.class_colors(NAMES).values()
    ends = [difference.cmap(0.0), difference.cmap(1.0)]
    assert [to_hex(end).upper() for end in ends] == [sad.upper(), happy.upper()]


def test_a_gallery_and_curves_have_a_title_if_they_get_one():
    assert plots.gallery([np.zeros((4, 4))], title="Faces").get_suptitle() == "Faces"
    axes = plots.share_curves([1], {"one": [0.5]}, "epochs", "seen", "Leak").axes[0]
    assert axes.get_title() == "Leak"


def test_average_faces_of_equal_or_three_classes():
    three = plots.average_faces(np.zeros((3, 4, 4)), ["a", "b", "c"])
    assert [axes.get_title() for axes in shown_panels(three)] == [
        f"average {name} face" for name in "abc"
    ]
    plots.average_faces(np.zeros((2, 4, 4)), NAMES).draw_without_rendering()


def test_each_number_has_a_tick_unless_their_labels_would_touch():
    for x, ticked in (([0, 5, 40], True), ([0, 1, 40], False)):
        axes = plots.share_curves(x, {"one": [0, 0.5, 1]}, "faces", "found").axes[0]
        assert (axes.get_xticks().tolist() == x) is ticked


def test_curves_show_each_share():
    axes = plots.share_curves([1, 2], {"one": [0.5, 1.0]}, "epochs", "seen").axes[0]
    assert axes.lines[0].get_xydata().tolist() == [[1, 0.5], [2, 1]]
    assert axes.get_legend() is None
    scores = {0: {"mine": 1, "released": 0.9}, 3: {"mine": 0.6, "released": 0.5}}
    figure = plots.damage_curves(dict.fromkeys(("blur", "noise", "turn"), scores))
    panels = [axes for axes in figure.axes if axes.lines]
    assert [axes.get_xlabel() for axes in panels] == ["blur", "noise", "turn"]
    assert len(figure.axes) == 4 and not figure.axes[3].axison
    for axes in panels:
        _, mine, released = axes.lines
        assert mine.get_xydata().tolist() == [[0, 1], [3, 0.6]]
        assert released.get_xydata().tolist() == [[0, 0.9], [3, 0.5]]
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["guessing", "mine", "released"]


def test_filters_have_one_scale_about_zero():
    kernels = np.zeros((5, 5, 1, 3), np.float32)
    kernels[0, 0, 0, 1] = -2
    figure = plots.filters({"yours": kernels, "released": kernels[..., :2]})
    panels = shown_panels(figure)
    assert len(panels) == 5
    assert panels[1].images[0].get_clim() == (-2, 2)
    assert panels[1].images[0].get_cmap().name == "PRGn"
    np.testing.assert_array_equal(panels[1].images[0].get_array(), kernels[:, :, 0, 1])
    assert row_names(figure) == ["yours", "released"]


def row_names(figure):
    """Return what is written beside the rows of pictures."""
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_feature_maps_shows_the_face_and_each_map():
    maps = np.random.default_rng(0).random((6, 5, 4))
    face = np.full((9, 9, 1), 7, np.uint8)
    figure = plots.feature_maps(face, {"yours": maps, "released": maps[..., :3]})
    panels = shown_panels(figure)
    assert len(panels) == 9 and row_names(figure) == ["yours", "released"]
    for first, found in ((0, maps), (5, maps[..., :3])):
        np.testing.assert_array_equal(panels[first].images[0].get_array(), face[..., 0])
        for k, axes in enumerate(panels[first + 1 : first + 1 + found.shape[-1]]):
            np.testing.assert_array_equal(axes.images[0].get_array(), found[..., k])


def test_heat_maps_lie_over_their_pictures():
    images, heats = np.full((3, 8, 8, 1), 9, np.uint8), np.random.default_rng(0).random((3, 8, 8))
    panels = shown_panels(plots.heat_maps(images, heats, list("abc"), columns=2))
    for axes, heat, name in zip(panels, heats, "abc", strict=True):
        below, above = axes.images
        assert below.get_array().shape == (8, 8)
        np.testing.assert_array_equal(above.get_array(), heat)
        assert axes.get_title() == name
    rows = row_names(plots.heat_maps(images, heats, list("abc"), columns=1, rows=list("xyz")))
    assert rows == list("xyz")
    with pytest.raises(ValueError):
        plots.heat_maps(images, heats, ["a"])


def test_bars_are_as_long_as_their_shares():
    scores = {"nothing": {"yours": 0.97, "released": 0.9}, "mouth": {"released": 0.5, "yours": 0.6}}
    axes = plots.bars(scores, "accuracy", chance=0.5).axes[0]
    assert [bar.get_width() for bar in axes.patches] == [0.97, 0.6, 0.9, 0.5]
    assert [text.get_text() for text in axes.texts] == ["97%", "60%", "90%", "50%"]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["nothing", "mouth"]
    assert axes.yaxis_inverted()
    # the bars of two networks are side by side, around the name
    tops = [bar.get_y() + bar.get_height() / 2 for bar in axes.patches]
    assert tops == pytest.approx([-0.2, 0.8, 0.2, 1.2])


def test_a_notebook_stores_few_bytes_of_the_same_picture():
    figure = plots.bars({"nothing": {"yours": 0.97, "released": 0.9}}, "accuracy")
    plain, stored = BytesIO(), figure._repr_png_()
    figure.savefig(plain, format="png")
    assert len(stored) < 0.6 * len(plain.getvalue())
    one, two = (np.asarray(Image.open(f).convert("RGB"), int) for f in (plain, BytesIO(stored)))
    assert np.abs(one - two).mean() < 1


def test_text_can_be_read_from_the_back_row():
    gray = np.zeros((2, 8, 8))
    share = [0.1, 0.2]
    for figure in (
        plots.pixel_numbers(gray[0], 0, 0, 4),
        plots.brightness_histogram(np.array([1.0, 2]), np.array([0, 1]), NAMES),
        plots.average_faces(gray + [[[0]], [[1]]], NAMES),
        plots.share_curves([1, 2], {"a": share, "b": share}, "x", "y"),
        plots.damage_curves({"blur": {1: {"a": 0.5, "b": 0.4}}}),
        plots.heat_maps(gray, gray, NAMES),
        plots.bars({"a": {"mine": 0.5}}, "x", 0.5),
    ):
        assert smallest_letter(figure) >= 11
