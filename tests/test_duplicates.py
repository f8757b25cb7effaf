"""Copies are found however they were changed; different pictures are not taken for copies."""

import io
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance

from conftest import photo
from emolib.data import duplicates, scan
from emolib.data.duplicates import perceptual_hash


def changed(image):
    """Yield one picture as different programs would store it."""
    jpeg = io.BytesIO()
    image.save(jpeg, "JPEG", quality=60)
    yield Image.open(jpeg)
    yield image.resize((48, 48))
    yield image.resize((301, 301))
    yield ImageEnhance.Brightness(image).enhance(0.7)
    yield ImageEnhance.Contrast(image).enhance(0.6)
    yield image.convert("L")


def bits_between(a, b):
    return (perceptual_hash(a) ^ perceptual_hash(b)).bit_count()


@pytest.mark.parametrize("seed", range(10))
def test_hash_stays_for_the_same_picture(seed):
    image = photo(seed, 128)
    for other in changed(image):
        assert bits_between(image, other) <= duplicates.NEAR_BITS


def test_hash_differs_for_different_pictures():
    hashes = np.array([perceptual_hash(photo(seed)) for seed in range(300)], np.uint64)
    bits = np.bitwise_count(hashes[:, None] ^ hashes)[np.triu_indices(300, 1)]
    assert bits.min() > duplicates.NEAR_BITS and abs(bits.mean() - 32) < 2


def test_hash_of_flat_pictures_is_zero():
    for shade in (0, 1, 127, 255):
        assert perceptual_hash(Image.new("RGB", (50, 40), (shade,) * 3)) == 0


def test_rendered_faces_are_all_different():
    rows = scan(Path(__file__).parents[1] / "data" / "rendered").rows
    groups = duplicates.near_groups(np.array([row.phash for row in rows], np.uint64))
    assert len(set(groups.tolist())) == len(rows) == 1200


@pytest.mark.parametrize("seed", range(10))
def test_copies_of_rendered_faces_are_found(seed):
    paths = sorted((Path(__file__).parents[1] / "data" / "rendered").rglob("*.png"))
    image = Image.open(paths[seed * 100]).convert("RGB")
    hashes = np.array([perceptual_hash(other) for other in (image, *changed(image))], np.uint64)
    assert set(duplicates.near_groups(hashes).tolist()) == {0}
    assert duplicates.near_any(hashes[1:], hashes[:1]).all()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 2**64 - 1), max_size=40), st.randoms())
def test_copies_are_what_plain_loops_find(hashes, random):
    for code in hashes[:20]:  # plant near ones
        for bit in random.sample(range(64), random.randint(0, 9)):
            code ^= 1 << bit
        hashes.insert(random.randint(0, len(hashes)), code)
    groups = list(range(len(hashes)))
    pairs = []
    for i, code in enumerate(hashes):
        bits = [(code ^ other).bit_count() for other in hashes[:i]]
        for j in range(i):
            if bits[j] <= duplicates.GROUP_BITS:
                groups = [groups[j] if group == groups[i] else group for group in groups]
        if bits and min(bits) <= duplicates.NEAR_BITS:
            pairs.append((i, bits.index(min(bits)), min(bits)))
    array = np.array(hashes, np.uint64)
    assert duplicates.near_pairs(array) == pairs
    found = duplicates.near_groups(array).tolist()
    assert len(set(zip(found, groups, strict=True))) == len(set(found)) == len(set(groups))
    half = len(hashes) // 2
    assert duplicates.near_any(array[:half], array[half:]).tolist() == [
        any((code ^ other).bit_count() <= duplicates.GROUP_BITS for other in hashes[half:])
        for code in hashes[:half]
    ]


@pytest.mark.slow
def test_many_hashes_are_compared_fast():
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 2**64, 28_709, np.uint64)
    hashes[1::2] = hashes[:-1:2] ^ np.uint64(0b10101)
    start = time.perf_counter()
    groups = duplicates.near_groups(hashes)
    assert len(np.unique(groups)) == 14_355
    assert len(duplicates.near_pairs(hashes)) == 14_354
    assert time.perf_counter() - start < 20  # it takes about 3 s
