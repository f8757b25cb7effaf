"""A picture -> the faces in it: where they are, how they are tilted, and a crop of each.

The detector is YuNet (Wu, Peng & Yu, "YuNet: A Tiny Millisecond-level Face Detector", Machine
Intelligence Research 20, 2023), run by OpenCV. It finds faces of about 12 to 300 pixels, so each
picture is searched at several sizes. Every candidate is then checked again, close up and turned
upright: this rejects what is not a face and measures the line through the eyes precisely.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from .errors import EmolibError
from .images import full_size

__all__ = ["CROP_MARGIN", "LOOK_AT", "Face", "FaceError", "find_faces", "whole_picture"]

LOOK_AT = 1600
"""Pixels on the longer side that are enough to find faces: `open_image(path, at_least=LOOK_AT)`."""
CROP_MARGIN = 0.92
"""Side of a face's square crop / longer side of its box, the same wherever faces are cropped.

Chosen so that eyes and mouth are where they are in FER2013's pictures (median of 600: eyes at 0.38
and mouth at 0.77 of the height, eyes 0.36 of the width apart).
"""
MIN_SCORE = 0.7  # score of a face in the close-up
CANDIDATE_SCORE = 0.35  # score that makes a spot worth a close-up
CONFIDENT_SCORE = 0.88  # a face with a lower score may be tilted more than its landmarks show
SIZES = (320, 640, 1280)  # pixels on the longer side, always searched
LARGER_SIZES = (2016, 2800)  # searched only when faces are small, or none is found
SMALL = 28  # pixels of a face; where faces are this small, there may be even smaller ones
TURNS = (-40, 40)  # degrees; YuNet finds no face that is tilted more than about 45
TILTED = 20  # degrees; if one head is tilted this much, others may be tilted more
UPRIGHT_SCORE = 0.91  # a clear face scores more, but less if YuNet sees it upside down
LYING = 60  # degrees; a face that is tilted more is on its side
QUARTERS = (90, 180, 270)  # degrees by which a whole photo may be turned
SAME_ROW = 0.5  # two faces are in one row if they share this much of the smaller one's height
CLOSE_UP = 256  # pixels on a side of the close-up
CLOSE_FACE = 200  # pixels of the face in it
TILE = 704  # pixels
OVERLAP = 96  # pixels
MODEL = "face_detection_yunet_2023mar.onnx"
_here = Path(__file__).parent
MODELS = _here / "models" if (_here / "models").is_dir() else _here.parent / "models"
Box = tuple[int, int, int, int]
_local = threading.local()
_log_level_lock = threading.Lock()  # all threads share OpenCV's log level


class FaceError(EmolibError):
    """The search for faces cannot run; the message is one sentence that says why."""


@dataclass(frozen=True)
class Face:
    """One face in a picture; all values are in pixels of the original, upright picture.

    Attributes:
        box: (left, top, right, bottom), ints, inside the picture.
        landmarks: Five (x, y): the eyes, the tip of the nose and the corners of the mouth, each
            pair from left to right on the level face; None if the whole picture is the face.
        score: The detector's confidence, 0-1.
        frame: (x, y, length): center and longer side of the box before it was clipped to the
            picture, with the face turned upright.
    """

    box: Box
    landmarks: tuple[tuple[float, float], ...] | None
    score: float
    frame: tuple[float, float, float]

    @property
    def tilt(self) -> float:
        """Degrees by which the line through the eyes is turned clockwise from level."""
        if self.landmarks is None:
            return 0.0
        return _tilt(np.array(self.landmarks))

    def crop(
        self, image: Image.Image, margin: float = CROP_MARGIN, size: int | None = None
    ) -> Image.Image:
        """Crop the face to a square, with the eyes level.

        Where the square extends beyond the picture, the picture's edge is repeated. For a face from
        `whole_picture`, this is the picture unchanged.

        Args:
            image: The picture in which the face was found, as opened, whole or reduced.
            margin: Side of the square / longer side of the face's box.
            size: Pixels on a side of the result; by default as many as the square has in `image`.

        Returns:
            A square RGB picture.
        """
        if self.landmarks is None:
            return image if size is None else image.resize((size, size), Image.Resampling.BILINEAR)
        zoom = full_size(image)[0] / image.width
        x, y, length = (value / zoom for value in self.frame)
        side = max(length * margin, 1.0)
        size = size or round(side)
        reach = side * 0.71 + 2  # half the diagonal
        near = np.clip((x - reach, y - reach), 0, np.array(image.size) - 1).astype(int)
        far = np.clip((x + reach + 1, y + reach + 1), near + 1, image.size).astype(int)
        left, top = near.tolist()
        # `Image.crop` would warn about large pictures
        shape = tuple((far - near).tolist())
        part = image.resize(shape, Image.Resampling.NEAREST, box=(left, top, *far.tolist()))
        center = (x - left, y - top)
        view, _ = _cut_out(_pyramid(part), center, (size, size), size / side, self.tilt)
        return Image.fromarray(view)


def find_faces(image: Image.Image, min_score: float = MIN_SCORE) -> list[Face]:
    """Find all faces of at least about 20 pixels, tilted by up to 45 degrees.

    If no face is clearly upright, the picture is also searched on its sides and upside down.

    Args:
        image: A picture from `open_image`, whole or reduced by `at_least=LOOK_AT`.
        min_score: Faces with a lower score (0-1) are left out.

    Returns:
        The faces in reading order: rows from top to bottom, and each row from left to right.

    Raises:
        FaceError: The detector's model file is missing.
    """
    search = _Search(image, min_score)
    for size in SIZES:
        search.look(size)
    if not search.found or max(abs(face.tilt) for face in search.found) > TILTED:
        for turn in TURNS:
            for size in SIZES:
                search.look(size, turn)
    if not search.found:
        search.look(LARGER_SIZES[0])
    for size in LARGER_SIZES:
        if search.found and search.smallest(size) < SMALL:
            search.look(size)
    found = search.found
    if not any(face.score > UPRIGHT_SCORE and abs(face.tilt) < LYING for face in found):
        found = _turned_faces(image, min_score) or found
    return [found[i] for i in reading_order([face.box for face in found])]


def _turned_faces(image: Image.Image, min_score: float) -> list[Face]:
    """Return the faces in a picture that is on its side or upside down, or an empty list."""
    best: list[Face] = []
    for quarter in QUARTERS:
        search = _Search(image, max(min_score, UPRIGHT_SCORE), quarter)
        for size in SIZES:
            search.look(size)
        best = max(best, search.found, key=lambda faces: max([0, *(f.score for f in faces)]))
    return best


def reading_order(boxes: Sequence[Box]) -> list[int]:
    """Return the order in which people read faces: row by row, each row from left to right.

    Args:
        boxes: (left, top, right, bottom) of each face.

    Returns:
        Indices of all the boxes.
    """
    # by the middle, because a large face starts well above the small ones in its row
    waiting = sorted(range(len(boxes)), key=lambda i: (boxes[i][1] + boxes[i][3], boxes[i]))
    order = []
    while waiting:
        # all are compared with one face: a chain of neighbors could lead from the top to the bottom
        row = [i for i in waiting if _in_one_row(boxes[waiting[0]], boxes[i])]
        waiting = [i for i in waiting if i not in row]
        order += sorted(row, key=lambda i: boxes[i])
    return order


def _in_one_row(one: Box, other: Box) -> bool:
    shared = min(one[3], other[3]) - max(one[1], other[1])
    return shared >= SAME_ROW * min(one[3] - one[1], other[3] - other[1])


def whole_picture(image: Image.Image) -> Face:
    """Return the face of a picture that is already a cropped face, as in data sets.

    Args:
        image: A picture from `open_image`.
    """
    width, height = full_size(image)
    return Face((0, 0, width, height), None, 1.0, (width / 2, height / 2, max(width, height)))


class _Search:
    """The search of one picture, turned by a quarter: the faces so far, and the rejected spots."""

    def __init__(self, image: Image.Image, min_score: float, quarter: int = 0) -> None:
        self.levels = _pyramid(image)
        self.size = image.size
        self.full = full_size(image)
        self.zoom = self.full[0] / self.size[0]
        self.min_score = min_score
        self.quarter = quarter
        self.found: list[Face] = []
        self.rejected: list[tuple[float, float, float]] = []

    def smallest(self, size: int) -> float:
        """Return the pixels of the smallest face so far, in the picture shrunk to `size`."""
        return min(face.frame[2] for face in self.found) * size / max(self.full)

    def look(self, size: int, turn: float = 0.0) -> None:
        """Search the picture at `size` pixels on its longer side, turned by `turn` degrees more."""
        if size > max(SIZES[0], 2 * max(self.full)):
            return
        turn += self.quarter
        width, height = self.size
        side = max(width, height)
        columns = max(1, round(width * size / side))
        rows = max(1, round(height * size / side))
        shape = (columns, rows)
        if turn:  # make room for the corners
            cos = abs(np.cos(np.radians(turn)))
            sin = abs(np.sin(np.radians(turn)))
            shape = (round(cos * columns + sin * rows) + 1, round(cos * rows + sin * columns) + 1)
        small, back = _cut_out(self.levels, (width / 2, height / 2), shape, size / side, turn)
        spots = detect(small)
        for left, top, width, height in spots[np.argsort(-spots[:, 14]), :4]:
            x, y = back @ (left + width / 2, top + height / 2, 1)
            self._verify((x, y, max(width, height) * side / size))

    def _verify(self, spot: tuple[float, float, float]) -> None:
        """Look closely at a spot (x, y, length), unless that has already been done."""
        if any(_same_face(spot, old) and 0.5 < spot[2] / old[2] < 2 for old in self.rejected):
            return
        x, y, length = (value * self.zoom for value in spot)
        if any(_same_face((x, y, length), face.frame) for face in self.found):
            return
        face = self._best_close_up(*spot)
        if face is None:
            self.rejected.append(spot)
        elif not any(_same_face(face.frame, other.frame) for other in self.found):
            self.found.append(face)

    def _best_close_up(self, x: float, y: float, length: float) -> Face | None:
        """Return the face at a spot, or None if there is none."""
        best = self._close_up(x, y, length, self.quarter)
        if best is None or best.score < self.min_score:
            return None
        if best.score < CONFIDENT_SCORE:
            others = [self._close_up(x, y, length, self.quarter + turn) for turn in TURNS]
            best = max([best, *filter(None, others)], key=lambda face: face.score)
        return best

    def _close_up(self, x: float, y: float, length: float, tilt: float) -> Face | None:
        """Look at a spot at the size at which YuNet measures best, turned upright.

        Landmarks show only part of a tilt, so turn by that part until almost no tilt is left.
        """
        for _ in range(3):
            scale = CLOSE_FACE / length
            cut, back = _cut_out(self.levels, (x, y), (CLOSE_UP, CLOSE_UP), scale, tilt)
            best = _best_central(detect(cut))
            if best is None:
                return None
            face = self._face(best, back, scale, tilt)
            x, y = back @ (best[0] + best[2] / 2, best[1] + best[3] / 2, 1)
            length = max(best[2:4] / scale)
            left = _tilt(best[4:14].reshape(5, 2))
            tilt += left
            if abs(left) < 8:
                break
        return face

    def _face(self, spot: np.ndarray, back: np.ndarray, scale: float, tilt: float) -> Face:
        """Return the face of a close-up's spot; `back` maps the close-up to the picture."""
        x, y = back @ (spot[0] + spot[2] / 2, spot[1] + spot[3] / 2, 1) * self.zoom
        width, height = spot[2:4] / scale * self.zoom
        if round(tilt / 90) % 2:  # lying on its side
            width, height = height, width
        edges = np.array([x - width / 2, y - height / 2, x + width / 2, y + height / 2])
        box = np.clip(np.rint(edges), 0, self.full * 2).astype(int).tolist()
        landmarks = (spot[4:14].reshape(5, 2) @ back[:, :2].T + back[:, 2]) * self.zoom
        points = tuple((float(px), float(py)) for px, py in landmarks)
        frame = (float(x), float(y), float(max(width, height)))
        return Face(tuple(box), points, float(spot[14]), frame)


def _same_face(one: tuple[float, float, float], two: tuple[float, float, float]) -> bool:
    """Return whether two (x, y, length) must be one face: no two heads are that close."""
    return bool(np.hypot(one[0] - two[0], one[1] - two[1]) < 0.45 * max(one[2], two[2]))


def _tilt(landmarks: np.ndarray) -> float:
    right, down = landmarks[1] - landmarks[0]
    return float(np.degrees(np.arctan2(down, right)))


def _best_central(spots: np.ndarray) -> np.ndarray | None:
    """Return the best of a close-up's spots that fits the face's place and size, or None."""
    off = np.hypot(*(spots[:, :2] + spots[:, 2:4] / 2 - CLOSE_UP / 2).T) / CLOSE_FACE
    size = spots[:, 2:4].max(axis=1, initial=0) / CLOSE_FACE
    spots = spots[(off < 0.4) & (size > 0.5) & (size < 1.7)]
    return spots[spots[:, 14].argmax()] if len(spots) else None


def detect(pixels: np.ndarray) -> np.ndarray:
    """Detect candidates for faces, tile by tile.

    Args:
        pixels: RGB, uint8 (height, width, 3).

    Returns:
        float32 (n, 15): left, top, width, height, x and y of five landmarks, score (0-1, at least
        `CANDIDATE_SCORE`). A face where tiles overlap appears twice.

    Raises:
        FaceError: The model file is missing.
    """
    detector = _detector()
    found: list[np.ndarray] = [np.zeros((0, 15), np.float32)]
    for top, bottom in _tiles(pixels.shape[0]):
        for left, right in _tiles(pixels.shape[1]):
            tile = np.ascontiguousarray(pixels[top:bottom, left:right, ::-1])
            detector.setInputSize((right - left, bottom - top))
            spots = detector.detect(tile)[1]
            if spots is not None:
                spots[:, :14] += (left, top) + (0, 0) + (left, top) * 5
                found.append(spots)
    return np.concatenate(found)


def _tiles(length: int) -> list[tuple[int, int]]:
    """Return (start, stop) of a side's overlapping tiles: a whole picture takes too much memory."""
    count = max(1, -(-(length - OVERLAP) // (TILE - OVERLAP)))
    size = -(-(length + (count - 1) * OVERLAP) // count)
    return [(int(start), int(start) + size) for start in np.linspace(0, length - size, count)]


def _detector() -> cv2.FaceDetectorYN:
    """Return this thread's detector; threads must not share one."""
    if not hasattr(_local, "detector"):
        if not (MODELS / MODEL).is_file():
            raise FaceError(
                f"{MODEL} is missing in {MODELS}: install emolib again, or copy the file there."
            )
        # bytes, because OpenCV cannot open every folder name on Windows
        model = np.frombuffer((MODELS / MODEL).read_bytes(), np.uint8)
        none = np.zeros(0, np.uint8)
        log = getattr(cv2.utils, "logging", cv2)  # OpenCV 5's place, OpenCV 4's place
        with _log_level_lock:
            level = log.getLogLevel()
            log.setLogLevel(2)  # errors only: OpenCV 5 warns about a target that nobody asked for
            created = cv2.FaceDetectorYN.create("onnx", model, none, (320, 320), CANDIDATE_SCORE)
            log.setLogLevel(level)
        _local.detector = created
    return _local.detector


def _pyramid(image: Image.Image) -> list[np.ndarray]:
    """Return a picture's RGB pixels at full size, half, a quarter and so on, to shrink from."""
    levels = [np.asarray(image if image.mode == "RGB" else image.convert("RGB"))]
    while min(levels[-1].shape[:2]) >= 64:
        height, width = levels[-1].shape[:2]
        # cropped to even sides, so that a half is exactly a half
        even = levels[-1][: height // 2 * 2, : width // 2 * 2]
        half = (width // 2, height // 2)
        levels.append(cv2.resize(even, half, interpolation=cv2.INTER_AREA))
    return levels


def _cut_out(
    levels: list[np.ndarray],
    center: tuple[float, float],
    shape: tuple[int, int],
    scale: float,
    tilt: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Cut a (width, height) view out of a pyramid, scaled, and turned level by `tilt` degrees.

    Returns:
        The view, with the picture's edge repeated outside the picture, and the 2x3
        matrix that maps the view's points to the picture's.
    """
    # one matrix and one resampling: a library's rotation, crop and resize would blur three times
    turn = np.radians(tilt)
    back = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) / scale
    back = np.column_stack([back, np.array(center) - back @ (np.array(shape) / 2)])
    level = int(np.clip(round(-np.log2(scale)), 0, len(levels) - 1))
    matrix = back.copy()  # the same for OpenCV, whose points are the centers of pixels
    matrix[:, 2] += back[:, :2] @ (0.5, 0.5)
    matrix /= 2**level
    matrix[:, 2] -= 0.5
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    edge = cv2.BORDER_REPLICATE
    return cv2.warpAffine(levels[level], matrix, shape, flags=flags, borderMode=edge), back
