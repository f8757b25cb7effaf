"""How well people agree with each other: a yardstick for what a network can reach.

Throughout, `votes` is an int array (n, k) with one row per picture and one column per class: how
many people chose that class.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .metrics import EvaluationError, Score

RESAMPLES = 1000


def agreement_with_others(
    votes: ArrayLike, predicted: ArrayLike | None = None, seed: int = 0
) -> Score:
    """Return how often a person agrees with most of the others.

    Each vote is taken away in turn. The answer of the others is the class with most of their votes;
    where m classes have equally many, each of them counts as 1/m. With `predicted`, the prediction
    answers in place of the person, so the two figures can be compared.

    Args:
        votes: int (n, k), 0 or more. A picture with fewer than two votes is left out: there are no
            others.
        predicted: int (n,), the class predicted for each picture, 0 to k-1; None to ask the person
            whose vote was taken away.
        seed: Seed of the bootstrap.

    Returns:
        The share that agrees, 0-1, over all votes, with its 95% interval: a bootstrap over
        pictures (Efron 1979, 1,000 resamples), because votes on one picture are not independent.

    Raises:
        EvaluationError: Votes that are not counts, no picture with two votes, or predictions that
            do not fit them.
    """
    counts = _counts(votes)
    classes = _classes(predicted, counts)
    several = counts.sum(axis=1) > 1
    if not several.any():
        raise EvaluationError("No picture has two votes or more: there is nobody to agree with.")
    counts = counts[several]
    agreeing = _agreeing(counts, None if classes is None else classes[several])
    voters = counts.sum(axis=1)
    value = agreeing.sum() / voters.sum()
    rng = np.random.default_rng(seed)
    shares = []
    for _ in range(RESAMPLES):
        drawn = rng.integers(0, len(voters), len(voters))
        shares.append(agreeing[drawn].sum() / voters[drawn].sum())
    low, high = np.percentile(shares, [2.5, 97.5])
    # rounding must not push the interval off the share itself
    return Score(float(value), float(min(low, value)), float(max(high, value)))


def people_shares(votes: ArrayLike) -> np.ndarray:
    """Return what share of people chose each class.

    Args:
        votes: int (n, k), 0 or more.

    Returns:
        float64 (n, k), 0-1, rows summing to 1. A picture without votes gets a row of nan, so that
        it cannot be used by mistake: leave it out first.

    Raises:
        EvaluationError: Votes that are not counts.
    """
    counts = _counts(votes)
    total = counts.sum(axis=1, keepdims=True)
    return np.divide(counts, total, out=np.full(counts.shape, np.nan), where=total > 0)


def _agreeing(counts: np.ndarray, classes: np.ndarray | None) -> np.ndarray:
    """Return how many of each picture's voters agree with the others, float (n,)."""
    agreeing = np.zeros(len(counts))
    for taken in range(counts.shape[1]):
        rows = np.flatnonzero(counts[:, taken])
        others = counts[rows]
        others[:, taken] -= 1
        most = others == others.max(axis=1, keepdims=True)
        answer = taken if classes is None else classes[rows]
        agrees = most[np.arange(len(rows)), answer] / most.sum(axis=1)
        agreeing[rows] += counts[rows, taken] * agrees
    return agreeing


def _counts(votes: ArrayLike) -> np.ndarray:
    """Return votes as int64 (n, k)."""
    counts = np.asarray(votes)
    if counts.ndim != 2 or counts.shape[1] < 2 or not len(counts):
        raise EvaluationError(
            f"Votes of shape {counts.shape} cannot be counted: give one row per picture and one "
            "column per class."
        )
    if counts.dtype.kind not in "iu" or counts.min() < 0:
        raise EvaluationError("Votes must be whole numbers of 0 or more.")
    return counts.astype(np.int64)


def _classes(predicted: ArrayLike | None, counts: np.ndarray) -> np.ndarray | None:
    """Return predictions as int (n,)."""
    if predicted is None:
        return None
    classes = np.asarray(predicted)
    n, k = counts.shape
    if classes.shape != (n,):
        raise EvaluationError(
            f"Predictions of shape {classes.shape} do not fit votes on {n:,} pictures: give one "
            "class for each picture."
        )
    if classes.dtype.kind not in "iu" or classes.min() < 0 or classes.max() >= k:
        raise EvaluationError(f"Predictions must be whole numbers from 0 to {k - 1}.")
    return classes
