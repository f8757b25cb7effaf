"""Pictures that look nearly the same, found by a perceptual hash."""

from __future__ import annotations

import numpy as np
from PIL import Image

from ..images import to_array

# FER2013, checked by eye: of the pairs that differ in 6 bits, 0 of 80 were false alarms, in 7 bits
# 3 of 80, in 8 bits 3 of 16; most pairs differ in fewer
NEAR_BITS = 7
# grouped without a human check: 0 of the 719,400 pairs of the course's rendered faces differ in 6
# bits or fewer, and 9 of the 19.2 million pairs of 6,200 such faces, which only puts both pictures
# into the same split; a copy that is resized, darker or paler differs in 3 at most, a JPEG of
# quality 60 in 6, one of quality 30 in 7
GROUP_BITS = 6
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


def near_pairs(hashes: np.ndarray) -> list[tuple[int, int, int]]:
    """Find the nearest earlier hash of each hash.

    Args:
        hashes: uint64 array (n,).

    Returns:
        (i, j, bits) for each i with some j < i that differs in `NEAR_BITS` bits or fewer; j is
        the nearest, and the first of several.
    """
    pairs = []
    for i in range(1, len(hashes)):
        bits = np.bitwise_count(hashes[:i] ^ hashes[i])
        j = int(bits.argmin())
        if bits[j] <= NEAR_BITS:
            pairs.append((i, j, int(bits[j])))
    return pairs


def near_groups(hashes: np.ndarray) -> np.ndarray:
    """Group hashes that differ in `GROUP_BITS` bits or fewer, directly or through others.

    Args:
        hashes: uint64 array (n,).

    Returns:
        int array (n,): the same number for all of a group.
    """
    codes, place = np.unique(hashes, return_inverse=True)
    group = np.arange(len(codes))
    for i, code in enumerate(codes):
        near = np.bitwise_count(codes[:i] ^ code) <= GROUP_BITS
        if near.any():
            joined = np.unique(group[:i][near])
            group[i] = joined[0]
            group[np.isin(group, joined)] = joined[0]
    return group[place]


def near_any(hashes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return which hashes differ from one of the others in `GROUP_BITS` bits or fewer.

    Args:
        hashes: uint64 array (n,).
        others: uint64 array (m,).

    Returns:
        bool array (n,).
    """
    near = [(np.bitwise_count(others ^ code) <= GROUP_BITS).any() for code in hashes]
    return np.array(near, bool)
