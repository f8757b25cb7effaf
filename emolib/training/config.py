"""What is to be trained, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class TrainConfig:
    """What is to be trained; an interrupted training is resumed only with the same config.

    Attributes:
        classes: Class names, in the order of their labels.
        epochs: Number of epochs.
        batch_size: Pictures per batch.
        seed: Seed of split, weights, shuffling and augmentation.
        data: Hash of the split data set, `Dataset.digest()`.
        image_size: (height, width) of the network's input in pixels.
        channels: 1 for gray, 3 for RGB.
    """

    classes: list[str]
    epochs: int
    batch_size: int
    seed: int
    data: str
    image_size: tuple[int, int] = (48, 48)
    channels: int = 1


History = dict[str, list[float]]  # column -> one value per epoch
Examples = tuple[np.ndarray, np.ndarray]  # pictures (n, height, width, channels) and targets
