"""The camera: how the head is posed and framed, and what film and file do to the picture."""

from __future__ import annotations

import io
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from .head import CENTER, dot, onto
from .looks import Look

Array = np.ndarray
GRAY = np.array([0.299, 0.587, 0.114], np.float32)
EYES_TO_MOUTH = 0.37  # of the picture's height, as in FER2013
MIDDLE = 0.575  # of the height, from the top: the middle between eyes and mouth


@dataclass(frozen=True)
class Camera:
    """A mapping from the head's axes to the picture.

    Attributes:
        rotation: (3, 3).
        scale: Pixels per cm at the head's center.
        shift: Column and row of the head's center.
        distance: Of the head's center, cm.
    """

    rotation: Array
    scale: float
    shift: Array
    distance: float

    def turn(self, vectors: Array) -> Array:
        """Return directions or places seen from the camera: right, up, near."""
        return onto(vectors, self.rotation)

    def project(self, turned: Array) -> Array:
        """Return column, row and depth of places (n, 3) that were turned, in pixels and cm."""
        nearness = self.scale * self.distance / (self.distance - turned[:, 2])
        column = self.shift[0] + turned[:, 0] * nearness
        row = self.shift[1] - turned[:, 1] * nearness
        return np.stack([column, row, turned[:, 2]], axis=1).astype(np.float32)


def place_camera(look: Look, spots: Array, side: int) -> Camera:
    """Frame a face as face finders crop it, whatever it expresses.

    Args:
        look: Turn, pitch, tilt, zoom and place.
        spots: (68, 3) landmarks without expression.
        side: Width and height of the picture in pixels.
    """
    yaw, pitch, roll = np.radians([look.turn, look.pitch, look.tilt])
    about_y = [[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]]
    about_x = [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]]
    about_z = [[np.cos(roll), np.sin(roll), 0], [-np.sin(roll), np.cos(roll), 0], [0, 0, 1]]
    rotation = np.array(about_z) @ np.array(about_x) @ np.array(about_y)
    spots = spots.astype(np.float64)
    eyes, mouth = spots[36:48].mean(axis=0), spots[48:68].mean(axis=0)
    plain = Camera(rotation, 1.0, np.zeros(2), look.distance)
    seen = plain.project(plain.turn(np.stack([eyes, mouth]) - CENTER))[:, :2]
    near = look.distance / (look.distance - 9)
    size = np.linalg.norm(eyes - mouth) * near * 0.97
    scale = EYES_TO_MOUTH * look.zoom * side / size
    # a head turned to the side shows its cheek: the middle of the head is the middle
    target = np.array([0.5 + look.x, MIDDLE + look.y]) * side
    middle = seen.mean(axis=0) * [0.75, 1.0]
    return Camera(rotation, float(scale), target - middle * scale, look.distance)


def scenery(look: Look, side: int, rng: np.random.Generator) -> Array:
    """Return what is behind the head, out of focus: (side, side, 3), linear."""
    base = 0.02 + 0.9 * look.background**2
    tint = 1 + 0.35 * (rng.random(3) - 0.5)
    y, x = np.mgrid[:32, :32] / 31
    slope = 1 + rng.uniform(-0.5, 0.5) * (x - 0.5) + rng.uniform(-0.2, 0.6) * (0.5 - y)
    picture = (base * slope)[..., None] * tint
    for _ in range(int(12 * look.clutter)):
        left, top = rng.integers(-8, 30, 2)
        wide, high = rng.integers(3, 20, 2)
        color = np.clip(base * np.exp(rng.normal(0, 0.8)), 0.01, 1.2) * (0.8 + 0.4 * rng.random(3))
        area = np.s_[max(top, 0) : max(top + high, 0), max(left, 0) : max(left + wide, 0)]
        picture[area] = picture[area] * 0.4 + 0.6 * color
    sigma = rng.uniform(0.6, 3.0)
    soft = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), sigma)
    return cv2.resize(soft, (side, side), interpolation=cv2.INTER_CUBIC).clip(0.003)


def develop(
    picture: Array, spot: Array, look: Look, color: bool, rng: np.random.Generator
) -> Image.Image:
    """Turn light (size, size, 3) into a picture, exposed for the weights `spot` (size, size)."""
    size = len(picture)
    # a large picture is a better photograph, not a small one made larger
    scale = np.sqrt(size / 48)
    usual = float(np.average(dot(picture, GRAY), weights=spot))
    wanted = look.brightness**2.2
    # dark skin is exposed longer, though not until it is light
    exposure = (wanted / usual) ** 0.8 * (wanted / 0.3) ** 0.2
    seen: Array = picture * np.float32(exposure)
    seen = np.where(seen < 0.6, seen, 0.6 + 0.4 * np.tanh((seen - 0.6) / 0.4 * 0.8))
    seen = np.clip(seen, 0, 1) ** np.float32(1 / 2.2)
    gray = dot(seen, GRAY)[..., None]
    seen = gray + np.float32(0.82) * (seen - gray) if color else gray
    middle = float(np.average(gray[..., 0], weights=spot))
    seen = middle + (seen - middle) * np.float32(look.contrast)
    # film rolls off toward black and white instead of clipping
    seen = 0.5 + 0.5 * np.tanh(1.1 * (2 * seen - 1)) / np.float32(np.tanh(1.1))
    seen = _blurred(seen, max(look.blur * scale, 0.45 if size > 100 else 0.3))
    seen = seen + look.sharpening * 0.7 / scale * (seen - _blurred(seen, 0.9 * scale))
    grain = rng.standard_normal((size, size, 1), np.float32)
    seen = seen + np.float32(look.noise / scale) * grain
    pixels = np.clip(np.rint(255 * seen), 0, 255).astype(np.uint8)
    image = Image.fromarray(pixels if color else pixels[..., 0])
    return _stored(image, look.jpeg) if look.jpeg else image


def _blurred(picture: Array, sigma: float) -> Array:
    soft = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), float(sigma))
    return soft.reshape(picture.shape)


def _stored(image: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file).convert(image.mode)
