"""Where a network looks: heat maps of what speaks for a class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ..evaluation.metrics import EvaluationError

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

NO_CONVOLUTIONS = "Grad-CAM needs a Sequential model with convolutions."
# from pictures (n, height, width, channels) to the network's outputs and the heat of its answers
Explainer = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


def grad_cam(
    model: keras.Sequential,
    images: ArrayLike,
    class_index: int | None = None,
    n_classes: int | None = None,
) -> np.ndarray:
    """Find the parts of each picture that speak for a class (Grad-CAM, Selvaraju et al. 2017).

    Args:
        model: A Keras Sequential with convolutions; its last feature maps are used.
        images: float (n, height, width, channels), pixel values 0-255.
        class_index: The class to explain; each picture's own answer by default.
        n_classes: How many of the outputs can be an answer, all by default; for a network whose
            card says `others`, the number of its classes.

    Returns:
        float32 (n, height, width), 0-1, each map's top at 1 (all 0 if nothing speaks for it).

    Raises:
        EvaluationError: The model is not a Sequential with convolutions, or has no such class.
    """
    import tensorflow as tf

    images = np.asarray(images, np.float32)
    if images.ndim != 4 or not len(images):
        raise EvaluationError("Grad-CAM takes an array (n, height, width, channels) of pictures.")
    layers = getattr(model, "layers", [])
    return _output_and_heat(layers, tf.constant(images), class_index, n_classes)[1].numpy()


def explainer(model: keras.Sequential, n_classes: int | None = None) -> Explainer:
    """Compile Grad-CAM for many calls: answers and heat maps in one pass through the network.

    Args:
        model: As for `grad_cam`.
        n_classes: As for `grad_cam`.

    Returns:
        A function of pictures (n, height, width, channels), 0-255. It returns the network's
        outputs, float32, not calibrated, and the heat of each picture's own answer, as `grad_cam`
        does.

    Raises:
        EvaluationError: The model is not a Sequential with convolutions.
    """
    import tensorflow as tf

    if not getattr(model, "layers", None):
        raise EvaluationError(NO_CONVOLUTIONS)
    call = tf.function(
        lambda images: _output_and_heat(model.layers, images, None, n_classes),
        input_signature=[tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)],
        autograph=False,
    )
    call.get_concrete_function()  # refuse now what cannot be explained

    def explain(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        output, heat = call(np.asarray(images, np.float32))
        return output.numpy(), heat.numpy()

    return explain


def _output_and_heat(
    layers: Sequence[keras.layers.Layer],
    images: tf.Tensor,
    class_index: int | None,
    n_classes: int | None,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Run the network; return its output (n, 1) or (n, k) and the heat (n, height, width)."""
    import tensorflow as tf

    features, rest, output = _last_feature_maps(layers, images)
    with tf.GradientTape() as tape:
        tape.watch(features)
        scores = _logits(rest, features)
        if class_index is not None and not 0 <= class_index < scores.shape[1]:
            raise EvaluationError(f"The model has only classes 0 to {scores.shape[1] - 1}.")
        answers = tf.argmax(scores[:, :n_classes], axis=1)
        chosen = answers if class_index is None else tf.fill(tf.shape(answers), class_index)
        score = tf.gather(scores, chosen, axis=1, batch_dims=1)
    weights = tf.reduce_mean(tape.gradient(score, features), axis=(1, 2), keepdims=True)
    heat = tf.nn.relu(tf.reduce_sum(weights * features, axis=-1, keepdims=True))
    heat = tf.image.resize(heat, images.shape[1:3])[..., 0]
    top = tf.reduce_max(heat, axis=(1, 2), keepdims=True)
    return output, tf.math.divide_no_nan(heat, top)


def _last_feature_maps(
    layers: Sequence[keras.layers.Layer], x: tf.Tensor
) -> tuple[tf.Tensor, Sequence[keras.layers.Layer], tf.Tensor]:
    """Return the last maps with more than one place, the layers after them, and the output."""
    found = None
    for i, layer in enumerate(layers):
        x = layer(x, training=False)
        if len(x.shape) == 4 and x.shape[1] * x.shape[2] > 1:
            found = x, layers[i + 1 :]
    if found is None or len(x.shape) != 2:
        raise EvaluationError(NO_CONVOLUTIONS)
    return *found, x


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
