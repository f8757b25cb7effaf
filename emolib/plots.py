"""Every figure of the course.

The functions give matplotlib figures that need no screen: a notebook shows one that ends a cell,
`figure.savefig("name.png")` keeps it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import fill

import numpy as np
from PIL import Image

from . import style
from .errors import EmolibError
from .photo_plots import found_faces, photo  # noqa: F401
from .picture_plots import (  # noqa: F401
    average_faces,
    bars,
    brightness_histogram,
    damage_curves,
    feature_maps,
    filters,
    heat_maps,
    pixel_numbers,
    share_curves,
)
from .slice_plots import slice_intervals  # noqa: F401
from .style import BLUE, FONT_SIZE, GRAY, ORANGE, percent
from .training_plots import (  # noqa: F401
    convolution_steps,
    loss_curve,
    named_maps,
    runs_by_side,
    runs_together,
)


class PlotError(EmolibError):
    """There is nothing to draw; the message says why."""


def learning_curves(history: Mapping[str, Sequence[float]]):
    """Loss and accuracy after each epoch, the best epoch (lowest validation loss) marked.

    Args:
        history: lists by name (loss, accuracy, val_loss, val_accuracy; what is missing is left
            out), one number an epoch; or what Keras's `fit` returns.
    """
    from matplotlib.ticker import MaxNLocator

    history = getattr(history, "history", history)
    if not history.get("loss"):
        raise PlotError("The history holds no finished epoch: train at least one.")
    figure = style.figure(10, 4)
    for axes, name in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
        for key, label, color in ((name, "training", ORANGE), ("val_" + name, "validation", BLUE)):
            values = history.get(key, [])
            marker = "o" if len(values) < 2 else None
            axes.plot(range(1, len(values) + 1), values, color=color, lw=2, marker=marker)
            if len(values):
                axes.lines[-1].set_label(label)
        if history.get("val_loss"):
            best = int(np.nanargmin(history["val_loss"])) + 1
            axes.axvline(best, color=GRAY, ls=":", lw=2, label=f"best epoch: {best}")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        style.name_axes(axes, "epoch", name, name.capitalize())
        axes.legend(fontsize=FONT_SIZE)
    return figure


def confusion_matrix(report):
    """Counts of true class (rows) against answer (columns); the shade is the row's share."""
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
    style.name_axes(axes, "answer", "true class", "Confusion matrix (% of the row)", grid=False)
    return figure


def roc_curve(report):
    """Of the second class found, against of the first class mistaken for it, at every threshold."""
    if report.roc_auc is None:
        raise PlotError("A ROC curve needs two classes with pictures of both.")
    from sklearn.metrics import roc_curve as points

    first, second = report.class_names
    false, true, _ = points(report.labels, report.probabilities[:, 1])
    figure = style.figure(5.6, 5)
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=GRAY, ls=":", lw=2, label="guessing (area 0.5)")
    axes.plot(false, true, color=BLUE, lw=2.5, label=f"this network (area {report.roc_auc:.3f})")
    style.percent_axes(axes, "xy")
    x, y = f"{first} taken for {second}", f"{second} found"
    style.name_axes(axes, f"{x} (false positive rate)", f"{y} (true positive rate)", "ROC curve")
    axes.legend(fontsize=FONT_SIZE, loc="lower right")
    return figure


def reliability_diagram(report, bins: int = 15):
    """How often answers are right against how sure they are; below, how many there are."""
    from .calibration import reliability_bins

    count, confidence, accuracy = reliability_bins(report.probabilities, report.labels, bins)
    edges, used = np.linspace(0, 1, bins + 1)[:-1], count > 0
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
    # over the feet of the bars, where nothing is to be read
    upper.legend(fontsize=FONT_SIZE, loc="lower right", framealpha=1)
    return figure


def coverage_curve(report):
    """How accurate the answers are when only the surest share of the pictures is answered."""
    from .calibration import selective_table

    correct = report.probabilities.argmax(axis=1) == report.labels
    _, coverage, accuracy = selective_table(report.probabilities.max(axis=1), correct)
    figure = style.figure(6.4, 4.4)
    axes = figure.subplots()
    axes.plot(coverage, accuracy, color=BLUE, lw=2.5)
    axes.plot(1, report.accuracy.value, "o", color=ORANGE, ms=9, clip_on=False)
    everything = f"all answered: {percent(report.accuracy.value, 1)}"
    axes.annotate(
        everything,
        (1, report.accuracy.value),
        (-10, -4),
        fontsize=FONT_SIZE,
        ha="right",
        va="top",
        textcoords="offset points",
    )
    axes.set_ylim(min(accuracy.min(), report.accuracy.value) - 0.05, 1.01)
    style.percent_axes(axes, "xy")
    x = "coverage (share answered, the surest first)"
    style.name_axes(axes, x, "accuracy", "Leaving out the unsure")
    return figure


def gallery(images: Sequence, captions: Sequence[str] | None = None, columns: int = 8):
    """Pictures side by side, each under its caption.

    Args:
        images: PIL pictures, or arrays (h, w), (h, w, 1) or (h, w, 3) with pixel values 0-255.
        captions: one text a picture.
        columns: pictures in a row.
    """
    if not len(images):
        raise PlotError("There are no pictures to show.")
    if captions is not None and len(captions) != len(images):
        raise PlotError(f"There are {len(captions)} captions but {len(images)} pictures.")
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    figure = style.figure(1.5 * columns, (1.5 if captions is None else 1.9) * rows)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in grid:
        axes.axis("off")
    for i, (axes, image) in enumerate(zip(grid, images, strict=False)):
        pixels = _pixels(image)
        # faces of 48 pixels stay sharp, and a notebook's file a third as large
        axes.imshow(pixels, interpolation="nearest" if len(pixels) < 100 else None)
        if captions is not None:
            axes.set_title(fill(str(captions[i]), 15), fontsize=FONT_SIZE - 1)
    return figure


def save_report_figures(report, folder: str | Path) -> list[Path]:
    """Write confusion_matrix, reliability, coverage and (two classes) roc as PNG; give the paths.

    The folder is made where it is missing.
    """
    draw = {"confusion_matrix": confusion_matrix, "reliability": reliability_diagram}
    draw["coverage"] = coverage_curve
    if report.roc_auc is not None:
        draw["roc"] = roc_curve
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.png" for name in draw]
    for path, function in zip(paths, draw.values(), strict=True):
        function(report).savefig(path, dpi=150)
    return paths


def _pixels(image) -> np.ndarray:
    """A PIL picture or array as uint8 (h, w, 3)."""
    array = np.asarray(image.convert("RGB") if isinstance(image, Image.Image) else image)
    array = array[..., None] if array.ndim == 2 else array
    array = np.clip(np.rint(array), 0, 255).astype(np.uint8)
    return np.broadcast_to(array, (*array.shape[:2], 3)).copy()
