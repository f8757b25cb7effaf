"""What the face lab shows, as HTML and SVG: pictures, an answer in words and bars, a curve."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from io import BytesIO

import numpy as np
from PIL import Image

from ..evaluation.metrics import percent
from ..inference.output import answer
from ..inspection.probing import Answer, Control, Sweep, in_words, label_changes
from ..model.card import ModelCard
from ..plots.style import GRAY, PALETTE

# matplotlib's "inferno" at five places: the heat maps of the course's figures look the same
INFERNO = ((0, 0, 4), (87, 16, 110), (188, 55, 84), (249, 142, 9), (252, 255, 164))
DASHES = ("none", "7 3", "2 3", "10 3 2 3")  # lines are told apart without their colour too
INK = "#222222"
WIDTH, HEIGHT = 360, 215  # of the plot, in its own units
LEFT, RIGHT, TOP, BOTTOM = 44, 258, 20, 168  # of its axes
GAP = 15  # between two labels


def pictures(shown: Answer, class_names: Sequence[str]) -> str:
    """Return the face, and the same face under its heat map, side by side.

    Args:
        shown: From `Probe.answer`.
        class_names: k names.
    """
    best = escape(class_names[shown.probabilities.argmax()])
    face = shown.picture.repeat(3, axis=-1)
    # as in the course's figures: the hotter, the less of the face shines through
    veil = 0.1 + 0.55 * shown.heat[..., None]
    blended = (1 - veil) * face + veil * _inferno(shown.heat)
    figures = (
        _figure(face, "The face", "A drawn face"),
        _figure(blended, f"Grad-CAM for {best}", f"The same face; bright speaks for {best}"),
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:8px">{"".join(figures)}</div>'


def bars(probabilities: np.ndarray, card: ModelCard) -> str:
    """Return the answer in words, and below it each class's probability as a bar, and neither's.

    Args:
        probabilities: Calibrated, float (k,).
        card: Names the classes and says from where an answer is sure.
    """
    best = int(probabilities.argmax())
    sure = probabilities[best] >= card.sure_threshold
    words = answer(card.class_names[best], float(probabilities[best]), bool(sure))
    names, shares = list(card.class_names), probabilities.tolist()
    colors = [_color(k) for k in range(len(names))]
    if card.others:
        names.append("neither" if len(names) == 2 else "none of these")
        shares.append(1 - sum(shares))
        colors.append(GRAY)
    rows = (
        f'<span style="overflow-wrap:anywhere">{escape(name)}</span>'
        f'<span style="border:1px solid {GRAY};height:14px"><span style="display:block;'
        f'height:100%;width:{100 * p:.1f}%;background:{color}"></span></span>'
        f'<span style="text-align:right">{_percent(p)}</span>'
        for name, p, color in zip(names, shares, colors, strict=True)
    )
    grid = "display:grid;grid-template-columns:max-content 1fr 4em;gap:2px 8px;align-items:center"
    return (
        f'<div style="font-size:1.4em;line-height:1.6"><b>{escape(words)}</b></div>'
        f'<div style="{grid};line-height:1.4">{"".join(rows)}</div>'
    )


def plot(
    control: Control, value: float, now: np.ndarray, swept: Sweep | None, card: ModelCard
) -> str:
    """Return a curve of each class's probability along a control, and a sentence on its turns.

    Args:
        control: What is moved.
        value: Where it stands.
        now: Calibrated probabilities there, float (k,).
        swept: The curve; None while it is still being drawn.
        card: Names the classes and says from where an answer is sure.
    """
    title = f"Probability of each class against {control.label}"
    words = (
        "Drawing the curve ..."
        if swept is None
        else in_words(control.name, swept, card.class_names)
    )
    x = _scale(control.low, control.high, LEFT, RIGHT)
    parts = [*_axes(control, x), *_now(x(value), now), *_names(now, swept, card)]
    parts += _threshold(card.sure_threshold)
    if swept is not None:
        parts += _curves(x, swept) + _turns(control, x, swept)
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}. '
        f'{escape(words)}" style="width:100%;max-width:420px;display:block;background:white" '
        f'font-family="sans-serif" font-size="12" fill="{INK}"><title>{escape(title)}</title>'
        f'{"".join(parts)}</svg><div style="line-height:1.5">{escape(words)}</div>'
    )


def _figure(pixels: np.ndarray, caption: str, alt: str) -> str:
    file = BytesIO()
    Image.fromarray(pixels.round().astype(np.uint8)).save(file, "PNG")
    data = base64.b64encode(file.getvalue()).decode()
    sharp = "image-rendering:pixelated;width:100%;aspect-ratio:1;display:block;max-width:none"
    return (
        '<figure style="margin:0;flex:1 1 120px;min-width:0;max-width:288px">'
        f'<img alt="{alt}" decoding="sync" style="{sharp}" src="data:image/png;base64,{data}">'
        '<figcaption style="line-height:1.5;white-space:nowrap;overflow:hidden;'
        f'text-overflow:ellipsis">{caption}</figcaption></figure>'
    )


def _inferno(heat: np.ndarray) -> np.ndarray:
    places = np.linspace(0, 1, len(INFERNO))
    return np.stack(
        [np.interp(heat, places, channel) for channel in zip(*INFERNO, strict=True)], -1
    )


def _color(k: int) -> str:
    return PALETTE[k % len(PALETTE)]


def _percent(p: float) -> str:
    """Like `style.answer`, never 0% and never 100%."""
    return "&lt; 1%" if p < 0.01 else percent(min(p, 0.99))


def _scale(low: float, high: float, start: float, end: float):
    return lambda value: start + (value - low) / (high - low) * (end - start)


_y = _scale(0, 1, BOTTOM, TOP)


def _line(x1: float, y1: float, x2: float, y2: float, color: str, more: str = "") -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{color}" {more}/>'
    )


def _text(x: float, y: float, words: str, anchor: str = "middle", more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{escape(words)}</text>'


def _axes(control: Control, x) -> list[str]:
    parts = [_text((LEFT + RIGHT) / 2, HEIGHT - 8, control.label)]
    for share in (0, 0.5, 1):
        parts.append(_line(LEFT, _y(share), RIGHT, _y(share), "#cccccc"))
        parts.append(_text(LEFT - 6, _y(share) + 4, percent(share), "end"))
    for value in control.values(5):
        parts.append(_line(x(value), BOTTOM, x(value), BOTTOM + 5, INK))
        parts.append(_text(x(value), BOTTOM + 20, control.written(value)))
    return parts


def _threshold(sure: float) -> list[str]:
    return [_line(LEFT, _y(sure), RIGHT, _y(sure), GRAY, 'stroke-dasharray="1 3" stroke-width="2"')]


def _now(x: float, now: np.ndarray) -> list[str]:
    dots = (
        f'<circle cx="{x:.1f}" cy="{_y(p):.1f}" r="5.5" fill="{_color(k)}" stroke="{INK}"/>'
        for k, p in enumerate(now)
    )
    return [_line(x, TOP, x, BOTTOM, INK, 'stroke-width="1.5"'), *dots]


def _curves(x, swept: Sweep) -> list[str]:
    lines = []
    for k, column in enumerate(swept.probabilities.T):
        points = " ".join(
            f"{x(v):.1f},{_y(p):.1f}" for v, p in zip(swept.values, column, strict=True)
        )
        lines.append(
            f'<polyline points="{points}" fill="none" stroke="{_color(k)}" stroke-width="3" '
            f'stroke-dasharray="{DASHES[k % len(DASHES)]}"/>'
        )
    return lines


def _turns(control: Control, x, swept: Sweep) -> list[str]:
    parts = []
    for turn in label_changes(*swept):
        at = x(turn.value)
        parts.append(_line(at, TOP, at, BOTTOM, INK, 'stroke-dasharray="4 4"'))
        if not control.choices:
            parts.append(_text(at, TOP - 6, control.written(turn.value)))
    return parts


def _names(now: np.ndarray, swept: Sweep | None, card: ModelCard) -> list[str]:
    """Write each line's name at its right end, none over another."""
    ends = now if swept is None else swept.probabilities[-1]
    labels = [
        (_y(p), name, _color(k))
        for k, (name, p) in enumerate(zip(card.class_names, ends, strict=True))
    ]
    labels.append((_y(card.sure_threshold), "sure from here", GRAY))
    parts, free = [], TOP
    labels.sort()
    for i, (wanted, name, color) in enumerate(labels):
        room = BOTTOM + 4 - GAP * (len(labels) - 1 - i)
        y = min(max(wanted, free), max(room, free))
        free = y + GAP
        parts.append(_line(RIGHT + 2, wanted, RIGHT + 12, y, color, 'stroke-width="2"'))
        parts.append(_text(RIGHT + 15, y + 4, name if len(name) < 15 else name[:13] + "…", "start"))
    return parts
