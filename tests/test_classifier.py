import copy
import io
import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import emolib
from conftest import mouth
from emolib.data import portraits, selfies
from emolib.faces import MODELS
from emolib.images import ImageError
from emolib.inference import Classifier, Photo, load_classifier
from emolib.model import ModelCard, ModelError


@pytest.fixture(scope="module")
def classifier():
    return emolib.load_classifier()


@pytest.fixture(scope="module")
def people():
    return portraits()


def group(people, n: int) -> Image.Image:
    """A photo with n people side by side."""
    cells = [p.image for p in people if p.expression in ("happy", "sad")][:n]
    photo = Image.new("RGB", (sum(c.width for c in cells), cells[0].height), "gray")
    left = 0
    for cell in cells:
        photo.paste(cell, (left, 0))
        left += cell.width
    return photo


def test_every_happy_and_sad_portrait_is_answered_right(classifier, people):
    asked = [p for p in people if p.expression in ("happy", "sad")]
    assert len(asked) == 20
    answers = [classifier.predict(p.image) for p in asked]
    assert [len(faces) for faces in answers] == [1] * 20
    happier = [faces[0].probabilities["happy"] > faces[0].probabilities["sad"] for faces in answers]
    assert happier == [p.expression == "happy" for p in asked]
    # ten people might call two of the sad ones neither
    right = [faces[0].label == p.expression for p, faces in zip(asked, answers, strict=True)]
    assert sum(right) >= 18


def test_a_neutral_portrait_is_neither_or_not_sure(classifier, people):
    answers = [classifier.predict(p.image)[0] for p in people if p.expression == "neutral"]
    assert sum(face.label == "neither" or not face.sure for face in answers) >= 9


def test_a_photo_is_answered_the_same_however_it_is_given(classifier):
    path = selfies()[0]
    expected = classifier.predict(path)
    assert len(expected) == 1
    assert expected[0].label == "happy"
    data = path.read_bytes()
    with open(path, "rb") as file:
        assert classifier.predict(file).faces == expected.faces
    assert classifier.predict(str(path)) == expected
    for source in (data, io.BytesIO(data)):
        assert classifier.predict(source).faces == expected.faces
    whole = Image.open(path)
    for source in (whole, np.asarray(whole)):
        # decoded at full size here: the same answer, not the same pixels
        face = classifier.predict(source)[0]
        assert face.label == "happy"
        assert face.box == pytest.approx(expected[0].box, abs=40)


def test_faces_come_from_left_to_right_with_their_own_answers(classifier, people):
    photo = group(people, 6)
    faces = classifier.predict(photo)
    assert [face.label for face in faces] == ["happy", "sad"] * 3
    lefts = [face.box[0] for face in faces]
    assert lefts == sorted(lefts)
    for i, face in enumerate(faces):
        left, top, right, bottom = face.box
        assert i * photo.width / 6 < (left + right) / 2 < (i + 1) * photo.width / 6
        assert 0 <= top < bottom <= photo.height


def test_probabilities_are_calibrated_and_complete(classifier):
    face = classifier.predict(selfies()[0])[0]
    assert list(face.probabilities) == classifier.class_names == ["happy", "neither", "sad"]
    assert sum(face.probabilities.values()) == pytest.approx(1)
    assert face.probability == max(face.probabilities.values()) == face.probabilities[face.label]
    assert face.sure == (face.probability >= classifier.card.sure_threshold)


def test_a_photo_without_a_face_has_no_answer(classifier):
    photo = classifier.predict(Image.new("RGB", (300, 200), "white"))
    assert list(photo) == [] and len(photo) == 0
    assert photo, "a photo without a face is an answer, too"


def test_a_cropped_face_goes_in_whole(classifier):
    face = classifier.predict(mouth(True, 1), face=True)[0]
    assert face.box == (0, 0, 48, 48)


def test_predict_raises_and_predict_many_reports(classifier, tmp_path):
    (tmp_path / "bad.jpg").write_text("no picture")
    with pytest.raises(ImageError):
        classifier.predict(tmp_path / "bad.jpg")
    good = selfies()[0]
    first, bad, last = classifier.predict_many([good, tmp_path / "bad.jpg", good])
    assert bad.error.startswith("bad.jpg is not an image")
    assert bad.faces == ()
    assert first == last
    alone = classifier.predict(good)[0]
    assert first.faces[0].box == alone.box
    assert first.faces[0].probability == pytest.approx(alone.probability, abs=1e-6)
    assert (first.width, first.height) == (1696, 2528)


def test_predict_many_keeps_the_order_and_reads_only_as_needed(classifier):
    pictures = [mouth(i % 2 == 0, i) for i in range(50)]
    taken = []

    def source():
        for i, picture in enumerate(pictures):
            taken.append(i)
            yield picture

    answers = classifier.predict_many(source(), batch_size=8, face=True)
    first = next(answers)
    assert len(taken) < 40
    rest = list(answers)
    expected = [classifier.predict(p, face=True).faces for p in pictures]
    for photo, faces in zip([first, *rest], expected, strict=True):
        assert photo.faces[0].probability == pytest.approx(faces[0].probability, abs=1e-4)


def test_many_threads_get_the_answers_of_one(classifier):
    pictures = [mouth(i % 2 == 0, i) for i in range(8)]
    expected = [classifier.predict(p, face=True) for p in pictures]
    answers = {}

    def ask(i):
        answers[i] = classifier.predict(pictures[i], face=True)

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answers[i] for i in range(8)] == expected


def test_seven_classes_go_through_the_same_calls():
    names = ["angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"]
    scores = np.array([[0.05, 0.05, 0.1, 0.5, 0.1, 0.1, 0.1]], "float32")
    card = ModelCard(names, sure_threshold=0.6)
    seven = Classifier(card, lambda images: scores.repeat(len(images), axis=0))
    face = seven.predict(mouth(True, 0), face=True)[0]
    assert face.label == "happy"
    assert face.probability == pytest.approx(0.5)
    assert not face.sure
    assert str(face) == "not sure (happy 50%)"
    assert list(face.probabilities) == names


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        ([0.92, 0.05, 0.03], "happy 92%"),
        ([0.1, 0.8, 0.1], "neither 80%"),
        ([0.2, 0.35, 0.45], "not sure (sad 45%)"),
    ],
)
def test_neither_is_an_answer_like_the_other_two(scores, words):
    card = ModelCard(["happy", "neither", "sad"])
    three = Classifier(card, lambda images: np.array([scores], "float32").repeat(len(images), 0))
    assert str(three.predict(mouth(True, 0), face=True)[0]) == words


def test_some_of_the_classes_can_be_compared_alone():
    card = ModelCard(["happy", "neither", "sad"])
    three = Classifier(card, lambda images: np.array([[0.1, 0.6, 0.3]] * len(images), "float32"))
    two = three.predict_arrays(np.zeros((2, 48, 48, 1)), classes=["sad", "happy"])
    assert two == pytest.approx(np.array([[0.75, 0.25]] * 2))
    with pytest.raises(ModelError, match="does not know angry, calm: choose from happy, neither"):
        three.predict_arrays(np.zeros((1, 48, 48, 1)), classes=["angry", "sad", "calm"])


def test_temperature_softens_what_is_shown():
    card = ModelCard(["happy", "sad"], temperature=2.0)
    soft = Classifier(card, lambda images: np.full((len(images), 1), 0.9, "float32"))
    shown = soft.predict_arrays(np.zeros((1, 48, 48, 1)))[0, 1]
    assert shown == pytest.approx(3 / (3 + 1), abs=1e-6)


@pytest.mark.parametrize("outputs", [1, 2])
def test_a_mirrored_card_takes_the_mean_of_the_logits_of_both_ways(outputs):
    def network(images):
        p = np.where(images[:, 0, 0] > 0, 0.9, 0.2)  # by the corner at the upper left
        return np.hstack([1 - p, p])[:, -outputs:].astype("float32")

    picture = np.zeros((1, 48, 48, 1))
    picture[0, 0, 0] = 255
    both = Classifier(ModelCard(["happy", "sad"], flip_tta=True), network)
    p = both.predict_arrays(np.concatenate([picture, picture[:, :, ::-1]]))[:, 1]
    assert p[0] == p[1]
    assert np.log(p[0] / (1 - p[0])) == pytest.approx((np.log(9) + np.log(0.25)) / 2, abs=1e-5)
    plain = Classifier(ModelCard(["happy", "sad"]), network)
    assert plain.predict_arrays(picture)[0, 1] == pytest.approx(0.9)


def test_wrong_arrays_end_in_a_sentence(classifier):
    with pytest.raises(ModelError, match=r"takes arrays \(n, 48, 48, 1\)"):
        classifier.predict_arrays(np.zeros((1, 64, 64, 1)))


def test_words_for_each_case():
    assert str(Photo("a/b.jpg", 9, 9)) == "b.jpg: no face found"
    assert str(Photo("b.jpg", 0, 0, error="b.jpg is empty.")) == "b.jpg is empty."


@pytest.mark.parametrize(
    ("name", "suffix", "within"),
    [
        ("emotion_model", ".onnx", 1e-4),
        ("emotion_model_7", ".onnx", 1e-4),
        # weights of 8 bits
        ("emotion_model", ".tflite", 0.1),
        ("emotion_model_7", ".tflite", 0.1),
    ],
)
def test_the_released_files_belong_together_and_agree(name, suffix, within):
    keras_file = Path(__file__).parents[1] / "models" / f"{name}.keras"
    images = np.random.default_rng(0).integers(0, 256, (20, 48, 48, 1)).astype("float32")
    images *= np.linspace(0.1, 1, 20).reshape(-1, 1, 1, 1).astype("float32")
    expected = load_classifier(keras_file).predict_arrays(images)
    assert load_classifier(keras_file.with_suffix(suffix)).predict_arrays(images) == pytest.approx(
        expected, abs=within
    )


def test_an_opencv_that_mixes_up_batches_is_found_out(classifier, monkeypatch):
    import cv2

    class Mixed:
        """Answers every picture of a batch with the batch's mean, as some versions do."""

        def __init__(self, path):
            self.net = read(path)

        def setInput(self, images):  # noqa: N802
            self.images = images

        def forward(self):
            self.net.setInput(np.repeat(self.images.mean(axis=0, keepdims=True), 1, axis=0))
            return np.repeat(self.net.forward(), len(self.images), axis=0)

    read = cv2.dnn.readNetFromONNX
    images = np.random.default_rng(0).integers(0, 256, (4, 48, 48, 1)).astype("float32")
    images[:2] *= 0.1
    expected = np.concatenate([classifier.predict_arrays(x[None]) for x in images])
    monkeypatch.setattr(cv2.dnn, "readNetFromONNX", Mixed)
    assert load_classifier().predict_arrays(images) == pytest.approx(expected, abs=1e-5)


def test_looking_loads_no_tensorflow():
    code = (
        "import sys, emolib; from emolib.data import selfies;"
        "assert emolib.load_classifier().predict(selfies()[0]);"
        "heavy = {'tensorflow', 'keras', 'sklearn', 'matplotlib', 'scipy', 'pydantic'};"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_importing_emolib_loads_next_to_nothing():
    code = (
        "import sys, emolib;"
        "heavy = {'numpy', 'cv2', 'PIL', 'tensorflow'};"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_photo_shows_itself_in_a_notebook_with_its_boxes(classifier):
    path = selfies()[0]
    photo = classifier.predict(path)
    shown = Image.open(io.BytesIO(photo._repr_jpeg_()))
    assert max(shown.size) == 1000
    off = np.abs(np.asarray(shown, int) - (0xE6, 0x9F, 0x00)).max(axis=-1)
    orange = off < 40  # JPEG blurs colors
    assert orange.sum() > 500, "a box in the color of happy"
    assert photo.annotated().size == (photo.width, photo.height) == (1696, 2528)
    with open(path, "rb") as file:
        assert classifier.predict(file.read()).annotated(path).size == (1696, 2528)
    [many] = classifier.predict_many([path])
    assert many == photo, "the preview is no part of the answer"
    assert many.preview is None and many._repr_jpeg_() is None
    assert "preview" not in photo.to_dict()


def test_a_picture_that_was_no_file_must_be_given_to_annotate_it(classifier, tmp_path):
    picture = mouth(True, 0)
    photo = classifier.predict(picture, face=True)
    with pytest.raises(ImageError, match="was not a file: pass the picture"):
        photo.annotated()
    assert photo.annotated(picture).size == (48, 48)
    (tmp_path / "empty.jpg").write_bytes(b"")
    [empty] = classifier.predict_many([tmp_path / "empty.jpg"])
    with pytest.raises(ImageError, match="empty.jpg is empty"):
        empty.annotated()


def test_one_photo_given_to_predict_many_is_one_photo(classifier):
    path = selfies()[0]
    picture = np.asarray(mouth(True, 0))
    with open(path, "rb") as file:
        singles = [str(path), path, path.read_bytes(), Image.open(path), picture, file]
        for single in singles:
            assert len(list(classifier.predict_many(single, face=True))) == 1
    batch = np.stack([picture, picture])[..., None]
    assert len(list(classifier.predict_many(batch, face=True))) == 2


def test_stopping_early_leaves_what_is_queued_undone(monkeypatch):
    from emolib.inference import classifier as room

    opened = []
    go_on = threading.Event()

    def slow(source, **options):
        opened.append(source)
        if len(opened) > 1:
            go_on.wait(10)
        return room.Image.new("RGB", (48, 48))

    monkeypatch.setattr(room, "open_image", slow)
    plain = Classifier(ModelCard(["happy", "sad"]), lambda images: np.full((len(images), 1), 0.5))
    sources = [f"{i}.jpg" for i in range(1000)]
    answers = plain.predict_many(sources, batch_size=1, face=True)
    next(answers)
    answers.close()  # returns at once: nobody has to wait for the photos under way
    go_on.set()
    assert len(opened) <= 1 + 2 * (os.cpu_count() or 1)


def test_test_time_augmentation_can_be_chosen_for_each_call():
    seen = []

    def network(images):
        seen.append(len(images))
        return np.full((len(images), 1), 0.5, "float32")

    face = np.zeros((48, 48, 1), "uint8")
    for default in (False, True):
        chosen = Classifier(ModelCard(["happy", "sad"], flip_tta=default), network)
        for flip_tta, calls in ((None, 1 + default), (True, 2), (False, 1)):
            seen.clear()
            chosen.predict(face, face=True, flip_tta=flip_tta)
            list(chosen.predict_many([face], face=True, flip_tta=flip_tta))
            chosen.predict_arrays(face[None], flip_tta=flip_tta)
            assert len(seen) == 3 * calls


@pytest.mark.parametrize("again", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_classifier_can_be_copied_and_sent_to_other_processes(again):
    first = load_classifier(MODELS / "emotion_model.onnx")
    first.card.sure_threshold = 0.123
    second = again(first)
    images = np.random.default_rng(0).integers(0, 256, (3, 48, 48, 1)).astype("float32")
    assert second.predict_arrays(images) == pytest.approx(first.predict_arrays(images))
    assert second.card == first.card and second.card is not first.card
    assert repr(second) == repr(first)
    with pytest.raises(ModelError, match="no file to load again"):
        again(Classifier(ModelCard(["happy", "sad"]), lambda images: images))


def test_a_classifier_says_what_it_is():
    said = repr(load_classifier())
    assert said == "Classifier(emotion_model.onnx: happy, neither, sad; 48 x 48, gray)"
    assert "emotion_model_7.onnx: angry, disgust," in repr(load_classifier("seven"))
    assert "a network in memory" in repr(Classifier(ModelCard(["a", "b"]), lambda images: images))
