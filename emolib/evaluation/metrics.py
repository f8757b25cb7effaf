"""Scores with the interval that the number of pictures allows, for all of them and by group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from ..errors import EmolibError

# float32 cannot tell 1 from 1 - 3e-8: a probability below this is rounding, not knowledge
SMALLEST = 1e-7


class EvaluationError(EmolibError):
    """Predictions and labels cannot be scored; the message says why."""


def validate_predictions(probabilities, labels) -> tuple[np.ndarray, np.ndarray]:
    """The two as float64 (n, k) and int (n,), or a sentence on why they cannot be scored."""
    p, y = np.asarray(probabilities, np.float64), np.asarray(labels)
    if y.size == 0 or p.size == 0:
        raise EvaluationError("There are no pictures to score: give at least one.")
    if p.ndim != 2 or p.shape[1] < 2 or y.shape != p.shape[:1]:
        raise EvaluationError(
            f"Probabilities of shape {p.shape} do not fit labels of shape {y.shape}: "
            "give one row a label and one column a class, for a sigmoid unit 1 - p and p."
        )
    sums = p.sum(axis=1, keepdims=True)
    # written so that nan fails both tests
    if not ((p >= 0).all() and ((sums > 0) & (sums < 1 + 1e-3)).all()):
        raise EvaluationError("Each row of probabilities must hold numbers in 0-1 that sum to 1.")
    if y.dtype.kind not in "iu" or y.min() < 0 or y.max() >= p.shape[1]:
        raise EvaluationError(f"Labels must be whole numbers from 0 to {p.shape[1] - 1}.")
    return np.where(sums < 1 - 1e-3, p / sums, p), y.astype(int)


class Score(NamedTuple):
    """A share (0-1) with the interval that the number of pictures allows."""

    value: float
    low: float
    high: float


def wilson_interval(successes: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Interval for a share of `successes` in `n` tries (Wilson 1927), both ends in 0-1.

    Unlike value +- 2 standard errors it stays in 0-1 and works for few tries; n = 0 gives (0, 1).
    """
    if not (0 <= successes <= n and 0 < confidence < 1):
        raise EvaluationError("An interval needs 0 <= successes <= n and a confidence in 0-1.")
    if n == 0:
        return 0.0, 1.0
    z, share = NormalDist().inv_cdf((1 + confidence) / 2), successes / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
    # rounding must not push the interval off the share itself, nor out of 0-1
    return float(max(0, min(middle - half, share))), float(min(1, max(middle + half, share)))


def mcnemar(correct_a: np.ndarray, correct_b: np.ndarray) -> float:
    """Exact two-sided p-value that two networks err equally often (McNemar 1947).

    Args:
        correct_a: bool (n,), which pictures the first network got right.
        correct_b: the same pictures in the same order, for the second network.
    """
    from scipy.stats import binomtest

    a, b = np.asarray(correct_a, bool), np.asarray(correct_b, bool)
    if a.shape != b.shape or a.ndim != 1:
        raise EvaluationError("Two networks are compared on the same pictures: give equal lengths.")
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    if only_a + only_b == 0:
        return 1.0
    return float(binomtest(only_a, only_a + only_b).pvalue)


def _log_losses(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    of_truth = probabilities[np.arange(len(labels)), labels]
    return -np.log(np.clip(of_truth, SMALLEST, 1))


def _roc_auc(probabilities: np.ndarray, labels: np.ndarray) -> float | None:
    if probabilities.shape[1] != 2 or len(np.unique(labels)) < 2:
        return None
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(labels, probabilities[:, 1]))


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
        """Return words such as "18-25: 2 of 2 right (34% to 100%)"."""
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


def percent(share: float, digits: int = 0) -> str:
    """Return a share of 0-1 in words, such as "97%"."""
    return f"{100 * share:.{digits}f}%"
