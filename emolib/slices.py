"""How right a network is for each group of pictures, and how little a small group can tell.

Notebook 04 uses it on people's age, sex and skin tone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .calibration import EvaluationError
from .evaluation import Score, wilson_interval
from .style import percent


@dataclass(frozen=True)
class Slice:
    """One group of pictures.

    Attributes:
        group: Its name.
        n: How many pictures are in it.
        right: How many of them are answered right.
        accuracy: The share that is right, 0-1, with its Wilson interval.
    """

    group: str
    n: int
    right: int
    accuracy: Score

    def __str__(self) -> str:
        """Return words such as "18-25: 2 of 2 right (34 % to 100 %)"."""
        low, high = percent(self.accuracy.low), percent(self.accuracy.high)
        return f"{self.group}: {self.right} of {self.n} right ({low} to {high})"


def accuracy_by_group(
    correct: Sequence[bool] | np.ndarray, groups: Sequence[str], confidence: float = 0.95
) -> list[Slice]:
    """Count the right answers of each group.

    The interval is Wilson's (1927), made for few pictures too. It takes pictures for independent:
    several pictures of one person tell less than it says.

    Args:
        correct: bool (n,), which pictures are answered right.
        groups: n names, the group of each picture.
        confidence: Of the interval, 0-1.

    Returns:
        One `Slice` a group, by name.

    Raises:
        EvaluationError: No pictures, or not one group for each.
    """
    correct, groups = np.asarray(correct, bool), [str(group) for group in groups]
    if correct.ndim != 1 or not len(correct) or len(correct) != len(groups):
        raise EvaluationError("Give one right-or-wrong and one group's name for each picture.")
    found = []
    for group in sorted(set(groups)):
        inside = correct[[name == group for name in groups]]
        n, right = len(inside), int(inside.sum())
        score = Score(right / n, *wilson_interval(right, n, confidence))
        found.append(Slice(group, n, right, score))
    return found
