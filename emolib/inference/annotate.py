"""A box and a label are drawn for every face of an answered photo."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ..images import open_image
from ..plots.style import PALETTE
from .output import answer

if TYPE_CHECKING:
    from .classifier import Photo


NOT_SURE = "#B0B0B0"
READABLE, SMALLEST = 7, 6  # pixels: letters that one can read, letters that may be guessed


def annotate_image(
    image: Image.Image, faces: Sequence, class_names: Sequence[str] | None = None
) -> Image.Image:
    """A copy of a photo with a box and a label for every face.

    Args:
        image: RGB; any size.
        faces: things with `box` (left, top, right, bottom in pixels), `label`, `probability` (0-1)
            and `sure`.
        class_names: all names in order, so that a class has the same colour in every photo; without
            them, the labels in `faces`, sorted.
    """
    image = image.convert("RGB")
    names = sorted({face.label for face in faces}) if class_names is None else list(class_names)
    draw, short = ImageDraw.Draw(image), min(image.size)
    boxes = [_inside(face.box, image.size) for face in faces]
    line = max(2, round(short / 250))
    size = _font_size(boxes, short)
    colors = []
    for face, box in zip(faces, boxes, strict=True):
        color = face_color(face, names)
        colors.append(color)
        draw.rectangle(box, outline=color, width=line)
    taken: list[tuple] = []
    for face, box, color in zip(faces, boxes, colors, strict=True):
        taken.append(
            _draw_label(
                draw,
                answer(face.label, face.probability, face.sure),
                box,
                color,
                size,
                taken,
                boxes,
            )
        )
    return image


def save_annotated(photos: Iterable[Photo], folder: Path, names: list[str]) -> Iterator[Photo]:
    """Write a copy of each answered photo with boxes and labels; overwrite nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    for photo in photos:
        if not photo.error:
            stem, number = Path(photo.file).stem, 1
            target = folder / f"{stem}.jpg"
            while target.exists():
                number += 1
                target = folder / f"{stem}_{number}.jpg"
            annotate_image(open_image(photo.file), photo.faces, names).save(target, quality=92)
        yield photo


def face_color(face, class_names: Sequence[str]) -> str:
    """The colour of an answer, "#rrggbb": its class has the same in every photo; gray: not sure."""
    return PALETTE[class_names.index(face.label) % len(PALETTE)] if face.sure else NOT_SURE


def _inside(box: Sequence[float], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """The part of a box (left, top, right, bottom) that the picture shows, in whole pixels."""
    left, right = (round(min(max(x, 0), size[0] - 1)) for x in (box[0], box[2]))
    top, bottom = (round(min(max(y, 0), size[1] - 1)) for y in (box[1], box[3]))
    return left, top, max(left, right), max(top, bottom)


def _font_size(boxes: list[tuple], short: int) -> int:
    """Letters that fit the faces' usual width, but stay readable on the whole picture."""
    usual = np.median([right - left for left, _, right, _ in boxes]) if boxes else 0
    return max(12, round(min(max(usual / 7, short / 50), short / 22)))


def _draw_label(draw, text, box, color, size, taken, boxes) -> tuple[float, float, float, float]:
    """Write text on a filled strip near a box, where it hides least; give the strip's place."""
    size, lines = _fitted(text, size, draw.im.size)
    w, h = _strip(lines, size)
    x, y = _place((w, h), box, draw.im.size, taken, [other for other in boxes if other != box])
    draw.rectangle((x, y, x + w - 1, y + h - 1), fill=color)
    r, g, b = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    ink = "black" if 0.299 * r + 0.587 * g + 0.114 * b > 120 else "white"
    font, pad = _font(size), size // 4
    for i, line in enumerate(lines):
        draw.text((x + pad, y + pad / 2 + i * sum(font.getmetrics())), line, fill=ink, font=font)
    return x, y, x + w, y + h


def _fitted(text: str, size: int, picture: tuple[int, int]) -> tuple[int, tuple[str, ...]]:
    """The size of the letters, and the lines, with which a text fits even into a small picture.

    Letters shrink first. Where they would get too small to read, the text takes more lines.
    """
    broken = (wrap(text, n, break_long_words=False) for n in range(len(text), 0, -1))
    layouts = dict.fromkeys(map(tuple, broken))
    sized = [(s, lines) for lines in layouts if (s := _largest(lines, size, picture))]
    if not sized:  # what leaves the picture is cut
        return SMALLEST, max(layouts, key=len)
    # readable letters in few lines hide less of the face than large ones in many
    return max(sized, key=lambda it: (min(it[0], READABLE), -len(it[1]), it[0]))


def _largest(lines: Sequence[str], size: int, picture: tuple[int, int]) -> int:
    """The largest letters, up to a size, with which lines fit and do not hide all; else 0."""
    for smaller in range(size, SMALLEST - 1, -1):
        w, h = _strip(lines, smaller)
        if w <= picture[0] and h <= 0.6 * picture[1]:
            return smaller
    return 0


def _strip(lines: Sequence[str], size: int) -> tuple[float, float]:
    """Width and height of some lines of text with a little air around them."""
    font, pad = _font(size), size // 4
    wide = max(font.getlength(line) for line in lines)
    return wide + 2 * pad, len(lines) * sum(font.getmetrics()) + pad


def _place(strip, box, picture, taken, others) -> tuple[float, float]:
    """The left upper corner of a strip (width, height) near a box, where it hides least."""
    (w, h), (left, top, right, bottom) = strip, box
    places = [(x, y) for y in (top - h, bottom, top, bottom - h) for x in (left, right - w)]
    places = [(max(0, min(x, picture[0] - w)), max(0, min(y, picture[1] - h))) for x, y in places]

    def hidden(place: tuple[float, float]) -> float:
        strip = (*place, place[0] + w, place[1] + h)
        # hiding another label is worst, then another face, then this one
        weights = ((10, taken), (2, others), (1, [box]))
        return sum(weight * _overlap(strip, o) for weight, them in weights for o in them)

    return min(places, key=hidden)


def _overlap(a: Sequence[float], b: Sequence[float]) -> float:
    """The area that two boxes share."""
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return max(0, wide) * max(0, high)


@cache
def _font(size: int):
    # matplotlib's own font knows far more letters than Pillow's; found without importing matplotlib
    found = importlib.util.find_spec("matplotlib")
    path = Path(found.origin if found else "").parent / "mpl-data/fonts/ttf/DejaVuSans.ttf"
    return ImageFont.truetype(path, size) if path.is_file() else ImageFont.load_default(size)
