"""The exercises of notebook 09, the reader's own pictures."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from .common import NOTHING, Exercise, call, require_function

if TYPE_CHECKING:
    import keras

CLASSES = ["angry", "surprised"]
NEW_SEED = 100  # of shapes that the notebook has not shown
LEARN = 20
JUDGE = 300
BAR = 0.75  # share of the shapes to judge that must be right
PORTRAITS = 17  # of 20 that must be right


def _cases() -> list[tuple[np.ndarray, float]]:
    """Return who is in each picture, and the share to test: people with few and many pictures."""
    rng = np.random.default_rng(0)
    names = np.array(["Ada", "Ben", "Cem", "Dora", "Eli", "Fay", "Gus", "Hana", "Ida", "Jo"])
    unequal = rng.permutation(np.repeat(names, [1, 2, 3, 5, 8, 13, 21, 2, 1, 4]))
    return [(np.repeat(np.arange(12), 8), 0.25), (unequal, 0.3), (unequal, 0.5)]


def _by_person(function: Callable) -> str:
    for person, share in _cases():
        chosen = []
        for seed in range(8):
            answer, error = call(function, person.copy(), share, seed)
            if error:
                return error
            if answer is None:
                return NOTHING
            mask = np.asarray(answer).ravel()
            hint = _on_one_side(mask, person, share)
            if hint:
                return hint
            chosen.append(mask.tobytes())
        if len(set(chosen)) == 1:
            return "Eight seeds put the same people into the test set: use the seed."
        again, _ = call(function, person.copy(), share, 0)
        if np.asarray(again).tobytes() != chosen[0]:
            return "The same seed puts different people into the test set each time."
    return ""


def _on_one_side(mask: np.ndarray, person: np.ndarray, share: float) -> str:
    """Return what is wrong with one split."""
    if len(mask) != len(person) or mask.dtype != bool:
        return f"Return True or False for each picture: {len(person)} came in."
    people = np.unique(person)
    shares = np.array([mask[person == who].mean() for who in people])
    torn = int(((shares > 0) & (shares < 1)).sum())
    if torn:
        return f"{torn} of {len(people)} people are on both sides. What do you shuffle?"
    wanted = round(share * len(people))
    tested = int(shares.sum())
    if tested != wanted:
        return (
            f"With a share of {share}, {tested} of {len(people)} people are in the test, and it "
            f"should be {wanted}. Do you count people or pictures?"
        )
    return ""


@cache
def _body() -> list[np.ndarray]:
    """Return the weights of the released network without its last layer."""
    from ...inference.classifier import RELEASED
    from ...model.files import load_model

    return load_model(RELEASED.with_suffix(".keras"))[0].get_weights()[:-2]


@cache
def _portraits() -> tuple[np.ndarray, np.ndarray]:
    """Return the portraits of both classes, and their labels."""
    from ...data import sources
    from ...images import to_array

    chosen = [portrait for portrait in sources.portraits() if portrait.expression in CLASSES]
    labels = np.array([CLASSES.index(portrait.expression) for portrait in chosen])
    return np.stack([to_array(portrait.face()) for portrait in chosen]), labels


def _frozen(network: keras.Model) -> str:
    if not callable(network) or not hasattr(network, "get_weights"):
        raise TypeError("not a network")
    weights = network.get_weights()
    body = _body()
    changed = sum(not any(np.array_equal(one, other) for other in weights) for one in body)
    if changed:
        return (
            f"{changed} of the body's {len(body)} arrays of weights are no longer those of the "
            "released network. Which layers may this training change?"
        )
    photos, truth = _portraits()
    answers = np.asarray(network(photos, training=False))
    if answers.shape != (len(photos), len(CLASSES)):
        return f"For {len(photos)} faces it gives {answers.shape}, not two numbers per face."
    right = int((answers.argmax(axis=1) == truth).sum())
    if right < PORTRAITS:
        return (
            f"The body is untouched, but only {right} of {len(photos)} portraits are right. Has "
            "the loss come down yet?"
        )
    return ""


def shape(label: int, rng: np.random.Generator) -> np.ndarray:
    """Draw a shape with noise, as notebook 09 does.

    Args:
        label: 0 for a circle, 1 for a square.
        rng: Draws its place, size, turn and grays.

    Returns:
        float64 picture (48, 48, 1), values 0-255.
    """
    canvas = Image.new("L", (96, 96), int(rng.integers(60, 200)))
    place = rng.uniform(34, 62, 2)
    size = rng.uniform(14, 30)
    circle = (*place, size if label == 0 else 1.25 * size)
    turn = rng.uniform(0, 360)
    corners = 60 if label == 0 else 4
    ImageDraw.Draw(canvas).regular_polygon(circle, corners, turn, fill=int(rng.integers(256)))
    noise = rng.normal(0, 12, (48, 48))
    return (np.asarray(canvas.resize((48, 48))) + noise).clip(0, 255)[..., None]


def _beats(function: Callable) -> str:
    require_function(function)
    rng = np.random.default_rng(NEW_SEED)
    y = np.arange(LEARN + JUDGE) % 2
    x = np.stack([shape(int(label), rng) for label in y]).astype("float32")
    answer, error = call(function, x[:LEARN].copy(), y[:LEARN].copy(), x[LEARN:].copy())
    if error:
        return error
    if answer is None:
        return NOTHING
    labels = np.asarray(answer).squeeze()
    if labels.shape != (JUDGE,) or not np.isin(labels, (0, 1)).all():
        return f"Return one label, 0 or 1, for each of the {JUDGE} new shapes."
    score = float((labels == y[LEARN:]).mean())
    if score >= BAR:
        return ""
    said = f"{score:.0%} of {JUDGE} new shapes are right, and {BAR:.0%} are needed."
    if score < 1 - BAR + 0.05:
        return f"{said} Are your two labels the wrong way around?"
    if score < 0.55:
        return f"{said} That is about as good as guessing."
    return f"{said} What makes a circle a circle, wherever it is? Or can 20 become more?"


EXERCISES = {
    "09.1": Exercise(
        wanted="your function, without calling it: `split_by_person`",
        why="Nobody is on both sides, however many pictures there are of each person.",
        hint=_by_person,
    ),
    "09.2": Exercise(
        wanted="the network that you trained: `network`",
        why="Its body is the released network's, and only the head has learned.",
        hint=_frozen,
    ),
    "09.3": Exercise(
        wanted="your function, without calling it: `my_answers`",
        why="It also tells shapes apart that it was not tuned on.",
        hint=_beats,
    ),
}
