"""Faces are named one by one; driven as a browser would."""

import re
from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from conftest import mouth, one_sentence
from emolib import widgets
from emolib.images import ImageError
from emolib.widgets import naming

NAMES = ["fear", "happy", "surprise"]
FACES = [mouth(True, 0), mouth(False, 1), np.asarray(mouth(True, 2))]


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Tests click faster than people do."""
    monkeypatch.setattr(naming, "DOUBLE_CLICK", 0)


@pytest.fixture
def game():
    return widgets.face_quiz(FACES, NAMES)


def name(game, *names):
    for each in names:
        next(button for button in game.buttons if button.description == each).click()


def shown(game):
    found = re.search('src="data:image/png;base64,([^"]+)" alt="face ([0-9]+)"', game.picture.value)
    return int(found[2]), Image.open(BytesIO(b64decode(found[1])))


def test_each_class_has_a_button_and_each_face_its_turn(game):
    assert [button.description for button in game.buttons] == NAMES
    for number, face in enumerate(FACES, start=1):
        assert f"Face {number} of 3" in game.text.value
        turn, picture = shown(game)
        small = picture.resize((48, 48), Image.Resampling.NEAREST).convert("L")
        assert turn == number and np.array_equal(
            small, Image.fromarray(np.asarray(face)).convert("L")
        )
        name(game, "happy")
    assert game.answers == ["happy"] * 3


def test_answers_come_in_the_order_of_the_faces_and_nothing_is_said_about_right(game):
    name(game, "surprise", "fear")
    assert game.answers == ["surprise", "fear"] and "Your last answer: fear" in game.text.value
    game.answers.append("happy")  # a copy
    assert len(game.answers) == 2
    assert not re.search("right|wrong", game.text.value + game.picture.value)


def test_back_takes_the_last_answer_back(game):
    assert game.back.disabled
    name(game, "surprise", "fear")
    game.back.click()
    assert game.answers == ["surprise"] and shown(game)[0] == 2
    name(game, "happy")
    assert game.answers == ["surprise", "happy"]


def test_after_the_last_face_there_is_nothing_to_press_but_back(game):
    name(game, "fear", "fear", "fear")
    assert "All 3 faces are named" in game.text.value and not game.picture.value
    assert all(button.disabled for button in game.buttons) and not game.back.disabled
    name(game, "happy")  # a click that was on its way
    assert game.answers == ["fear"] * 3
    game.back.click()
    assert shown(game)[0] == 3 and not any(button.disabled for button in game.buttons)


def test_a_double_click_names_one_face(game, monkeypatch):
    monkeypatch.setattr(naming, "DOUBLE_CLICK", 60)
    name(game, "fear", "fear")
    assert game.answers == ["fear"]


def test_a_large_photo_becomes_small_and_keeps_its_shape():
    photo = Image.new("RGB", (990, 1500), "gray")
    assert shown(widgets.face_quiz([photo], NAMES))[1].size == (158, naming.SIDE)


def test_changes_are_said_and_a_page_without_a_kernel_says_what_is_missing(game):
    assert 'role="status"' in game.text.value
    assert repr(game) == "Faces to name appear here while the notebook is running."


def test_a_name_is_text_and_never_markup():
    game = widgets.face_quiz(FACES, ["<b>x"])
    name(game, "<b>x")
    assert "&lt;b&gt;x" in game.text.value


@pytest.mark.parametrize(
    ("faces", "names"), [([], NAMES), (FACES, []), (np.zeros((0, 48, 48)), NAMES)]
)
def test_no_faces_or_no_names_is_a_sentence(faces, names):
    with pytest.raises(ImageError) as error:
        widgets.face_quiz(faces, names)
    one_sentence(error, "nothing to ask")
