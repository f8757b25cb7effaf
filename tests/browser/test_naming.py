"""The game of notebook 07 in JupyterLab: faces are named by clicks and by keyboard."""

from ast import literal_eval

import pytest

from .notebooks import open_notebook, run_for
from .views import expect

pytestmark = pytest.mark.browser
NOTEBOOK = "07_more_emotions.ipynb"
BETWEEN_CLICKS = 400  # milliseconds: a double click counts once


def test_twenty_faces_named_in_the_page_are_answers_in_the_kernel(page, lab):
    open_notebook(page, lab, NOTEBOOK)
    game = run_for(page, lab.course / "notebooks" / NOTEBOOK, "face_quiz(")
    face = game.get_by_role("img")
    expect(face).to_have_attribute("alt", "face 1")
    game.get_by_role("button", name="fear").click()
    expect(face).to_have_attribute("alt", "face 2")
    page.wait_for_timeout(BETWEEN_CLICKS)
    page.keyboard.press("Enter")  # the button keeps the focus
    expect(face).to_have_attribute("alt", "face 3")
    game.get_by_role("button", name="Back").click()
    expect(face).to_have_attribute("alt", "face 2")
    for number in range(2, 21):
        expect(game).to_contain_text(f"Face {number} of 20")
        page.wait_for_timeout(BETWEEN_CLICKS)
        game.get_by_role("button", name="sad").click()
    expect(game).to_contain_text("All 20 faces are named")
    expect(game.get_by_role("button", name="sad")).to_be_disabled()
    assert literal_eval(lab.ask("game.answers")) == ["fear"] + ["sad"] * 19
