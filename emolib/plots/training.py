"""Figures of how a network learns, for notebook 03."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from . import style
from .style import BLUE, FONT_SIZE, GRAY, ORANGE, PALETTE, PlotError


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


def loss_curve(
    loss: Callable[[float], float],
    span: tuple[float, float],
    paths: Mapping[str, Sequence[float]],
    name: str = "weight",
):
    """The loss over one weight, and how gradient descent walked on it, a panel for each walk.

    Notebook 03 shows it.

    Args:
        loss: from a weight to the loss.
        span: lowest and highest weight to draw.
        paths: the weights that were tried, the first one first, by the walk's title.
        name: title of the x axis.
    """
    figure = style.figure(3.9 * len(paths), 3.6)
    grid = figure.subplots(1, len(paths), squeeze=False, sharey=True)[0]
    weights = np.linspace(*span, 200)
    losses = [loss(weight) for weight in weights]
    for axes, (title, path) in zip(grid, paths.items(), strict=True):
        axes.plot(weights, losses, color=GRAY, lw=2)
        tried = [loss(weight) for weight in path]
        axes.plot(path, tried, "o-", color=ORANGE, lw=1.5, ms=7)
        axes.plot(path[0], tried[0], "o", color=BLUE, ms=10, label="start")
        axes.set_xlim(*span)
        style.name_axes(axes, name, "loss" if axes is grid[0] else "", title)
    grid[0].legend(fontsize=FONT_SIZE)
    return figure


def runs_by_side(histories: Mapping[str, object], name: str = "loss", top: float | None = None):
    """Several runs beside each other on the same axes: training against validation (notebook 03).

    The dot is the lowest validation loss (of accuracy: the highest validation accuracy).

    Args:
        histories: what Keras's `fit` returned, or lists by name, by the run's title.
        name: "loss" or "accuracy".
        top: where the y axis ends.
    """
    figure = style.figure(3.1 * len(histories), 3.4)
    grid = figure.subplots(1, len(histories), squeeze=False, sharex=True, sharey=True)[0]
    for axes, (title, history) in zip(grid, histories.items(), strict=True):
        history = getattr(history, "history", history)
        validation = np.asarray(history["val_" + name])
        epochs = np.arange(1, len(validation) + 1)
        axes.plot(epochs, history[name], color=ORANGE, lw=2, label="training")
        axes.plot(epochs, validation, color=BLUE, lw=2, ls="--", label="validation")
        best = int(validation.argmin() if name == "loss" else validation.argmax())
        axes.plot(epochs[best], validation[best], "o", color=BLUE, ms=8)
        style.name_axes(axes, "epoch", name if axes is grid[0] else "", title)
    if top is not None:
        grid[0].set_ylim(0, top)
    grid[0].legend(fontsize=FONT_SIZE)
    return figure


def runs_together(histories: Mapping[str, object], key: str = "loss", top: float | None = None):
    """One line for each run, all on the same axes (notebook 03).

    Args:
        histories: what Keras's `fit` returned, or lists by name, by the line's name.
        key: which list of the histories: "loss", "val_accuracy" and the like.
        top: where the y axis ends; lines above it leave the figure.
    """
    from matplotlib.ticker import MaxNLocator

    figure = style.figure(7.4, 4)
    axes = figure.subplots()
    colors, styles = (BLUE, ORANGE, *PALETTE[2:]), ("-", "--", "-.", ":")
    for i, (name, history) in enumerate(histories.items()):
        values = getattr(history, "history", history)[key]
        line = {"color": colors[i % len(colors)], "ls": styles[i % len(styles)], "lw": 2.5}
        axes.plot(range(1, len(values) + 1), values, label=name, **line)
    if top is not None:
        axes.set_ylim(0, top)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    words = key.replace("val_", "validation ")
    style.name_axes(axes, "epoch", words, words.capitalize())
    axes.legend(fontsize=FONT_SIZE)
    return figure
