"""What an exercise is, and how to call a function that a reader wrote."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

NOTHING = "Your function returns nothing: does it end in `return`?"


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


def require_function(answer: Any) -> None:
    """Raise a TypeError for an answer that is not a function, before anything slow is prepared."""
    if not callable(answer):
        raise TypeError("no function")


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
    require_function(function)
    try:
        return function(*values), ""
    except MemoryError:
        raise
    except Exception as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())
        return None, f"Your function stops with an error: {said[:200]}"
