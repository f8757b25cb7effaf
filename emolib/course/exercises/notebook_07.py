"""The exercises of notebook 07, seven emotions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .common import Exercise, call

EMOTIONS = 7
FEWEST_PICTURES = 100
ENOUGH = 0.40  # macro recall that a remedy for the missing pictures must reach on test pictures
BLIND = 1 / EMOTIONS  # the recall of each emotion that blind guessing reaches
# scores of faces (rows) in classes (columns), and what is special about them
SCORES = (
    (
        np.array([[0.5, -1.5, 3.0], [2.0, 2.0, 0.0], [-4.0, 1.0, 1.5], [0.0, 0.1, 0.2]]),
        "four faces",
    ),
    (np.array([[2.0, 1.0, -1.0]]), "one face"),
    (np.array([[1, 3], [2, 0], [4, 4]]), "whole numbers"),
    (np.array([[1000.0, 999.0, 998.0], [1001.0, 1003.0, 1002.0]]), "scores around 1,000"),
    (np.array([[1000.0, 999.0], [-1000.0, -1001.0]]), "one face around 1,000, one around -1,000"),
)


def _by_hand(scores: np.ndarray) -> np.ndarray:
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def _softmax(function: Callable) -> str:
    """Run a function on scores and say what is wrong with the first wrong result."""
    for scores, special in SCORES:
        hint = _case(function, scores)
        if hint:
            return f"With {special}: {hint}"
    return ""


def _case(function: Callable, scores: np.ndarray) -> str:
    given = scores.copy()
    with np.errstate(all="ignore"):
        result, error = call(function, given)
    if error:
        return error[0].lower() + error[1:]
    if result is None:
        return "your function returns nothing: does it end in `return`?"
    if not np.array_equal(given, scores):
        return "your function changes the scores that it gets. Work on a copy."
    return _compared(np.asarray(result, float), scores)


def _compared(result: np.ndarray, scores: np.ndarray) -> str:
    if result.shape != scores.shape:
        return f"scores of shape {scores.shape} came in, and {result.shape} came out."
    if not np.isfinite(result).all():
        return (
            "some of the results are not numbers. How large is np.exp(1000)? What happens to "
            "softmax if the same number is subtracted from all the scores of one face?"
        )
    if np.allclose(result, _by_hand(scores)):
        return ""
    if len(scores) > 1 and np.allclose(result.sum(axis=0), 1):
        return "each column sums to 1, but a face is a row."
    if len(scores) > 1 and np.isclose(result.sum(), 1):
        return "all the numbers together sum to 1, but each face has its own probabilities."
    if not np.allclose(result.sum(axis=1), 1):
        return "the probabilities of a face do not sum to 1."
    return "each row sums to 1, but the shares are off. Which function makes the scores positive?"


def _answers(network: Any, pictures: np.ndarray) -> np.ndarray:
    """Return a network's answers, one row per picture."""
    answers = np.asarray(network.predict(pictures.astype("float32"), verbose=0), float)
    return answers.reshape(len(pictures), -1)


def _measured(network: Any, pictures: np.ndarray, labels: np.ndarray) -> dict[str, float] | None:
    """Return what a compiled network measures, whichever form of labels its loss takes."""
    for form in (labels, np.eye(EMOTIONS)[labels]):
        try:
            return dict(network.evaluate(pictures, form, verbose=0, return_dict=True))
        except MemoryError:
            raise
        except Exception:  # the other form, or not compiled: Keras raises many kinds
            continue
    return None


def _fixed(network: Any) -> str:
    """Ask a compiled network about noise, with labels that it gets right every second time."""
    noise = np.random.default_rng(0).integers(0, 256, (16, 48, 48, 1)).astype("float32")
    p = _answers(network, noise)
    if p.shape[1] != EMOTIONS:
        return f"For each picture it gives {p.shape[1]} numbers, but there are seven emotions."
    sums = p.sum(axis=1)
    if not np.allclose(sums, 1, atol=1e-3):
        return (
            f"The seven probabilities of one picture sum to {sums[0]:.2f}. A face here has exactly "
            "one emotion: which last layer knows that?"
        )
    labels = (p.argmax(axis=1) + np.arange(len(p)) % 2) % EMOTIONS
    measured = _measured(network, noise, labels)
    if measured is None:
        return "It does not measure anything yet: compile it with a loss and a metric."
    loss = -np.log(np.clip(p[np.arange(len(p)), labels], 1e-7, 1)).mean()
    if not np.isclose(measured.pop("loss"), loss, rtol=0.01):
        return "Its loss is not minus the logarithm of the probability of the true emotion."
    if not measured:
        return "It reports no accuracy: name a metric."
    if not any(np.isclose(value, 0.5, atol=0.01) for value in measured.values()):
        return (
            f"Of 16 pictures we gave it 8 that it gets right, and it reports "
            f"{next(iter(measured.values())):.0%}. What does this metric count?"
        )
    return ""


def _remedy(answer: tuple) -> str:
    p, labels = (np.asarray(part, float) for part in answer)
    labels = labels.ravel().astype(int)
    if len(labels) < FEWEST_PICTURES:
        return f"{len(labels)} pictures are too few to judge by: use all the test pictures."
    if p.shape != (len(labels), EMOTIONS):
        return f"The answers have the shape {p.shape}: one row per picture, one column per emotion."
    counts = np.bincount(labels, minlength=EMOTIONS)
    if len(counts) > EMOTIONS or not counts.all():
        return "There should be test pictures of all seven emotions."
    right = np.bincount(labels[p.argmax(axis=1) == labels], minlength=EMOTIONS)
    recalls = right / counts
    if recalls.mean() < ENOUGH:
        return f"The mean of the seven recalls is {recalls.mean():.0%}, and {ENOUGH:.0%} is needed."
    if recalls.min() <= BLIND:
        return (
            f"One emotion is found in only {recalls.min():.0%} of its faces. Blind guessing finds "
            f"{BLIND:.0%}."
        )
    return ""


EXERCISES = {
    "07.1": Exercise(
        wanted="your function, softmax",
        why="Every network with more than two classes ends with this function.",
        hint=_softmax,
    ),
    "07.2": Exercise(
        wanted="your repaired network, compiled",
        why="One answer per face, its cross-entropy, and a metric that counts faces.",
        hint=_fixed,
    ),
    "07.3": Exercise(
        wanted="your best try's answers to the test pictures, with their labels: (p_best, y_test)",
        why="The rare emotion counts again.",
        hint=_remedy,
    ),
}
