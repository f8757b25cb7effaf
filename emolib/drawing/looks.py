"""Everything about a face that must not matter: whose it is, how it is held, lit and recorded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Look:
    """How a face looks, whatever it expresses. The defaults are a plain, well-lit, frontal face.

    Lengths are in units of half the face's width unless said otherwise; brightness is 0-1.

    Attributes:
        size: Half the face's width, as a share of the picture's.
        x: Place of the face's middle, share of the picture, 0 is the centre.
        y: The same, downwards.
        turn: Head turned to the side, degrees.
        nod: Head lowered, degrees.
        tilt: Head leaned to one shoulder, degrees.
        length: Height of the head relative to its width.
        jaw: How much the face narrows towards the chin.
        skin: Brightness of the skin.
        age: 0 young, 1 with deep folds.
        gaze_x: Where the eyes look, -1 to 1.
        gaze_y: The same, 1 is down.
        eye_size: Size of the eyes, 1 is average.
        eye_distance: Distance of an eye from the middle.
        eye_slant: How much higher the outer corners of the eyes are.
        lashes: Darkness of the lashes, 0-1.
        iris: Brightness of the iris.
        brow_height: How far the brows stand above the eyes.
        brow_thickness: Thickness of the brows, 1 is average.
        brow_arch: How curved they are.
        hair: Brightness of hair and brows.
        nose_length: Length of the nose, 1 is average.
        nose_width: Width of the nose, 1 is average.
        mouth_width: Half the mouth's width at rest.
        mouth_height: Place of the mouth, downwards from the face's middle.
        lip_fullness: Thickness of the lips, 1 is average.
        lip_tone: Brightness of the lips relative to the skin.
        teeth: Brightness of the teeth.
        asymmetry: How much stronger the right half of the face acts, -1 to 1.
        hairline: Where the hair begins; below -1.4 the head is bald.
        fringe: How far hair falls into the forehead.
        parting: Where the hair is parted.
        hair_volume: How far the hair stands off the head.
        hair_length: How far down it falls at the sides.
        beard: Darkness of a beard, 0-1.
        moustache: Darkness of a moustache, 0-1.
        glasses: Whether there are glasses.
        rim: Thickness of their rims.
        lens: Size of their lenses.
        shades: Darkness of their lenses, 0-1.
        freckles: Strength of freckles and blotches, 0-1.
        makeup: Darkness around the eyes and on the lips, 0-1.
        hat: Brightness of a hat, below 0 for none.
        hand: Where a hand covers the face: 0 none, 1 cheek, 2 chin, 3 temple.
        light: Strength of the main light against the light from all sides, 0-1.
        light_x: Where the light comes from, -1 left to 1 right.
        light_y: The same, -1 above to 1 below.
        shine: How much the skin shines.
        background: Brightness behind the head.
        clutter: How uneven the background is, 0-1.
        clothes: Brightness of the clothes.
        brightness: Mean brightness of the finished face, 0-1.
        contrast: Contrast of the finished picture, 1 is average.
        blur: Blur in pixels of a 48-pixel picture.
        sharpening: How much the picture has been sharpened.
        noise: Strength of the noise, 0-1 (standard deviation over full white).
        jpeg: JPEG quality 1-95 it was once stored with, 0 for none.
    """

    size: float = 0.385
    x: float = 0.0
    y: float = 0.0
    turn: float = 0.0
    nod: float = 0.0
    tilt: float = 0.0
    length: float = 1.56
    jaw: float = 0.25
    skin: float = 0.7
    age: float = 0.2
    gaze_x: float = 0.0
    gaze_y: float = 0.0
    eye_size: float = 1.0
    eye_distance: float = 0.5
    eye_slant: float = 0.05
    lashes: float = 0.6
    iris: float = 0.2
    brow_height: float = 0.21
    brow_thickness: float = 1.0
    brow_arch: float = 0.06
    hair: float = 0.15
    nose_length: float = 1.0
    nose_width: float = 1.0
    mouth_width: float = 0.375
    mouth_height: float = 0.68
    lip_fullness: float = 1.0
    lip_tone: float = 0.75
    teeth: float = 0.9
    asymmetry: float = 0.0
    hairline: float = -1.1
    fringe: float = 0.0
    parting: float = 0.3
    hair_volume: float = 0.15
    hair_length: float = 0.0
    beard: float = 0.0
    moustache: float = 0.0
    glasses: bool = False
    rim: float = 0.03
    lens: float = 0.27
    shades: float = 0.0
    freckles: float = 0.1
    makeup: float = 0.0
    hat: float = -1.0
    hand: int = 0
    light: float = 0.6
    light_x: float = -0.3
    light_y: float = -0.5
    shine: float = 0.15
    background: float = 0.5
    clutter: float = 0.0
    clothes: float = 0.3
    brightness: float = 0.55
    contrast: float = 1.0
    blur: float = 0.3
    sharpening: float = 0.0
    noise: float = 0.0
    jpeg: int = 0


def random_look(seed: int | np.random.Generator = 0) -> Look:
    """Draw a look at random, as varied as photographs from the internet are.

    Args:
        seed: Seed of the draw, or a generator to draw with.
    """
    rng = np.random.default_rng(seed)
    return Look(
        **_head(rng), **_eyes_and_brows(rng), **_nose_and_mouth(rng), **_hair(rng), **_extras(rng),
        **_light(rng), **_camera(rng),
    )  # fmt: skip


def _between(rng: np.random.Generator, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def _about(rng: np.random.Generator, mean: float, spread: float, limit: float = 2.5) -> float:
    """Draw from a bell curve without its far ends."""
    return mean + spread * float(np.clip(rng.normal(), -limit, limit))


def _sometimes(rng: np.random.Generator, chance: float, low: float, high: float) -> float:
    """Draw between two numbers with a chance, else 0."""
    value, happens = rng.uniform(low, high), rng.random() < chance
    return float(value) if happens else 0.0


def _head(rng: np.random.Generator) -> dict:
    child = rng.random() < 0.2
    return {
        "size": _about(rng, 0.395, 0.025),
        "x": _about(rng, 0, 0.02),
        "y": _about(rng, 0.01, 0.02),
        "turn": _about(rng, 0, 15, 2.3),
        "nod": _about(rng, 0, 8),
        "tilt": _about(rng, 0, 10),
        "length": _about(rng, 1.42 if child else 1.58, 0.07),
        "jaw": _between(rng, 0.0, 0.15) if child else _between(rng, 0.06, 0.3),
        "skin": _between(rng, 0.3, 0.85),
        "age": 0.0 if child else _between(rng, 0, 1),
        "asymmetry": _about(rng, 0, 0.12, 2),
    }


def _eyes_and_brows(rng: np.random.Generator) -> dict:
    return {
        "gaze_x": _about(rng, 0, 0.4),
        "gaze_y": _about(rng, 0, 0.3),
        "eye_size": _between(rng, 0.8, 1.35),
        "eye_distance": _about(rng, 0.5, 0.025),
        "eye_slant": _about(rng, 0.015, 0.05),
        "lashes": _between(rng, 0.3, 1),
        "iris": _between(rng, 0.03, 0.35),
        "brow_height": _about(rng, 0.21, 0.045),
        "brow_thickness": _between(rng, 0.35, 1.4),
        "brow_arch": _between(rng, 0.0, 0.12),
    }


def _nose_and_mouth(rng: np.random.Generator) -> dict:
    return {
        "nose_length": _about(rng, 1, 0.1),
        "nose_width": _about(rng, 1, 0.17),
        "mouth_width": _about(rng, 0.375, 0.04),
        "mouth_height": _about(rng, 0.675, 0.035),
        "lip_fullness": _between(rng, 0.5, 1.5),
        "lip_tone": _between(rng, 0.5, 1.0),
        "teeth": _between(rng, 0.35, 1.0),
    }


def _hair(rng: np.random.Generator) -> dict:
    return {
        "hair": _between(rng, 0.02, 0.9) ** 2 + 0.02,
        "hairline": -1.5 if rng.random() < 0.1 else _about(rng, -1.1, 0.14),
        "fringe": _sometimes(rng, 0.35, 0.1, 0.5),
        "parting": _between(rng, -0.7, 0.7),
        "hair_volume": _between(rng, 0.03, 0.35),
        "hair_length": _sometimes(rng, 0.5, 0.2, 2.2),
    }


def _extras(rng: np.random.Generator) -> dict:
    return {
        "beard": _sometimes(rng, 0.14, 0.1, 0.7),
        "moustache": _sometimes(rng, 0.13, 0.2, 0.8),
        "glasses": bool(rng.random() < 0.13),
        "rim": _between(rng, 0.012, 0.05),
        "lens": _between(rng, 0.22, 0.33),
        "shades": _sometimes(rng, 0.15, 0.2, 0.95),
        "freckles": _between(rng, 0, 0.5),
        "makeup": _sometimes(rng, 0.3, 0.2, 1),
        "hat": _between(rng, 0.05, 0.95) if rng.random() < 0.08 else -1.0,
        "hand": int(rng.integers(1, 4)) if rng.random() < 0.14 else 0,
    }


def _light(rng: np.random.Generator) -> dict:
    return {
        "light": _between(rng, 0.2, 0.75),
        "light_x": _about(rng, 0, 0.45, 2),
        "light_y": _about(rng, -0.45, 0.35),
        "shine": _sometimes(rng, 0.7, 0.05, 0.4),
        "background": _between(rng, 0, 1) ** 1.5,
        "clutter": _between(rng, 0, 0.5),
        "clothes": _between(rng, 0, 1) ** 1.5,
    }


def _camera(rng: np.random.Generator) -> dict:
    return {
        "brightness": _about(rng, 0.52, 0.1),
        "contrast": _between(rng, 0.65, 1.25),
        "blur": _sometimes(rng, 0.4, 0.1, 0.5),
        "sharpening": _sometimes(rng, 0.7, 0.2, 1.3),
        "noise": _sometimes(rng, 0.6, 0.003, 0.02),
        "jpeg": int(rng.integers(30, 95)) if rng.random() < 0.7 else 0,
    }
