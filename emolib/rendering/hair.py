"""Hair: ribbons that grow from the scalp, are combed, fall, and lie on the head."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import numpy as np

from .head import CENTER, HAIR, HeadModel, Mesh, directions, dot, radius_at, split_quads, unit
from .looks import Look

Array = np.ndarray
STRANDS = 7  # that one ribbon seems to be made of


@dataclass(frozen=True)
class Cut:
    """How hair is cut and combed; lengths in cm.

    Attributes:
        length: From root to tip.
        ribbons: How many there are on the whole head.
        width: Of a ribbon.
        segments: Of a ribbon.
        rise: How steeply it leaves the head, 0-1.
        side: How strongly it is combed to the side, away from the parting.
        back: How strongly it is combed back.
        fall: How soon it falls.
        curl: Radius of its curls.
        turns: Curls from root to tip.
        lift: How far it stands off the head.
        ragged: How unequal the lengths are.
        frizz: How much each hair wanders.
        sides: Length at the sides and the back, as a share.
        cling: How closely it follows the head, 0-1.
    """

    length: float
    ribbons: int = 900
    width: float = 0.7
    segments: int = 9
    rise: float = 0.3
    side: float = 0.6
    back: float = 0.3
    fall: float = 0.15
    curl: float = 0.0
    turns: float = 2.0
    lift: float = 0.5
    ragged: float = 0.25
    frizz: float = 0.03
    sides: float = 1.0
    cling: float = 0.3


CUT_TABLE = {
    "cropped": Cut(1.1, 3600, 0.4, 2, rise=0.35, side=0.1, back=-0.4, lift=0.1, sides=0.6),
    "short": Cut(5.0, 2400, 0.6, 7, rise=0.25, side=0.8, back=0.15, lift=0.8, sides=0.3,
                 cling=0.6),
    "curly": Cut(9.0, 1900, 0.4, 16, rise=0.7, side=0.3, fall=0.05, curl=0.45, turns=3,
                 lift=1.6, frizz=0.45, sides=0.6, cling=0.1),
    "afro": Cut(9.0, 2400, 0.4, 14, rise=1.0, side=0.0, back=0.0, fall=0, curl=0.3, turns=4,
                lift=1.5, frizz=0.9, sides=0.7, cling=0.0),
    "bob": Cut(19, 1500, 0.8, 12, side=0.5, fall=0.8, lift=0.9, ragged=0.12),
    "long": Cut(34, 1500, 0.85, 14, side=0.5, fall=0.9, lift=0.9),
    "wavy": Cut(30, 1500, 0.7, 20, side=0.5, fall=0.6, curl=0.5, turns=3, lift=1.2, frizz=0.06),
    "tied": Cut(13, 1900, 0.7, 8, rise=0.0, side=0.05, back=1.2, fall=0.0, lift=0.3, ragged=0.1,
                cling=1.0),
    "fringe": Cut(20, 1800, 0.8, 12, side=0.5, fall=0.8, lift=0.8, ragged=0.12),
    "cap": Cut(3.0, 1200, 0.5, 5, rise=0.1, side=0.1, back=0.2, fall=0.2, lift=0.1),
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
) -> Mesh | None:
    """Grow a head of hair.

    Args:
        model: The head model.
        radii: How far this head reaches in all directions.
        look: Cut, length, volume, hairline and parting.
        rng: Draws each ribbon's own ways.
        detail: Share of the ribbons to grow; fewer are wider.
    """
    cut = CUT_TABLE.get(look.cut)
    if cut is None:
        return None
    cut = replace(cut, width=cut.width / np.sqrt(detail))
    towards = _roots(model, look, int(cut.ribbons * detail), rng)
    count = len(towards)
    root = CENTER + towards * (radius_at(radii, towards) - 0.15)[:, None]
    length = cut.length * look.hair_length * (1 - cut.ragged * rng.random(count))
    length *= np.interp(towards[:, 1], [0.25, 0.75], [cut.sides, 1.0])
    front = (towards[:, 2] > 0.25) & (towards[:, 1] > 0.3)
    fringed = front & (np.abs(towards[:, 0]) < 0.45) if look.cut == "fringe" else front & False
    length[fringed] = rng.uniform(5.6, 8.0, fringed.sum())
    comb = _comb(cut, look, towards, root, fringed, rng)
    lift = (0.15 + cut.lift * (0.4 + look.volume)) * rng.random(count) ** 0.7
    points = _fall(cut, root, towards, comb, length, lift, radii, fringed, rng)
    return ribbons(points, cut.width * rng.uniform(0.7, 1.3, count), rng)


@functools.cache
def _rest_radii(model: HeadModel) -> Array:
    return model.radii(model.rest)


def _roots(model: HeadModel, look: Look, count: int, rng: np.random.Generator) -> Array:
    """Return directions, evenly spread over the scalp."""
    number = np.arange(count, dtype=np.float64)
    up = 1 - 1.55 * (number + 0.5) / count
    flat = np.sqrt(1 - up * up)
    turn = 2.399963229728653 * number
    towards = np.stack([flat * np.sin(turn), up, flat * np.cos(turn)], axis=1)
    towards = unit(towards + rng.normal(0, 0.02, (count, 3))).astype(np.float32)
    height = CENTER[1] + towards[:, 1] * radius_at(_rest_radii(model), towards)
    return towards[height > hairline(towards, look) + rng.normal(-0.2, 0.25, count)]


def _comb(
    cut: Cut, look: Look, towards: Array, root: Array, fringed: Array, rng: np.random.Generator
) -> Array:
    """Return the direction that each hair is combed to."""
    count = len(root)
    away = root[:, 0] - look.parting * np.clip((root[:, 2] + 4) / 8, 0, 1)
    side = np.clip(away / 0.8, -1, 1) * cut.side
    comb = np.stack([side, np.full(count, -0.12), np.full(count, -cut.back)], axis=1)
    comb += rng.normal(0, 0.12, (count, 3))
    if look.cut == "tied":
        comb = unit(np.array([0, 7.0, -9.5]) - root) + rng.normal(0, 0.03, (count, 3))
    comb[fringed] = [0, 0.1, 0.9] + rng.normal(0, 0.15, (fringed.sum(), 3))
    along = (comb * towards).sum(axis=1, keepdims=True)
    return unit(comb - along * towards + 1e-4) * (1 - cut.rise * 0.7)


def _fall(
    cut: Cut,
    root: Array,
    towards: Array,
    comb: Array,
    length: Array,
    lift: Array,
    radii: Array,
    fringed: Array,
    rng: np.random.Generator,
) -> Array:
    """Follow each hair from its root, step by step; return (hairs, segments + 1, 3)."""
    step = (length / cut.segments)[:, None]
    rise = np.where(fringed, 0.25, cut.rise)[:, None]
    way = unit(comb + rise * towards)
    wide = rng.uniform(5.5, 6.5) + 2.0 * rng.random(len(root))
    phase = rng.uniform(0, 2 * np.pi, len(root))
    place = root.astype(np.float64)
    points = [place]
    for i in range(cut.segments):
        pull = np.where(fringed, 0.3, cut.fall * min(1.0, (i + 1) / 3))
        drift = rng.normal(0, cut.frizz, way.shape)
        way = unit(way + 0.25 * comb * (i < 3) - pull[:, None] * [0, 1, 0] + drift)
        out = unit(place - CENTER)
        way = unit(way - cut.cling * np.clip(dot(way, out), 0, 1)[:, None] * out)
        place = _outside(place + step * way, radii, lift, min(1.0, (i + 1) / 2))
        if cut.fall > 0.1:
            place = _beside_face(place, wide, fringed)
        points.append(place)
    points = np.stack(points, axis=1)
    if cut.curl:
        points += _curls(cut, points, phase, rng)
        if cut.fall > 0.1:
            flat = _beside_face(points.reshape(-1, 3), np.repeat(wide, points.shape[1]), False)
            points = flat.reshape(points.shape)
    return points


def _outside(place: Array, radii: Array, lift: Array, share: float) -> Array:
    """Push places out of the head and of the hair below them."""
    away = place - CENTER
    distance = np.sqrt((away**2).sum(axis=1))
    towards = away / distance[:, None]
    # ears hold the hair off the head
    azimuth = np.arctan2(np.abs(towards[:, 0]), towards[:, 2])
    ear = np.exp(-(((azimuth - 1.65) / 0.3) ** 2) - ((towards[:, 1] + 0.15) / 0.4) ** 2)
    least = radius_at(radii, towards) + lift * share + 0.7 * ear
    return np.where((distance < least)[:, None], CENTER + towards * least[:, None], place)


def _beside_face(place: Array, wide: Array, fringed: Array | bool) -> Array:
    """Push places in front of the face to its sides."""
    x, y, z = place.T
    half = wide * np.sqrt(np.clip(1 - (np.clip(y, 0, None) / 10.8) ** 4, 0, 1))
    covering = (z > 1) & (np.abs(x) < half) & np.logical_not(fringed)
    side = np.where(x >= 0, 1.0, -1.0)
    return np.stack([np.where(covering, side * half, x), y, z], axis=1)


def _curls(cut: Cut, points: Array, phase: Array, rng: np.random.Generator) -> Array:
    along = np.linspace(0, 1, points.shape[1])
    turns = cut.turns * rng.uniform(0.7, 1.3, len(points))
    angle = phase[:, None] + 2 * np.pi * turns[:, None] * along
    out = unit(points - CENTER)
    across = unit(np.cross(out, [0, 1.0, 0.1]))
    radius = (cut.curl * np.clip(3 * along, 0, 1))[None, :, None]
    return radius * (np.cos(angle)[..., None] * across + np.sin(angle)[..., None] * out)


def ribbons(points: Array, width: Array, rng: np.random.Generator) -> Mesh:
    """Return a mesh of ribbons along lines (hairs, places, 3), flat to the head."""
    count, places = points.shape[:2]
    tangent = unit(np.gradient(points, axis=1))
    out = unit(points - CENTER)
    across = unit(np.cross(tangent, out))
    taper = (1 - 0.45 * np.linspace(0, 1, places) ** 2)[None, :, None]
    half = 0.5 * width[:, None, None] * taper * across
    vertices = np.stack([points - half, points + half], axis=2)
    number = np.arange(count * places * 2).reshape(count, places, 2)
    quads = np.stack(
        [number[:, :-1, 0], number[:, :-1, 1], number[:, 1:, 1], number[:, 1:, 0]], axis=-1
    )
    triangles = split_quads(quads.reshape(-1, 4))
    info = np.empty((count, places, 2, 3), np.float32)
    info[..., 0] = [0, 1]
    info[..., 1] = np.linspace(0, 1, places)[None, :, None]
    info[..., 2] = rng.integers(0, 4096, count)[:, None, None]
    both = np.repeat(tangent[:, :, None], 2, axis=2)
    # rounded across, so that a ribbon catches the light like a lock
    normal = unit(np.repeat(out[:, :, None], 2, axis=2) + 0.5 * (vertices - points[:, :, None])
                  / np.maximum(width, 1e-3)[:, None, None, None])  # fmt: skip
    return Mesh(
        vertices.reshape(-1, 3).astype(np.float32),
        triangles,
        np.full(len(triangles), HAIR, np.uint8),
        info.reshape(-1, 3),
        both.reshape(-1, 3).astype(np.float32),
        normal.reshape(-1, 3).astype(np.float32),
    )


def strand_noise(across: Array, ribbon: Array, salt: int = 0) -> Array:
    """Return a random number 0-1 for each strand of each ribbon, smooth across it."""
    place = across * (STRANDS - 1)
    left = np.floor(place).astype(np.int64)
    share = (place - left).astype(np.float32)
    number = np.rint(ribbon).astype(np.int64) * 131 + salt * 7919
    return _hash(number + left) * (1 - share) + _hash(number + left + 1) * share


def _hash(number: Array) -> Array:
    mixed = (number * 2654435761) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 15)) * 2246822519) & 0xFFFFFFFF
    return ((mixed ^ (mixed >> 13)) & 1023).astype(np.float32) / 1023


def keep_strands(across: Array, along: Array, ribbon: Array) -> Array:
    """Say which samples of ribbons are hair: thin at the edges, and tips of unequal lengths."""
    edge = 1 - np.abs(2 * across - 1)
    noise = strand_noise(across, ribbon, 1)
    gap = strand_noise(across, ribbon, 5) < 0.12 + 0.3 * along
    return (edge > 0.4 * noise) & (along < 1 - 0.25 * noise) & ~gap


def beard_mask(rest: Array, jaw: bool, lip: bool) -> Array:
    """Return where a beard grows on the average head, 0-1, at places (n, 3)."""
    x, y, z = np.abs(rest[:, 0]), rest[:, 1], rest[:, 2]
    mask = np.zeros(len(rest), np.float32)
    if jaw:
        top = np.interp(x, [0, 1.3, 2.9, 3.6, 5.6, 7.0], [-5.0, -5.3, -3.4, -2.2, -0.3, 3.2])
        low = np.interp(z, [2, 9], [-5.5, -9.0])
        mask = _step((top - y) / 0.9 + 0.2) * _step((y - low) / 1.2 + 0.5) * _step(z / 1.5 - 0.7)
        mask *= 1 - 0.9 * _step((y + 5.4) / 0.5) * _step((2.4 - x) / 0.5)
        mask = np.maximum(mask, _step((0.7 - x) / 0.5) * _step((-4.75 - y) / 0.3) * (y > -6))
    if lip:
        low = np.interp(x, [0, 0.7, 1.7, 2.6, 3.2], [-2.45, -2.35, -2.7, -3.4, -4.6])
        high = np.interp(x, [0, 1.2, 2.2, 3.2], [-1.35, -1.35, -1.75, -2.7])
        upper = _step((high - y) / 0.3) * _step((y - low) / 0.2 + 0.3) * _step((3.3 - x) / 0.4)
        mask = np.maximum(mask, upper * (z > 6))
    return mask


def _step(t: Array) -> Array:
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)


def grow_beard(
    model: HeadModel, vertices: Array, look: Look, rng: np.random.Generator, detail: float
) -> list[Mesh]:
    """Grow beard and moustache on a head's vertices, if the look has them."""
    grown = []
    for length, jaw in ((look.beard, True), (look.moustache, False)):
        if not length:
            continue
        count = int((1500 if jaw else 420) * detail)
        chance = beard_mask(model.rest, jaw, not jaw) * model.skin
        chance = chance * (chance > 0.35)
        picked = rng.choice(len(vertices), count, p=chance / chance.sum())
        normal = model.normals(vertices)[picked]
        root = vertices[picked] + rng.normal(0, 0.12, (count, 3)) - 0.05 * normal
        side = np.sign(vertices[picked, :1]) * ([0.3, 0, 0] if jaw else [0.9, 0, 0])
        way = unit((0.4 if jaw else 0.25) * normal + [0, -0.7, 0] + side + rng.normal(0, 0.25, (count, 3)))
        reach = ((0.35 if jaw else 0.22) + (1.6 if jaw else 0.35) * length) * rng.uniform(0.5, 1, count)
        steps = np.linspace(0, 1, 4)[None, :, None] * reach[:, None, None]
        points = root[:, None] + steps * way[:, None] - [0, 0.12, 0] * steps**2
        grown.append(ribbons(points, np.full(count, 0.22 / np.sqrt(detail)), rng))
    return grown


def grow_lashes(
    model: HeadModel, vertices: Array, look: Look, rng: np.random.Generator, detail: float
) -> Mesh:
    """Grow lashes along the edges of the four lids."""
    lines = []
    for corners, up in (([36, 37, 38, 39], 1), ([42, 43, 44, 45], 1),
                        ([36, 41, 40, 39], -1), ([42, 47, 46, 45], -1)):  # fmt: skip
        count = int((70 if up > 0 else 36) * detail)
        edge = vertices[model.landmarks[corners]].astype(np.float64)
        middle = edge.mean(axis=0)
        t = np.sort(rng.uniform(0.03, 0.97, count))
        root = np.stack([_spline(t, edge[:, i]) for i in range(3)], axis=1)
        outward = unit((root - middle) * [1, 0.2, 0] + 1e-6)
        way = unit(0.5 * outward * np.abs(2 * t - 1)[:, None] + [0, 0.22 * up, 1.0])
        reach = (0.55 if up > 0 else 0.3) * (0.7 + 0.6 * look.makeup) * rng.uniform(0.7, 1, count)
        steps = np.linspace(0, 1, 4)[None, :, None] * reach[:, None, None]
        bend = np.array([0, 0.9 * up, 0])
        lines.append(root[:, None] + steps * way[:, None] + bend * steps**2)
    points = np.concatenate(lines)
    mesh = ribbons(points, np.full(len(points), 0.045 / detail), rng)
    mesh.info[:, 2] = -1  # not as fair as the hair
    return mesh


def _spline(t: Array, knots: Array) -> Array:
    """Return the cubic curve through four evenly spaced knots at 0-1."""
    s = 3 * t
    weights = (
        -(s - 1) * (s - 2) * (s - 3) / 6,
        s * (s - 2) * (s - 3) / 2,
        -s * (s - 1) * (s - 3) / 2,
        s * (s - 1) * (s - 2) / 6,
    )
    return sum(weight * knot for weight, knot in zip(weights, knots, strict=True))


__all__ = ["beard_mask", "directions", "grow_beard", "grow_hair", "grow_lashes", "hairline"]
