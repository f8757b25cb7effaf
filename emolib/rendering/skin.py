"""What skin, lips, brows and eyes look like, wherever light may fall on them."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import cv2
import numpy as np

from .beard import beard_mask, smooth
from .hair import hairline
from .head import CENTER, HeadModel, f32, unit
from .looks import HAIR_COLORS, IRIS_COLORS, MONK_TONES, Look

Array = np.ndarray

# the part of the average head that is painted from the front, in cm
_LEFT, _TOP, _WIDTH, _HEIGHT = -8.0, 13.0, 16.0, 24.0
BROW, BUMP_X, BUMP_Y, SPOT, LIP, LINER, BLUSH = range(7)

# wrinkles: (from, to, bulge, width in cm, age's share, {action unit: its share}); mirrored
_WRINKLES = (
    ((0.0, 8.2), (4.0, 8.4), 0.25, 0.30, 0.6, {1: 0.7, 2: 0.5}),
    ((0.0, 9.2), (4.2, 9.5), 0.25, 0.30, 0.7, {1: 0.8, 2: 0.6}),
    ((0.0, 10.2), (3.8, 10.4), 0.2, 0.30, 0.5, {1: 0.5, 2: 0.5}),
    ((0.75, 5.2), (0.85, 6.9), 0.1, 0.30, 0.4, {4: 1.0}),
    ((5.0, 3.5), (6.4, 4.4), 0.1, 0.22, 0.6, {6: 0.7, 12: 0.3}),
    ((5.0, 3.2), (6.6, 3.3), 0.1, 0.22, 0.7, {6: 0.8, 12: 0.3}),
    ((4.9, 2.9), (6.3, 2.1), 0.1, 0.22, 0.6, {6: 0.7, 12: 0.3}),
    ((1.75, 2.5), (4.3, 2.2), -0.45, 0.40, 0.8, {6: 0.5, 7: 0.3}),
    ((1.85, -0.5), (3.35, -3.6), 0.25, 0.45, 0.8, {12: 0.7, 9: 0.6, 10: 0.5, 15: 0.3}),
    ((2.85, -4.0), (3.15, -6.0), 0.1, 0.35, 0.6, {15: 0.8}),
    ((0.0, -5.15), (1.5, -5.35), -0.2, 0.40, 0.2, {17: 0.9, 15: 0.4}),
    ((0.5, 3.4), (1.2, 2.4), 0.1, 0.25, 0.2, {9: 1.0}),
)


def linear(color: str) -> Array:
    """Return the shares of red, green and blue light that a "#rrggbb" color reflects."""
    value = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return value**2.2


def skin_color(look: Look) -> Array:
    """Return the skin's color: between two of the Monk scale's tones, with blood in it."""
    place = float(np.clip(look.tone, 1, 10)) - 1
    low = min(int(place), 8)
    share = place - low
    color = linear(MONK_TONES[low]) * (1 - share) + linear(MONK_TONES[low + 1]) * share
    # the scale's swatches are yellower, and grayer at both ends, than skin is in photographs
    blood = f32(1.34, 0.90, 0.70) + (place / 9) * f32(0.20, -0.07, -0.19)
    color = 0.35 * color + 0.65 * blood * (color @ [0.2126, 0.7152, 0.0722])
    return (0.74 * color).astype(np.float32) + f32(0.012, 0.007, 0.005)


class Paint:
    """All that is painted on one head, as layers seen from the front.

    Attributes:
        layers: (rows, columns, 7): brows, slope of the bumps in x and y, spots, lips, lid
            lines, blush.
    """

    def __init__(
        self,
        model: HeadModel,
        look: Look,
        actions: Mapping[int, float],
        rng: np.random.Generator,
        fine: float,
    ):
        """Paint a look at `fine` pixels per cm."""
        self.fine = fine
        self._size = (int(_WIDTH * fine), int(_HEIGHT * fine))
        spots = model.rest[model.landmarks]
        bumps = self._wrinkles(look, actions, rng)
        bumps = bumps + (0.0016 + 0.002 * look.age) * self._grain(rng, 9.0)
        bumps += 0.008 * (0.3 + look.age) * self._grain(rng, 1.3)
        slope_y, slope_x = np.gradient(bumps, 1 / fine)
        layers = [
            self._brows(spots, look, rng), slope_x, -slope_y, self._spots(look, rng),
            self._lips(spots), self._lid_lines(spots, look), self._blush(),
        ]  # fmt: skip
        self.layers = np.stack(layers, axis=-1).astype(np.float32)

    def at(self, rest: Array) -> Array:
        """Return the layers at places (n, 3) of the average head."""
        column = ((rest[:, 0] - _LEFT) * self.fine).astype(np.int32)
        row = ((_TOP - rest[:, 1]) * self.fine).astype(np.int32)
        column = np.clip(column, 0, self._size[0] - 1)
        found = self.layers[np.clip(row, 0, self._size[1] - 1), column]
        return found * (rest[:, 2:] > -2)

    def _pixel(self, points: Array) -> Array:
        """Return places of the front as whole 1/16 pixels."""
        moved = (points[:, :2] - [_LEFT, _TOP]) * [self.fine, -self.fine]
        return np.rint(moved * 16).astype(np.int32)

    def _canvas(self) -> Array:
        return np.zeros(self._size[::-1], np.uint8)

    def _soft(self, canvas: Array, radius: float) -> Array:
        sigma = radius * self.fine
        picture = canvas.astype(np.float32) / 255
        return cv2.GaussianBlur(picture, (0, 0), sigma) if sigma > 0.3 else picture

    def _line(self, canvas: Array, points: Array, value: float, width: float) -> None:
        thick = max(1, int(round(width * self.fine)))
        shade = int(np.clip(255 * value, 0, 255))
        cv2.polylines(canvas, [self._pixel(points)], False, shade, thick, cv2.LINE_AA, 4)

    def _grain(self, rng: np.random.Generator, per_cm: float) -> Array:
        """Return noise of about `per_cm` bumps per cm, standard deviation about 1."""
        shape = (int(_HEIGHT * per_cm), int(_WIDTH * per_cm))
        small = rng.standard_normal(shape, np.float32)
        return 1.4 * cv2.resize(small, self._size, interpolation=cv2.INTER_CUBIC)

    def _wrinkles(
        self, look: Look, actions: Mapping[int, float], rng: np.random.Generator
    ) -> Array:
        """Return how deep wrinkles are, in cm, as heights below 0."""
        canvas = self._canvas()
        for start, end, bulge, width, old, units in _WRINKLES:
            acting = sum(share * actions.get(unit, 0) for unit, share in units.items())
            deep = old * max(0.0, look.age - 0.15) + (0.25 + 0.5 * look.age) * acting
            t = np.linspace(0, 1, 9)[:, None]
            for side in (-1, 1):
                ends = np.array([start, end]) + rng.normal(0, 0.08, (2, 2))
                across = np.array([ends[1, 1] - ends[0, 1], ends[0, 0] - ends[1, 0]])
                across = -across / np.hypot(*across)
                path = ends[0] * (1 - t) + ends[1] * t + bulge * across * 4 * t * (1 - t)
                path = path + rng.normal(0, 0.03, path.shape)
                self._line(canvas, path * [side, 1], 0.8 * min(deep, 1.0), width * 0.5)
        return -0.32 * self._soft(canvas, 0.11)

    def _brows(self, spots: Array, look: Look, rng: np.random.Generator) -> Array:
        canvas = self._canvas()
        count = int(260 * (0.6 + 0.4 * look.brows))
        arch = rng.normal(0, 0.12)
        for side, marks in ((-1, spots[17:22][::-1]), (1, spots[22:27])):
            t = rng.uniform(0, 1, count) ** 0.9
            x = np.interp(t, np.linspace(0, 1, 5), np.abs(marks[:, 0])) + 0.1
            y = np.interp(t, np.linspace(0, 1, 5), marks[:, 1]) - 0.15
            y = y + arch * np.sin(np.pi * t) - 0.15 * t**3
            half = look.brows * np.interp(t, [0, 0.12, 0.55, 1], [0.26, 0.40, 0.32, 0.06])
            y = y + half * rng.uniform(-1, 1, count)
            angle = np.radians(np.interp(t, [0, 0.25, 0.7, 1], [78, 38, 8, -28]))
            angle = angle + rng.normal(0, 0.18, count)
            long = rng.uniform(0.3, 0.6, count) * (1 - 0.3 * t)
            root = np.stack([x, y], axis=1)
            tip = root + np.stack([np.cos(angle), np.sin(angle)], axis=1) * long[:, None]
            hairs = self._pixel(np.stack([root, tip], axis=1).reshape(-1, 2) * [side, 1])
            for i, lines in enumerate(np.array_split(hairs.reshape(-1, 2, 2), 4)):
                thick = max(1, int(round(0.045 * self.fine)))
                cv2.polylines(canvas, list(lines), False, 100 + 30 * i, thick, cv2.LINE_AA, 4)
        hairs = self._soft(canvas, 0.03)
        return np.clip(0.95 * hairs + 0.75 * self._soft(canvas, 0.16), 0, 1)

    def _spots(self, look: Look, rng: np.random.Generator) -> Array:
        """Return freckles and moles, 0-1."""
        canvas = self._canvas()
        count = int(260 * look.freckles) + int(rng.integers(0, 4))
        for i in range(count):
            place = np.array([[rng.normal(0, 3.3), rng.normal(1.2, 2.6)]])
            radius = int(16 * self.fine * rng.uniform(0.035, 0.09))
            value = 230 if i < 3 else int(rng.uniform(40, 150))
            center = tuple(int(c) for c in self._pixel(place)[0])
            cv2.circle(canvas, center, radius, value, -1, cv2.LINE_AA, 4)
        return self._soft(canvas, 0.02)

    def _lips(self, spots: Array) -> Array:
        canvas = self._canvas()
        outline = np.concatenate([spots[48:60], spots[48:49]])
        t = np.linspace(0, 12, 97)
        path = np.stack([np.interp(t, np.arange(13), outline[:, i]) for i in (0, 1)], axis=1)
        path = path + np.sign(path - [0, -3.4]) * f32(0.0, 0.05)
        cv2.fillPoly(canvas, [self._pixel(path)], 255, cv2.LINE_AA, 4)
        return self._soft(canvas, 0.09)

    def _lid_lines(self, spots: Array, look: Look) -> Array:
        """Return dark edges of the lids, and eye shadow."""
        line, shadow = self._canvas(), self._canvas()
        for first in (36, 42):
            upper, lower = spots[first : first + 4], spots[[first, first + 5, first + 4, first + 3]]
            self._line(line, upper, 0.75 + 0.25 * look.makeup, 0.16 + 0.12 * look.makeup)
            self._line(line, lower, 0.22 + 0.4 * look.makeup, 0.1)
            self._line(shadow, upper + [0, 0.35, 0], 0.55 * look.makeup, 0.8)
        return np.maximum(self._soft(line, 0.045), self._soft(shadow, 0.25))

    def _blush(self) -> Array:
        """Return where the blood shows: cheeks, nose, chin."""
        y, x = np.mgrid[: self._size[1], : self._size[0]].astype(np.float32)
        x, y = np.abs(x / self.fine + _LEFT), _TOP - y / self.fine

        def spot(px: float, py: float, wide: float, high: float) -> Array:
            return np.exp(-(((x - px) / wide) ** 2) - ((y - py) / high) ** 2)

        return spot(4.3, -0.3, 2.0, 1.8) + 0.8 * spot(0, 0, 1.3, 1.2) + 0.4 * spot(0, -6.3, 1.2, 1)


@functools.cache
def _mottle() -> Array:
    """Return smooth noise (256, 256) about 1 high, on a tile without seams."""
    rng = np.random.default_rng(5)
    total = np.zeros((256, 256), np.float32)
    for cells, share in ((8, 0.6), (20, 0.5), (60, 0.35)):
        small = np.pad(rng.standard_normal((cells, cells), np.float32), 2, mode="wrap")
        scale = 256 // cells + 1
        large = cv2.resize(small, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        large = large[2 * scale : (cells + 2) * scale, 2 * scale : (cells + 2) * scale]
        total += share * cv2.resize(large, (256, 256), interpolation=cv2.INTER_AREA)
    return total


def mottle(x: Array, y: Array, per_cm: float) -> Array:
    """Return smooth noise at places in cm."""
    tile = _mottle()
    scale = np.float32(per_cm * 10)
    return tile[(y * scale).astype(np.int32) % 256, (x * scale).astype(np.int32) % 256]


def skin_albedo(rest: Array, layers: Array, sky: Array, look: Look, shift: Array) -> Array:
    """Return the color (n, 3) of skin at places of the average head.

    Args:
        rest: (n, 3) places on the average head.
        layers: (n, 7) paint there.
        sky: (n,) how open they are; what is closed in near the mouth is its inside.
        look: Tone, redness, lips and so on.
        shift: Where on the noise this person's skin is.
    """
    base = skin_color(look)
    x, y, z = rest.T
    noise = mottle(x + shift[0], y + z + shift[1], 0.9)
    color = base * (1 + 0.10 * look.blotches * noise)[:, None]
    blood = look.redness * (0.35 * layers[:, BLUSH] + 0.12 * np.clip(noise, 0, 2) * look.blotches)
    ear = np.clip((np.abs(x) - 7.2) / 1.5, 0, 1) * (z < 3)
    blood = blood + 0.25 * ear + 0.35 * look.makeup * layers[:, BLUSH] * 0.5
    color = color * (1 - blood[:, None] * f32(0.02, 0.28, 0.26))
    color = color * (1 - 0.55 * layers[:, SPOT, None] * f32(0.6, 0.85, 1.0))
    socket = np.exp(-(((np.abs(x) - 3.0) / 1.7) ** 2) - ((y - 2.9) / 1.2) ** 2)
    color = color * (1 - (0.10 + 0.12 * look.age) * socket[:, None] * f32(0.8, 1.0, 0.9))
    red = 0.35 + 0.5 * look.makeup
    lip = base * f32(1 - 0.25 * look.lips, 0.72 - 0.42 * look.lips, 0.75 - 0.40 * look.lips)
    lip = lip * (1 - 0.3 * red) + f32(0.30, 0.05, 0.06) * red * 1.1 * base.mean()
    crease = 1 - 0.10 * np.abs(mottle(x * 3 + shift[1], y * 0.6, 1.2))
    color = color + (lip * crease[:, None] - color) * (0.85 * layers[:, LIP, None])
    inside = (sky < 0.18) & (np.abs(x) < 3.2) & (y < -1.6) & (y > -7) & (z < 11.2)
    return np.where(inside[:, None], f32(0.16, 0.045, 0.04) * (0.5 + base), color)


def skin_hair(color: Array, rest: Array, layers: Array, look: Look, shift: Array) -> Array:
    """Return the skin's color with brows, lid lines, stubble and the roots of hair on it."""
    hair = f32(*HAIR_COLORS[look.hair_color])
    brow = np.minimum(hair, 0.12) * f32(0.65, 0.55, 0.48) + f32(0.012, 0.008, 0.006)
    color = color + (brow - color) * (0.88 * layers[:, BROW, None])
    line = f32(0.02, 0.013, 0.010)
    color = color + (line - color) * (0.8 * layers[:, LINER, None])
    x, y, z = rest.T
    grain = mottle(x + shift[1], y + 0.7 * z, 16.0)
    if look.stubble or look.beard or look.moustache:
        # under longer hair the skin is dark, too
        parts = zip(beard_mask(rest), (look.beard, look.moustache), strict=True)
        dense = [mask * max(0.55 * look.stubble, 0.9 * min(1.0, 5 * long)) for mask, long in parts]
        share = np.clip(np.maximum(*dense) * (1 + 0.35 * grain), 0, 0.9)
        color = color + (hair * 0.8 - color) * share[:, None]
    towards = unit(rest - CENTER)
    over = (y - hairline(towards, look)) / 1.5 + 0.35 * grain
    ear = (np.abs(x) > 7.35) & (z < 3) & (y < 7) & (y > -3)
    share = np.clip(over, 0, 1) * ~ear * (0.12 if look.cut in ("bald", "headscarf") else 0.93)
    return color + (hair * 0.75 - color) * share[:, None]


def eye_color(rest: Array, look: Look) -> tuple[Array, Array]:
    """Return the color (n, 3) of eyeballs, and how much they mirror."""
    side = np.sign(rest[:, 0])
    x = rest[:, 0] - 3.2375 * side
    y = rest[:, 1] - 3.611
    radius = np.hypot(x, y) / 0.66
    angle = np.arctan2(y, x)
    ray = 0.8 + 0.2 * np.cos(23 * angle) * np.cos(9 * angle + 1)
    iris = f32(*IRIS_COLORS[look.iris])
    ring = smooth((1.0 - radius) / 0.22)
    # light that falls in from above shines out of the iris's lower half
    glow = 1.0 - 0.4 * np.clip(y / 0.66, -1, 1)
    color = iris * (ray * glow * (0.35 + 0.65 * ring))[:, None]
    color = color * smooth((radius - 0.36) / 0.08)[:, None] + 0.002
    vein = np.clip(np.abs(x) / 1.4, 0, 1)[:, None] ** 2
    white = f32(0.42, 0.38, 0.35) * (1 - vein * f32(0.08, 0.3, 0.3))
    outside = smooth((radius - 0.93) / 0.13)[:, None]
    # a camera that is set for dark skin must not make the eyes glow
    dim = 0.38 + 0.62 * min(1.0, float(skin_color(look).mean()) / 0.3)
    color = (color + (white - color) * outside) * np.float32(dim)
    return color, (1 - 0.75 * outside[:, 0]) * np.float32(dim)
