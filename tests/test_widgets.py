"""Widgets show an answer and keep nothing; driven as a browser would, under ipywidgets 7 and 8."""

from io import BytesIO

import ipywidgets
import pytest
from PIL import Image

from emolib import data, widgets
from emolib.classifier import load_classifier

SEVEN = ipywidgets.__version__.startswith("7.")


@pytest.fixture(scope="module")
def classifier():
    return load_classifier()


@pytest.fixture(scope="module")
def selfie():
    return data.selfies()[0].read_bytes()


def send(button, content: bytes, name="photo.jpg"):
    """What the browser tells an upload button when a file was chosen."""
    facts = {"name": name, "type": "image/jpeg", "size": len(content)}
    if SEVEN:
        facts["lastModified"] = 1_700_000_000_000
        button.set_state({"metadata": [facts], "data": [memoryview(content)], "_counter": 1})
    else:
        entry = {**facts, "last_modified": 1_700_000_000_000, "content": memoryview(content)}
        button.set_state({"value": [entry]})


def kept(value) -> bytes:
    """All bytes in a value, such as what a view's widgets could leave in a saved notebook."""
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    if isinstance(value, ipywidgets.Widget):
        children = getattr(value, "children", ())
        return kept([value.get_state(), *children])
    inside = value.values() if isinstance(value, dict) else value
    return b"".join(map(kept, inside)) if isinstance(value, dict | list | tuple) else b""


def test_answer_says_and_shows_what_the_classifier_says(classifier, selfie):
    said = classifier.predict(selfie)
    text, picture = widgets.answer(classifier, selfie)
    assert text == f"The picture: 1 face: {said[0]}"
    with Image.open(BytesIO(picture)) as image:
        assert image.format == "JPEG" and max(image.size) == widgets.VIEW


def test_answer_for_a_broken_file_is_a_sentence(classifier):
    text, picture = widgets.answer(classifier, b"this is no picture")
    assert picture == b"" and text.startswith("The picture ") and text.endswith(".")


def test_an_uploaded_photo_is_answered_and_leaves_the_button(classifier, selfie):
    view = widgets.upload(classifier)
    assert view.picture.layout.display == "none" and view.forget.disabled
    for _ in range(2):  # the same photo again is answered again
        send(view.button, selfie)
        assert view.words.value.startswith("The picture: 1 face: ")
        assert kept(view) == bytes(view.picture.value) and view.picture.layout.display is None
        assert not view.button.value and not view.forget.disabled
        view.words.value = ""


def test_forget_forgets(classifier, selfie):
    view = widgets.upload(classifier)
    send(view.button, selfie)
    assert kept(view).startswith(b"\xff\xd8")
    view.forget.click()
    assert kept(view) == b""
    assert view.words.value == widgets.IDLE and view.forget.disabled
    assert view.picture.layout.display == "none"


def test_a_broken_upload_gives_its_sentence_and_the_next_photo_is_answered(classifier, selfie):
    view = widgets.upload(classifier)
    send(view.button, b"this is no picture", "notes.txt")
    assert view.words.value.endswith(".") and view.picture.value == b"" and not view.button.value
    send(view.button, selfie)
    assert "1 face" in view.words.value and view.picture.value


def test_a_photo_leaves_the_button_even_when_answering_fails(selfie):
    class Failing:
        def predict_many(self, sources, batch_size):
            raise MemoryError

    view = widgets.upload(Failing())
    with pytest.raises(MemoryError):
        send(view.button, selfie)
    assert not view.button.value


def test_nothing_is_written(classifier, selfie, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    send(widgets.upload(classifier).button, selfie)
    assert list(tmp_path.iterdir()) == []


def test_where_no_kernel_runs_a_page_shows_words(classifier):
    assert repr(widgets.upload(classifier)).startswith("An upload button")
