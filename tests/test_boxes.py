"""Boxes and labels stand where they should, in any photo."""

import sys
from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image, ImageChops

from emolib.inference import Photo, Prediction
from emolib.inference import annotate as boxes
from emolib.plots import style


@dataclass
class Face:
    box: tuple
    label: str = "happy"
    probability: float = 0.97
    sure: bool = True


def changed(before, after):
    """Left, top, right, bottom of what differs."""
    return ImageChops.difference(before, after).getbbox()


def share_of(image, color):
    rgb = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    return (np.asarray(image) == rgb).all(axis=-1).mean()


def test_annotate_draws_on_a_copy():
    photo = Image.new("RGB", (400, 300), "#123456")
    answered = boxes.annotate_image(photo, [Face((100, 100, 200, 220))])
    assert photo.getcolors() == [(120_000, (0x12, 0x34, 0x56))]
    assert answered.size == photo.size and answered.mode == "RGB"
    orange = tuple(int(style.ORANGE[i : i + 2], 16) for i in (1, 3, 5))
    for corner in [(100, 100), (200, 100), (100, 220), (200, 220)]:
        assert answered.getpixel(corner) == orange
    # nothing inside the face is hidden
    inside = (104, 104, 196, 216)
    assert changed(photo.crop(inside), answered.crop(inside)) is None
    # the label stands above, from the box's left side
    left, top, right, bottom = changed(photo, answered)
    assert left == 100 and 60 < top < 90 and bottom == 221
    assert boxes.annotate_image(photo, []).tobytes() == photo.tobytes()


def test_annotate_colors_follow_the_class_order_and_gray_means_unsure():
    photo = Image.new("RGB", (400, 300), "white")
    names = ["happy", "sad"]
    for label, sure, color in [
        ("happy", True, style.PALETTE[0]),
        ("sad", True, style.PALETTE[1]),
        ("sad", False, boxes.NOT_SURE),
    ]:
        face = Face((100, 100, 200, 220), label, 0.6, sure)
        answered = boxes.annotate_image(photo, [face], names)
        assert share_of(answered, color) > 0.01
        others = {*style.PALETTE, boxes.NOT_SURE} - {color}
        assert not any(share_of(answered, other) for other in others)


def labels_of(monkeypatch, photo, faces):
    """Where annotate_image puts each label."""
    found = []
    draw = boxes._draw_label
    with monkeypatch.context() as patch:
        patch.setattr(boxes, "_draw_label", lambda *args: found.append(draw(*args)) or found[-1])
        boxes.annotate_image(photo, faces)
    return found


def test_labels_are_above_their_boxes_and_inside_the_picture(monkeypatch):
    photo = Image.new("RGB", (1600, 1000))
    corners = [(x, y) for x in (-30, 740, 1510) for y in (-30, 440, 900)]
    faces = [Face((x, y, x + 120, y + 150), sure=x > 0) for x, y in corners]
    found = labels_of(monkeypatch, photo, faces)
    assert len(found) == len(faces)
    for (x, y), (left, top, right, bottom) in zip(corners, found, strict=True):
        assert 0 <= left < right < 1600 and 0 <= top < bottom < 1000
        if y > 0:
            assert y - 3 < bottom < y
        else:
            assert top == y + 150, "without room above, the label goes below"
        assert x == 1510 or left == max(0, x)


@pytest.mark.parametrize("size", [(16, 16), (48, 48), (3000, 40), (4000, 3000)])
def test_annotate_takes_any_size_and_any_box(size):
    photo = Image.new("RGB", size)
    places = [(-50, -50, 9999, 9999), (5, 5, 5, 5), (9000, 9000, 9100, 9100), (1.5, 2.5, 9.9, 8.1)]
    answered = boxes.annotate_image(photo, [Face(box, sure=False) for box in places])
    assert answered.size == size and changed(photo, answered)


CLASSES = ["happy", "sad", "surprise", "contempt", "very happy"]


@pytest.mark.parametrize("side", [*range(48, 121, 12), 200])
def test_labels_fit_into_small_pictures(monkeypatch, side):
    photo = Image.new("RGB", (side, side))
    for label in CLASSES:
        for face in (Face((2, 2, side - 2, side - 2), label, 0.9, sure) for sure in (True, False)):
            [(left, top, right, bottom)] = labels_of(monkeypatch, photo, [face])
            assert 0 <= top < bottom < side
            assert 0 <= left < right < max(side, 80), "the longest words are cut below 80 pixels"
            assert bottom - top <= 0.6 * side


def test_an_answered_photo_is_annotated_at_any_size():
    face = Prediction("sad", 0.9, {"happy": 0.1, "sad": 0.9}, True, (100, 100, 200, 220), 0.9)
    photo = Photo("", 400, 300, (face,))
    blue = tuple(int(style.BLUE[i : i + 2], 16) for i in (1, 3, 5))
    whole = photo.annotated(Image.new("RGB", (400, 300)))
    half = photo.annotated(Image.new("RGB", (200, 150)))
    assert whole.size == (400, 300) and whole.getpixel((200, 220)) == blue
    assert half.size == (200, 150) and half.getpixel((100, 110)) == blue


@pytest.mark.filterwarnings("error")
def test_letters_that_the_font_lacks_are_no_reason_to_warn(capfd):
    for name in ("幸せ", "悲伤", "행복", "👩‍👩‍👧"):
        boxes.annotate_image(Image.new("RGB", (90, 90)), [Face((9, 9, 80, 80), name)])
    assert capfd.readouterr() == ("", "")


def test_letters_grow_with_the_picture():
    sizes = [boxes._font_size([(0, 0, s // 3, s // 3)], s) for s in (100, 1000, 4000)]
    assert sizes[0] == 12 and sizes[0] < sizes[1] < sizes[2]


def test_class_names_need_not_be_english():
    photo = Image.new("RGB", (400, 200), "white")
    drawn = {
        boxes.annotate_image(photo, [Face((100, 100, 300, 180), name)]).tobytes()
        for name in ("ää", "öö", "жж", "ωω", "😢😢")
    }
    # letters the font lacks would all give the same empty boxes
    assert len(drawn) == 5


def test_annotate_needs_no_matplotlib(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    boxes._font.cache_clear()
    boxes.annotate_image(Image.new("RGB", (100, 100)), [Face((20, 20, 80, 80))])
    assert not any(name.split(".")[0] == "matplotlib" for name in sys.modules)
