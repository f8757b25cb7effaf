"""Where a network looks: heat maps of what speaks for a class."""

import numpy as np

from .calibration import EvaluationError


def grad_cam(model, images: np.ndarray, class_index: int | None = None) -> np.ndarray:
    """Which parts of each picture speak for a class (Grad-CAM, Selvaraju et al. 2017).

    Args:
        model: a Keras Sequential with convolutions; the last feature maps are looked at.
        images: float (n, height, width, channels), pixel values as the model takes them (0-255).
        class_index: the class to ask about; None asks about each picture's own answer.

    Returns:
        float32 (n, height, width), 0-1, each map's top at 1 (all 0 if nothing speaks for it).

    Raises:
        EvaluationError: the model is no convolutional Sequential, or has no such class.
    """
    import tensorflow as tf

    images = np.asarray(images, np.float32)
    if images.ndim != 4 or not len(images):
        raise EvaluationError("Grad-CAM takes an array (n, height, width, channels) of pictures.")
    features, rest = _last_feature_maps(getattr(model, "layers", []), tf.constant(images))
    with tf.GradientTape() as tape:
        tape.watch(features)
        scores = _logits(rest, features)
        if class_index is not None and not 0 <= class_index < scores.shape[1]:
            raise EvaluationError(f"The model has classes 0 to {scores.shape[1] - 1} only.")
        chosen = tf.argmax(scores, axis=1) if class_index is None else [class_index] * len(images)
        score = tf.gather(scores, chosen, axis=1, batch_dims=1)
    weights = tf.reduce_mean(tape.gradient(score, features), axis=(1, 2), keepdims=True)
    heat = tf.nn.relu(tf.reduce_sum(weights * features, axis=-1, keepdims=True))
    heat = tf.image.resize(heat, images.shape[1:3]).numpy()[..., 0]
    top = heat.max(axis=(1, 2), keepdims=True)
    return np.divide(heat, top, out=np.zeros_like(heat), where=top > 0)


def _last_feature_maps(layers, x):
    """Run the layers; give the last maps with more than one place, and the layers after them."""
    found = None
    for i, layer in enumerate(layers):
        x = layer(x, training=False)
        if len(x.shape) == 4 and x.shape[1] * x.shape[2] > 1:
            found = x, layers[i + 1 :]
    if found is None or len(x.shape) != 2:
        raise EvaluationError("Grad-CAM needs a Sequential model with convolutions.")
    return found


def _logits(layers, x):
    """Run the head up to its scores (n, k), before the sigmoid or softmax, where slopes vanish."""
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
