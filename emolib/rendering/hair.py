"""Hair: ribbons that grow from the scalp, are combed, fall, and lie on the head."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .head import CENTER, HAIR, HeadModel, Mesh, dot, ear_bump, radius_at, split_quads, unit
from .looks import Look

Array = np.ndarray
STRANDS = 7  # that one ribbon seems to be made of


@dataclass(frozen=True)
class Cut:
    """How hair is cut and combed; lengths in cm."""

    length: float
    ribbons: int  # on the whole head
    width: float  # of a ribbon
    segments: int  # of a ribbon
    rise: float = 0.3  # how steeply it leaves the head, 0-1
    side: float = 0.5  # how strongly it is combed to the side, away from the parting
    back: float = 0.3  # how strongly it is combed back
    fall: float = 0.0  # how soon it falls
    curl: float = 0.0  # radius of its curls
    turns: float = 3.0  # curls from root to tip
    lift: float = 0.9  # how far it stands off the head
    ragged: float = 0.2  # how unequal the lengths are
    frizz: float = 0.03  # how much each hair wanders
    sides: float = 1.0  # length at the sides and the back, as a share
    cling: float = 0.3  # how closely it follows the head, 0-1


_CUTS = {
    "cropped": Cut(1.1, 5500, 0.26, 2, rise=0.35, side=0.1, back=-0.4, lift=0.1, sides=0.6),
    "short": Cut(5, 2400, 0.6, 7, rise=0.25, side=0.8, back=0.15, lift=0.8, sides=0.3, cling=0.6),
    "curly": Cut(9, 1900, 0.4, 16, rise=0.7, fall=0.05, curl=0.45, lift=1.6, frizz=0.45,
                 sides=0.6, cling=0.1),
    "afro": Cut(9, 2400, 0.4, 14, rise=1, side=0, back=0, curl=0.3, turns=4, lift=1.5, frizz=0.9,
                sides=0.7, cling=0),
    "bob": Cut(19, 1500, 0.8, 12, fall=0.8),
    "long": Cut(34, 1500, 0.85, 14, fall=0.9),
    "wavy": Cut(30, 1500, 0.7, 20, fall=0.6, curl=0.5, lift=1.2, frizz=0.06),
    "tied": Cut(13, 1900, 0.7, 8, rise=0, side=0.05, back=1.2, lift=0.3, cling=1),
    "fringe": Cut(20, 1800, 0.8, 12, fall=0.8, lift=0.8),
    "cap": Cut(3, 1200, 0.5, 5, rise=0.1, side=0.1, back=0.2, fall=0.2, lift=0.1),
}  # fmt: skip


def hairline(towards: Array, look: Look) -> Array:
    """Return how high on the average head hair begins, in cm, in directions (..., 3)."""
    azimuth = np.abs(np.degrees(np.arctan2(towards[..., 0], towards[..., 2])))
    places = [0, 22, 38, 50, 60, 72, 80, 98, 112, 130, 180]
    heights = np.array([10.5, 10.4, 10.1, 8.9, 7.2, 5.2, 3.6, 5.2, 1.5, -2.5, -4.5])
    rising = look.hairline * np.array([0.8, 1, 1.6, 1.6, 0.5, 0, 0, 0, 0, 0, 0])
    return np.interp(azimuth, places, heights + rising).astype(np.float32)


def grow_hair(
    model: HeadModel, radii: Array, look: Look, rng: np.random.Generator, detail: float
) -> list[Mesh]:
    """Grow the look's hair, with only a share, `detail`, of the ribbons, but wider ones."""
    cut = _CUTS.get(look.cut)
    if cut is None:
        return []
    towards = _roots(model, look, int(cut.ribbons * detail), rng)
    count = len(towards)
    length = cut.length * look.hair_length * (1 - cut.ragged * rng.random(count))
    length *= np.interp(towards[:, 1], [0.25, 0.75], [cut.sides, 1.0])
    fringed = (towards[:, 2] > 0.25) & (towards[:, 1] > 0.3) & (np.abs(towards[:, 0]) < 0.45)
    fringed &= look.cut == "fringe"
    length = np.where(fringed, rng.uniform(5.6, 8.0, count), length)
    lift = (0.15 + cut.lift * (0.4 + look.volume)) * rng.random(count) ** 0.7
    root = CENTER + towards * (radius_at(radii, towards) - 0.15)[:, None]
    comb = _comb(cut, look, towards, root, fringed, rng)
    points = _fall(cut, root, towards, comb, length, lift, radii, fringed, rng)
    return [ribbons(points, cut.width / detail**0.4 * rng.uniform(0.7, 1.3, count), rng)]


def _roots(model: HeadModel, look: Look, count: int, rng: np.random.Generator) -> Array:
    """Return directions, evenly spread over the scalp."""
    number = np.arange(count)
    up = 1 - 1.55 * (number + 0.5) / count
    flat, turn = np.sqrt(1 - up * up), 2.399963229728653 * number
    towards = np.stack([flat * np.sin(turn), up, flat * np.cos(turn)], axis=1)
    towards = unit(towards + rng.normal(0, 0.02, (count, 3)))
    height = CENTER[1] + towards[:, 1] * radius_at(model.rest_radii, towards)
    return towards[height > hairline(towards, look) + rng.normal(-0.2, 0.25, count)]


def _comb(
    cut: Cut, look: Look, towards: Array, root: Array, fringed: Array, rng: np.random.Generator
) -> Array:
    """Return the direction along the scalp that each hair is combed to."""
    away = root[:, 0] - look.parting * np.clip((root[:, 2] + 4) / 8, 0, 1)
    side = np.clip(away / 0.8, -1, 1) * cut.side
    comb = np.stack([side, np.full_like(side, -0.12), np.full_like(side, -cut.back)], axis=1)
    if look.cut == "tied":
        comb = unit(np.array([0, 7.0, -9.5]) - root)
    comb[fringed] = [0, 0.1, 0.9]
    comb = comb + rng.normal(0, 0.1, comb.shape)
    comb = comb - dot(comb, towards)[:, None] * towards
    return unit(comb + 1e-4) * (1 - cut.rise * 0.7)


def _fall(
    cut: Cut, root: Array, towards: Array, comb: Array, length: Array, lift: Array, radii: Array,
    fringed: Array, rng: np.random.Generator,
) -> Array:  # fmt: skip
    """Follow each hair from its root, step by step; return (hairs, segments + 1, 3)."""
    step = (length / cut.segments)[:, None]
    way = unit(comb + np.where(fringed, 0.25, cut.rise)[:, None] * towards)
    wide = rng.uniform(5.5, 6.5) + 2.0 * rng.random(len(root))
    line = [root.astype(np.float64)]
    for i in range(cut.segments):
        pull = np.where(fringed, 0.3, cut.fall * min(1.0, (i + 1) / 3))[:, None] * [0, 1, 0]
        way = unit(way + 0.25 * comb * (i < 3) - pull + rng.normal(0, cut.frizz, way.shape))
        out = unit(line[-1] - CENTER)
        way = unit(way - cut.cling * np.clip(dot(way, out), 0, 1)[:, None] * out)
        place = _outside(line[-1] + step * way, radii, lift, min(1.0, (i + 1) / 2))
        line.append(_beside_face(place, wide, fringed) if cut.fall > 0.1 else place)
    points = np.stack(line, axis=1)
    if cut.curl:
        points = _curl(cut, points, rng)
    if cut.curl and cut.fall > 0.1:
        flat = _beside_face(points.reshape(-1, 3), np.repeat(wide, points.shape[1]), False)
        points = flat.reshape(points.shape)
    return points


def _outside(place: Array, radii: Array, lift: Array, share: float) -> Array:
    """Push places out of the head and of the hair below them."""
    away = place - CENTER
    distance = np.sqrt(dot(away, away))
    towards = away / distance[:, None]
    least = radius_at(radii, towards) + lift * share + 0.7 * ear_bump(towards)
    return np.where((distance < least)[:, None], CENTER + towards * least[:, None], place)


def _beside_face(place: Array, wide: Array, fringed: Array | bool) -> Array:
    """Push places in front of the face to its sides."""
    x, y, z = place.T
    half = wide * np.sqrt(np.clip(1 - (np.clip(y, 0, None) / 10.8) ** 4, 0, 1))
    covering = (z > 1) & (np.abs(x) < half) & np.logical_not(fringed)
    return np.stack([np.where(covering, np.where(x >= 0, half, -half), x), y, z], axis=1)


def _curl(cut: Cut, points: Array, rng: np.random.Generator) -> Array:
    """Wind hairs around their own lines."""
    count, places = points.shape[:2]
    along = np.linspace(0, 1, places)
    turns = cut.turns * rng.uniform(0.7, 1.3, (count, 1))
    angle = rng.uniform(0, 2 * np.pi, (count, 1)) + 2 * np.pi * turns * along
    out = unit(points - CENTER)
    across = unit(np.cross(out, [0, 1.0, 0.1]))
    radius = (cut.curl * np.clip(3 * along, 0, 1))[None, :, None]
    return points + radius * (np.cos(angle)[..., None] * across + np.sin(angle)[..., None] * out)


def ribbons(points: Array, width: Array, rng: np.random.Generator) -> Mesh:
    """Return a mesh of ribbons along lines (hairs, places, 3), flat to the head."""
    count, places = points.shape[:2]
    tangent = unit(np.gradient(points, axis=1))
    out = unit(points - CENTER)
    taper = 1 - 0.45 * np.linspace(0, 1, places) ** 2
    half = 0.5 * width[:, None, None] * taper[:, None] * unit(np.cross(tangent, out))
    vertices = np.stack([points - half, points + half], axis=2)
    number: Array = np.arange(count * places * 2).reshape(count, places, 2)
    quads = [number[:, :-1, 0], number[:, :-1, 1], number[:, 1:, 1], number[:, 1:, 0]]
    triangles = split_quads(np.stack(quads, axis=-1).reshape(-1, 4))
    numbers = rng.integers(0, 4096, (count, 1, 1))
    along = np.linspace(0, 1, places)[:, None]
    info = np.stack(np.broadcast_arrays(np.arange(2), along, numbers), axis=-1)
    # rounded across, so that a ribbon catches the light like a lock
    bend = 0.5 * (vertices - points[:, :, None]) / np.maximum(width, 1e-3)[:, None, None, None]
    tangents = np.repeat(tangent[:, :, None], 2, axis=2)
    normals = unit(out[:, :, None] + bend)
    material = np.full(len(triangles), HAIR, np.uint8)
    flat = (part.reshape(-1, 3).astype(np.float32) for part in (vertices, info, tangents, normals))
    return Mesh(next(flat), triangles, material, *flat)


def strand_noise(across: Array, ribbon: Array, salt: int) -> Array:
    """Return a random number 0-1 for each strand of each ribbon, smooth across it."""
    place = across * (STRANDS - 1)
    left = np.floor(place).astype(np.int64)
    share = (place - left).astype(np.float32)
    number = np.rint(ribbon).astype(np.int64) * 131 + salt * 7919 + left
    return _hash(number) * (1 - share) + _hash(number + 1) * share


def _hash(number: Array) -> Array:
    mixed = (number * 2654435761) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 15)) * 2246822519) & 0xFFFFFFFF
    return ((mixed ^ (mixed >> 13)) & 1023).astype(np.float32) / 1023


def keep_strands(across: Array, along: Array, ribbon: Array) -> Array:
    """Return which samples of ribbons are hair: thin at the edges, and tips of unequal lengths."""
    edge = 1 - np.abs(2 * across - 1)
    noise = strand_noise(across, ribbon, 1)
    gap = strand_noise(across, ribbon, 5) < 0.12 + 0.3 * along
    between = (along > 0.03 * noise) & (along < 1 - 0.25 * noise)
    return (edge > 0.4 * noise) & between & ~gap
