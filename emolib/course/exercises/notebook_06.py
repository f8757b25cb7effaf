"""The exercises of notebook 06, looking inside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ...rendering import random_look, render_each
from .common import NOTHING, Exercise, call, require_function

if TYPE_CHECKING:
    import keras

SIDE = 12  # of the square that covers a part of the picture
STEP = 6  # from one place of the square to the next
GRAY = 128  # its pixel value
TO_BEAT = 0.6  # share of faces that a cured network must get right in each studio
PEOPLE = 40  # that it is tried on


def _weighted_sum(weights: np.ndarray) -> keras.Sequential:
    """Return a network whose outputs are weighted sums of the pixels: (48, 48, k) weights."""
    import keras

    network = keras.Sequential([keras.Input((48, 48, 1)), keras.layers.Flatten()])
    network.add(keras.layers.Dense(weights.shape[-1]))
    flat = weights.reshape(48 * 48, -1).astype("float32")
    network.layers[-1].set_weights([flat, np.zeros(flat.shape[1], "float32")])
    return network


def _moves(weights: np.ndarray, picture: np.ndarray, gray: int, stay: bool = False) -> np.ndarray:
    """Return how far a weighted sum falls at each of the 7 x 7 places of the square.

    Args:
        weights: Of the sum, (48, 48).
        picture: (48, 48).
        gray: Pixel value of the square.
        stay: The squares are not removed again, as when the picture itself is painted on.
    """
    places = range(0, 48 - SIDE + 1, STEP)
    before = (weights * picture).sum()
    falls = []
    covered = picture.astype(float)
    for top in places:
        for left in places:
            covered = covered if stay else picture.astype(float)
            covered[top : top + SIDE, left : left + SIDE] = gray
            falls.append(before - (weights * covered).sum())
    return np.reshape(falls, (len(places), -1))


def _occlusion(function: Callable) -> str:
    require_function(function)
    rng = np.random.default_rng(0)
    for outputs in (1, 3):
        weights = rng.normal(size=(48, 48, outputs)) * (rng.random((48, 48, outputs)) < 0.02) / 50
        picture = rng.integers(0, 256, (48, 48, 1), np.uint8)
        given = picture.copy()
        answer, hint = call(function, _weighted_sum(weights), given)
        if answer is None:
            return hint or NOTHING
        hint = _compared(np.asarray(answer, float), weights, picture[..., 0])
        if hint and outputs == 3:
            return f"With a network of three outputs it does not work yet. {hint}"
        if hint:
            return hint
        if not np.array_equal(given, picture):
            return "Your function paints on the picture that it gets. Work on a copy."
    return ""


def _compared(found: np.ndarray, weights: np.ndarray, picture: np.ndarray) -> str:
    first = weights[..., 0]
    falls = _moves(first, picture, GRAY)
    if found.shape != falls.shape:
        return f"Your map's shape is {found.shape}. How many places fit next to each other?"
    if _close(found, np.abs(falls)):
        return ""
    usual = {
        "Some numbers are negative. How far it moves counts, up or down.": (falls, -falls),
        "Rows and columns have changed places.": (np.abs(falls.T),),
        "The earlier squares are still there: begin with the whole picture each time.": (
            np.abs(_moves(first, picture, GRAY, stay=True)),
        ),
        "Your square is black, not gray.": (np.abs(_moves(first, picture, 0)),),
        "Which output moves? Only the first one counts.": tuple(
            np.abs(_moves(weights[..., k], picture, GRAY)) for k in range(1, weights.shape[-1])
        ),
    }
    for hint, mistakes in usual.items():
        if any(_close(found, one) for one in mistakes):
            return hint
    if found.max() > 0 and _close(found / found.max(), np.abs(falls) / np.abs(falls).max()):
        return "The pattern is right, but the numbers are scaled. Return them as they are."
    return "The shape is right, but the numbers are not. Is the square where it should be?"


def _close(one: np.ndarray, other: np.ndarray) -> bool:
    return np.allclose(one, other, rtol=0.01, atol=0.01 * np.abs(other).max())


def _sure_network() -> keras.Sequential:
    """Return a small network with three answers, of which it is very sure for most pictures."""
    import keras
    from keras import layers

    rng = np.random.default_rng(3)
    network = keras.Sequential([keras.Input((48, 48, 1)), layers.Rescaling(1 / 255)])
    network.add(layers.Conv2D(6, 8, strides=8))
    network.add(layers.Activation("relu"))
    network.add(layers.GlobalAveragePooling2D())
    network.add(layers.Dense(3, activation="softmax"))
    for layer in (network.layers[1], network.layers[-1]):
        layer.set_weights([rng.normal(size=one.shape) for one in layer.get_weights()])
    return network


def _heat(function: Callable) -> str:
    require_function(function)
    import keras

    network = _sure_network()
    # the brighter, the surer
    pictures = np.random.default_rng(4).integers(0, 256, (4, 48, 48, 1)).astype("float32")
    pictures *= np.array([0.1, 0.4, 0.7, 1])[:, None, None, None]
    answer, hint = call(function, network, pictures, 1)
    if answer is None:
        return hint or NOTHING
    found = np.asarray(answer, float)
    maps = keras.Model(network.inputs[0], network.layers[2].output)(pictures).numpy()
    sums = maps @ network.layers[-1].kernel.numpy() / maps[0, ..., 0].size
    right = np.maximum(sums[..., 1], 0)
    if found.shape != right.shape:
        return f"For pictures {pictures.shape}, the shape is {found.shape}, not {right.shape}."
    if _close(found, right):
        return ""
    if _close(found, sums[..., 1]):
        return "What speaks against the class must not count: keep what is above zero."
    if any(_close(found, np.maximum(sums[..., k], 0)) for k in (0, 2)):
        return "That is the heat of a different class. Which one is `k`?"
    tops, wanted = found.max(axis=(1, 2)), right.max(axis=(1, 2))
    if np.allclose(tops, tops[0]):
        return "All maps now have the same maximum. That hides the fault, and does not fix it."
    if (tops[1:] < wanted[1:] / 2).all():
        return "Where the network is sure, the map is still cold. Where is the softmax flat?"
    return "The shape is right, but the numbers are not. What is differentiated?"


@cache
def _new_people() -> dict[str, np.ndarray]:
    """Return people that no network of the notebook has seen, in both studios."""
    plain: dict[str, Any] = {"zoom": 0.7, "cut": "cropped", "clutter": 0.0, "occluder": "none"}
    looks = [replace(random_look(90_000 + i), **plain) for i in range(PEOPLE)]
    return {
        studios: render_each(
            ["happy", "sad"] * (PEOPLE // 2),
            [replace(look, background=walls[i % 2]) for i, look in enumerate(looks)],
            seed=90_000,
        )
        for studios, walls in {"same": (0.9, 0.1), "swapped": (0.1, 0.9)}.items()
    }


def _cured(network: Any) -> str:
    if not callable(network.predict):
        raise TypeError("no network")
    is_sad = np.arange(PEOPLE) % 2 == 1
    scores = {}
    for studios, faces in _new_people().items():
        answer = np.asarray(network.predict(faces.astype("float32"), verbose=0), float)
        if answer.size != PEOPLE:
            return "Give a network with one output, the probability of sad."
        scores[studios] = float(np.mean((answer.ravel() >= 0.5) == is_sad))
    same, swapped = scores["same"], scores["swapped"]
    measured = f"On new faces: {same:.0%} in the same studios, {swapped:.0%} in swapped ones."
    if min(same, swapped) >= TO_BEAT:
        return ""
    if same > swapped + 0.3:
        return f"{measured} It still takes the shortcut."
    if swapped > same + 0.3:
        return f"{measured} Now it takes the opposite shortcut."
    return f"{measured} The shortcut is gone, but it has not learned enough about faces."


EXERCISES = {
    "06.1": Exercise(
        wanted="your function `occlusion_map`",
        why="You now have a small experiment for every part of any picture.",
        hint=_occlusion,
    ),
    "06.2": Exercise(
        wanted="your function `heat_of`",
        why="Sure answers are warm now: the slope is taken before the softmax flattens it.",
        hint=_heat,
    ),
    "06.3": Exercise(
        wanted="your network `cured`",
        why="It reads new faces in both studios. The best cure was in the pictures.",
        hint=_cured,
    ),
}
