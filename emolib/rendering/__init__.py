"""Rendered faces of nobody, with exact labels: made from action units and a look.

    >>> from emolib import rendering
    >>> rendering.render_face("happy", size=256, color=True)
    >>> rendering.render_face({6: 0.8, 15: 1.0})  # a sad mouth under happy eyes
    >>> rendering.render_faces("data/rendered", n=1200)

Muscles move a morphable head; it grows hair, is lit by lamps and sky, and is photographed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from .expressions import (
    ACTION_UNITS,
    EXPRESSIONS,
    INCOMPATIBLE,
    RenderingError,
    expression,
    typical,
    validate_actions,
)
from .files import FACTS, check_size, ingredients, render_arrays, render_each, render_faces
from .looks import CUTS, GLASSES, HAIR_COLORS, MONK_TONES, OCCLUDERS, Look, random_look
from .scene import render

__all__ = [
    "ACTION_UNITS",
    "CUTS",
    "EXPRESSIONS",
    "FACTS",
    "GLASSES",
    "HAIR_COLORS",
    "INCOMPATIBLE",
    "MONK_TONES",
    "OCCLUDERS",
    "Look",
    "RenderingError",
    "expression",
    "ingredients",
    "random_look",
    "render_arrays",
    "render_each",
    "render_face",
    "render_faces",
    "typical",
]


def render_face(
    actions: Mapping[int, float] | str,
    look: Look | None = None,
    size: int = 48,
    color: bool = False,
    seed: int | Sequence[int] = 0,
) -> Image.Image:
    """Render one face.

    Args:
        actions: {action unit: intensity 0-1} (see `ACTION_UNITS`), or the name of an expression
            of `EXPRESSIONS`, whose intensities are then drawn at random.
        look: Everything but the expression; random by default.
        size: Width and height in pixels, at least 24.
        color: RGB instead of gray.
        seed: Seed of everything random: expression and look if not given, background and noise.

    Returns:
        A picture of mode "L" or "RGB", size x size pixels; the same arguments give the same one.

    Raises:
        RenderingError: No such expression or action unit, an intensity outside 0-1, a size
            below 24.
    """
    check_size(size)
    rng = np.random.default_rng(seed)
    if isinstance(actions, str):
        actions = expression(actions, rng)
    look = random_look(rng) if look is None else look
    return render(validate_actions(actions), look, size, color, seed)
