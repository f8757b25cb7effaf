"""Where a network looks: heat maps of what supports a class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ..evaluation.metrics import EvaluationError
from ..inference.backends import keras_network
from ..inference.classifier import Classifier

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

    from ..model.card import ModelCard

NO_CONVOLUTIONS = "Grad-CAM needs a Sequential model with convolutions."
# from pictures (n, height, width, channels) to calibrated probabilities and the heat of the answers
Explainer = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


def grad_cam(
    model: keras.Sequential,
    images: ArrayLike,
    class_index: int | ArrayLike | None = None,
) -> np.ndarray:
    """Find the parts of each picture that support a class (Grad-CAM, Selvaraju et al. 2017).

    Args:
        model: A Keras Sequential with convolutions; its last feature maps are used.
        images: float (n, height, width, channels), pixel values 0-255.
        class_index: The class to explain, or one for each picture (n,); each picture's own answer
            by default. That answer takes no account of a mirror image: to explain those of a
            classifier whose card says `flip_tta`, give the classes that it names.

    Returns:
        float32 (n, height, width), 0-1, each map's top at 1 (all 0 if nothing supports it).

    Raises:
        EvaluationError: The model is not a Sequential with convolutions, or has no such class.
    """
    import tensorflow as tf

    images = np.asarray(images, np.float32)
    if images.ndim != 4 or not len(images):
        raise EvaluationError("Grad-CAM takes an array (n, height, width, channels) of pictures.")
    features, rest = _last_feature_maps(getattr(model, "layers", []), tf.constant(images))
    if class_index is None:
        answers = tf.argmax(_logits(rest, features), axis=1)
    else:
        answers = tf.constant(_chosen(class_index, len(images), model.output_shape[-1]))
    return _heat(features, rest, answers, images.shape[1:3]).numpy()


def _chosen(class_index: int | ArrayLike, n: int, outputs: int) -> np.ndarray:
    """Return a class for each of n pictures, int64 (n,)."""
    chosen = np.asarray(class_index)
    if chosen.dtype.kind not in "iu" or chosen.shape not in ((), (n,)):
        raise EvaluationError("Give one class to explain, or one for each picture.")
    last = max(outputs, 2) - 1  # one output means two classes
    if chosen.min() < 0 or chosen.max() > last:
        raise EvaluationError(f"The model has only classes 0 to {last}.")
    return np.broadcast_to(chosen, n).astype(np.int64)


def explainer(model: keras.Sequential, card: ModelCard) -> Explainer:
    """Compile a network for many calls that ask for its answers and for what supports them.

    Args:
        model: As for `grad_cam`.
        card: Says how the outputs become an answer.

    Returns:
        A function of pictures (n, height, width, channels), 0-255. It returns calibrated
        probabilities, float64 (n, k), as a classifier with this card does, and `grad_cam` of the
        class with the highest of them: of the picture itself, even where the answer is the mean
        of picture and mirror image.

    Raises:
        EvaluationError: The model is not a Sequential with convolutions.
    """
    classifier = Classifier(card, keras_network(model))
    heat = _compiled_heat(model)

    def explain(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        probabilities = classifier.predict_arrays(images)
        chosen = probabilities.argmax(axis=1)
        return probabilities, heat(np.asarray(images, np.float32), chosen).numpy()

    return explain


def _compiled_heat(model: keras.Sequential) -> Callable[[np.ndarray, np.ndarray], tf.Tensor]:
    """Return `_heat` as a function of pictures and the class to explain in each of them."""
    import tensorflow as tf

    def heat(images: tf.Tensor, chosen: tf.Tensor) -> tf.Tensor:
        features, rest = _last_feature_maps(getattr(model, "layers", []), images)
        return _heat(features, rest, chosen, images.shape[1:3])

    pictures = tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)
    classes = tf.TensorSpec((None,), tf.int64)
    call = tf.function(heat, input_signature=[pictures, classes], autograph=False)
    call.get_concrete_function()  # refuse now what cannot be explained
    return call


def _heat(
    features: tf.Tensor,
    rest: Sequence[keras.layers.Layer],
    chosen: tf.Tensor,
    size: tuple[int, int],
) -> tf.Tensor:
    """Return where each picture's maps support its chosen class: (n, height, width), 0-1."""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(features)
        score = tf.gather(_logits(rest, features), chosen, axis=1, batch_dims=1)
    weights = tf.reduce_mean(tape.gradient(score, features), axis=(1, 2), keepdims=True)
    heat = tf.nn.relu(tf.reduce_sum(weights * features, axis=-1, keepdims=True))
    heat = tf.image.resize(heat, size)[..., 0]
    top = tf.reduce_max(heat, axis=(1, 2), keepdims=True)
    return tf.math.divide_no_nan(heat, top)


def _last_feature_maps(
    layers: Sequence[keras.layers.Layer], x: tf.Tensor
) -> tuple[tf.Tensor, Sequence[keras.layers.Layer]]:
    """Return the last maps with more than one place, and the layers after them."""
    found = None
    for i, layer in enumerate(layers):
        x = layer(x, training=False)
        if len(x.shape) == 4 and x.shape[1] * x.shape[2] > 1:
            found = x, layers[i + 1 :]
    if found is None or len(x.shape) != 2:
        raise EvaluationError(NO_CONVOLUTIONS)
    return found


def _logits(layers: Sequence[keras.layers.Layer], x: tf.Tensor) -> tf.Tensor:
    """Run the head up to its scores (n, k); after the sigmoid or softmax, gradients vanish."""
    import tensorflow as tf

    *body, last = layers
    if type(last).__name__ in ("Activation", "Softmax"):
        *body, last = body
    for layer in body:
        x = layer(x, training=False)
    # a Dense layer's linear part, whatever its activation
    if hasattr(last, "kernel"):
        x = tf.cast(x, tf.float32) @ tf.convert_to_tensor(last.kernel)
        x = x if last.bias is None else x + last.bias
    else:
        x = last(x)
    return tf.concat([-x, x], axis=1) if x.shape[1] == 1 else x
