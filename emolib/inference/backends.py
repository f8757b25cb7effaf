"""The engines that run a network: OpenCV for `.onnx`, LiteRT for `.tflite`, and Keras.

Only Keras needs TensorFlow.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..model.card import ANY_SIZE, KERAS_FORMATS, ModelCard, ModelError, not_for_pictures, read_card
from ..model.files import load_model
from ..model.quiet import silent_stderr
from ..model.trial import check_answers, does_not_answer, failure, trial_pictures

if TYPE_CHECKING:
    import keras

# from float32 pictures (n, height, width, channels) to a network's outputs, as in ModelCard
Network = Callable[[np.ndarray], np.ndarray]


def load_network(path: Path, class_names: list[str] | None = None) -> tuple[Network, ModelCard]:
    """Read a model file with the engine that its format needs.

    Args:
        path: A `.onnx`, `.tflite`, `.keras`, `.h5` or `.hdf5` file.
        class_names: For a file without a card: its classes, in the order of its outputs.

    Returns:
        A function from float32 pictures (n, height, width, channels), 0-255, to the network's
        outputs, float (n, k); and the card.

    Raises:
        ModelError: No such model, a damaged one, a card that does not fit, outputs that are not
            probabilities, or a package is missing.
    """
    if path.suffix.lower() in KERAS_FORMATS:
        model, card = load_model(path, class_names)
        return keras_network(model), card
    card = read_card(path, class_names)
    read = _opencv_network if path.suffix.lower() == ".onnx" else _litert_network
    try:
        network = read(path, card)
        check_answers(path, card, network)
    except ModelError:
        raise
    except (MemoryError, RuntimeError, ValueError, cv2.error) as error:
        raise failure(path, error, does_not_answer(path, card)) from error
    return network, card


def keras_network(model: keras.Model) -> Network:
    """Compile a Keras model into the function that `Classifier` calls."""
    import tensorflow as tf

    # a compiled call: model.predict takes 60 times longer for a single face
    signature = [tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)]
    call = tf.function(lambda images: model(images, training=False), input_signature=signature)
    return lambda images: call(images).numpy()


def _opencv_network(path: Path, card: ModelCard) -> Network:
    """Read an ONNX file; some OpenCV 4 versions mix up a batch's pictures, so try it out."""
    data = path.read_bytes()
    try:
        # bytes, because OpenCV cannot open every name
        net = cv2.dnn.readNetFromONNX(np.frombuffer(data, np.uint8))
    except cv2.error as error:
        raise ModelError(
            f"{path} cannot be read as an ONNX model: it is damaged, keeps its weights in a second "
            f"file, or has operations that OpenCV {cv2.__version__} does not know."
        ) from error
    if card.image_size == ANY_SIZE:
        card.check_input(path, _onnx_shape(path, data))

    def forward(images: np.ndarray) -> np.ndarray:
        net.setInput(images)
        return net.forward().copy()

    def one_by_one(images: np.ndarray) -> np.ndarray:
        return np.concatenate([forward(image[None]) for image in images])

    two = trial_pictures(card.image_size, card.channels)[:2]
    alone = one_by_one(two)
    try:
        together = forward(two)
    except cv2.error:
        return one_by_one
    right = together.shape == alone.shape and np.allclose(together, alone)
    return forward if right else one_by_one


def _onnx_shape(path: Path, data: bytes) -> tuple[int | None, ...]:
    """Return the shape of a network's input, which OpenCV does not report."""
    try:
        import onnx
    except ImportError:
        raise ModelError(
            f"Using {path.name} without its card needs onnx: run pip install onnx"
        ) from None
    graph = onnx.load_model_from_string(data).graph
    # older files list the weights among the inputs
    stored = {weight.name for weight in graph.initializer}
    inputs = [given for given in graph.input if given.name not in stored]
    if len(inputs) != 1:
        raise not_for_pictures(path)
    return tuple(size.dim_value or None for size in inputs[0].type.tensor_type.shape.dim)


def _litert_network(path: Path, card: ModelCard) -> Network:
    """Read a TensorFlow Lite file; it takes one picture at a time."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        raise ModelError(
            f"Using {path.name} needs LiteRT: run pip install ai-edge-litert"
        ) from None
    try:
        interpreter = Interpreter(model_content=path.read_bytes(), num_threads=1)
    except (ValueError, RuntimeError) as error:
        raise ModelError(f"{path} cannot be read as a LiteRT model: copy it again.") from error
    inputs = interpreter.get_input_details()
    outputs = interpreter.get_output_details()
    if [tensor["dtype"] for tensor in (*inputs, *outputs)] != [np.float32, np.float32]:
        raise not_for_pictures(path)
    taken = inputs[0]["index"]
    given = outputs[0]["index"]
    # -1 is a size that the file leaves open
    shape = tuple(int(size) if size > 0 else None for size in inputs[0]["shape_signature"])
    card.check_input(path, shape)
    interpreter.resize_tensor_input(taken, (1, *card.image_size, card.channels))
    with silent_stderr():  # it writes a line about delegates
        interpreter.allocate_tensors()

    def answer(image: np.ndarray) -> np.ndarray:
        interpreter.set_tensor(taken, image[None])
        interpreter.invoke()
        return interpreter.get_tensor(given)[0]

    return lambda images: np.stack([answer(image) for image in images])
