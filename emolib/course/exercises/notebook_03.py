"""The exercises of notebook 03, training."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ...plots.training import history_of
from .common import Exercise, call, require_function

if TYPE_CHECKING:
    import keras

TO_BEAT = ("200 pictures", "augmentation", "dropout")  # the notebook's runs on 200 pictures
GIVEN = (*TO_BEAT, "600 pictures")


def _train_it(train_it: Callable[..., Any]) -> str:
    """Let the reader's function train a tiny network on points of a plane."""
    require_function(train_it)
    model, x, y = _tiny()
    returned, error = call(train_it, model, x, y)
    if error:
        return error
    weights = np.concatenate([w.ravel() for w in model.get_weights()])
    if not np.isfinite(weights).all():
        return "The weights are no longer numbers. Is the learning rate too high?"
    if not weights.any():
        return "The weights have not moved. Do you call `fit`, with a loss for one sigmoid unit?"
    right = float(((np.ravel(model(x)) > 0.5) == y).mean())
    if right < 0.9:
        return (
            f"It ends with {right:.0%} right on examples that are easy to tell apart. Does the "
            "loss still fall when you stop?"
        )
    return _history_hint(returned)


def _history_hint(returned: Any) -> str:
    history = history_of(returned)
    if not isinstance(history, dict) or "loss" not in history:
        return "The network learns. Now hand back what `fit` returns, so that it can be drawn."
    if len(history["loss"]) < 2:
        return "One epoch is no curve: how would you know that the loss no longer falls?"
    if not any("acc" in name for name in history):
        return "The history holds no accuracy: which argument of `compile` asks for it?"
    return ""


def _tiny() -> tuple[keras.Model, np.ndarray, np.ndarray]:
    """Return a network with three weights, all 0, 400 points and on which side they are."""
    import keras

    x = np.random.default_rng(0).normal(0, 3, (400, 2)).astype("float32")
    y = (x[:, 0] > x[:, 1]).astype("int32")
    unit = keras.layers.Dense(1, activation="sigmoid", kernel_initializer="zeros")
    return keras.Sequential([keras.Input((2,)), unit]), x, y


def _honest_split(answer: tuple) -> str:
    """Look for pictures to judge with that were learned from, at most one pixel aside."""
    learn, judge = (np.asarray(pictures, "float32") for pictures in answer)
    if learn.ndim != 4 or learn.shape[1:] != judge.shape[1:]:
        raise ValueError("not two arrays of pictures")
    seen = {np.roll(picture, step, axis=1).tobytes() for picture in learn for step in (-1, 0, 1)}
    twins = sum(picture.tobytes() in seen for picture in judge)
    if twins:
        return (
            f"{twins} of the {len(judge)} pictures it is judged on are among those it learned "
            "from, in place or one pixel to the side. When is each pair torn apart?"
        )
    if len(judge) < 30:
        return f"With {len(judge)} pictures to judge with, one mistake is a large share."
    if len(learn) < 100:
        return f"Only {len(learn)} pictures are left to learn from: keep more."
    return ""


def _beaten(tries: dict[str, float]) -> str:
    if not isinstance(tries, dict):
        raise TypeError("not a dictionary")
    bar = max(float(tries[name]) for name in TO_BEAT)
    own = [float(score) for name, score in tries.items() if name not in GIVEN]
    if not own:
        return "All of these are the notebook's own runs: add one of yours, under a new name."
    best = max(own)
    if not 0 <= best <= 1:
        return "A score is the share of validation pictures that are right, from 0 to 1."
    if best <= bar:
        return (
            f"Your best is {100 * (bar - best):.1f} points short. Which cures can be combined, "
            "and has its validation loss stopped falling?"
        )
    if best > 0.97:
        return "That is too good for 200 pictures: has it seen more, perhaps validation pictures?"
    return ""


EXERCISES = {
    "03.1": Exercise(
        wanted="your function itself, `train_it`, without calling it",
        why="It trains a network that it has never seen: that is all of `compile` and `fit`.",
        hint=_train_it,
    ),
    "03.2": Exercise(
        wanted="the pictures to learn from and those to judge with: (x_learn, x_judge)",
        why="First split, then multiply: copies of one face belong on one side.",
        hint=_honest_split,
    ),
    "03.3": Exercise(
        wanted="your dictionary `tries`",
        why="Enter it in 04 as well: with many tries, some of the lead is luck.",
        hint=_beaten,
    ),
}
