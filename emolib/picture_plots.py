"""Figures of pictures and of what a network makes of them: for notebooks 01 and 06.

`emolib.plots` serves these functions too.
"""

from collections.abc import Mapping, Sequence
from textwrap import fill

import numpy as np

from . import style
from .style import BLUE, FONT_SIZE, GRAY, ORANGE, PALETTE

LINES = (BLUE, ORANGE, *PALETTE[2:])
MARKERS = "osD^vPX"


def pixel_numbers(pixels: np.ndarray, top: int, left: int, size: int = 8):
    """A gray picture, and a small square of it beside, each pixel with its number (notebook 01).

    Args:
        pixels: (height, width), values 0-255.
        top: first row of the square.
        left: first column of the square.
        size: pixels on a side of the square.
    """
    from matplotlib.patches import Rectangle

    pixels = np.asarray(pixels)
    figure = style.figure(8.4, 4.4)
    whole, part = figure.subplots(1, 2)
    whole.imshow(pixels, cmap="gray", vmin=0, vmax=255)
    corner = (left - 0.5, top - 0.5)
    whole.add_patch(Rectangle(corner, size, size, fill=False, edgecolor=ORANGE, lw=3))
    square = pixels[top : top + size, left : left + size]
    part.imshow(square, cmap="gray", vmin=0, vmax=255)
    for (i, j), value in np.ndenumerate(square):
        color = "black" if value > 127 else "white"
        part.text(j, i, int(value), ha="center", va="center", color=color, fontsize=FONT_SIZE - 1)
    part.set_xticks(range(square.shape[1]), range(left, left + square.shape[1]))
    part.set_yticks(range(square.shape[0]), range(top, top + square.shape[0]))
    style.name_axes(whole, "column", "row", "The picture", grid=False)
    style.name_axes(part, "column", "row", "Its orange square in numbers", grid=False)
    return figure


def brightness_histogram(brightness: np.ndarray, labels: np.ndarray, class_names: Sequence[str]):
    """How many pictures of each class are how bright (notebook 01).

    Args:
        brightness: float (n,), each picture's mean pixel value, 0-255.
        labels: int (n,), indices into `class_names`.
        class_names: the classes.
    """
    figure = style.figure(6.8, 3.2)
    axes = figure.subplots()
    edges = np.linspace(0, 255, 31)
    for k, (name, color) in enumerate(zip(class_names, PALETTE, strict=False)):
        values = brightness[labels == k]
        axes.hist(values, edges, histtype="stepfilled", alpha=0.25, color=color)
        axes.hist(values, edges, histtype="step", lw=2, color=color, label=name)
        axes.axvline(values.mean(), color=color, ls=":", lw=2)
    axes.set_xlim(0, 255)
    title = "Brightness of each picture (dotted: the class's mean)"
    style.name_axes(axes, "mean of its pixels", "pictures", title)
    axes.legend(fontsize=FONT_SIZE)
    return figure


def average_faces(averages: np.ndarray, class_names: Sequence[str]):
    """Each class's average picture; with two classes, also where the averages differ.

    Notebook 01 shows it.

    Args:
        averages: float (k, height, width) or (k, height, width, 1), pixel values 0-255.
        class_names: k names.
    """
    averages = np.asarray(averages, float).reshape(len(averages), *averages.shape[1:3])
    panels = len(averages) + (len(averages) == 2)
    figure = style.figure(3 * panels + 0.6, 3.3)  # a scale of colors needs many
    grid = np.ravel(figure.subplots(1, panels))
    for axes, average, name in zip(grid, averages, class_names, strict=False):
        # one scale for all, with more contrast than averages have
        axes.imshow(average, cmap="gray", vmin=averages.min(), vmax=averages.max())
        axes.set_title(f"average {name} face", fontsize=FONT_SIZE)
    if len(averages) == 2:
        difference = averages[0] - averages[1]
        top = np.abs(difference).max()
        shown = grid[-1].imshow(difference, cmap="PuOr_r", vmin=-top, vmax=top)
        grid[-1].set_title("the difference", fontsize=FONT_SIZE)
        bar = figure.colorbar(shown, ax=grid[-1], ticks=[-top, 0, top])
        sides = [f"{class_names[1]}\nbrighter", "equal", f"{class_names[0]}\nbrighter"]
        bar.ax.set_yticklabels(sides, fontsize=FONT_SIZE)
    for axes in grid:
        axes.axis("off")
    return figure


def share_curves(
    x: Sequence[float], lines: Mapping[str, Sequence[float]], x_name: str, y_name: str
):
    """Shares (0-1) against a number, a line each: leaks by epoch (01), accuracy by damage (06).

    Args:
        x: what was changed, n numbers.
        lines: n shares by the line's name.
        x_name: title of the x axis.
        y_name: title of the y axis.
    """
    figure = style.figure(5.6, 3.2)
    axes = figure.subplots()
    _share_lines(axes, x, lines, x_name, y_name)
    axes.set_xticks(x)
    axes.set_ylim(0, 1.05)
    if len(lines) > 1:
        axes.legend(fontsize=FONT_SIZE)
    return figure


def damage_curves(curves: Mapping[str, Mapping[float, Mapping[str, float]]]):
    """Accuracy against the strength of each kind of damage, a panel each (notebook 06).

    Args:
        curves: {damage: {strength: {network: accuracy, 0-1}}}.
    """
    rows = -(-len(curves) // 2)
    figure = style.figure(9, 0.4 + 2.9 * rows)
    grid = figure.subplots(rows, 2, squeeze=False, sharey=True).ravel()
    for axes in grid[len(curves) :]:
        axes.axis("off")
    for axes, (damage, scores) in zip(grid, curves.items(), strict=False):
        names = next(iter(scores.values()))
        lines = {name: [score[name] for score in scores.values()] for name in names}
        axes.axhline(0.5, color=GRAY, ls=":", lw=2, label="guessing")
        _share_lines(axes, list(scores), lines, damage, "accuracy")
        axes.set_ylim(0.3, 1.03)
    handles = grid[0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside upper center", ncols=4, fontsize=FONT_SIZE)
    return figure


def _share_lines(axes, x, lines, x_name: str, y_name: str) -> None:
    for (name, y), color, marker in zip(lines.items(), LINES, MARKERS, strict=False):
        axes.plot(x, y, color=color, marker=marker, lw=2, label=name)
    style.percent_axes(axes, "y")
    style.name_axes(axes, x_name, y_name, "")


def filters(kernels: np.ndarray, columns: int = 8):
    """A layer's filters as small pictures: orange adds light, blue subtracts it (notebook 06).

    Args:
        kernels: float (height, width, 1, n), as a Keras convolution keeps them.
        columns: filters in a row.
    """
    kernels = np.moveaxis(np.asarray(kernels)[:, :, 0], -1, 0)
    figure = style.figure(1.05 * columns, 1.05 * -(-len(kernels) // columns))
    for axes, kernel in _grid(figure, kernels, columns):
        top = np.abs(kernel).max() or 1
        axes.imshow(kernel, cmap="PuOr_r", vmin=-top, vmax=top)
    return figure


def feature_maps(maps: np.ndarray, columns: int = 8):
    """What each filter found and where: the brighter, the more (notebook 06).

    Args:
        maps: float (height, width, n), one picture's maps; each is shown on its own scale.
        columns: maps in a row.
    """
    maps = np.moveaxis(np.asarray(maps), -1, 0)
    figure = style.figure(1.15 * columns, 1.15 * -(-len(maps) // columns))
    for axes, one in _grid(figure, maps, columns):
        axes.imshow(one, cmap="inferno", interpolation="nearest")
    return figure


def heat_maps(images: np.ndarray, heats: np.ndarray, captions: Sequence[str], columns: int = 6):
    """Pictures with heat maps laid over them: the brighter, the more it counts (notebook 06).

    Args:
        images: (n, height, width) or (n, height, width, 1), pixel values 0-255.
        heats: float (n, height, width), 0-1, from `emolib.gradcam.grad_cam`.
        captions: n texts.
        columns: pictures in a row.
    """
    pairs = list(zip(images, heats, captions, strict=True))
    columns = min(columns, len(pairs))
    figure = style.figure(1.7 * columns, 2.1 * -(-len(pairs) // columns))
    for axes, (image, heat, caption) in _grid(figure, pairs, columns):
        sharp = {"interpolation": "nearest", "vmin": 0}
        axes.imshow(np.squeeze(image), cmap="gray", vmax=255, **sharp)
        seen_through = 0.1 + 0.55 * np.clip(heat, 0, 1)
        axes.imshow(heat, cmap="inferno", vmax=1, alpha=seen_through, **sharp)
        axes.set_title(fill(str(caption), 15), fontsize=FONT_SIZE - 1)
    return figure


def bars(scores: Mapping[str, Mapping[str, float]], x_name: str, chance: float | None = None):
    """Shares (0-1) as bars with their numbers, a color for each network (notebook 06).

    Args:
        scores: {what was asked: {network: share}}, all with the same networks.
        x_name: title of the x axis.
        chance: what guessing would reach, 0-1: a dotted line.
    """
    networks = list(next(iter(scores.values())))
    figure = style.figure(8.2, 1.1 + 0.32 * len(scores) * len(networks))
    axes = figure.subplots()
    height = 0.8 / len(networks)
    for k, (network, color) in enumerate(zip(networks, LINES, strict=False)):
        places = np.arange(len(scores)) + (k - (len(networks) - 1) / 2) * height
        shares = [answers[network] for answers in scores.values()]
        axes.barh(places, shares, 0.9 * height, color=color, label=network)
        for place, share in zip(places, shares, strict=True):
            text = style.percent(share)
            axes.text(share + 0.01, place, text, va="center", fontsize=FONT_SIZE - 1)
    if chance is not None:
        axes.axvline(chance, color=GRAY, ls=":", lw=2, label="guessing")
    axes.set_yticks(range(len(scores)), list(scores))
    axes.set_xlim(0, 1.12)
    axes.set_xticks(np.linspace(0, 1, 6))
    axes.invert_yaxis()
    style.percent_axes(axes, "x")
    style.name_axes(axes, x_name, "", "")
    if len(networks) > 1 or chance is not None:
        axes.legend(fontsize=FONT_SIZE, loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def _grid(figure, items: Sequence, columns: int):
    """Yield (axes, item) over a grid without ticks; places that stay empty are switched off."""
    columns = min(columns, len(items))
    axes = figure.subplots(-(-len(items) // columns), columns, squeeze=False).ravel()
    for one in axes:
        one.axis("off")
    yield from zip(axes, items, strict=False)
