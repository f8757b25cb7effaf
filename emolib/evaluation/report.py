"""Predictions and labels -> an honest report: scores with intervals, and the worst mistakes.

`probabilities` and `labels` are as in `emolib.evaluation.calibration`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

import numpy as np
from numpy.typing import ArrayLike

from .calibration import expected_calibration_error
from .metrics import (
    SMALLEST,
    EvaluationError,
    Score,
    percent,
    validate_predictions,
    wilson_interval,
)


@dataclass(frozen=True, eq=False)
class Report:
    """What `evaluate` found; `print(report)` reads well, `to_dict` gives plain JSON values.

    Shares are 0-1. `confusion[i][j]` counts pictures of class i predicted as j. Recall is None for
    a class without pictures, precision for a class that is never predicted, `roc_auc` unless there
    are two classes and pictures of both. Balanced accuracy is the mean recall of the classes with
    pictures. `left_out` names the classes that were not compared.
    """

    n: int
    class_names: list[str]
    accuracy: Score
    balanced_accuracy: float
    roc_auc: float | None
    log_loss: float
    ece: float
    classes: dict[str, dict[str, Any]]
    confusion: list[list[int]]
    mistakes: list[dict[str, Any]]
    left_out: list[str]
    probabilities: np.ndarray = field(repr=False)
    labels: np.ndarray = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the report without its arrays, ready for `json.dumps`."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        del plain["probabilities"], plain["labels"]
        return plain | {"accuracy": self.accuracy._asdict()}

    def caveats(self) -> list[str]:
        """Return a sentence for each thing that the scores hide."""
        return _compared(self.class_names, self.left_out) + class_gaps(self.classes)

    def text(self) -> str:
        """Return the report as aligned plain text."""
        head = f"{self.n:,} picture{'s' if self.n > 1 else ''}, {len(self.class_names)} classes"
        parts = [head, _scores_text(self), _classes_text(self), _confusion_text(self)]
        caveats = self.caveats()
        if caveats:
            parts.insert(1, "\n".join(caveats))
        if self.mistakes:
            parts.append(_mistakes_text(self))
        return "\n\n".join(parts)

    __str__ = text


def evaluate(
    probabilities: ArrayLike,
    labels: ArrayLike,
    class_names: Sequence[str],
    files: Sequence[str | Path] | None = None,
    worst: int = 20,
) -> Report:
    """Score predictions against labels.

    If only some of the classes, two or more, have pictures, only these are compared: the answer is
    the most probable of them, and their probabilities are divided by their sum. So a model of
    happy, neither and sad can be scored on labels of happy and sad.

    Args:
        probabilities: float (n, k), as in `emolib.evaluation.calibration`.
        labels: int (n,).
        class_names: k names, in the order of the columns.
        files: n file names for the list of mistakes; row numbers by default.
        worst: How many mistakes to list, most confident first.

    Raises:
        EvaluationError: Nothing to score, shapes that do not match, or values out of range.
    """
    p, y = validate_predictions(probabilities, labels)
    n, k = p.shape
    names = [str(name) for name in class_names]
    shown = range(n) if files is None else [str(file) for file in files]
    if len(names) != k:
        raise EvaluationError(
            f"There are {len(names)} class names but {k} columns: give one per column."
        )
    if len(shown) != n:
        raise EvaluationError(f"There are {len(shown)} files but {n} labels: give one per label.")
    present = np.unique(y)
    left_out = []
    if 2 <= len(present) < k:
        left_out = [name for i, name in enumerate(names) if i not in present]
        names = [names[i] for i in present]
        p, y = _of_classes(p, y, present)
    confusion = np.zeros((len(names), len(names)), int)
    np.add.at(confusion, (y, p.argmax(axis=1)), 1)
    right = np.diag(confusion)
    true = confusion.sum(axis=1)
    said = confusion.sum(axis=0)
    of_truth = p[np.arange(n), y]
    return Report(
        n=n,
        class_names=names,
        accuracy=Score(float(right.sum() / n), *wilson_interval(int(right.sum()), n)),
        balanced_accuracy=float((right[true > 0] / true[true > 0]).mean()),
        roc_auc=_roc_auc(p, y),
        log_loss=float(-np.log(np.clip(of_truth, SMALLEST, 1)).mean()),
        ece=expected_calibration_error(p, y),
        classes={
            name: {"n": int(t), "recall": _share(r, t), "precision": _share(r, s)}
            for name, r, t, s in zip(names, right, true, said, strict=True)
        },
        confusion=confusion.tolist(),
        mistakes=_mistakes(p, y, names, shown, worst),
        left_out=left_out,
        probabilities=p,
        labels=y,
    )


def _of_classes(
    probabilities: np.ndarray, labels: np.ndarray, classes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities and labels as if only these classes existed."""
    p = np.maximum(probabilities[:, classes], SMALLEST)
    return p / p.sum(axis=1, keepdims=True), np.searchsorted(classes, labels)


def class_gaps(classes: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return a sentence for each class that the scores hide: not tested, or never predicted.

    Args:
        classes: `Report.classes`.
    """
    gaps = []
    for name, found in classes.items():
        if not found["n"]:
            gaps.append(f"There are no pictures of {name}: the scores say nothing about it.")
        elif found["precision"] is None:
            of = (
                "its only picture is not"
                if found["n"] == 1
                else f"none of {found['n']:,} pictures is"
            )
            gaps.append(f"The model never predicts {name}: {of} recognized.")
    return gaps


def _compared(names: Sequence[str], left_out: Sequence[str]) -> list[str]:
    """Return the sentence about classes that were not compared, if there are any."""
    if not left_out:
        return []
    alone = f"{', '.join(names[:-1])} and {names[-1]}"
    missing = " or ".join(left_out)
    return [f"Only {alone} are compared, because there are no pictures of {missing}."]


def summary_text(figures: Mapping[str, Any], pictures: str = "pictures") -> str:
    """Return the scores in a few lines that do not hide a class that is never recognized.

    Args:
        figures: `Report.to_dict()`, or what a model's card keeps of it.
        pictures: What the pictures are called, such as "test pictures".
    """
    share, low, high = (_percent(figures["accuracy"][key]) for key in ("value", "low", "high"))
    recalls = [
        f"{name} {_percent(found['recall'])} of {found['n']:,}"
        for name, found in figures["classes"].items()
    ]
    lines = [
        f"Accuracy on {figures['n']:,} {pictures}: {share} (95% interval: {low} to {high}).",
        f"Balanced accuracy, the mean of the recalls: {_percent(figures['balanced_accuracy'])}.",
        f"Recall, the share of each class that is recognized: {', '.join(recalls)}.",
    ]
    lines += _compared(list(figures["classes"]), figures.get("left_out", []))
    return "\n".join(lines + class_gaps(figures["classes"]))


def _share(part: int, whole: int) -> float | None:
    return float(part / whole) if whole else None


def _roc_auc(probabilities: np.ndarray, labels: np.ndarray) -> float | None:
    if probabilities.shape[1] != 2 or len(np.unique(labels)) < 2:
        return None
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(labels, probabilities[:, 1]))


def _mistakes(
    probabilities: np.ndarray, labels: np.ndarray, names: list[str], files: Sequence, worst: int
) -> list[dict[str, Any]]:
    predicted = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    wrong = np.flatnonzero(predicted != labels)
    wrong = wrong[np.argsort(-confidence[wrong], kind="stable")]
    return [
        {
            "file": files[i],
            "true": names[labels[i]],
            "predicted": names[predicted[i]],
            "probability": float(confidence[i]),
        }
        for i in wrong[:worst].tolist()
    ]


def _table(rows: list[list[str]]) -> str:
    """Align rows of cells: the first column to the left, the others to the right."""

    def width(text: str) -> int:
        return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)

    widths = [max(width(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for first, *others in rows:
        cells = [first + " " * (widths[0] - width(first))]
        cells += [" " * (w - width(c)) + c for w, c in zip(widths[1:], others, strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _percent(share: float | None) -> str:
    return "-" if share is None else percent(share, 1)


def _scores_text(report: Report) -> str:
    share, low, high = report.accuracy
    rows = [
        ["accuracy", _percent(share)],
        ["balanced accuracy", _percent(report.balanced_accuracy)],
        ["calibration error", _percent(report.ece)],
        ["log loss", f"{report.log_loss:.3f}"],
    ]
    if report.roc_auc is not None:
        rows.append(["ROC AUC", f"{report.roc_auc:.3f}"])
    first, *others = _table(rows).splitlines()
    return "\n".join([f"{first}  (95% interval: {_percent(low)} to {_percent(high)})", *others])


def _classes_text(report: Report) -> str:
    rows = [["class", "pictures", "found (recall)", "right when predicted (precision)"]]
    for name, c in report.classes.items():
        rows.append([name, f"{c['n']:,}", _percent(c["recall"]), _percent(c["precision"])])
    return _table(rows)


def _confusion_text(report: Report) -> str:
    rows = [["true \\ predicted", *report.class_names]]
    for name, counts in zip(report.class_names, report.confusion, strict=True):
        rows.append([name, *(f"{count:,}" for count in counts)])
    return _table(rows)


def _mistakes_text(report: Report) -> str:
    lines = ["worst mistakes, most confident first"]
    for m in report.mistakes:
        answer = f"{m['predicted']} {_percent(m['probability'])}"
        lines.append(f"  {m['file']}: is {m['true']}, predicted {answer}")
    return "\n".join(lines)
