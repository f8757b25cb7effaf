"""Figures of many photos and many workers, for notebook 11."""

from __future__ import annotations

import time
from collections.abc import Collection, Hashable, Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

from . import style
from .style import BLACK, DASHES, FONT_SIZE, GRAY, GREEN, LINES, PURPLE, SKY, VERMILION

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAUSE = 0.5  # seconds between two drawings: the workers need the processor, too
WORKER_COLORS = (GREEN, PURPLE, VERMILION, SKY)


def speedup_curve(
    serial: Mapping[str, float],
    measured: Mapping[str, Mapping[int, float]],
    most: int = 256,
) -> Figure:
    """Draw the speed-up against the number of workers: Amdahl's lines, and what was measured.

    Args:
        serial: {name of a line: the share (0-1) of the work that one worker has to do alone}.
        measured: {name of the dots: {number of workers: times as fast as one worker}}.
        most: Workers at the right end.
    """
    from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

    figure = style.figure(7.4, 4.4)
    axes = figure.subplots()
    workers = np.geomspace(1, most, 200)
    for (name, share), color in zip(serial.items(), cycle(LINES), strict=False):
        faster = 1 / (share + (1 - share) / workers)
        axes.loglog(workers, faster, color=color, lw=2.5, label=name)
    for (name, dots), marker in zip(measured.items(), cycle("o*Ds"), strict=False):
        size = 13 if marker == "*" else 8
        axes.plot([*dots], [*dots.values()], marker, color=VERMILION, ms=size, label=name)
    ticks = [n for n in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024) if n <= most]
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(FixedLocator(ticks))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    style.name_axes(axes, "workers", "times as fast as one worker", "More workers, less time")
    axes.legend(fontsize=FONT_SIZE)
    return figure


def answers_over_time(
    answers: Sequence[tuple[float, Hashable, int]], total: int, killed: Collection[Hashable] = ()
) -> Figure:
    """Draw how many photos are answered at each moment, in all and by each worker.

    Args:
        answers: (seconds, name of the worker, photos) of each piece of work, in order.
        total: The number of photos.
        killed: Workers whose lines end in a cross.
    """
    figure = style.figure(8.4, 4)
    axes = figure.subplots()
    seconds = [second for second, _, _ in answers]
    counted = np.cumsum([n for _, _, n in answers]) if answers else [0]
    axes.axhline(total, color=GRAY, ls=":", lw=2)
    steps = [0, *counted][: len(seconds) + 1]
    axes.step([0, *seconds], steps, color=BLACK, where="post", lw=3, label="all together")
    names = list(dict.fromkeys(worker for _, worker, _ in answers))
    looks = zip(names, cycle(WORKER_COLORS), cycle(DASHES), strict=False)
    for number, (name, color, dashes) in enumerate(looks, 1):
        own = [(second, n) for second, worker, n in answers if worker == name]
        x = [second for second, _ in own]
        y = np.cumsum([n for _, n in own])
        label = f"worker {number}" + (", killed" if name in killed else "")
        axes.step(x, y, color=color, ls=dashes, where="post", lw=2.5, label=label)
        if name in killed:
            axes.plot(x[-1], y[-1], "X", color=BLACK, ms=13, zorder=3)
    axes.set_ylim(0, 1.06 * total)
    axes.set_xlim(left=0)
    title = f"{counted[-1]} of {total} photos answered"
    style.name_axes(axes, "seconds", "photos", title)
    figure.legend(fontsize=FONT_SIZE, loc="outside right upper")
    return figure


class LiveCount:
    """Counts answers and draws the count again and again while the work goes on.

    Attributes:
        answers: (seconds, name of the worker, photos) of each piece of work so far.
        killed: Workers that were killed.
    """

    def __init__(self, total: int) -> None:
        """Show an empty figure below the running cell.

        Args:
            total: The number of photos.
        """
        from IPython.display import display

        self.answers: list[tuple[float, Hashable, int]] = []
        self.killed: list[Hashable] = []
        self._total = total
        self._start = time.perf_counter()
        self._drawn = self._start
        # None outside a notebook, where there is nothing to redraw
        self._shown = display(answers_over_time([], total), display_id=True)

    @property
    def counted(self) -> int:
        """How many photos are answered so far."""
        return sum(n for _, _, n in self.answers)

    def add(self, worker: Hashable, photos: int) -> None:
        """Count a piece of work.

        Args:
            worker: Its name, such as the id of its process.
            photos: How many photos it has answered.
        """
        now = time.perf_counter()
        self.answers.append((now - self._start, worker, photos))
        if self._shown and (now > self._drawn + PAUSE or self.counted >= self._total):
            self._shown.update(answers_over_time(self.answers, self._total, self.killed))
            self._drawn = time.perf_counter()
