"""The engines that run a network: OpenCV, LiteRT, or Keras."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ..model.card import ModelCard, ModelError
from ..model.files import silent_stderr

# from float32 pictures (n, height, width, channels) to a network's outputs, as in ModelCard
Network = Callable[[np.ndarray], np.ndarray]


def _opencv_network(path: Path, card: ModelCard) -> Network:
    """Read an ONNX file; some OpenCV 4 answer wrong for several pictures at once: try it out."""
    one = np.linspace(0, 255, np.prod(card.image_size) * card.channels, dtype=np.float32)
    two = np.stack([one, 0.1 * one[::-1]]).reshape(2, *card.image_size, card.channels)
    try:
        net = cv2.dnn.readNetFromONNX(os.fspath(path))
        alone = _forward(net, two[:1]), _forward(net, two[1:])
        outputs = alone[0].shape[1]
    except (cv2.error, IndexError) as error:
        raise ModelError(f"{path} cannot be read as an ONNX model: copy it anew.") from error
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
    """Read a TensorFlow Lite file; it takes one picture after the other."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        raise ModelError(
            f"Answering from {path.name} needs LiteRT: pip install ai-edge-litert"
        ) from None
    try:
        with silent_stderr():  # a line about delegates, which nobody asked for
            interpreter = Interpreter(model_content=path.read_bytes(), num_threads=1)
            interpreter.allocate_tensors()
        (taken,), (given,) = interpreter.get_input_details(), interpreter.get_output_details()
    except (ValueError, RuntimeError) as error:
        raise ModelError(f"{path} cannot be read as a LiteRT model: copy it anew.") from error
    if taken["dtype"] != np.float32 or len(taken["shape"]) != 4 or len(given["shape"]) != 2:
        raise ModelError(f"{path} does not take pictures and give class probabilities.")
    height, width, channels = map(int, taken["shape"][1:])
    if card.image_size == (0, 0):
        card.image_size, card.channels = (height, width), channels
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


def keras_network(model: Any) -> Network:
    """Turn a Keras model into what `Classifier` asks."""
    import tensorflow as tf

    # a compiled call: model.predict takes 60 times longer for a single face
    signature = [tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)]
    call = tf.function(lambda images: model(images, training=False), input_signature=signature)
    return lambda images: call(images).numpy()
