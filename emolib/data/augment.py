"""Changes to a training picture that must not change the answer. Loads TensorFlow."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers, ops


def augmentation(seed: int = 0, erasing_prob: float = 0.5) -> keras.Sequential:
    """Build the changes: mirror, place, size, tilt, light, a covered spot.

    Sizes vary by 0.8-1.25, because a face finder's box is never as tight as the data set's.
    Covering spots is random erasing (Zhong et al. 2020).

    Args:
        seed: Seed of the draws.
        erasing_prob: Share of the pictures, 0-1, in which a spot is covered.

    Returns:
        A Keras Sequential from float32 pictures (n, height, width, channels), 0-255, to the
        same shape and range. It stays outside the model's file.
    """
    changes = [
        layers.RandomFlip("horizontal", seed=seed),
        RandomAffine(seed=seed + 1),
        layers.RandomBrightness(0.2, seed=seed + 2),
        layers.RandomContrast(0.3, seed=seed + 3),
    ]
    changes.append(
        layers.RandomErasing(erasing_prob, scale=(0.02, 0.15), fill_value=127.0, seed=seed + 4)
    )
    return keras.Sequential(changes, name="augmentation")


class RandomAffine(layers.Layer):
    """Shift, turn and zoom in one step; three layers in a row would blur three times.

    Args:
        shift: Largest shift, as a share of the picture's side.
        turn: Largest turn in radians.
        zoom: Largest zoom in or out, as a logarithm.
        seed: Seed of the draws.
    """

    def __init__(
        self, shift: float = 0.1, turn: float = 0.26, zoom: float = 0.22, seed: int | None = None
    ):
        """Set the limits of the draws."""
        super().__init__()
        self.limits = np.array([shift, shift, turn, zoom], "float32")
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, images, training: bool = False):
        """Change pictures (n, height, width, channels), each in its own way, when training."""
        if not training:
            return images
        n, height, width, _ = ops.shape(images)
        draw = keras.random.uniform((n, 4), -1, 1, seed=self.seed_generator) * self.limits
        dx, dy, angle, scale = ops.unstack(draw, axis=1)
        scale = ops.exp(scale)
        cos, sin = scale * ops.cos(angle), scale * ops.sin(angle)
        cx, cy, zero = (width - 1) / 2, (height - 1) / 2, ops.zeros_like(cos)
        # about the picture's middle: from a place in the result to its place in the picture
        x0 = cx + dx * width - cos * cx + sin * cy
        y0 = cy + dy * height - sin * cx - cos * cy
        matrix = ops.stack([cos, -sin, x0, sin, cos, y0, zero, zero], axis=1)
        return ops.image.affine_transform(images, matrix, "bilinear", "nearest")
