"""The exercises of notebook 05, inference."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from .common import Exercise, call

SIZE = 48
APART = 0.36  # of the crop's width, from eye to eye
DOWN = 0.38  # of the crop's height, from its top to the eyes
MOUTH = 0.77
NEAR = 1.5  # pixels of the crop
EYE_DISTANCE = 81  # pixels of the test pictures
TILTS = (0, 25, -40, 170)  # degrees clockwise; the last head is upside down
TO_BEAT = 0.9  # mean of the three recalls
LEARNERS = ("P001", "P002", "P003", "P004", "P005")  # the people whom a rule is chosen with


def _level_crop(function: Callable) -> str:
    for tilt in TILTS:
        eyes, mouth = _test_face(tilt)
        places = []
        for spot in (*eyes, mouth):
            crop, error = call(function, _spot(spot), *map(tuple, eyes.tolist()))
            if error:
                return error
            hint = _wrong_form(crop)
            if hint:
                return hint
            places.append(_place_of_spot(crop))
        hint = _wrong_place(places, tilt)
        if hint:
            return hint
    return ""


def _test_face(tilt: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the (x, y) of the eyes, left one first, and of the mouth of a tilted head."""
    turn = np.radians(tilt)
    across = np.array([np.cos(turn), np.sin(turn)])
    down = np.array([-np.sin(turn), np.cos(turn)])
    middle = np.array([260.0, 210.0])
    eyes = np.array([middle - across * EYE_DISTANCE / 2, middle + across * EYE_DISTANCE / 2])
    return eyes, middle + down * EYE_DISTANCE * (MOUTH - DOWN) / APART


def _spot(center: np.ndarray) -> Image.Image:
    """Return a gray picture with one white spot, whose place in the crop can be measured."""
    picture = Image.new("RGB", (500, 400), (100, 100, 100))
    x, y = center
    ImageDraw.Draw(picture).ellipse((x - 9, y - 9, x + 9, y + 9), fill="white")
    return picture


def _wrong_form(crop: Any) -> str:
    if crop is None:
        return "Your function returns nothing: end it with `return`."
    pixels = np.asarray(crop, float)
    if not pixels.any():
        return "Your crop is all black: it is outside of the picture."
    if pixels.shape == (SIZE, SIZE, 3):
        return "That has three channels. The network takes gray pictures."
    if pixels.shape not in ((SIZE, SIZE), (SIZE, SIZE, 1)):
        return f"The network takes {SIZE} x {SIZE} pixels; yours has the shape {pixels.shape}."
    if pixels.max() <= 1:
        return "Leave the pixel values between 0 and 255."
    return ""


def _place_of_spot(crop: Any) -> np.ndarray | None:
    """Return the (x, y) of the white spot as shares of the crop, or None if it is not there."""
    white = np.clip(np.asarray(crop, float).reshape(SIZE, SIZE) - 125, 0, None)
    if white.sum() < 100:
        return None
    rows, columns = np.indices(white.shape) + 0.5
    return np.array([(columns * white).sum(), (rows * white).sum()]) / white.sum() / SIZE


def _wrong_place(places: list[np.ndarray | None], tilt: float) -> str:
    """Return what is wrong with the places of eyes and mouth in the crop, or "".

    Args:
        places: Of the left eye, the right eye and the mouth, from `_place_of_spot`.
        tilt: Degrees by which the head was tilted clockwise.
    """
    head = f"of a head tilted by {abs(tilt)} degrees" if tilt else "of an upright head"
    left, right, mouth = places
    if left is None or right is None:
        return f"An eye {head} is not in your crop."
    across = right - left
    slope = np.degrees(np.arctan2(across[1], across[0]))
    if tilt and abs((slope - 2 * tilt + 180) % 360 - 180) < 6:
        return f"The eyes {head} are tilted even more. Which way does `rotate` turn?"
    if abs(slope) > 150:
        return f"The eyes {head} have changed sides. In a level crop the left eye is on the left."
    if abs(slope) > 4:
        return f"The eyes {head} are not level in your crop."
    if mouth is not None and mouth[1] < left[1]:
        return f"The mouth {head} is above the eyes."
    distance = np.hypot(*across)
    if abs(distance - APART) * SIZE > NEAR:
        size = "large" if distance < APART else "small"
        return f"The eyes {head} are level, but the square that you cut out is too {size}."
    off = ((left + right) / 2 - (0.5, DOWN)) * SIZE
    if np.abs(off).max() > NEAR:
        why = " Around which point do you turn the picture?" if tilt else ""
        return f"The eyes {head} are level and the right size, but not in place.{why}"
    return ""


def _called(answer: tuple) -> str:
    said: dict[str, list[str]] = {}
    for _, expression, prediction in _answers_to_portraits():
        said.setdefault(expression, []).append(prediction.label if prediction.sure else "")
    expected = (
        {name for name, words in said.items() if words.count("happy") >= 8},
        {name for name, words in said.items() if words.count("neither") > 5},
    )
    for name, given, true in zip(("called_happy", "called_neither"), answer, expected, strict=True):
        given = {given} if isinstance(given, str) else set(given)
        if given - set(said):
            return "Use the names that the portraits have in `portrait.expression`."
        if given != true:
            counted = f"{len(given - true)} too many, {len(true - given)} missing"
            return f"{name}: {counted}. An answer that is not sure counts only as not sure."
    return ""


@functools.cache
def _answers_to_portraits() -> list[tuple[str, str, Any]]:
    """Return the person, the expression and the released network's answer for each portrait."""
    from ...data.sources import portraits
    from ...inference.classifier import load_classifier

    known = portraits()
    answered = load_classifier().predict_many([portrait.image for portrait in known])
    return [
        (portrait.person, portrait.expression, photo[0])
        for portrait, photo in zip(known, answered, strict=True)
    ]


def _cut_face(function: Callable) -> str:
    if not callable(function):
        raise TypeError("no function")
    photo, face, wrong_part = _test_photo()
    given, error = call(function, photo.copy())
    if error:
        return error
    hint = _wrong_form(given)
    if hint:
        return hint
    given = np.asarray(given, float).reshape(SIZE, SIZE)
    if _alike(given, face) > 0.7:
        return ""
    if _alike(given, wrong_part) > 0.9:
        return "Still no face in it. Look at what the network gets: `plots.photo` shows a crop."
    return "The face does not fill your crop. In which picture do the numbers of the box count?"


@functools.cache
def _test_photo() -> tuple[Image.Image, np.ndarray, np.ndarray]:
    """Return a large photo with a face at its lower right, the face, and what the bug cuts out."""
    from ...data.sources import portraits
    from ...faces import find_faces
    from ...images import to_array

    portrait = portraits()[1].image
    photo = Image.linear_gradient("L").resize((1600, 1300)).convert("RGB")
    photo.paste(portrait.resize((portrait.width * 2, portrait.height * 2)), (560, 620))
    box = find_faces(photo)[0].box
    left, top, right, bottom = (edge // 4 for edge in box)
    wrong_part = photo.crop((left, top, right, bottom))
    return photo, to_array(photo.crop(box))[..., 0], to_array(wrong_part)[..., 0]


def _alike(one: np.ndarray, other: np.ndarray) -> float:
    """Return the correlation of two pictures' pixels; 0 if one of them is all the same."""
    if not one.std() or not other.std():
        return 0.0
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def _rule(function: Callable) -> str:
    if not callable(function):
        raise TypeError("no function")
    answers = _answers_to_portraits()
    names = list(answers[0][2].probabilities)
    probabilities = np.array([list(answer.probabilities.values()) for _, _, answer in answers])
    truth = np.array([word if word in names else "neither" for _, word, _ in answers])
    mixed = np.random.default_rng(5).permutation(len(answers))  # their order says nothing
    known = np.array([answers[i][0] in LEARNERS for i in mixed])
    for group in (mixed[known], mixed[~known]):
        said, error = call(function, probabilities[group])
        if error:
            return error
        said = np.asarray(said)
        if said.shape != group.shape or not set(said.tolist()) <= set(names):
            return "Return one name for each row: happy, neither or sad."
        score = np.mean([np.mean(said[truth[group] == name] == name) for name in names])
        if score <= TO_BEAT and answers[group[0]][0] in LEARNERS:
            return f"It scores {score:.0%} with the five people of the leaderboard. Beat 90%."
        if score <= TO_BEAT:
            return f"With five new people it scores only {score:.0%}. What fits only the old five?"
    return ""


EXERCISES = {
    "05.1": Exercise(
        wanted="your function `level_crop`",
        why="The eyes tell you everything: where the head is, its size, and how far it is tilted.",
        hint=_level_crop,
    ),
    "05.2": Exercise(
        wanted="two lists of expressions: (called_happy, called_neither)",
        why="It calls a smiling mouth happy, whatever the smile means.",
        hint=_called,
        prepare=_answers_to_portraits,
    ),
    "05.3": Exercise(
        wanted="your function `cut_face`",
        why="Now the network sees the face. It had answered for a piece of background.",
        hint=_cut_face,
    ),
    "05.4": Exercise(
        wanted="your function `my_rule`",
        why="It beats 90% with five new people, too. But five people are few.",
        hint=_rule,
    ),
}
