"""Right and wrong answers to the exercises of notebook 05: (exercise, answer[, hint])."""

import numpy as np
from PIL import Image

from emolib.faces import find_faces
from emolib.images import to_array


def level_crop(scale=0.36, way=1, height=0.38, mode="L", size=48, swap=False, around_eyes=True):
    """Return a crop function that can be wrong in several ways."""

    def crop(image, left_eye, right_eye):
        eyes = np.array([right_eye, left_eye] if swap else [left_eye, right_eye])
        across = eyes[1] - eyes[0]
        tilt = np.degrees(np.arctan2(across[1], across[0]))
        side = np.hypot(*across) / scale
        x, y = eyes.mean(axis=0)
        center = (x, y) if around_eyes else None
        turned = image.convert(mode).rotate(way * tilt, Image.Resampling.BILINEAR, center=center)
        top = y - height * side
        square = turned.crop(
            (round(x - side / 2), round(top), round(x + side / 2), round(top + side))
        )
        return square.resize((size, size), Image.Resampling.BILINEAR)

    return crop


def as_array(image, left_eye, right_eye):
    return to_array(level_crop()(image, left_eye, right_eye))


def as_share(image, left_eye, right_eye):
    return as_array(image, left_eye, right_eye) / 255


def cut_face(shrink=4, zoom=4, from_small=False):
    """Return a function that finds a face in a small copy of a photo and cuts it out."""

    def cut(photo):
        small = photo.resize((photo.width // shrink, photo.height // shrink))
        box = [zoom * side for side in find_faces(small)[0].box]
        return to_array((small if from_small else photo).crop(box))

    return cut


def rule(happy, sad):
    """Return a rule with a threshold for each of two answers."""

    def name(p):
        return np.where(p[:, 0] >= happy, "happy", np.where(p[:, 2] >= sad, "sad", "neither"))

    return name


def crash(*arguments):
    return 1 / 0


RIGHT = [
    ("05.1", level_crop()),
    ("05.1", as_array),
    ("05.3", cut_face()),
    ("05.3", cut_face(1, 1)),
    ("05.3", cut_face(4, 1, from_small=True)),
    ("05.4", rule(0.93, 0.2)),
]
MISTAKES = [
    ("05.1", level_crop(way=-1), "Which way does `rotate` turn"),
    ("05.1", level_crop(way=0), "not level"),
    ("05.1", level_crop(scale=0.25), "too large"),
    ("05.1", level_crop(scale=0.5), "too small"),
    ("05.1", level_crop(height=0.5), "not in place"),
    ("05.1", level_crop(mode="RGB"), "three channels"),
    ("05.1", level_crop(size=64), "48 x 48"),
    ("05.1", level_crop(swap=True), "changed sides"),
    ("05.1", level_crop(around_eyes=False), "Around which point"),
    ("05.1", as_share, "between 0 and 255"),
    ("05.1", lambda image, left, right: None, "returns nothing"),
    ("05.1", crash, "ZeroDivisionError"),
    ("05.3", cut_face(4, 1), "Still no face"),
    ("05.3", cut_face(1, 4), "all black"),
    ("05.3", to_array, "numbers of the box"),
    ("05.3", lambda photo: photo, "48 x 48"),
    ("05.3", crash, "stops with an error"),
    ("05.4", rule(0.5, 0.5), "five people of the leaderboard"),
    ("05.4", rule(0.95, 0.5), "five people of the leaderboard"),
    ("05.4", rule(0.94, 0.8), "five new people"),
    ("05.4", lambda p: "happy", "one name for each row"),
    ("05.4", lambda p: np.full(len(p), "smug"), "one name for each row"),
    ("05.4", crash, "stops with an error"),
]
