"""Everything about a face that must not matter: whose it is, how it is held, lit and recorded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .expressions import RenderingError

MONK_TONES = ("#f6ede4", "#f3e7db", "#f7ead0", "#eadaba", "#d7bd96",
              "#a07e56", "#825c43", "#604134", "#3a312a", "#292420")  # fmt: skip
"""The ten skin tones of the Monk scale (Ellis Monk, 2019), from light to dark."""

CUTS = ("bald", "cropped", "short", "curly", "afro", "bob", "long", "wavy", "tied", "fringe",
        "headscarf", "cap")  # fmt: skip
"""What is on the head."""

# as shares of the light that each color reflects (linear red, green, blue)
HAIR_COLORS = {
    "black": (0.010, 0.008, 0.007), "dark brown": (0.028, 0.017, 0.011),
    "brown": (0.075, 0.043, 0.025), "auburn": (0.13, 0.048, 0.022),
    "dark blond": (0.17, 0.11, 0.06), "blond": (0.36, 0.25, 0.13), "gray": (0.20, 0.20, 0.20),
    "white": (0.55, 0.54, 0.52),
}  # fmt: skip
IRIS_COLORS = {
    "dark brown": (0.030, 0.013, 0.007), "brown": (0.075, 0.032, 0.013),
    "hazel": (0.12, 0.075, 0.025), "green": (0.09, 0.12, 0.06), "blue": (0.09, 0.15, 0.24),
    "gray": (0.15, 0.17, 0.19),
}  # fmt: skip
GLASSES = ("none", "thin", "thick", "sun")
"""What is worn in front of the eyes."""

OCCLUDERS = ("none", "hand", "scarf", "microphone")
"""What is held or worn in front of a part of the face."""

_NAMES = {"cut": CUTS, "hair_color": HAIR_COLORS, "iris": IRIS_COLORS, "glasses": GLASSES,
          "occluder": OCCLUDERS}  # fmt: skip

# how often men and women wear each cut
_MEN = {"bald": 1.2, "cropped": 3.5, "short": 5, "curly": 1.2, "afro": 0.3, "cap": 0.8,
        "tied": 0.3, "wavy": 0.3, "bob": 0.3, "fringe": 0.7}  # fmt: skip
_WOMEN = {"cropped": 0.4, "short": 1, "curly": 1.4, "afro": 0.4, "bob": 1.8, "long": 2.4, "wavy": 2,
          "tied": 2, "fringe": 1.6, "headscarf": 0.9, "cap": 0.4}  # fmt: skip


@dataclass(frozen=True)
class Look:
    """How a face looks, whatever it expresses. The defaults give a plain, well-lit, frontal face.

    Strengths are 0-1 and angles in degrees unless said otherwise.
    """

    person: int = 0  # seed of the head's shape, of freckles and hairs: nobody in particular
    distinct: float = 0.8  # how far the shape is from the average head's
    male: float = 0.0  # how much the head's shape is a man's, -1 to 1
    age: float = 0.25  # below 0.15 a child, 1 with deep wrinkles
    tone: float = 4.0  # skin, 1-10 on the Monk scale
    redness: float = 0.4  # of cheeks, nose and ears
    blotches: float = 0.3  # unevenness of the skin
    freckles: float = 0.0
    shine: float = 0.4
    lips: float = 0.5  # how much darker and redder they are than the skin
    makeup: float = 0.0
    iris: str = "brown"  # of IRIS_COLORS
    teeth: float = 0.7  # whiteness
    cut: str = "short"  # of CUTS
    hair_color: str = "brown"  # of HAIR_COLORS
    hair_length: float = 1.0  # relative to the cut's own
    volume: float = 0.4  # how far hair stands off the head
    hairline: float = 0.0  # how many cm it is higher than usual
    parting: float = 2.0  # cm to the head's left
    brows: float = 1.0  # thickness, 1 is average
    stubble: float = 0.0
    beard: float = 0.0  # length, 0 for none
    moustache: float = 0.0  # length, 0 for none
    glasses: str = "none"  # of GLASSES
    occluder: str = "none"  # of OCCLUDERS
    cloth: float = 0.6  # hue of clothes, caps and scarves
    cloth_light: float = 0.3
    gaze: float = 0.5  # how far the eyes of a turned head look into the camera
    asymmetry: float = 0.0  # how much stronger the left half of the face acts, -1 to 1
    light_side: float = -0.4  # main light, -1 left to 1 right in the picture
    light_up: float = 0.5  # main light, 1 above to -1 below
    light: float = 0.55  # strength of the main light against the sky's
    fill: float = 0.3  # a second light from the other side
    rim: float = 0.0  # a third light from behind
    warmth: float = 0.1  # of the main light, -1 cold to 1 warm
    turn: float = 0.0  # head turned to the side
    pitch: float = 0.0  # head lowered
    tilt: float = 0.0  # head leaned to one shoulder
    zoom: float = 1.0  # size of the face in the picture, 1 is usual
    x: float = 0.0  # place of the face, share of the picture's width, 0 is the middle
    y: float = 0.0  # the same, downward
    distance: float = 90.0  # from the camera, cm
    background: float = 0.5  # brightness
    clutter: float = 0.3  # how much there is to see in the background
    brightness: float = 0.57  # of the finished face
    contrast: float = 1.0  # of the finished picture, 1 is usual
    blur: float = 0.3  # pixels of a 48-pixel picture
    sharpening: float = 0.0
    noise: float = 0.0  # standard deviation over full white
    jpeg: int = 0  # quality 1-95 that the picture was stored with before, 0 for none

    def __post_init__(self) -> None:
        """Refuse names that mean nothing."""
        for name, known in _NAMES.items():
            if getattr(self, name) not in known:
                given = getattr(self, name)
                raise RenderingError(f"{name} is {given!r}: choose from {', '.join(known)}.")


def random_look(seed: int | np.random.Generator = 0) -> Look:
    """Draw a look at random, as varied as photographs from the internet are.

    Args:
        seed: Seed of the draw, or a generator to draw with.
    """
    draw = _Draw(np.random.default_rng(seed))
    age = float(draw.rng.beta(1.3, 1.8))
    male = draw.about(0.6, 0.35) * (1 if draw.rng.random() < 0.5 else -1)
    male = 0.3 * male if age < 0.15 else male
    tone = draw.between(1, 10)
    return Look(**_body(draw, male, age, tone), **_hair(draw, male, age, tone),
                **_things(draw), **_light(draw), **_camera(draw))  # fmt: skip


class _Draw:
    """Ways to draw a number."""

    def __init__(self, rng: np.random.Generator):
        self.rng = rng

    def between(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def about(self, mean: float, spread: float, limit: float = 2.3) -> float:
        """Draw from a bell curve without its far ends."""
        return mean + spread * float(np.clip(self.rng.normal(), -limit, limit))

    def maybe(self, chance: float, low: float, high: float) -> float:
        """Draw between two numbers with a chance, else 0."""
        value = self.between(low, high)
        return value if self.rng.random() < chance else 0.0

    def pick(self, chances: dict[str, float]) -> str:
        weights = np.array(list(chances.values()))
        return list(chances)[int(self.rng.choice(len(weights), p=weights / weights.sum()))]


def _body(draw: _Draw, male: float, age: float, tone: float) -> dict:
    light = max(0.0, 1 - tone / 6)
    eyes = {"dark brown": 1, "brown": 0.8, "hazel": light, "green": light, "blue": 1.6 * light,
            "gray": 0.8 * light}  # fmt: skip
    return dict(
        person=int(draw.rng.integers(1 << 31)), distinct=draw.between(0.6, 1.0), male=male,
        age=age, tone=tone, redness=draw.between(0.1, 0.9), blotches=draw.between(0.1, 0.7),
        freckles=draw.maybe(0.25 if tone < 6 else 0.06, 0.1, 1), shine=draw.between(0.05, 0.6),
        lips=draw.between(0.25, 0.9), makeup=draw.maybe(0.55 if male < -0.2 else 0.02, 0.2, 1),
        iris=draw.pick(eyes), teeth=draw.between(0.35, 1), gaze=draw.between(0, 1),
        asymmetry=draw.about(0, 0.12),
    )  # fmt: skip


def _hair(draw: _Draw, male: float, age: float, tone: float) -> dict:
    old, light = max(0.0, age - 0.5) * 8, max(0.03, 1.4 - tone / 5)
    colors = {"black": 0.6 + tone / 2, "dark brown": 1.5, "brown": 1.2 * light,
              "auburn": 0.5 * light, "dark blond": light, "blond": light, "gray": old,
              "white": 0.4 * old}  # fmt: skip
    man = male > 0.2
    beard = draw.maybe(0.22 * man, 0.1, 1) ** 1.5
    return dict(
        cut=draw.pick(_MEN if male > 0 else _WOMEN), hair_color=draw.pick(colors),
        hair_length=draw.between(0.6, 1.4), volume=draw.between(0.1, 1.0),
        hairline=draw.about(0, 0.5) + man * draw.between(0, 1.2) * age,
        parting=draw.between(-4.5, 4.5), brows=draw.between(0.7, 1.4) + 0.2 * male,
        beard=beard, moustache=beard or draw.maybe(0.07 * man, 0.2, 0.7),
        stubble=draw.maybe(0.5 * man, 0.1, 0.9),
    )  # fmt: skip


def _things(draw: _Draw) -> dict:
    return dict(
        glasses=draw.pick({"none": 86, "thin": 7, "thick": 6, "sun": 1}),
        occluder=draw.pick({"none": 90, "hand": 7, "scarf": 1.5, "microphone": 1.5}),
        cloth=draw.between(0, 1), cloth_light=draw.between(0, 1) ** 2,
        background=draw.between(0, 1), clutter=draw.between(0, 1) ** 2,
    )  # fmt: skip


def _light(draw: _Draw) -> dict:
    from_below = draw.rng.random() < 0.06
    return dict(
        light_side=draw.about(0, 0.55, 2), light_up=-0.5 if from_below else draw.between(0, 1),
        light=draw.between(0.2, 0.85), fill=draw.maybe(0.6, 0.1, 0.8),
        rim=draw.maybe(0.3, 0.2, 1), warmth=draw.about(0.1, 0.4),
    )  # fmt: skip


def _camera(draw: _Draw) -> dict:
    return dict(
        turn=draw.about(0, 15.2), pitch=draw.about(1, 7.5), tilt=draw.about(0, 10),
        zoom=float(np.exp(draw.about(-0.04, 0.14))), x=draw.about(0, 0.02), y=draw.about(0, 0.025),
        distance=float(np.exp(draw.between(np.log(45), np.log(180)))),
        brightness=draw.about(0.57, 0.095, 1.7), contrast=draw.between(0.85, 1.45),
        blur=draw.maybe(0.7, 0.1, 0.7), sharpening=draw.maybe(0.5, 0.1, 0.8),
        noise=draw.maybe(0.6, 0.002, 0.012),
        jpeg=int(draw.rng.integers(40, 95)) if draw.rng.random() < 0.7 else 0,
    )  # fmt: skip
