"""Did I get it right? A check for each exercise, and a comment on each guess.

    >>> import emolib
    >>> emolib.check("02.1", convolve)
    Exercise 02.1: not yet. The result is still smaller than the image. How wide must the border be?

A check says "right" or gives a hint that fits the mistake, but never the answer. What each exercise
asks for, and how its answer is examined, is in `exercises`.
"""

from __future__ import annotations

from numbers import Real
from typing import Any

from ..errors import EmolibError
from .exercises import EXERCISES, Exercise

NEAR = 0.1  # a guess within this share of the measured value counts as close
# what an answer of the wrong form may raise; any other error is not the answer's fault
FORM_ERRORS = (TypeError, ValueError, LookupError, AttributeError, OverflowError)


def check(exercise: str, answer: Any = ...) -> None:
    """Print whether an answer is right, or a hint.

    Args:
        exercise: The exercise's number, such as "02.1".
        answer: What the exercise asks for; `...` or None if there is no answer yet.
    """
    known = EXERCISES.get(exercise) if isinstance(exercise, str) else None
    if known is None:
        print(f"There is no check for exercise {exercise!r}: use one of {', '.join(EXERCISES)}.")
    elif _is_missing(answer):
        print(f"Exercise {exercise}: no answer yet. Hand in {known.wanted}.")
    else:
        print(f"Exercise {exercise}: {_judge(known, answer)}")


def _judge(exercise: Exercise, answer: Any) -> str:
    """Return what there is to say about an answer."""
    try:
        exercise.prepare()
    except EmolibError as error:
        return f"your answer cannot be checked. {error}"
    try:
        hint = exercise.hint(answer)
    except EmolibError as error:
        return f"your answer cannot be checked. {error}"
    except FORM_ERRORS:
        return f"this does not have the expected form. Hand in {exercise.wanted}."
    return f"not yet. {hint}" if hint else f"right. {exercise.why}"


def compare(guess: float | None, measured: float, unit: str = "") -> None:
    """Print a guess next to the measured value.

    Args:
        guess: What was expected; None or `...` for no guess.
        measured: What was measured.
        unit: Printed after both numbers, such as "%".
    """
    unit = f" {unit}" if unit not in ("", "%") else unit
    if not isinstance(guess, Real):
        print(f"Measured: {measured:.3g}{unit}.")
        return
    if abs(guess - measured) <= NEAR * max(abs(measured), 1e-9):
        words = "close."
    else:
        words = f"what made you expect {'less' if guess < measured else 'more'}?"
    print(f"You guessed {guess:.3g}{unit}, we measured {measured:.3g}{unit}: {words}")


def _is_missing(answer: Any) -> bool:
    if isinstance(answer, tuple | list | dict):
        parts = answer.values() if isinstance(answer, dict) else answer
        return any(_is_missing(part) for part in parts)
    return answer is None or answer is ...
