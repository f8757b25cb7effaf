"""A group photo made from portraits: snapshots of many sizes, pinned to one board.

Nobody has to be asked for permission, and the expression of each face is known, so that right
answers can be counted. Notebook 05 uses it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from ..errors import EmolibError

BOARD = (196, 178, 150)
PAPER = (250, 249, 245)
Box = tuple[int, int, int, int]


class ComposeError(EmolibError):
    """A group photo cannot be made; the message says why."""


def group_photo(
    pictures: Sequence[Image.Image], width: int = 1000, tilt: float = 7.0, seed: int = 0
) -> tuple[Image.Image, list[Box]]:
    """Pin pictures to one board, row by row: few large ones above, many small ones below.

    Args:
        pictures: At least one picture; the middle square of each is shown.
        width: The width of the board in pixels, at least 200.
        tilt: The largest tilt of a snapshot to either side, in degrees.
        seed: The seed of the tilts.

    Returns:
        An RGB picture, and for each given picture, in order, the (left, top, right, bottom) of its
        upright square on the board, in pixels.

    Raises:
        ComposeError: There are no pictures, or the board is too narrow for them.
    """
    rows = _rows(len(pictures))
    if not rows or width < 200 or width / rows[-1] < 40:
        raise ComposeError(
            f"{len(pictures)} pictures do not fit a group photo {width} pixels wide: give at least "
            "one picture, or a wider board."
        )
    sides = [width // row for row in rows]
    board = Image.new("RGB", (width, sum(sides)), BOARD)
    tilts = np.random.default_rng(seed).uniform(-tilt, tilt, len(pictures))
    boxes: list[Box] = []
    top = 0
    for row, side in zip(rows, sides, strict=True):
        for i in range(row):
            n = len(boxes)
            snapshot = _snapshot(pictures[n], round(0.84 * side))
            boxes.append(_pin(board, snapshot, (i * side, top), side, float(tilts[n])))
        top += side
    return board, boxes


def place_of(box: Sequence[float], places: Sequence[Box]) -> int | None:
    """Return which place on the board a face is in.

    Args:
        box: (left, top, right, bottom) in pixels of the board, such as the box of a `Prediction`.
        places: The boxes from `group_photo`.

    Returns:
        The index of the place that contains the middle of the box, or None if there is none.
    """
    x = (box[0] + box[2]) / 2
    y = (box[1] + box[3]) / 2
    for i, (left, top, right, bottom) in enumerate(places):
        if left <= x <= right and top <= y <= bottom:
            return i
    return None


def _rows(n: int) -> list[int]:
    """Return the number of pictures in each row; every row has more than the row above it."""
    rows: list[int] = []
    while n:
        row = rows[-1] + 1 if rows else min(n, 2 if n < 9 else 3)
        row = n if n < 2 * row + 1 else row
        rows.append(row)
        n -= row
    return rows


def _snapshot(picture: Image.Image, side: int) -> Image.Image:
    """Return the middle square of a picture on white paper with a transparent rim.

    Args:
        picture: Any picture.
        side: The side of the paper in pixels; the rim adds 2 pixels on each side.
    """
    short = min(picture.size)
    left = (picture.width - short) // 2
    top = (picture.height - short) // 2
    square = picture.convert("RGB").crop((left, top, left + short, top + short))
    edge = max(2, round(0.035 * side))
    inner = side - 2 * edge
    square = square.resize((inner, inner), Image.Resampling.LANCZOS)
    sheet = Image.new("RGBA", (side + 4, side + 4), (*PAPER, 0))
    ImageDraw.Draw(sheet).rectangle((2, 2, side + 1, side + 1), fill=(*PAPER, 255))
    sheet.paste(square, (2 + edge, 2 + edge))
    return sheet


def _pin(
    board: Image.Image, snapshot: Image.Image, corner: tuple[int, int], side: int, tilt: float
) -> Box:
    """Pin a tilted snapshot with its shadow to the middle of its square of the board."""
    turned = snapshot.rotate(tilt, Image.Resampling.BICUBIC, expand=True)
    x = corner[0] + (side - turned.width) // 2
    y = corner[1] + (side - turned.height) // 2
    blur = max(1, side // 60)
    outline = Image.new("L", board.size)
    outline.paste(turned.getchannel("A").point(lambda a: a * 0.45), (x + blur, y + 2 * blur))
    shadow = outline.filter(ImageFilter.GaussianBlur(blur))
    board.paste((40, 32, 22), mask=shadow)
    board.paste(turned, (x, y), turned)
    left = corner[0] + (side - snapshot.width) // 2
    top = corner[1] + (side - snapshot.height) // 2
    return left, top, left + snapshot.width, top + snapshot.height
