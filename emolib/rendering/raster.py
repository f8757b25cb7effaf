"""Which triangle each pixel sees: the depth buffer, for the camera and for the lights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Array = np.ndarray
Keep = Callable[[Array, Array], Array]

_BITS = 21  # of a key: the triangle's number; the bits above it: how near it is
_SIDES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128, 256)


class DepthBuffer:
    """The nearest triangle of every pixel.

    Attributes:
        shape: Height and width in pixels.
    """

    def __init__(self, shape: tuple[int, int], near: float = 40.0, far: float = -40.0):
        """Start an empty buffer for depths between `far` and `near`, in cm toward the camera."""
        self.shape = shape
        self._keys = np.full(shape[0] * shape[1], -1, np.int64)
        self._far = np.float32(far)
        self._scale = np.float32((1 << 24) / (near - far))

    def draw(
        self,
        points: Array,
        triangles: Array,
        first: int = 0,
        two_sided: bool = False,
        keep: Keep | None = None,
    ) -> None:
        """Draw triangles, nearer ones over farther ones in whatever order they come.

        Args:
            points: float32 (n, 3): column, row and depth of each corner.
            triangles: (m, 3) numbers of corners.
            first: Number of the first triangle.
            two_sided: Draw triangles that face away, too.
            keep: Given triangles' rows and barycentric coordinates, says which samples to keep.
        """
        corners = points[triangles]
        planes, kept = _edges(corners, two_sided)
        low = np.ceil(corners[kept, :, :2].min(axis=1) - 0.5).astype(np.int32)
        high = np.floor(corners[kept, :, :2].max(axis=1) - 0.5).astype(np.int32)
        low = np.maximum(low, 0)
        high = np.minimum(high, np.array(self.shape[::-1], np.int32) - 1)
        extent = (high - low).max(axis=1) + 1
        seen = (high >= low).all(axis=1)
        smallest = 0
        for side in _SIDES:
            rows = np.flatnonzero(seen & (extent > smallest) & (extent <= side))
            smallest = side
            if rows.size:
                self._fill(corners, planes, kept, rows, low, high, side, first, keep)

    def _fill(self, corners, planes, kept, rows, low, high, side, first, keep) -> None:  # noqa: ANN001
        steps = np.arange(side, dtype=np.int32)
        column = low[rows, 0, None, None] + steps[None, None, :]
        row = low[rows, 1, None, None] + steps[None, :, None]
        x = column + np.float32(0.5)
        y = row + np.float32(0.5)
        a, b, c = (planes[i][rows][:, :, None, None] for i in range(3))
        weights = [a[:, i] * x + b[:, i] * y + c[:, i] for i in range(3)]
        inside = (weights[0] >= 0) & (weights[1] >= 0) & (weights[2] >= 0)
        inside &= (column <= high[rows, 0, None, None]) & (row <= high[rows, 1, None, None])
        which, down, right = np.nonzero(inside)
        if not which.size:
            return
        bary = np.stack([w[which, down, right] for w in weights], axis=1)
        triangle = kept[rows[which]]
        if keep is not None:
            good = keep(triangle, bary)
            which, down, right = which[good], down[good], right[good]
            bary, triangle = bary[good], triangle[good]
        depth = (corners[triangle, :, 2] * bary).sum(axis=1)
        level = np.clip((depth - self._far) * self._scale, 0, 1 << 24).astype(np.int64)
        pixel = (low[rows[which], 1] + down) * self.shape[1] + low[rows[which], 0] + right
        np.maximum.at(self._keys, pixel, (level << _BITS) | (triangle + first))

    def triangles(self) -> Array:
        """Return each pixel's triangle, -1 where there is none, as a flat array."""
        return np.where(self._keys < 0, -1, self._keys & ((1 << _BITS) - 1))

    def depths(self) -> Array:
        """Return each pixel's depth, the far end where there is nothing, as a picture."""
        level = np.maximum(self._keys >> _BITS, 0).astype(np.float32)
        return (level / self._scale + self._far).reshape(self.shape)


def _edges(corners: Array, two_sided: bool) -> tuple[tuple[Array, Array, Array], Array]:
    """Barycentric coordinates as planes over the picture, and which triangles face the camera."""
    x = corners[..., 0]
    y = corners[..., 1]
    area = (x[:, 1] - x[:, 0]) * (y[:, 2] - y[:, 0]) - (x[:, 2] - x[:, 0]) * (y[:, 1] - y[:, 0])
    # rows run down, so what turns left seen from the front has a negative area
    kept = np.flatnonzero(np.abs(area) > 1e-9 if two_sided else area < -1e-9)
    x, y, area = x[kept], y[kept], area[kept, None]
    x1, x2 = x[:, [1, 2, 0]], x[:, [2, 0, 1]]
    y1, y2 = y[:, [1, 2, 0]], y[:, [2, 0, 1]]
    return ((y1 - y2) / area, (x2 - x1) / area, (x1 * y2 - x2 * y1) / area), kept


def barycentric(corners: Array, x: Array, y: Array) -> Array:
    """Return (n, 3) weights of the three corners (n, 3, 2+) at the places x, y."""
    (x0, x1, x2), (y0, y1, y2) = corners[..., 0].T, corners[..., 1].T
    area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
    first = ((x1 - x) * (y2 - y) - (x2 - x) * (y1 - y)) / area
    second = ((x2 - x) * (y0 - y) - (x0 - x) * (y2 - y)) / area
    return np.stack([first, second, 1 - first - second], axis=1)
