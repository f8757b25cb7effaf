"""Try a network on a few fixed pictures before anyone trusts its answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .card import KERAS_FORMATS, ModelCard, ModelError, not_for_pictures

TOLERANCE = 0.02  # of a sum that should be 1: 8-bit weights round each output


def trial_pictures(image_size: tuple[int, int], channels: int) -> np.ndarray:
    """Return pictures to try a network on: always the same, with very different brightness.

    Args:
        image_size: (height, width) in pixels.
        channels: 1 for gray, 3 for RGB.

    Returns:
        float32 (6, height, width, channels), 0-255: a ramp from black to white, a darker one that
        runs the other way, and noise.
    """
    shape = (*image_size, channels)
    ramp = np.linspace(0, 255, np.prod(shape)).reshape(shape)
    noise = np.random.default_rng(0).uniform(0, 255, (4, *shape))
    return np.stack([ramp, 0.1 * ramp[::-1], *noise]).astype(np.float32)


def check_answers(path: Path, card: ModelCard, network: Callable[[np.ndarray], Any]) -> None:
    """Check that a network gives the probabilities of its card's classes.

    Args:
        path: Its file, for the error.
        card: Its card, whose image size is known.
        network: From float32 pictures (n, height, width, channels), 0-255, to outputs (n, k).

    Raises:
        ModelError: It fails, has too many or too few outputs, or they are not probabilities.
    """
    try:
        answers = network(trial_pictures(card.image_size, card.channels))
    except Exception as error:  # each engine has its own
        raise failure(path, error, does_not_answer(path, card)) from error
    # a network with several outputs gives a list
    if getattr(answers, "ndim", None) != 2:
        raise not_for_pictures(path)
    outputs = np.asarray(answers, np.float64)
    count = outputs.shape[1]
    card.check_outputs(path, count)
    if not np.isfinite(outputs).all():
        raise ModelError(
            f"{path} answers with numbers that are infinite or missing (NaN): its training failed, "
            "so train it again, with a lower learning rate."
        )
    if outputs.min() < -TOLERANCE or outputs.max() > 1 + TOLERANCE:
        raise ModelError(_no_probabilities(path, count))
    if count > 1 and np.abs(outputs.sum(axis=1) - 1).max() > TOLERANCE:
        raise ModelError(
            f"{path} gives numbers that do not sum to 1, so they are not probabilities of the "
            "classes: end the network with a softmax layer, and train it again."
        )


def failure(path: Path, error: Exception, sentence: str) -> ModelError:
    """Return the error for a model that fails: a sentence, or that there is too little memory."""
    cause: BaseException | None = error
    while cause is not None:  # Keras wraps what a layer raises
        # TensorFlow has its own memory error
        if isinstance(cause, MemoryError) or type(cause).__name__ == "ResourceExhaustedError":
            return ModelError(
                f"There is not enough memory to load {path}: close other programs and try again."
            )
        cause = cause.__cause__ or cause.__context__
    return ModelError(sentence)


def does_not_answer(path: Path, card: ModelCard) -> str:
    """Return the sentence for a network that fails on pictures of its card's size."""
    height, width = card.image_size
    return (
        f"{path} fails on pictures of {width} x {height} pixels: give a card with a size that "
        "it was trained on."
    )


def _no_probabilities(path: Path, count: int) -> str:
    """Return the sentence for a network whose last layer is missing, with the line that adds it."""
    kind = "sigmoid" if count == 1 else "softmax"
    how = "add it where the network was made, and write the file again"
    if path.suffix.lower() in KERAS_FORMATS:
        how = f'save keras.Sequential([model, keras.layers.Activation("{kind}")])'
    return (
        f"{path} cannot be used, because its outputs are not probabilities: end it with a {kind} "
        f"layer ({how})."
    )
