"""Figures of what a network sees and what changes its mind, for notebook 06."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill

import numpy as np

from ..evaluation.metrics import percent
from . import style
from .data import LINES, _share_lines
from .style import FONT_SIZE, GRAY


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
        heats: float (n, height, width), 0-1, from `emolib.inspection.grad_cam`.
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
            text = percent(share)
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
