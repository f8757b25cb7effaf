"""Everything about a face that must not matter: whose it is, how it is held, lit and recorded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MONK_TONES = (
    "#f6ede4", "#f3e7db", "#f7ead0", "#eadaba", "#d7bd96",
    "#a07e56", "#825c43", "#604134", "#3a312a", "#292420",
)  # fmt: skip
"""The ten skin tones of the Monk scale (Ellis Monk, 2019), from light to dark."""

CUTS = (
    "bald", "cropped", "short", "curly", "afro", "bob", "long", "wavy", "tied", "fringe",
    "headscarf", "cap",
)  # fmt: skip
"""What is on the head."""

# as shares of the light that each color gives back (linear red, green, blue)
HAIR_COLORS = {
    "black": (0.010, 0.008, 0.007),
    "dark brown": (0.028, 0.017, 0.011),
    "brown": (0.075, 0.043, 0.025),
    "auburn": (0.13, 0.048, 0.022),
    "dark blond": (0.17, 0.11, 0.06),
    "blond": (0.36, 0.25, 0.13),
    "gray": (0.20, 0.20, 0.20),
    "white": (0.55, 0.54, 0.52),
}
IRIS_COLORS = {
    "dark brown": (0.030, 0.013, 0.007),
    "brown": (0.075, 0.032, 0.013),
    "hazel": (0.12, 0.075, 0.025),
    "green": (0.09, 0.12, 0.06),
    "blue": (0.09, 0.15, 0.24),
    "gray": (0.15, 0.17, 0.19),
}
GLASSES = ("none", "thin", "thick", "sun")
OCCLUDERS = ("none", "hand on cheek", "hand at chin", "scarf", "microphone")


@dataclass(frozen=True)
class Look:
    """How a face looks, whatever it expresses. The defaults: a plain, well-lit, frontal face.

    Strengths are 0-1 and angles in degrees unless said otherwise.

    Attributes:
        person: Seed of the head's shape and of freckles, hairs and so on; nobody's in particular.
        distinct: How far the shape is from the average head's; 0 is the average head.
        male: How much the head's shape, brows and jaw are a man's, -1 to 1.
        age: 0 young, 1 with deep wrinkles.
        tone: Skin tone, 1-10 on the Monk scale.
        redness: Redness of cheeks, nose and ears.
        blotches: Unevenness of the skin.
        freckles: Density of freckles.
        shine: How much the skin shines.
        lips: How much darker and redder the lips are than the skin.
        makeup: Darkness around the eyes and color on the lips.
        iris: A key of `IRIS_COLORS`.
        teeth: Whiteness of the teeth.
        cut: One of `CUTS`.
        hair_color: A key of `HAIR_COLORS`.
        hair_length: Length relative to the cut's own, about 0.6-1.5.
        volume: How far hair stands off the head.
        hairline: How many cm the hairline is higher than usual.
        parting: Where the hair is parted, cm to the head's left.
        brows: Thickness of the brows, 1 is average.
        stubble: Density of shaven hair on the jaw.
        beard: Length of a beard, 0 for none.
        moustache: Length of a moustache, 0 for none.
        glasses: One of `GLASSES`.
        occluder: One of `OCCLUDERS`.
        cloth: Hue of clothes, caps and scarves, 0-1.
        cloth_light: Brightness of the same.
        asymmetry: How much stronger the left half of the face acts, -1 to 1.
        light_side: Where the main light comes from: -1 left to 1 right in the picture.
        light_up: The same: 1 above to -1 below.
        light: Strength of the main light against the sky's.
        fill: Strength of a second light from the other side.
        rim: Strength of a third light from behind.
        warmth: Color of the main light: -1 cold to 1 warm.
        turn: Head turned to the side.
        pitch: Head lowered.
        tilt: Head leaned to one shoulder.
        zoom: Size of the face in the picture, 1 is usual.
        x: Place of the face, share of the picture's width, 0 is the middle.
        y: The same, downwards.
        distance: From the camera, in cm.
        background: Brightness behind the head.
        clutter: How much there is to see in the background.
        brightness: Mean brightness of the finished face.
        contrast: Contrast of the finished picture, 1 is usual.
        blur: Blur, in pixels of a 48-pixel picture.
        sharpening: How much the picture has been sharpened.
        noise: Standard deviation of the noise over full white.
        jpeg: JPEG quality 1-95 it was once stored with, 0 for none.
    """

    person: int = 0
    distinct: float = 0.8
    male: float = 0.0
    age: float = 0.25
    tone: float = 4.0
    redness: float = 0.4
    blotches: float = 0.3
    freckles: float = 0.0
    shine: float = 0.4
    lips: float = 0.5
    makeup: float = 0.0
    iris: str = "brown"
    teeth: float = 0.7
    cut: str = "short"
    hair_color: str = "brown"
    hair_length: float = 1.0
    volume: float = 0.4
    hairline: float = 0.0
    parting: float = 2.0
    brows: float = 1.0
    stubble: float = 0.0
    beard: float = 0.0
    moustache: float = 0.0
    glasses: str = "none"
    occluder: str = "none"
    cloth: float = 0.6
    cloth_light: float = 0.3
    asymmetry: float = 0.0
    light_side: float = -0.4
    light_up: float = 0.5
    light: float = 0.55
    fill: float = 0.3
    rim: float = 0.0
    warmth: float = 0.1
    turn: float = 0.0
    pitch: float = 0.0
    tilt: float = 0.0
    zoom: float = 1.0
    x: float = 0.0
    y: float = 0.0
    distance: float = 90.0
    background: float = 0.5
    clutter: float = 0.3
    brightness: float = 0.57
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
    male = float(np.clip(rng.normal() * 0.35 + rng.choice([-0.6, 0.6]), -1.2, 1.2))
    age = float(rng.beta(1.3, 1.8))
    male = 0.3 * male if age < 0.15 else male  # children
    tone = float(rng.uniform(1, 10))
    return Look(
        **_body(rng, male, age, tone), **_hair(rng, male, age, tone), **_face_hair(rng, male),
        **_things(rng, male), **_light(rng), **_camera(rng), **_film(rng),
    )  # fmt: skip


def _between(rng: np.random.Generator, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def _about(rng: np.random.Generator, mean: float, spread: float, limit: float = 2.3) -> float:
    """Draw from a bell curve without its far ends."""
    return mean + spread * float(np.clip(rng.normal(), -limit, limit))


def _sometimes(rng: np.random.Generator, chance: float, low: float, high: float) -> float:
    """Draw between two numbers with a chance, else 0."""
    value = float(rng.uniform(low, high))
    return value if rng.random() < chance else 0.0


def _pick(rng: np.random.Generator, chances: dict[str, float]) -> str:
    weights = np.array(list(chances.values()))
    return list(chances)[int(rng.choice(len(weights), p=weights / weights.sum()))]


def _body(rng: np.random.Generator, male: float, age: float, tone: float) -> dict:
    light_eyes = max(0.0, 1 - tone / 6)
    return {
        "person": int(rng.integers(1 << 31)),
        "distinct": _between(rng, 0.6, 1.0),
        "male": male,
        "age": age,
        "tone": tone,
        "redness": _between(rng, 0.1, 0.9),
        "blotches": _between(rng, 0.1, 0.7),
        "freckles": _sometimes(rng, 0.25 if tone < 6 else 0.06, 0.1, 1.0),
        "shine": _between(rng, 0.05, 0.6),
        "lips": _between(rng, 0.25, 0.9),
        "makeup": _sometimes(rng, 0.55 if male < 0 else 0.02, 0.2, 1.0),
        "iris": _pick(
            rng,
            {
                "dark brown": 1.0,
                "brown": 0.8,
                "hazel": light_eyes,
                "green": light_eyes,
                "blue": 1.6 * light_eyes,
                "gray": 0.8 * light_eyes,
            },
        ),
        "teeth": _between(rng, 0.35, 1.0),
        "asymmetry": _about(rng, 0, 0.12),
    }


def _hair(rng: np.random.Generator, male: float, age: float, tone: float) -> dict:
    man = {"bald": 1.2, "cropped": 3.5, "short": 5, "curly": 1.2, "afro": 0.3, "cap": 0.8,
           "tied": 0.3, "wavy": 0.3, "bob": 0.3, "fringe": 0.7}  # fmt: skip
    woman = {"cropped": 0.4, "short": 1.0, "curly": 1.4, "afro": 0.4, "bob": 1.8, "long": 2.4,
             "wavy": 2, "tied": 2, "fringe": 1.6, "headscarf": 0.9, "cap": 0.4}  # fmt: skip
    dark = 0.6 + tone / 2
    old = max(0.0, age - 0.5) * 8
    light = max(0.03, 1.4 - tone / 5)
    colors = {"black": dark, "dark brown": 1.5, "brown": 1.2 * light, "auburn": 0.5 * light,
              "dark blond": light, "blond": light, "gray": old, "white": old * 0.4}  # fmt: skip
    return {
        "cut": _pick(rng, man if male > 0 else woman),
        "hair_color": _pick(rng, colors),
        "hair_length": _between(rng, 0.6, 1.4),
        "volume": _between(rng, 0.1, 1.0),
        "hairline": _about(rng, 0.0, 0.5) + (1.2 * age * rng.random() if male > 0 else 0.0),
        "parting": _between(rng, -4.5, 4.5),
        "brows": _between(rng, 0.7, 1.4) + 0.2 * male,
    }


def _face_hair(rng: np.random.Generator, male: float) -> dict:
    chance = 0.28 if male > 0.2 else 0.0
    beard = _sometimes(rng, chance, 0.1, 1.0) ** 1.5
    return {
        "beard": beard,
        "moustache": beard or _sometimes(rng, chance / 4, 0.2, 0.7),
        "stubble": _sometimes(rng, 0.5 if male > 0.2 else 0.0, 0.1, 0.9),
    }


def _things(rng: np.random.Generator, male: float) -> dict:
    return {
        "glasses": _pick(rng, {"none": 84, "thin": 7, "thick": 6, "sun": 0.8}),
        "occluder": _pick(
            rng,
            {"none": 90, "hand on cheek": 3, "hand at chin": 2.5, "scarf": 2.5, "microphone": 2},
        ),
        "cloth": _between(rng, 0, 1),
        "cloth_light": _between(rng, 0, 1) ** 2,
    }


def _light(rng: np.random.Generator) -> dict:
    below = rng.random() < 0.06
    return {
        "light_side": _about(rng, 0, 0.55, 2),
        "light_up": -0.5 if below else _between(rng, 0.0, 1.0),
        "light": _between(rng, 0.2, 0.85),
        "fill": _sometimes(rng, 0.6, 0.1, 0.8),
        "rim": _sometimes(rng, 0.3, 0.2, 1.0),
        "warmth": _about(rng, 0.1, 0.4),
    }


def _camera(rng: np.random.Generator) -> dict:
    return {
        "turn": _about(rng, 0, 15, 2.3),
        "pitch": _about(rng, 1, 7.5, 2.3),
        "tilt": _about(rng, 0, 7),
        "zoom": float(np.exp(_about(rng, 0.0, 0.10))),
        "x": _about(rng, 0, 0.02),
        "y": _about(rng, 0.0, 0.025),
        "distance": float(np.exp(_between(rng, np.log(45), np.log(180)))),
        "background": _between(rng, 0, 1),
        "clutter": _between(rng, 0, 1) ** 2,
    }


def _film(rng: np.random.Generator) -> dict:
    return {
        "brightness": _about(rng, 0.57, 0.095, 1.7),
        "contrast": _between(rng, 0.85, 1.45),
        "blur": _sometimes(rng, 0.7, 0.1, 0.7),
        "sharpening": _sometimes(rng, 0.5, 0.1, 0.8),
        "noise": _sometimes(rng, 0.6, 0.002, 0.012),
        "jpeg": int(rng.integers(40, 95)) if rng.random() < 0.7 else 0,
    }
