"""The exercises of notebook 06, looking inside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .common import Exercise


def _glasses(changes: Any) -> str:
    values = list(changes.values()) if isinstance(changes, dict) else list(changes)
    if len(values) != 2:
        return "Give one number for each network, two in all."
    if any(value != int(value) for value in values):
        return "Give numbers of answers, not shares."
    if max(values) > 20:
        return "More than half change: is everything but the glasses the same, even the seed?"
    return ""


def _walls(answer: Sequence[float]) -> str:
    same, swapped = map(float, answer)
    if max(same, swapped) > 1:
        return "Give shares between 0 and 1."
    if same - swapped > 0.3:
        return "The cheat or your own network drops that far. What does the *released* one say?"
    if min(same, swapped) < 0.6:
        return "The released network does better: are labels and pictures in the same order?"
    return ""


def _two_questions(maps: Any) -> str:
    maps = np.asarray(maps, float)
    if maps.ndim < 3 or len(maps) != 2:
        return "Hand in two sets of maps: one for happy, and one for sad."
    if np.corrcoef(maps[0].ravel(), maps[1].ravel())[0, 1] > 0.9:
        return "Both sets answer the same question: what did you give as `class_index`?"
    return ""


EXERCISES = {
    "06.1": Exercise(
        wanted="the two numbers of changed answers, yours and released",
        why="Only a few change: the answer depends on the mouth.",
        hint=_glasses,
    ),
    "06.2": Exercise(
        wanted="the released network's shares of right answers: (same, swapped)",
        why="A network that has seen all kinds of walls does not depend on them.",
        hint=_walls,
    ),
    "06.3": Exercise(
        wanted="both sets of maps: [maps for happy, maps for sad]",
        why="What speaks for one class speaks against the other.",
        hint=_two_questions,
    ),
}
