"""An uploaded picture -> its answer; runs in the threads of the pool."""

from __future__ import annotations

import io
import logging
import traceback
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PIL import Image

from ..images import ImageError, no_memory
from ..inference import Photo

if TYPE_CHECKING:
    from ..inference import Classifier
    from .uploads import Picture

JPEG_SIDE = 65_500  # pixels: a JPEG cannot have more on a side
log = logging.getLogger("uvicorn.error")


@dataclass(frozen=True)
class Answer:
    """The answer for one picture.

    Attributes:
        photo: The faces, or in `error` why there are none.
        status: The HTTP status if this is the only picture of a request: 200, 422 for a picture
            that cannot be used, 503 if memory is short, 500 for a bug in emolib.
    """

    photo: Photo
    status: int = 200


def answer(classifier: Classifier, picture: Picture, face: bool, preview: bool = False) -> Answer:
    """Classify the faces in one picture; never raise.

    Args:
        classifier: From `emolib.load_classifier`.
        picture: What was uploaded.
        face: It is a cropped face.
        preview: Keep a small copy of it.
    """
    try:
        photo = classifier.predict(picture.file(), face, preview=preview)
        return Answer(replace(photo, file=picture.name))
    except Exception as error:
        status, sentence = _explained(error)
        return Answer(Photo(picture.name, 0, 0, error=sentence), status)


def annotated(
    classifier: Classifier, picture: Picture, face: bool, png: bool
) -> tuple[Answer, bytes, str]:
    """Draw boxes and labels on one picture; never raise.

    Args:
        classifier: From `emolib.load_classifier`.
        picture: What was uploaded.
        face: It is a cropped face.
        png: Make a PNG, not a JPEG.

    Returns:
        The answer, the content of the new picture (b"" if there is none), and its media type.
    """
    answered = answer(classifier, picture, face)
    if answered.status != 200:
        return answered, b"", ""
    try:
        drawn = answered.photo.annotated(picture.file())
        content, kind = encoded(drawn, png)
    except Exception as error:
        status, sentence = _explained(error)
        return Answer(replace(answered.photo, error=sentence), status), b"", ""
    return answered, content, kind


def encoded(image: Image.Image, png: bool = False) -> tuple[bytes, str]:
    """Return a picture as the content of a file, and its media type.

    Args:
        image: RGB.
        png: Make a PNG; otherwise only a picture that is too long for a JPEG becomes one.
    """
    png = png or max(image.size) > JPEG_SIDE
    file = io.BytesIO()
    image.save(file, "PNG" if png else "JPEG", **({} if png else {"quality": 92}))
    return file.getvalue(), "image/png" if png else "image/jpeg"


def _explained(error: Exception) -> tuple[int, str]:
    """Return the HTTP status and the sentence for what went wrong."""
    # the classifier also raises an ImageError when memory is short
    if MemoryError in (type(error), type(error.__context__)):
        return 503, str(no_memory(None))
    if isinstance(error, ImageError):
        return 422, str(error)
    # the message may hold a part of the picture: only the place goes into the log
    place = traceback.extract_tb(error.__traceback__)[-1]
    kind = type(error).__name__
    log.error("%s in %s, line %s", kind, place.filename, place.lineno)
    return 500, f"emolib has a bug with this picture ({kind}): report it, and try a different one."
