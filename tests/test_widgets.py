"""The photo view answers and keeps nothing; driven as its browser side would."""

import csv
import io
import shutil

import ipywidgets
import pillow_heif
import pytest
from PIL import Image

from emolib import data, open_image, widgets
from emolib.course import compose, paths
from emolib.data import sources
from emolib.faces import LOOK_AT, MODELS
from emolib.images import center_square
from emolib.inference import load_classifier
from emolib.inference.classifier import RELEASED
from emolib.model import ModelCard, read_card
from emolib.plots import style
from emolib.widgets import models, photos
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


@pytest.mark.slow  # writing a HEIC file takes seconds
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


def test_of_a_thing_the_middle_is_answered_and_no_face_is_looked_for(classifier, selfie):
    image = open_image(selfie, at_least=LOOK_AT)
    answered = card(classifier, image, "cup.jpg", faces=False)
    [said] = answered.photo.faces
    middle = center_square(image)
    assert said.probabilities == classifier.predict(middle, face=True)[0].probabilities
    assert answered.sentence == "cup.jpg" and middle.width == middle.height == min(image.size)
    with Image.open(io.BytesIO(answered.picture)) as shown:
        assert shown.size == (VIEW, VIEW)
    assert answered.facts()["faces"][0]["number"] is None


def test_a_view_for_things_has_no_faces_as_examples(classifier):
    assert widgets.upload(classifier, camera=True, faces=False).ways == ["files", "camera"]


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
    assert sum(float(first[c]) for c in ("p_happy", "p_neither", "p_sad")) == pytest.approx(1)
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

        def predict(self, source, face):
            raise MemoryError

    tell(widgets.upload(Failing()), selfie)
    assert "(MemoryError)" in heard[0][0]["sentence"] and heard[0][0]["failed"]


def show_example(view, number):
    view._handle_custom_msg({"type": "example", "id": "e", "number": number}, [])


def test_examples_are_one_click_away_and_begin_anew(classifier, heard):
    view = widgets.upload(classifier)
    for number in (0, 1, 10):
        show_example(view, number)
    names = [facts["name"] for facts, _ in heard]
    assert names == ["example P001 selfie", "example P002 sad", "example P001 selfie"]
    assert all(picture.startswith(b"\xff\xd8") for _, picture in heard)


def test_the_ten_examples_are_happy_sad_and_neither_and_ten_people(classifier):
    examples = sources.example_photos()
    assert len({name.split()[0] for name in examples}) == 10
    [answers] = zip(*(classifier.predict(source) for source in examples.values()), strict=True)
    found = [answer.label for answer in answers]
    assert {label: found.count(label) for label in found} == {"happy": 3, "sad": 3, "neither": 4}
    asked_for = [name.split()[1] for name in examples]
    right = {"selfie": "happy", "sad": "sad", "surprised": "neither", "neutral": "neither"}
    assert found == [right[kind] for kind in asked_for]


def test_examples_of_a_different_version_end_in_a_sentence(classifier, heard, monkeypatch):
    def different():
        raise data.DataError("The sheets of portraits differ.")

    monkeypatch.setattr(photos.sources, "example_photos", different)
    show_example(widgets.upload(classifier), 0)
    assert heard[0][0]["sentence"] == "The sheets of portraits differ." and heard[0][0]["failed"]


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
    folder = tmp_path / "models"
    folder.mkdir()
    for ending in (".onnx", ".json"):
        for name in ("mine", "bad", RELEASED.stem):
            shutil.copy(RELEASED.with_suffix(ending), folder / f"{name}{ending}")
    read_card(folder / RELEASED.name).write(folder / "mine.onnx")
    with open(folder / "bad.onnx", "ab") as bad:
        bad.write(b"more")
    shutil.copy(RELEASED, folder / "without_card.onnx")
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
    about = view.about()
    view.model = "bad"
    tell(view, selfie)
    assert heard[-1][0]["failed"] and heard[-1][0]["sentence"].endswith(".")
    assert "bad" in heard[-1][0]["sentence"]
    assert view.note == heard[-1][0]["sentence"] and about.value == ""


def test_on_a_hub_a_network_in_the_readers_own_folder_can_be_chosen(
    own_models, classifier, tmp_path, monkeypatch
):
    home = tmp_path / "home"
    home.mkdir()
    for ending in (".onnx", ".json"):
        shutil.copy(tmp_path / "models" / f"mine{ending}", home / f"my_model{ending}")
    monkeypatch.setenv("EMOLIB_MODELS", str(home))
    view = widgets.upload(classifier)
    assert view.models == ["emotion_model", "bad", "mine", "my_model"]
    assert view.titles[-1] == "Your network from notebook 03 (my_model)"


def test_the_menu_has_names_that_a_visitor_understands(classifier):
    view = widgets.upload(classifier)
    titles = dict(zip(view.models, view.titles, strict=True))
    assert titles["emotion_model"] == "Happy, sad or neither (the course's network)"
    assert titles["emotion_model_7"] == "Seven emotions"
    assert models.title("my_model_1") == "An earlier network from notebook 03 (my_model_1)"
    assert models.title("holiday") == "holiday"


def test_what_the_page_says_follows_the_model(classifier):
    view = widgets.upload(classifier)
    about = view.about()
    assert "It knows three words: happy, neither and sad." in about.value
    assert "what share of people" in about.value
    assert "how often it agrees with most of nine people" in about.value
    assert "on average" not in about.value
    view.model = "emotion_model_7"
    assert "<h2" in about.value and "The model: Seven emotions" in about.value
    assert "seven words: angry, disgust" in about.value and "surprise faces found" in about.value
    assert view.note == "This network learned from 26,912 photographs."


def own_card(data_facts, **more):
    facts = {"counts": {"train": {"happy": 420, "sad": 420}, "test": {"happy": 1}}, **data_facts}
    return ModelCard(["happy", "sad"], data=facts, training={"notebook": "03"}, **more)


NEVER = ' It is never "not sure": its card sets no threshold.'


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"name": "drawn"}, "840 drawn faces: photographs are new to it."),
        ({"name": "rendered"}, "840 rendered faces: photographs are new to it."),
        ({"name": "fer2013"}, "840 photographs."),
        ({"name": "data/holiday"}, "840 pictures of your own."),
        ({}, "840 pictures. If they were rendered, photographs are new to it."),
    ],
)
def test_a_network_of_the_reader_says_what_it_learned_from(facts, sentence):
    start = "This network learned from "
    assert models.note(own_card(facts, sure_threshold=0.8)) == start + sentence
    assert models.note(own_card(facts)) == start + sentence + NEVER
    said = models.about("my_model", own_card(facts))
    assert start + sentence in said and "notebook 04" in said and "FER2013" not in said


def test_a_card_that_says_little_is_no_obstacle_and_a_name_is_no_html():
    bare = ModelCard(["a", "<i>"], sure_threshold=0.9)
    assert models.note(bare) == "" and "&lt;i&gt;" in models.about("<b>", bare)
    assert "<b>" not in models.about("<b>", bare) and "<i>" not in models.about("<b>", bare)


def test_an_emotion_has_one_color_whatever_the_model(classifier):
    smile = sources.example_photos()["P001 selfie"]
    for name in ("emotion_model", "emotion_model_7"):
        answered = card(load_classifier(MODELS / f"{name}.onnx"), smile, "me.jpg")
        assert answered.photo.faces[0].label == "happy"
        assert answered.facts()["faces"][0]["color"] == style.ORANGE


def test_several_faces_have_the_numbers_of_the_picture_and_one_has_none(classifier, selfie):
    portraits = [p.image for p in data.portraits() if p.expression in ("happy", "sad")][:3]
    group, _ = compose.group_photo(portraits, width=1200, seed=0)
    faces = card(classifier, group, "group.jpg").facts()["faces"]
    assert [face["number"] for face in faces] == [1, 2, 3]
    assert [face["number"] for face in card(classifier, selfie, "me.jpg").facts()["faces"]] == [
        None
    ]


def test_nothing_is_written(classifier, selfie, heard, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    tell(widgets.upload(classifier), selfie, "../x.jpg")
    assert heard and list(tmp_path.iterdir()) == []


def test_where_no_kernel_runs_a_page_shows_words(classifier):
    bundle = widgets.upload(classifier)._repr_mimebundle_()
    bundle = bundle[0] if isinstance(bundle, tuple) else bundle
    assert bundle["text/plain"].startswith("Buttons to choose or take a photo")
