"""The photo view answers and keeps nothing; driven as its browser side would."""

import csv
import io
import shutil

import ipywidgets
import pillow_heif
import pytest
from PIL import Image

from emolib import data, widgets
from emolib.course import compose, paths
from emolib.inference import load_classifier
from emolib.inference.classifier import RELEASED
from emolib.widgets import photos
from emolib.widgets.photos import VIEW, card, csv_head


@pytest.fixture(scope="module")
def classifier():
    return load_classifier()


@pytest.fixture(scope="module")
def selfie():
    return data.selfies()[0].read_bytes()


@pytest.fixture
def heard(monkeypatch):
    """What views say to their browser sides: (facts, picture)."""
    said = []

    def send(_, facts, buffers=None):
        said.append((facts, (buffers or [b""])[0]))

    monkeypatch.setattr(photos.Photos, "send", send)
    return said


def tell(view, content: bytes, name="photo.jpg", piece=1_000_000):
    """What the browser sends when a photo was chosen."""
    view._handle_custom_msg({"type": "photo", "id": "1", "name": name, "size": len(content)}, [])
    for at in range(0, len(content) or 1, piece):
        view._handle_custom_msg(
            {"type": "piece", "id": "1"}, [memoryview(content[at : at + piece])]
        )


def kept(value, seen=()) -> bytes:
    """All bytes below an object: its attributes, and what they hold."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if isinstance(value, dict | list | tuple):
        inside = value.values() if isinstance(value, dict) else value
        return b"".join(kept(one, seen) for one in inside)
    if isinstance(value, ipywidgets.Widget) and value not in seen:
        return kept([vars(value), value.get_state()], (*seen, value))
    return b""


def test_a_card_says_and_shows_what_the_classifier_says(classifier, selfie):
    said = classifier.predict(selfie)
    answered = card(classifier, selfie, "me.jpg")
    assert answered.photo.faces == tuple(said) and answered.sentence == "me.jpg: 1 face"
    facts = answered.facts()
    assert [face["words"] for face in facts["faces"]] == [str(said[0])]
    assert facts["faces"][0]["probability"] == said[0].probability and not facts["failed"]
    with Image.open(io.BytesIO(answered.picture)) as image:
        assert image.format == "JPEG" and max(image.size) == VIEW


def test_boxes_stay_those_of_the_whole_photo(classifier):
    portraits = [p.image for p in data.portraits() if p.expression in ("happy", "sad")][:4]
    group, _ = compose.group_photo(portraits, width=3400, seed=0)
    file = io.BytesIO()
    group.save(file, "JPEG")
    answered = card(classifier, file.getvalue(), "group.jpg")
    assert len(answered.photo.faces) == 4 and answered.photo.width == 3400
    assert answered.photo.faces == tuple(classifier.predict(file.getvalue()))


def test_what_a_phone_takes_is_answered(classifier):
    file = io.BytesIO()
    pillow_heif.from_pillow(Image.open(data.selfies()[0])).save(file)
    answered = card(classifier, file.getvalue(), "IMG_0001.HEIC")
    assert [face.label for face in answered.photo.faces] == ["happy"]
    assert answered.picture.startswith(b"\xff\xd8")  # a JPEG, which every browser shows


def test_a_photo_without_a_face_gets_a_sentence_and_its_picture(classifier):
    file = io.BytesIO()
    Image.new("RGB", (300, 200), "green").save(file, "PNG")
    answered = card(classifier, file.getvalue(), "lawn.png")
    assert answered.sentence.startswith("lawn.png: no face found") and answered.picture
    assert not answered.facts()["failed"]


def test_a_broken_file_gets_a_sentence_with_its_name(classifier):
    answered = card(classifier, b"this is no picture", "notes.txt")
    assert answered.sentence.startswith("notes.txt is not an image") and not answered.picture
    assert answered.facts()["failed"]


@pytest.mark.parametrize("name", ["../../x.jpg", "C:\\photos\\x.jpg", "/etc/x.jpg"])
def test_a_name_loses_its_folders(classifier, selfie, name):
    shown = card(classifier, selfie, name).photo.file
    assert "/" not in shown and shown.endswith("x.jpg")


def test_the_table_is_the_command_lines_and_no_spreadsheet_computes_it(classifier, selfie):
    names = classifier.class_names
    text = csv_head(names) + card(classifier, selfie, "=1+1.jpg").csv()
    text += card(classifier, b"no picture", "b.jpg").csv()
    first, broken = csv.DictReader(io.StringIO(text))
    assert first["file"] == "'=1+1.jpg" and first["label"] == "happy"
    assert sum(float(first[c]) for c in ("p_happy", "p_sad", "other")) == pytest.approx(1)
    assert broken["file"] == "b.jpg" and broken["error"].startswith("b.jpg is not an image")


def test_a_photo_that_comes_in_pieces_is_answered_and_not_kept(classifier, selfie, heard):
    view = widgets.upload(classifier)
    for _ in range(2):  # the same photo again is answered again
        tell(view, selfie, "me.jpg", piece=100_000)
    assert [facts["sentence"] for facts, _ in heard] == ["me.jpg: 1 face"] * 2
    assert all(picture.startswith(b"\xff\xd8") for _, picture in heard)
    assert all(facts["id"] == "1" and facts["csv_head"] for facts, _ in heard)
    assert kept(view) == b""


def test_what_a_closed_page_left_half_sent_goes_with_the_next_photo(classifier, selfie, heard):
    view = widgets.upload(classifier)
    view._handle_custom_msg({"type": "photo", "id": "0", "name": "a.jpg", "size": 1000}, [])
    view._handle_custom_msg({"type": "piece", "id": "0"}, [memoryview(selfie[:500])])
    assert kept(view) == selfie[:500]
    tell(view, selfie)
    assert kept(view) == b"" and len(heard) == 1


def test_an_empty_and_a_broken_file_get_a_sentence_and_the_next_photo_its_answer(
    classifier, selfie, heard
):
    view = widgets.upload(classifier)
    for content in (b"", b"this is no picture", selfie):
        tell(view, content, "x.jpg")
    failed = [facts["failed"] for facts, _ in heard]
    assert failed == [True, True, False]
    assert all(facts["sentence"].startswith("x.jpg") for facts, _ in heard)


def test_too_large_a_photo_is_refused_before_it_is_sent(classifier, heard):
    view = widgets.upload(classifier)
    message = {"type": "photo", "id": "7", "name": "<b>.jpg", "size": photos.LIMIT + 1}
    view._handle_custom_msg(message, [])
    view._handle_custom_msg({"type": "piece", "id": "7"}, [memoryview(b"more")])
    [(facts, picture)] = heard
    assert facts["sentence"] == "<b>.jpg is larger than 50 MB: make it smaller first."
    assert facts["failed"] and not picture and kept(view) == b""


def test_whatever_goes_wrong_ends_in_a_sentence(selfie, heard):
    class Failing:
        card = load_classifier().card
        class_names = ["happy", "sad"]
        path = None

        def predict(self, source):
            raise MemoryError

    tell(widgets.upload(Failing()), selfie)
    assert "(MemoryError)" in heard[0][0]["sentence"] and heard[0][0]["failed"]


def test_examples_are_one_click_away_and_begin_anew(classifier, heard):
    view = widgets.upload(classifier)
    for number in (0, 1, len(data.selfies())):
        view._handle_custom_msg({"type": "example", "id": "e", "number": number}, [])
    names = [facts["name"] for facts, _ in heard]
    assert names == ["example P001", "example P002", "example P001"]


def test_without_the_portraits_no_example_is_offered(classifier, monkeypatch):
    def missing():
        raise data.DataError("The portraits are not installed.")

    monkeypatch.setattr(photos.sources, "selfies", missing)
    assert widgets.upload(classifier).ways == ["files"]


def test_each_view_offers_its_ways(classifier):
    assert widgets.upload(classifier).ways == ["files", "examples"]
    assert widgets.upload(classifier, camera=True).ways == ["files", "examples", "camera"]
    assert widgets.camera(classifier).ways == ["camera"]


@pytest.fixture
def own_models(tmp_path, monkeypatch):
    """A course whose models/ holds a copy of the released model as the reader's, and a bad one."""
    for ending in (".onnx", ".json"):
        shutil.copy(RELEASED.with_suffix(ending), tmp_path / f"mine{ending}")
        shutil.copy(RELEASED.with_suffix(ending), tmp_path / f"bad{ending}")
        shutil.copy(RELEASED.with_suffix(ending), tmp_path / RELEASED.with_suffix(ending).name)
    card = (tmp_path / "mine.json").read_text("utf-8")
    (tmp_path / "mine.json").write_text(card.replace("emotion_model.", "mine."), "utf-8")
    shutil.copy(RELEASED, tmp_path / "without_card.onnx")
    (tmp_path / "models").mkdir()
    for path in tmp_path.glob("*.*"):
        path.rename(tmp_path / "models" / path.name)
    monkeypatch.setattr(paths, "course_dir", lambda: tmp_path)


def test_the_readers_own_models_can_be_chosen(own_models, classifier, selfie, heard):
    view = widgets.upload(classifier)
    assert view.models == ["emotion_model", "bad", "mine"] and view.model == "emotion_model"
    view.model = "mine"
    tell(view, selfie)
    assert heard[-1][0]["sentence"] == "photo.jpg: 1 face"
    assert view._classifier() is not classifier


def test_a_model_that_does_not_load_says_so(own_models, classifier, selfie, heard):
    view = widgets.upload(classifier)
    view.model = "bad"
    tell(view, selfie)
    assert heard[-1][0]["failed"] and heard[-1][0]["sentence"].endswith(".")
    assert "bad" in heard[-1][0]["sentence"]


def test_nothing_is_written(classifier, selfie, heard, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    tell(widgets.upload(classifier), selfie, "../x.jpg")
    assert heard and list(tmp_path.iterdir()) == []


def test_where_no_kernel_runs_a_page_shows_words(classifier):
    bundle = widgets.upload(classifier)._repr_mimebundle_()
    bundle = bundle[0] if isinstance(bundle, tuple) else bundle
    assert bundle["text/plain"].startswith("Buttons to choose or take a photo")
