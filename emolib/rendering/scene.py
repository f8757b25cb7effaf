"""One face from beginning to end: shape, hair, things, rays, light, film."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from PIL import Image

from . import head as parts
from .beard import grow_beard, grow_lashes
from .camera import Camera, develop, place_camera, scenery
from .expressions import model_weights
from .hair import grow_hair, keep_strands
from .head import CENTER, HAIR, HeadModel, Mesh, dot, f32, head_model, lit, merge, onto, unit
from .looks import Look
from .props import dress, lens_outlines
from .raster import DepthBuffer, barycentric
from .shading import Surface, diffuse, eye_light, hair_light, lamps, mirrored, skin_light
from .skin import Paint, eye_color, mottle, skin_albedo, skin_color, skin_hair

Array = np.ndarray
_CHILD = 0.15  # the age below which a face is a child's
_MALE = {0: -0.8, 2: 0.9}  # identity direction: shift for a man's head


def render(
    actions: Mapping[int, float], look: Look, size: int, color: bool, seed: int | Sequence[int]
) -> Image.Image:
    """Render one face; see `render_face`."""
    model = head_model()
    # separate streams: a different hat must not change the freckles
    person = [np.random.default_rng(s) for s in np.random.SeedSequence(look.person).spawn(7)]
    # a separate stream: the background must not give away the expression
    moment = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1,)))
    finer = max(2, round(150 / size))
    side = size * finer
    actions = _at_camera(actions, look)
    still = model.shape(_identity(look, person[0]))
    vertices = model.express(still, model_weights(actions, look.asymmetry))
    vertices = _gaze(model, vertices, actions)
    camera = place_camera(look, still[model.landmarks], side)
    detail = float(np.clip(side / 750, 0.3, 1.0))
    mesh = _assemble(model, still, vertices, look, person[3:], detail)
    paint = Paint(model, look, actions, person[1], float(np.clip(1.1 * camera.scale, 8, 32)))
    shift = person[2].uniform(0, 25, 2)
    view = _View(model, mesh, camera, side, look, _mouth_of(model, vertices))
    picture = scenery(look, side, moment)
    picture.reshape(-1, 3)[view.pixels] = view.shade(look, paint, shift)
    if look.glasses != "none":
        picture = _lenses(picture, view, vertices[model.landmarks], look)
    picture = cv2.resize(picture.astype(np.float32), (size, size), interpolation=cv2.INTER_AREA)
    return develop(picture, _spot(size), look, color, moment)


def _identity(look: Look, person: np.random.Generator) -> Array:
    weights = np.clip(person.normal(size=60), -2.2, 2.2) * look.distinct
    for direction, share in _MALE.items():
        weights[direction] = 0.6 * weights[direction] + share * look.male
    weights[0] += 1.8 * max(0.0, 1 - look.age / _CHILD)
    return weights


def _at_camera(actions: Mapping[int, float], look: Look) -> dict[int, float]:
    """Return the action units with the eyes turned to the camera, as far as the look says."""
    actions = dict(actions)
    for angle, most, one, other in ((look.turn, 28, 62, 61), (look.pitch, 22, 63, 64)):
        unit = one if angle > 0 else other
        share = min(1.0, look.gaze * abs(angle) / most)
        actions[unit] = max(actions.get(unit, 0.0), share)
    return actions


def _gaze(model: HeadModel, vertices: Array, actions: Mapping[int, float]) -> Array:
    """Turn the eyeballs."""
    right = actions.get(61, 0) - actions.get(62, 0)
    up = actions.get(63, 0) - actions.get(64, 0)
    yaw, pitch = np.radians([28 * right, -22 * up])
    for ball in model.eyeballs:
        middle = vertices[ball].mean(axis=0) - f32(0, 0, 0.5)
        x, y, z = (vertices[ball] - middle).T
        x, z = x * np.cos(yaw) + z * np.sin(yaw), z * np.cos(yaw) - x * np.sin(yaw)
        y, z = y * np.cos(pitch) - z * np.sin(pitch), z * np.cos(pitch) + y * np.sin(pitch)
        vertices[ball] = middle + np.stack([x, y, z], axis=1)
    return vertices


def _assemble(
    model: HeadModel, still: Array, vertices: Array, look: Look,
    person: list[np.random.Generator], detail: float,
) -> Mesh:  # fmt: skip
    """Return the head with its hair and things; ribbons and things come last."""
    radii, spots = model.radii(still), vertices[model.landmarks]
    meshes = [model.mesh(vertices), *dress(spots, radii, look, skin_color(look), person[0])]
    meshes += grow_hair(model, radii, look, person[1], detail)
    meshes += grow_beard(model, vertices, look, person[2], detail)
    return merge([*meshes, grow_lashes(spots, look, person[3], detail)])


def _mouth_of(model: HeadModel, vertices: Array) -> tuple[float, Array]:
    """Return how wide the lips are open, in cm, and where they are."""
    inner = vertices[model.landmarks[60:68]]
    opening = float(np.clip(inner[[1, 2, 3], 1].mean() - inner[[5, 6, 7], 1].mean(), 0, 9))
    return opening, vertices[model.landmarks[48:60]].mean(axis=0)


class _View:
    """What each pixel sees.

    Attributes:
        pixels: Numbers of the pixels that see the head or something on it.
        depth: (side, side).
    """

    def __init__(
        self, model: HeadModel, mesh: Mesh, camera: Camera, side: int, look: Look,
        mouth: tuple[float, Array],
    ):  # fmt: skip
        """Find the triangle that each pixel sees, and what is known there."""
        self.camera, self.side, self.mouth = camera, side, mouth
        turned = camera.turn(mesh.vertices - CENTER)
        seen = camera.project(turned)
        triangles = self._visible(mesh, seen)
        self.pixels = np.flatnonzero(triangles >= 0)
        triangle = triangles[self.pixels]
        corners = mesh.triangles[triangle]
        x, y = (part + np.float32(0.5) for part in (self.pixels % side, self.pixels // side))
        weights = np.clip(barycentric(seen[corners], x, y), 0, 1)
        open_ = np.concatenate([model.occlusion, np.ones(len(seen) - len(model.rest), np.float32)])

        def mix(values: Array) -> Array:
            first, second, third = (
                values[corners[:, i]] * weights[:, i].reshape(-1, *[1] * (values.ndim - 1))
                for i in range(3)
            )
            return first + second + third

        self.material = mesh.material[triangle]
        self.info = mix(mesh.info)
        self.tangent = camera.turn(mix(mesh.tangent))
        self.place = mix(mesh.vertices)
        self.still_open = mix(open_)
        self._light(mesh, mix(mesh.normals), mix(turned), look)

    def _visible(self, mesh: Mesh, seen: Array) -> Array:
        buffer = DepthBuffer((self.side, self.side))
        hair = np.flatnonzero(mesh.material == HAIR)
        first_hair = int(hair[0])
        things = np.flatnonzero(mesh.material > HAIR)
        first = int(things[0]) if things.size else first_hair
        buffer.draw(seen, mesh.triangles[:first])
        buffer.draw(seen, mesh.triangles[first:first_hair], first, two_sided=True)
        ribbons = mesh.triangles[first_hair:]
        *flat, number = np.ascontiguousarray(mesh.info.T)

        def keep(triangle: Array, weights: Array) -> Array:
            corners = ribbons[triangle].T
            across, along = (sum(part[corners[i]] * weights[i] for i in range(3)) for part in flat)
            return keep_strands(across, along, number[corners[0]])

        buffer.draw(seen, ribbons, first_hair, two_sided=True, keep=keep)
        self.depth = buffer.depths()
        return buffer.triangles()

    def _light(self, mesh: Mesh, normals: Array, turned: Array, look: Look) -> None:
        """Find normals, hollows and shadows."""
        normals = unit(self.camera.turn(normals))
        view = unit(np.array([0, 0, self.camera.distance], np.float32) - turned)
        back = dot(normals, view) < 0
        normals = np.where((back & (self.material >= HAIR))[:, None], -normals, normals)
        towards = lamps(look)[0].towards @ self.camera.rotation
        solid = mesh.material != parts.MOUTH
        solid &= (mesh.material != parts.TEETH) & (mesh.material != parts.EYE)
        shadow = lit(
            mesh.vertices, mesh.triangles[solid], towards, self.place,
            onto(normals, self.camera.rotation.T), 96 if self.side < 200 else 224,
        )  # fmt: skip
        self.surface = Surface(normals, view, self._openness(), shadow)

    def _openness(self) -> Array:
        """Return how much of the sky is seen, from the hollows of the depth picture."""
        seen = np.zeros((self.side, self.side), np.float32)
        seen.ravel()[self.pixels] = 1
        closed = np.zeros(len(self.pixels), np.float32)
        for radius, weight in ((0.6, 0.5), (1.8, 0.20)):
            sigma = max(1.0, radius * self.camera.scale)
            box = (int(sigma) * 2 + 1,) * 2
            around = cv2.blur(self.depth * seen, box) / np.maximum(cv2.blur(seen, box), 1e-3)
            hollow = (around - self.depth).ravel()[self.pixels]
            closed += weight * np.clip(hollow, 0, 2.0)
        return np.exp(-closed).astype(np.float32) * np.clip(self.still_open * 1.08, 0.02, 1)

    def shade(self, look: Look, paint: Paint, shift: Array) -> Array:
        """Return the light (n, 3) that comes from each pixel."""
        out = np.zeros((len(self.pixels), 3), np.float32)
        jobs = {
            parts.SKIN: lambda rows: self._skin(rows, look, paint, shift),
            parts.MOUTH: lambda rows: self._mouth(rows, look, f32(0.30, 0.085, 0.08)),
            parts.TEETH: lambda rows: self._mouth(rows, look, None),
            parts.EYE: lambda rows: eye_light(
                *eye_color(self.info[rows], look), self.surface.take(rows), look
            ),
            HAIR: lambda rows: hair_light(
                self.info[rows], self.tangent[rows], self.surface.take(rows), look
            ),
            parts.CLOTH: lambda rows: self._cloth(rows, look),
            parts.SOLID: lambda rows: self._solid(rows, look),
        }
        for material, job in jobs.items():
            rows = np.flatnonzero(self.material == material)
            if rows.size:
                out[rows] = job(rows)
        return out

    def _skin(self, rows: Array, look: Look, paint: Paint, shift: Array) -> Array:
        rest = self.info[rows]
        layers = paint.at(rest)
        albedo = skin_albedo(rest, layers, self.still_open[rows], look, shift)
        albedo = skin_hair(albedo, rest, layers, look, shift)
        surface = self.surface.take(rows)
        slope = np.zeros_like(rest)
        slope[:, :2] = -layers[:, 1:3]
        surface.normals = unit(surface.normals + self.camera.turn(slope))
        x, y = np.abs(rest[:, 0]), rest[:, 1]
        oily = 0.55 + 0.9 * np.exp(-((x / 1.2) ** 2)) * (y < 9) * (y > -2) + 0.35 * (y > 6)
        oily = oily * (1 - layers[:, 0]) + 0.7 * layers[:, 4]
        return skin_light(albedo, surface, look, oily)

    def _mouth(self, rows: Array, look: Look, color: Array | None) -> Array:
        """Shade teeth, gums and tongue by how much light the lips let in."""
        opening, lips = self.mouth
        place = self.place[rows]
        deep = np.clip(lips[2] - place[:, 2] + 0.05 * place[:, 0] ** 2, 0, 9)
        let_in = min(1.0, 0.5 + 0.35 * opening) * np.exp(-0.45 * np.clip(deep - 0.5, 0, 9))
        surface = self.surface.take(rows)
        # the depth picture's hollows, without the closed mouth's darkness
        hollow = surface.open / np.clip(self.still_open[rows] * 1.08, 0.02, 1)
        surface.open = let_in * np.sqrt(hollow)
        surface.shadow = (0.4 + 0.6 * surface.shadow) * let_in
        if color is None:
            color = f32(0.47, 0.43, 0.35) + look.teeth * f32(0.12, 0.14, 0.17)
            # the lower teeth are in the lip's shadow
            low = np.where(self.info[rows, 1:2] < -3.9, np.float32(0.55), np.float32(1))
            color = color * low * (0.42 + 0.58 * min(1.0, skin_color(look).mean() / 0.3))
        return color * diffuse(surface, look, 0.25) + 0.25 * mirrored(surface, look, 5)

    def _cloth(self, rows: Array, look: Look) -> Array:
        x, y, z = self.place[rows].T
        weave = 1 + 0.06 * mottle(x + z, y, 1.5)
        return self.info[rows] * weave[:, None] * diffuse(self.surface.take(rows), look, 0.1)

    def _solid(self, rows: Array, look: Look) -> Array:
        surface = self.surface.take(rows)
        return self.info[rows] * diffuse(surface, look, 0.2) + 0.2 * mirrored(surface, look, 5)


def _lenses(picture: Array, view: _View, spots: Array, look: Look) -> Array:
    """Draw lenses over the picture: tinted, with a reflection."""
    camera, side = view.camera, view.side
    for outline in lens_outlines(spots, look):
        turned = camera.turn(outline - CENTER)
        seen = camera.project(turned)
        mask = np.zeros((side, side), np.uint8)
        cv2.fillPoly(mask, [np.rint(seen[:, :2] * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        clear = (mask / np.float32(255)) * (view.depth < turned[:, 2].max() + 0.6)
        tint = 0.90 if look.glasses == "sun" else 0.06
        y, x = np.mgrid[:side, :side].astype(np.float32)
        place = ((x - seen[:, 0].mean()) * 0.8 - (y - seen[:, 1].mean())) / camera.scale
        band = np.exp(-(((place - 1.2 - 4 * look.light_side) / 0.8) ** 2))
        gleam = (0.005 + 0.06 * band * look.light)[..., None]
        shaded = picture * (1 - tint) + gleam
        picture = picture + (shaded - picture) * clear[..., None]
    return picture


def _spot(size: int) -> Array:
    """Return where the camera measures the light: the middle of the face."""
    y, x = (np.mgrid[:size, :size] + 0.5) / size
    return np.exp(-(((x - 0.5) / 0.22) ** 2) - ((y - 0.55) / 0.27) ** 2)
