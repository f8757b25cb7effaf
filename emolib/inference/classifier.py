"""A photo -> who looks happy, who looks sad, and how sure the model is.

A released model answers from its `.onnx` file through OpenCV, or from its `.tflite` file through
LiteRT, both without TensorFlow; a `.keras` or `.h5` file through a compiled Keras call. Notebook 05
walks through the steps.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ..faces import LOOK_AT, MODELS, Face, find_faces, whole_picture
from ..images import ImageError, Source, full_size, no_memory, open_image, to_array
from ..model.card import ModelCard, ModelError
from .backends import Network, load_network
from .photo import Photo, Prediction

RELEASED = MODELS / "emotion_model.onnx"
SEVEN = MODELS / "emotion_model_7.onnx"
PREVIEW = 1000  # pixels on the longer side of the copy that a notebook shows


@dataclass(frozen=True)
class _Opened:
    """A photo after the threads' part of the work: faces found, crops cut."""

    photo: Photo
    faces: tuple[Face, ...] = ()
    crops: np.ndarray | None = None


class Classifier:
    """Classifies faces with one model; safe to use from several threads, and can be pickled.

    Attributes:
        card: The model's card: class names, image size, temperature, threshold.
        class_names: From the card, in the order of the network's outputs.
        path: The model file, or None for a network that was built in memory.
    """

    def __init__(self, card: ModelCard, network: Network, path: Path | None = None):
        """Wrap a network; use `load_classifier` instead.

        Args:
            card: The model's card.
            network: From float32 (n, height, width, channels), 0-255, to probabilities (n, 1)
                or (n, k).
            path: The file that the network was loaded from.
        """
        self.card = card
        self.class_names = list(card.class_names)
        self.path = path
        self._network = network
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        """Return the model's name, its classes and its input."""
        height, width = self.card.image_size
        colors = "gray" if self.card.channels == 1 else "RGB"
        name = self.path.name if self.path else "a network in memory"
        return f"Classifier({name}: {', '.join(self.class_names)}; {width} x {height}, {colors})"

    def __reduce__(self) -> tuple[Callable[..., Classifier], tuple[Path, ModelCard]]:
        """Pickle as path and card: the network is loaded again."""
        if self.path is None:
            raise ModelError("This classifier has no file to load again: save its model first.")
        return _load_again, (self.path.absolute(), self.card)

    def predict(
        self,
        source: Source,
        face: bool = False,
        flip_tta: bool | None = None,
        preview: bool = True,
    ) -> Photo:
        """Classify every face in one photo.

        Args:
            source: A path, bytes, file object, `PIL.Image` or array.
            face: The picture is already a cropped face.
            flip_tta: Ask about the mirror image too, and take the mean (test-time augmentation); by
                default, as the card says, because the probabilities are calibrated for that.
            preview: Keep a small copy of the photo, with which a notebook shows it.

        Returns:
            The photo with one prediction per face. A notebook shows it with boxes and labels.

        Raises:
            ImageError: The picture cannot be used.
        """
        return self._answer([self._open(source, face, preview)], flip_tta)[0]

    def predict_many(
        self,
        sources: Iterable[Source] | Source,
        batch_size: int = 64,
        face: bool = False,
        flip_tta: bool | None = None,
        threads: int | None = None,
    ) -> Iterator[Photo]:
        """Classify the faces in many photos, in order, on all cores.

        Only a few batches are in memory at any time. A photo that cannot be used comes back
        with a sentence in `error`; the others are answered.

        Args:
            sources: Paths, or anything else `predict` takes, read as they are needed; or just
                one.
            batch_size: Photos whose faces go through the network at once.
            face: The pictures are already cropped faces.
            flip_tta: As for `predict`.
            threads: Photos that are opened at the same time; by default, one per core.

        Yields:
            One `Photo` per source, without a preview.
        """
        batch = []
        for opened in self._opened_in_order(_one_or_many(sources), face, threads):
            batch.append(opened)
            if len(batch) == batch_size:
                yield from self._answer(batch, flip_tta)
                batch = []
        yield from self._answer(batch, flip_tta)

    def predict_arrays(
        self,
        images: np.ndarray,
        batch_size: int = 64,
        flip_tta: bool | None = None,
        classes: Sequence[str] | None = None,
    ) -> np.ndarray:
        """Classify face crops that are already arrays.

        Args:
            images: (n, height, width, channels) as the card says, pixel values 0-255.
            batch_size: Pictures that go through the network at once.
            flip_tta: As for `predict`.
            classes: Compare only these of the model's classes, in this order: their probabilities
                are divided by their sum.

        Returns:
            Calibrated probabilities, float64 (n, k), rows summing to 1.

        Raises:
            ModelError: The arrays have a different shape from what the network takes, or the model
                lacks one of `classes`.
        """
        wanted = (*self.card.image_size, self.card.channels)
        if images.ndim != 4 or images.shape[1:] != wanted:
            raise ModelError(f"This model takes arrays (n, {', '.join(map(str, wanted))}).")
        answers = [np.zeros((0, len(self.class_names)))]
        for start in range(0, len(images), batch_size):
            answers.append(self._probabilities(images[start : start + batch_size], flip_tta))
        answered = np.concatenate(answers)
        return answered if classes is None else self._of_classes(answered, classes)

    def _of_classes(self, probabilities: np.ndarray, classes: Sequence[str]) -> np.ndarray:
        unknown = [name for name in classes if name not in self.class_names]
        if unknown:
            raise ModelError(
                f"This model does not know {', '.join(unknown)}: choose from "
                f"{', '.join(self.class_names)}."
            )
        wanted = probabilities[:, [self.class_names.index(name) for name in classes]]
        return wanted / wanted.sum(axis=1, keepdims=True)

    def _probabilities(self, images: np.ndarray, flip_tta: bool | None) -> np.ndarray:
        flip = self.card.flip_tta if flip_tta is None else flip_tta
        views = [images, images[:, :, ::-1]] if flip else [images]
        return self.card.probabilities(*map(self._outputs, views))

    def _outputs(self, images: np.ndarray) -> np.ndarray:
        images = np.ascontiguousarray(images, np.float32)
        with self._lock:
            return np.array(self._network(images), np.float64)

    def _opened_in_order(
        self, sources: Iterable[Source], face: bool, threads: int | None
    ) -> Iterator[_Opened]:
        workers = threads or os.cpu_count() or 1
        pool = ThreadPoolExecutor(workers)
        waiting: deque[Future[_Opened]] = deque()
        try:
            for source in sources:
                waiting.append(pool.submit(self._open_or_say, source, face))
                # enough ahead to keep the cores busy, few enough to keep memory flat
                if len(waiting) > 4 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            # a caller that stops early does not wait for photos it no longer wants
            pool.shutdown(wait=False, cancel_futures=True)

    def _open(self, source: Source, face: bool, preview: bool = False) -> _Opened:
        try:
            image = open_image(source, at_least=LOOK_AT)
        except MemoryError:
            raise no_memory(source) from None
        faces = (whole_picture(image),) if face else tuple(find_faces(image))
        photo = Photo(_file_of(source), *full_size(image))
        if preview:
            small = image.copy()
            small.thumbnail((PREVIEW, PREVIEW))
            photo = replace(photo, preview=small)
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

    def _answer(self, batch: list[_Opened], flip_tta: bool | None) -> list[Photo]:
        crops = [opened.crops for opened in batch if opened.crops is not None]
        faces = np.concatenate(crops) if crops else None
        rows = iter(() if faces is None else self.predict_arrays(faces, flip_tta=flip_tta))
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
        )


def load_classifier(
    path: str | os.PathLike | None = None, class_names: list[str] | None = None
) -> Classifier:
    """Load a model to classify faces with.

    Args:
        path: A `.onnx`, `.tflite`, `.keras`, `.h5` or `.hdf5` file with its card beside it;
            "seven" for the released model of seven emotions; by default, the released model of
            happy, sad or neither.
        class_names: For a file without a card: its classes, in the order of its outputs.

    Returns:
        The classifier.

    Raises:
        ModelError: No such model, a damaged one, a card that does not fit, outputs that are not
            probabilities, or LiteRT is missing.
    """
    path = RELEASED if path is None else SEVEN if path == "seven" else Path(path)
    network, card = load_network(path, class_names)
    return Classifier(card, network, path)


def _load_again(path: Path, card: ModelCard) -> Classifier:
    """Load the model of a classifier that was pickled, with the card that it had at that time."""
    network, _ = load_network(path, card.class_names)
    return Classifier(card, network, path)


def _one_or_many(sources: Any) -> Iterable[Source]:
    """Return an iterable: a single photo is not a list of letters, lines or pixel rows."""
    single = (str, bytes, bytearray, memoryview, os.PathLike, Image.Image)
    if isinstance(sources, single) or hasattr(sources, "read"):
        return [sources]
    if isinstance(sources, np.ndarray) and sources.ndim < 4:
        return [sources]
    return sources


def _file_of(source: Source) -> str:
    return os.fspath(source) if isinstance(source, str | os.PathLike) else ""
