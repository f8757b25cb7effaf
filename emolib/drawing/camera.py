"""Light and film: from shape and paint to the picture that a camera would have taken."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from .canvas import Array, blur, mottle, step
from .looks import Look

FACE_CONTRAST = 0.17  # standard deviation of an average face, of full white


def shade(height: Array, look: Look, pixel: float) -> tuple[Array, Array]:
    """How bright white skin would be under the look's light, and where it shines.

    Args:
        height: How near each pixel's surface is.
        look: Light strength and direction, shine.
        pixel: Size of a pixel, in the unit of `height`.

    Returns:
        Brightness (about 0-1.3) and shine (0-1), both of the shape of `height`.
    """
    dy, dx = np.gradient(height, pixel)
    norm = np.sqrt(dx**2 + dy**2 + 1)
    to_light = np.array([look.light_x, look.light_y, 0.8])
    to_light /= np.linalg.norm(to_light)
    facing = (-dx * to_light[0] - dy * to_light[1] + to_light[2]) / norm
    direct = np.clip(facing, 0, 1) * (1 - 0.4 * _shadow(height, to_light, pixel))
    # light from all sides: more from above, less in hollows
    hollow = np.clip(blur(height, 0.12 / pixel) - height, 0, 0.2)
    ambient = (0.8 - 0.25 * dy / norm) * np.exp(-4 * hollow)
    ambient = ambient * (0.65 + 0.35 / norm)
    half = (to_light + [0, 0, 1]) / np.linalg.norm(to_light + [0, 0, 1])
    mirror = np.clip((-dx * half[0] - dy * half[1] + half[2]) / norm, 0, 1) ** 24
    return (1 - look.light) * ambient + 1.15 * look.light * direct + 0.1 * ambient, mirror


def _shadow(height: Array, to_light: Array, pixel: float) -> Array:
    """Where something nearer stands between a place and the light, 0-1."""
    deepest = np.zeros_like(height)
    flat = np.hypot(to_light[0], to_light[1])
    if flat < 0.05:
        return deepest
    for distance in (0.06, 0.12, 0.2, 0.3):
        sx, sy = (int(round(distance * to_light[i] / flat / pixel)) for i in (0, 1))
        needed = distance * to_light[2] / flat
        above = _shifted(height, sy, sx) - height - needed
        deepest = np.maximum(deepest, above / (0.5 * distance + 0.06))
    return blur(np.clip(deepest, 0, 1), 0.05 / pixel)


def _shifted(a: Array, dy: int, dx: int) -> Array:
    n, m = a.shape
    return a[np.clip(np.arange(n) + dy, 0, n - 1)][:, np.clip(np.arange(m) + dx, 0, m - 1)]


def develop(
    picture: Array, spot: Array, look: Look, size: int, rng: np.random.Generator
) -> Image.Image:
    """Scale a drawing down and give it a camera's contrast, blur, noise and JPEG traces.

    Args:
        picture: Float (side, side), 0-1, side a multiple of `size`.
        spot: Weights, shape of `picture`: where brightness and contrast are measured.
        look: Brightness, contrast, blur, sharpening, noise, jpeg.
        size: Side of the finished picture in pixels.
        rng: Draws the noise.

    Returns:
        Gray picture of mode "L".
    """
    factor = len(picture) // size
    mean = np.average(picture, weights=spot)
    spread = np.sqrt(np.average((picture - mean) ** 2, weights=spot))
    scale = size / 48
    picture = blur(picture, factor * look.blur * scale)
    small = picture.reshape(size, factor, size, factor).mean(axis=(1, 3))
    small = small + look.sharpening * (small - blur(small, 0.9 * scale))
    small = look.brightness + (small - mean) * (FACE_CONTRAST * look.contrast / max(spread, 0.03))
    small = small + look.noise * (rng.normal(size=small.shape) + 0.5 * mottle(rng, size, (24, 24)))
    # film bends towards black and white, it does not cut
    small = 0.5 + 0.5 * np.tanh(1.15 * (2 * small - 1)) / np.tanh(1.15)
    image = Image.fromarray(np.clip(np.round(255 * small), 0, 255).astype(np.uint8))
    return _stored(image, look.jpeg) if look.jpeg else image


def _stored(image: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("L")


def skin_texture(rng: np.random.Generator, side: int, look: Look) -> Array:
    """Draw how uneven the skin is: blotches, freckles, fine wrinkles; a factor around 1."""
    blotches = 0.03 * mottle(rng, side, (6, 6))
    fine = 0.02 * mottle(rng, side, (side // 3, side // 3)) * (0.5 + look.age)
    spots = step(mottle(rng, side, (side // 4, side // 4)), 1.6, 0.6)
    return 1 + blotches + fine - 0.15 * look.freckles * spots
