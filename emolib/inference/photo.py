"""The result of classifying a photo: its faces, with an answer for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from io import BytesIO
from typing import Any

from PIL import Image

from ..faces import Box
from ..images import ImageError, Source, open_image, printable_name
from .annotate import annotate_photo
from .output import answer


@dataclass(frozen=True)
class Prediction:
    """The answer for one face.

    Attributes:
        label: The most probable class.
        probability: Its calibrated probability, 0-1.
        probabilities: Calibrated probability of every class; they sum to 1.
        sure: Whether the probability reaches the model's threshold.
        box: (left, top, right, bottom) in pixels of the original picture.
        score: How sure the face finder is that this is a face, 0-1.
    """

    label: str
    probability: float
    probabilities: dict[str, float]
    sure: bool
    box: Box
    score: float

    def __str__(self) -> str:
        """Return words such as "happy 97%", or "not sure (happy 56%)"."""
        return answer(self.label, self.probability, self.sure)


@dataclass(frozen=True)
class Photo:
    """The answers for one photo: a sequence of its faces, which a notebook shows with boxes.

    It is always true, even without a face.

    Attributes:
        file: Its path as given, or "" for a picture that was not a file.
        width: Of the upright original in pixels; 0 when it could not be read.
        height: Likewise.
        faces: One `Prediction` per face in reading order: rows from top to bottom, and each row
            from left to right. Pictures, tables and the command line number them from 1.
        error: The sentence that says why there is no answer, or None.
        preview: A copy with at most 1,000 pixels on the longer side, for notebooks, or None.
    """

    file: str
    width: int
    height: int
    faces: tuple[Prediction, ...] = ()
    error: str | None = None
    preview: Image.Image | None = field(default=None, repr=False, compare=False)

    def __iter__(self) -> Iterator[Prediction]:
        """Go through the faces in reading order."""
        return iter(self.faces)

    def __len__(self) -> int:
        """Return the number of faces."""
        return len(self.faces)

    def __getitem__(self, index: int) -> Prediction:
        """Return one face by its place in reading order, from 0."""
        return self.faces[index]

    def __bool__(self) -> bool:
        """Return True: a photo without a face is an answer, too."""
        return True

    def __str__(self) -> str:
        """Return the answers for all faces in one line, or why there are none."""
        answers = ", ".join(str(face) for face in self.faces)
        return f"{self._count()}: {answers}" if self.faces else self.error or self._count()

    def lines(self) -> list[str]:
        """Return what the command line prints: one line, and one for each of several faces."""
        if len(self.faces) < 2:
            return [str(self)]
        return [self._count(), *(f"  {number} {face}" for number, face in enumerate(self.faces, 1))]

    def _count(self) -> str:
        name = printable_name(self.file) if self.file else "the picture"
        count = {0: "no face found", 1: "1 face"}.get(len(self.faces), f"{len(self.faces)} faces")
        return f"{name}: {count}"

    def to_dict(self) -> dict[str, Any]:
        """Return all but the preview as plain values, ready for JSON."""
        facts = asdict(replace(self, preview=None))
        del facts["preview"]
        return facts

    def annotated(self, source: Source | None = None) -> Image.Image:
        """Draw the boxes and labels on a copy of the photo.

        Args:
            source: The photo; by default the file is opened again. A smaller copy will do.

        Returns:
            An RGB picture as large as the source.

        Raises:
            ImageError: The photo could not be read, or it was not a file and no source is given.
        """
        if self.error:
            raise ImageError(self.error)
        if source is None and not self.file:
            raise ImageError("This photo was not a file: pass the picture to annotated(...).")
        return annotate_photo(open_image(self.file if source is None else source), self)

    def _repr_jpeg_(self) -> bytes | None:
        if self.preview is None:
            return None
        file = BytesIO()
        # a tenth of what PNG would add to the notebook's file
        annotate_photo(self.preview, self).save(file, "JPEG", quality=82, optimize=True)
        return file.getvalue()
