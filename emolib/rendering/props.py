"""Things on and around a head: clothes, caps, scarves, glasses, a hand, a microphone."""

from __future__ import annotations

import colorsys

import cv2
import numpy as np

from .head import CENTER, CLOTH, SOLID, HeadModel, Mesh, grid_mesh, radius_at, unit
from .looks import Look

Array = np.ndarray
DARK = (0.02, 0.02, 0.022)


def cloth_color(look: Look, shift: float = 0.0) -> Array:
    """Return the color of clothes (linear red, green, blue)."""
    light = 0.03 + 0.75 * look.cloth_light
    return np.array(colorsys.hsv_to_rgb((look.cloth + shift) % 1, 0.55, light)) ** 1.2


def dress(
    model: HeadModel, vertices: Array, radii: Array, look: Look, skin: Array, rng: np.random.Generator
) -> list[Mesh]:
    """Return all things that the look wears or holds, as meshes on the head's own axes."""
    things = [_shoulders(look)]
    if look.cut == "headscarf":
        things.append(_headscarf(radii, look, rng))
    if look.cut == "cap":
        things += _cap(radii, look)
    if look.glasses != "none":
        things += _frames(vertices[model.landmarks], look)
    side = 1 if rng.random() < 0.5 else -1
    jitter = rng.uniform(-0.5, 0.5, 3)
    if look.occluder == "scarf":
        things.append(_scarf(look, rng))
    elif look.occluder == "microphone":
        things += _microphone(side, jitter)
    elif look.occluder != "none":
        things += _hand(look.occluder, side, jitter, skin)
    return things


def _shoulders(look: Look) -> Mesh:
    angle, t = np.meshgrid(np.linspace(-np.pi, np.pi, 33), np.linspace(0, 1, 6))
    neck = np.stack([7.4 * np.sin(angle), np.full_like(t, -12.0), -1.5 + 7.0 * np.cos(angle)], -1)
    hem = np.stack([23 * np.sin(angle), np.full_like(t, -24), -3 + 11 * np.cos(angle)], -1)
    drop = t[..., None] ** [0.8, 1.7, 0.8]
    points = neck * (1 - drop) + hem * drop
    points[..., 1] -= 1.5 * np.clip(np.cos(angle), 0, 1) * (1 - t)
    return grid_mesh(points, CLOTH, cloth_color(look))


def _headscarf(radii: Array, look: Look, rng: np.random.Generator) -> Mesh:
    radii = cv2.GaussianBlur(np.concatenate([radii] * 3, axis=1), (0, 0), 1.5)[:, 96:192]
    turn, t = np.meshgrid(np.linspace(-np.pi, np.pi, 65), np.linspace(0, 1, 22))
    # the opening for the face, seen from the front
    x = (6.1 + 0.4 * np.sin(turn) ** 2) * np.cos(turn)
    y = np.where(np.sin(turn) > 0, 7.1, 11.7) * np.sin(turn)
    opening = np.arctan2(np.hypot(x, y), 7.2 - 4.2 * np.abs(np.cos(turn)))
    away = opening + (np.pi - opening) * t**0.8
    flat = np.arctan2(y, x)
    towards = np.stack(
        [np.sin(away) * np.cos(flat), np.sin(away) * np.sin(flat), np.cos(away)], axis=-1
    )
    folds = sum(
        np.sin(n * turn + rng.uniform(0, 6) + 7 * t * rng.uniform(-1, 1)) * 0.5 / n
        for n in (5, 8, 13, 21)
    )
    # below the chin it hangs down over the neck
    drape = np.interp(towards[..., 1], [-1, -0.87, -0.65, -0.35], [13.5, 13, 9.5, 0])
    radius = np.maximum(radius_at(radii, towards), drape) + 0.25 + (0.9 + folds) * np.clip(5 * t, 0, 1) * 0.8
    return grid_mesh(CENTER + towards * radius[..., None], CLOTH, cloth_color(look), True)


def _cap(radii: Array, look: Look) -> list[Mesh]:
    turn, t = np.meshgrid(np.linspace(-np.pi, np.pi, 49), np.linspace(0, 1, 12))
    low = np.radians(34 + 8 * np.cos(turn))
    up = low + (np.pi / 2 - low) * t
    towards = np.stack([np.cos(up) * np.sin(turn), np.sin(up), np.cos(up) * np.cos(turn)], -1)
    bulge = 0.45 + 0.9 * np.sin(np.pi * np.clip(t * 0.9 + 0.05, 0, 1))
    radius = radius_at(radii, towards) + bulge
    crown = grid_mesh(CENTER + towards * radius[..., None], CLOTH, cloth_color(look), True)
    turn, t = np.meshgrid(np.linspace(-1.05, 1.05, 25), np.linspace(0, 1, 6))
    low = np.radians(34 + 8 * np.cos(turn))
    towards = np.stack([np.cos(low) * np.sin(turn), np.sin(low), np.cos(low) * np.cos(turn)], -1)
    brim = CENTER + towards * (radius_at(radii, towards) + 0.5)[..., None]
    reach = 6.5 * np.clip(1 - (turn / 1.05) ** 2, 0, 1) ** 0.6 * t
    brim[..., 2] += reach
    brim[..., 1] -= 0.16 * reach + 0.012 * brim[..., 0] ** 2 * t
    return [crown, grid_mesh(brim, CLOTH, cloth_color(look) * 0.8)]


def lens_outlines(spots: Array, look: Look, places: int = 40) -> list[Array]:
    """Return the outline (places, 3) of each lens, from the 68 landmarks."""
    wide, high = {"thin": (2.45, 1.75), "thick": (2.55, 1.95), "sun": (2.8, 2.3)}[look.glasses]
    front = spots[27, 2] + 0.55
    angle = np.linspace(0, 2 * np.pi, places)
    outlines = []
    for eye, side in ((spots[36:42], -1), (spots[42:48], 1)):
        middle = eye.mean(axis=0) + [0.1 * side, -0.25, 0]
        power = 0.72
        x = middle[0] + wide * np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** power
        y = middle[1] + high * np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** power
        y = y - 0.12 * (x - middle[0]) * side * (y < middle[1])
        outlines.append(np.stack([x, y, front - 0.035 * x**2], axis=1))
    return outlines


def _frames(spots: Array, look: Look) -> list[Mesh]:
    thick = {"thin": 0.14, "thick": 0.36, "sun": 0.32}[look.glasses]
    color = np.array(DARK) if look.glasses != "thin" else np.array([0.10, 0.09, 0.08])
    color = color + 0.5 * cloth_color(look, 0.4) * (look.cloth > 0.7)
    frames = []
    for outline, side in zip(lens_outlines(spots, look), (-1, 1), strict=True):
        frames.append(_tube(outline, thick / 2, color))
        hinge = outline[np.argmax(side * outline[:, 0])] + [0, 0.9, 0]
        ear = np.array([side * 8.1, hinge[1] + 0.4, -0.5])
        t = np.linspace(0, 1, 6)[:, None]
        frames.append(_tube(hinge * (1 - t) + ear * t, max(0.1, thick / 2.2), color))
    inner = [
        outline[np.argmin(np.abs(outline[:, 0]) + 0.4 * np.abs(outline[:, 1] - spots[27, 1]))]
        for outline in lens_outlines(spots, look)
    ]
    t = np.linspace(0, 1, 6)[:, None]
    bridge = inner[0] * (1 - t) + inner[1] * t + [0, 0.35, 0.25] * np.sin(np.pi * t)
    return [*frames, _tube(bridge, max(0.09, thick / 2.2), color)]


def _tube(line: Array, radius: float | Array, color: Array) -> Mesh:
    """Return a round tube along a line (n, 3), of one radius or one for each place."""
    along = unit(np.gradient(line, axis=0))
    first = unit(np.cross(along, [0.2, 0.4, 1.0]))
    second = np.cross(along, first)
    angle = np.linspace(0, 2 * np.pi, 9)[None, :, None]
    around = np.cos(angle) * first[:, None] + np.sin(angle) * second[:, None]
    points = line[:, None] + np.broadcast_to(radius, len(line))[:, None, None] * around
    return grid_mesh(points, SOLID, color)


def _capsule(start: Array, end: Array, radius: float, tip: float, color: Array) -> Mesh:
    """Return a rounded limb from `start` to `end`, `tip` thick at its end."""
    t = np.concatenate([[-0.0], np.linspace(0.02, 0.98, 8), [1.0]])
    shape = np.sqrt(np.clip(1 - np.clip((t - 0.86) / 0.14, 0, 1) ** 2, 0, 1))
    shape = shape * np.sqrt(np.clip(t / 0.1, 0, 1))
    line = np.asarray(start) * (1 - t[:, None]) + np.asarray(end) * t[:, None]
    return _tube(line, (radius + (tip - radius) * t) * shape + 0.01, color)


def _scarf(look: Look, rng: np.random.Generator) -> Mesh:
    angle, t = np.meshgrid(np.linspace(-np.pi, np.pi, 49), np.linspace(0, 1, 14))
    bulge = np.sin(np.pi * t) ** 0.5 * 1.6
    folds = 0.35 * np.sin(9 * t + 2 * np.sin(2 * angle + rng.uniform(0, 6)))
    wide = 8.6 + bulge + folds
    deep = 10.4 + bulge + folds
    top = -6.4 + 0.9 * np.sin(angle + rng.uniform(0, 6)) - 1.0 * (np.cos(angle) < 0)
    points = np.stack(
        [wide * np.sin(angle), top - 8 * (1 - t), 0.6 + deep * np.cos(angle)], axis=-1
    )
    return grid_mesh(points, CLOTH, cloth_color(look, 0.3), True)


def _microphone(side: int, jitter: Array) -> list[Mesh]:
    head = np.array([side * 2.6, -6.6, 14.5]) + jitter
    up, turn = np.meshgrid(np.linspace(-1.5, 1.5, 9), np.linspace(0, 2 * np.pi, 13), indexing="ij")
    ball = np.stack([np.cos(up) * np.sin(turn), np.sin(up), np.cos(up) * np.cos(turn)], -1)
    stem = np.stack([head, head + [side * 2.0, -12, 2.0]])
    stem = np.linspace(stem[0], stem[1], 5)
    return [
        grid_mesh(head + 2.1 * ball, SOLID, (0.08, 0.08, 0.085), True),
        _tube(stem, 1.1, np.array(DARK)),
    ]


def _hand(place: str, side: int, jitter: Array, skin: Array) -> list[Mesh]:
    parts = []
    if place == "hand on cheek":
        wrist, palm = np.array([8.0, -17, 7.0]), np.array([7.4, -6.2, 7.8])
        knuckles = [[8.4, -3.4, 5.8], [7.6, -2.6, 7.4], [6.6, -2.6, 8.8], [5.4, -3.2, 9.9]]
        tips = [[8.3, 1.8, 5.2], [7.4, 3.0, 6.6], [6.3, 2.6, 8.4], [5.0, 1.4, 9.8]]
    else:
        wrist, palm = np.array([6.0, -20, 9.0]), np.array([3.2, -9.8, 10.0])
        knuckles = [[4.6, -7.2, 10.6], [4.3, -8.6, 11.4], [4.0, -10.0, 11.6], [3.8, -11.2, 11.2]]
        tips = [[-0.4, -6.9, 11.9], [-0.6, -8.4, 12.3], [-0.2, -9.8, 12.4], [0.4, -11, 12.0]]
    flip = np.array([side, 1, 1])
    for i, (knuckle, tip) in enumerate(zip(knuckles, tips, strict=True)):
        tone = skin * (1 - 0.05 * (i % 2))
        ends = [(np.array(end) + jitter) * flip for end in (knuckle, tip)]
        start = ends[0] + 0.35 * (ends[0] - ends[1])
        parts.append(_capsule(start, ends[1], 1.0, 0.72, tone))
    middle = np.mean(knuckles, axis=0)
    reach = palm + 1.15 * (middle - palm)
    parts.append(_capsule((wrist + jitter) * flip, (palm + jitter) * flip, 2.2, 2.9, skin))
    parts.append(_capsule((palm - (reach - palm) * 0.8 + jitter) * flip,
                          (reach + jitter) * flip, 3.0, 2.3, skin))  # fmt: skip
    return parts
