"""Facial hair: beard, mustache and eyelashes."""

from __future__ import annotations

import numpy as np

from .hair import ribbons
from .head import HeadModel, Mesh, unit
from .looks import Look

Array = np.ndarray


def beard_mask(rest: Array) -> tuple[Array, Array]:
    """Return where a beard and a mustache grow on the average head, 0-1, at (n, 3)."""
    x, y, z = np.abs(rest[:, 0]), rest[:, 1], rest[:, 2]
    top = np.interp(x, [0, 1.3, 2.9, 3.6, 5.6, 7.0], [-5.0, -5.3, -3.4, -2.2, -0.3, 3.2])
    low = np.interp(z, [2, 9], [-5.5, -9.0])
    jaw = smooth((top - y) / 0.9 + 0.2) * smooth((y - low) / 1.2 + 0.5) * smooth(z / 1.5 - 0.7)
    jaw *= 1 - 0.9 * smooth((y + 5.4) / 0.5) * smooth((2.4 - x) / 0.5)
    tuft = smooth((0.7 - x) / 0.5) * smooth((-4.75 - y) / 0.3) * (y > -6)
    low = np.interp(x, [0, 0.7, 1.7, 2.6, 3.2], [-2.45, -2.35, -2.7, -3.4, -4.6])
    high = np.interp(x, [0, 1.2, 2.2, 3.2], [-1.35, -1.35, -1.75, -2.7])
    lip = smooth((high - y) / 0.3) * smooth((y - low) / 0.2 + 0.3) * smooth((3.3 - x) / 0.4)
    return np.maximum(jaw, tuft), lip * (z > 6)


def smooth(t: Array) -> Array:
    """Return a soft step from 0 at 0 to 1 at 1."""
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)


def grow_beard(
    model: HeadModel, vertices: Array, look: Look, rng: np.random.Generator, detail: float
) -> list[Mesh]:
    """Grow a beard and a mustache on a head's vertices, if the look has them."""
    grown = []
    jaw, lip = beard_mask(model.rest)
    for size, mask, count, shortest, longest, rise, side in (
        (look.beard, jaw, 1500, 0.35, 1.6, 0.4, 0.3),
        (look.moustache, lip, 420, 0.22, 0.35, 0.25, 0.9),
    ):
        if not size:
            continue
        chance = (mask * model.skin * (mask > 0.35)).astype(np.float64)
        count = int(count * detail)
        picked = rng.choice(len(vertices), count, p=chance / chance.sum())
        normal = model.normals(vertices)[picked]
        root = vertices[picked] + rng.normal(0, 0.12, (count, 3)) - 0.05 * normal
        way = rise * normal + np.sign(vertices[picked, :1]) * [side, 0, 0] - [0, 0.7, 0]
        way = unit(way + rng.normal(0, 0.25, (count, 3)))
        width = (0.1 + 0.12 * min(1.0, 2.5 * size)) / np.sqrt(detail)
        length = (shortest + longest * size) * rng.uniform(0.5, 1, count)
        points = _bent(root, way, length, np.array([0, -0.12, 0]))
        grown.append(ribbons(points, np.full(count, width), rng))
    return grown


def grow_lashes(spots: Array, look: Look, rng: np.random.Generator, detail: float) -> Mesh:
    """Grow eyelashes along the edges of the four lids; `spots` are the face's 68 landmarks."""
    lines = []
    for corners, up, count, reach in (
        ((36, 37, 38, 39), 1, 70, 0.55), ((42, 43, 44, 45), 1, 70, 0.55),
        ((36, 41, 40, 39), -1, 36, 0.3), ((42, 47, 46, 45), -1, 36, 0.3),
    ):  # fmt: skip
        edge = spots[list(corners)].astype(np.float64)
        t = np.sort(rng.uniform(0.03, 0.97, int(count * detail)))
        root = _curve(t, edge)
        outward = unit((root - edge.mean(axis=0)) * [1, 0.2, 0] + 1e-6)
        way = unit(0.5 * outward * np.abs(2 * t - 1)[:, None] + [0, 0.22 * up, 1.0])
        length = reach * (0.7 + 0.6 * look.makeup) * rng.uniform(0.7, 1, len(t))
        lines.append(_bent(root, way, length, np.array([0, 0.9 * up, 0])))
    points = np.concatenate(lines)
    mesh = ribbons(points, np.full(len(points), 0.045 / detail), rng)
    mesh.info[:, 2] = -1  # not as fair as the hair
    return mesh


def _bent(root: Array, way: Array, length: Array, bend: Array) -> Array:
    """Return lines (n, 4, 3) from roots, along ways, bent."""
    steps = np.linspace(0, 1, 4)[:, None] * length[:, None, None]
    return root[:, None] + steps * way[:, None] + bend * steps**2


def _curve(t: Array, knots: Array) -> Array:
    """Return places on the cubic curve through four knots (4, 3) at 0, 1/3, 2/3 and 1."""
    a, b, c, d = 3 * t, 3 * t - 1, 3 * t - 2, 3 * t - 3
    weights = [-b * c * d / 6, a * c * d / 2, -a * b * d / 2, a * b * c / 6]
    return np.stack(weights, axis=1) @ knots
