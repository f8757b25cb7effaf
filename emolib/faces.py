"""A picture -> the faces in it: where they are, how they are tilted, and each one cut out.

The detector is YuNet (Wu, Peng & Yu, "YuNet: A Tiny Millisecond-level Face Detector", Machine
Intelligence Research 20, 2023), run by OpenCV. It knows faces of about 12 to 300 pixels, so one
picture is looked at in several sizes. Whatever it finds is looked at once more, closely and turned
upright: that weeds out what is no face, and gives the eyes' line exactly.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from .errors import EmolibError
from .images import full_size

GUESS = 0.35  # score from which a spot is worth a close look
TILE, OVERLAP = 704, 96  # pixels
MODEL = "face_detection_yunet_2023mar.onnx"
_here = Path(__file__).parent
MODELS = _here / "models" if (_here / "models").is_dir() else _here.parent / "models"
_local = threading.local()
_hush = threading.Lock()  # the log level is one for all threads


class FaceError(EmolibError):
    """Faces cannot be looked for; the message is one sentence that says why."""


def detect(pixels: np.ndarray) -> np.ndarray:
    """Spot faces, tile by tile.

    Args:
        pixels: RGB, uint8 (height, width, 3).

    Returns:
        float32 (n, 15): left, top, width, height, x and y of five landmarks, score (0-1, at least
        `GUESS`); a face where tiles overlap is there twice.

    Raises:
        FaceError: The model file is missing.
    """
    detector, found = _detector(), [np.zeros((0, 15), np.float32)]
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
    """(start, stop) of the overlapping tiles of a side: whole, a picture takes too much memory."""
    count = max(1, -(-(length - OVERLAP) // (TILE - OVERLAP)))
    size = -(-(length + (count - 1) * OVERLAP) // count)
    return [(int(s), int(s) + size) for s in np.linspace(0, length - size, count)]


def _detector() -> cv2.FaceDetectorYN:
    """This thread's detector; one must not be shared between threads."""
    if not hasattr(_local, "detector"):
        if not (MODELS / MODEL).is_file():
            raise FaceError(
                f"{MODEL} is missing in {MODELS}: install emolib again, or copy the file there."
            )
        # bytes, as OpenCV cannot open every folder name on Windows
        model = np.frombuffer((MODELS / MODEL).read_bytes(), np.uint8)
        none = np.zeros(0, np.uint8)
        log = getattr(cv2.utils, "logging", cv2)  # OpenCV 5's place, OpenCV 4's place
        with _hush:
            level = log.getLogLevel()
            log.setLogLevel(2)  # errors only: OpenCV 5 warns of a target that nobody asked for
            _local.detector = cv2.FaceDetectorYN.create("onnx", model, none, (320, 320), GUESS)
            log.setLogLevel(level)
    return _local.detector


def pyramid(image: Image.Image) -> list[np.ndarray]:
    """A picture's RGB pixels, and these halved again and again, to shrink from without aliasing."""
    levels = [np.asarray(image if image.mode == "RGB" else image.convert("RGB"))]
    while min(levels[-1].shape[:2]) >= 64:
        height, width = levels[-1].shape[:2]
        # cut to even sides, so that a half is exactly one
        even = levels[-1][: height // 2 * 2, : width // 2 * 2]
        half = (width // 2, height // 2)
        levels.append(cv2.resize(even, half, interpolation=cv2.INTER_AREA))
    return levels


def cut_out(
    levels: list[np.ndarray],
    centre: tuple[float, float],
    shape: tuple[int, int],
    scale: float,
    tilt: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Cut a (width, height) view out of a pyramid, scaled, and turned level by `tilt` degrees.

    Returns:
        The view, its edges repeated where it leaves the picture, and the 2x3 matrix that takes its
        points back to the picture's.
    """
    turn = np.radians(tilt)
    back = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) / scale
    back = np.column_stack([back, np.array(centre) - back @ (np.array(shape) / 2)])
    level = int(np.clip(round(-np.log2(scale)), 0, len(levels) - 1))
    matrix = back.copy()  # the same for OpenCV, whose points are the middles of pixels
    matrix[:, 2] += back[:, :2] @ (0.5, 0.5)
    matrix /= 2**level
    matrix[:, 2] -= 0.5
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    edge = cv2.BORDER_REPLICATE
    return cv2.warpAffine(levels[level], matrix, shape, flags=flags, borderMode=edge), back


LOOK_AT = 1600
"""Pixels on the longer side that are enough to find faces: `open_image(path, at_least=LOOK_AT)`."""
CROP_MARGIN = 0.92
"""Side of a face's square crop over the longer side of its box, the same wherever faces are cut.

Chosen so that eyes and mouth lie where they lie in FER2013's pictures (median of 600: eyes at 0.38
and mouth at 0.77 of the height, eyes 0.36 of the width apart).
"""
MIN_SCORE = 0.7
SIZES = (320, 640, 1280)  # pixels on the longer side, always looked at
CLOSER = (2016, 2800)  # looked at only when faces are that small, or there seem to be none
SMALL = 28  # pixels of a face; where such small ones are, even smaller ones may be
TURNS = (-40, 40)  # degrees; beyond about 45 YuNet goes blind
TILTED = 20  # degrees; where one head is tilted like that, others may be tilted more
SURE = 0.88  # a face with a lower score may be tilted more than its landmarks tell
CLOSE_UP, CLOSE_FACE = 256, 200  # pixels: the close look, and the face in it


@dataclass(frozen=True)
class Face:
    """One face in a picture; everything in the pixels of the original, upright picture.

    Attributes:
        box: (left, top, right, bottom), ints, inside the picture.
        landmarks: five (x, y): the eyes, the tip of the nose and the corners of the mouth, from
            left to right as seen; None for a picture that is a face as it is.
        score: how sure the detector is, 0-1.
        frame: (x, y, length): centre and longer side of the box before it was cut at the picture's
            edge, for the face held upright.
    """

    box: tuple[int, int, int, int]
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
        """Cut the face out as a square, with the eyes level.

        Where the square leaves the picture, the picture's edge is repeated. A face from
        `whole_picture` comes back as the picture unchanged.

        Args:
            image: the picture the face was found in, as opened, whole or reduced.
            margin: side of the square / longer side of the face's box.
            size: pixels on a side of the result; by default as many as the square has in `image`.

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
        # `Image.crop` would warn of large pictures
        shape = tuple((far - near).tolist())
        part = image.resize(shape, Image.Resampling.NEAREST, box=(left, top, *far.tolist()))
        levels = pyramid(part)
        view = cut_out(levels, (x - left, y - top), (size, size), size / side, self.tilt)[0]
        return Image.fromarray(view)


def find_faces(image: Image.Image, min_score: float = MIN_SCORE) -> list[Face]:
    """Find all faces from about 20 pixels up, turned up to 45 degrees.

    Args:
        image: a picture from `open_image`, whole or reduced by `at_least=LOOK_AT`.
        min_score: detections less sure than this (0-1) are left out.

    Returns:
        The faces from left to right; an empty list where there is none.

    Raises:
        FaceError: the detector's model file is missing.
    """
    search = _Search(image, min_score)
    for size in SIZES:
        search.look(size)
    if not search.found or max(abs(face.tilt) for face in search.found) > TILTED:
        for turn in TURNS:
            for size in SIZES:
                search.look(size, turn)
    if not search.found:
        search.look(CLOSER[0])
    for size in CLOSER:
        if search.found and search.smallest(size) < SMALL:
            search.look(size)
    return sorted(search.found, key=lambda face: face.box)


def whole_picture(image: Image.Image) -> Face:
    """The face of a picture that is a cropped face already, as data sets' pictures are."""
    width, height = full_size(image)
    return Face((0, 0, width, height), None, 1.0, (width / 2, height / 2, max(width, height)))


class _Search:
    """One picture's search: the faces found so far, and the spots looked at in vain."""

    def __init__(self, image: Image.Image, min_score: float):
        self.levels = pyramid(image)
        self.size = image.size
        self.full = full_size(image)
        self.min_score = min_score
        self.found: list[Face] = []
        self.rejected: list[tuple[float, float, float]] = []

    def smallest(self, size: int) -> float:
        """Pixels of the smallest face found so far, in the picture shrunk to `size`."""
        return min(face.frame[2] for face in self.found) * size / max(self.full)

    def look(self, size: int, turn: float = 0.0) -> None:
        """Look at the picture with `size` pixels on its longer side, turned by `turn` degrees."""
        if size > max(SIZES[0], 2 * max(self.full)):
            return
        width, height = self.size
        side = max(width, height)
        shape = max(1, round(width * size / side)), max(1, round(height * size / side))
        if turn:  # room for the corners
            cos, sin = abs(np.cos(np.radians(turn))), abs(np.sin(np.radians(turn)))
            shape = tuple(round(cos * n + sin * m) + 1 for n, m in (shape, shape[::-1]))
        small, back = cut_out(self.levels, (width / 2, height / 2), shape, size / side, turn)
        spots = detect(small)
        for x, y, width, height in spots[np.argsort(-spots[:, 14]), :4]:
            x, y = back @ (x + width / 2, y + height / 2, 1)
            self._verify_candidate(x, y, max(width, height) * side / size)

    def _verify_candidate(self, x: float, y: float, length: float) -> None:
        spot = (x, y, length)
        if any(_near(spot, old) and 0.5 < length / old[2] < 2 for old in self.rejected):
            return
        zoom = self.full[0] / self.size[0]
        if any(_near((x * zoom, y * zoom, length * zoom), face.frame) for face in self.found):
            return
        face = self._close_look(*spot)
        if face is None:
            self.rejected.append(spot)
        elif not any(_near(face.frame, other.frame) for other in self.found):
            self.found.append(face)

    def _close_look(self, x: float, y: float, length: float) -> Face | None:
        """The face at a spot, or None."""
        best = self._levelled(x, y, length, 0.0)
        if best is None or best.score < self.min_score:
            return None
        if best.score < SURE:
            others = [self._levelled(x, y, length, float(turn)) for turn in TURNS]
            best = max([best, *filter(None, others)], key=lambda face: face.score)
        return best

    def _levelled(self, x: float, y: float, length: float, tilt: float) -> Face | None:
        """Look at a spot in the size that YuNet measures best, turned upright.

        Landmarks tell only a part of a tilt: turn by that until nothing of it is left.
        """
        for _ in range(3):
            scale = CLOSE_FACE / length
            cut, back = cut_out(self.levels, (x, y), (CLOSE_UP, CLOSE_UP), scale, tilt)
            best = _central(detect(cut))
            if best is None or best[14] < GUESS:
                return None
            x, y = back @ (best[0] + best[2] / 2, best[1] + best[3] / 2, 1)
            width, height = best[2:4] / scale
            length = max(width, height)
            landmarks = best[4:14].reshape(5, 2) @ back[:, :2].T + back[:, 2]
            left = _tilt(best[4:14].reshape(5, 2))
            tilt += left
            if abs(left) < 8:
                break
        return self._face((x, y), (width, height), landmarks, float(best[14]))

    def _face(self, centre: tuple, size: tuple, landmarks: np.ndarray, score: float) -> Face:
        zoom = self.full[0] / self.size[0]
        (x, y), (width, height) = np.multiply(centre, zoom), np.multiply(size, zoom)
        edges = np.array([x - width / 2, y - height / 2, x + width / 2, y + height / 2])
        box = np.clip(np.rint(edges), 0, self.full * 2).astype(int).tolist()
        points = tuple((float(px), float(py)) for px, py in landmarks * zoom)
        return Face(tuple(box), points, score, (float(x), float(y), float(max(width, height))))


def _near(one: tuple[float, float, float], two: tuple[float, float, float]) -> bool:
    """Whether two (x, y, length) can only be one face: no two heads are that close."""
    return np.hypot(one[0] - two[0], one[1] - two[1]) < 0.45 * max(one[2], two[2])


def _tilt(landmarks: np.ndarray) -> float:
    right, down = landmarks[1] - landmarks[0]
    return float(np.degrees(np.arctan2(down, right)))


def _central(spots: np.ndarray) -> np.ndarray | None:
    """The best of a close look's spots that is where, and as large as, the face should be."""
    off = np.hypot(*(spots[:, :2] + spots[:, 2:4] / 2 - CLOSE_UP / 2).T) / CLOSE_FACE
    size = spots[:, 2:4].max(axis=1, initial=0) / CLOSE_FACE
    spots = spots[(off < 0.4) & (size > 0.5) & (size < 1.7)]
    return spots[spots[:, 14].argmax()] if len(spots) else None
