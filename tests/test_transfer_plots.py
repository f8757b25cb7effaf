"""The figure of few pictures shows every run."""

import numpy as np
import pytest

from conftest import one_sentence
from emolib import plots

RUNS = [("new head", n, 0.8 + k / 100) for n in (5, 30) for k in range(3)]
RUNS += [("from scratch", n, 0.6 + n / 100) for n in (5, 30)]


def test_a_line_joins_means_and_its_band_holds_all_runs():
    [axes] = plots.few_pictures({"eyes": RUNS}).axes
    lines = {line.get_label(): line for line in axes.lines}
    assert np.allclose(lines["new head"].get_ydata(), 0.81)
    assert np.allclose(lines["from scratch"].get_ydata(), [0.65, 0.9])
    band = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert band.min() == pytest.approx(0.8) and band.max() == pytest.approx(0.82)
    assert axes.get_title() == "eyes" and lines["guessing"].get_ydata()[0] == 0.5


def test_a_method_has_one_color_in_all_panels_and_need_not_be_in_each():
    first, second = plots.few_pictures({"a": RUNS, "b": RUNS[-2:]}).axes
    colors = [
        {line.get_label(): line.get_color() for line in axes.lines} for axes in (first, second)
    ]
    assert colors[0]["from scratch"] == colors[1]["from scratch"] != colors[0]["new head"]
    assert "new head" not in colors[1]


def test_the_readers_own_runs_are_stars():
    axes = plots.few_pictures({"eyes": RUNS}, yours=[("new head", 30, 0.9)]).axes[0]
    [star] = [line for line in axes.lines if line.get_marker() == "*"]
    assert star.get_xydata().tolist() == [[30, 0.9]]
    assert star.get_color() == axes.lines[0].get_color()


@pytest.mark.parametrize("panels", [{}, {"eyes": []}])
def test_nothing_to_draw_is_a_sentence(panels):
    with pytest.raises(plots.PlotError) as error:
        plots.few_pictures(panels)
    one_sentence(error, "no runs to draw")
