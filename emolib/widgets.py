"""Widgets of the course: thin views over functions that work without them.

    >>> from emolib import widgets
    >>> widgets.upload(emolib.load_classifier())

Made for ipywidgets 7 and 8. Notebook 05 uses it, beside a cell that does the same for a path.
"""

from __future__ import annotations

from dataclasses import replace
from html import escape
from io import BytesIO
from os import PathLike
from typing import NamedTuple

import ipywidgets

from .boxes import annotate
from .classifier import Classifier
from .images import open_image

VIEW = 640  # pixels on the longer side of the picture that is shown
IDLE = "Choose a photo of one face or of many."


class Answer(NamedTuple):
    """What the reader gets to see: a sentence, and a JPEG's bytes (b"" where there is none)."""

    text: str
    picture: bytes


def answer(classifier: Classifier, source: str | PathLike | bytes) -> Answer:
    """Answer for one photo, in words and as a copy of it with boxes and labels.

    Args:
        classifier: From `emolib.load_classifier`.
        source: The path of a file, or its bytes.

    Returns:
        The answer. For a photo that cannot be used: the sentence that says why, and no picture.
    """
    photo = next(classifier.predict_many([source], batch_size=1))
    text = str(photo)
    text = text[0].upper() + text[1:]
    if photo.error:
        return Answer(text, b"")
    image = open_image(source, at_least=VIEW)
    image.thumbnail((VIEW, VIEW))
    # labels are drawn on the small picture, so that they can be read
    zoom = image.width / photo.width
    faces = [replace(face, box=tuple(zoom * side for side in face.box)) for face in photo.faces]
    file = BytesIO()
    annotate(image, faces, classifier.class_names).save(file, "JPEG", quality=88)
    return Answer(text, file.getvalue())


class Upload(ipywidgets.VBox):
    """A button to choose a photo with, the answer under it, and a button to forget both.

    The photo is never written to disk, and leaves the upload button as soon as it is answered.
    What is shown stays in the widget until Forget is pressed.
    """

    def __init__(self, classifier: Classifier):
        """Build the view; see `upload`."""
        self.button = ipywidgets.FileUpload(accept="image/*,.heic,.heif", multiple=False)
        self.forget = ipywidgets.Button(description="Forget", icon="trash", disabled=True)
        self.words = ipywidgets.HTML(IDLE)
        self.picture = ipywidgets.Image(format="jpeg", layout={"display": "none"})
        self._classifier = classifier
        self.button.observe(self._uploaded, "value")
        self.forget.on_click(lambda _: self._show(Answer(IDLE, b"")))
        row = ipywidgets.HBox([self.button, self.forget])
        super().__init__([row, self.words, self.picture])

    def __repr__(self) -> str:
        """Return what a page shows in place of the widget, where no kernel runs."""
        return "An upload button stands here while the notebook runs."

    def _uploaded(self, change) -> None:
        contents = _contents(change["new"])
        if not contents:  # the button was emptied
            return
        self._show(Answer("Looking ...", b""))
        try:
            self._show(answer(self._classifier, contents[-1]))
        finally:
            _empty(self.button)

    def _show(self, shown: Answer) -> None:
        self.words.value, self.picture.value = escape(shown.text), shown.picture
        self.picture.layout.display = None if shown.picture else "none"
        self.forget.disabled = not shown.picture


def upload(classifier: Classifier) -> Upload:
    """Build a button that takes a photo from the reader's computer and shows the answer.

    Args:
        classifier: From `emolib.load_classifier`.

    Returns:
        The widget; a notebook shows it when a cell ends with it.
    """
    return Upload(classifier)


def _contents(value: tuple | dict) -> list[bytes]:
    """The files in an upload button: a dict by name in ipywidgets 7, a tuple of dicts in 8."""
    files = value.values() if isinstance(value, dict) else value
    return [bytes(file["content"]) for file in files]


def _empty(button: ipywidgets.FileUpload) -> None:
    """Take the files out of an upload button, so that none can be saved with the notebook."""
    if isinstance(button.value, dict):  # ipywidgets 7 puts its value together from these
        button.metadata, button.data = [], []
        button._counter = 0
        button.set_trait("value", {})
    else:
        button.value = ()
