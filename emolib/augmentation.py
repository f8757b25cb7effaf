"""Changes to a training picture that must not change the answer. Loads TensorFlow."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers, ops


def augmentation(seed: int = 0, worsen: float = 0.0, cover: float = 0.5) -> keras.Sequential:
    """Build the changes: mirror, place, size, tilt, light, a covered spot, worse pictures.

    Sizes vary by 0.8-1.25, because a face finder's box is never as tight as the data set's.
    Covering spots is random erasing (Zhong et al. 2020).

    Args:
        seed: Seed of the draws.
        worsen: Share of the pictures, 0-1, that are blurred, and that are compressed.
        cover: Share of the pictures, 0-1, in which a spot is covered.

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
    if worsen:
        changes += [RandomBlur(worsen, seed=seed + 5), RandomJpeg(worsen, seed=seed + 6)]
    changes.append(layers.RandomErasing(cover, scale=(0.02, 0.15), fill_value=127.0, seed=seed + 4))
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


class RandomBlur(layers.Layer):
    """Blur some pictures with a Gaussian, as a small or shaken photograph is.

    Args:
        share: Share of the pictures that are blurred, 0-1.
        most: Largest standard deviation of the Gaussian in pixels.
        seed: Seed of the draws.
    """

    def __init__(self, share: float = 0.3, most: float = 1.6, seed: int | None = None):
        """Set the limits of the draws."""
        super().__init__()
        self.share, self.most = share, most
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, images, training: bool = False):
        """Change pictures (n, height, width, channels), each in its own way, when training."""
        if not training:
            return images
        n, height, width, _ = ops.shape(images)
        sigma = keras.random.uniform((n, 1, 1), 0.3, self.most, seed=self.seed_generator)
        blurred = _on_both_sides(images, _gaussian(height, sigma), _gaussian(width, sigma))
        return _some(images, blurred, self.share, self.seed_generator)


class RandomJpeg(layers.Layer):
    """Compress some pictures as JPEG does: coefficients of blocks of 8 x 8 pixels are rounded.

    The table and its scaling by quality are those of libjpeg for brightness (ITU-T T.81, annex K).

    Args:
        share: Share of the pictures that are compressed, 0-1.
        qualities: Lowest and highest quality, 1-50.
        seed: Seed of the draws.
    """

    def __init__(
        self,
        share: float = 0.3,
        qualities: tuple[float, float] = (10, 50),
        seed: int | None = None,
    ):
        """Set the limits of the draws."""
        super().__init__()
        self.share, self.qualities = share, qualities
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, images, training: bool = False):
        """Change pictures (n, height, width, channels), each in its own way, when training."""
        if not training:
            return images
        n, height, width, _ = images.shape
        high, wide = -(-height // 8), -(-width // 8)
        padding = ((0, 0), (0, 8 * high - height), (0, 8 * wide - width), (0, 0))
        padded = ops.pad(images, padding, "symmetric")
        rows, columns = np.kron(np.eye(high), COSINES), np.kron(np.eye(wide), COSINES)
        quality = keras.random.uniform(
            (ops.shape(images)[0], 1, 1, 1), *self.qualities, seed=self.seed_generator
        )
        step = np.tile(STEPS, (high, wide))[..., None] * (50 / quality)
        coefficients = _on_both_sides(padded - 128, rows, columns)
        rounded = ops.round(coefficients / step) * step
        worse = ops.clip(_on_both_sides(rounded, rows.T, columns.T) + 128, 0, 255)
        return _some(images, worse[:, :height, :width], self.share, self.seed_generator)


# the discrete cosine transform of 8 values, and by how much its coefficients are rounded
COSINES = np.cos(np.pi * np.arange(8)[:, None] * (2 * np.arange(8) + 1) / 16) / 2
COSINES[0] /= np.sqrt(2)
STEPS = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ],
    "float32",
)


def _gaussian(side: int, sigma):
    """Matrices (n, side, side) that blur a row of so many pixels; sigma is (n, 1, 1)."""
    distance = np.arange(side)[:, None] - np.arange(side)
    weights = ops.exp(-(distance.astype("float32") ** 2) / (2 * sigma**2))
    return weights / ops.sum(weights, axis=2, keepdims=True)


def _on_both_sides(images, rows, columns):
    """Mix the rows, then the columns of pictures; matrices (side, side), or one a picture."""
    n = "n" if len(rows.shape) == 3 else ""
    images = ops.einsum(f"{n}ih,nhwc->niwc", ops.cast(rows, "float32"), images)
    return ops.einsum(f"{n}jw,niwc->nijc", ops.cast(columns, "float32"), images)


def _some(images, changed, share: float, seed_generator):
    """Of each picture take the changed one with probability `share`."""
    draw = keras.random.uniform((ops.shape(images)[0], 1, 1, 1), seed=seed_generator)
    return ops.where(draw < share, changed, images)
