"""The label cleaner shows, remembers and returns; driven as a browser would."""

import re
from base64 import b64decode
from io import BytesIO

import ipywidgets
import numpy as np
import pytest
from PIL import Image

from conftest import below, mouth, one_sentence
from emolib.data import Decision, apply_decisions
from emolib.evaluation import EvaluationError, evaluate
from emolib.widgets import cleaner, label_cleaner
from emolib.widgets.cleaner import PAGE, UNDECIDED, preview

N = 2 * PAGE + 4


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "faces"


@pytest.fixture
def report(folder):
    """N pictures in three classes; the network contradicts each, the first most."""
    names, files = ["happy", "neutral", "sad"], []
    for i in range(N):
        files.append(folder / names[i % 3] / f"{i}.png")
        files[-1].parent.mkdir(parents=True, exist_ok=True)
        mouth(i % 2 == 0, i).save(files[-1])
    probabilities = np.full((N, 3), 0.0)
    labels = np.arange(N) % 3
    sure = np.linspace(0.999, 0.6, N)
    probabilities[np.arange(N), (labels + 1) % 3] = sure
    probabilities[np.arange(N), labels] = 1 - sure
    return evaluate(probabilities, labels, names, files=files, worst=N)


def on_show(view):
    """The numbers of the pictures on this page."""
    words = [re.search(r"Picture (\d+)", doubt.legend.value) for doubt in view.gallery.children]
    return [int(word[1]) for word in words]


def png(doubt):
    encoded = re.search('src="data:image/png;base64,([^"]+)"', doubt.picture.value)
    return Image.open(BytesIO(b64decode(encoded[1])))


def test_the_most_confident_contradictions_come_first_and_undecided(report):
    view = label_cleaner(report)
    assert on_show(view) == list(range(1, PAGE + 1)) and view.decisions == []
    assert f"contradicts {N} of {N} labels" in view.children[0].value
    first = view.gallery.children[0]
    assert "filed under happy, the network says <b>neutral 99%</b>" in first.legend.value
    assert 'alt="picture 1" title="happy/0.png"' in first.picture.value
    assert "0.png" not in first.legend.value  # no name gives a label away
    assert {doubt.action.value for doubt in view.doubts} == {UNDECIDED}
    assert view.status.value == f"<b>0 of {N} decided</b>"


def test_a_list_cut_short_says_so(report):
    cut = evaluate(report.probabilities, report.labels, report.class_names, range(N), worst=5)
    view = label_cleaner(cut)
    assert "the 5 it is most confident about" in view.children[0].value
    assert on_show(view) == [1, 2, 3, 4, 5] and view.next.disabled and view.previous.disabled


def test_decisions_are_the_networks_class_by_default(report):
    view = label_cleaner(report)
    files = [mistake["file"] for mistake in report.mistakes]
    for doubt, action in zip(view.doubts, ["relabel", "keep", "set aside"], strict=False):
        doubt.action.value = action
    assert view.decisions == [
        Decision(files[0], "relabel", "neutral"),
        Decision(files[1], "keep"),
        Decision(files[2], "set aside"),
    ]
    assert view.status.value == f"<b>3 of {N} decided: 1 kept, 1 relabeled, 1 set aside</b>"
    view.doubts[1].action.value = UNDECIDED
    assert [decision.file for decision in view.decisions] == [files[0], files[2]]


def test_any_class_but_the_filed_one_can_be_chosen(report):
    view = label_cleaner(report)
    doubt = view.doubts[0]
    assert doubt.label.options == ("neutral", "sad") and doubt.label.layout.display is None
    doubt.label.value = "sad"  # to choose a class is to relabel
    assert doubt.action.value == "relabel"
    assert view.decisions == [Decision(report.mistakes[0]["file"], "relabel", "sad")]
    doubt.label.value = "neutral"
    assert view.decisions == [Decision(report.mistakes[0]["file"], "relabel", "neutral")]


def test_two_classes_leave_no_class_to_choose():
    images = np.stack([np.asarray(mouth(True, i)) for i in range(3)])[..., None]
    report = evaluate(np.tile([0.9, 0.1], (3, 1)), np.array([1, 0, 1]), ["happy", "sad"])
    view = label_cleaner(report, images=images)
    assert all(doubt.label.layout.display == "none" for doubt in view.doubts)
    view.doubts[1].action.value = "relabel"
    assert view.decisions == [Decision(2, "relabel", "happy")]


def test_decisions_outlive_page_and_class(report):
    view = label_cleaner(report)
    view.doubts[0].label.value = "sad"
    view.doubts[1].action.value = "set aside"
    made = view.decisions
    view.next.click()
    assert on_show(view)[0] == PAGE + 1 and view.decisions == made
    assert {doubt.action.value for doubt in view.gallery.children} == {UNDECIDED}
    view.doubts[0].action.value = "keep"
    made = [*made, Decision(report.mistakes[PAGE]["file"], "keep")]
    view.only.value = "neutral"
    assert view.decisions == made and view.doubts[0].action.value == "set aside"
    assert on_show(view)[:3] == [2, 5, 8]  # picture 1 is filed under happy, 2 under neutral
    view.only.value = cleaner.EVERY
    assert view.doubts[0].action.value == "relabel" and view.doubts[0].label.value == "sad"
    assert view.decisions == made


def test_pages_end_where_the_pictures_end(report):
    view = label_cleaner(report)
    assert view.previous.disabled and not view.next.disabled
    for _ in range(5):  # a browser sends clicks that come before the button is gray
        view.next.click()
    assert on_show(view) == list(range(2 * PAGE + 1, N + 1)) and view.next.disabled
    assert view.place.value == f"{2 * PAGE + 1} to {N} of {N}"
    for _ in range(5):
        view.previous.click()
    assert on_show(view)[0] == 1 and view.previous.disabled


def test_pages_make_no_new_widgets(report, monkeypatch):
    view = label_cleaner(report)
    made = []
    monkeypatch.setattr(ipywidgets.Widget, "open", lambda self: made.append(self))
    for value in ("sad", "happy", cleaner.EVERY):
        view.only.value = value
        view.next.click()
        view.previous.click()
    assert made == []


def test_a_small_face_is_enlarged_without_blur_and_a_large_one_shrunk():
    face = np.asarray(mouth(True, 1))
    with Image.open(BytesIO(preview(face))) as image:
        assert image.size == (144, 144)
        assert (np.asarray(image.convert("L")) == face.repeat(3, 0).repeat(3, 1)).all()
    with Image.open(BytesIO(preview(np.zeros((300, 600), np.uint8)))) as image:
        assert image.size == (144, 72)


def test_a_broken_or_vanished_picture_gives_its_sentence(report, folder):
    (folder / "happy/0.png").write_bytes(b"words")
    (folder / "neutral/1.png").unlink()
    view = label_cleaner(report)
    assert "0.png is not an image" in view.doubts[0].picture.value
    assert "1.png does not exist: check the path." in view.doubts[1].picture.value
    assert png(view.doubts[2]).size == (144, 144)
    view.doubts[0].action.value = "set aside"
    assert len(view.decisions) == 1


def test_names_are_no_html(tmp_path):
    file = tmp_path / "a&b.png"
    mouth(True, 1).save(file)
    report = evaluate(np.array([[0.1, 0.9]]), np.array([0]), ["<i>", "<b>"], [file])
    doubt = label_cleaner(report).doubts[0]
    assert "filed under &lt;i&gt;" in doubt.legend.value
    assert '/a&amp;b.png"' in doubt.picture.value


def test_rows_need_their_pictures():
    report = evaluate(np.array([[0.1, 0.9], [0.2, 0.8]]), np.array([0, 0]), ["happy", "sad"])
    for images in (None, np.zeros((1, 48, 48, 1))):
        with pytest.raises(EvaluationError) as error:
            label_cleaner(report, images)
        one_sentence(error, "2 pictures", "images=")
    images = np.zeros((2, 48, 48, 1), np.uint8)
    images[0] = 200
    first = label_cleaner(report, images).doubts[0]
    assert png(first).convert("L").getpixel((70, 70)) == 200 and "row 0" in first.picture.value


def test_nothing_contradicted_is_said():
    report = evaluate(np.array([[0.9, 0.1]]), np.array([0]), ["happy", "sad"])
    view = label_cleaner(report)
    assert "contradicts no labels" in view.children[0].value
    assert view.gallery.children == () and view.next.disabled and view.decisions == []


def test_nothing_is_written_until_python_applies_the_decisions(report, folder, tmp_path):
    before = {name: (folder / name).read_bytes() for name in below(folder)}
    view = label_cleaner(report)
    view.doubts[0].action.value = "relabel"
    view.doubts[2].action.value = "set aside"
    view.next.click()
    assert [path.name for path in tmp_path.iterdir()] == ["faces"]
    assert {name: (folder / name).read_bytes() for name in below(folder)} == before
    done = apply_decisions(folder, view.decisions, tmp_path / "clean")
    assert below(done.aside) == ["sad/2.png"] and "neutral/0.png" in below(done.folder)


def test_where_no_kernel_runs_a_page_shows_words(report):
    assert repr(label_cleaner(report)).startswith("A gallery")
