"""Random changes to training pictures that must not change the label. Loads TensorFlow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
import numpy as np
from keras import layers, ops

if TYPE_CHECKING:
    import tensorflow as tf


def augmentation(seed: int = 0, erasing_prob: float = 0.5) -> keras.Sequential:
    """Build the changes: flip, shift, rotation, zoom, brightness, contrast, an erased rectangle.

    Zoom varies by 0.8-1.25, because a face detector's box is never as tight as the data set's.
    The rectangle is random erasing (Zhong et al. 2020).

    Args:
        seed: Seed of the random draws.
        erasing_prob: Share of the pictures, 0-1, in which a rectangle is erased.

    Returns:
        A Keras Sequential from float32 pictures (n, height, width, channels), 0-255, to the
        same shape and range. It does not become part of the model's file.
    """
    changes = [
        layers.RandomFlip("horizontal", seed=seed),
        RandomAffine(seed=seed + 1),
        layers.RandomBrightness(0.2, seed=seed + 2),
        layers.RandomContrast(0.3, seed=seed + 3),
        layers.RandomErasing(erasing_prob, scale=(0.02, 0.15), fill_value=127.0, seed=seed + 4),
    ]
    return keras.Sequential(changes, name="augmentation")


# three Keras layers in a row (translation, rotation, zoom) were tried: they blur three times
class RandomAffine(layers.Layer):
    """Shift, rotate and zoom with a single resampling.

    Args:
        shift: Largest shift, as a share of the picture's side.
        turn: Largest rotation in radians.
        zoom: Largest zoom in or out, as a logarithm.
        seed: Seed of the random draws.
    """

    def __init__(
        self, shift: float = 0.1, turn: float = 0.26, zoom: float = 0.22, seed: int | None = None
    ) -> None:
        """Set the limits of the draws."""
        super().__init__()
        self.limits = np.array([shift, shift, turn, zoom], "float32")
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Change each picture (n, height, width, channels) in its own way, only in training."""
        if not training:
            return images
        n, height, width, _ = ops.shape(images)
        draw = keras.random.uniform((n, 4), -1, 1, seed=self.seed_generator) * self.limits
        dx, dy, angle, log_scale = ops.unstack(draw, axis=1)
        scale = ops.exp(log_scale)
        cos = scale * ops.cos(angle)
        sin = scale * ops.sin(angle)
        zero = ops.zeros_like(cos)
        # around the center: from a position in the result to its position in the picture
        cx = (width - 1) / 2
        cy = (height - 1) / 2
        x0 = cx + dx * width - cos * cx + sin * cy
        y0 = cy + dy * height - sin * cx - cos * cy
        matrix = ops.stack([cos, -sin, x0, sin, cos, y0, zero, zero], axis=1)
        return ops.image.affine_transform(images, matrix, "bilinear", "nearest")
