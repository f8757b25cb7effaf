"""Soft shapes on a grid of pixels: the brushes that faces are drawn with."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

Array = np.ndarray


def step(value: Array, edge: float | Array = 0.0, width: float = 0.04) -> Array:
    """Rise smoothly from 0 to 1 where `value` passes `edge`, over about `width`."""
    t = value - (edge - 0.5 * width)
    t *= 1 / width
    np.maximum(t, 0, out=t)
    np.minimum(t, 1, out=t)
    smooth = 3 - 2 * t
    smooth *= t
    smooth *= t
    return smooth


def bump(x: Array, y: Array, width: float | Array, height: float | Array) -> Array:
    """Return a bell of height 1 around x = 0, y = 0, with these standard deviations."""
    return np.exp(-0.5 * ((x / width) ** 2 + (y / height) ** 2))


def line(distance: Array, width: float | Array) -> Array:
    """Return a soft line, 1 at distance 0, gone at about twice the width."""
    return np.exp(-((distance / width) ** 2))


def within(value: Array, low: float | Array, high: float | Array, width: float = 0.08) -> Array:
    """Return 1 between two values, falling softly to 0 outside."""
    return step(value, low, width) * step(-value, -high, width)


def blur(picture: Array, sigma: float) -> Array:
    """Blur with a bell of `sigma` pixels; the border pixels go on outside."""
    if sigma < 0.2:
        return picture
    reach = int(3 * sigma + 0.5) + 1
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    weights /= weights.sum()
    for _ in range(2):
        n = len(picture)
        wide = np.pad(picture, ((reach, reach), (0, 0)), "edge")
        picture = weights[reach] * picture
        # sums of moved copies, not a matrix product: threads of their own would get in the way
        for k in range(reach):
            picture += weights[k] * (wide[k : k + n] + wide[2 * reach - k : 2 * reach - k + n])
        picture = np.ascontiguousarray(picture.T)
    return picture


def mottle(rng: np.random.Generator, side: int, cells: tuple[int, int]) -> Array:
    """Draw a cloudy pattern with mean about 0 and deviation about 1.

    Args:
        rng: What to draw with.
        side: Height and width of the pattern in pixels.
        cells: How many clouds there are from top to bottom and from left to right.
    """
    grid = rng.normal(size=(cells[0] + 1, cells[1] + 1))
    rows = np.einsum("ij,jk->ik", _spread(side, cells[0]), grid)
    return np.einsum("ij,kj->ik", rows, _spread(side, cells[1]))


@lru_cache(maxsize=64)
def _spread(side: int, cells: int) -> Array:
    place = np.linspace(0, cells, side)[:, None]
    distance = np.abs(place - np.arange(cells + 1)[None])
    weights = np.clip(1 - distance, 0, 1)
    weights = weights * weights * (3 - 2 * weights)
    return weights / np.sqrt((weights**2).sum(axis=1, keepdims=True))
