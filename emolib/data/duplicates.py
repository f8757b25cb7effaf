"""Pictures that look nearly the same, found by a perceptual hash."""

from __future__ import annotations

import numpy as np
from PIL import Image

from ..images import to_array

# FER2013, checked by eye: false alarms among pairs that differ in 6 bits 0 of 80, 7 bits 3 of 80,
# 8 bits 3 of 16; most pairs differ in fewer
NEAR_BITS = 7
# cosine transform of 32 samples, frequencies 1 to 8
COSINES = np.cos(np.pi / 64 * np.outer(np.arange(1, 9), 2 * np.arange(32) + 1))


def perceptual_hash(image: Image.Image) -> int:
    """Return 64 bits that hardly change when a picture is resized, relit or recompressed.

    They are the signs of 8 x 8 low frequencies of the cosine transform of the picture, gray,
    32 x 32: the DCT-based hash of Zauner, "Implementation and Benchmarking of Perceptual Image
    Hash Functions", 2010, with zero in place of the median.

    Args:
        image: A picture, RGB or gray.
    """
    gray = to_array(image, (32, 32))[:, :, 0].astype(np.float64)
    # without frequency 0, which is the brightness; 1.0 instead of 0, so that flat pictures give 0
    bits = COSINES @ gray @ COSINES.T > 1.0
    return int(np.packbits(bits).view(np.uint64)[0])


def near_pairs(hashes: np.ndarray, rows_at_once: int = 64) -> list[tuple[int, int, int]]:
    """Find the nearest earlier hash of each hash.

    Args:
        hashes: uint64 array (n,).
        rows_at_once: How many hashes to compare in one step.

    Returns:
        (i, j, bits) for each i with some j < i that differs in `NEAR_BITS` bits or fewer; j is
        the nearest.
    """
    pairs: list[tuple[int, int, int]] = []
    for start in range(0, len(hashes), rows_at_once):
        here = np.arange(start, min(start + rows_at_once, len(hashes)))
        bits = np.bitwise_count(hashes[here, None] ^ hashes[None, : here[-1] + 1])
        bits[np.arange(here[-1] + 1) >= here[:, None]] = 65
        nearest = bits.argmin(axis=1)
        least = bits[np.arange(len(here)), nearest]
        close = least <= NEAR_BITS
        pairs += zip(
            here[close].tolist(), nearest[close].tolist(), least[close].tolist(), strict=True
        )
    return pairs
