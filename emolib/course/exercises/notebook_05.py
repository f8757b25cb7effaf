"""The exercises of notebook 05, inference."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .common import Exercise


def _careless(probabilities: Any) -> str:
    values = np.asarray(probabilities, float).ravel()
    if len(values) != 3 or abs(values.sum() - 1) > 0.01:
        return "Hand in the three probabilities as `predict_arrays` returns them."
    if values[0] > 0.9:
        return "That is the answer for an upright, cropped face. Squeeze the whole `lying` photo."
    return ""


def _called(answer: tuple) -> str:
    *expected, known = _answers_to_portraits()
    for name, given, true in zip(("called_happy", "called_neither"), answer, expected, strict=True):
        given = {given} if isinstance(given, str) else set(given)
        if given - known:
            return "Use the names that the portraits have in `portrait.expression`."
        if given != true:
            counted = f"{len(given - true)} too many, {len(true - given)} missing"
            return f"{name}: {counted}. An answer that is not sure counts only as not sure."
    return ""


@functools.cache
def _answers_to_portraits() -> tuple[set[str], set[str], set[str]]:
    """Return the expressions mostly called happy, those mostly called neither, and all of them."""
    from ...data.sources import portraits
    from ...inference.classifier import load_classifier

    classifier = load_classifier()
    said: dict[str, list[str]] = {}
    for portrait in portraits():
        answer = classifier.predict(portrait.image)[0]
        said.setdefault(portrait.expression, []).append(answer.label if answer.sure else "")
    return (
        {name for name, words in said.items() if words.count("happy") >= 8},
        {name for name, words in said.items() if words.count("neither") > 5},
        set(said),
    )


EXERCISES = {
    "05.1": Exercise(
        wanted="the three probabilities, `predict_arrays(...)[0]`",
        why="It answers whatever you give it. No output says: this is not a face.",
        hint=_careless,
    ),
    "05.2": Exercise(
        wanted="two lists of expressions: (called_happy, called_neither)",
        why="It calls a smiling mouth happy, whatever the smile means.",
        hint=_called,
        prepare=_answers_to_portraits,
    ),
}
