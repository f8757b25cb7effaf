"""A group photo shows every portrait once, where it says, in several sizes."""

import numpy as np
import pytest
from PIL import Image

from emolib import data, faces
from emolib.course import compose

COLORS = ["red", "lime", "blue", "yellow", "cyan", "magenta", "white", "black", "navy", "teal"]


def plain(n):
    return [Image.new("RGB", (60, 40), COLORS[i]) for i in range(n)]


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 7, 10])
def test_each_picture_hangs_where_its_box_says(n):
    pictures = plain(n)
    board, boxes = compose.group_photo(pictures, width=600, seed=n)
    assert board.mode == "RGB" and board.width == 600 and len(boxes) == n
    for picture, (left, top, right, bottom) in zip(pictures, boxes, strict=True):
        assert 0 <= left < right <= board.width and 0 <= top < bottom <= board.height
        middle = board.getpixel(((left + right) // 2, (top + bottom) // 2))
        assert middle == picture.getpixel((0, 0))


def test_boxes_keep_apart_and_sizes_differ():
    _, boxes = compose.group_photo(plain(10), width=800)
    assert len({right - left for left, _, right, _ in boxes}) >= 2
    for i, (left, top, right, bottom) in enumerate(boxes):
        for x, y, x2, y2 in boxes[i + 1 :]:
            assert right <= x or x2 <= left or bottom <= y or y2 <= top


def test_every_number_of_pictures_finds_its_rows():
    for n in range(1, 100):
        rows = compose._rows(n)
        assert sum(rows) == n and rows == sorted(set(rows))


def test_the_seed_decides_the_tilts():
    boards = [compose.group_photo(plain(3), width=300, seed=seed)[0] for seed in (0, 0, 1)]
    same, other = (np.asarray(board) for board in boards[1:])
    assert (np.asarray(boards[0]) == same).all() and (same != other).any()


def test_all_faces_are_found_in_their_boxes():
    happy = [portrait.image for portrait in data.portraits() if portrait.expression == "happy"]
    board, boxes = compose.group_photo(happy, width=800)
    found = faces.find_faces(board)
    assert len(found) == len(boxes) == 10
    assert sorted(compose.place_of(face.box, boxes) for face in found) == list(range(10))


def test_a_box_lies_where_its_middle_is():
    places = [(0, 0, 10, 10), (20, 0, 30, 10)]
    assert compose.place_of((18, 0, 30, 8), places) == 1
    assert compose.place_of((0, 0, 30, 8), places) is None


@pytest.mark.parametrize(("n", "width"), [(0, 800), (2, 100), (60, 200)])
def test_what_cannot_be_composed_is_refused(n, width):
    with pytest.raises(compose.ComposeError, match=r"^\d+ pictures do not fit .*\.$"):
        compose.group_photo([Image.new("RGB", (9, 9))] * n, width=width)
