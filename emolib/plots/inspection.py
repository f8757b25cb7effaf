"""Figures of what a network sees and what changes its mind, for notebook 06."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np

from ..evaluation.metrics import percent
from . import style
from .style import DIVERGING, FONT_SIZE, GRAY, LINES, SIGNS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def damage_curves(curves: Mapping[str, Mapping[float, Mapping[str, float]]]) -> Figure:
    """Draw accuracy against the strength of each kind of damage, one panel each.

    Args:
        curves: {damage: {strength: {network: accuracy, 0-1}}}.
    """
    rows = -(-len(curves) // 2)
    figure = style.figure(9, 0.7 + 2.9 * rows)
    grid = figure.subplots(rows, 2, squeeze=False, sharey=True).ravel()
    for axes in grid[len(curves) :]:
        axes.axis("off")
    for axes, (damage, scores) in zip(grid, curves.items(), strict=False):
        names = next(iter(scores.values()))
        lines = {name: [score[name] for score in scores.values()] for name in names}
        axes.axhline(0.5, color=GRAY, ls=":", lw=2, label="guessing")
        style.share_lines(axes, list(scores), lines)
        style.name_axes(axes, damage, "accuracy", "")
        axes.set_ylim(0.3, 1.03)
    handles = grid[0].get_legend_handles_labels()
    figure.legend(
        *handles,
        loc="outside upper center",
        ncols=4,
        fontsize=FONT_SIZE,
        title="Accuracy on damaged faces",
        title_fontsize=FONT_SIZE + 1,
    )
    return figure


def filters(kernels: Mapping[str, np.ndarray]) -> Figure:
    """Draw a layer's filters as small pictures, one row per network.

    Args:
        kernels: {network: float (height, width, 1, n)}, as a Keras convolution keeps them.
    """
    columns = max(kernel.shape[-1] for kernel in kernels.values())
    figure, places = style.picture_grid(columns * len(kernels), columns, 1.05, 1.05)
    for k, weights in enumerate(kernels.values()):
        for axes, kernel in zip(
            places[k * columns :], np.moveaxis(weights[:, :, 0], -1, 0), strict=False
        ):
            top = np.abs(kernel).max() or 1
            axes.imshow(kernel, cmap=DIVERGING, vmin=-top, vmax=top)
    _name_rows(places, columns, kernels)
    figure.set_figheight(figure.get_figheight() + 0.3)
    figure.supxlabel(f"Filters of the first layer. {SIGNS}", fontsize=FONT_SIZE)
    return figure


def feature_maps(image: np.ndarray, maps: Mapping[str, np.ndarray]) -> Figure:
    """Draw a picture and what filters found in it, one row per network: the brighter, the more.

    Args:
        image: (height, width) or (height, width, 1), pixel values 0-255.
        maps: {network: float (height, width, n)}, the picture's maps, each on its own scale.
    """
    columns = 1 + max(found.shape[-1] for found in maps.values())
    figure, places = style.picture_grid(columns * len(maps), columns, 1.3, 1.3)
    for k, found in enumerate(maps.values()):
        face, *rest = places[k * columns : (k + 1) * columns]
        face.imshow(np.squeeze(image), cmap="gray", vmin=0, vmax=255)
        for axes, one in zip(rest, np.moveaxis(found, -1, 0), strict=False):
            axes.imshow(one, cmap="inferno", interpolation="nearest")
    _name_rows(places, columns, maps)
    figure.suptitle("A face, and what filters found in it (bright: found here)", fontsize=FONT_SIZE)
    return figure


def _name_rows(places: Sequence[Axes], columns: int, names: Iterable[str]) -> None:
    """Write a name to the left of each row of pictures."""
    for axes, name in zip(places[::columns], names, strict=False):
        look: dict[str, Any] = {
            "rotation": 90,
            "ha": "right",
            "va": "center",
            "fontsize": FONT_SIZE,
        }
        axes.text(-0.08, 0.5, name, transform=axes.transAxes, **look)


def heat_maps(
    images: np.ndarray | Sequence[np.ndarray],
    heats: np.ndarray | Sequence[np.ndarray],
    captions: Sequence[str],
    columns: int = 6,
    rows: Sequence[str] = (),
    title: str = "",
) -> Figure:
    """Draw pictures with heat maps laid over them: the brighter, the more it counts.

    Args:
        images: (n, height, width) or (n, height, width, 1), pixel values 0-255.
        heats: float (n, height, width), 0-1, from `emolib.inspection.grad_cam`.
        captions: n texts.
        columns: Pictures in a row.
        rows: Names of the rows, such as the networks.
        title: Title of the figure.
    """
    figure, places = style.picture_grid(len(images), columns, 1.7, 2.1)
    for axes, image, heat, text in zip(places, images, heats, captions, strict=True):
        axes.imshow(np.squeeze(image), cmap="gray", interpolation="nearest", vmin=0, vmax=255)
        # the hotter, the less of the picture shines through
        veil = 0.1 + 0.55 * np.clip(heat, 0, 1)
        axes.imshow(heat, cmap="inferno", interpolation="nearest", vmin=0, vmax=1, alpha=veil)
        style.caption(axes, text)
    _name_rows(places, columns, rows)
    if title:
        figure.suptitle(title, fontsize=FONT_SIZE + 1)
    return figure


def bars(
    scores: Mapping[str, Mapping[str, float]],
    x_name: str,
    chance: float | None = None,
    title: str = "",
) -> Figure:
    """Draw shares (0-1) as bars with their numbers, one color for each network.

    Args:
        scores: {question: {network: share}}, all with the same networks.
        x_name: Title of the x axis.
        chance: What guessing would reach, 0-1; drawn as a dotted line.
        title: Title of the figure.
    """
    networks = list(next(iter(scores.values())))
    figure = style.figure(8.2, 1.1 + 0.32 * len(scores) * len(networks))
    axes = figure.subplots()
    height = 0.8 / len(networks)
    for k, (network, color) in enumerate(zip(networks, cycle(LINES), strict=False)):
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
    style.name_axes(axes, x_name, "", title)
    if len(networks) > 1 or chance is not None:
        axes.legend(fontsize=FONT_SIZE, loc="upper left", bbox_to_anchor=(1, 1))
    return figure
