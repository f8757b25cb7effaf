"""A group photo made from portraits: snapshots of many sizes pinned on one board.

Nobody had to be asked for it, and what each face shows is known, so that right answers can be
counted. Notebook 05 answers it.
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
    """There is nothing to make a group photo of; the message says why."""


def group_photo(
    pictures: Sequence[Image.Image], width: int = 1000, tilt: float = 7.0, seed: int = 0
) -> tuple[Image.Image, list[Box]]:
    """Pin pictures on one board, row by row: few large ones above, many small ones below.

    Args:
        pictures: The middle square of each is shown; at least one.
        width: Of the board in pixels, at least 200.
        tilt: Most degrees by which a snapshot hangs askew, to either side.
        seed: Seed of the tilts.

    Returns:
        An RGB picture, and for each picture, in the order given, the (left, top, right, bottom)
        in pixels of the upright square where it hangs.

    Raises:
        ComposeError: No pictures, or too narrow a board for them.
    """
    rows = _rows(len(pictures))
    if not rows or width < 200 or width / rows[-1] < 40:
        raise ComposeError(
            f"{len(pictures)} pictures do not make a group photo {width} pixels wide: "
            "give at least one picture, and a wider board for many."
        )
    sides = [width // row for row in rows]
    board = Image.new("RGB", (width, sum(sides)), BOARD)
    tilts = iter(np.random.default_rng(seed).uniform(-tilt, tilt, len(pictures)))
    boxes, top, left_over = [], 0, list(pictures)
    for row, side in zip(rows, sides, strict=True):
        for i in range(row):
            snapshot = _snapshot(left_over.pop(0), round(0.84 * side))
            boxes.append(_pin(board, snapshot, (i * side, top), side, float(next(tilts))))
        top += side
    return board, boxes


def place_of(box: Sequence[float], places: Sequence[Box]) -> int | None:
    """Say at which place on the board a face lies.

    Args:
        box: (left, top, right, bottom) in pixels of the board, such as a `Prediction`'s.
        places: From `group_photo`.

    Returns:
        The index of the place that holds the middle of the box; None where there is none.
    """
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    for i, (left, top, right, bottom) in enumerate(places):
        if left <= x <= right and top <= y <= bottom:
            return i
    return None


def _rows(n: int) -> list[int]:
    """How many of n pictures hang in each row; every row has at least one more than the last."""
    rows: list[int] = []
    while n:
        row = rows[-1] + 1 if rows else min(n, 2 if n < 9 else 3)
        row = n if n < 2 * row + 1 else row
        rows.append(row)
        n -= row
    return rows


def _snapshot(picture: Image.Image, side: int) -> Image.Image:
    """The middle square of a picture on white paper, `side` pixels wide, with a clear rim."""
    picture = picture.convert("RGB")
    short, edge = min(picture.size), max(2, round(0.035 * side))
    left, top = (picture.width - short) // 2, (picture.height - short) // 2
    square = picture.crop((left, top, left + short, top + short))
    inner = side - 2 * edge
    square = square.resize((inner, inner), Image.Resampling.LANCZOS)
    sheet = Image.new("RGBA", (side + 4, side + 4), (*PAPER, 0))
    ImageDraw.Draw(sheet).rectangle((2, 2, side + 1, side + 1), fill=(*PAPER, 255))
    sheet.paste(square, (2 + edge, 2 + edge))
    return sheet


def _pin(
    board: Image.Image, snapshot: Image.Image, corner: tuple[int, int], side: int, tilt: float
) -> Box:
    """Hang a snapshot askew in the middle of its square of the board, over its own shadow."""
    turned = snapshot.rotate(tilt, Image.Resampling.BICUBIC, expand=True)
    x = corner[0] + (side - turned.width) // 2
    y = corner[1] + (side - turned.height) // 2
    blur = max(1, side // 60)
    outline = Image.new("L", board.size)
    outline.paste(turned.getchannel("A").point(lambda a: a * 0.45), (x + blur, y + 2 * blur))
    shadow = outline.filter(ImageFilter.GaussianBlur(blur))
    board.paste((40, 32, 22), mask=shadow)
    board.paste(turned, (x, y), turned)
    left, top = corner[0] + (side - snapshot.width) // 2, corner[1] + (side - snapshot.height) // 2
    return left, top, left + snapshot.width, top + snapshot.height
