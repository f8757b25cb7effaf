"""Arrays and batches hold the pictures of the files, all of them, unchanged."""

import numpy as np
import pytest

from conftest import fill, mouth
from emolib.data import batches, load_images, scan


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("channels", [1, 3])
def test_gray_and_color_pictures_load_as_requested(tmp_path, mode, channels):
    fill(tmp_path, {"happy": 3, "sad": 2}, size=64, mode=mode)
    images = load_images(scan(tmp_path).rows, (32, 40), channels)
    assert images.shape == (5, 32, 40, channels)
    assert images.dtype == np.uint8
    assert 20 < images.mean() < 235


def test_a_picture_of_the_right_size_comes_through_unchanged(faces_folder):
    dataset = scan(faces_folder)
    images = load_images(dataset.rows)
    assert (images[0, :, :, 0] == np.asarray(mouth(True, 0))).all()


def test_batches_shuffle_every_epoch_and_lose_nothing():
    images = np.arange(50, dtype=np.uint8).reshape(50, 1, 1, 1)
    ds = batches(images, np.arange(50), 8, shuffle=True)
    epochs = [np.concatenate([y.numpy() for _, y in ds]) for _ in range(2)]
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(50))
    assert not (epochs[0] == epochs[1]).all()
    for x, y in ds:
        assert x.dtype == "float32"
        assert (x.numpy().ravel() == y.numpy()).all()
