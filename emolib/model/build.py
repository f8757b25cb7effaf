"""The networks of the course, layer by layer; notebook 02 builds the first of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .card import ModelError

if TYPE_CHECKING:
    import keras

SMALLEST_SIDE = 16  # pixels; three levels of pooling leave 2 x 2 of them


def require_size(image_size: tuple[int, int]) -> None:
    """Check that (height, width) in pixels is not too small for these networks.

    Raises:
        ModelError: A side is below 16 pixels.
    """
    height, width = image_size
    if min(height, width) < SMALLEST_SIDE:
        raise ModelError(
            f"An image size of {height} x {width} pixels is too small to see a face: "
            f"give at least {SMALLEST_SIDE} x {SMALLEST_SIDE}."
        )


def build_cnn(
    n_classes: int = 2,
    image_size: tuple[int, int] = (48, 48),
    channels: int = 1,
    batch_norm_momentum: float = 0.99,
) -> keras.Sequential:
    """Build the course's convolutional network, neither trained nor compiled.

    Four levels, each seeing features of a wider area at half the resolution, then one average
    per feature map (global pooling) and a linear classifier on those.

    Args:
        n_classes: 2 gives one sigmoid unit (the probability of class 1), more give a softmax.
        image_size: (height, width) of the input in pixels, at least 16 each.
        channels: 1 for gray, 3 for RGB.
        batch_norm_momentum: How slowly batch normalization's running averages follow the network,
            0-1; with few steps per epoch, 0.9 is better (see `emolib.training.recipe`).

    Returns:
        A Keras Sequential. Input: float32 (n, height, width, channels), pixel values 0-255.
        Output: probabilities, float32 (n, 1) or (n, n_classes).

    Raises:
        ModelError: An image size that is too small.
    """
    from keras import layers

    model = _normalized_input("emotion_cnn", image_size, channels)
    _add_convolutions(model, 32, kernel_size=5, momentum=batch_norm_momentum)
    model.add(layers.MaxPooling2D())
    for filters in (64, 128):
        _add_convolutions(model, filters, filters, momentum=batch_norm_momentum)
        model.add(layers.MaxPooling2D())
        model.add(layers.Dropout(0.2))
    _add_convolutions(model, 256, momentum=batch_norm_momentum)
    _add_classifier(model, 0.4, n_classes)
    return model


def build_deep_cnn(
    n_classes: int = 2,
    image_size: tuple[int, int] = (48, 48),
    channels: int = 1,
) -> keras.Sequential:
    """Build the network of the released models: more convolutions than `build_cnn`, but less work.

    Three levels with eight convolutions. The first has a stride of 2, so that the rest see a
    quarter of the places. Between levels it takes the maxima of all 2 x 2 places, then means of
    those, so that an answer depends less on where the face is on the pixel grid (Zhang 2019).
    Arguments and result are as for `build_cnn`.
    """
    model = _normalized_input("deep_emotion_cnn", image_size, channels)
    _add_levels(model, (64, 64), (96, 96, 96), (160, 160, 160))
    _add_classifier(model, 0.2, n_classes)
    return model


def _normalized_input(name: str, image_size: tuple[int, int], channels: int) -> keras.Sequential:
    """Start a network: pixel values 0-255 in, each picture scaled to mean 0 and variance 1."""
    import keras
    from keras import layers

    require_size(image_size)
    model = keras.Sequential(name=name)
    model.add(keras.Input((*image_size, channels), name="pixels"))
    model.add(layers.Rescaling(1 / 127.5, offset=-1))
    # LayerNormalization(axis=[1, 2, 3]) does the same, but loses its axes in an .h5 file
    model.add(layers.Flatten())
    model.add(layers.LayerNormalization(epsilon=1e-5, scale=False, center=False))
    model.add(layers.Reshape((*image_size, channels)))
    return model


def _add_convolutions(
    model: keras.Sequential,
    *filters: int,
    kernel_size: int = 3,
    strides: int = 1,
    momentum: float = 0.99,
) -> None:
    from keras import layers

    for n in filters:
        # batch normalization has its own bias
        model.add(layers.Conv2D(n, kernel_size, strides, padding="same", use_bias=False))
        model.add(layers.BatchNormalization(momentum=momentum))
        model.add(layers.Activation("relu"))


def _add_levels(model: keras.Sequential, *levels: Sequence[int]) -> None:
    """Add three levels of convolutions, the first with a stride of 2, with pooling in between."""
    from keras import layers

    first, second, third = levels
    _add_convolutions(model, first[0], kernel_size=5, strides=2)
    _add_convolutions(model, *first[1:])
    for filters, last in ((second, False), (third, True)):
        model.add(layers.MaxPooling2D(2, strides=1, padding="same"))
        model.add(layers.AveragePooling2D(2))
        if last:
            model.add(layers.Dropout(0.1))
        _add_convolutions(model, *filters)


def _add_classifier(model: keras.Sequential, dropout: float, n_classes: int) -> None:
    """Add the average of each feature map, and the output layer."""
    from keras import layers

    model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Dropout(dropout))
    if n_classes == 2:
        model.add(layers.Dense(1, activation="sigmoid", name="probability"))
    else:
        model.add(layers.Dense(n_classes, activation="softmax", name="probabilities"))
