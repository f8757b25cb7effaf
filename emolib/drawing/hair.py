"""Hair, beards, hats, and what is around the head."""

from __future__ import annotations

import numpy as np

from .canvas import Array, bump, mottle, step, within
from .head import Head
from .mouth import Mouth


def strands(head: Head, rng: np.random.Generator) -> Array:
    """Draw the brightness of hair: dark and light strands from the parting downwards."""
    look, n = head.look, len(head.x)
    across = mottle(rng, n, (5, n // 4))
    clouds = mottle(rng, n, (4, 4))
    gloss = bump(head.px - 0.4 * look.light_x, head.py + 1.0, 0.5, 0.2)
    bright = look.hair * (1 + 0.12 * across + 0.2 * clouds) + 0.12 * gloss * look.light
    return np.clip(bright, 0.01, 1)


def hair_mask(head: Head, rng: np.random.Generator) -> Array:
    """Where hair covers head and background, 0-1."""
    look = head.look
    soft = 0.14
    rough = 0.06 * mottle(rng, len(head.x), (6, 12))
    # on the face: above a hairline that goes down at the temples, with a fringe to one side
    fringe = look.fringe * np.exp(-(((head.x - look.parting) / 0.6) ** 2))
    line_y = look.hairline + 0.55 * np.clip(head.ax - 0.45, 0, 1) ** 1.5 + fringe + rough
    # hair at the sides of the face
    sides = (0.93 + rough - 0.25 * min(look.hair_length, 0.8) * np.clip(head.ax, 0, 1)) - head.ax
    low = -0.1 + look.hair_length
    on_face = np.maximum(step(line_y - head.y, 0, soft), step(-sides, 0, soft) * step(low - head.y))
    inside = step(1.0 - head.radius, 0, 0.06)
    # around the head, thinner downwards
    volume = look.hair_volume * np.clip((low + 0.5 - head.py) / 0.9, 0, 1)
    outer = np.hypot(head.px / (1 + volume), (head.py + 0.1) / (look.length + volume))
    around = step(1 + 0.5 * rough - outer, 0, 0.1) * step(low - head.py, 0, 0.3)
    curtain = within(np.abs(head.px), 0.6, 1.05 + look.hair_volume + rough, 0.15)
    curtain = curtain * within(head.py, -0.4, low + 0.2, 0.2) * (look.hair_length > 0)
    behind = np.maximum(around, curtain)
    if look.hairline < -1.4:
        return np.zeros_like(behind)
    return on_face * inside + behind * (1 - inside)


def beard_mask(head: Head, mouth: Mouth, rng: np.random.Generator) -> Array:
    """Darkness of beard and moustache, 0-1."""
    look, ax, y = head.look, head.ax, head.y
    if not (look.beard or look.moustache):
        return np.zeros_like(y)
    rough = 0.5 + 0.5 * np.clip(0.6 + 0.6 * mottle(rng, y.shape[1], (24, 24))[: len(y)], 0, 1)
    jaw = step(y, 0.42 - 0.5 * np.clip(ax - 0.6, 0, 1) + 0.35 * np.exp(-((ax / 0.5) ** 2)), 0.25)
    lips = within(y, mouth.top - 0.02, mouth.bottom + 0.02, 0.06) * step(-mouth.t, -1.05, 0.1)
    upper = within(y, mouth.top - 0.17, mouth.top, 0.08) * step(-mouth.t, -1.15, 0.2)
    mask = np.maximum(look.beard * jaw, look.moustache * upper)
    return mask * (1 - lips) * rough


def surroundings(head: Head, rng: np.random.Generator) -> Array:
    """Draw what is behind the head: background, clothes, neck."""
    look, n = head.look, len(head.x)
    wide = mottle(rng, n, (2, 2))
    fine = mottle(rng, n, (5, 5))
    back = look.background + look.clutter * (0.22 * wide + 0.12 * fine)
    edge = rng.uniform(-1.5, 1.5)
    # something stands behind: a wall's edge, a window
    back = back + look.clutter * (rng.uniform(-0.7, 0.7) * step(head.px, edge, 0.1))
    chin = look.length
    shoulders = step(head.py, chin + 0.05 + 0.35 * np.clip(np.abs(head.px) - 0.4, 0, 3), 0.12)
    cloth = look.clothes * (1 + 0.15 * fine)
    back = back + (cloth - back) * shoulders
    neck = step(0.62 - np.abs(head.px), 0, 0.1) * step(head.py, 0.5, 0.1)
    shadow = 0.35 + 0.35 * step(head.py, chin + 0.1, 0.5)
    opened = step(chin + 0.45 - np.abs(head.px) * 0.7 - head.py, 0, 0.1)
    return back + (look.skin * shadow - back) * neck * opened


def paint_ears(head: Head, picture: Array) -> Array:
    """Put ears at the sides of the head."""
    look = head.look
    turn = np.sin(np.radians(look.turn))
    for side in (-1, 1):
        # an ear hides behind the head when it turns away
        x = head.px - side * (1.02 - 0.3 * max(0.0, side * turn))
        ear = step(1 - np.hypot(x / 0.13, (head.py + 0.12) / 0.24), 0, 0.35)
        tone = look.skin * (0.55 + 0.25 * np.hypot(x / 0.13, (head.py + 0.12) / 0.24))
        picture = picture + (tone * 0.9 - picture) * ear
    return picture


def paint_hat(head: Head, picture: Array) -> Array:
    """Put a cap on, if the look has one."""
    look = head.look
    if look.hat < 0:
        return picture
    edge = look.hairline + 0.2 + 0.12 * head.ax**2
    cap = step(edge - head.y, 0, 0.05) * step(1.12 - head.radius, 0, 0.06)
    tone = look.hat * (0.75 + 0.25 * step(edge - 0.15 - head.y, 0, 0.05))
    return picture + (tone - picture) * cap
