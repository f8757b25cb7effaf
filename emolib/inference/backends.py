"""The engines that run a network: OpenCV for `.onnx`, LiteRT for `.tflite`, and Keras.

Only Keras needs TensorFlow.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..model.card import KERAS_FORMATS, ModelCard, ModelError, read_card
from ..model.files import load_model, silent_stderr

if TYPE_CHECKING:
    import keras

# from float32 pictures (n, height, width, channels) to a network's outputs, as in ModelCard
Network = Callable[[np.ndarray], np.ndarray]


def load_network(path: Path, class_names: list[str] | None = None) -> tuple[Network, ModelCard]:
    """Read a model file with the engine that its format asks for.

    Args:
        path: A `.onnx`, `.tflite`, `.keras` or `.h5` file.
        class_names: For a file without a card: its classes, in the order of its outputs.

    Returns:
        A function from float32 pictures (n, height, width, channels), 0-255, to the network's
        outputs, float (n, k); and the card.

    Raises:
        ModelError: No such model, a damaged one, a card that does not fit, or LiteRT is missing.
    """
    if path.suffix.lower() in KERAS_FORMATS:
        model, card = load_model(path, class_names)
        return keras_network(model), card
    card = read_card(path, class_names)
    if path.suffix.lower() == ".onnx":
        return _opencv_network(path, card), card
    return _litert_network(path, card), card


def keras_network(model: keras.Model) -> Network:
    """Compile a Keras model into what `Classifier` asks."""
    import tensorflow as tf

    # a compiled call: model.predict takes 60 times longer for a single face
    signature = [tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)]
    call = tf.function(lambda images: model(images, training=False), input_signature=signature)
    return lambda images: call(images).numpy()


def _opencv_network(path: Path, card: ModelCard) -> Network:
    """Read an ONNX file; some OpenCV 4 versions mix up the pictures of a batch: try it out."""
    one = np.linspace(0, 255, np.prod(card.image_size) * card.channels, dtype=np.float32)
    two = np.stack([one, 0.1 * one[::-1]]).reshape(2, *card.image_size, card.channels)
    try:
        net = cv2.dnn.readNetFromONNX(os.fspath(path))
        alone = [_forward(net, two[:1]), _forward(net, two[1:])]
        outputs = alone[0].shape[1]
    except (cv2.error, IndexError) as error:
        raise ModelError(f"{path} cannot be read as an ONNX model: copy it again.") from error
    card.check_outputs(path, outputs)
    try:
        together = _forward(net, two)
        right = together.shape == (2, outputs) and np.allclose(together, [a[0] for a in alone])
    except cv2.error:
        right = False
    if right:
        return lambda images: _forward(net, images)
    return lambda images: np.concatenate([_forward(net, image[None]) for image in images])


def _litert_network(path: Path, card: ModelCard) -> Network:
    """Read a TensorFlow Lite file; it takes one picture at a time."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        raise ModelError(
            f"Answering from {path.name} needs LiteRT: pip install ai-edge-litert"
        ) from None
    try:
        with silent_stderr():  # it writes a line about delegates
            interpreter = Interpreter(model_content=path.read_bytes(), num_threads=1)
            interpreter.allocate_tensors()
        (taken,) = interpreter.get_input_details()
        (given,) = interpreter.get_output_details()
    except (ValueError, RuntimeError) as error:
        raise ModelError(f"{path} cannot be read as a LiteRT model: copy it again.") from error
    if taken["dtype"] != np.float32 or len(taken["shape"]) != 4 or len(given["shape"]) != 2:
        raise ModelError(f"{path} does not take pictures and give class probabilities.")
    height, width, channels = map(int, taken["shape"][1:])
    if card.image_size == (0, 0):
        card.image_size = (height, width)
        card.channels = channels
    if (height, width, channels) != (*card.image_size, card.channels):
        raise ModelError(
            f"{path} takes pictures of {(height, width, channels)}, its card says something else."
        )
    card.check_outputs(path, int(given["shape"][1]))

    def answer(image: np.ndarray) -> np.ndarray:
        interpreter.set_tensor(taken["index"], image[None])
        interpreter.invoke()
        return interpreter.get_tensor(given["index"])[0]

    return lambda images: np.stack([answer(image) for image in images])


def _forward(net: cv2.dnn.Net, images: np.ndarray) -> np.ndarray:
    net.setInput(images)
    return net.forward().copy()
