"""Draw a box and a label around every face in a classified photo."""

from __future__ import annotations

import importlib.util
import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ..faces import Box
from ..files import new_file
from ..plots.style import class_colors
from .output import answer

if TYPE_CHECKING:
    from .photo import Photo, Prediction

NOT_SURE = "#B0B0B0"
SMALLEST = 6  # pixels: smaller letters cannot be read


def annotate_image(
    image: Image.Image, faces: Sequence[Prediction], class_names: Sequence[str] | None = None
) -> Image.Image:
    """Draw a box and a label for every face on a copy of a photo.

    Several faces are numbered from 1, as in lists and tables.

    Args:
        image: RGB, any size.
        faces: Predictions, or anything with `box`, `label`, `probability` and `sure`.
        class_names: All names in order, so that a class has the same color in every photo; without
            them, the labels in `faces`, sorted.

    Returns:
        An RGB picture of the same size.
    """
    image = image.convert("RGB")
    names = sorted({face.label for face in faces}) if class_names is None else list(class_names)
    draw = ImageDraw.Draw(image)
    short = min(image.size)
    boxes = [_visible_part(face.box, image.size) for face in faces]
    size = _font_size(boxes, short)
    for face, box in zip(faces, boxes, strict=True):
        draw.rectangle(box, outline=face_color(face, names), width=max(2, round(short / 250)))
    # labels last, so that no box crosses one
    for number, (face, box) in enumerate(zip(faces, boxes, strict=True), 1):
        words = answer(face.label, face.probability, face.sure)
        if len(faces) > 1:
            words = f"{number} {words}"
        _draw_label(draw, words, box, face_color(face, names), size)
    return image


def annotate_photo(image: Image.Image, photo: Photo) -> Image.Image:
    """Draw a box and a label for every face in a classified photo.

    Args:
        image: The upright photo, whole or reduced.
        photo: Its answers.

    Returns:
        An RGB picture as large as `image`.
    """
    zoom = image.width / photo.width
    faces = [replace(face, box=_scaled(face.box, zoom)) for face in photo.faces]
    return annotate_image(image, faces, list(faces[0].probabilities) if faces else None)


def face_color(face: Prediction, class_names: Sequence[str]) -> str:
    """Return the color of an answer, "#rrggbb": one per class; gray if it is not sure."""
    return class_colors(class_names)[face.label] if face.sure else NOT_SURE


def save_annotated(photos: Iterable[Photo], folder: Path) -> Iterator[Photo]:
    """Write an annotated copy of each classified photo, and overwrite nothing.

    Args:
        photos: Answers for files, as `Classifier.predict_many` yields them.
        folder: Where the JPEG files go; made if missing.

    Yields:
        Each photo, once its copy is written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for photo in photos:
        if not photo.error:
            _save_as_new(photo.annotated(), folder, Path(photo.file).stem)
        yield photo


def _save_as_new(image: Image.Image, folder: Path, stem: str) -> None:
    """Save a JPEG under the first free name: stem.jpg, stem_2.jpg, ..."""
    target = folder / f"{stem}.jpg"
    numbers = itertools.count(2)
    while os.path.lexists(target):
        target = folder / f"{stem}_{next(numbers)}.jpg"
    with new_file(target) as part:
        image.save(part, "JPEG", quality=92)


def _scaled(box: Box, zoom: float) -> Box:
    left, top, right, bottom = (round(zoom * side) for side in box)
    return left, top, right, bottom


def _visible_part(box: Sequence[float], size: tuple[int, int]) -> Box:
    """Return the part of a box that the picture shows, in whole pixels."""
    left, right = (round(min(max(x, 0), size[0] - 1)) for x in (box[0], box[2]))
    top, bottom = (round(min(max(y, 0), size[1] - 1)) for y in (box[1], box[3]))
    return left, top, max(left, right), max(top, bottom)


def _font_size(boxes: Sequence[Box], short: int) -> int:
    """Fit the letters to the usual width of the faces, readable on the whole picture."""
    usual = float(np.median([right - left for left, _, right, _ in boxes])) if boxes else 0.0
    return max(12, round(min(max(usual / 7, short / 50), short / 22)))


def _draw_label(draw: ImageDraw.ImageDraw, text: str, box: Box, color: str, size: int) -> Box:
    """Write text on a filled strip above a box, inside the picture; return the strip."""
    width, height = draw.im.size
    while size > SMALLEST and _strip_size(draw, text, size)[0] > width:
        size -= 1
    if _strip_size(draw, text, size)[0] > width:
        text = text.replace(" (", "\n(")  # only pictures as small as a face crop need it
    wide, high = _strip_size(draw, text, size)
    left = max(0, min(box[0], width - wide))
    top = box[1] - high
    if top < 0:
        top = max(0, min(box[3], height - high))
    strip = (left, top, left + wide - 1, top + high - 1)
    draw.rectangle(strip, fill=color)
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    ink = "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 120 else "white"
    middle = (left + wide / 2, top + high / 2)
    draw.multiline_text(middle, text, fill=ink, font=_font(size), anchor="mm", align="center")
    return strip


def _strip_size(draw: ImageDraw.ImageDraw, text: str, size: int) -> tuple[int, int]:
    """Return width and height of a text with a little room around it, in pixels."""
    left, top, right, bottom = draw.multiline_textbbox((0, 0), text, font=_font(size))
    return round(right - left) + size // 2, round(bottom - top) + size // 2


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    # matplotlib's font has far more characters than Pillow's; found without importing matplotlib
    found = importlib.util.find_spec("matplotlib")
    folder = Path(found.origin or "").parent if found else Path()
    path = folder / "mpl-data/fonts/ttf/DejaVuSans.ttf"
    return ImageFont.truetype(path, size) if path.is_file() else ImageFont.load_default(size)
