"""Photographs are shown small, side by side, with what was found in them."""

from io import BytesIO

import numpy as np
from PIL import Image

from emolib import faces, plots


def test_a_photo_is_shown_small_and_as_jpeg():
    shown = plots.photo(Image.new("RGB", (2000, 1000), "#804020"), width=300)
    with Image.open(BytesIO(shown._repr_jpeg_())) as image:
        assert image.format == "JPEG" and image.size == (300, 150)
    assert repr(shown) == "picture of 300 x 150 pixels"


def test_several_are_side_by_side_at_the_same_height():
    red, blue = Image.new("RGB", (100, 100), "red"), Image.new("RGB", (40, 80), "blue")
    image = plots.photo(red, blue, width=312).image
    assert image.size == (312, 200)
    assert image.getpixel((199, 199)) == (255, 0, 0) and image.getpixel((212, 0)) == (0, 0, 255)
    assert image.getpixel((205, 100)) == (255, 255, 255)


def test_a_tiny_picture_shows_its_pixels():
    pixels = np.arange(16, dtype=np.uint8).reshape(4, 4) * 16
    large = np.asarray(plots.photo(Image.fromarray(pixels), width=40).image)[..., 0]
    np.testing.assert_array_equal(large, np.kron(pixels, np.ones((10, 10), np.uint8)))


def test_found_faces_marks_box_and_landmarks_on_a_copy():
    photo = Image.new("RGB", (200, 200))
    points = ((60.0, 80.0), (120.0, 80.0), (90.0, 110.0), (70.0, 140.0), (110.0, 140.0))
    face = faces.Face((40, 40, 140, 160), points, 0.9, (90.0, 100.0, 120.0))
    marked = plots.found_faces(photo, [face, faces.whole_picture(photo)])
    assert photo.getcolors() == [(40_000, (0, 0, 0))]
    assert marked.getpixel((40, 100)) == (0, 158, 115)
    assert all(marked.getpixel((int(x), int(y))) == (240, 228, 66) for x, y in points)
