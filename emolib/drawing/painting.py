"""All brushes in their order: shape, skin, features, light, hair, camera."""

from __future__ import annotations

import numpy as np
from PIL import Image

from .camera import develop, shade, skin_texture
from .canvas import Array, bump, line, step, within
from .eyes import brow_mask, paint_eyes, paint_glasses
from .hair import beard_mask, hair_mask, paint_ears, paint_hat, strands, surroundings
from .head import EYE_Y, Head, nose_relief, place_head, upper_relief
from .looks import Look
from .mouth import Mouth, cheek_relief

SHARPER = 2  # drawn so many times larger, then scaled down


def paint_face(
    actions: dict[int, float], look: Look, size: int, rng: np.random.Generator
) -> Image.Image:
    """Draw one face of mode "L"; see `draw_face`."""
    side = SHARPER * size
    head = place_head(look, actions, side)
    # most features are on one half of the face only: half the work
    above, upper = head.band(-9, 0.25)
    below, lower = head.band(-0.65, 9)
    mouth = Mouth(lower)
    height = head.z.copy()
    height[above] += 0.9 * upper_relief(upper)
    height += 0.9 * nose_relief(head)
    height[below] += 0.9 * (cheek_relief(lower, mouth) + mouth.relief(lower))
    light, mirror = shade(height, look, head.pixel)
    hair = strands(head, rng)
    skin = look.skin * skin_texture(rng, side, look)
    skin[above] = _upper_skin(upper, skin[above], hair[above])
    skin[below] = _lower_skin(lower, mouth, skin[below], hair[below], rng)
    face = skin * light + look.shine * mirror * (0.4 + 0.6 * look.skin)
    face[above] = paint_glasses(upper, face[above])
    picture = paint_ears(head, surroundings(head, rng))
    on_head = step(1 - head.radius, 0, 3 * head.pixel)
    picture = picture + (face - picture) * on_head
    mask = hair_mask(head, rng)
    lit = hair * (0.45 + 0.55 * np.clip(light, 0, 1.2))
    picture = picture + (lit - picture) * mask
    picture = paint_hat(head, picture)
    picture = _hand(head, picture, rng)
    return develop(picture, _spot(head), look, size, rng)


def _spot(head: Head) -> Array:
    """Where the camera measures the light: the middle of the face."""
    return bump(head.px, head.py - 0.1, 0.55, 0.7)


def _upper_skin(head: Head, albedo: Array, hair: Array) -> Array:
    """Paint sockets, eyes and brows; brightness is the skin's own, before light falls on it."""
    look = head.look
    socket = bump(head.ax - look.eye_distance + 0.03, head.y - EYE_Y, 0.21, 0.13)
    albedo = paint_eyes(head, albedo * (1 - 0.22 * socket))
    brows = np.clip(0.9 * brow_mask(head) * (0.55 + 0.3 * look.brow_thickness), 0, 0.92)
    return albedo + (hair * 0.8 - albedo) * brows


def _lower_skin(
    head: Head, mouth: Mouth, albedo: Array, hair: Array, rng: np.random.Generator
) -> Array:
    """Paint cheeks, nostrils, mouth and beard."""
    look = head.look
    albedo = albedo * (1 - 0.06 * bump(head.ax - 0.55, head.y - 0.15, 0.2, 0.15))
    bottom = 0.26 * look.nose_length - 0.05 * head.au[9]
    nostril = bump(head.ax - 0.085 * look.nose_width, head.y - bottom - 0.02, 0.045, 0.022)
    albedo = mouth.paint(head, albedo * (1 - 0.55 * nostril))
    albedo = albedo * (1 - mouth.closed_line(head))
    beard = beard_mask(head, mouth, rng)
    return albedo + (0.7 * hair - albedo) * beard


def _hand(head: Head, picture: Array, rng: np.random.Generator) -> Array:
    """Lay a hand over a part of the face, if the look has one there."""
    look = head.look
    side, wobble = rng.choice([-1, 1]), rng.uniform(-0.15, 0.15, 4)
    if not look.hand:
        return picture
    x0, y0, angle = {1: (0.75, 0.5, 0.2), 2: (0.3, 1.15, 0.9), 3: (0.9, -0.5, 0.1)}[look.hand]
    x, y = side * head.px - x0 - wobble[0], head.py - y0 - wobble[1]
    along = x * np.sin(angle) - y * np.cos(angle)
    across = x * np.cos(angle) + y * np.sin(angle)
    for finger in range(4):
        middle = across - 0.17 * (finger - 1.5) + 0.1 * along * (finger - 1.5) * wobble[2]
        tip = 0.45 - 0.08 * abs(finger - 1.2)
        shape = within(middle, -0.085, 0.085, 0.05) * within(along, -0.6, tip, 0.08)
        tone = look.skin * (0.95 - 0.3 * np.abs(middle / 0.09) ** 2)
        picture = picture + (tone - picture) * shape
        nail = line(np.hypot(middle, (along - tip + 0.08) / 1.5), 0.04)
        picture = picture + 0.05 * nail * shape
    palm = step(1 - np.hypot(across / 0.4, (along + 0.45) / 0.5), 0, 0.15)
    arm = within(across, -0.27, 0.27, 0.06) * step(-0.6 - along, 0, 0.1)
    tone = look.skin * (0.85 - 0.35 * look.light_x * side * across - 0.5 * across**2)
    return picture + (tone - picture) * np.maximum(palm, arm)
