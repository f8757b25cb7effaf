"""Figures of how good a network is, for notebook 04.

Each `report` is what `emolib.evaluation.evaluate` returns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..evaluation.metrics import Slice, percent
from . import style
from .style import BLUE, FONT_SIZE, GRAY, ORANGE, PlotError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..evaluation.report import Report


def confusion_matrix(report: Report) -> Figure:
    """Draw counts of true class (rows) against answer (columns); the shade is the row's share."""
    counts = np.array(report.confusion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    k = len(counts)
    figure = style.figure(2.6 + 1.05 * k, 1.8 + 0.85 * k)
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (i, j), count in np.ndenumerate(counts):
        color = "white" if shares[i, j] > 0.65 else "black"
        text = f"{count:,}\n{percent(shares[i, j])}"
        axes.text(j, i, text, ha="center", va="center", color=color, fontsize=FONT_SIZE)
    axes.set_xticks(range(k), report.class_names, rotation=30 if k > 3 else 0)
    axes.set_yticks(range(k), report.class_names)
    style.name_axes(axes, "answer", "true class", "Confusion matrix (% of each row)", grid=False)
    return figure


def roc_curve(report: Report) -> Figure:
    """Draw how much of the second class is found against how much of the first is mistaken for it.

    Raises:
        PlotError: There are more than two classes, or one of them has no pictures.
    """
    if report.roc_auc is None:
        raise PlotError("A ROC curve needs two classes: give a report with pictures of both.")
    from sklearn.metrics import roc_curve as points

    first, second = report.class_names
    false, true, _ = points(report.labels, report.probabilities[:, 1])
    figure = style.figure(5.6, 5)
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=GRAY, ls=":", lw=2, label="guessing (area 0.5)")
    axes.plot(false, true, color=BLUE, lw=2.5, label=f"this network (area {report.roc_auc:.3f})")
    style.percent_axes(axes, "xy")
    x = f"{first} mistaken for {second} (false positive rate)"
    style.name_axes(axes, x, f"{second} found (true positive rate)", "ROC curve")
    axes.legend(fontsize=FONT_SIZE, loc="lower right")
    return figure


def reliability_diagram(report: Report, bins: int = 15) -> Figure:
    """Draw how often answers are right against how sure they are; below, how many there are.

    Args:
        report: What was evaluated.
        bins: Number of bars in 0-1.
    """
    from ..evaluation.calibration import reliability_bins

    count, confidence, accuracy = reliability_bins(report.probabilities, report.labels, bins)
    edges = np.linspace(0, 1, bins + 1)[:-1]
    used = count > 0
    bar = {"width": 1 / bins, "align": "edge", "edgecolor": "white"}
    figure = style.figure(5.6, 6)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    upper.bar(edges[used], accuracy[used], color=BLUE, label="accuracy", **bar)
    upper.plot([0, 1], [0, 1], color=GRAY, ls=":", lw=2, label="perfectly calibrated")
    upper.plot(confidence[used], accuracy[used], "o", color=ORANGE, label="mean of the bin")
    lower.bar(edges, count, color=GRAY, **bar)
    # an answer is never less sure than an even guess
    lower.set_xlim(np.floor(10 / report.probabilities.shape[1]) / 10, 1)
    style.percent_axes(upper, "y")
    style.percent_axes(lower, "x")
    error = percent(report.ece, 1)
    style.name_axes(upper, "", "accuracy", f"Reliability (calibration error {error})")
    style.name_axes(lower, "confidence (probability of the answer)", "pictures", "")
    # over the feet of the bars, where there is nothing to read
    upper.legend(fontsize=FONT_SIZE, loc="lower right", framealpha=1)
    return figure


def coverage_curve(report: Report) -> Figure:
    """Draw how accurate the answers are when only the most confident ones are given."""
    from ..evaluation.calibration import selective_table

    correct = report.probabilities.argmax(axis=1) == report.labels
    _, coverage, accuracy = selective_table(report.probabilities.max(axis=1), correct)
    figure = style.figure(6.4, 4.4)
    axes = figure.subplots()
    axes.plot(coverage, accuracy, color=BLUE, lw=2.5)
    axes.plot(1, report.accuracy.value, "o", color=ORANGE, ms=9, clip_on=False)
    text = f"all answered: {percent(report.accuracy.value, 1)}"
    axes.text(0.98, report.accuracy.value, text, ha="right", va="top", fontsize=FONT_SIZE)
    axes.set_ylim(min(accuracy.min(), report.accuracy.value) - 0.05, 1.01)
    style.percent_axes(axes, "xy")
    x = "share of pictures answered, most confident first"
    style.name_axes(axes, x, "accuracy", "Accuracy without the least sure answers")
    return figure


def save_report_figures(report: Report, folder: str | Path) -> list[Path]:
    """Write confusion_matrix.png, reliability.png, coverage.png and, for two classes, roc.png.

    Args:
        report: What was evaluated.
        folder: Where to write; created if it does not exist.

    Returns:
        The files, in this order.
    """
    draw = {
        "confusion_matrix": confusion_matrix,
        "reliability": reliability_diagram,
        "coverage": coverage_curve,
    }
    if report.roc_auc is not None:
        draw["roc"] = roc_curve
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.png" for name in draw]
    for path, function in zip(paths, draw.values(), strict=True):
        function(report).savefig(path, dpi=150)
    return paths


def slice_intervals(slices: Mapping[str, Sequence[Slice]]) -> Figure:
    """Draw the accuracy of each group as a dot on its interval.

    Args:
        slices: {what the groups differ in ("age"): groups from
            `emolib.evaluation.accuracy_by_group`}.
    """
    rows = [(kind, one) for kind, groups in slices.items() for one in groups]
    figure = style.figure(7.4, 1.0 + 0.36 * len(rows))
    axes = figure.subplots()
    for y, (_, one) in enumerate(rows):
        value, low, high = one.accuracy
        axes.plot([low, high], [y, y], color=BLUE, lw=5, alpha=0.35, solid_capstyle="butt")
        axes.plot(value, y, "o", color=BLUE, ms=8, clip_on=False)
    for y in range(1, len(rows)):
        if rows[y][0] != rows[y - 1][0]:
            axes.axhline(y - 0.5, color=GRAY, lw=1)
    names = [f"{kind} {one.group} (n = {one.n})" for kind, one in rows]
    axes.set_yticks(range(len(rows)), names)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(0, 1)
    style.percent_axes(axes, "x")
    style.name_axes(axes, "accuracy, with 95% interval", "", "")
    axes.tick_params(axis="y", length=0, labelsize=FONT_SIZE)
    return figure
