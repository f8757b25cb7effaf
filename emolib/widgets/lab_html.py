"""What the face lab shows, as HTML: pictures, an answer in words and as bars, a curve."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from io import BytesIO
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from ..evaluation.metrics import percent
from ..inference.output import answer
from ..inspection.probing import Answer, Control, Sweep, in_words, label_changes
from ..model.card import ModelCard
from ..plots import style
from ..plots.style import DASHES, FONT_SIZE, GRAY

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK = "#222222"
LEGEND_COLUMNS = 3


def pictures(shown: Answer, class_names: Sequence[str]) -> str:
    """Return what the network sees, and the same under its heat map, side by side.

    Args:
        shown: From `Probe.answer`.
        class_names: k names.
    """
    from matplotlib import colormaps

    best = escape(class_names[int(shown.probabilities.argmax())])
    face = shown.picture.repeat(3, axis=-1)
    # as in `plots.heat_maps`: the hotter, the less of the face shines through
    veil = 0.1 + 0.55 * shown.heat[..., None]
    blended = (1 - veil) * face + veil * 255 * colormaps["inferno"](shown.heat)[..., :3]
    figures = (
        _picture(face, "What the network sees", "The same face in 48 x 48 gray pixels"),
        _picture(blended, f"Grad-CAM for {best}", f"The same face; bright areas support {best}"),
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:8px">{"".join(figures)}</div>'


def portrait(pixels: np.ndarray) -> str:
    """Return the face as a large picture in color.

    Args:
        pixels: uint8 (n, n, 3), 0-255.
    """
    return _picture(pixels, "The face", "A rendered face", "jpeg")


def _picture(pixels: np.ndarray, caption: str, alt: str, kind: str = "png") -> str:
    file = BytesIO()
    Image.fromarray(pixels.round().astype(np.uint8)).save(file, kind, quality=90)
    css = "width:100%;aspect-ratio:1;display:block;max-width:none"
    if kind == "png":  # few pixels, each of which is to be seen
        css = f"image-rendering:pixelated;{css}"
    return (
        '<figure style="margin:0;flex:1 1 120px;min-width:0;max-width:288px">'
        f"{_image(file, kind, alt, css)}"
        '<figcaption style="line-height:1.5;white-space:nowrap;overflow:hidden;'
        f'text-overflow:ellipsis">{caption}</figcaption></figure>'
    )


def _image(file: BytesIO, kind: str, alt: str, css: str) -> str:
    data = b64encode(file.getvalue()).decode()
    # decoded at once, or it would flicker while a slider moves
    source = f'decoding="sync" src="data:image/{kind};base64,{data}"'
    return f'<img alt="{alt}" style="{css}" {source}>'


def bars(probabilities: np.ndarray, card: ModelCard) -> str:
    """Return the answer in words and, below it, a bar for each class.

    Args:
        probabilities: Calibrated, float (k,).
        card: Names the classes and holds the threshold from which an answer is sure.
    """
    best = int(probabilities.argmax())
    sure = probabilities[best] >= card.sure_threshold
    words = answer(card.class_names[best], float(probabilities[best]), bool(sure))
    colors = style.class_colors(card.class_names)
    cells = (
        f'<span style="overflow-wrap:anywhere">{escape(name)}</span>'
        f'<span style="border:1px solid {GRAY};height:14px"><span style="display:block;'
        f'height:100%;width:{100 * p:.1f}%;background:{colors[name]}"></span></span>'
        f'<span style="text-align:right">{_percent(p)}</span>'
        for name, p in zip(card.class_names, probabilities.tolist(), strict=True)
    )
    grid = "display:grid;grid-template-columns:max-content 1fr 4em;gap:2px 8px;align-items:center"
    return (
        f'<div style="font-size:1.4em;line-height:1.6"><b>{escape(words)}</b></div>'
        f'<div style="{grid};line-height:1.4">{"".join(cells)}</div>'
    )


def _percent(p: float) -> str:
    """Write a share as `answer` does, never as 0% or 100%."""
    return "&lt; 1%" if p < 0.01 else percent(min(p, 0.99))


class Curve:
    """Each class's probability along a control. It is drawn once; then only its dots move."""

    def __init__(self, control: Control, swept: Sweep | None, card: ModelCard) -> None:
        """Draw everything but the dots.

        Args:
            control: What is moved.
            swept: The probabilities along it; None while they are being computed.
            card: Names the classes and holds the threshold from which an answer is sure.
        """
        self._title = f"Probability of each class against {control.label}."
        self._words = "Drawing the curve ..."
        names = card.class_names
        rows = -(-(len(names) + 1) // LEGEND_COLUMNS)
        self.figure = style.figure(5, 2.9 + 0.25 * rows)
        axes = self.figure.subplots()
        dot: dict[str, Any] = {"ms": 9, "mec": INK, "clip_on": False, "zorder": 3}
        self._dots = []
        values, probabilities = swept or (np.empty(0), np.empty((0, len(names))))
        colors = style.class_colors(names)
        for name, y, dashes in zip(names, probabilities.T, cycle(DASHES), strict=False):
            # shortened to fit, and with dollar signs that do not start a formula
            label = (name if len(name) < 12 else name[:10] + "…").replace("$", r"\$")
            axes.plot(values, y, color=colors[name], ls=dashes, lw=3, label=label)
            self._dots += axes.plot([], [], "o", color=colors[name], **dot)
        axes.axhline(card.sure_threshold, color=GRAY, ls=":", lw=2, label="sure from here")
        self._here = axes.axvline(control.low, color=INK, lw=1.5)
        if swept is not None:
            self._words = in_words(control.name, swept, names)
            _mark_changes(axes, control, swept)
        _name_axes(axes, control)
        self.figure.legend(
            loc="outside upper center", ncols=LEGEND_COLUMNS, fontsize=FONT_SIZE, frameon=False
        )

    def html(self, value: float, now: np.ndarray) -> str:
        """Return the curve as an image, and a sentence on where the answer changes.

        Args:
            value: Of the control.
            now: Calibrated probabilities there, float (k,).
        """
        from matplotlib import rc_context

        self._here.set_xdata([value, value])
        for dot, p in zip(self._dots, now, strict=True):
            dot.set_data([value], [p])
        file = BytesIO()
        # the browser writes the text, because it has fonts for every script
        with rc_context({"svg.fonttype": "none", "svg.hashsalt": "face lab"}):
            self.figure.savefig(file, format="svg", metadata={"Date": None})
        self.figure.set_layout_engine("none")  # from now on everything has its place
        alt = escape(f"{self._title} {self._words}")
        image = _image(file, "svg+xml", alt, "width:100%;max-width:420px;display:block")
        return f'{image}<div style="line-height:1.5">{escape(self._words)}</div>'


def _mark_changes(axes: Axes, control: Control, swept: Sweep) -> None:
    """Mark where the answer changes, with the value above the axes, on two lines in turn."""
    for i, change in enumerate(label_changes(*swept)):
        axes.axvline(change.value, color=INK, ls="--", lw=1)
        if not control.choices:
            written = control.written(change.value)
            axes.text(change.value, 1.03 + i % 2 / 9, written, ha="center", fontsize=FONT_SIZE)


def _name_axes(axes: Axes, control: Control) -> None:
    ticks = control.values(5)
    axes.set_xticks(ticks, [control.written(tick) for tick in ticks])
    axes.set_yticks([0, 0.5, 1])
    axes.set_xlim(control.low, control.high)
    axes.set_ylim(0, 1)
    style.percent_axes(axes, "y")
    style.name_axes(axes, control.label, "probability", "")
