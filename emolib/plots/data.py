"""Figures of pictures and data sets, for notebook 01."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from . import style
from .style import DARK, FONT_SIZE, YELLOW, PlotError

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def pixel_numbers(pixels: np.ndarray, top: int, left: int, size: int = 8) -> Figure:
    """Draw a gray picture and, beside it, a small square of it with each pixel's number.

    Args:
        pixels: (height, width), values 0-255.
        top: First row of the square.
        left: First column of the square.
        size: Pixels on a side of the square.
    """
    from matplotlib.patches import Rectangle

    pixels = np.asarray(pixels)
    figure = style.figure(8.4, 4.4)
    whole, part = figure.subplots(1, 2)
    whole.imshow(pixels, cmap="gray", vmin=0, vmax=255)
    corner = (left - 0.5, top - 0.5)
    whole.add_patch(Rectangle(corner, size, size, fill=False, edgecolor=YELLOW, lw=3))
    square = pixels[top : top + size, left : left + size]
    part.imshow(square, cmap="gray", vmin=0, vmax=255)
    for (i, j), value in np.ndenumerate(square):
        color = "white" if value <= DARK else "black"
        look = {"color": color, "fontsize": FONT_SIZE - 1, "fontweight": "bold"}
        part.text(j, i, int(value), ha="center", va="center", **look)
    part.set_xticks(range(square.shape[1]), range(left, left + square.shape[1]))
    part.set_yticks(range(square.shape[0]), range(top, top + square.shape[0]))
    style.name_axes(whole, "column", "row", "The picture", grid=False)
    style.name_axes(part, "column", "row", "The yellow square in numbers", grid=False)
    return figure


def brightness_histogram(
    brightness: np.ndarray, labels: np.ndarray, class_names: Sequence[str]
) -> Figure:
    """Draw how bright the pictures of each class are.

    Args:
        brightness: Each picture's mean pixel value, float (n,), 0-255.
        labels: int (n,), indices into `class_names`.
        class_names: The classes.
    """
    figure = style.figure(6.8, 3.2)
    axes = figure.subplots()
    edges = np.linspace(0, 255, 31).tolist()
    for k, (name, color) in enumerate(style.class_colors(class_names).items()):
        values = brightness[labels == k]
        axes.hist(values, edges, histtype="stepfilled", alpha=0.25, color=color)
        axes.hist(values, edges, histtype="step", lw=2, color=color, label=name)
        axes.axvline(values.mean(), color=color, ls=":", lw=2)
    axes.set_xlim(0, 255)
    title = "Brightness of each picture (dotted: class mean)"
    style.name_axes(axes, "mean pixel value", "pictures", title)
    axes.legend(fontsize=FONT_SIZE)
    return figure


def average_faces(averages: np.ndarray, class_names: Sequence[str]) -> Figure:
    """Draw each class's average picture; with two classes, also where the averages differ.

    Args:
        averages: float (k, height, width) or (k, height, width, 1), pixel values 0-255.
        class_names: k names.
    """
    from matplotlib.colors import LinearSegmentedColormap

    averages = np.asarray(averages, float).reshape(len(averages), *averages.shape[1:3])
    panels = len(averages) + (len(averages) == 2)
    figure = style.figure(3 * panels + 0.6, 3.3)  # the color bar needs the extra width
    grid = np.ravel(figure.subplots(1, panels))
    for axes, average, name in zip(grid, averages, class_names, strict=False):
        # one scale for all, with more contrast than averages have
        axes.imshow(average, cmap="gray", vmin=averages.min(), vmax=averages.max())
        axes.set_title(f"average {name} face", fontsize=FONT_SIZE)
    if len(averages) == 2:
        difference = averages[0] - averages[1]
        top = np.abs(difference).max()
        colors = list(style.class_colors(class_names).values())
        towards = LinearSegmentedColormap.from_list("classes", [colors[1], "white", colors[0]])
        shown = grid[-1].imshow(difference, cmap=towards, vmin=-top, vmax=top)
        grid[-1].set_title("difference", fontsize=FONT_SIZE)
        bar = figure.colorbar(shown, ax=grid[-1], ticks=[-top, 0, top])
        sides = [f"{class_names[1]}\nbrighter", "equal", f"{class_names[0]}\nbrighter"]
        bar.ax.set_yticklabels(sides, fontsize=FONT_SIZE)
    for axes in grid:
        axes.axis("off")
    return figure


def share_curves(
    x: Sequence[float],
    lines: Mapping[str, Sequence[float]],
    x_name: str,
    y_name: str,
    title: str = "",
) -> Figure:
    """Draw shares (0-1) against a number, one line for each name.

    Args:
        x: What was changed, n numbers.
        lines: {name of the line: n shares}.
        x_name: Title of the x axis.
        y_name: Title of the y axis.
        title: Title of the figure.
    """
    figure = style.figure(5.6, 3.2)
    axes = figure.subplots()
    style.share_lines(axes, x, lines)
    style.name_axes(axes, x_name, y_name, title)
    if len(x) < 2 or np.diff(np.sort(x)).min() > 0.08 * np.ptp(x):  # their labels do not touch
        axes.set_xticks(x)
    axes.set_ylim(0, 1.05)
    if len(lines) > 1:
        axes.legend(fontsize=FONT_SIZE)
    return figure


def gallery(
    images: Sequence[Image.Image | np.ndarray] | np.ndarray,
    captions: Sequence[str] | None = None,
    columns: int = 8,
    title: str = "",
) -> Figure:
    """Draw pictures side by side, each under its caption.

    Args:
        images: PIL pictures, or arrays (h, w), (h, w, 1) or (h, w, 3) with pixel values 0-255.
        captions: One text per picture.
        columns: Pictures in a row.
        title: Title of the figure.

    Raises:
        PlotError: There are no pictures, or more or fewer captions than pictures.
    """
    if not len(images):
        raise PlotError("There are no pictures to show: give at least one.")
    if captions is not None and len(captions) != len(images):
        raise PlotError(
            f"There are {len(captions)} captions but {len(images)} pictures: give one per picture."
        )
    figure, places = style.picture_grid(len(images), columns, 1.5, 1.5 if captions is None else 1.9)
    for i, (axes, image) in enumerate(zip(places, images, strict=True)):
        pixels = _pixels(image)
        # 48-pixel faces stay sharp, and the notebook's file is a third as large
        axes.imshow(pixels, interpolation="nearest" if len(pixels) < 100 else None)
        if captions is not None:
            style.caption(axes, captions[i])
    if title:
        figure.suptitle(title, fontsize=FONT_SIZE + 1)
    return figure


def _pixels(image: Image.Image | np.ndarray) -> np.ndarray:
    """Return a picture as uint8 (h, w, 3)."""
    array = np.asarray(image.convert("RGB") if isinstance(image, Image.Image) else image)
    array = array[..., None] if array.ndim == 2 else array
    array = np.clip(np.rint(array), 0, 255).astype(np.uint8)
    return np.broadcast_to(array, (*array.shape[:2], 3)).copy()
