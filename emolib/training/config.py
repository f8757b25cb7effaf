"""What is to be trained, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class TrainConfig:
    """What is to be trained; an interrupted training goes on only with the same config."""

    classes: list[str]
    epochs: int
    batch_size: int
    seed: int
    data: str


History = dict[str, list[float]]
Examples = tuple[np.ndarray, np.ndarray]  # pictures (n, height, width, channels) and targets
