"""A photo -> who looks happy, who looks sad, and how sure that is.

A released model answers from its `.onnx` file through OpenCV, or from its `.tflite` file through
LiteRT, both without TensorFlow; a `.keras` or `.h5` file through a compiled Keras call. Notebook 05
walks through the steps.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..faces import LOOK_AT, MODELS, Face, find_faces, whole_picture
from ..images import ImageError, Source, full_size, open_image, printable_name, to_array
from ..model.card import KERAS_FORMATS, ModelCard, ModelError, read_card
from ..model.files import load_model
from .backends import Network, _litert_network, _opencv_network, keras_network
from .output import answer

RELEASED = MODELS / "emotion_model.onnx"


@dataclass(frozen=True)
class Prediction:
    """The answer for one face.

    Attributes:
        label: The most probable class.
        probability: Its calibrated probability, 0-1.
        probabilities: Calibrated probability of every class; with `other` they sum to 1.
        sure: Whether the probability reaches the model's threshold.
        box: (left, top, right, bottom) in pixels of the original picture.
        score: How sure the face finder is that this is a face, 0-1.
        other: Probability that it shows none of the classes, 0-1; 0 for a network that cannot tell.
    """

    label: str
    probability: float
    probabilities: dict[str, float]
    sure: bool
    box: tuple[int, int, int, int]
    score: float
    other: float = 0.0

    def __str__(self) -> str:
        """Return words such as "happy 97%", or "not sure (happy 56%)"."""
        return answer(self.label, self.probability, self.sure)


@dataclass(frozen=True)
class Photo:
    """The answers for one photo.

    Attributes:
        file: Its path as given, or "" for a picture that was no file.
        width: Of the upright original in pixels; 0 when it could not be read.
        height: Likewise.
        faces: One `Prediction` a face, from left to right.
        error: The sentence that says why there is no answer, or None.
    """

    file: str
    width: int
    height: int
    faces: tuple[Prediction, ...] = ()
    error: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the same as plain values, ready for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        """Return the line that the command line prints."""
        name = printable_name(self.file) if self.file else "the picture"
        if self.error:
            return self.error
        if not self.faces:
            return f"{name}: no face found"
        count = "1 face" if len(self.faces) == 1 else f"{len(self.faces)} faces"
        return f"{name}: {count}: " + ", ".join(str(face) for face in self.faces)


@dataclass(frozen=True)
class _Opened:
    """A photo after the threads' part of the work: faces found, crops cut."""

    photo: Photo
    faces: tuple[Face, ...] = ()
    crops: np.ndarray | None = None


class Classifier:
    """Answers with one model; safe to use from several threads.

    Attributes:
        card: The model's card: class names, image size, temperature, threshold. Where it says
            `flip_tta`, set that to False to be answered in half the time, a little less well.
        class_names: Sorted class names, from the card.
    """

    def __init__(self, card: ModelCard, network: Network):
        """Wrap a network; use `load_classifier` instead.

        Args:
            card: The model's card.
            network: From float32 (n, height, width, channels), 0-255, to probabilities (n, 1)
                or (n, k), with `card.others` (n, k + 1).
        """
        self.card = card
        self.class_names = list(card.class_names)
        self._network = network
        self._lock = threading.Lock()

    def predict(self, source: Source, face: bool = False) -> list[Prediction]:
        """Answer for every face of one photo.

        Args:
            source: A path, bytes, file object, `PIL.Image` or array.
            face: The picture is already a cropped face.

        Returns:
            One prediction a face, from left to right; empty where no face is found.

        Raises:
            ImageError: The picture cannot be used.
        """
        return list(self._answer([self._open(source, face)])[0].faces)

    def predict_many(
        self, sources: Iterable[Source], batch_size: int = 64, face: bool = False
    ) -> Iterator[Photo]:
        """Answer for many photos, one after the other in their order, on all cores.

        Only a few batches are in memory at any time. A photo that cannot be used comes back
        with its sentence in `error`, the others are answered.

        Args:
            sources: Paths, or anything else `predict` takes; read as they are needed.
            batch_size: Photos whose faces go through the network at once.
            face: The pictures are already cropped faces.

        Yields:
            One `Photo` a source.
        """
        batch = []
        for opened in self._opened_in_order(sources, face):
            batch.append(opened)
            if len(batch) == batch_size:
                yield from self._answer(batch)
                batch = []
        yield from self._answer(batch)

    def _opened_in_order(self, sources: Iterable[Source], face: bool) -> Iterator[_Opened]:
        workers = os.cpu_count() or 1
        with ThreadPoolExecutor(workers) as pool:
            waiting = deque()
            for source in sources:
                waiting.append(pool.submit(self._open_or_say, source, face))
                # enough ahead to keep the cores busy, few enough to keep memory flat
                if len(waiting) > 4 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def predict_arrays(self, images: np.ndarray, batch_size: int = 64) -> np.ndarray:
        """Answer for face crops that are arrays already.

        Args:
            images: (n, height, width, channels) as the card says, pixel values 0-255.
            batch_size: Pictures that go through the network at once.

        Returns:
            Calibrated probabilities, float64 (n, k). Rows sum to 1, with `card.others` to less:
            the rest is the probability of none of the classes.

        Raises:
            ModelError: The arrays have another shape than the network takes.
        """
        wanted = (*self.card.image_size, self.card.channels)
        if images.ndim != 4 or images.shape[1:] != wanted:
            raise ModelError(f"This model takes arrays (n, {', '.join(map(str, wanted))}).")
        answers = [np.zeros((0, len(self.class_names)))]
        for start in range(0, len(images), batch_size):
            answers.append(self._probabilities(images[start : start + batch_size]))
        return np.concatenate(answers)

    def _probabilities(self, images: np.ndarray) -> np.ndarray:
        asked = [images, images[:, :, ::-1]] if self.card.flip_tta else [images]
        return self.card.probabilities(*map(self._outputs, asked))

    def _outputs(self, images: np.ndarray) -> np.ndarray:
        images = np.ascontiguousarray(images, np.float32)
        with self._lock:
            return np.array(self._network(images), np.float64)

    def _open(self, source: Source, face: bool) -> _Opened:
        image = open_image(source, at_least=LOOK_AT)
        faces = (whole_picture(image),) if face else tuple(find_faces(image))
        photo = Photo(_file_of(source), *full_size(image))
        if not faces:
            return _Opened(photo)
        size = (self.card.image_size, self.card.channels)
        crops = np.stack([to_array(found.crop(image), *size) for found in faces])
        return _Opened(photo, faces, crops)

    def _open_or_say(self, source: Source, face: bool) -> _Opened:
        try:
            return self._open(source, face)
        except ImageError as error:
            return _Opened(Photo(_file_of(source), 0, 0, error=str(error)))

    def _answer(self, batch: list[_Opened]) -> list[Photo]:
        crops = [opened.crops for opened in batch if opened.crops is not None]
        rows = iter(self.predict_arrays(np.concatenate(crops)) if crops else ())
        return [
            replace(
                opened.photo,
                faces=tuple(self._prediction(next(rows), face) for face in opened.faces),
            )
            for opened in batch
        ]

    def _prediction(self, probabilities: np.ndarray, face: Face) -> Prediction:
        best = int(probabilities.argmax())
        return Prediction(
            label=self.class_names[best],
            probability=float(probabilities[best]),
            probabilities=dict(zip(self.class_names, probabilities.tolist(), strict=True)),
            sure=bool(probabilities[best] >= self.card.sure_threshold),
            box=face.box,
            score=face.score,
            other=max(0.0, 1 - float(probabilities.sum())) if self.card.others else 0.0,
        )


def _file_of(source: Source) -> str:
    return os.fspath(source) if isinstance(source, str | os.PathLike) else ""


def load_classifier(
    path: str | os.PathLike | None = None, class_names: list[str] | None = None
) -> Classifier:
    """Load a model to answer with.

    Args:
        path: A `.onnx`, `.tflite`, `.keras` or `.h5` file with its card beside it; the released
            model by default.
        class_names: For a file without a card: its classes, in the order of its outputs.

    Returns:
        The classifier.

    Raises:
        ModelError: No such model, a damaged one, a card that does not fit, or LiteRT is
            missing.
    """
    path = Path(path) if path is not None else RELEASED
    if path.suffix.lower() in KERAS_FORMATS:
        model, card = load_model(path, class_names)
        return Classifier(card, keras_network(model))
    card = read_card(path, class_names)
    by_suffix = {".onnx": _opencv_network, ".tflite": _litert_network}
    return Classifier(card, by_suffix[path.suffix.lower()](path, card))
