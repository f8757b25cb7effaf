"""Photographs in notebooks: shown small and as JPEG, so that a notebook's file stays small.

For notebook 05.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from .style import BLUE, ORANGE

if TYPE_CHECKING:
    from ..faces import Face

GAP = 12  # pixels between pictures side by side


class Shown:
    """A picture that a notebook shows when a cell ends with it.

    Attributes:
        image: The RGB picture that is shown.
    """

    def __init__(self, image: Image.Image):
        """Wrap an RGB picture; use `photo` instead."""
        self.image = image

    def __repr__(self) -> str:
        """Return its size in words, for pages without pictures."""
        return f"picture of {self.image.width} x {self.image.height} pixels"

    def _repr_jpeg_(self) -> bytes:
        file = BytesIO()
        self.image.save(file, "JPEG", quality=82, optimize=True)
        return file.getvalue()


def photo(*images: Image.Image, width: int = 640) -> Shown:
    """One picture, or several side by side at one height, `width` pixels wide in all.

    Small pictures are enlarged with their pixels in sight, large ones shrunk.

    Args:
        images: PIL pictures, at least one.
        width: Of the whole in pixels.
    """
    room = width - GAP * (len(images) - 1)
    height = max(1, round(room / sum(image.width / image.height for image in images)))
    row = Image.new("RGB", (width, height), "white")
    left = 0
    for image in images:
        size = max(1, round(image.width * height / image.height)), height
        larger = size[0] > 2 * image.width
        how = Image.Resampling.NEAREST if larger else Image.Resampling.LANCZOS
        row.paste(image.convert("RGB").resize(size, how), (left, 0))
        left += size[0] + GAP
    return Shown(row)


def found_faces(image: Image.Image, faces: Sequence[Face]) -> Image.Image:
    """A copy of a picture with each face's box, and its five landmarks as dots.

    Args:
        image: The whole picture, as `emolib.open_image` gives it.
        faces: What `emolib.find_faces` found in it.

    Returns:
        An RGB picture of the same size.
    """
    image = image.convert("RGB")
    draw = ImageDraw.Draw(image)
    for face in faces:
        left, top, right, bottom = face.box
        side = max(right - left, bottom - top)
        draw.rectangle(face.box, outline=BLUE, width=max(2, side // 50))
        dot = max(1, side / 40)
        for x, y in face.landmarks or ():
            draw.ellipse((x - dot, y - dot, x + dot, y + dot), fill=ORANGE, outline="black")
    return image
