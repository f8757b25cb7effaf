"""Photos from the reader's computer or camera, answered in the notebook.

The browser sends a photo in pieces, the kernel sends the answer back, and neither is ever in the
widget's state: a saved notebook cannot hold what its state does not. Pieces, because a server may
silently cut the connection over one message of more than 10 MiB, as JupyterLab does.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import anywidget
import ipywidgets
import traitlets
from PIL import Image

from ..course import paths
from ..data import sources
from ..errors import EmolibError
from ..faces import LOOK_AT
from ..images import ImageError, center_square, open_image, printable_name
from ..inference import Classifier, Photo, load_classifier
from ..inference.annotate import annotate_photo, face_color
from ..inference.output import table_head, table_rows
from ..model.card import ModelCard, read_card
from . import models

HERE = Path(__file__).parent
VIEW = 640  # pixels on the longer side of the picture that is shown
LIMIT = 50_000_000  # bytes; even a photo of 100 megapixels has fewer

Source = bytes | Path | Image.Image


class Photos(anywidget.AnyWidget):
    """The view; see `upload` and `camera`.

    Attributes:
        ways: What it offers: "files", "examples", "camera".
        models: Names of the models to choose from.
        titles: The names that a visitor sees for these models.
        model: The name of the chosen one.
        note: What to know before believing an answer of the chosen model.
        limit: The most bytes that a photo may have.
        faces: Find the faces in a photo; otherwise the answer is for its middle.
    """

    _esm = HERE / "photos.js"
    _css = HERE / "photos.css"
    ways = traitlets.List(traitlets.Unicode()).tag(sync=True)
    models = traitlets.List(traitlets.Unicode()).tag(sync=True)
    titles = traitlets.List(traitlets.Unicode()).tag(sync=True)
    model = traitlets.Unicode().tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)
    limit = traitlets.Int(LIMIT).tag(sync=True)
    faces = traitlets.Bool(True).tag(sync=True)

    def __init__(self, classifier: Classifier | None, ways: list[str], faces: bool = True) -> None:
        """Build the view; see `upload` and `camera`."""
        given = classifier or load_classifier()
        name = given.path.stem if given.path else "the model from this cell"
        places = [paths.course_dir() / "models", paths.models_dir(create=False)]
        self._files = models.model_files(places, without=name)
        self._classifiers = {name: given}
        self._arriving: dict[str, tuple[str, int, bytearray]] = {}
        names = [name, *self._files]
        super().__init__(
            ways=[way for way in ways if way != "examples" or _examples_installed()],
            models=names,
            titles=[models.title(one) for one in names],
            model=name,
            note=models.note(given.card),
            faces=faces,
        )
        self.observe(self._on_model, "model")
        self.on_msg(self._on_message)

    def __repr__(self) -> str:
        """Return what a page shows instead of the view when no kernel runs."""
        return "Buttons to choose or take a photo appear here while the notebook is running."

    def about(self) -> ipywidgets.HTML:
        """Return a widget with the limits and the test results of the model that is chosen."""
        shown = ipywidgets.HTML()

        def show(_: object = None) -> None:
            try:
                shown.value = models.about(self.model, self._card())
            except EmolibError:  # the view says why
                shown.value = ""

        self.observe(show, "model")
        show()
        return shown

    def _on_model(self, _: object) -> None:
        try:
            self.note = models.note(self._card())
        except EmolibError as error:
            self.note = str(error)

    def _card(self) -> ModelCard:
        if self.model in self._classifiers:
            return self._classifiers[self.model].card
        return read_card(self._files[self.model])

    def _on_message(self, _: object, message: dict, buffers: list) -> None:
        """Take what the browser sends: a photo's name and size, its pieces, or a request."""
        asked: str = message.get("id", "")
        kind = message.get("type")
        if kind == "example":
            self._show_example(asked, message["number"])
        elif kind == "photo" and message["size"] > self.limit:
            name = printable_name(message["name"])
            most = self.limit // 1_000_000
            self._refuse(asked, name, f"{name} is larger than {most} MB: make it smaller first.")
        elif kind == "photo":
            # drop a photo that a closed page left half sent
            self._arriving = {asked: (message["name"], message["size"], bytearray())}
        elif kind == "piece" and asked in self._arriving:
            name, size, content = self._arriving[asked]
            content += buffers[0]
            if len(content) >= size:
                del self._arriving[asked]
                self._answer(asked, bytes(content), name)

    @cached_property
    def _examples(self) -> dict[str, Path | Image.Image]:
        return sources.example_photos()

    def _show_example(self, asked: str, number: int) -> None:
        try:
            examples = list(self._examples.items())
        except EmolibError as error:  # a different version of their package
            self._refuse(asked, "example", str(error))
        else:
            name, source = examples[number % len(examples)]
            self._answer(asked, source, f"example {name}")

    def _answer(self, asked: str, source: Source, name: str) -> None:
        try:
            answered = card(self._classifier(), source, name, self.faces)
        except EmolibError as error:  # the chosen model cannot be loaded
            self._refuse(asked, printable_name(name), str(error))
        except Exception as error:  # nobody would see a traceback here
            sentence = (
                f"This photo cannot be used here ({type(error).__name__}): try a different one."
            )
            self._refuse(asked, printable_name(name), sentence)
        else:
            head = csv_head(answered.class_names)
            self._say(asked, answered.facts() | {"csv_head": head}, answered.picture)

    def _refuse(self, asked: str, name: str, sentence: str) -> None:
        self._say(asked, {"name": name, "sentence": sentence, "failed": True, "faces": []})

    def _say(self, asked: str, facts: dict, picture: bytes = b"") -> None:
        self.send({"type": "answer", "id": asked, **facts}, [picture] if picture else None)

    def _classifier(self) -> Classifier:
        if self.model not in self._classifiers:
            self._classifiers[self.model] = load_classifier(self._files[self.model])
        return self._classifiers[self.model]


def upload(
    classifier: Classifier | None = None, camera: bool = False, faces: bool = True
) -> Photos:
    """Build a view that takes photos from the reader's computer and shows the answers.

    Photos are dropped or chosen, one or many, or come from the examples. They are never written
    to disk; the answers are shown until the reader presses Forget all. The reader may also choose
    a model from the course's folder `models/`.

    Args:
        classifier: From `emolib.load_classifier`; the released model by default.
        camera: Offer the camera too.
        faces: False for a network that knows things: the answer is for the square in the middle of
            the photo, and there are no example photos.

    Returns:
        The widget; a notebook shows it when a cell ends with it.
    """
    ways = ["files", *(["examples"] if faces else []), *(["camera"] if camera else [])]
    return Photos(classifier, ways, faces)


def camera(classifier: Classifier | None = None) -> Photos:
    """Build a view that takes a picture with the reader's camera and shows the answer.

    Args:
        classifier: From `emolib.load_classifier`; the released model by default.

    Returns:
        The widget; a notebook shows it when a cell ends with it.
    """
    return Photos(classifier, ["camera"])


def _examples_installed() -> bool:
    try:
        return bool(sources.selfies())
    except EmolibError:
        return False


@dataclass(frozen=True)
class Card:
    """The answer for one photo, ready to be shown.

    Attributes:
        photo: The answer itself; its `file` is the name, without folders.
        class_names: The classes of the model that answered.
        picture: JPEG bytes of a small copy with boxes and labels; b"" where there is no answer.
        faces: The answers are for faces; otherwise there is one, for the middle of the photo.
    """

    photo: Photo
    class_names: list[str]
    picture: bytes
    faces: bool = True

    @property
    def sentence(self) -> str:
        """How many faces were found, or why there is no answer."""
        if self.photo.error:
            return self.photo.error
        name, faces = self.photo.file, len(self.photo.faces)
        if not self.faces:
            return name
        if not faces:
            return f"{name}: no face found, so try a photo with larger faces, seen from the front."
        return f"{name}: {faces} face{'s' if faces > 1 else ''}"

    def facts(self) -> dict:
        """Return all but the picture as plain values, ready for JSON."""
        return {
            "name": self.photo.file,
            "sentence": self.sentence,
            "failed": self.photo.error is not None,
            "faces": [
                {
                    # several faces have the numbers that the picture shows
                    "number": number if len(self.photo.faces) > 1 else None,
                    "words": str(face),
                    "probability": face.probability,
                    "color": face_color(face, self.class_names),
                }
                for number, face in enumerate(self.photo.faces, 1)
            ],
            "csv": self.csv(),
        }

    def csv(self) -> str:
        """Return the photo's rows of the table whose header `csv_head` gives."""
        return _written(table_rows(self.photo, self.class_names))


def card(classifier: Classifier, source: Source, name: str, faces: bool = True) -> Card:
    """Classify the faces in one photo, or its middle.

    Args:
        classifier: From `emolib.load_classifier`.
        source: The content of a picture file, its path, or a picture.
        name: What to call it.
        faces: Look for faces; otherwise classify the square in the middle.

    Returns:
        The answer. For a photo that cannot be used, `photo.error` says why.
    """
    name = printable_name(name)
    try:
        image = open_image(_named(source, name), at_least=LOOK_AT)
    except ImageError as error:
        return Card(Photo(name, 0, 0, error=str(error)), classifier.class_names, b"")
    if not faces:
        image = center_square(image)
    photo = replace(classifier.predict(image, face=not faces), file=name)
    return Card(photo, classifier.class_names, _view(image, photo), faces)


def csv_head(class_names: list[str]) -> str:
    """Return the header of the table of answers."""
    return _written([table_head(class_names)])


def _named(source: Source, name: str) -> io.BytesIO | Image.Image:
    """Open a source as a file of that name, so that messages use the name."""
    if isinstance(source, Image.Image):
        return source
    file = io.BytesIO(source if isinstance(source, bytes) else source.read_bytes())
    file.name = name
    return file


def _view(image: Image.Image, photo: Photo) -> bytes:
    # labels are drawn on the small picture, so that they can be read
    image.thumbnail((VIEW, VIEW))
    file = io.BytesIO()
    annotate_photo(image, photo).save(file, "JPEG", quality=88)
    return file.getvalue()


def _written(rows: list[list]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()
