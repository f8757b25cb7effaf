"""Several faces have the same numbers in the picture, the list, the table and the terminal."""

import csv
import json
import random
from pathlib import Path

import openpeople
import pytest
from PIL import Image

import emolib
from emolib.cli import main
from emolib.faces import reading_order
from emolib.inference import Photo, Prediction, annotate, annotate_image

SHEET = next((Path(openpeople.__file__).parent / "data/curated").glob("P*/assets"))
SHEET /= "emotions_sheet.jpg"
NARROW = 100  # pixels; the box of a face


def boxes(*middles: tuple[int, int], side: int = NARROW) -> list[tuple[int, int, int, int]]:
    """Return square boxes around points (x, y)."""
    half = side // 2
    return [(x - half, y - half, x + half, y + half) for x, y in middles]


def prediction(box: tuple[int, int, int, int], label: str = "happy") -> Prediction:
    return Prediction(label, 0.97, {"happy": 0.97, "sad": 0.03}, True, box, 0.9)


@pytest.mark.parametrize(
    "in_order",
    [
        [],
        boxes((50, 50)),
        # two rows, whose people are not equally tall
        boxes((100, 130), (250, 100), (400, 140), (90, 300), (260, 330), (390, 290)),
        # the row at the front begins further left
        boxes((200, 100), (300, 110), (100, 220), (400, 215)),
        # a large face beside two small ones
        [*boxes((100, 200), side=300), *boxes((400, 180), (500, 230), side=60)],
        # a staircase is no row
        boxes((400, 100), (300, 160), (200, 220), (100, 280)),
        # children in front of their parents
        boxes((100, 100), (300, 100), (200, 175)),
        # boxes without height, as at the picture's edge
        [(0, 0, 5, 0), (10, 0, 20, 0), (0, 9, 5, 9)],
        [(3, 3, 5, 5), (3, 3, 5, 5)],
    ],
)
def test_faces_are_read_row_by_row(in_order: list[tuple[int, int, int, int]]) -> None:
    for seed in range(10):
        mixed = in_order.copy()
        random.Random(seed).shuffle(mixed)
        order = reading_order(mixed)
        assert sorted(order) == list(range(len(mixed)))
        assert [mixed[i] for i in order] == in_order


def test_a_sheet_of_faces_is_read_like_text() -> None:
    faces = emolib.load_classifier().predict(SHEET).faces
    assert len(faces) == 16
    rows = [faces[start : start + 4] for start in range(0, 16, 4)]
    for row in rows:
        lefts = [face.box[0] for face in row]
        assert lefts == sorted(lefts)
    for above, below in zip(rows, rows[1:], strict=False):
        assert max(face.box[3] for face in above) <= min(face.box[3] for face in below)


@pytest.mark.parametrize("batch", [False, True])
def test_every_face_keeps_its_own_answer(batch: bool) -> None:
    classifier = emolib.load_classifier()
    photo = next(classifier.predict_many([SHEET])) if batch else classifier.predict(SHEET)
    image = emolib.open_image(SHEET)
    for face in photo.faces[::5]:
        left, top, right, bottom = face.box
        wide = (right - left) // 2
        alone = image.crop((left - wide, top - wide, right + wide, bottom + wide))
        [again] = classifier.predict(alone)
        assert again.label == face.label
        assert again.probability == pytest.approx(face.probability, abs=0.15)


def test_the_numbers_are_the_same_everywhere(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    drawn = []
    draw = annotate._draw_label
    monkeypatch.setattr(annotate, "_draw_label", lambda *a: drawn.append(a[1]) or draw(*a))
    saved = [str(tmp_path / "answers.csv"), str(tmp_path / "out")]
    assert main(["predict", str(SHEET), "--csv", saved[0], "--save", saved[1]]) == 0
    first, *lines = capsys.readouterr().out.splitlines()
    assert first == "emotions_sheet.jpg: 16 faces"
    assert lines == [f"  {words}" for words in drawn]
    assert [words.split()[0] for words in drawn] == [str(number) for number in range(1, 17)]
    rows = list(csv.DictReader(open(saved[0], encoding="utf-8")))
    assert [row["face"] for row in rows] == [words.split()[0] for words in drawn]
    assert main(["predict", str(SHEET), "--json"]) == 0
    [photo] = json.loads(capsys.readouterr().out)
    for words, row, face in zip(drawn, rows, photo["faces"], strict=True):
        assert row["label"] == face["label"] and face["label"] in words
        assert [int(row[side]) for side in ("left", "top", "right", "bottom")] == face["box"]


def test_one_face_has_no_number(
    capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    monkeypatch.setattr(annotate, "_draw_label", lambda *a: drawn.append(a[1]))
    face = prediction((10, 10, 90, 90))
    annotate_image(Image.new("RGB", (100, 100)), [face])
    assert drawn == ["happy 97%"]
    photo = Photo("me.jpg", 100, 100, (face,))
    assert photo.lines() == [str(photo)] == ["me.jpg: 1 face: happy 97%"]


def test_several_faces_are_numbered_and_their_sum_is_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn = []
    monkeypatch.setattr(annotate, "_draw_label", lambda *a: drawn.append(a[1]))
    faces = (prediction((10, 10, 90, 90)), prediction((110, 10, 190, 90), "sad"))
    annotate_image(Image.new("RGB", (200, 100)), faces)
    assert drawn == ["1 happy 97%", "2 sad 97%"]
    photo = Photo("us.jpg", 200, 100, faces)
    assert str(photo) == "us.jpg: 2 faces: happy 97%, sad 97%"
    assert photo.lines() == ["us.jpg: 2 faces", "  1 happy 97%", "  2 sad 97%"]
    for photo in (Photo("a.jpg", 9, 9), Photo("a.jpg", 0, 0, error="a.jpg is empty.")):
        assert photo.lines() == [str(photo)]
