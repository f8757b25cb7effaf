"""Figures of learning from few pictures, for notebook 09."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from . import style
from .style import BLACK, FONT_SIZE, GRAY, GREEN, PURPLE, VERMILION, PlotError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    Run = tuple[str, int, float]

LOOKS = ((GREEN, "-", "o"), (BLACK, "--", "s"), (PURPLE, "-.", "D"), (VERMILION, ":", "^"))


def few_pictures(
    panels: Mapping[str, Iterable[Run]], yours: Iterable[Run] = (), guessing: float = 0.5
) -> Figure:
    """Draw accuracy against the number of pictures per class, with one panel for each task.

    A line joins the means, and the band around it reaches from the lowest run to the highest.

    Args:
        panels: {title: runs}; a run is (method, pictures per class, accuracy 0-1). A method has
            the same color in all panels.
        yours: More runs, shown as stars in the first panel.
        guessing: The accuracy of a guess: a dotted line.

    Raises:
        PlotError: There are no runs to draw.
    """
    panels = {title: list(runs) for title, runs in panels.items()}
    if not panels or not all(panels.values()):
        raise PlotError("There are no runs to draw: give at least one for each task.")
    methods = list(dict.fromkeys(run[0] for runs in panels.values() for run in runs))
    figure = style.figure(max(7.4, 4.6 * len(panels)), 4.2)
    grid = figure.subplots(1, len(panels), squeeze=False, sharey=True)[0]
    for axes, (title, runs) in zip(grid, panels.items(), strict=True):
        for method, look in zip(methods, LOOKS, strict=False):
            _line(axes, method, [run for run in runs if run[0] == method], look)
        axes.axhline(guessing, color=GRAY, ls=":", lw=2, label="guessing")
        style.name_axes(axes, "pictures per class", "right" if axes is grid[0] else "", title)
        _ticks(axes, sorted({run[1] for run in runs}))
    for method, n, accuracy in yours:
        color = LOOKS[methods.index(method)][0] if method in methods else GRAY
        grid[0].plot(n, accuracy, "*", color=color, mec="white", ms=18)
    grid[0].set_ylim(0.4, 1)
    style.percent_axes(grid[0], "y")
    grid[0].legend(fontsize=FONT_SIZE, loc="lower right")
    return figure


def _line(axes: Axes, name: str, runs: list[Run], look: tuple[str, str, str]) -> None:
    sizes = sorted({n for _, n, _ in runs})
    scores = [[score for _, n, score in runs if n == size] for size in sizes]
    if not sizes:
        return
    color, dashes, marker = look
    means = [np.mean(each) for each in scores]
    axes.semilogx(sizes, means, dashes, color=color, marker=marker, lw=2.5, ms=7, label=name)
    lowest = [min(each) for each in scores]
    highest = [max(each) for each in scores]
    axes.fill_between(sizes, lowest, highest, color=color, alpha=0.18, lw=0)


def _ticks(axes: Axes, sizes: list[int]) -> None:
    from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

    axes.xaxis.set_major_locator(FixedLocator(sizes))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:.0f}"))
