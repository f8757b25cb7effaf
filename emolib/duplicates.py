"""Pictures that are the same, pixel for pixel or nearly, are found and named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from PIL import Image

from .audit_report import Problem
from .images import to_array
from .scanning import Row

# FER2013, by eye: false alarms among pairs that differ in 6 bits 0 of 80, 7 bits 3 of 80, 8 bits
# 3 of 16; most pairs differ in fewer
NEAR_BITS = 7
# cosine transform of 32 samples, frequencies 1 to 8
COSINES = np.cos(np.pi / 64 * np.outer(np.arange(1, 9), 2 * np.arange(32) + 1))
HELD_OUT_FIRST = {"test": 0, "validation": 1, "train": 2, None: 2, "all": 2}


def perceptual_hash(image: Image.Image) -> int:
    """Return 64 bits that stay nearly the same when a picture is resized, lit or compressed anew.

    The signs of 8 x 8 low frequencies of the cosine transform of the picture, gray, 32 x 32:
    the DCT based hash of Zauner, "Implementation and Benchmarking of Perceptual Image Hash
    Functions", 2010, with zero in place of the median.

    Args:
        image: A picture, RGB or gray.
    """
    gray = to_array(image, (32, 32))[:, :, 0].astype(np.float64)
    # the frequency 0 says how bright a picture is, not what it shows; 1.0: flat has no sign
    bits = COSINES @ gray @ COSINES.T > 1.0
    return int(np.packbits(bits).view(np.uint64)[0])


def find_copies(rows: Sequence[Row], hashes: Sequence[int | None]) -> list[Problem]:
    """Find exact and near duplicates, also across classes and splits.

    Args:
        rows: Rows of a scan.
        hashes: The `perceptual_hash` of each row's picture; None for an unreadable one.

    Returns:
        The problems "exact duplicate", "two splits", "two classes" and "near duplicate". The
        first copy of a picture is from a held-out split, if any is, and no duplicate.
    """
    found = [
        (row, code)
        for row, code in zip(rows, hashes, strict=True)
        if row.digest and code is not None
    ]
    found.sort(key=lambda pair: (HELD_OUT_FIRST[pair[0].split], pair[0].path))
    groups: dict[str, list[Row]] = defaultdict(list)
    codes = {}
    for row, code in found:
        groups[row.digest].append(row)
        codes.setdefault(row.digest, code)
    problems = [problem for group in groups.values() for problem in _exact(group)]
    firsts = [group[0] for group in groups.values()]
    near = _nearest(np.array([codes[row.digest] for row in firsts], np.uint64))
    return problems + [_near(firsts[i], firsts[j], bits) for i, j, bits in near]


def _exact(group: list[Row]) -> list[Problem]:
    """Name what is wrong with copies of one picture; the first is from a held-out split, if any."""
    first = group[0]
    problems = [
        Problem(row.path, "exact duplicate", "the same pixels as", first.path) for row in group[1:]
    ]
    problems += [
        Problem(row.path, "two splits", f"{row.split} picture, also in {first.split}:", first.path)
        for row in group
        if row.split != first.split
    ]
    for row in group:
        other = next((other for other in group if other.class_name != row.class_name), None)
        if other:
            problems.append(Problem(row.path, "two classes", "also filed as", other.path))
    return problems


def _near(row: Row, other: Row, bits: int) -> Problem:
    where = ", in two classes" if row.class_name != other.class_name else ""
    where += ", in two splits" if row.split != other.split else ""
    return Problem(row.path, "near duplicate", f"{bits} of 64 bits differ{where}:", other.path)


def _nearest(hashes: np.ndarray, rows_at_once: int = 64) -> list[tuple[int, int, int]]:
    """Compare every hash with all before it.

    Args:
        hashes: uint64 array (n,).
        rows_at_once: How many to compare in one go.

    Returns:
        (i, j, bits) for each i with a j < i that differs in `NEAR_BITS` or fewer: the nearest.
    """
    pairs = []
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
