"""Scores with the interval that the number of pictures allows, overall and by group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..errors import EmolibError

# float32 cannot tell 1 from 1 - 3e-8, so a probability below this is rounding error
SMALLEST = 1e-7


class EvaluationError(EmolibError):
    """Predictions and labels cannot be scored; the message says why."""


def validate_predictions(
    probabilities: ArrayLike, labels: ArrayLike
) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities as float64 (n, k), rows summing to 1, and labels as int (n,).

    Raises:
        EvaluationError: No pictures, shapes that do not match, or values out of range.
    """
    p = np.asarray(probabilities, np.float64)
    y = np.asarray(labels)
    if y.size == 0 or p.size == 0:
        raise EvaluationError("There are no pictures to score: give at least one.")
    if p.ndim != 2 or p.shape[1] < 2 or y.shape != p.shape[:1]:
        raise EvaluationError(
            f"Probabilities of shape {p.shape} do not fit labels of shape {y.shape}: "
            "give one row per label and one column per class, for a sigmoid unit 1 - p and p."
        )
    sums = p.sum(axis=1, keepdims=True)
    # written so that nan fails both tests
    if not ((p >= 0).all() and ((sums > 0) & (sums < 1 + 1e-3)).all()):
        raise EvaluationError(
            "Each row of probabilities must hold numbers from 0 to 1 that sum to 1."
        )
    if y.dtype.kind not in "iu" or y.min() < 0 or y.max() >= p.shape[1]:
        raise EvaluationError(f"Labels must be whole numbers from 0 to {p.shape[1] - 1}.")
    return np.where(sums < 1 - 1e-3, p / sums, p), y.astype(int)


class Score(NamedTuple):
    """A share (0-1) with the interval that the number of pictures allows."""

    value: float
    low: float
    high: float


def wilson_interval(successes: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the Wilson interval of a share (Wilson 1927).

    Unlike the value plus or minus two standard errors, it stays within 0-1 and works even for few
    tries.

    Args:
        successes: How many of the tries succeeded.
        n: How many tries there were; 0 gives the interval (0, 1).
        confidence: How often such an interval contains the true share, 0-1.

    Returns:
        The lower and the upper end, 0-1.

    Raises:
        EvaluationError: More successes than tries, or a confidence out of range.
    """
    if not (0 <= successes <= n and 0 < confidence < 1):
        raise EvaluationError("An interval needs 0 <= successes <= n and a confidence from 0 to 1.")
    if n == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = successes / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
    # rounding must not push the interval off the share itself, nor out of 0-1
    return float(max(0, min(middle - half, share))), float(min(1, max(middle + half, share)))


def mcnemar(correct_a: ArrayLike, correct_b: ArrayLike) -> float:
    """Test whether two networks make the same number of mistakes (McNemar 1947).

    Args:
        correct_a: bool (n,), which pictures the first network got right.
        correct_b: The same pictures in the same order, for the second network.

    Returns:
        The exact two-sided p-value, 0-1.

    Raises:
        EvaluationError: The two differ in length.
    """
    from scipy.stats import binomtest

    a = np.asarray(correct_a, bool)
    b = np.asarray(correct_b, bool)
    if a.shape != b.shape or a.ndim != 1:
        raise EvaluationError(
            "Two networks must be compared on the same pictures: give equal lengths."
        )
    only_a = int((a & ~b).sum())
    only_b = int((b & ~a).sum())
    if only_a + only_b == 0:
        return 1.0
    return float(binomtest(only_a, only_a + only_b).pvalue)


@dataclass(frozen=True)
class Slice:
    """One group of pictures.

    Attributes:
        group: Its name.
        n: How many pictures are in it.
        right: How many of them are answered correctly.
        accuracy: The share that is correct, 0-1, with its Wilson interval.
    """

    group: str
    n: int
    right: int
    accuracy: Score

    def __str__(self) -> str:
        """Return words such as "18-25: 2 of 2 right (34% to 100%)"."""
        low = percent(self.accuracy.low)
        high = percent(self.accuracy.high)
        return f"{self.group}: {self.right} of {self.n} right ({low} to {high})"


def accuracy_by_group(
    correct: ArrayLike, groups: Sequence[str], confidence: float = 0.95
) -> list[Slice]:
    """Count the correct answers of each group.

    The interval assumes that the pictures are independent: with several pictures of one person it
    is too narrow.

    Args:
        correct: bool (n,), which pictures are answered correctly.
        groups: n names, the group of each picture.
        confidence: Confidence of the Wilson intervals, 0-1.

    Returns:
        One `Slice` per group, sorted by name.

    Raises:
        EvaluationError: No pictures, or not one group for each.
    """
    correct = np.asarray(correct, bool)
    names = np.array([str(group) for group in groups])
    if correct.ndim != 1 or not len(correct) or correct.shape != names.shape:
        raise EvaluationError("Give one right-or-wrong value and one group for each picture.")
    found = []
    for group in sorted(set(names.tolist())):
        inside = correct[names == group]
        n = len(inside)
        right = int(inside.sum())
        score = Score(right / n, *wilson_interval(right, n, confidence))
        found.append(Slice(group, n, right, score))
    return found


def percent(share: float, digits: int = 0) -> str:
    """Return a share of 0-1 in words, such as "97%"."""
    return f"{100 * share:.{digits}f}%"
