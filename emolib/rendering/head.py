"""The morphable head: from identity and action units to a mesh, and what never changes about it.

The head is ICT-FaceKit's (USC Institute for Creative Technologies, MIT license), in a small file.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from .raster import DepthBuffer

Array = np.ndarray

SKIN, MOUTH, TEETH, EYE, HAIR, CLOTH, SOLID = range(7)
"""Materials: what a triangle is made of."""

CENTER = np.array([0, 3.5, 0.5], np.float32)
_AZIMUTHS, _ELEVATIONS = 96, 48
_KEPT = (0, 1, 2, 3, 4, 6)  # without lashes and iris: both are made here
_MATERIALS = {0: SKIN, 1: SKIN, 2: MOUTH, 3: TEETH, 4: EYE, 6: EYE}


@dataclass
class Mesh:
    """Triangles of one material after another.

    Attributes:
        vertices: (n, 3) in cm: to the head's left, up, to the front.
        triangles: (m, 3).
        material: (m,) numbers of materials.
        info: (n, 3): the same point on the average head; across, along and tint on hair;
            color on solids.
        tangent: (n, 3) direction of hairs; zero on all else.
        normals: (n, 3).
    """

    vertices: Array
    triangles: Array
    material: Array
    info: Array
    tangent: Array
    normals: Array


def merge(meshes: list[Mesh]) -> Mesh:
    """Return one mesh of several."""
    shifts = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes[:-1]])
    triangles = [mesh.triangles + shift for mesh, shift in zip(meshes, shifts, strict=True)]
    rest = ("vertices", "info", "tangent", "normals", "material")
    parts = {name: np.concatenate([getattr(mesh, name) for mesh in meshes]) for name in rest}
    return Mesh(triangles=np.concatenate(triangles), **parts)


def grid_mesh(points: Array, material: int, info: Array, inside_out: bool = False) -> Mesh:
    """Return a mesh of a grid of points (rows, columns, 3), looked at from outside."""
    rows, columns = points.shape[:2]
    number = np.arange(rows * columns).reshape(rows, columns)
    quads = np.stack([number[1:, :-1], number[1:, 1:], number[:-1, 1:], number[:-1, :-1]], axis=-1)
    quads = quads.reshape(-1, 4)[:, :: -1 if inside_out else 1]
    triangles = split_quads(quads)
    flat = points.reshape(-1, 3).astype(np.float32)
    normals = np.cross(np.gradient(points, axis=1), -np.gradient(points, axis=0)).reshape(-1, 3)
    normals = unit(-normals if inside_out else normals)
    info = np.broadcast_to(np.asarray(info, np.float32), flat.shape)
    kinds = np.full(len(triangles), material, np.uint8)
    return Mesh(flat, triangles, kinds, info, np.zeros_like(flat), normals.astype(np.float32))


def split_quads(quads: Array) -> Array:
    """Return two triangles for each quad; triangles 2i and 2i + 1 belong to quad i."""
    return quads[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3)


def f32(*values: float) -> Array:
    """Return numbers as a float32 array, which does not turn other arrays into float64."""
    return np.array(values, np.float32)


def dot(first: Array, second: Array) -> Array:
    """Return the dot products of vectors (..., 3), identical to the last bit on every machine."""
    x, y, z = (first[..., i] * second[..., i] for i in range(3))
    return x + y + z


def onto(vectors: Array, axes: Array) -> Array:
    """Return the coordinates of vectors (..., 3) along three axes (3, 3)."""
    return np.stack([dot(vectors, axis) for axis in axes], axis=-1).astype(np.float32)


def unit(vectors: Array) -> Array:
    """Return vectors of length 1."""
    length = np.sqrt(dot(vectors, vectors))
    return vectors / np.maximum(length, 1e-6)[..., None]


class HeadModel:
    """What is prepared once: matrices, triangles, occlusion, directions.

    Attributes:
        rest: (n, 3) the average head without expression.
        triangles: (m, 3).
        material: (m,).
        landmarks: (68,) numbers of vertices.
        rest_radii: How far the average head reaches in all directions, see `radii`.
        occlusion: (n,) how much of the sky each vertex of the average head sees, 0-1.
        skin: (n,) which vertices belong to the face and neck.
        eyeballs: Numbers of the vertices of the left and of the right eyeball.
    """

    def __init__(self, path: Path):
        """Read the packed model and prepare it."""
        with np.load(path) as packed:
            data = {name: packed[name] for name in packed.files}
        quads, part = data["quads"].astype(np.int32), data["part"]
        kept = np.isin(part, _KEPT)
        used, numbers = np.unique(quads[kept], return_inverse=True)
        quads = numbers.reshape(-1, 4).astype(np.int32)
        self.rest = data["vertices"][used]
        inner = np.unique(numbers.reshape(-1, 4)[np.isin(part[kept], (2, 3))])
        # teeth must not show through lips
        self.rest[inner, 2] -= np.where(self.rest[inner, 1] < -3.6, 0.35, 0.15)
        self.triangles = split_quads(quads)
        self.material = np.repeat([_MATERIALS[p] for p in part[kept]], 2).astype(np.uint8)
        self.landmarks = np.searchsorted(used, data["landmarks"])
        self.skin = np.zeros(len(used), bool)
        self.skin[quads[part[kept] < 2]] = True
        self.eyeballs = [np.unique(quads[part[kept] == number]) for number in (4, 6)]
        names = [str(name) for name in data["expression_names"]]
        self.expressions = {name: data["expressions"][i, used] for i, name in enumerate(names)}
        self.scales = dict(zip(names, data["expression_scale"], strict=True))
        # in float64, so that differences in rounding between machines vanish in float32
        identities = data["identities"][:, used].astype(np.float64)
        identities *= data["identity_scale"][:, None, None]
        self._identities = identities.reshape(len(identities), -1)
        self._prepare_normals(quads)
        self._prepare_directions()
        self.rest_radii = self.radii(self.rest)
        self.occlusion = self._occlusion()

    def shape(self, identity: Array) -> Array:
        """Return the vertices (n, 3) of an identity, without expression."""
        moved = identity @ self._identities[: len(identity)]
        return self.rest + moved.reshape(-1, 3).astype(np.float32)

    def express(self, vertices: Array, weights: dict[str, float]) -> Array:
        """Return vertices moved by the model's expressions."""
        vertices = vertices.copy()
        for name, weight in weights.items():
            if weight:
                vertices += self.expressions[name] * np.float32(weight * self.scales[name])
        return vertices

    def normals(self, vertices: Array) -> Array:
        """Return the normals (n, 3) of the vertices."""
        corner = vertices[self._quads]
        facing = np.cross(corner[:, 2] - corner[:, 0], corner[:, 3] - corner[:, 1])
        return unit(np.add.reduceat(facing[self._around], self._starts))

    def mesh(self, vertices: Array) -> Mesh:
        """Return the head as a mesh."""
        none = np.zeros_like(vertices)
        normals = self.normals(vertices)
        return Mesh(vertices, self.triangles, self.material, self.rest, none, normals)

    def radii(self, vertices: Array) -> Array:
        """Return how far the head reaches from its center, (elevations, azimuths), without ears."""
        away = vertices[self._outer] - CENTER
        radius = np.sqrt(dot(away, away))
        wide = np.concatenate([radius[:, -4:], radius, radius[:, :4]], axis=1)
        return cv2.blur(wide.astype(np.float32), (3, 3))[:, 4:-4]

    def _prepare_normals(self, quads: Array) -> None:
        self._quads = quads
        order = np.argsort(quads.ravel(), kind="stable")
        self._around = order // 4
        self._starts = np.searchsorted(quads.ravel()[order], np.arange(len(self.rest)))

    def _prepare_directions(self) -> None:
        """Find the outermost vertex of the average head in every direction."""
        x, y, z = self.rest.T
        ear = (np.abs(x) > 7.3) & (z < 3.2) & (y > -3.5) & (y < 7.5)
        outside = self.skin & ~ear
        away = unit(self.rest - CENTER)
        front = self.normals(self.rest)
        candidates = np.flatnonzero(outside & (dot(front, away) > 0.1))
        near = directions() @ away[candidates].T
        self._outer = candidates[near.argmax(axis=-1)]

    def _occlusion(self) -> Array:
        normals = self.normals(self.rest)
        seen = np.zeros(len(self.rest), np.float32)
        total = np.full(len(self.rest), 1e-3, np.float32)
        for i in range(24):
            up = 0.95 - 1.6 * i / 24
            turn = 2.399963 * i
            flat = np.sqrt(1 - up * up)
            sky = np.array([flat * np.sin(turn), up, flat * np.cos(turn)], np.float32)
            weight = np.clip(dot(normals, sky), 0, 1)
            seen += weight * lit(self.rest, self.triangles, sky, self.rest, normals, 112)
            total += weight
        return np.clip(seen / total, 0, 1)


def lit(
    vertices: Array, triangles: Array, light: Array, places: Array, normals: Array, side: int
) -> Array:
    """Return how much of a distant light reaches each place, 0-1, by a depth map from the light.

    Args:
        vertices: (n, 3) corners of what throws shadows.
        triangles: (m, 3).
        light: Direction to the light, of length 1.
        places: (k, 3).
        normals: (k, 3) at the places.
        side: Width and height of the depth map in pixels.
    """
    right = unit(np.cross([0.03, 1, 0.05], light)).astype(np.float32)
    axes = np.stack([right, -np.cross(light, right).astype(np.float32), light.astype(np.float32)])
    scale = np.float32(side / 44)
    shift = np.array([side / 2, side / 2, 0], np.float32)
    factor = np.array([scale, scale, 1], np.float32)
    seen = onto(vertices - CENTER, axes) * factor + shift
    buffer = DepthBuffer((side, side))
    buffer.draw(seen, triangles, two_sided=True)
    depth = buffer.depths()
    x, y, z = (onto(places + 0.25 * normals - CENTER, axes) * factor + shift).T
    total = np.zeros(len(places), np.float32)
    taps = ((-0.9, -0.3), (0.3, -0.9), (0.9, 0.3), (-0.3, 0.9), (0, 0))
    for dx, dy in taps:
        column = np.clip(x + dx, 0, side - 1).astype(np.int32)
        row = np.clip(y + dy, 0, side - 1).astype(np.int32)
        total += np.clip(1.5 - (depth[row, column] - z) / np.float32(0.3), 0, 1)
    return total / len(taps)


@functools.cache
def directions() -> Array:
    """Return (elevations, azimuths, 3) directions of length 1; azimuth 0 is to the front."""
    elevation = np.linspace(-np.pi / 2, np.pi / 2, _ELEVATIONS)[:, None]
    azimuth = np.linspace(-np.pi, np.pi, _AZIMUTHS, endpoint=False)[None]
    x = np.cos(elevation) * np.sin(azimuth)
    z = np.cos(elevation) * np.cos(azimuth)
    return np.stack([x, np.broadcast_to(np.sin(elevation), x.shape), z], axis=-1)


def ear_bump(towards: Array) -> Array:
    """Return where ears stand off the head, 0-1, in directions (..., 3)."""
    azimuth = np.arctan2(np.abs(towards[..., 0]), towards[..., 2])
    return np.exp(-(((azimuth - 1.65) / 0.3) ** 2) - ((towards[..., 1] + 0.15) / 0.4) ** 2)


def radius_at(radii: Array, towards: Array) -> Array:
    """Look up how far the head reaches in directions (..., 3) of length 1."""
    azimuth = np.arctan2(towards[..., 0], towards[..., 2])
    elevation = np.arcsin(np.clip(towards[..., 1], -1, 1))
    column = (azimuth / (2 * np.pi) + 0.5) * _AZIMUTHS
    row = (elevation / np.pi + 0.5) * (_ELEVATIONS - 1)
    left = np.floor(column).astype(np.int32)
    low = np.clip(np.floor(row).astype(np.int32), 0, _ELEVATIONS - 2)
    fx = (column - left).astype(np.float32)
    fy = (row - low).astype(np.float32)
    left, right = left % _AZIMUTHS, (left + 1) % _AZIMUTHS
    below = radii[low, left] * (1 - fx) + radii[low, right] * fx
    above = radii[low + 1, left] * (1 - fx) + radii[low + 1, right] * fx
    return below * (1 - fy) + above * fy


@functools.cache
def head_model() -> HeadModel:
    """Return the head, read and prepared once."""
    return HeadModel(Path(__file__).with_name("face_model.npz"))
