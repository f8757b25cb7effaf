"""The exercises of notebook 03, training."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...plots.training import history_of
from .common import Exercise


def _steps(answer: tuple) -> str:
    steps, last = answer
    if steps != int(steps):
        return "Steps are whole numbers: what happens to the pictures that do not fill a batch?"
    if (steps, last) == (8, 14):
        return "The other way around: first the steps, then the pictures in the last batch."
    if steps == 13:
        return "The pictures that do not fill a batch make a step, too."
    if steps != 14:
        return "840 pictures, 64 per batch: how many batches until all have been seen?"
    return "" if last == 8 else "What is left after the full batches?"


def _two_cures(history: Any) -> str:
    run = history_of(history)
    learned = run["loss"][-1]
    judged = run["val_loss"][-1]
    if not np.isfinite([learned, judged]).all() or learned > 0.68:
        return "It has learned nothing. Fresh weights? A learning rate that is not too high?"
    if judged - learned > 0.6:
        return "Its two losses are as far apart as without a cure: are these all 600 pictures?"
    return ""


EXERCISES = {
    "03.1": Exercise(
        wanted="(steps, pictures in the last batch)",
        why="Thirteen full batches, and one that is not full.",
        hint=_steps,
    ),
    "03.2": Exercise(
        wanted="what `train` returned",
        why="Compare its dashed line with the one for more data alone: was your guess right?",
        hint=_two_cures,
    ),
}
