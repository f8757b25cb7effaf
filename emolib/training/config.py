"""What to train, and the result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..errors import EmolibError

BALANCED = "balanced"
LEARNING_RATE = 2e-3


class TrainingError(EmolibError):
    """A network cannot be trained like this; the message says why."""


@dataclass(frozen=True)
class TrainConfig:
    """What to train; an interrupted run is resumed only with the same config.

    Attributes:
        classes: Class names, in the order of their labels.
        epochs: Number of epochs.
        batch_size: Pictures per batch, on each GPU.
        seed: Seed of split, weights, shuffling and augmentation.
        data: Hash of the split data set, `Dataset.digest()`.
        image_size: (height, width) of the network's input in pixels.
        channels: 1 for gray, 3 for RGB.
        learning_rate: The highest learning rate, above 0.
        class_weights: "balanced" if all classes count the same, however many pictures they have;
            None if all pictures do.
        gpus: How many GPUs the run started with, or 1 if there were none. It also decides the
            batches and the learning rate of a resumed run.
    """

    classes: list[str]
    epochs: int
    batch_size: int
    seed: int
    data: str
    image_size: tuple[int, int] = (48, 48)
    channels: int = 1
    learning_rate: float = LEARNING_RATE
    class_weights: str | None = None
    gpus: int = 1


History = dict[str, list[float]]  # column -> one value per epoch
Examples = tuple[np.ndarray, np.ndarray]  # pictures (n, height, width, channels) and targets
Say = Callable[[str], object]  # called with each line of progress


def best_epoch(history: History) -> int:
    """Return the epoch with the lowest validation loss, counted from 1; the first of several."""
    return int(np.argmin(history["val_loss"])) + 1
