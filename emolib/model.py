"""A network and its card: build, save and load them.

A model is a weights file (`.keras`, `.h5`, `.onnx` or `.tflite`) and, beside it, a card of the same
name in JSON: class names, image size, calibration, and what it was trained on. Notebook 02 builds
the network layer by layer.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .calibration import apply_temperature
from .errors import EmolibError

if TYPE_CHECKING:
    import keras

KERAS_FORMATS = (".keras", ".h5")
FORMATS = (*KERAS_FORMATS, ".tflite", ".onnx")


class ModelError(EmolibError):
    """A model file cannot be used; the message says why and what to do."""


@dataclass
class ModelCard:
    """What one must know to answer with a network.

    Attributes:
        class_names: Sorted names; index i is output i (two classes: the one sigmoid output
            is the probability of `class_names[1]`).
        image_size: (height, width) of the input in pixels.
        channels: 1 for gray, 3 for RGB.
        others: Whether the network has one output more, the last: that a face shows none of the
            classes. It is never an answer, it makes the answers less probable.
        mirrored: Whether the network is asked about the mirror image too; the mean of both counts.
        temperature: Divides the logits, so that probabilities mean what they say.
        sure_threshold: Calibrated probability, 0-1, from which an answer counts as sure.
        files: {file name: SHA-256} of the weights files the card belongs to.
        data: Data and split used, with counts and hash.
        training: Recipe, seed, epochs and versions.
        figures: Measured results.
    """

    class_names: list[str]
    image_size: tuple[int, int] = (48, 48)
    channels: int = 1
    others: bool = False
    mirrored: bool = False
    temperature: float = 1.0
    sure_threshold: float = 0.5
    files: dict[str, str] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)

    def write(self, model_path: Path) -> Path:
        """Write the card beside a model file and take the file's hash into it."""
        self.files[model_path.name] = file_digest(model_path)
        path = model_path.with_suffix(".json")
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n", "utf-8")
        return path

    def check_outputs(self, network: str | Path, outputs: int) -> None:
        """Raise ModelError if a network with so many outputs cannot be the card's."""
        n = len(self.class_names) + self.others
        if outputs != n and (outputs, n) != (1, 2):
            others = " and one for others" if self.others else ""
            raise ModelError(
                f"{network} has {outputs} outputs, its card wants {n}: one a class"
                f" ({', '.join(self.class_names)}){others}."
            )

    def probabilities(
        self, outputs: np.ndarray, of_mirror_images: np.ndarray | None = None
    ) -> np.ndarray:
        """Turn what the network gives into calibrated probabilities of the classes.

        Args:
            outputs: float (n, 1), (n, k) or (n, k + 1), rows that sum to 1 or one number for two
                classes.
            of_mirror_images: What it gives for the mirror images, where the card says `mirrored`.

        Returns:
            float64 (n, k); rows sum to 1, with `others` to less: the rest is none of the classes.
        """
        asked = [outputs] if of_mirror_images is None else [outputs, of_mirror_images]
        asked = [np.hstack([1 - p, p]) if p.shape[1] == 1 else p for p in asked]
        # the root of a product of probabilities is the mean of their logits
        mean = asked[0] if len(asked) == 1 else np.sqrt(asked[0] * asked[1])
        return apply_temperature(mean, self.temperature)[:, : len(self.class_names)]


def start_tensorflow() -> None:
    """Load TensorFlow without the lines about its insides that it writes when it starts."""
    with silent_stderr():
        import tensorflow as tf

        tf.config.list_physical_devices()


@contextlib.contextmanager
def silent_stderr() -> Iterator[None]:
    """Keep quiet what compiled libraries write to stderr, past Python's own `sys.stderr`."""
    stderr = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)


def build_cnn(
    n_classes: int = 2,
    image_size: tuple[int, int] = (48, 48),
    channels: int = 1,
    others: bool = False,
) -> keras.Sequential:
    """Build the course's convolutional network, not trained and not compiled.

    Four levels, each seeing features of a wider area at half the resolution, then one average
    per feature map (global pooling) and a linear classifier on those.

    Args:
        n_classes: 2 gives one sigmoid unit (the probability of class 1), more give softmax.
        image_size: (height, width) of the input in pixels, at least 16.
        channels: 1 for gray, 3 for RGB.
        others: Add an output for faces of none of the classes, the last one of a softmax.

    Returns:
        A Keras Sequential; input float32 (n, height, width, channels), pixel values 0-255;
        output float32 (n, 1), (n, n_classes) or (n, n_classes + 1), probabilities.
    """
    from keras import layers

    model = _with_pixels_scaled("emotion_cnn", image_size, channels)
    _add_convolution(model, 32, kernel_size=5)
    model.add(layers.MaxPooling2D())
    for filters in (64, 128):
        _add_convolution(model, filters)
        _add_convolution(model, filters)
        model.add(layers.MaxPooling2D())
        model.add(layers.Dropout(0.2))
    _add_convolution(model, 256)
    model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Dropout(0.4))
    model.add(_output_layer(n_classes, others))
    return model


def build_light_cnn(
    n_classes: int = 2,
    image_size: tuple[int, int] = (48, 48),
    channels: int = 1,
    others: bool = False,
) -> keras.Sequential:
    """Build a network with a quarter of that one's work and half its weights.

    Three levels of two convolutions. The first moves in steps of two, so that all that follows
    sees a quarter of the places.

    Args:
        n_classes: As for `build_cnn`.
        image_size: Likewise.
        channels: Likewise.
        others: Likewise.

    Returns:
        A Keras Sequential with the same inputs and outputs as `build_cnn`'s.
    """
    model = _with_pixels_scaled("light_emotion_cnn", image_size, channels)
    return _add_levels(model, ((32, 32), (64, 64), (128, 128)), _output_layer(n_classes, others))


def build_deep_cnn(
    n_classes: int = 2,
    image_size: tuple[int, int] = (48, 48),
    channels: int = 1,
    others: bool = False,
) -> keras.Sequential:
    """Build the released network: as `build_light_cnn`, with wider levels and eight convolutions.

    Between levels it takes the maxima of all 2 x 2 places, then means of those, so that an answer
    depends less on where the grid lies on the face (Zhang 2019).

    Args:
        n_classes: As for `build_cnn`.
        image_size: Likewise.
        channels: Likewise.
        others: Likewise.

    Returns:
        A Keras Sequential with the same inputs and outputs as `build_cnn`'s.
    """
    model = _with_pixels_scaled("deep_emotion_cnn", image_size, channels)
    levels = ((64, 64), (96, 96, 96), (160, 160, 160))
    return _add_levels(model, levels, _output_layer(n_classes, others), smooth=True)


def _with_pixels_scaled(name: str, image_size: tuple[int, int], channels: int) -> keras.Sequential:
    """Begin a network: pixel values 0-255 in, each picture brought to mean 0 and variance 1."""
    import keras
    from keras import layers

    model = keras.Sequential(name=name)
    model.add(keras.Input((*image_size, channels), name="pixels"))
    model.add(layers.Rescaling(1 / 127.5, offset=-1))
    # each picture to mean 0 and variance 1: a dark photo is no other emotion (flat, because
    # .h5 files lose the axes of a normalisation over several)
    model.add(layers.Flatten())
    model.add(layers.LayerNormalization(epsilon=1e-5, scale=False, center=False))
    model.add(layers.Reshape((*image_size, channels)))
    return model


def _add_convolution(
    model: keras.Sequential, filters: int, kernel_size: int = 3, strides: int = 1
) -> None:
    from keras import layers

    # batch normalisation brings its own bias
    model.add(layers.Conv2D(filters, kernel_size, strides, padding="same", use_bias=False))
    model.add(layers.BatchNormalization())
    model.add(layers.Activation("relu"))


def _add_pooling(model: keras.Sequential, smooth: bool) -> None:
    from keras import layers

    if smooth:
        model.add(layers.MaxPooling2D(2, strides=1, padding="same"))
        model.add(layers.AveragePooling2D(2))
    else:
        model.add(layers.MaxPooling2D())


def _add_levels(
    model: keras.Sequential,
    levels: tuple[tuple[int, ...], ...],
    output: keras.layers.Layer,
    smooth: bool = False,
) -> keras.Sequential:
    """Add three levels of convolutions, the first in steps of two, their averages, the output."""
    from keras import layers

    first, second, third = levels
    _add_convolution(model, first[0], kernel_size=5, strides=2)
    for filters in first[1:]:
        _add_convolution(model, filters)
    _add_pooling(model, smooth)
    for filters in second:
        _add_convolution(model, filters)
    _add_pooling(model, smooth)
    model.add(layers.Dropout(0.1))
    for filters in third:
        _add_convolution(model, filters)
    model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Dropout(0.2))
    model.add(output)
    return model


def _output_layer(n_classes: int, others: bool) -> keras.layers.Layer:
    from keras import layers

    if n_classes == 2 and not others:
        return layers.Dense(1, activation="sigmoid", name="probability")
    return layers.Dense(n_classes + others, activation="softmax", name="probabilities")


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes in hex."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_card(path: str | os.PathLike, class_names: list[str] | None = None) -> ModelCard:
    """Read the card of a model file and check that the two belong together.

    Args:
        path: A `.keras`, `.h5`, `.onnx` or `.tflite` file.
        class_names: For a file without a card: its classes, in the order of its outputs.

    Returns:
        The card.

    Raises:
        ModelError: No such model, no card, or a card that is not this file's.
    """
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        raise ModelError(f"{path} is not a model file: give a .keras, .h5, .onnx or .tflite file.")
    if not path.is_file():
        raise ModelError(f"{path} does not exist: give the path of a trained model file.")
    card_path = path.with_suffix(".json")
    if not card_path.is_file():
        if class_names:
            return ModelCard(list(class_names), image_size=(0, 0))
        raise ModelError(
            f"{card_path.name} is missing beside {path}: it holds the class names; copy it there, "
            "or name the classes in their order with class_names=[...]."
        )
    try:
        card = ModelCard(**json.loads(card_path.read_text("utf-8")))
        card.image_size = tuple(card.image_size)
        names = card.class_names
        whole = len(names) >= 2 and len(card.image_size) == 2 and card.temperature > 0
    except (ValueError, TypeError, AttributeError, OSError):
        whole = False
    if not whole:
        raise ModelError(f"{card_path} is not a model card: copy it anew from where the model is.")
    if card.files.get(path.name) != file_digest(path):
        raise ModelError(
            f"{card_path.name} does not belong to {path.name}: one of the two was changed or comes "
            "from another model; copy both anew from the same place."
        )
    return card


def load_model(
    path: str | os.PathLike, class_names: list[str] | None = None
) -> tuple[keras.Model, ModelCard]:
    """Load a network to learn from or go on with.

    Args:
        path: A `.keras` or `.h5` file with its card beside it.
        class_names: For a file without a card: its classes, in the order of its outputs.

    Returns:
        The Keras model and its card.

    Raises:
        ModelError: Not a model, a damaged file, code inside (Lambda layers and the like), or a
            card that does not fit.
    """
    path = Path(path)
    card = read_card(path, class_names)
    if path.suffix.lower() not in KERAS_FORMATS:
        raise ModelError(f"{path} can only answer, not learn: give the .keras file of that model.")
    start_tensorflow()
    import keras

    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:
        # Keras raises many kinds, all meaning one of these two
        if any(word in str(error) for word in ("unsafe", "safe_mode", "lambda", "Lambda")):
            raise ModelError(
                f"{path} has program code in it, which could do anything to this computer: it is "
                "not opened; ask for a file made of standard layers."
            ) from error
        written_by = _keras_version(path)
        if written_by and _numbers(written_by) > _numbers(keras.__version__):
            raise ModelError(
                f"{path} was written by Keras {written_by}, newer than {keras.__version__} here: "
                "pip install --upgrade keras, or write it with the older one."
            ) from error
        raise ModelError(
            f"{path} cannot be read as a Keras model: it is damaged, or needs layers that are "
            "not part of Keras."
        ) from error
    _check_shapes(path, model, card)
    return model, card


def _keras_version(path: Path) -> str | None:
    try:
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read("metadata.json"))["keras_version"]
    except (zipfile.BadZipFile, KeyError, ValueError, OSError):
        return None


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)[:3]]


def _check_shapes(path: Path, model: keras.Model, card: ModelCard) -> None:
    shape, outputs = model.input_shape, model.output_shape
    if len(shape) != 4 or len(outputs) != 2 or shape[3] not in (1, 3):
        raise ModelError(f"{path} does not take pictures and give class probabilities.")
    if card.image_size == (0, 0):
        card.image_size, card.channels = (shape[1], shape[2]), shape[3]
    if tuple(shape[1:]) != (*card.image_size, card.channels):
        raise ModelError(f"{path} takes pictures of {shape[1:]}, its card says something else.")
    card.check_outputs(path, outputs[1])
