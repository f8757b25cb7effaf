"""One emotion, one color: in every figure, photo and widget."""

import re

import numpy as np
import pytest

from conftest import SEVEN
from emolib import plots
from emolib.inference import Prediction
from emolib.inference.annotate import NOT_SURE, face_color
from emolib.inspection.probing import control
from emolib.model import ModelCard
from emolib.plots import style
from emolib.widgets import lab_html


def answer(label, sure=True):
    return Prediction(label, 0.9, {label: 0.9}, sure, (0, 0, 9, 9), 1.0)


@pytest.mark.parametrize(
    "names", [["happy", "sad"], SEVEN, ["sad", "happy"], ["bored", "happy", "sad"]]
)
def test_happy_is_orange_and_sad_is_blue_in_any_list_of_classes(names):
    colors = style.class_colors(names)
    assert colors["happy"] == style.ORANGE and colors["sad"] == style.BLUE
    assert face_color(answer("happy"), names) == style.ORANGE
    assert face_color(answer("sad", sure=False), names) == NOT_SURE


def test_no_two_classes_have_the_same_color():
    for names in (
        SEVEN,
        [*SEVEN, "contempt"],
        ["bored", "Happy"],
        ["fear", "scared"],
        list("abcdefg"),
    ):
        colors = style.class_colors(names)
        assert list(colors) == names and len(set(colors.values())) == len(names)


def test_the_words_for_an_emotion_share_its_color():
    for one, other in [("Surprised", "surprise"), ("afraid", "fear"), ("ANGRY", "anger")]:
        assert style.class_colors([one])[one] == style.EMOTION_COLORS[other]


def test_more_classes_than_colors_are_all_given_one():
    assert len(style.class_colors([str(i) for i in range(20)])) == 20


def test_the_face_lab_shows_each_emotion_in_its_color():
    card = ModelCard(SEVEN)
    drawn = lab_html.bars(np.full(7, 1 / 7), card)
    assert re.findall("background:(#......)", drawn) == list(style.class_colors(SEVEN).values())
    curve = lab_html.Curve(control(12), None, card)
    lines = {line.get_label(): line.get_color() for line in curve.figure.axes[0].lines}
    assert lines["happy"] == style.ORANGE and lines["sad"] == style.BLUE


def test_brightness_is_drawn_in_the_color_of_the_emotion():
    figure = plots.brightness_histogram(np.arange(6), np.arange(6) % 2, ["sad", "happy"])
    [axes] = figure.axes
    assert [line.get_color() for line in axes.lines] == [style.BLUE, style.ORANGE]


def test_networks_have_other_colors_than_emotions_that_a_figure_may_show():
    scores = {"glasses": {"yours": 0.8, "released": 0.9}}
    [axes] = plots.bars(scores, "accuracy").axes
    bars = {style.PALETTE.index(hex_of(bar.get_facecolor())) for bar in axes.patches}
    damage = plots.damage_curves({"blur": {0: scores["glasses"], 1: scores["glasses"]}})
    lines = {style.PALETTE.index(line.get_color()) for line in damage.axes[0].lines[1:]}
    assert bars == lines and len(bars) == 2
    assert not {style.ORANGE, style.BLUE} & {style.PALETTE[i] for i in bars}


def test_a_figure_with_many_lines_leaves_none_out():
    many = {str(i): [0.1 * i, 0.5] for i in range(9)}
    [axes] = plots.share_curves([0, 1], many, "x", "y").axes
    assert len(axes.lines) == 9
    [axes] = plots.bars({"question": {name: share for name, (share, _) in many.items()}}, "x").axes
    assert len(axes.patches) == 9


def hex_of(color):
    from matplotlib.colors import to_hex

    return to_hex(color).upper()
