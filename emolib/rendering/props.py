"""Things on and around a head: clothes, caps, scarves, glasses, a hand, a microphone."""

from __future__ import annotations

import colorsys

import cv2
import numpy as np

from .head import CENTER, CLOTH, SOLID, Mesh, ear_bump, grid_mesh, radius_at, unit
from .looks import Look

Array = np.ndarray


def dress(
    spots: Array, radii: Array, look: Look, skin: Array, rng: np.random.Generator
) -> list[Mesh]:
    """Return all things that the look wears or holds, as meshes in the head's coordinates.

    Args:
        spots: (68, 3) the face's landmarks.
        radii: How far the head reaches in all directions.
        look: Which things, and their color.
        skin: Color of a hand.
        rng: Draws folds and places.
    """
    things = [_shoulders(look)]
    if look.cut == "headscarf":
        things.append(_headscarf(radii, look, rng))
    if look.cut == "cap":
        things += _cap(radii, look)
    if look.glasses != "none":
        things += _frames(spots, look)
    side = 1 if rng.random() < 0.5 else -1
    jitter = rng.uniform(-0.5, 0.5, 3)
    if look.occluder == "scarf":
        things.append(_scarf(look, rng))
    elif look.occluder == "microphone":
        things += _microphone(side, jitter)
    elif look.occluder == "hand":
        things += _hand(side, jitter, skin)
    return things


def cloth_color(look: Look, shift: float = 0.0) -> Array:
    """Return the color of clothes (linear red, green, blue)."""
    light = 0.03 + 0.75 * look.cloth_light
    return np.array(colorsys.hsv_to_rgb((look.cloth + shift) % 1, 0.55, light)) ** 1.2


def _ring(columns: int, rows: int, half: float = np.pi) -> tuple[Array, Array]:
    """Return angles around the head, 0 in front, and steps 0-1, as (rows, columns)."""
    return np.meshgrid(np.linspace(-half, half, columns), np.linspace(0, 1, rows))


def _shoulders(look: Look) -> Mesh:
    angle, t = _ring(33, 6)
    front, flat = np.cos(angle), np.full_like(t, -12.0)
    neck = np.stack([7.4 * np.sin(angle), flat, -1.5 + 7.0 * front], axis=-1)
    hem = np.stack([23 * np.sin(angle), 2 * flat, -3 + 11 * front], axis=-1)
    drop = t[..., None] ** [0.8, 1.7, 0.8]
    points = neck * (1 - drop) + hem * drop
    points[..., 1] -= 1.5 * np.clip(front, 0, 1) * (1 - t)
    return grid_mesh(points, CLOTH, cloth_color(look))


def _headscarf(radii: Array, look: Look, rng: np.random.Generator) -> Mesh:
    radii = cv2.GaussianBlur(np.concatenate([radii] * 3, axis=1), (0, 0), 1.5)
    radii = radii[:, len(radii[0]) // 3 : 2 * len(radii[0]) // 3]
    turn, t = _ring(65, 22)
    # the opening for the face, seen from the front
    x = (6.1 + 0.4 * np.sin(turn) ** 2) * np.cos(turn)
    y = np.where(np.sin(turn) > 0, 6.5, 11.7) * np.sin(turn)
    opening = np.arctan2(np.hypot(x, y), 7.2 - 4.2 * np.abs(np.cos(turn)))
    away = opening + (np.pi - opening) * t**0.8
    flat = np.arctan2(y, x)
    axes = [np.sin(away) * np.cos(flat), np.sin(away) * np.sin(flat), np.cos(away)]
    towards = np.stack(axes, axis=-1)
    lean = rng.uniform(-7, 7, 4)
    folds = [np.sin(n * turn + lean[i] * t + i) / n for i, n in enumerate((5, 8, 13, 21))]
    # below the chin it hangs down over the neck
    drape = np.interp(towards[..., 1], [-1, -0.9, -0.75, -0.6, -0.35], [19, 17, 14.6, 12, 0])
    thick = 0.35 + (1.0 + 0.45 * sum(folds)) * np.clip(5 * t, 0, 1)
    radius = radius_at(radii, towards) + 1.3 * ear_bump(towards)
    radius = radius + thick + np.clip(3 * t, 0, 1) * np.clip(drape - radius, 0, None)
    return grid_mesh(CENTER + towards * radius[..., None], CLOTH, cloth_color(look), True)


def _cap(radii: Array, look: Look) -> list[Mesh]:
    def around(turn: Array, t: Array, bulge: Array) -> Array:
        low = np.radians(34 + 8 * np.cos(turn))
        up = low + (np.pi / 2 - low) * t
        axes = [np.cos(up) * np.sin(turn), np.sin(up), np.cos(up) * np.cos(turn)]
        towards = np.stack(axes, axis=-1)
        return CENTER + towards * (radius_at(radii, towards) + bulge)[..., None]

    turn, t = _ring(49, 12)
    crown = around(turn, t, 0.45 + 0.9 * np.sin(np.pi * np.clip(t * 0.9 + 0.05, 0, 1)))
    turn, t = _ring(25, 6, half=1.05)
    brim = around(turn, 0 * t, 0.5 + 0 * t)
    reach = 6.5 * np.clip(1 - (turn / 1.05) ** 2, 0, 1) ** 0.6 * t
    brim[..., 1] -= 0.16 * reach + 0.012 * brim[..., 0] ** 2 * t
    brim[..., 2] += reach
    color = cloth_color(look)
    return [grid_mesh(crown, CLOTH, color, True), grid_mesh(brim, CLOTH, 0.8 * color)]


def lens_outlines(spots: Array, look: Look, places: int = 40) -> list[Array]:
    """Return the outline (places, 3) of each lens, from the 68 landmarks."""
    wide, high = {"thin": (2.45, 1.75), "thick": (2.55, 1.95), "sun": (2.8, 2.3)}[look.glasses]
    angle = np.linspace(0, 2 * np.pi, places)
    across, up = (np.sign(part) * np.abs(part) ** 0.72 for part in (np.cos(angle), np.sin(angle)))
    outlines = []
    for eye, side in ((spots[36:42], -1), (spots[42:48], 1)):
        middle = eye.mean(axis=0) + [0.1 * side, -0.25, 0]
        x = middle[0] + wide * across
        y = middle[1] + high * up - 0.12 * wide * across * side * (up < 0)
        outlines.append(np.stack([x, y, spots[27, 2] + 0.55 - 0.035 * x**2], axis=1))
    return outlines


def _frames(spots: Array, look: Look) -> list[Mesh]:
    thick = {"thin": 0.07, "thick": 0.18, "sun": 0.16}[look.glasses]
    dark = 0.09 if look.glasses == "thin" else 0.02
    color = dark + 0.5 * cloth_color(look, 0.4) * (look.cloth > 0.7)
    t = np.linspace(0, 1, 6)[:, None]
    frames, inner = [], []
    for outline, side in zip(lens_outlines(spots, look), (-1, 1), strict=True):
        hinge = outline[np.argmax(side * outline[:, 0])] + [0, 0.9, 0]
        ear = np.array([side * 8.1, hinge[1] + 0.4, -0.5])
        frames += [_tube(outline, thick, color),
                   _tube(hinge * (1 - t) + ear * t, max(0.1, 0.9 * thick), color)]  # fmt: skip
        near = np.abs(outline[:, 0]) + 0.4 * np.abs(outline[:, 1] - spots[27, 1])
        inner.append(outline[near.argmin()])
    bridge = inner[0] * (1 - t) + inner[1] * t + [0, 0.35, 0.25] * np.sin(np.pi * t)
    return [*frames, _tube(bridge, max(0.09, 0.9 * thick), color)]


def _tube(line: Array, radius: float | Array, color: Array) -> Mesh:
    """Return a round tube along a line (n, 3), of one radius or one for each place."""
    along = unit(np.gradient(line, axis=0))
    first = unit(np.cross(along, [0.2, 0.4, 1.0]))
    second = np.cross(along, first)
    angle = np.linspace(0, 2 * np.pi, 9)[None, :, None]
    around = np.cos(angle) * first[:, None] + np.sin(angle) * second[:, None]
    points = line[:, None] + np.broadcast_to(radius, len(line))[:, None, None] * around
    return grid_mesh(points, SOLID, color)


def _limb(knots: Array, first: float, last: float, color: Array) -> Mesh:
    """Return a rounded limb, bent along three knots (3, 3), between two thicknesses."""
    t = np.concatenate([[0, 0.02], np.linspace(0.1, 0.85, 8), [0.92, 0.97, 0.995, 1]])
    bend = np.stack([(1 - t) ** 2, 2 * t * (1 - t), t**2], axis=1)
    round_ = np.sqrt(np.clip(1 - (np.clip(t - 0.85, 0, 1) / 0.15) ** 2, 0, 1))
    radius = (first + (last - first) * t) * round_ * np.sqrt(np.clip(t / 0.1, 0, 1))
    return _tube(bend @ knots, radius + 0.01, color)


def _scarf(look: Look, rng: np.random.Generator) -> Mesh:
    angle, t = _ring(49, 14)
    start = rng.uniform(0, 6, 2)
    bulge = np.sin(np.pi * t) ** 0.5 * 1.6
    bulge += 0.35 * np.sin(9 * t + 2 * np.sin(2 * angle + start[0]))
    top = -6.4 + 0.9 * np.sin(angle + start[1]) - 1.0 * (np.cos(angle) < 0)
    x, z = (8.6 + bulge) * np.sin(angle), 0.6 + (10.4 + bulge) * np.cos(angle)
    points = np.stack([x, top - 8 * (1 - t), z], axis=-1)
    return grid_mesh(points, CLOTH, cloth_color(look, 0.3), True)


def _microphone(side: int, jitter: Array) -> list[Mesh]:
    head = np.array([side * 1.8, -6.4, 13.8]) + jitter
    turn, t = _ring(13, 9)
    up = np.pi * (t - 0.5)
    ball = np.stack([np.cos(up) * np.sin(turn), np.sin(up), np.cos(up) * np.cos(turn)], -1)
    stem = np.linspace(head, head + [side * 2.0, -12, 2.0], 5)
    return [grid_mesh(head + 2.1 * ball, SOLID, np.full(3, 0.045), True),
            _tube(stem, 1.1, np.full(3, 0.02))]  # fmt: skip


def _hand(side: int, jitter: Array, skin: Array) -> list[Mesh]:
    """Return a hand on the cheek."""
    flip = np.array([side, 1, 1])
    slide = 2.4 * jitter[0] - 0.8
    jitter = np.array([slide, 5 * jitter[1], 0.4 * jitter[2] - 0.45 * min(slide, 0.0)])
    wrist, palm = np.array([8.8, -17, 6.5]), np.array([7.7, -6.8, 7.2])
    roots = np.array([[8.5, -3.9, 5.4], [7.9, -3.3, 6.9], [7.0, -3.2, 8.2], [5.9, -3.9, 9.2]])
    tips = np.array([[8.4, 1.2, 4.9], [7.7, 2.7, 6.1], [6.6, 2.5, 7.9], [5.4, 1.2, 9.3]])
    limbs = [(wrist, palm + [0.3, -3, 0], roots.mean(axis=0) + [0.2, 0.5, 0], 2.1, 2.5)]
    for root, tip in zip(roots, tips, strict=True):
        low = palm + 0.75 * (root - palm)
        limbs.append((low, root + [0.5, 0.9, 0.5], tip, 1.05, 0.66))
    return [
        _limb((np.stack(knots) + jitter) * flip, first, last, skin * (1 - 0.05 * (i % 2)))
        for i, (*knots, first, last) in enumerate(limbs)
    ]
