"""Figures of how good a network is, for notebook 04.

Each `report` is what `emolib.evaluation.evaluate` returns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..evaluation.metrics import Score, Slice, percent, wilson_interval
from . import style
from .style import BLACK, FONT_SIZE, GRAY, GREEN, LINES, MARKERS, PlotError

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike

    from ..evaluation.report import Report


def confusion_matrix(report: Report) -> Figure:
    """Draw counts of true class (rows) against answer (columns); the shade is the row's share."""
    counts = np.array(report.confusion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    k = len(counts)
    figure = style.figure(2.6 + 1.05 * k, 1.8 + 0.85 * k)
    axes = figure.subplots()
    axes.imshow(shares, cmap="Greens", vmin=0, vmax=1, aspect="auto")
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
    axes.plot(false, true, color=GREEN, lw=2.5, label=f"this network (area {report.roc_auc:.3f})")
    style.percent_axes(axes, "xy")
    x = f"{first} mistaken for {second} (false positive rate)"
    style.name_axes(axes, x, f"{second} found (true positive rate)", "ROC curve")
    axes.legend(fontsize=FONT_SIZE, loc="lower right")
    return figure


def reliability_diagram(
    reports: Report | Mapping[str, Report],
    bins: int = 10,
    line: tuple[str, ArrayLike, ArrayLike] | None = None,
) -> Figure:
    """Draw how often answers are right against how sure they are.

    Each dot is the same number of pictures, so none is there by the luck of a few. Its bar is the
    95% interval of the share that is right.

    Args:
        reports: What was evaluated; or {name: report} to compare, such as before and after
            calibration.
        bins: Number of dots, at most one per picture.
        line: A name, how sure and how often right, 0-1 (n,) each: drawn as a black line.
    """
    several = reports if isinstance(reports, Mapping) else {"this network": reports}
    figure = style.figure(7, 5)
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=GRAY, ls=":", lw=2, label="perfectly calibrated")
    left = min(1 / report.probabilities.shape[1] for report in several.values())
    bottom = left
    for (name, report), color, marker in zip(several.items(), LINES, MARKERS, strict=False):
        sure, right = _equal_bins(report, bins)
        low, high = np.array([(score.low, score.high) for score in right]).T
        axes.vlines(sure, low, high, color=color, lw=2, alpha=0.5)
        label = f"{name} (calibration error {percent(report.ece, 1)})"
        axes.plot(sure, [score.value for score in right], marker, color=color, ms=8, label=label)
        bottom = min(bottom, *low)
    if line:
        axes.plot(line[1], line[2], color=BLACK, lw=1.5, label=line[0])
    axes.set_xlim(left, 1.01)
    axes.set_ylim(bottom - 0.02, 1.02)
    style.percent_axes(axes, "xy")
    each = min(report.n // min(bins, report.n) for report in several.values())
    title = f"Is it right as often as it is sure? (each dot: {each:,} pictures)"
    style.name_axes(axes, "how sure: probability of the answer", "how often it is right", title)
    axes.legend(fontsize=FONT_SIZE, loc="upper left", framealpha=0.8)
    return figure


def _equal_bins(report: Report, bins: int) -> tuple[list[float], list[Score]]:
    """Sort pictures by how sure the answer is; return each bin's mean of it and its share right."""
    sure = report.probabilities.max(axis=1)
    right = report.probabilities.argmax(axis=1) == report.labels
    means = []
    scores = []
    for part in np.array_split(np.argsort(sure, kind="stable"), min(bins, report.n)):
        count = int(right[part].sum())
        means.append(float(sure[part].mean()))
        scores.append(Score(count / len(part), *wilson_interval(count, len(part))))
    return means, scores


def interval_coverage(panels: Mapping[str, tuple[np.ndarray, np.ndarray, float]]) -> Figure:
    """Draw the intervals of many test sets, and in black those that miss the truth.

    Args:
        panels: {title: (lower ends, upper ends, the truth)}; float (n,), float (n,), float, 0-1.
    """
    from matplotlib.ticker import MultipleLocator, PercentFormatter

    figure = style.figure(12, 4)
    widths = [max(len(low), 45) for low, _, _ in panels.values()]
    places = figure.subplots(1, len(panels), width_ratios=widths, sharey=True, squeeze=False)[0]
    for axes, (title, (low, high, truth)) in zip(places, panels.items(), strict=True):
        missed = (low > truth) | (high < truth)
        x = np.arange(len(low))
        axes.vlines(x[~missed], low[~missed], high[~missed], color=GREEN, lw=2.5, alpha=0.6)
        axes.vlines(x[missed], low[missed], high[missed], color=BLACK, lw=3)
        flat = missed & (high - low < 0.005)  # a line would not be seen
        axes.plot(x[flat], low[flat], "s", color=BLACK, ms=5)
        axes.axhline(truth, color=GRAY, ls=":", lw=2)
        held = f"{np.sum(~missed)} of {len(low)} hold the truth"
        style.name_axes(axes, held, "", title)
        axes.set_xticks([])
        axes.margins(x=0.03)
    places[0].yaxis.set_major_locator(MultipleLocator(0.1))
    places[0].yaxis.set_major_formatter(PercentFormatter(1, 0))
    places[0].set_ylabel("accuracy, 95% interval", fontsize=FONT_SIZE)
    return figure


def coverage_curve(report: Report) -> Figure:
    """Draw how accurate the answers are when only the most confident ones are given."""
    from ..evaluation.calibration import selective_table

    correct = report.probabilities.argmax(axis=1) == report.labels
    _, coverage, accuracy = selective_table(report.probabilities.max(axis=1), correct)
    figure = style.figure(6.4, 4.4)
    axes = figure.subplots()
    axes.plot(coverage, accuracy, color=GREEN, lw=2.5)
    axes.plot(1, report.accuracy.value, "o", color=BLACK, ms=9, clip_on=False)
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
    draw: dict[str, Callable[[Report], Figure]] = {
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


def slice_intervals(slices: Mapping[str, Sequence[Slice]], title: str = "") -> Figure:
    """Draw the accuracy of each group as a dot on its interval.

    Args:
        slices: {what the groups differ in ("age"): groups from
            `emolib.evaluation.accuracy_by_group`}.
        title: Of the figure.
    """
    rows = [(kind, one) for kind, groups in slices.items() for one in groups]
    colors = dict(zip(slices, cycle(LINES), strict=False))
    figure = style.figure(7.4, 1.2 + 0.36 * len(rows))
    axes = figure.subplots()
    for y, (kind, one) in enumerate(rows):
        value, low, high = one.accuracy
        color = colors[kind]
        axes.plot([low, high], [y, y], color=color, lw=5, alpha=0.35, solid_capstyle="butt")
        axes.plot(value, y, "o", color=color, ms=8, clip_on=False)
    for y in range(1, len(rows)):
        if rows[y][0] != rows[y - 1][0]:
            axes.axhline(y - 0.5, color=GRAY, lw=1)
    names = [f"{kind} {one.group} (n = {one.n})" for kind, one in rows]
    axes.set_yticks(range(len(rows)), names)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(0, 1)
    style.percent_axes(axes, "x")
    style.name_axes(axes, "accuracy, with 95% interval", "", title)
    axes.tick_params(axis="y", length=0, labelsize=FONT_SIZE)
    return figure
