"""How sure a network is, and how sure it should be: calibration, and when to say "not sure".

Everywhere here `probabilities` is a float array (n, k), one row a picture, one column a class, rows
summing to 1 (a two-class network too: the columns are 1 - p and p), and `labels` an int array (n,)
of column numbers. Where the rows sum to less, because the network can also say "none of these", and
the labels say that it is one of them, each row is divided by its sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .metrics import SMALLEST, EvaluationError, validate_predictions


class ReliabilityBins(NamedTuple):
    """One entry a bin: its count, mean confidence and accuracy (both 0-1, nan when empty)."""

    count: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray


class SelectiveTable(NamedTuple):
    """One entry a threshold, from strict to lax: what is answered, and how much of it is right."""

    threshold: np.ndarray
    coverage: np.ndarray
    accuracy: np.ndarray


@dataclass(frozen=True)
class SureThreshold:
    """A face is "sure" from `threshold` up; the shares say what that costs and buys (all 0-1)."""

    threshold: float
    known_sure: float
    accuracy_sure: float | None
    others_unsure: float | None


def reliability_bins(
    probabilities: np.ndarray, labels: np.ndarray, bins: int = 15
) -> ReliabilityBins:
    """Group pictures by the probability of the answer into `bins` equal bins of 0-1."""
    probabilities, labels = validate_predictions(probabilities, labels)
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == labels
    place = np.digitize(confidence, np.linspace(0, 1, bins + 1)[1:-1], right=True)
    count = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        means = [np.bincount(place, x, minlength=bins) / count for x in (confidence, correct)]
    return ReliabilityBins(count, *means)


def expected_calibration_error(
    probabilities: np.ndarray, labels: np.ndarray, bins: int = 15
) -> float:
    """Mean distance (0-1) between how sure the answers are and how often right (Guo et al. 2017).

    The confidence is the top class's probability, with two classes too.
    """
    count, confidence, accuracy = reliability_bins(probabilities, labels, bins)
    return float(np.nansum(count * np.abs(confidence - accuracy)) / count.sum())


def apply_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Soften (temperature > 1) or sharpen (< 1) probabilities: softmax of log p / T, float64.

    The answer stays the same, only how sure it is changes (Guo et al. 2017). Probabilities under
    1e-7 count as 1e-7, so 0 and 1 are safe.
    """
    scores = np.log(np.maximum(np.asarray(probabilities, np.float64), SMALLEST)) / temperature
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def fit_temperature(
    probabilities: np.ndarray, labels: np.ndarray, class_weights: Sequence[float] | None = None
) -> float:
    """The temperature, 0.02-50, that gives the smallest log loss (Guo et al. 2017).

    Args:
        probabilities: float (n, k) of pictures that the network has not learned from.
        labels: int (n,).
        class_weights: k weights, for when these pictures' class balance is not the one to expect.
    """
    from scipy.optimize import minimize_scalar

    probabilities, labels = validate_predictions(probabilities, labels)
    weights = None if class_weights is None else np.asarray(class_weights, float)[labels]
    scores = np.log(np.clip(probabilities, SMALLEST, 1))
    scores -= scores.max(axis=1, keepdims=True)
    of_truth = scores[np.arange(len(labels)), labels]

    def loss(log_temperature: float) -> float:
        t = np.exp(log_temperature)
        losses = np.log(np.exp(scores / t).sum(axis=1)) - of_truth / t
        return float(np.average(losses, weights=weights))

    # the loss is convex in 1 / T, so it has one valley and a bounded search finds it
    bounds = (np.log(0.02), np.log(50))
    found = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-6})
    return float(np.exp(found.x))


def fit_bias(
    probabilities: np.ndarray, labels: np.ndarray, class_weights: Sequence[float] | None = None
) -> np.ndarray:
    """Steps of the logits that, with a temperature, give the smallest log loss.

    So no class is said too often (bias-corrected temperature scaling, Alexandari et al. 2020).

    Args:
        probabilities: As for `fit_temperature`.
        labels: int (n,), each class at least once.
        class_weights: As for `fit_temperature`.

    Returns:
        float64 (k,), to be added to log probabilities before the temperature divides them; the
        first is 0.
    """
    from scipy.optimize import minimize
    from scipy.special import log_softmax

    probabilities, labels = validate_predictions(probabilities, labels)
    weights = None if class_weights is None else np.asarray(class_weights, float)[labels]
    scores = np.log(np.clip(probabilities, SMALLEST, 1))

    def loss(x: np.ndarray) -> float:
        moved = (scores + np.append(0, x[1:])) / np.exp(x[0])
        of_truth = log_softmax(moved, axis=1)[np.arange(len(labels)), labels]
        return float(np.average(-of_truth, weights=weights))

    bounds = [(np.log(0.02), np.log(50))] + [(-10, 10)] * (probabilities.shape[1] - 1)
    found = minimize(loss, np.zeros(probabilities.shape[1]), method="L-BFGS-B", bounds=bounds)
    return np.append(0, found.x[1:])


def selective_table(confidence: np.ndarray, correct: np.ndarray) -> SelectiveTable:
    """Accuracy of the answers that stay when the least sure are left out (El-Yaniv & Wiener 2010).

    Args:
        confidence: float (n,), probability of the answer.
        correct: bool (n,), whether the answer is right.

    Returns:
        One entry for each distinct confidence, highest first; answered is what reaches it.
    """
    confidence, correct = np.asarray(confidence, float), np.asarray(correct, bool)
    if confidence.ndim != 1 or confidence.shape != correct.shape or not len(confidence):
        raise EvaluationError("Give one confidence and one right-or-wrong for each picture.")
    order = np.argsort(-confidence, kind="stable")
    falling, right = confidence[order], np.cumsum(correct[order])
    ends = np.flatnonzero(np.append(falling[1:] < falling[:-1], True))
    return SelectiveTable(falling[ends], (ends + 1) / len(falling), right[ends] / (ends + 1))


def choose_sure_threshold(
    confidence_known: np.ndarray,
    confidence_other: np.ndarray,
    correct_known: np.ndarray | None = None,
    keep: float = 0.9,
) -> SureThreshold:
    """The highest threshold at which at least `keep` of the known classes' faces stay "sure".

    Args:
        confidence_known: float (n,), calibrated probability of the answer, faces of its classes.
        confidence_other: float (m,), the same for faces of none of them, which should be unsure.
        correct_known: bool (n,), which of the known faces are answered right.
        keep: share, above 0 and up to 1.
    """
    known, other = np.asarray(confidence_known, float), np.asarray(confidence_other, float)
    if not len(known) or not 0 < keep <= 1:
        raise EvaluationError("A threshold needs at least one known face and a share above 0.")
    # 0.07 * 100 is 7.000000000000001: do not keep one more for that
    needed = max(1, int(np.ceil(keep * len(known) - 1e-9)))
    threshold = np.sort(known)[-needed]
    sure = known >= threshold
    right = None if correct_known is None else float(np.asarray(correct_known, bool)[sure].mean())
    unsure = float((other < threshold).mean()) if len(other) else None
    return SureThreshold(float(threshold), float(sure.mean()), right, unsure)
