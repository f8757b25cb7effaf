"""The networks of the course, layer by layer; notebook 02 builds the first of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


def build_cnn(
    n_classes: int = 2,
    image_size: tuple[int, int] = (48, 48),
    channels: int = 1,
    others: bool = False,
) -> keras.Sequential:
    """Build the course's convolutional network, not trained and not compiled.

    Four levels, each seeing features of a wider area at half the resolution, then one average
    per feature map (global pooling) and a linear classifier on those.

    Args:
        n_classes: 2 gives one sigmoid unit (the probability of class 1), more give softmax.
        image_size: (height, width) of the input in pixels, at least 16.
        channels: 1 for gray, 3 for RGB.
        others: Add an output for faces of none of the classes, the last one of a softmax.

    Returns:
        A Keras Sequential; input float32 (n, height, width, channels), pixel values 0-255;
        output float32 (n, 1), (n, n_classes) or (n, n_classes + 1), probabilities.
    """
    from keras import layers

    model = _with_pixels_scaled("emotion_cnn", image_size, channels)
    _add_convolution(model, 32, kernel_size=5)
    model.add(layers.MaxPooling2D())
    for filters in (64, 128):
        _add_convolution(model, filters)
        _add_convolution(model, filters)
        model.add(layers.MaxPooling2D())
        model.add(layers.Dropout(0.2))
    _add_convolution(model, 256)
    model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Dropout(0.4))
    model.add(_output_layer(n_classes, others))
    return model


def build_light_cnn(
    n_classes: int = 2,
    image_size: tuple[int, int] = (48, 48),
    channels: int = 1,
    others: bool = False,
) -> keras.Sequential:
    """Build a network with a quarter of that one's work and half its weights.

    Three levels of two convolutions. The first moves in steps of two, so that all that follows
    sees a quarter of the places.

    Args:
        n_classes: As for `build_cnn`.
        image_size: Likewise.
        channels: Likewise.
        others: Likewise.

    Returns:
        A Keras Sequential with the same inputs and outputs as `build_cnn`'s.
    """
    model = _with_pixels_scaled("light_emotion_cnn", image_size, channels)
    return _add_levels(model, ((32, 32), (64, 64), (128, 128)), _output_layer(n_classes, others))


def build_deep_cnn(
    n_classes: int = 2,
    image_size: tuple[int, int] = (48, 48),
    channels: int = 1,
    others: bool = False,
) -> keras.Sequential:
    """Build the released network: as `build_light_cnn`, with wider levels and eight convolutions.

    Between levels it takes the maxima of all 2 x 2 places, then means of those, so that an answer
    depends less on where the grid lies on the face (Zhang 2019).

    Args:
        n_classes: As for `build_cnn`.
        image_size: Likewise.
        channels: Likewise.
        others: Likewise.

    Returns:
        A Keras Sequential with the same inputs and outputs as `build_cnn`'s.
    """
    model = _with_pixels_scaled("deep_emotion_cnn", image_size, channels)
    levels = ((64, 64), (96, 96, 96), (160, 160, 160))
    return _add_levels(model, levels, _output_layer(n_classes, others), smooth=True)


def _with_pixels_scaled(name: str, image_size: tuple[int, int], channels: int) -> keras.Sequential:
    """Begin a network: pixel values 0-255 in, each picture brought to mean 0 and variance 1."""
    import keras
    from keras import layers

    model = keras.Sequential(name=name)
    model.add(keras.Input((*image_size, channels), name="pixels"))
    model.add(layers.Rescaling(1 / 127.5, offset=-1))
    # each picture to mean 0 and variance 1: a dark photo is no other emotion (flat, because
    # .h5 files lose the axes of a normalisation over several)
    model.add(layers.Flatten())
    model.add(layers.LayerNormalization(epsilon=1e-5, scale=False, center=False))
    model.add(layers.Reshape((*image_size, channels)))
    return model


def _add_convolution(
    model: keras.Sequential, filters: int, kernel_size: int = 3, strides: int = 1
) -> None:
    from keras import layers

    # batch normalisation brings its own bias
    model.add(layers.Conv2D(filters, kernel_size, strides, padding="same", use_bias=False))
    model.add(layers.BatchNormalization())
    model.add(layers.Activation("relu"))


def _add_pooling(model: keras.Sequential, smooth: bool) -> None:
    from keras import layers

    if smooth:
        model.add(layers.MaxPooling2D(2, strides=1, padding="same"))
        model.add(layers.AveragePooling2D(2))
    else:
        model.add(layers.MaxPooling2D())


def _add_levels(
    model: keras.Sequential,
    levels: tuple[tuple[int, ...], ...],
    output: keras.layers.Layer,
    smooth: bool = False,
) -> keras.Sequential:
    """Add three levels of convolutions, the first in steps of two, their averages, the output."""
    from keras import layers

    first, second, third = levels
    _add_convolution(model, first[0], kernel_size=5, strides=2)
    for filters in first[1:]:
        _add_convolution(model, filters)
    _add_pooling(model, smooth)
    for filters in second:
        _add_convolution(model, filters)
    _add_pooling(model, smooth)
    model.add(layers.Dropout(0.1))
    for filters in third:
        _add_convolution(model, filters)
    model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Dropout(0.2))
    model.add(output)
    return model


def _output_layer(n_classes: int, others: bool) -> keras.layers.Layer:
    from keras import layers

    if n_classes == 2 and not others:
        return layers.Dense(1, activation="sigmoid", name="probability")
    return layers.Dense(n_classes + others, activation="softmax", name="probabilities")
