"""Any part of a picture, shrunk without aliasing and turned level."""

import cv2
import numpy as np
from PIL import Image


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
