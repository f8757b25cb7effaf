"""Figures of how a network computes and learns: for notebooks 02 and 03.

`emolib.plots` serves these functions too.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from . import style
from .style import BLUE, FONT_SIZE, GRAY, ORANGE, PALETTE


def convolution_steps(
    image: np.ndarray, kernel: np.ndarray, result: np.ndarray, places: Sequence[tuple[int, int]]
):
    """A filter at work, a row for each place: the window, its products, the result so far.

    Notebook 02 shows it.

    Args:
        image: (height, width), pixel values 0-255.
        kernel: (k, k) weights.
        result: (height - k + 1, width - k + 1), the finished result.
        places: (row, column) of the window's upper left corner, in reading order.
    """
    figure = style.figure(11, 2.4 * len(places))
    grid = figure.subplots(len(places), 3, squeeze=False, width_ratios=[3, 1.7, 3])
    image, kernel, result = (np.asarray(array, float) for array in (image, kernel, result))
    top = np.abs(result).max() or 1
    for (left, middle, right), (row, column) in zip(grid, places, strict=True):
        window = image[row : row + len(kernel), column : column + len(kernel)]
        left.imshow(image, cmap="gray", vmin=0, vmax=255)
        _frame(left, row, column, len(kernel))
        _products(middle, window, kernel)
        # the window moves in reading order: what comes after is not computed yet
        done = np.where(np.arange(result.size) <= row * result.shape[1] + column, 1.0, np.nan)
        right.imshow(result * done.reshape(result.shape), cmap="PuOr_r", vmin=-top, vmax=top)
        _frame(right, row, column, 1)
        right.set_title(f"result: {result[row, column]:.0f} in the frame", fontsize=FONT_SIZE)
        left.set_title(f"window at row {row}, column {column}", fontsize=FONT_SIZE)
        for axes in (left, right):
            axes.set_xticks([])
            axes.set_yticks([])
    return figure


def _frame(axes, row: int, column: int, size: int) -> None:
    from matplotlib.patches import Rectangle

    corner = (column - 0.5, row - 0.5)
    axes.add_patch(Rectangle(corner, size, size, fill=False, edgecolor=ORANGE, lw=2.5))


def _products(axes, window: np.ndarray, kernel: np.ndarray) -> None:
    """Write pixel times weight into each field; the shade is the pixel's."""
    axes.imshow(window, cmap="gray", vmin=0, vmax=255)
    for (i, j), weight in np.ndenumerate(kernel):
        color = "black" if window[i, j] > 127 else "white"
        text = f"{window[i, j]:.0f}\n× {weight:g}".replace("-", "\N{MINUS SIGN}")
        axes.text(j, i, text, ha="center", va="center", color=color, fontsize=FONT_SIZE - 1)
    axes.set_title("pixel × weight", fontsize=FONT_SIZE)
    axes.axis("off")


def named_maps(maps: Mapping[str, np.ndarray], columns: int = 4):
    """Pictures in gray and results in colour, each under its name (notebook 02).

    In a result orange is above 0, purple below and white 0, on one scale for all of them.

    Args:
        maps: (height, width) by name; uint8 is a picture, float is a result.
        columns: maps in a row.
    """
    maps = {name: np.asarray(one) for name, one in maps.items()}
    results = [one for one in maps.values() if one.dtype != np.uint8]
    top = max((float(np.abs(one).max()) for one in results), default=1) or 1
    columns = min(columns, len(maps))
    rows = -(-len(maps) // columns)
    height, width = next(iter(maps.values())).shape
    side = min(2.6, 11 / columns)
    figure = style.figure(side * columns, (side * height / width + 0.4) * rows)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in grid:
        axes.axis("off")
    for axes, (name, one) in zip(grid, maps.items(), strict=False):
        if one.dtype == np.uint8:
            axes.imshow(one, cmap="gray", vmin=0, vmax=255)
        else:
            axes.imshow(one, cmap="PuOr_r", vmin=-top, vmax=top)
        axes.set_title(name, fontsize=FONT_SIZE)
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
