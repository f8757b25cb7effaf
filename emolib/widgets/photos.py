"""Photos from the reader's computer or camera, answered in the notebook.

The browser sends a photo in pieces, the kernel sends the answer back, and neither is ever in the
widget's state: a saved notebook cannot hold what its state does not. Pieces, because a server may
cut the connection over one message of more than 10 MiB, as JupyterLab does, without a word.
"""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

from .. import course, sources
from ..classifier import Classifier, load_classifier
from ..errors import EmolibError
from ..images import printable_name
from ..model import FORMATS
from .cards import card, csv_head

HERE = Path(__file__).parent
LIMIT = 50_000_000  # bytes; a photo of 100 megapixels has fewer


class Photos(anywidget.AnyWidget):
    """The view; see `upload` and `camera`.

    Attributes:
        ways: What it offers: "files", "examples", "camera".
        models: Names of the models to choose from.
        model: The chosen one.
        limit: Bytes that a photo may have.
    """

    _esm = HERE / "photos.js"
    _css = HERE / "photos.css"
    ways = traitlets.List(traitlets.Unicode()).tag(sync=True)
    models = traitlets.List(traitlets.Unicode()).tag(sync=True)
    model = traitlets.Unicode().tag(sync=True)
    limit = traitlets.Int(LIMIT).tag(sync=True)

    def __init__(self, classifier: Classifier | None, ways: list[str]):
        """Build the view; see `upload` and `camera`."""
        given = classifier or load_classifier()
        name = model_name(given)
        self._files = model_files(course.home() / "models", without=name)
        self._classifiers = {name: given}
        self._arriving: dict[str, tuple[str, int, bytearray]] = {}
        self._examples = example_photos() if "examples" in ways else []
        super().__init__(
            ways=[way for way in ways if way != "examples" or self._examples],
            models=[name, *self._files],
            model=name,
        )
        self.on_msg(self._hear)

    def __repr__(self) -> str:
        """Return what a page shows in place of the view, where no kernel runs."""
        return "Buttons to choose or take a photo stand here while the notebook runs."

    def _hear(self, _, message: dict, buffers: list) -> None:
        """Take what the browser sends: the name and size of a photo, its pieces, or a wish."""
        asked, kind = message.get("id"), message.get("type")
        if kind == "example":
            place = self._examples[message["number"] % len(self._examples)]
            self._answer(asked, place, f"example {place.parents[1].name}")
        elif kind == "photo" and message["size"] > self.limit:
            name, most = printable_name(message["name"]), self.limit // 1_000_000
            self._refuse(asked, name, f"{name} has more than {most} MB: make it smaller first.")
        elif kind == "photo":
            # what a closed page left half sent goes
            self._arriving = {asked: (message["name"], message["size"], bytearray())}
        elif kind == "piece" and asked in self._arriving:
            name, size, content = self._arriving[asked]
            content += buffers[0]
            if len(content) >= size:
                del self._arriving[asked]
                self._answer(asked, bytes(content), name)

    def _answer(self, asked: str, source: bytes | Path, name: str) -> None:
        try:
            answered = card(self._classifier(), source, name)
        except EmolibError as error:  # the chosen model cannot be loaded
            self._refuse(asked, printable_name(name), str(error))
        except Exception as error:  # a traceback would end where no reader of a widget looks
            sentence = f"This photo cannot be answered here ({type(error).__name__}): try another."
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


def upload(classifier: Classifier | None = None, camera: bool = False) -> Photos:
    """Build a view that takes photos from the reader's computer and shows the answers.

    Photos are dropped or chosen, one or many, or come from the examples. They are never written
    to disk; the answers are shown until the reader presses Forget all. The reader may also choose
    a model of the course's folder `models/`.

    Args:
        classifier: From `emolib.load_classifier`; the released model by default.
        camera: Offer the camera too.

    Returns:
        The widget; a notebook shows it when a cell ends with it.
    """
    return Photos(classifier, ["files", "examples", *(["camera"] if camera else [])])


def camera(classifier: Classifier | None = None) -> Photos:
    """Build a view that takes a picture with the reader's camera, by a button, and answers it.

    Args:
        classifier: From `emolib.load_classifier`; the released model by default.

    Returns:
        The widget; a notebook shows it when a cell ends with it.
    """
    return Photos(classifier, ["camera"])


def model_name(classifier: Classifier) -> str:
    """Return the name of a classifier's model file, without its ending."""
    return Path(next(iter(classifier.card.files), "the model of this cell")).stem


def model_files(folder: Path, without: str) -> dict[str, Path]:
    """Return the model files in a folder that have a card, by name; `without` is left out."""
    found = {}
    for ending in reversed(FORMATS):  # .onnx first: it needs no further package
        for path in sorted(folder.glob(f"*{ending}")):
            if path.stem != without and path.with_suffix(".json").is_file():
                found.setdefault(path.stem, path)
    return found


def example_photos() -> list[Path]:
    """Return the selfies of people who do not exist; none where they are not installed."""
    try:
        return sources.selfies()
    except EmolibError:
        return []
