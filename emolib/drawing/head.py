"""Where every pixel of the picture lies on the face, and how the face bulges there."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from .canvas import Array, bump, line, step, within
from .looks import Look

EYE_Y = -0.37  # height of the eyes
DEPTH = 0.95  # of the head, in half face widths
FLATNESS = 0.85  # faces are flatter than balls
NOSE = 0.18  # how far the tip of the nose stands out


@dataclass
class Head:
    """A head in place: maps of the picture's pixels, all (side, side) and in half face widths.

    Attributes:
        look: How it looks.
        au: {action unit: intensity 0-1, as a map: the halves of a face are never quite alike}.
        px: Places in the picture, upright with the head; x to the right, 0 its middle.
        py: The same, downwards.
        x: Places on the face, as seen from its front.
        y: The same.
        ax: Distance from the face's middle line.
        side: -1 on the left half, 1 on the right one.
        z: How near the bare head is.
        radius: Distance from the head's middle, 1 at its outline.
        pixel: Size of a pixel.
    """

    look: Look
    au: dict[int, Array]
    px: Array
    py: Array
    x: Array
    y: Array
    ax: Array
    side: Array
    z: Array
    radius: Array
    pixel: float

    def band(self, low: float, high: float) -> tuple[slice, Head]:
        """Return the picture's rows that meet the face between two heights, and the head there."""
        rows = np.flatnonzero(((self.y > low) & (self.y < high)).any(axis=1))
        part = slice(rows[0], rows[-1] + 1) if len(rows) else slice(0, 0)
        maps = {f.name: getattr(self, f.name) for f in fields(self)}
        cut = {name: value[part] for name, value in maps.items() if np.ndim(value)}
        au = {unit: value[part] if np.ndim(value) else value for unit, value in self.au.items()}
        return part, replace(self, **cut, au=au)


def place_head(look: Look, actions: dict[int, float], side: int) -> Head:
    """Turn, nod, tilt and move a head, and find for each pixel where on it it lies."""
    tilt, turn = np.radians(look.tilt), np.radians(look.turn)
    nod = np.radians(look.nod + 24 * actions[54])
    grid = (np.arange(side) + 0.5) / side - 0.5
    # pictures of faces are cut around eyes and mouth, wherever the head is turned
    u = (grid[None, :] - look.x) / look.size + 0.45 * np.sin(turn) + np.zeros((side, 1))
    v = (grid[:, None] - look.y) / look.size + 0.4 * np.sin(nod) + np.zeros((1, side))
    px, py = u * np.cos(tilt) + v * np.sin(tilt), v * np.cos(tilt) - u * np.sin(tilt)
    # a dropped jaw makes the face longer below the nose
    length = look.length * (1 + 0.06 * actions[26] * step(py, 0.3, 0.8))
    sy = py / length
    sx = px / _outline(sy, look.jaw)
    # jaws and foreheads are squarer than an ellipse
    radius = (np.abs(sx) ** 2.3 + np.abs(sy) ** 2.3) ** (1 / 2.3)
    sz = np.sqrt(np.clip(1 - radius**2, 0.015, 1))
    # turn the ball that the head nearly is
    fy = sy * np.cos(nod) - FLATNESS * sz * np.sin(nod)
    fz = sz * np.cos(nod) + sy * np.sin(nod)
    fx = sx * np.cos(turn) - FLATNESS * fz * np.sin(turn)
    fx = fx * (0.88 + 0.24 * fx**2)
    x, y = fx * _outline(fy, look.jaw), fy * length
    # what stands out moves further
    tip = bump(x, y - 0.12, 0.22, 0.3)
    x, y = x - NOSE * np.sin(turn) * tip, y + NOSE * np.sin(-nod) * tip
    right = 1 + look.asymmetry * np.tanh(4 * x)
    # a muscle at rest needs no map
    au = {unit: np.clip(v * right, 0, 1.3) if v else 0.0 for unit, v in actions.items()}
    return Head(
        look, au, px, py, x, y, np.abs(x), np.sign(x), DEPTH * sz, radius, 1 / (look.size * side)
    )  # fmt: skip


def _outline(sy: Array, jaw: float) -> Array:
    """Half the width of the face at a height: jaws are narrower than cheekbones."""
    return 1 - jaw * np.clip(sy + 0.05, 0, 1.2) ** 1.6 - 0.08 * np.clip(-sy - 0.45, 0, 1)


def upper_relief(head: Head) -> Array:
    """How far brow, eye sockets, lids and wrinkles stand out from the bare head."""
    look, au, ax, y = head.look, head.au, head.ax, head.y
    eye = look.eye_distance
    brow = EYE_Y - look.brow_height - 0.1 * au[1] + 0.09 * au[4]
    shape = 0.05 * bump(ax - 0.4, y - brow - 0.04, 0.3, 0.1)
    shape -= 0.12 * bump(ax - eye + 0.03, y - EYE_Y + 0.02, 0.23, 0.14)
    shape += 0.05 * bump(ax - eye, y - EYE_Y - 0.01, 0.13, 0.09)
    # bags under the eyes: age, and cheeks that are pushed up
    below = 0.135 - 0.025 * au[6] + 0.12 * (ax - eye) ** 2
    shape -= (
        (0.006 + 0.015 * look.age + 0.022 * au[6])
        * line(y - EYE_Y - below, 0.05)
        * within(ax, eye - 0.2, eye + 0.2)
    )
    shape -= 0.06 * bump(ax - 0.85, y + 0.5, 0.12, 0.25)
    # frowns stand upright between the brows, wrinkles of surprise lie across the forehead
    shape -= 0.028 * au[4] * line(ax - 0.08, 0.05) * within(y, -0.72, -0.42, 0.15)
    waves = np.sin(38 * (y + 0.05 * ax**2)) * within(y, -0.98, -0.62, 0.15)
    middle = np.exp(-((ax / 0.4) ** 2))
    strength = 0.004 * look.age + 0.009 * (au[1] * middle + au[2] * (1 - middle))
    shape += strength * waves * within(ax, -1, 0.65, 0.3)
    # crow's feet
    feet = np.sin(40 * (y - EYE_Y + 0.1 * (ax - 0.7) * np.sign(y - EYE_Y)))
    return shape + 0.012 * au[6] * (0.4 + look.age) * feet * bump(ax - 0.78, y - EYE_Y, 0.06, 0.1)


def nose_relief(head: Head) -> Array:
    """How far the nose stands out from the bare head."""
    look, au, ax, y = head.look, head.au, head.ax, head.y
    bottom = 0.26 * look.nose_length - 0.05 * au[9]
    wide = look.nose_width
    # a ridge that rises from between the eyes to the tip and ends at once below it
    rise = np.clip((y + 0.45) / (bottom + 0.45), 0, 1)
    ridge = NOSE * rise**1.2 * step(-y, -bottom - 0.03, 0.2)
    shape = ridge * np.exp(-((ax / ((0.11 + 0.08 * rise) * wide)) ** 2))
    shape += 0.05 * bump(ax, y - bottom + 0.08, 0.1 * wide, 0.09)
    shape += 0.09 * bump(ax - 0.17 * wide, y - bottom + 0.05, 0.06, 0.07)
    wrinkles = np.sin(42 * y + 12 * ax) * bump(ax, y + 0.25, 0.16, 0.12)
    return shape + 0.02 * au[9] * wrinkles
