"""One photo in, all that a view shows of its answer out: plain values and a small JPEG."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from ..answers import table_head, table_rows
from ..boxes import annotate, face_color
from ..classifier import Classifier, Photo
from ..faces import LOOK_AT
from ..images import ImageError, open_image, printable_name

VIEW = 640  # pixels on the longer side of the picture that is shown
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would compute a cell that begins so


@dataclass(frozen=True)
class Card:
    """The answer for one photo, ready to be shown.

    Attributes:
        photo: The answer itself; its `file` is the name, without folders.
        class_names: The classes of the model that answered.
        picture: JPEG bytes of a small copy with boxes and labels; b"" where there is no answer.
    """

    photo: Photo
    class_names: list[str]
    picture: bytes

    @property
    def sentence(self) -> str:
        """How many faces were found, or why there is no answer."""
        if self.photo.error:
            return self.photo.error
        name, faces = self.photo.file, len(self.photo.faces)
        if not faces:
            return f"{name}: no face found: try a photo with larger faces, seen from the front."
        return f"{name}: {faces} face{'s' if faces > 1 else ''}"

    def facts(self) -> dict:
        """Return all but the picture as plain values, ready for JSON."""
        return {
            "name": self.photo.file,
            "sentence": self.sentence,
            "failed": self.photo.error is not None,
            "faces": [
                {
                    "words": str(face),
                    "probability": face.probability,
                    "color": face_color(face, self.class_names),
                }
                for face in self.photo.faces
            ],
            "csv": self.csv(),
        }

    def csv(self) -> str:
        """Return the photo's lines of the table whose head `csv_head` gives."""
        name = self.photo.file
        safe = f"'{name}" if name.startswith(FORMULA) else name
        return _written(table_rows(replace(self.photo, file=safe), self.class_names))


def card(classifier: Classifier, source: bytes | Path, name: str) -> Card:
    """Answer for one photo.

    Args:
        classifier: From `emolib.load_classifier`.
        source: The content of a picture file, or its path.
        name: What to call it.

    Returns:
        The answer. For a photo that cannot be used, `photo.error` says why.
    """
    name = printable_name(name)
    try:
        image = open_image(_named(source, name), at_least=LOOK_AT)
    except ImageError as error:
        return Card(Photo(name, 0, 0, error=str(error)), classifier.class_names, b"")
    photo = replace(next(classifier.predict_many([image])), file=name)
    picture = b"" if photo.error else _view(image, photo, classifier.class_names)
    return Card(photo, classifier.class_names, picture)


def csv_head(class_names: list[str]) -> str:
    """Return the first line of the table of answers."""
    return _written([table_head(class_names)])


def _named(source: bytes | Path, name: str) -> io.BytesIO:
    """Open a source as a file of that name: what is said of it then names it."""
    file = io.BytesIO(source if isinstance(source, bytes) else source.read_bytes())
    file.name = name
    return file


def _view(image: Image.Image, photo: Photo, class_names: list[str]) -> bytes:
    image.thumbnail((VIEW, VIEW))
    # labels are drawn on the small picture, so that they can be read
    zoom = image.width / photo.width
    faces = [replace(face, box=tuple(zoom * side for side in face.box)) for face in photo.faces]
    file = io.BytesIO()
    annotate(image, faces, class_names).save(file, "JPEG", quality=88)
    return file.getvalue()


def _written(rows: list[list]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()
