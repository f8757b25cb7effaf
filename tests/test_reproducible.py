"""A seed fixes what a training learns from, and so what it learns."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from conftest import fill

BATCHES = """
import hashlib
import numpy as np
from emolib.data import augmentation, batches

images = np.random.default_rng(0).integers(0, 256, (200, 48, 48, 1), np.uint8)
ds = batches(images, np.arange(200), 8, shuffle=True, augment=augmentation(3), seed=3)
for epoch in range(2):
    seen = [part.numpy().tobytes() for batch in ds for part in batch]
    print(hashlib.sha256(b"".join(seen)).hexdigest())
"""
TRAINING = """
import sys
from emolib.training import train_folder

options = {"class_weights": "balanced"} if sys.argv[3:] else {}
train_folder(sys.argv[1], sys.argv[2], epochs=2, batch_size=8, seed=5, **options)
"""

pytestmark = pytest.mark.slow


def run(code: str, *words: object) -> str:
    command = [sys.executable, "-c", code, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_the_same_seeds_give_the_same_batches_in_every_process():
    first, second = run(BATCHES), run(BATCHES)
    assert first == second
    # and each epoch is a new one
    assert len(set(first.split())) == 2


@pytest.mark.parametrize("options", [[], ["balanced"]], ids=["plain", "balanced"])
def test_the_same_seed_gives_the_same_weights_in_every_process(options, tmp_path):
    import keras

    # more pictures of one class, so that weights matter
    folder = fill(tmp_path / "faces", {"happy": 50, "sad": 40})
    learned = []
    for name in ("a.keras", "b.keras"):
        run(TRAINING, folder, tmp_path / name, *options)
        model = keras.saving.load_model(tmp_path / name)
        learned.append(b"".join(np.asarray(w).tobytes() for w in model.get_weights()))
    assert hashlib.sha256(learned[0]).digest() == hashlib.sha256(learned[1]).digest()
