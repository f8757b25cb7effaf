"""Photographs for notebook 05, shown small and as JPEG so that the notebook's file stays small."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from .style import GREEN, YELLOW

if TYPE_CHECKING:
    from ..faces import Face

GAP = 12  # pixels between pictures side by side


class Shown:
    """A picture that a notebook shows when it ends a cell.

    Attributes:
        image: The RGB picture that is shown.
    """

    def __init__(self, image: Image.Image) -> None:
        """Wrap an RGB picture; use `photo` instead."""
        self.image = image

    def __repr__(self) -> str:
        """Return its size, for pages without pictures."""
        return f"picture of {self.image.width} x {self.image.height} pixels"

    def _repr_jpeg_(self) -> bytes:
        file = BytesIO()
        self.image.save(file, "JPEG", quality=82, optimize=True)
        return file.getvalue()


def photo(*images: Image.Image, width: int = 640) -> Shown:
    """Return one picture, or several side by side at the same height.

    Small pictures are enlarged so that their pixels can be seen; large ones are shrunk.

    Args:
        images: PIL pictures, at least one.
        width: Of all pictures together, in pixels.
    """
    room = width - GAP * (len(images) - 1)
    height = max(1, round(room / sum(image.width / image.height for image in images)))
    row = Image.new("RGB", (width, height), "white")
    left = 0
    for image in images:
        shown_width = max(1, round(image.width * height / image.height))
        larger = shown_width > 2 * image.width
        how = Image.Resampling.NEAREST if larger else Image.Resampling.LANCZOS
        row.paste(image.convert("RGB").resize((shown_width, height), how), (left, 0))
        left += shown_width + GAP
    return Shown(row)


def found_faces(image: Image.Image, faces: Sequence[Face]) -> Image.Image:
    """Return a copy of a picture with each face's box in green and its landmarks in yellow.

    Args:
        image: The whole picture, as `emolib.open_image` returns it.
        faces: What `emolib.find_faces` found in it.

    Returns:
        An RGB picture of the same size.
    """
    image = image.convert("RGB")
    draw = ImageDraw.Draw(image)
    for face in faces:
        left, top, right, bottom = face.box
        side = max(right - left, bottom - top)
        draw.rectangle(face.box, outline=GREEN, width=max(3, side // 40))
        dot = max(1, side / 35)
        for x, y in face.landmarks or ():
            draw.ellipse((x - dot, y - dot, x + dot, y + dot), fill=YELLOW, outline="black")
    return image
