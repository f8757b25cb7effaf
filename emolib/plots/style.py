"""How every figure looks: its colors, its letters, its axes.

The colors are those of Okabe and Ito (2008), which color-blind people can tell apart; letters are
large enough for a classroom's projector.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from warnings import catch_warnings, filterwarnings

from ..errors import EmolibError

PALETTE = ("#E69F00", "#0072B2", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#F0E442")
ORANGE, BLUE = PALETTE[:2]
GRAY = "#666666"
FONT_SIZE = 12


def figure(width: float, height: float):
    """Return an empty figure, its width and height in inches, that a notebook shows by itself."""
    return _figure_class()(figsize=(width, height), layout="constrained")


@cache
def _figure_class():
    from matplotlib.figure import Figure

    class NotebookFigure(Figure):
        """A figure outside pyplot: shown once, by the cell that it ends, and never kept in memory.

        A plain one shows as text in a kernel where nobody has loaded pyplot.
        """

        def draw(self, renderer):
            with _empty_boxes_allowed():
                return super().draw(renderer)

        def get_tightbbox(self, *args, **options):
            with _empty_boxes_allowed():
                return super().get_tightbbox(*args, **options)

        def _repr_png_(self) -> bytes:
            from io import BytesIO

            from PIL import Image

            drawn, stored = BytesIO(), BytesIO()
            self.savefig(drawn, format="png")
            # 256 colours halve the size of the notebook that stores the figure
            few = Image.open(drawn).convert("RGB").quantize(256, dither=Image.Dither.NONE)
            few.save(stored, "PNG", optimize=True)
            return stored.getvalue()

    return NotebookFigure


@contextmanager
def _empty_boxes_allowed() -> Iterator[None]:
    """Hush matplotlib, which warns of each letter its font lacks: the empty boxes say enough."""
    with catch_warnings():
        filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        yield


def name_axes(axes, x: str, y: str, title: str, grid: bool = True) -> None:
    """Write what the axes show and the title above, large enough; faint lines help to read off."""
    axes.set_xlabel(x, fontsize=FONT_SIZE)
    axes.set_ylabel(y, fontsize=FONT_SIZE)
    axes.set_title(title, fontsize=FONT_SIZE + 1)
    axes.tick_params(labelsize=FONT_SIZE)
    if grid:
        axes.grid(alpha=0.3)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)


def percent_axes(axes, which: str) -> None:
    """Write the axes named in `which` ("x", "y" or "xy"), whose values are 0-1, in percent."""
    from matplotlib.ticker import PercentFormatter

    for letter in which:
        getattr(axes, letter + "axis").set_major_formatter(PercentFormatter(1))


class PlotError(EmolibError):
    """There is nothing to draw; the message says why."""
