"""Faces are collected into classes; driven as the browser's side would."""

import io
import sys

import ipywidgets
import numpy as np
import pytest
from PIL import Image

from conftest import below, one_sentence
from emolib import data, find_faces, images, open_image, widgets
from emolib.images import ImageError
from emolib.widgets import photos
from emolib.widgets.collector import EXPORT, NO_FACE, SHOWN, Collector

NAMES = ["eyes closed", "winking"]


def jpeg(image):
    file = io.BytesIO()
    image.save(file, "JPEG", quality=90)
    return file.getvalue()


@pytest.fixture(scope="module")
def portraits():
    """Four faces as a camera would send them."""
    return [jpeg(p.image) for p in data.portraits()[:4]]


@pytest.fixture
def heard(monkeypatch):
    """What views say to their browser sides: (facts, pictures)."""
    said = []
    monkeypatch.setattr(Collector, "send", lambda _, facts, b=(): said.append((facts, list(b))))
    return said


@pytest.fixture
def view(heard):
    return widgets.collector(NAMES)


def press(view, label, content):
    """What the browser sends when the button of a class is pressed."""
    view._handle_custom_msg({"type": "picture", "label": label}, [memoryview(content)])


def undo(view):
    view._handle_custom_msg({"type": "undo"}, [])


def sentences(heard):
    return [facts["sentence"] for facts, _ in heard if facts["type"] == "said"]


def cropped(content):
    image = open_image(content, at_least=1280)
    return images.to_array(find_faces(image)[0].crop(image))


def test_each_press_keeps_a_face_under_its_class(view, portraits, heard):
    for label, content in zip([0, 1, 1], portraits, strict=False):
        press(view, label, content)
    x, y = view.examples()
    assert x.shape == (3, 48, 48, 1) and x.dtype == np.float32 and y.dtype == np.int64
    assert y.tolist() == [0, 1, 1] and view.counts == [1, 2]
    for face, content in zip(x, portraits, strict=False):
        assert np.array_equal(face, cropped(content))
    assert sentences(heard)[-1] == "One more picture of winking. 3 in all."


def test_nothing_collected_is_empty_arrays_of_the_same_shape(view):
    x, y = view.examples()
    assert x.shape == (0, 48, 48, 1) and y.shape == (0,) and view.counts == [0, 0]


def test_the_face_nearest_to_the_camera_counts(view, portraits):
    near, far = (open_image(content) for content in portraits[:2])
    board = Image.new("RGB", (near.width * 2, near.height), "gray")
    board.paste(far.resize((far.width // 2, far.height // 2)), (near.width, 0))
    board.paste(near, (0, 0))
    press(view, 0, jpeg(board))
    alone = cropped(portraits[0])
    assert np.abs(view.examples()[0][0] - alone).mean() < 12


def test_undo_takes_back_the_newest_whatever_its_class(view, portraits, heard):
    press(view, 1, portraits[0])
    press(view, 0, portraits[1])
    undo(view)
    assert view.counts == [0, 1] and view.examples()[1].tolist() == [1]
    assert sentences(heard)[-1] == "The last picture of eyes closed is forgotten. 1 in all."
    undo(view)
    undo(view)  # a click that was on its way
    assert view.counts == [0, 0]


def test_the_newest_faces_of_a_class_are_shown(view, portraits, heard):
    for _ in range(SHOWN + 2):
        press(view, 1, portraits[0])
    facts, pictures = [each for each in heard if each[0]["type"] == "newest"][-1]
    assert facts["label"] == 1 and len(pictures) == SHOWN
    with Image.open(io.BytesIO(pictures[0])) as image:
        assert image.format == "PNG" and image.size == (48, 48)
        assert np.array_equal(np.asarray(image), view.examples()[0][0, ..., 0])


def test_a_new_page_is_shown_everything(view, portraits, heard):
    press(view, 1, portraits[0])
    heard.clear()
    view._handle_custom_msg({"type": "show"}, [])
    assert [(facts["label"], len(pictures)) for facts, pictures in heard] == [(0, 0), (1, 1)]


@pytest.mark.parametrize(
    ("content", "words"),
    [(jpeg(Image.new("RGB", (300, 200), "green")), NO_FACE), (b"", "The picture is empty")],
)
def test_what_holds_no_face_gets_one_sentence_and_is_not_kept(view, heard, content, words):
    press(view, 0, content)
    [said] = sentences(heard)
    assert said.startswith(words) and "\n" not in said and view.counts == [0, 0]


def test_of_a_thing_the_middle_is_kept_and_no_face_is_looked_for(heard):
    view = widgets.collector(["cup", "no cup"], faces=False)
    desk = Image.new("RGB", (300, 200), "black")
    desk.paste("white", (50, 0, 150, 200))  # the left half of the middle
    press(view, 1, jpeg(desk))
    [picture] = view.examples()[0]
    assert picture.shape == (48, 48, 1) and view.examples()[1].tolist() == [1]
    assert picture[:, :23].min() > 240 and picture[:, 25:].max() < 15
    assert sentences(heard) == ["One more picture of no cup. 1 in all."]
    press(view, 0, b"no picture")
    assert view.counts == [0, 1]


def test_our_own_mistake_is_a_sentence_too(view, heard, portraits, monkeypatch):
    module = sys.modules[Collector.__module__]  # its name now means the function
    monkeypatch.setattr(module, "find_faces", lambda image: 1 / 0)
    press(view, 0, portraits[0])
    assert "(ZeroDivisionError): try again." in sentences(heard)[0]


def test_no_picture_is_in_the_state_that_a_notebook_saves(view, portraits):
    before = len(str(view.get_state()))
    press(view, 0, portraits[0])
    assert abs(len(str(view.get_state())) - before) < 10
    assert not any(isinstance(value, bytes | memoryview) for value in view.get_state().values())


def test_nothing_is_written_until_it_is_saved_and_then_the_course_can_read_it(
    view, portraits, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    for label, content in zip([0, 1, 1], portraits, strict=False):
        press(view, label, content)
    assert not list(tmp_path.iterdir())
    paths = view.save(tmp_path / "mine")
    assert all(path.is_file() for path in paths)
    names = ["eyes closed/00000.png", "winking/00001.png", "winking/00002.png"]
    assert below(tmp_path / "mine") == names
    dataset = data.scan(tmp_path / "mine", NAMES)
    saved = data.load_images(dataset.rows)
    assert dataset.class_names == NAMES and np.array_equal(saved, view.examples()[0])


def test_saving_overwrites_nothing(view, portraits, tmp_path):
    press(view, 0, portraits[0])
    view.save(tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in below(tmp_path)}
    with pytest.raises(ImageError) as error:
        view.save(tmp_path)
    one_sentence(error, "is not empty: give the name of a new folder")
    assert {name: (tmp_path / name).read_bytes() for name in below(tmp_path)} == before


def test_nothing_to_save_is_a_sentence_and_makes_no_folder(view, tmp_path):
    with pytest.raises(ImageError) as error:
        view.save(tmp_path / "mine")
    one_sentence(error, "Nothing has been collected yet")
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize("names", [[], ["a"], ["a", "a"], ["a", "b/c"], ["a", "..\\b"]])
def test_names_that_make_no_classes_or_folders_are_refused(names):
    with pytest.raises(ImageError) as error:
        widgets.collector(names)
    one_sentence(error, "two or more different names")


def test_the_browsers_side_ends_with_one_export(view):
    script = view._esm
    assert EXPORT in (photos.HERE / "photos.js").read_text("utf-8")
    assert str(script).count("export default") == 1 and "renderCollector" in str(script)


def test_where_no_kernel_runs_a_page_shows_words(view):
    assert repr(view).startswith("A camera with a button for each class")
    assert isinstance(view, ipywidgets.DOMWidget)
