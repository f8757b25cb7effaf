"""Figures show themselves, quietly, and leave nothing behind."""

import pytest

from emolib import evaluation
from emolib.inference import output
from emolib.plots import style


@pytest.fixture
def drawn():
    figure = style.figure(4, 3)
    style.name_axes(figure.subplots(), "x", "y", "title")
    return figure


def test_a_figure_shows_itself_without_pyplot(drawn):
    assert drawn._repr_png_().startswith(b"\x89PNG")


def test_figures_do_not_pile_up(drawn):
    import matplotlib.pyplot as plt

    drawn.draw_without_rendering()
    assert plt.get_fignums() == []


@pytest.mark.filterwarnings("error")
def test_characters_that_the_font_lacks_cause_no_warning(drawn, tmp_path):
    drawn.axes[0].set_xticks([0, 1], ["幸せ", "행복"])
    assert drawn._repr_png_()
    for kind in ("png", "svg", "pdf"):
        drawn.savefig(tmp_path / f"x.{kind}", bbox_inches="tight")


def test_percent():
    assert evaluation.percent(0.968) == "97%" and evaluation.percent(0.9687, 1) == "96.9%"


def test_an_answer_in_words_never_claims_certainty():
    assert output.answer("happy", 0.968, sure=True) == "happy 97%"
    assert output.answer("happy", 0.56, sure=False) == "not sure (happy 56%)"
    assert output.answer("sad", 0.99999, sure=True) == "sad 99%"
