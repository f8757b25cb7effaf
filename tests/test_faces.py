"""Every face is found, once, where it is; nothing else is taken for one."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpeople
import pytest
from PIL import Image

from conftest import slow_cases
from emolib import faces
from emolib.faces import CROP_MARGIN, LOOK_AT, Face, FaceError, find_faces, whole_picture
from emolib.images import open_image

PEOPLE = sorted((Path(openpeople.__file__).parent / "data" / "curated").glob("P*/assets"))
CASES = Path(__file__).parent / "cases" / "photos"
GRAY = (120, 130, 140)
CELLS = [
    (44 + x * 588, 44 + y * 442, 592 + x * 588, 396 + y * 442) for y in range(4) for x in range(4)
]


def selfie(index: int, at_least: int | None = LOOK_AT) -> Image.Image:
    return open_image(PEOPLE[index] / "amateur_selfie.jpg", at_least=at_least)


@pytest.fixture(scope="module")
def portrait() -> Image.Image:
    """Return a picture of a neutral face, 548 x 352, about 230 pixels high."""
    return open_image(PEOPLE[3] / "emotions_sheet.jpg").crop(CELLS[0])


def head(image: Image.Image, length: int, turn: int = 0) -> Image.Image:
    """Cut out a head, its box `length` pixels long, turned clockwise by `turn` degrees."""
    face = find_faces(image)[0]
    x, y, now = face.frame
    image = image.rotate(-turn, Image.Resampling.BICUBIC, center=(x, y))
    part = image.crop((int(x - now), int(y - now), int(x + now), int(y + now)))
    return part.resize((2 * length, 2 * length), Image.Resampling.LANCZOS)


def overlap(one: tuple[int, int, int, int], two: tuple[int, int, int, int]) -> float:
    """Return the intersection over union of two boxes."""
    width = min(one[2], two[2]) - max(one[0], two[0])
    height = min(one[3], two[3]) - max(one[1], two[1])
    both = max(0, width) * max(0, height)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, two)]
    return both / (sum(areas) - both)


@pytest.mark.parametrize("index", range(10))
def test_every_selfie_has_one_face(index: int) -> None:
    (face,) = find_faces(selfie(index))
    left, top, right, bottom = face.box
    assert 0 <= left < right <= 1696 and 0 <= top < bottom <= 2528  # the original's pixels
    assert all(type(value) is int for value in face.box)
    assert 0.7 <= face.score <= 1 and abs(face.tilt) < 15
    (eye, other, nose, mouth, corner) = face.landmarks
    assert eye[0] < nose[0] < other[0] and eye[1] < nose[1] < mouth[1] and mouth[0] < corner[0]
    for x, y in face.landmarks:
        assert left < x < right and top < y < bottom


@pytest.mark.parametrize("index", [0, *slow_cases(3, 6, 9)])
def test_every_portrait_has_one_face(index: int) -> None:
    sheet = open_image(PEOPLE[index] / "emotions_sheet.jpg")
    assert [len(find_faces(sheet.crop(cell))) for cell in CELLS] == [1] * 16


def test_sheet_of_sixteen_is_read_row_by_row() -> None:
    found = find_faces(open_image(PEOPLE[0] / "emotions_sheet.jpg", at_least=LOOK_AT))
    assert len(found) == 16
    for face, (left, top, right, bottom) in zip(found, CELLS, strict=True):
        x, y, _ = face.frame
        assert left < x < right and top < y < bottom


def test_photo_on_its_side_has_one_face() -> None:
    image = open_image(CASES / "side.jpg")
    (face,) = find_faces(image)
    assert overlap(face.box, (175, 220, 425, 388)) > 0.8
    assert abs(face.tilt + 90) < 10
    (again,) = find_faces(face.crop(image, margin=1.8))
    assert abs(again.tilt) < 10


@pytest.mark.parametrize("quarter", [90, 180, 270])
@pytest.mark.parametrize("index", [0, *slow_cases(2, 3, 7)])
def test_turned_photo_has_the_same_face(index: int, quarter: int) -> None:
    upright = selfie(index, 600)
    (face,) = find_faces(upright)
    image = Image.fromarray(np.rot90(np.asarray(upright), -quarter // 90).copy())
    (turned,) = find_faces(image)
    assert abs((turned.tilt - face.tilt - quarter + 180) % 360 - 180) < 5
    crops = [face.crop(upright, size=48), turned.crop(image, size=48)]
    far = np.abs(np.subtract(*[np.asarray(crop, float) for crop in crops]))
    assert far.mean() < 12
    # back to the upright picture, clockwise quarter by quarter
    left, top, right, bottom = turned.box
    for height in [image.height, image.width, image.height][: 4 - quarter // 90]:
        left, top, right, bottom = height - bottom, left, height - top, right
    zoom = 1696 / upright.width
    assert overlap(tuple(round(zoom * side) for side in (left, top, right, bottom)), face.box) > 0.8


def test_only_what_is_not_upright_is_turned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faces, "_turned_faces", lambda *args: pytest.fail("it is upright"))
    assert len(find_faces(selfie(0))) == 1


def test_whole_and_reduced_pictures_give_the_same_box() -> None:
    (whole,) = find_faces(selfie(1, None))
    (reduced,) = find_faces(selfie(1, 400))
    assert overlap(whole.box, reduced.box) > 0.85
    crops = [whole.crop(selfie(1, None), size=48), reduced.crop(selfie(1, 400), size=48)]
    far = np.abs(np.subtract(*[np.asarray(crop, float) for crop in crops]))
    assert far.mean() < 12


@pytest.mark.parametrize("length", [20, 40, 120])
def test_small_faces_in_a_group(portrait: Image.Image, length: int) -> None:
    image = Image.new("RGB", (14 * length, 6 * length + 20), GRAY)
    image.paste(head(portrait, length), (length, length))
    image.paste(head(portrait, length), (5 * length, 2 * length))
    image.paste(head(portrait, length), (10 * length, 3 * length))
    found = find_faces(image)
    assert [round(face.frame[0] / length) for face in found] == [2, 6, 11]
    assert all(0.7 < face.frame[2] / length < 1.3 for face in found)


@pytest.mark.parametrize("turn", [-45, 0, 45, *slow_cases(-30, -15, 15, 30)])
def test_turned_faces_are_leveled(portrait: Image.Image, turn: int) -> None:
    image = Image.new("RGB", (700, 600), GRAY)
    image.paste(head(portrait, 150, turn), (200, 100))
    (face,) = find_faces(image)
    assert abs(face.tilt - turn) < 9
    (again,) = find_faces(face.crop(image, margin=1.8))
    assert abs(again.tilt) < 9


@pytest.mark.slow
def test_face_that_fills_a_large_picture(portrait: Image.Image) -> None:
    image = head(portrait, 1500).crop((750, 700, 2250, 2300)).resize((6000, 6400))
    (face,) = find_faces(image)
    assert face.frame[2] > 4500
    assert face.box[2] <= 6000 and face.box[3] <= 6400


def test_face_at_the_edge_is_clipped_and_its_crop_is_whole(portrait: Image.Image) -> None:
    (face,) = find_faces(portrait)
    image = portrait.crop((0, int(face.box[1] + 0.15 * face.frame[2]), 548, 352))
    (face,) = find_faces(image)
    assert face.box[1] == 0 or face.box[1] < 20
    crop = face.crop(image, margin=1.4)
    assert crop.width == crop.height and abs(crop.width - 1.4 * face.frame[2]) < 1
    top, below = np.asarray(crop, float)[[0, 5]]
    assert np.abs(top - below).mean() < 4  # the edge, repeated


@pytest.mark.parametrize("size", [(16, 16), (30, 1200), *slow_cases((640, 480), (1500, 1000))])
def test_no_face_in_noise(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(size[0])
    noise = Image.fromarray(rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8))
    assert find_faces(noise) == []


@pytest.mark.slow
def test_no_face_in_plain_and_patterned_pictures() -> None:
    y, x = np.mgrid[:480, :640]
    patterns = [x * 0, x * 0 + 255, x / 640 * 255, ((x // 20 + y // 20) % 2) * 255]
    patterns += [127 + 120 * np.sin(x / 17) * np.sin(y / 23)]
    patterns += [(np.hypot(x % 60 - 30, y % 60 - 30) < 15) * 255]
    for pattern in patterns:
        assert find_faces(open_image(pattern.astype(np.uint8))) == []


def test_crop_puts_eyes_and_mouth_where_training_pictures_have_them() -> None:
    eyes = []
    mouths = []
    apart = []
    for index in range(0, 10, 2):
        image = selfie(index)
        (face,) = find_faces(image)
        x, y, length = face.frame
        points = (np.array(face.landmarks) - (x, y)) / (length * CROP_MARGIN) + 0.5
        eyes.append(points[:2, 1].mean())
        mouths.append(points[3:, 1].mean())
        apart.append(points[1, 0] - points[0, 0])
    assert np.mean(eyes) == pytest.approx(0.38, abs=0.04)
    assert np.mean(mouths) == pytest.approx(0.77, abs=0.04)
    assert np.mean(apart) == pytest.approx(0.36, abs=0.05)


def test_crop_is_square_exact_and_antialiased() -> None:
    stripes = np.zeros((400, 400, 3), np.uint8)
    stripes[:, ::2] = 255
    level = ((150.0, 190.0), (250.0, 190.0), (200.0, 210.0), (160.0, 240.0), (240.0, 240.0))
    face = Face((100, 100, 300, 300), level, 1.0, (200.0, 200.0, 200.0))
    crop = face.crop(Image.fromarray(stripes), margin=1.0)
    assert np.array_equal(np.asarray(crop), stripes[100:300, 100:300])
    small = np.asarray(face.crop(Image.fromarray(stripes), margin=1.0, size=25), float)
    assert small.shape == (25, 25, 3) and np.abs(small - 127.5).max() < 8
    outside = replace(face, frame=(-900.0, -900.0, 50.0))
    assert outside.crop(Image.fromarray(stripes)).size == (46, 46)


def test_whole_picture_is_cropped_unchanged() -> None:
    image = open_image(np.arange(48 * 40, dtype=np.uint8).reshape(48, 40))
    face = whole_picture(image)
    assert face.box == (0, 0, 40, 48) and face.score == 1.0 and face.tilt == 0
    assert face.crop(image).tobytes() == image.tobytes()


@pytest.mark.slow
def test_threads_find_the_same() -> None:
    images = [selfie(index, 600) for index in (0, 1, 2, 4)]
    alone = [find_faces(image) for image in images]
    together = {}

    def work(index: int) -> None:
        together[index] = find_faces(images[index])

    threads = [threading.Thread(target=work, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[index] for index in range(4)] == alone


def test_missing_model_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(faces, "MODELS", tmp_path)
    monkeypatch.setattr(faces, "_local", threading.local())
    with pytest.raises(FaceError, match="^face_detection_yunet_2023mar.onnx is missing .*\\.$"):
        find_faces(Image.new("RGB", (100, 100)))


def test_nothing_is_printed() -> None:
    code = (
        "from PIL import Image; from emolib.faces import *; find_faces(Image.new('RGB', (99, 99)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
