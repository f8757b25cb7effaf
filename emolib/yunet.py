"""YuNet, the network that spots faces, run on pixels by OpenCV.

Wu, Peng & Yu, "YuNet: A Tiny Millisecond-level Face Detector", Machine Intelligence Research 20,
2023. It knows faces of about 12 to 300 pixels.
"""

import threading
from pathlib import Path

import cv2
import numpy as np

from .errors import EmolibError

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


def _detector() -> "cv2.FaceDetectorYN":
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
