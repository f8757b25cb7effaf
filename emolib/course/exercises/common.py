"""What an exercise is, and how the answers are examined that several exercises ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

TOLERANCE = 0.02  # of answers that are one number


@dataclass(frozen=True)
class Exercise:
    """What to hand in, and how it is judged.

    Attributes:
        wanted: What to hand in, as the end of the sentence "Hand in ...".
        why: Why a right answer is right.
        hint: Called with the answer; returns what is wrong with it, or "" if it is right. If the
            answer does not have the expected form, it may raise what Python raises when it is
            examined, such as a TypeError.
        prepare: Computes what `hint` needs and what does not depend on the answer.
    """

    wanted: str
    why: str
    hint: Callable[[Any], str]
    prepare: Callable[[], Any] = lambda: None


def number(
    right: float,
    otherwise: str,
    wrong: Mapping[float, str] | None = None,
    above: Mapping[float, str] | None = None,
) -> Callable[[Any], str]:
    """Return the check of an answer that is one number.

    Args:
        right: The right number.
        otherwise: The hint for all other numbers.
        wrong: Hints for known wrong numbers.
        above: Hints for all numbers above a limit.
    """

    def hint(answer: Any) -> str:
        given = float(answer)
        if abs(given - right) < TOLERANCE:
            return ""
        for value, words in (wrong or {}).items():
            if abs(given - value) < TOLERANCE:
                return words
        for limit, words in (above or {}).items():
            if given > limit:
                return words
        return otherwise

    return hint


def call(function: Callable, *values: Any) -> tuple[Any, str]:
    """Call a function that a reader wrote.

    Args:
        function: The answer to an exercise.
        values: What to call it with; copies, if it must not change them.

    Returns:
        What the function returns and "", or None and a hint if it fails.

    Raises:
        TypeError: It is not a function.
        MemoryError: The memory is full, which is not the reader's mistake.
    """
    if not callable(function):
        raise TypeError("no function")
    try:
        return function(*values), ""
    except MemoryError:
        raise
    except Exception as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())
        return None, f"Your function stops with an error: {said[:200]}"
