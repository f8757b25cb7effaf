"""Eyes and brows: lids, lashes, where the eyes look, glasses."""

from __future__ import annotations

import numpy as np

from .canvas import Array, bump, line, step, within
from .head import EYE_Y, Head


def paint_eyes(head: Head, albedo: Array) -> Array:
    """Paint both eyes, their lids and lashes onto the skin's own brightness."""
    look, au, y = head.look, head.au, head.y
    dx = head.ax - look.eye_distance
    half = 0.185 * (0.85 + 0.15 * look.eye_size)
    t = dx / half
    end = np.clip(1 - t**2, 0, 1)
    base = EYE_Y - look.eye_slant * t * 0.5
    upper, lower = _lids(head, t, end, base)
    soft = max(0.03, 1.5 * head.pixel)
    opened = within(y, upper, lower, soft) * step(lower - upper, 0.012, 0.02)
    opened = opened * step(-np.abs(t), -1.0, 0.12)
    # the shade of make-up and of deep sockets
    shade = 0.15 + 0.35 * look.makeup
    albedo = albedo * (1 - shade * bump(dx, y - upper - 0.0, 0.17, 0.08) * (1 - opened))
    ball = _eyeball(head, dx, y - base, upper)
    albedo = albedo + (ball - albedo) * opened
    lash = look.lashes * (0.5 + 0.4 * look.makeup)
    reach = within(np.abs(t), -1, 1.1, 0.2)
    albedo = albedo * (1 - np.clip(lash + 0.2, 0, 0.95) * line(y - upper, 0.028) * reach)
    albedo = albedo * (1 - 0.45 * lash * line(y - lower, 0.02) * reach)
    crease = upper - 0.055 - 0.03 * au[43]
    return albedo * (1 - (0.18 + 0.15 * look.age) * line(y - crease, 0.022) * reach)


def _lids(head: Head, t: Array, end: Array, base: Array) -> tuple[Array, Array]:
    look, au = head.look, head.au
    down = np.clip(look.gaze_y + au[64], -1, 1.5)
    up_open = 0.095 * look.eye_size * (1 + 0.55 * au[5] - 0.3 * au[7] - 0.22 * au[6])
    up_open = up_open * (1 - 0.28 * np.clip(down, -0.6, 1.5))
    low_open = 0.06 * look.eye_size * (1 - 0.75 * au[6] - 0.5 * au[7]) * (1 - 0.2 * au[43])
    closed = np.clip(au[43], 0, 1)
    up_open = up_open * (1 - closed) - 0.03 * closed
    low_open = low_open * (1 - closed) + 0.035 * closed
    # raised inner brows pull the lids' inner ends up, age lets the outer ones hang
    hang = (0.03 * au[1] + 0.02 * look.age) * np.clip(t, -1, 1)
    cheek = 0.02 * au[6]
    return base - up_open * end**0.75 + hang, base + low_open * end - cheek + 0.5 * hang


def _eyeball(head: Head, dx: Array, dy: Array, upper: Array) -> Array:
    look, au = head.look, head.au
    gaze_y = np.clip(look.gaze_y + au[64], -1, 1.5)
    ix = dx * head.side - 0.07 * look.gaze_x
    iy = dy + 0.015 - 0.05 * gaze_y
    distance = np.hypot(ix, iy) / (0.5 + 0.5 * look.eye_size)
    white = 0.66 * np.clip(0.35 + 1.0 * look.skin**0.3, 0, 1)
    soft = max(0.03, 1.5 * head.pixel)
    ball = white + (look.iris - white) * step(0.088 - distance, 0, soft)
    ball = ball * (1 - 0.85 * step(0.04 - distance, 0, soft))
    ball = ball * (1 - 0.45 * line(head.y - upper, 0.05))
    spot = np.hypot(ix - 0.03, iy + 0.035)
    return np.maximum(ball, 0.95 * line(spot, 0.022))


def brow_mask(head: Head) -> Array:
    """Where the brows are, 0-1: unit 1 raises their inner ends, 2 the outer ones, 4 knits them."""
    look, au = head.look, head.au
    inner, outer = 0.17 - 0.06 * au[4] * (1 - 0.5 * au[1]), 0.8
    s = np.clip((head.ax - inner) / (outer - inner), -0.2, 1.2)
    middle = EYE_Y - look.brow_height + 0.05 * np.clip(s - 0.5, 0, 1)
    arch = look.brow_arch * np.sin(np.pi * (0.2 + 0.7 * np.clip(s, 0, 1)))
    lift = 0.15 * au[1] * np.clip(1 - 1.25 * s, 0, 1.3) + 0.13 * au[2] * np.clip(s, 0, 1.2)
    fall = 0.11 * au[4] * (1 - 0.55 * s) * (1 - 0.45 * au[1]) + 0.015 * au[6] + 0.03 * au[9]
    y = middle - arch - lift + fall
    thick = 0.045 * look.brow_thickness * (1.1 - 0.6 * np.clip(s, 0, 1))
    return line(head.y - y, thick) * within(s, 0, 1, 0.2)


def paint_glasses(head: Head, picture: Array) -> Array:
    """Put glasses on the finished skin, if the look has any."""
    look = head.look
    if not look.glasses:
        return picture
    dx, dy = (head.ax - look.eye_distance - 0.01) / look.lens, (head.y - EYE_Y - 0.04) / look.lens
    edge = (np.abs(dx) ** 3 + np.abs(dy * 1.2) ** 3) ** (1 / 3) - 1
    soft = max(0.05, 1.5 * head.pixel / look.lens)
    picture = picture * (1 - look.shades * step(-edge, 0, soft))
    rim = line(edge * look.lens, look.rim)
    bridge = line(head.y - EYE_Y + 0.02, look.rim) * step(
        look.eye_distance - look.lens - head.ax, 0, 0.04
    )
    temple = line(head.y - EYE_Y, look.rim) * step(head.ax, look.eye_distance + look.lens, 0.04)
    frame = np.clip(np.maximum(np.maximum(rim, bridge), temple * (head.radius < 1)), 0, 1)
    return picture + (0.08 + 0.3 * look.hair - picture) * 0.9 * frame
