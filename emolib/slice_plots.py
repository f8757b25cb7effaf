"""The figure of notebook 04 that shows groups with their intervals; in `emolib.plots` too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from . import style
from .slices import Slice
from .style import BLUE, FONT_SIZE, GRAY


def slice_intervals(slices: Mapping[str, Sequence[Slice]]):
    """A dot and an interval for each group; below each other what the groups are made by.

    Args:
        slices: Groups from `emolib.slices.accuracy_by_group`, by what they differ in ("age").
    """
    rows = [(kind, one) for kind, groups in slices.items() for one in groups]
    figure = style.figure(7.4, 1.0 + 0.36 * len(rows))
    axes = figure.subplots()
    for y, (_, one) in enumerate(rows):
        value, low, high = one.accuracy
        axes.plot([low, high], [y, y], color=BLUE, lw=5, alpha=0.35, solid_capstyle="butt")
        axes.plot(value, y, "o", color=BLUE, ms=8, clip_on=False)
    for y in range(1, len(rows)):
        if rows[y][0] != rows[y - 1][0]:
            axes.axhline(y - 0.5, color=GRAY, lw=1)
    names = [f"{kind} {one.group} (n = {one.n})" for kind, one in rows]
    axes.set_yticks(range(len(rows)), names)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(0, 1)
    style.percent_axes(axes, "x")
    style.name_axes(axes, "answered right, with 95 % interval", "", "")
    axes.tick_params(axis="y", length=0, labelsize=FONT_SIZE)
    return figure
