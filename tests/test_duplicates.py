"""Copies are found however they were changed; different pictures are not taken for copies."""

import io

import numpy as np
import pytest
from conftest import photo
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance

from emolib.data import duplicates
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


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 2**64 - 1), max_size=40), st.integers(1, 50), st.randoms())
def test_near_pairs_are_what_plain_loops_find(hashes, at_once, random):
    for code in hashes[:20]:  # plant near ones
        for bit in random.sample(range(64), random.randint(0, 9)):
            code ^= 1 << bit
        hashes.insert(random.randint(0, len(hashes)), code)
    expected = []
    for i, code in enumerate(hashes):
        bits = [(code ^ before).bit_count() for before in hashes[:i]]
        if bits and min(bits) <= duplicates.NEAR_BITS:
            expected.append((i, bits.index(min(bits)), min(bits)))
    assert duplicates.near_pairs(np.array(hashes, np.uint64), at_once) == expected
