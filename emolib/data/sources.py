"""Portraits and selfies of people who do not exist, from the package `openpeople`."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from ..images import open_image
from .dataset import DataError

# the captions of a sheet of portraits, row by row
EXPRESSIONS = (
    "neutral happy sad angry surprised disgusted scared confused "
    "smug flirty thoughtful pensive exhausted shocked playful determined"
).split()
SELFIE = "selfie"
# what the ten examples show, one person after the other; every selfie is happy
EXAMPLES = "selfie sad surprised sad selfie neutral selfie sad surprised neutral".split()
FRAME_INSET = 5  # pixels: leaves out the frame's soft edge and its round corners


@dataclass(frozen=True)
class Portrait:
    """A head-and-shoulders photograph of a person who does not exist, and what it shows.

    Attributes:
        image: RGB picture, about 500 x 330 pixels.
        expression: One of `EXPRESSIONS`, such as "happy".
        person: "P001" to "P010".
        age_range: Such as "25-35".
        sex: "female" or "male".
        skin_tone: On the Fitzpatrick scale, such as "Fitzpatrick IV".
    """

    image: Image.Image
    expression: str
    person: str
    age_range: str
    sex: str
    skin_tone: str

    def face(self) -> Image.Image:
        """Return the aligned crop of the face, made as for any photo (`emolib.faces`).

        Raises:
            DataError: No face is found.
        """
        from ..faces import find_faces

        faces = find_faces(self.image)
        if not faces:
            raise DataError(f"{self.person} {self.expression}: no face was found in this portrait.")
        return max(faces, key=lambda face: face.score).crop(self.image)


def portraits() -> list[Portrait]:
    """Load the 160 portraits of `openpeople`: 10 people with 16 expressions each.

    Returns:
        One `Portrait` per picture: person by person, in the order of `EXPRESSIONS`.

    Raises:
        DataError: The package is not installed, or its sheets differ from those of 0.1.2.
    """
    return [portrait for folder in _people() for portrait in _portraits_in(folder)]


def selfies() -> list[Path]:
    """Return the paths of the 10 phone-style selfies of `openpeople`, in the order of the people.

    Raises:
        DataError: The package is not installed.
    """
    return [folder / "assets" / "amateur_selfie.jpg" for folder in _people()]


def example_photos() -> dict[str, Path | Image.Image]:
    """Load ten examples, each of a different person: some happy, some sad, some neither.

    Returns:
        {name: picture}. A name is the person and what the picture is, such as "P001 selfie" or
        "P002 sad". A selfie is a path; a portrait is an RGB picture in memory.

    Raises:
        DataError: The package is not installed, or its sheets differ from those of 0.1.2.
    """
    found: dict[str, Path | Image.Image] = {}
    for selfie, kind in zip(selfies(), EXAMPLES, strict=True):
        person = selfie.parents[1]
        if kind == SELFIE:
            picture: Path | Image.Image = selfie
        else:
            picture = _portraits_in(person)[EXPRESSIONS.index(kind)].image
        found[f"{person.name} {kind}"] = picture
    return found


def _portraits_in(folder: Path) -> list[Portrait]:
    """Load one person's portraits, in the order of `EXPRESSIONS`."""
    facts = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
    who = facts["character_details"]["demographics"]
    sheet = open_image(folder / "assets" / "emotions_sheet.jpg")
    return [
        Portrait(image, name, folder.name, who["age_range"], who["sex"], who["skin_tone"])
        for name, image in zip(EXPRESSIONS, _cells(sheet), strict=True)
    ]


def _people() -> list[Path]:
    """Find the people's folders without importing the package, which would load pydantic."""
    spec = importlib.util.find_spec("openpeople")
    places = spec.submodule_search_locations if spec else None
    people = sorted(p for place in places or () for p in Path(place).glob("data/curated/P*"))
    if not people:
        raise DataError(
            "The portraits are not installed: install them with pip install openpeople==0.1.2."
        )
    return people


def _cells(sheet: Image.Image) -> list[Image.Image]:
    """Crop a sheet's 16 framed pictures, row by row; their places differ from sheet to sheet."""
    white = np.asarray(sheet.convert("L")) > 230
    # the frames' lines are the only rows and columns that are mostly white
    rows, columns = (_gaps(white.mean(axis=axis) > 0.6) for axis in (1, 0))
    if len(rows) != 4 or len(columns) != 4:
        raise DataError(
            "The sheets of portraits differ from those of openpeople 0.1.2: "
            "install that version with pip install openpeople==0.1.2."
        )
    return [
        sheet.crop((left, top, right, bottom)) for top, bottom in rows for left, right in columns
    ]


def _gaps(line: np.ndarray) -> list[tuple[int, int]]:
    """Return where the inside of each frame begins and ends, between its first and second line."""
    edges = np.flatnonzero(np.diff(line.astype(int), prepend=0, append=0)).tolist()
    inside = zip(edges[1::4], edges[2::4], strict=False)
    return [(begin + FRAME_INSET, end - FRAME_INSET) for begin, end in inside]
