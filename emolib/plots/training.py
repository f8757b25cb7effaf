"""Figures of how a network learns, for notebook 03."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from . import style
from .style import BLACK, DASHES, FONT_SIZE, GRAY, LINES, PlotError

if TYPE_CHECKING:
    import keras
    from matplotlib.figure import Figure

    History: TypeAlias = Mapping[str, Sequence[float]] | keras.callbacks.History

TRAINING, VALIDATION, YOURS = LINES[0], LINES[1], LINES[3]  # the colors of the lines and dots


def history_of(run: History) -> Mapping[str, Sequence[float]]:
    """Return the numbers of a training run.

    Args:
        run: What Keras's `fit` returns, or its `history`.

    Returns:
        {name: one number per epoch}, such as "loss" and "val_accuracy".
    """
    return getattr(run, "history", run)


def learning_curves(history: History) -> Figure:
    """Draw loss and accuracy after each epoch, with the best epoch (lowest validation loss).

    Args:
        history: What Keras's `fit` returns, or its `history`: loss, accuracy, val_loss and
            val_accuracy, one number per epoch. What is missing is left out.

    Raises:
        PlotError: There is no finished epoch.
    """
    history = history_of(history)
    if not history.get("loss"):
        raise PlotError("The history has no finished epoch: train for at least one.")
    figure = style.figure(10, 4)
    for axes, name in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
        for key, label, color, dashes in (
            (name, "training", TRAINING, "-"),
            ("val_" + name, "validation", VALIDATION, "--"),
        ):
            values = history.get(key, [])
            if len(values):
                epochs = range(1, len(values) + 1)
                marker = "o" if len(values) == 1 else None
                axes.plot(epochs, values, dashes, color=color, lw=2.5, marker=marker, label=label)
        if history.get("val_loss"):
            best = int(np.nanargmin(history["val_loss"])) + 1
            axes.axvline(best, color=GRAY, ls=":", lw=2, label=f"best epoch: {best}")
        style.whole_epochs(axes)
        style.name_axes(axes, "epoch", name, name.capitalize())
        axes.legend(fontsize=FONT_SIZE)
    return figure


def loss_curve(
    loss: Callable[[float], float],
    span: tuple[float, float],
    paths: Mapping[str, Sequence[float]],
    name: str = "weight",
) -> Figure:
    """Draw the loss over one weight and the walks of gradient descent on it, one panel each.

    Args:
        loss: From a weight to the loss.
        span: Lowest and highest weight to draw.
        paths: {title of the walk: the weights that were tried, in order}.
        name: Title of the x axis.
    """
    figure = style.figure(3.9 * len(paths), 3.6)
    grid = figure.subplots(1, len(paths), squeeze=False, sharey=True)[0]
    weights = np.linspace(*span, 200)
    losses = [loss(weight) for weight in weights]
    for axes, (title, path) in zip(grid, paths.items(), strict=True):
        axes.plot(weights, losses, color=GRAY, lw=2)
        tried = [loss(weight) for weight in path]
        axes.plot(path, tried, "o-", color=LINES[0], lw=1.5, ms=7)
        axes.plot(path[0], tried[0], "o", color=BLACK, ms=10, label="start")
        axes.set_xlim(*span)
        style.name_axes(axes, name, "loss" if axes is grid[0] else "", title)
    grid[0].legend(fontsize=FONT_SIZE)
    return figure


def runs_by_side(
    histories: Mapping[str, History], name: str = "loss", top: float | None = None
) -> Figure:
    """Draw runs side by side on the same axes: training against validation.

    The dot is the lowest validation loss, or the highest validation accuracy.

    Args:
        histories: {title of the run: what Keras's `fit` returns, or its `history`}.
        name: "loss" or "accuracy".
        top: Where the y axis ends.
    """
    figure = style.figure(3.1 * len(histories), 3.4)
    grid = figure.subplots(1, len(histories), squeeze=False, sharex=True, sharey=True)[0]
    for axes, (title, run) in zip(grid, histories.items(), strict=True):
        history = history_of(run)
        validation = np.asarray(history["val_" + name])
        epochs = np.arange(1, len(validation) + 1)
        axes.plot(epochs, history[name], color=TRAINING, lw=2.5, label="training")
        axes.plot(epochs, validation, color=VALIDATION, lw=2.5, ls="--", label="validation")
        best = int(validation.argmin() if name == "loss" else validation.argmax())
        axes.plot(epochs[best], validation[best], "o", color=VALIDATION, ms=9)
        style.name_axes(axes, "epoch", name if axes is grid[0] else "", title)
    if top is not None:
        grid[0].set_ylim(0, top)
    grid[0].legend(fontsize=FONT_SIZE)
    return figure


def runs_together(
    histories: Mapping[str, History],
    key: str = "loss",
    top: float | None = None,
    guessing: float | None = None,
) -> Figure:
    """Draw one line for each run, all on the same axes.

    Args:
        histories: {name of the line: what Keras's `fit` returns, or its `history`}.
        key: What to draw: "loss", "val_accuracy" and the like.
        top: Where the y axis ends; lines above it leave the figure.
        guessing: The value for a network that always says one half; drawn as a dotted line.
    """
    figure = style.figure(7.4, 4)
    axes = figure.subplots()
    for i, (name, run) in enumerate(histories.items()):
        values = history_of(run)[key]
        color = LINES[i % len(LINES)]
        dashes = DASHES[i % len(DASHES)]
        axes.plot(range(1, len(values) + 1), values, label=name, color=color, ls=dashes, lw=2.5)
    if guessing is not None:
        axes.axhline(guessing, color=GRAY, ls=":", lw=2, label=f"guessing: {guessing:.2f}")
    if top is not None:
        axes.set_ylim(0, top)
    style.whole_epochs(axes)
    words = key.replace("val_", "validation ")
    style.name_axes(axes, "epoch", words, words.capitalize())
    axes.legend(fontsize=FONT_SIZE)
    return figure


def size_curve(
    pictures: Sequence[float],
    accuracies: Sequence[float],
    yours: Mapping[str, tuple[float, float]],
    price: float,
) -> Figure:
    """Draw accuracy against the number of training pictures, and what their labels would cost.

    Args:
        pictures: The number of training pictures of each run; the line joins the means of those
            with the same number.
        accuracies: The accuracy of each run, 0-1.
        yours: {name of a network: (its number of training pictures, its accuracy)}.
        price: Dollars for the labels of one photograph.
    """
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, PercentFormatter

    figure = style.figure(7.4, 4.4)
    axes = figure.subplots()
    runs = np.asarray(pictures, float)
    sizes = np.unique(runs)
    means = [np.asarray(accuracies)[runs == size].mean() for size in sizes]
    axes.semilogx(sizes, means, color=TRAINING, lw=2.5, label="mean")
    axes.plot(runs, accuracies, "o", color=TRAINING, ms=8, mfc="none", mew=2, label="one training")
    for (name, (size, accuracy)), marker in zip(yours.items(), "*Ds", strict=False):
        axes.plot(size, accuracy, marker, color=YOURS, ms=16 if marker == "*" else 9, label=name)
    style.name_axes(
        axes, "rendered faces to learn from", "new faces right", "More faces, better answers"
    )
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    above = axes.secondary_xaxis("top")
    above.set_xlabel("price of labels for as many photographs", fontsize=FONT_SIZE)
    for axis, words in (
        (axes.xaxis, lambda n, _: f"{n:,.0f}"),
        (above.xaxis, lambda n, _: f"${n * price:,.0f}"),
    ):
        axis.set_major_locator(FixedLocator(sizes.tolist()))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(words))
    above.tick_params(labelsize=FONT_SIZE)
    axes.legend(fontsize=FONT_SIZE, loc="lower right")
    return figure
