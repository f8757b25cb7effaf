"""Figures of how a convolution computes, for notebook 02."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from . import style
from .style import FONT_SIZE, ORANGE


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
