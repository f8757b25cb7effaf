"""How every figure looks: its colors, its text, its axes.

The colors are those of Okabe and Ito (2008), which color-blind people can tell apart. The text is
large enough for a classroom's projector.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from itertools import cycle
from textwrap import fill
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings, filterwarnings

from PIL import Image

from ..errors import EmolibError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ORANGE = "#E69F00"
BLUE = "#0072B2"
GREEN = "#009E73"
PURPLE = "#CC79A7"
VERMILION = "#D55E00"
SKY = "#56B4E9"
YELLOW = "#F0E442"
BLACK = "#000000"
PALETTE = (ORANGE, BLUE, GREEN, PURPLE, VERMILION, SKY, YELLOW)
# for what is not a class, such as networks: orange and blue would look like happy and sad
LINES = (GREEN, PURPLE, BLACK, VERMILION, SKY, YELLOW)
EMOTION_COLORS = {
    name: color
    for color, names in {
        ORANGE: "happy happiness joy",
        BLUE: "sad sadness",
        VERMILION: "angry anger",
        GREEN: "disgust disgusted",
        PURPLE: "fear afraid fearful scared",
        SKY: "neutral neither",
        YELLOW: "surprise surprised",
        BLACK: "contempt contemptuous",
    }.items()
    for name in names.split()
}
"""The color of each emotion, the same in every figure, photo and widget."""
MARKERS = "osD^vPX"
DASHES = ("-", "--", "-.", ":")
GRAY = "#666666"
DARK = 117  # up to this gray, white text is easier to read than black (WCAG)
# purple below zero, green above: orange and blue would look like happy and sad
DIVERGING = "PRGn"
SIGNS = "Green: above 0. Purple: below 0. White: 0."
FONT_SIZE = 12


class PlotError(EmolibError):
    """There is nothing to draw; the message says why."""


def class_colors(class_names: Sequence[str]) -> dict[str, str]:
    """Return a color for each class, "#rrggbb": an emotion's own, or one that no other class has.

    Args:
        class_names: All classes of a network or a data set, in order.
    """
    colors: dict[str, str] = {}
    for name in class_names:
        color = EMOTION_COLORS.get(name.strip().casefold())
        if color and color not in colors.values():
            colors[name] = color
    free = [color for color in PALETTE if color not in colors.values()]
    unknown = (name for name in class_names if name not in colors)
    colors |= zip(unknown, cycle(free or PALETTE), strict=False)
    return {name: colors[name] for name in class_names}


def figure(width: float, height: float) -> Figure:
    """Return an empty figure of `width` x `height` inches that a notebook shows by itself."""
    return _figure_class()(figsize=(width, height), layout="constrained")


@cache
def _figure_class() -> type[Figure]:
    from matplotlib.figure import Figure

    class NotebookFigure(Figure):
        """A figure outside pyplot: shown once, by the cell it ends, and never kept in memory.

        A plain one shows as text in a kernel that has not loaded pyplot.
        """

        def draw(self, renderer: Any) -> None:
            with _missing_glyphs_allowed():
                super().draw(renderer)

        def get_tightbbox(self, *args: Any, **options: Any) -> Any:
            with _missing_glyphs_allowed():
                return super().get_tightbbox(*args, **options)

        def _repr_png_(self) -> bytes:
            drawn = BytesIO()
            self.savefig(drawn, format="png")
            # 256 colors halve the size of the notebook that stores the figure
            few = Image.open(drawn).convert("RGB").quantize(256, dither=Image.Dither.NONE)
            stored = BytesIO()
            few.save(stored, "PNG", optimize=True)
            return stored.getvalue()

        def _repr_mimebundle_(self, **_: Any) -> dict[str, bytes]:
            # asked before the formatter that pyplot brings, whose pictures are larger
            return {"image/png": self._repr_png_()}

    return NotebookFigure


@contextmanager
def _missing_glyphs_allowed() -> Iterator[None]:
    """Silence the warning about each character that the font lacks: the empty boxes say enough."""
    with catch_warnings():
        filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        yield


def picture_grid(n: int, columns: int, width: float, height: float) -> tuple[Figure, list[Axes]]:
    """Return a figure and its n places for pictures, row by row; the last row may not be full.

    Args:
        n: Number of pictures, at least 1.
        columns: Pictures in a row, at most.
        width: Of one place, in inches.
        height: Of one place, in inches.
    """
    columns = min(columns, n)
    rows = -(-n // columns)
    whole = figure(width * columns, height * rows)
    places = whole.subplots(rows, columns, squeeze=False).ravel()
    for axes in places:
        axes.axis("off")
    return whole, list(places[:n])


def caption(axes: Axes, text: object) -> None:
    """Write a caption above a small picture, in lines of up to 15 characters."""
    axes.set_title(fill(str(text), 15), fontsize=FONT_SIZE - 1)


def share_lines(axes: Axes, x: Sequence[float], lines: Mapping[str, Sequence[float]]) -> None:
    """Draw shares (0-1) against a number: for each name in `lines`, one share per value of `x`.

    A line that is named after an emotion has its color.
    """
    looks = zip(lines.items(), cycle(LINES), cycle(MARKERS), strict=False)
    for (name, y), color, marker in looks:
        own = EMOTION_COLORS.get(name, color)
        axes.plot(x, y, color=own, marker=marker, lw=2, label=name)
    percent_axes(axes, "y")


def name_axes(axes: Axes, x: str, y: str, title: str, grid: bool = True) -> None:
    """Write the titles of both axes and of the plot, large enough to read, over a faint grid."""
    axes.set_xlabel(x, fontsize=FONT_SIZE)
    axes.set_ylabel(y, fontsize=FONT_SIZE)
    axes.set_title(title, fontsize=FONT_SIZE + 1)
    axes.tick_params(labelsize=FONT_SIZE)
    if grid:
        axes.grid(alpha=0.3)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)


def whole_epochs(axes: Axes) -> None:
    """Label whole epochs only, and at least one."""
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))


def percent_axes(axes: Axes, which: str) -> None:
    """Write the axes named in `which` ("x", "y" or "xy"), whose values are 0-1, in percent."""
    from matplotlib.ticker import PercentFormatter

    for letter in which:
        getattr(axes, letter + "axis").set_major_formatter(PercentFormatter(1))
