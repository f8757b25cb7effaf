"""Predictions and labels in, an honest report out: scores with intervals, and the worst mistakes.

`probabilities` and `labels` are as in `emolib.evaluation.calibration`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from unicodedata import east_asian_width

import numpy as np

from .calibration import expected_calibration_error
from .metrics import (
    EvaluationError,
    Score,
    _log_losses,
    _roc_auc,
    validate_predictions,
    wilson_interval,
)


@dataclass(frozen=True, eq=False)
class Report:
    """What `evaluate` found; `print(report)` reads well, `to_dict` gives plain JSON values.

    Shares are 0-1. `confusion[i][j]` counts pictures of class i answered j. Recall is None for a
    class without pictures, precision for a class never answered, `roc_auc` unless there are two
    classes and pictures of both.
    """

    n: int
    class_names: list[str]
    accuracy: Score
    balanced_accuracy: float
    roc_auc: float | None
    log_loss: float
    ece: float
    classes: dict[str, dict]
    confusion: list[list[int]]
    mistakes: list[dict]
    probabilities: np.ndarray = field(repr=False)
    labels: np.ndarray = field(repr=False)

    def to_dict(self) -> dict:
        """The report without its arrays, ready for `json.dumps`."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        del plain["probabilities"], plain["labels"]
        return plain | {"accuracy": self.accuracy._asdict()}

    def text(self) -> str:
        """The report as aligned plain text."""
        head = f"{self.n:,} picture{'s' if self.n > 1 else ''}, {len(self.class_names)} classes"
        parts = [head, _scores_text(self), _classes_text(self), _confusion_text(self)]
        if self.mistakes:
            parts.append(_mistakes_text(self))
        return "\n\n".join(parts)

    __str__ = text


def evaluate(
    probabilities: np.ndarray,
    labels: np.ndarray,
    class_names: Sequence[str],
    files: Sequence[str | Path] | None = None,
    worst: int = 20,
) -> Report:
    """Score predictions against labels.

    Args:
        probabilities: float (n, k), as in `emolib.evaluation.calibration`.
        labels: int (n,).
        class_names: k names, in the order of the columns.
        files: n file names for the list of mistakes; without them it gives row numbers.
        worst: how many mistakes to list, the most confident first.

    Raises:
        EvaluationError: nothing to score, shapes that do not fit, or values out of range.
    """
    probabilities, labels = validate_predictions(probabilities, labels)
    names, (n, k) = [str(name) for name in class_names], probabilities.shape
    if len(names) != k:
        raise EvaluationError(f"There are {len(names)} class names but {k} columns: give one each.")
    if files is not None and len(files) != n:
        raise EvaluationError(f"There are {len(files)} files but {n} labels: give one each.")
    predicted = probabilities.argmax(axis=1)
    confusion = np.zeros((k, k), int)
    np.add.at(confusion, (labels, predicted), 1)
    right, true, said = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    return Report(
        n=n,
        class_names=names,
        accuracy=Score(float(right.sum() / n), *wilson_interval(int(right.sum()), n)),
        balanced_accuracy=float((right[true > 0] / true[true > 0]).mean()),
        roc_auc=_roc_auc(probabilities, labels),
        log_loss=float(_log_losses(probabilities, labels).mean()),
        ece=expected_calibration_error(probabilities, labels),
        classes={
            name: {"n": int(t), "recall": _share(r, t), "precision": _share(r, s)}
            for name, r, t, s in zip(names, right, true, said, strict=True)
        },
        confusion=confusion.tolist(),
        mistakes=_mistakes(probabilities, labels, names, files, worst),
        probabilities=probabilities,
        labels=labels,
    )


def _share(part: int, whole: int) -> float | None:
    return float(part / whole) if whole else None


def _mistakes(probabilities, labels, names, files, worst) -> list[dict]:
    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(predicted != labels)
    wrong = wrong[np.argsort(-confidence[wrong], kind="stable")][:worst]
    return [
        {
            "file": int(i) if files is None else str(files[i]),
            "true": names[labels[i]],
            "predicted": names[predicted[i]],
            "probability": float(confidence[i]),
        }
        for i in wrong
    ]


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def _table(rows: list[list[str]]) -> str:
    """Rows of cells as aligned text: first column to the left, the others to the right."""

    def width(text: str) -> int:
        return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)

    wide = [max(width(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for first, *others in rows:
        cells = [first + " " * (wide[0] - width(first))]
        cells += [" " * (w - width(c)) + c for w, c in zip(wide[1:], others, strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


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
    rows = [["class", "pictures", "found (recall)", "right when said (precision)"]]
    for name, c in report.classes.items():
        rows.append([name, f"{c['n']:,}", _percent(c["recall"]), _percent(c["precision"])])
    return _table(rows)


def _confusion_text(report: Report) -> str:
    rows = [["true \\ answer", *report.class_names]]
    for name, counts in zip(report.class_names, report.confusion, strict=True):
        rows.append([name, *(f"{count:,}" for count in counts)])
    return _table(rows)


def _mistakes_text(report: Report) -> str:
    lines = ["worst mistakes, the surest first"]
    for m in report.mistakes:
        answer = f"{m['predicted']} {_percent(m['probability'])}"
        lines.append(f"  {m['file']}: is {m['true']}, answered {answer}")
    return "\n".join(lines)
