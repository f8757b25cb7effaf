"""Pictures for the reader's own classes, taken with the camera: one button per class.

    >>> view = widgets.collector(["frowning", "surprised"])
    >>> view  # and in a later cell:
    >>> x, y = view.examples()

The browser sends a picture, and the kernel keeps only the face in it, in memory. As in `photos.py`,
no picture is in the widget's state, so a saved notebook holds none. Notebook 09 uses it.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import anywidget
import numpy as np
import traitlets
from PIL import Image

from ..errors import EmolibError
from ..faces import LOOK_AT, find_faces
from ..files import new_folders, require_new_folder
from ..images import ImageError, center_square, open_image, to_array

HERE = Path(__file__).parent
SIDE = 48  # pixels, as the course's networks take them
SHOWN = 8  # thumbnails of a class, the newest
EXPORT = "export default { render };"
NO_FACE = "No face was found: look into the camera, in good light, and try again."


def _script() -> str:
    """Return the browser's side: its own functions after those of the photo view."""
    photos = (HERE / "photos.js").read_text("utf-8").replace(EXPORT, "")
    return photos + (HERE / "collector.js").read_text("utf-8")


class Collector(anywidget.AnyWidget):
    """The view; see `collector`.

    Attributes:
        class_names: The classes, in the order of their labels.
        counts: How many pictures of each class are kept.
        faces: Keep the largest face of a picture; otherwise its middle.
    """

    _esm = _script()
    _css = (HERE / "photos.css").read_text("utf-8") + (HERE / "collector.css").read_text("utf-8")
    class_names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    counts = traitlets.List(traitlets.Int()).tag(sync=True)
    faces = traitlets.Bool(True).tag(sync=True)

    def __init__(self, class_names: Sequence[str], faces: bool = True) -> None:
        """Build the view; see `collector`."""
        names = list(class_names)
        if len(set(names)) < max(2, len(names)) or any(set("/\\") & set(name) for name in names):
            raise ImageError(
                "The classes become buttons and folders: give two or more different names, "
                "without slashes."
            )
        self._kept: list[tuple[int, np.ndarray]] = []
        super().__init__(class_names=names, counts=[0] * len(names), faces=faces)
        self.on_msg(self._on_message)

    def __repr__(self) -> str:
        """Return what a page shows instead of the view when no kernel runs."""
        return "A camera with a button for each class appears here while the notebook is running."

    def examples(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the pictures collected so far, in the order in which they were taken.

        Returns:
            float32 pictures (n, 48, 48, 1), values 0-255, and int64 labels (n,), which are indices
            into `class_names`.
        """
        pictures = np.array([picture for _, picture in self._kept], np.float32)
        labels = np.array([label for label, _ in self._kept], np.int64)
        return pictures.reshape(-1, SIDE, SIDE, 1), labels

    def save(self, folder: str | Path) -> list[Path]:
        """Write the pictures to `folder/<class>/`, as PNG files that `data.scan` can read.

        Args:
            folder: A new or an empty folder.

        Returns:
            The files.

        Raises:
            ImageError: Nothing has been collected, or the folder is not empty.
        """
        if not self._kept:
            raise ImageError("Nothing has been collected yet: take some pictures first.")
        folder = Path(folder)
        require_new_folder(folder, ImageError)
        names = []
        with new_folders(folder) as scratch:
            for number, (label, picture) in enumerate(self._kept):
                name = Path(self.class_names[label], f"{number:05d}.png")
                (scratch / name).parent.mkdir(exist_ok=True)
                _image(picture).save(scratch / name)
                names.append(name)
        return [folder / name for name in names]

    def _on_message(self, _: object, message: dict, buffers: list) -> None:
        """Take what the browser sends: a picture of a class, or a request."""
        kind = message.get("type")
        if kind == "picture":
            self._take(message["label"], bytes(buffers[0]))
        elif kind == "undo" and self._kept:
            label, _ = self._kept.pop()
            self._changed(label, f"The last picture of {self.class_names[label]} is forgotten.")
        elif kind == "show":  # a new page
            for label in range(len(self.class_names)):
                self._show(label)

    def _take(self, label: int, content: bytes) -> None:
        try:
            picture = _largest_face(content) if self.faces else _middle(content)
            self._kept.append((label, picture))
        except EmolibError as error:
            self._say(str(error))
        except Exception as error:  # nobody would see a traceback here
            self._say(f"This picture cannot be used ({type(error).__name__}): try again.")
        else:
            self._changed(label, f"One more picture of {self.class_names[label]}.")

    def _changed(self, label: int, sentence: str) -> None:
        labels = [label for label, _ in self._kept]
        self.counts = [labels.count(k) for k in range(len(self.class_names))]
        self._show(label)
        self._say(f"{sentence} {len(labels)} in all.")

    def _show(self, label: int) -> None:
        newest = [picture for k, picture in self._kept if k == label][-SHOWN:]
        self.send({"type": "newest", "label": label}, [_png(picture) for picture in newest])

    def _say(self, sentence: str) -> None:
        self.send({"type": "said", "sentence": sentence})


def collector(class_names: Sequence[str], faces: bool = True) -> Collector:
    """Build a view that collects pictures with the reader's camera, with a button for each class.

    Each press takes a picture, and the largest face in it is kept, cropped like every face in the
    course. The pictures stay in memory: `examples()` returns them, and only `save()` writes them.

    Args:
        class_names: The reader's classes, at least two; their order gives the labels 0, 1, ...
        faces: False for things that are not faces: the square in the middle of a picture is kept.

    Returns:
        The widget; a notebook shows it when a cell ends with it.

    Raises:
        ImageError: Fewer than two different names, or a name with a slash.
    """
    return Collector(class_names, faces)


def _largest_face(content: bytes) -> np.ndarray:
    image = open_image(content, at_least=LOOK_AT)
    faces = find_faces(image)
    if not faces:
        raise ImageError(NO_FACE)
    return to_array(max(faces, key=lambda face: face.frame[2]).crop(image), (SIDE, SIDE))


def _middle(content: bytes) -> np.ndarray:
    return to_array(center_square(open_image(content, at_least=LOOK_AT)), (SIDE, SIDE))


def _image(picture: np.ndarray) -> Image.Image:
    return Image.fromarray(picture[..., 0].astype(np.uint8))


def _png(picture: np.ndarray) -> bytes:
    file = io.BytesIO()
    _image(picture).save(file, "PNG")
    return file.getvalue()
