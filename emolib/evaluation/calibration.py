"""Calibration: how sure a network should be, and when it should say "not sure".

Throughout, `probabilities` is a float array (n, k) with one row per picture and one column per
class. Its rows sum to 1; a single sigmoid unit's p becomes the two columns 1 - p and p. `labels` is
an int array (n,) of column numbers. A network that can also answer "none of these" gives rows that
sum to less than 1: they are divided by their sum, because the labels name one of the classes.

`fit_temperature` and `fit_bias` also take soft labels: what share of people chose each class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .metrics import SMALLEST, EvaluationError, validate_predictions

TEMPERATURES = (0.02, 50)  # the range to search in


class ReliabilityBins(NamedTuple):
    """Count, mean confidence and accuracy of each bin (the last two 0-1, nan when it is empty)."""

    count: np.ndarray  # type: ignore[assignment]  # hides tuple.count
    confidence: np.ndarray
    accuracy: np.ndarray


class SelectiveTable(NamedTuple):
    """Thresholds from strict to lax; at each, the share answered and how much of it is correct."""

    threshold: np.ndarray
    coverage: np.ndarray
    accuracy: np.ndarray


@dataclass(frozen=True)
class SureThreshold:
    """The probability from which an answer counts as "sure", and what that costs (all 0-1).

    Attributes:
        threshold: The lowest probability that is "sure".
        known_sure: Share of the known classes' faces that reach it.
        accuracy_sure: Share of those that are answered correctly, if that is known.
        others_unsure: Share of the other faces that stay below it, if there are any.
    """

    threshold: float
    known_sure: float
    accuracy_sure: float | None
    others_unsure: float | None


def reliability_bins(
    probabilities: ArrayLike, labels: ArrayLike, bins: int = 15
) -> ReliabilityBins:
    """Sort pictures by the probability of the answer into `bins` equal bins of 0-1."""
    probabilities, labels = validate_predictions(probabilities, labels)
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == labels
    place = np.digitize(confidence, np.linspace(0, 1, bins + 1)[1:-1], right=True)
    count = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        means = [np.bincount(place, x, minlength=bins) / count for x in (confidence, correct)]
    return ReliabilityBins(count, *means)


def expected_calibration_error(
    probabilities: ArrayLike, labels: ArrayLike, bins: int = 15
) -> float:
    """Return the mean gap (0-1) between confidence and accuracy over the bins (Guo et al. 2017).

    The confidence is the top class's probability, with two classes too.
    """
    count, confidence, accuracy = reliability_bins(probabilities, labels, bins)
    return float(np.nansum(count * np.abs(confidence - accuracy)) / count.sum())


def apply_temperature(probabilities: ArrayLike, temperature: float) -> np.ndarray:
    """Soften (temperature above 1) or sharpen (below 1) probabilities: softmax of log p / T.

    The answer stays the same, only its probability changes (Guo et al. 2017).

    Args:
        probabilities: float (n, k), 0-1; below 1e-7 they count as 1e-7, so 0 is safe.
        temperature: Above 0; 1 changes nothing.

    Returns:
        float64 (n, k), rows summing to 1.
    """
    scores = np.log(np.maximum(np.asarray(probabilities, np.float64), SMALLEST)) / temperature
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def fit_temperature(
    probabilities: ArrayLike, labels: ArrayLike, class_weights: Sequence[float] | None = None
) -> float:
    """Return the temperature, 0.02-50, with the lowest log loss (Guo et al. 2017).

    Args:
        probabilities: float (n, k) of pictures that the network was not trained on.
        labels: int (n,); or float (n, k), the share of people who chose each class, 0-1, rows
            summing to 1, for the lowest cross-entropy with these shares.
        class_weights: k weights, for when these pictures' class balance is not the expected one;
            only with int labels.

    Raises:
        EvaluationError: Probabilities, labels or weights that do not fit or are out of range.
    """
    from scipy.optimize import minimize_scalar

    scores, labels, weights = _logits(probabilities, labels, class_weights)
    # the loss is convex in 1 / T, so it has one valley and a bounded search finds it
    found = minimize_scalar(
        lambda log_t: _loss(scores / np.exp(log_t), labels, weights),
        bounds=np.log(TEMPERATURES),
        method="bounded",
        options={"xatol": 1e-6},
    )
    return float(np.exp(found.x))


def fit_bias(
    probabilities: ArrayLike, labels: ArrayLike, class_weights: Sequence[float] | None = None
) -> np.ndarray:
    """Return shifts of the logits that, together with a temperature, give the lowest log loss.

    They keep a class from being predicted too often (bias-corrected temperature scaling, Alexandari
    et al. 2020).

    Args:
        probabilities: As for `fit_temperature`.
        labels: As for `fit_temperature`, with each class at least once.
        class_weights: As for `fit_temperature`.

    Returns:
        float64 (k,), to be added to log probabilities before the temperature divides them; the
        first is 0.

    Raises:
        EvaluationError: As for `fit_temperature`.
    """
    from scipy.optimize import minimize

    scores, labels, weights = _logits(probabilities, labels, class_weights)
    k = scores.shape[1]

    def loss(x: np.ndarray) -> float:
        return _loss((scores + np.append(0, x[1:])) / np.exp(x[0]), labels, weights)

    bounds = [np.log(TEMPERATURES)] + [(-10, 10)] * (k - 1)
    found = minimize(loss, np.zeros(k), method="L-BFGS-B", bounds=bounds)
    return np.append(0, found.x[1:])


def _logits(
    probabilities: ArrayLike, labels: ArrayLike, class_weights: Sequence[float] | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Return log probabilities (n, k), labels (n,) or (n, k) and each picture's weight (n,)."""
    if np.ndim(labels) == 2:
        return *_soft_logits(probabilities, labels, class_weights), None
    probabilities, labels = validate_predictions(probabilities, labels)
    weights = None
    if class_weights is not None:
        each = np.asarray(class_weights, float)
        if each.shape != probabilities.shape[1:] or not (each >= 0).all() or not each[labels].any():
            raise EvaluationError(
                "Class weights must be one number of 0 or more for each class, and more than 0 for "
                "some of these pictures."
            )
        weights = each[labels]
    return np.log(np.clip(probabilities, SMALLEST, 1)), labels, weights


def _soft_logits(
    probabilities: ArrayLike, labels: ArrayLike, class_weights: Sequence[float] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return log probabilities and shares of people, both float64 (n, k)."""
    if class_weights is not None:
        raise EvaluationError(
            "Class weights need one whole number per picture as its label, not shares of people."
        )
    shares = np.asarray(labels, np.float64)
    # the probabilities are checked as with any labels
    p, _ = validate_predictions(probabilities, np.zeros(len(shares), int))
    if shares.shape != p.shape:
        raise EvaluationError(
            f"Shares of people of shape {shares.shape} do not fit probabilities of shape {p.shape}:"
            " give one row per picture and one column per class."
        )
    # written so that nan fails both tests
    if not ((shares >= 0).all() and (abs(shares.sum(axis=1) - 1) < 1e-3).all()):
        raise EvaluationError(
            "Each row of shares of people must hold numbers from 0 to 1 that sum to 1: leave out "
            "pictures without votes."
        )
    return np.log(np.clip(p, SMALLEST, 1)), shares


def _loss(logits: np.ndarray, labels: np.ndarray, weights: np.ndarray | None) -> float:
    from scipy.special import log_softmax

    scores = log_softmax(logits, axis=1)
    if labels.ndim == 2:
        return float(-(labels * scores).sum(axis=1).mean())
    of_truth = scores[np.arange(len(labels)), labels]
    return float(np.average(-of_truth, weights=weights))


def selective_table(confidence: ArrayLike, correct: ArrayLike) -> SelectiveTable:
    """Leave out more and more of the least confident answers (El-Yaniv and Wiener 2010).

    Args:
        confidence: float (n,), probability of the answer.
        correct: bool (n,), whether the answer is correct.

    Returns:
        One entry per distinct confidence, highest first; all answers that reach it are given.

    Raises:
        EvaluationError: No answers, or the two differ in length.
    """
    confidence = np.asarray(confidence, float)
    correct = np.asarray(correct, bool)
    if confidence.ndim != 1 or confidence.shape != correct.shape or not len(confidence):
        raise EvaluationError("Give one confidence and one right-or-wrong value for each picture.")
    order = np.argsort(-confidence, kind="stable")
    falling = confidence[order]
    right = np.cumsum(correct[order])
    ends = np.flatnonzero(np.append(falling[1:] < falling[:-1], True))
    return SelectiveTable(falling[ends], (ends + 1) / len(falling), right[ends] / (ends + 1))


def choose_sure_threshold(
    confidence_known: ArrayLike,
    confidence_other: ArrayLike,
    correct_known: ArrayLike | None = None,
    keep: float = 0.9,
) -> SureThreshold:
    """Find the highest threshold at which enough of the known classes' faces stay "sure".

    Args:
        confidence_known: float (n,), calibrated probability of the answer for faces of the classes.
        confidence_other: float (m,), the same for faces of none of them, which should be unsure.
        correct_known: bool (n,), which of the known faces are answered correctly.
        keep: Share of the known faces that must stay "sure", above 0 and up to 1.

    Returns:
        The threshold, with what it costs.

    Raises:
        EvaluationError: No known face, or a share out of range.
    """
    known = np.asarray(confidence_known, float)
    other = np.asarray(confidence_other, float)
    if not len(known) or not 0 < keep <= 1:
        raise EvaluationError("A threshold needs at least one known face and a share above 0.")
    # 0.07 * 100 is 7.000000000000001: do not keep one more because of that
    needed = max(1, int(np.ceil(keep * len(known) - 1e-9)))
    threshold = np.sort(known)[-needed]
    sure = known >= threshold
    right = None if correct_known is None else float(np.asarray(correct_known, bool)[sure].mean())
    unsure = float((other < threshold).mean()) if len(other) else None
    return SureThreshold(float(threshold), float(sure.mean()), right, unsure)
