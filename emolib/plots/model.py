"""Figures of how a convolution computes, for notebook 02."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from . import style
from .style import DARK, DIVERGING, FONT_SIZE, SIGNS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def convolution_steps(
    image: np.ndarray, kernel: np.ndarray, result: np.ndarray, places: Sequence[tuple[int, int]]
) -> Figure:
    """Draw a filter at work, one row per place: the window, its products, the result so far.

    Args:
        image: (height, width), pixel values 0-255.
        kernel: (k, k) weights.
        result: (height - k + 1, width - k + 1), the finished result.
        places: (row, column) of the window's upper left corner, in reading order.
    """
    figure = style.figure(11, 2.6 * len(places) + 0.3)
    grid = figure.subplots(len(places), 3, squeeze=False, width_ratios=[3, 2, 3])
    image, kernel, result = (np.asarray(array, float) for array in (image, kernel, result))
    top = np.abs(result).max() or 1
    for (left, middle, right), (row, column) in zip(grid, places, strict=True):
        window = image[row : row + len(kernel), column : column + len(kernel)]
        left.imshow(image, cmap="gray", vmin=0, vmax=255)
        _frame(left, row, column, len(kernel))
        _products(middle, window, kernel)
        # the window moves in reading order: what comes after is not computed yet
        done = np.where(np.arange(result.size) <= row * result.shape[1] + column, 1.0, np.nan)
        right.imshow(result * done.reshape(result.shape), cmap=DIVERGING, vmin=-top, vmax=top)
        right.patch.set(facecolor="0.85", edgecolor="0.6", hatch="///")
        _frame(right, row, column, 1)
        right.set_title(f"result: the sum is {_signed(result[row, column])}", fontsize=FONT_SIZE)
        left.set_title(f"window at row {row}, column {column}", fontsize=FONT_SIZE)
        for axes in (left, right):
            axes.set_xticks([])
            axes.set_yticks([])
    figure.supxlabel(f"{SIGNS} Hatched: not computed yet.", fontsize=FONT_SIZE)
    return figure


def _frame(axes: Axes, row: int, column: int, size: int) -> None:
    """Draw a frame that shows on any color: black between two white lines."""
    from matplotlib.patches import Rectangle

    for color, width in (("white", 5), ("black", 2)):
        corner = (column - 0.5, row - 0.5)
        axes.add_patch(Rectangle(corner, size, size, fill=False, edgecolor=color, lw=width))


def _signed(number: float) -> str:
    """Return a number as short text, with a proper minus sign."""
    return f"{number:g}".replace("-", "\N{MINUS SIGN}")


def _products(axes: Axes, window: np.ndarray, kernel: np.ndarray) -> None:
    """Write pixel times weight and their product into each cell; the shade is the pixel's."""
    axes.imshow(window, cmap="gray", vmin=0, vmax=255)
    for (i, j), weight in np.ndenumerate(kernel):
        color = "white" if window[i, j] <= DARK else "black"
        product = _signed(window[i, j] * weight)
        text = f"{window[i, j]:.0f} × {_signed(weight)}\n= {product}"
        axes.text(j, i, text, ha="center", va="center", color=color, fontsize=FONT_SIZE - 2)
    axes.set_title("pixel × weight = product", fontsize=FONT_SIZE)
    axes.axis("off")


def named_maps(maps: Mapping[str, np.ndarray], columns: int = 4) -> Figure:
    """Draw pictures in gray and results in color, each under its name.

    In a result green is above 0, purple below and white 0, on one scale for all results.

    Args:
        maps: {name: (height, width)}; uint8 is a picture, float is a result.
        columns: Maps in a row.
    """
    arrays = {name: np.asarray(one) for name, one in maps.items()}
    results = [one for one in arrays.values() if one.dtype != np.uint8]
    top = max((float(np.abs(one).max()) for one in results), default=1) or 1
    height, width = next(iter(arrays.values())).shape
    side = min(3.6, 11 / min(columns, len(arrays)))
    figure, places = style.picture_grid(len(arrays), columns, side, side * height / width + 0.4)
    for axes, (name, one) in zip(places, arrays.items(), strict=True):
        if one.dtype == np.uint8:
            axes.imshow(one, cmap="gray", vmin=0, vmax=255)
        else:
            axes.imshow(one, cmap=DIVERGING, vmin=-top, vmax=top)
        axes.set_title(name, fontsize=FONT_SIZE)
    if results:
        figure.set_figheight(figure.get_figheight() + 0.3)
        figure.supxlabel(SIGNS, fontsize=FONT_SIZE)
    return figure
