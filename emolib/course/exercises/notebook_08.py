"""The exercises of notebook 08, wrong labels."""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from .common import Exercise, call, require_function

CLASSES = ["happy", "sad"]
LOOKS = 50  # faces to inspect
BAR = 45  # wrong labels to find among them
NEW_SEED = 100  # of wrong labels that the notebook has not shown
# the spy's answers, the probability of the first class
SEEN = 0.9
UNSEEN = 0.1
OTHER_LABELS = 0.3
TOO_FEW = 0.5


def _suspicious(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    classes = range(probabilities.shape[1])
    bars = np.array([probabilities[labels == k, k].mean() for k in classes])
    answers = probabilities.argmax(axis=1)
    return (answers != labels) & (probabilities.max(axis=1) >= bars[answers])


def _cases() -> list[tuple[np.ndarray, np.ndarray]]:
    """Return probabilities and labels of two and of three classes, not equally frequent."""
    cases = []
    for classes, seed in ((2, 1), (3, 2)):
        rng = np.random.default_rng(seed)
        labels = rng.choice(classes, 300, p=[0.6, 0.4] if classes == 2 else [0.5, 0.3, 0.2])
        weights = rng.dirichlet(np.full(classes, 0.6), 300)
        weights[np.arange(300), labels] += rng.uniform(0, 0.8, 300)
        weights[:, 0] += 0.2  # the network likes this class best
        cases.append((weights / weights.sum(axis=1, keepdims=True), labels))
    return cases


def _doubts(function: Callable) -> str:
    for probabilities, labels in _cases():
        answer, error = call(function, probabilities, labels)
        if error:
            return error
        found = np.asarray(answer).ravel()
        if len(found) != len(labels) or found.dtype != bool:
            return f"Return True or False for each label: {len(labels)} came in."
        hint = _compared(found, probabilities, labels)
        if hint:
            return f"With {probabilities.shape[1]} classes: {hint}"
    return ""


def _compared(found: np.ndarray, probabilities: np.ndarray, labels: np.ndarray) -> str:
    """Return what is wrong with a list of suspicious labels, from the usual mistakes."""
    right = _suspicious(probabilities, labels)
    if np.array_equal(found, right):
        return ""
    answers = probabilities.argmax(axis=1)
    if np.array_equal(found, answers != labels):
        return "you list every contradiction. How sure must an answer be to count?"
    means = probabilities.mean(axis=0)[answers]
    if np.array_equal(found, (answers != labels) & (probabilities.max(axis=1) >= means)):
        return "your means are over all faces. Which faces count for the bar of a class?"
    own = np.array([probabilities[labels == k, k].mean() for k in range(probabilities.shape[1])])
    if np.array_equal(found, (answers != labels) & (probabilities.max(axis=1) >= own[labels])):
        return "you compare with the bar of the label's class. Whose bar must the answer reach?"
    if (found & (answers == labels)).any():
        return "some labels on your list are what the network says itself."
    return f"{found.sum()} labels are on your list, and {right.sum()} should be."


@cache
def _spy() -> type[Any]:
    """Return a class of learners that say of each row whether they have learned from it.

    A row's first number is its name, and its second one its label.
    """
    from sklearn.base import BaseEstimator, ClassifierMixin  # takes a second to load

    class Spy(ClassifierMixin, BaseEstimator):
        def fit(self, x: np.ndarray, y: np.ndarray) -> Spy:
            x = np.asarray(x)
            self.classes_ = np.array([0, 1])
            self.known_ = set(x[:, 0].tolist())
            self.own_labels_ = np.array_equal(x[:, 1], y)
            return self

        def predict_proba(self, x: np.ndarray) -> np.ndarray:
            x = np.asarray(x)
            first = np.array([SEEN if name in self.known_ else UNSEEN for name in x[:, 0].tolist()])
            if len(self.known_) < 30:
                first[:] = TOO_FEW
            if not self.own_labels_:
                first[:] = OTHER_LABELS
            first += x[:, 0] / 10_000  # to see whose answer it is
            return np.stack([first, 1 - first], axis=1)

        def predict(self, x: np.ndarray) -> np.ndarray:
            return self.predict_proba(x).argmax(axis=1)

    return Spy


def _out_of_fold(function: Callable) -> str:
    rng = np.random.default_rng(3)
    names = rng.permutation(60)
    labels = np.repeat([0, 1], 30)
    x = np.stack([names, labels, rng.integers(0, 9, 60)], axis=1).astype(float)
    answer, error = call(function, _spy()(), x, labels)
    if error:
        return error
    p = np.asarray(answer, float)
    if p.shape != (60, 2):
        return f"For 60 faces, return 60 rows of two probabilities, not {p.shape}."
    kind = p[:, 0] - names / 10_000
    for value, hint in (
        (SEEN, "{} of 60 faces are judged by a learner that has learned from them."),
        (OTHER_LABELS, "{} faces are judged by a learner that got the labels of different faces."),
        (TOO_FEW, "{} faces are judged by a learner that has seen less than half of the others."),
    ):
        n = int(np.isclose(kind, value).sum())
        if n:
            return hint.format(n)
    if not np.isclose(kind, UNSEEN).all():
        return "Row i must hold the probabilities of face i, as `predict_proba` gives them."
    return ""


@cache
def _planted() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the notebook's training faces, labels with new errors, and which ones are wrong."""
    from ... import data
    from ..paths import folder

    dataset = data.split(data.scan(folder("rendered"), CLASSES), validation=0, test=0.3)
    x, y = data.examples(dataset, "train", CLASSES)
    with open(dataset.folder / "faces.csv", newline="", encoding="utf-8") as file:
        smiles = {row["file"]: float(row["au12"]) for row in csv.DictReader(file)}
    names = [f"{row.class_name}/{row.path.name}" for row in dataset.of("train")]
    smile = np.array([smiles[name] for name in names])
    given = y.copy()
    given[np.argsort(np.where(y == 0, smile, np.inf))[: round(0.05 * len(y))]] = 1
    accidents = np.random.default_rng(NEW_SEED).permutation(len(y))[: round(0.15 * len(y))]
    given[accidents] = 1 - given[accidents]
    return x, given, given != y


def _finds(function: Callable) -> str:
    require_function(function)
    x, given, is_wrong = _planted()
    answer, error = call(function, x, given)
    if error:
        return error
    doubt = np.asarray(answer, float).ravel()
    if len(doubt) != len(given):
        return f"{len(given)} faces need as many numbers, and your function returns {len(doubt)}."
    if not np.isfinite(doubt).all():
        return "Some of your numbers are not finite."
    order = np.argsort(-doubt, kind="stable")
    found = int(is_wrong[order[:LOOKS]].sum())
    if found >= BAR:
        return ""
    said = f"New wrong labels: it finds {found} with {LOOKS} looks, and {BAR} are needed."
    if is_wrong[order[-LOOKS:]].sum() > max(found, LOOKS / 2):
        return f"{said} It knows something: the largest number must be the greatest doubt."
    if found < 2 * LOOKS * is_wrong.mean():
        return f"{said} Picking at random finds about {LOOKS * is_wrong.mean():.0f}."
    return f"{said} Whose opinion could you ask as well, or more than once?"


EXERCISES = {
    "08.1": Exercise(
        wanted="your function, without calling it: `suspicious`",
        why="Each class has its own bar, which is the heart of cleanlab.",
        hint=_doubts,
    ),
    "08.2": Exercise(
        wanted="your function, without calling it: `doubts`",
        why="Each face is judged by a learner that has never seen it.",
        hint=_out_of_fold,
    ),
    "08.3": Exercise(
        wanted="your function, without calling it: `my_doubt`",
        why="It also finds wrong labels that it was not tuned on.",
        hint=_finds,
    ),
}
