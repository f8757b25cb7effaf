"""How light falls: lamps, sky, shadows, and what each material does with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .hair import strand_noise
from .head import dot, f32, unit
from .looks import HAIR_COLORS, Look

Array = np.ndarray

# light spreads under the skin, red light the farthest
_CREEP = f32(0.38, 0.20, 0.15)


@dataclass(frozen=True)
class Lamp:
    """A distant light.

    Attributes:
        towards: Direction to it, of length 1; x to the right of the picture, z to the camera.
        color: Its strength in red, green and blue.
    """

    towards: Array
    color: Array


def lamps(look: Look) -> list[Lamp]:
    """Return the look's lights, the main one first."""
    main = unit(np.array([1.1 * look.light_side, 0.9 * look.light_up, 0.75], np.float32))
    fill = unit(np.array([-np.sign(look.light_side + 1e-3) * 0.9, 0.15, 0.6], np.float32))
    back = unit(np.array([-0.9 * np.sign(look.light_side + 1e-3), 0.5, -0.55], np.float32))
    tint = np.array([1 + 0.15 * look.warmth, 1.0, 1 - 0.22 * look.warmth], np.float32)
    others = [
        Lamp(fill, 0.55 * look.fill * (2 - tint)),
        Lamp(back, 1.6 * look.rim * (1.5 - 0.5 * tint)),
    ]
    return [Lamp(main, 1.5 * look.light * tint), *(lamp for lamp in others if lamp.color.any())]


def sky_light(normals: Array, look: Look) -> Array:
    """Return the light (n, 3) from all around: more from above."""
    up = 0.5 + 0.5 * normals[:, 1:2]
    sky = f32(0.94, 1.0, 1.08) - f32(0.1, 0, -0.1) * look.warmth * 0.5
    ground = f32(0.62, 0.50, 0.44)
    front = 0.85 + 0.15 * normals[:, 2:3]
    return (1.05 - 0.8 * look.light) * (ground + (sky - ground) * up) * front


@dataclass
class Surface:
    """What is seen at n places.

    Attributes:
        normals: (n, 3), toward the camera's side.
        view: (n, 3) directions to the camera.
        open: (n,) share of the sky that is seen, 0-1.
        shadow: (n,) share of the main light that arrives, 0-1.
    """

    normals: Array
    view: Array
    open: Array
    shadow: Array

    def take(self, rows: Array | slice) -> Surface:
        """Return some of the places."""
        return Surface(self.normals[rows], self.view[rows], self.open[rows], self.shadow[rows])


def diffuse(surface: Surface, look: Look, creep: Array | float) -> Array:
    """Return the light (n, 3) that arrives, softened by what spreads under the surface."""
    total = sky_light(surface.normals, look) * surface.open[:, None]
    for i, lamp in enumerate(lamps(look)):
        facing = dot(surface.normals, lamp.towards)[:, None]
        arrives = np.clip((facing + creep) / (1 + creep), 0, 1)
        arrives = arrives * (0.85 + 0.15 * arrives)
        if i == 0:
            # shadows have red edges on skin
            arrives = arrives * surface.shadow[:, None] ** (1 - 0.6 * np.asarray(creep))
        else:
            arrives = arrives * (0.3 + 0.7 * surface.open[:, None])
        total = total + arrives * lamp.color
    return total


def _power(base: Array, doublings: int) -> Array:
    """Return a number to the power of 2 ** doublings, faster than ** does."""
    for _ in range(doublings):
        base = base * base
    return base


def mirrored(surface: Surface, look: Look, smooth: int) -> Array:
    """Return the lamps' light (n, 3) that a surface mirrors, in spots of exponent 2 ** smooth."""
    total = np.zeros_like(surface.normals)
    for i, lamp in enumerate(lamps(look)):
        half = unit(lamp.towards + surface.view)
        spot = _power(np.clip(dot(half, surface.normals), 0, 1), smooth)
        edge = 1 - np.clip(dot(half, surface.view), 0, 1)
        spot = spot * (2**smooth + 2) / 8 * (0.04 + 0.96 * _power(edge, 2) * edge)
        facing = np.clip(4 * dot(surface.normals, lamp.towards), 0, 1)
        spot = spot * facing * (surface.shadow if i == 0 else surface.open)
        total = total + spot[:, None] * lamp.color
    return total


def skin_light(albedo: Array, surface: Surface, look: Look, oily: Array) -> Array:
    """Return how bright skin is; `oily` (n,) is how much each place shines."""
    glint = mirrored(surface, look, 4) * 0.55 + mirrored(surface, look, 6) * 0.3
    edge = 1 - np.clip(dot(surface.normals, surface.view), 0, 1)
    haze = 0.10 * _power(edge, 2) * surface.open
    glint = (glint + haze[:, None] * sky_light(surface.normals, look)) * oily[:, None]
    return albedo * diffuse(surface, look, _CREEP) + (1.7 - 0.09 * look.tone) * look.shine * glint


def eye_light(albedo: Array, mirror: Array, surface: Surface, look: Look) -> Array:
    """Return how bright eyeballs are: wet, with the lamps and a window in them."""
    shade = diffuse(surface, look, 0.3) * (0.35 + 0.65 * surface.open[:, None])
    lit = surface.take(slice(None))
    lit.shadow = 0.4 + 0.6 * surface.shadow
    glint = mirrored(lit, look, 7) * (0.1 + mirror)[:, None]
    back = 2 * dot(surface.normals, surface.view)[:, None] * surface.normals
    window = np.clip(6 * ((back - surface.view)[:, 1] - 0.35), 0, 1) * mirror * surface.open
    return albedo * shade + 2.2 * glint + 0.05 * window[:, None]


def hair_light(info: Array, tangent: Array, surface: Surface, look: Look) -> Array:
    """Return how bright hair is: each strand mirrors light along its length.

    `info` (n, 3) holds across, along and the number of the ribbon, below 0 for eyelashes.
    """
    across, along, ribbon = info.T
    base = np.array(HAIR_COLORS[look.hair_color], np.float32)
    strand = strand_noise(across, np.maximum(ribbon, 0), 3)
    lock = strand_noise(np.zeros_like(across), np.maximum(ribbon, 0), 4)
    color = base * ((0.62 + 0.5 * strand + 0.35 * lock) * (0.75 + 0.4 * along))[:, None]
    color[ribbon < 0] = f32(0.012, 0.008, 0.007)
    tangent = unit(tangent + 0.25 * (strand - 0.5)[:, None] * surface.normals)
    sheen = 0.02 * (0.5 + strand) * (ribbon >= 0)
    total = (color + sheen[:, None]) * sky_light(surface.normals, look) * surface.open[:, None]
    for i, lamp in enumerate(lamps(look)):
        round_ = np.clip(0.35 + 0.65 * dot(surface.normals, lamp.towards), 0, 1)
        arrives = round_ * (surface.shadow if i == 0 else surface.open)
        slant = dot(tangent, lamp.towards)
        seen = dot(tangent, surface.view)
        across_light = np.sqrt(np.clip(1 - slant**2, 0, 1))
        # the mirror of a thin cylinder is a cone around it
        cone = across_light * np.sqrt(np.clip(1 - seen**2, 0, 1)) - slant * seen
        cone = np.clip(cone, 0, 1)
        sharp = _power(cone, 6) * 0.08 * (0.4 + 0.9 * strand)
        wide = _power(cone, 3) * 0.5
        lit = color * (0.75 * across_light + wide)[:, None] + (sharp * (ribbon >= 0))[:, None]
        total = total + lit * arrives[:, None] * lamp.color
    return total
