"""Which triangle each pixel sees: the depth buffer, for the camera and for the lights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Array = np.ndarray
Keep = Callable[[Array, Array], Array]

_BITS = 21  # of a key: the triangle's number; the bits above it: how near it is


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
        self, points: Array, triangles: Array, first: int = 0, two_sided: bool = False,
        keep: Keep | None = None,
    ) -> None:  # fmt: skip
        """Draw triangles, nearer ones over farther ones in whatever order they come.

        Args:
            points: float32 (n, 3): column, row and depth of each corner.
            triangles: (m, 3) numbers of corners.
            first: Number of the first triangle.
            two_sided: Draw triangles that face away, too.
            keep: From triangles' numbers and the weights (3, k) of their corners to which
                samples to keep.
        """
        kept, corners = _in_sight(points, triangles, self.shape, two_sided)
        if keep is not None:
            seen = ~self._behind(corners)
            kept, corners = kept[seen], corners[:, :, seen]
        edges, depth = _planes(corners)
        low = np.ceil(np.maximum(corners[1].min(axis=0), 0) - 0.5).astype(np.int32)
        high = np.floor(np.minimum(corners[1].max(axis=0), self.shape[0]) - 0.5).astype(np.int32)
        # each row of pixels that a triangle crosses, then each pixel of that row
        which, row = _ranges(low, high)
        start, end = _spans(edges[:, :, which], row + np.float32(0.5), self.shape[1])
        line, column = _ranges(start, end)
        which, row = which[line], row[line]
        x, y = column + np.float32(0.5), row + np.float32(0.5)
        pixel = row * self.shape[1] + column
        a, b, c = depth[:, which]
        level = np.clip((a * x + b * y + c - self._far) * self._scale, 0, 1 << 24)
        keys = (level.astype(np.int64) << _BITS) | (kept[which] + first)
        if keep is not None:
            near = np.flatnonzero(keys > self._keys[pixel])
            pixel, keys, which, x, y = pixel[near], keys[near], which[near], x[near], y[near]
            a, b, c = edges[:, :, which]
            good = keep(kept[which], a * x + b * y + c)
            pixel, keys = pixel[good], keys[good]
        np.maximum.at(self._keys, pixel, keys)

    def _behind(self, corners: Array) -> Array:
        """Return which small triangles are certainly behind what is already drawn."""
        column = np.clip(corners[0], 0, self.shape[1] - 1).astype(np.int32)
        row = np.clip(corners[1], 0, self.shape[0] - 1).astype(np.int32)
        return (corners[2] < self.depths()[row, column] - 0.5).all(axis=0)

    def triangles(self) -> Array:
        """Return each pixel's triangle, -1 where there is none, as a flat array."""
        return np.where(self._keys < 0, -1, self._keys & ((1 << _BITS) - 1))

    def depths(self) -> Array:
        """Return each pixel's depth, the far end where there is nothing, as a picture."""
        level = np.maximum(self._keys >> _BITS, 0).astype(np.float32)
        return (level / self._scale + self._far).reshape(self.shape)


def _in_sight(
    points: Array, triangles: Array, shape: tuple[int, int], two_sided: bool
) -> tuple[Array, Array]:
    """Return numbers and corners (3, 3, k) of the triangles that face the camera in the frame."""
    columns, rows = np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])
    x0, x1, x2 = (columns[triangles[:, i]] for i in range(3))
    y0, y1, y2 = (rows[triangles[:, i]] for i in range(3))
    area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
    # rows run down, so what turns left seen from the front has a negative area
    seen = np.abs(area) > 1e-6 if two_sided else area < -1e-6
    for (a, b, c), end in (((x0, x1, x2), shape[1]), ((y0, y1, y2), shape[0])):
        seen &= np.maximum(np.maximum(a, b), c) > 0
        seen &= np.minimum(np.minimum(a, b), c) < end
    kept = np.flatnonzero(seen)
    return kept, np.ascontiguousarray(points[triangles[kept]].transpose(2, 1, 0))


def _planes(corners: Array) -> tuple[Array, Array]:
    """Return planes a * x + b * y + c: three of the weights (3, 3, k), one of the depth (3, k)."""
    x, y, z = corners
    x1, x2 = x[[1, 2, 0]], x[[2, 0, 1]]
    y1, y2 = y[[1, 2, 0]], y[[2, 0, 1]]
    area = (x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0])
    planes = np.stack([(y1 - y2) / area, (x2 - x1) / area, (x1 * y2 - x2 * y1) / area])
    return planes, planes[:, 0] * z[0] + planes[:, 1] * z[1] + planes[:, 2] * z[2]


def _spans(edges: Array, y: Array, width: int) -> tuple[Array, Array]:
    """Return the first and the last column inside all three edges, for each row."""
    a, b, c = edges
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = -(b * y + c) / a
    left = np.where(a > 0, crossing, 0).max(axis=0)
    right = np.where(a < 0, crossing, width).min(axis=0)
    # rounding must not leave a gap between neighbors
    start = np.ceil(np.clip(left, 0, width) - np.float32(0.502)).astype(np.int32)
    end = np.floor(np.clip(right, 0, width) - np.float32(0.498)).astype(np.int32)
    return np.maximum(start, 0), np.minimum(end, width - 1)


def _ranges(first: Array, last: Array) -> tuple[Array, Array]:
    """Return, for each whole number of each range, the range's number and the number itself."""
    count = np.maximum(last - first + 1, 0)
    which = np.repeat(np.arange(len(count)), count)
    before = np.cumsum(count) - count
    return which, np.arange(len(which)) - before[which] + first[which]


def barycentric(corners: Array, x: Array, y: Array) -> Array:
    """Return (n, 3) weights of the three corners (n, 3, 2+) at the places x, y."""
    (x0, x1, x2), (y0, y1, y2) = corners[..., 0].T, corners[..., 1].T
    area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
    first = ((x1 - x) * (y2 - y) - (x2 - x) * (y1 - y)) / area
    second = ((x2 - x) * (y0 - y) - (x0 - x) * (y2 - y)) / area
    return np.stack([first, second, 1 - first - second], axis=1)
