"""What the tests share: pictures that a small network can learn, and such a network."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    import keras

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

SEVEN = ["angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"]
FORMATS = ["keras", "h5", "onnx", "tflite"]
IMAGES = np.random.default_rng(0).integers(0, 256, (3, 48, 48, 1)).astype("float32")


def slow_cases(*values: Any) -> list[Any]:
    """Return further values for `parametrize`, for which the test is marked slow."""
    return [pytest.param(value, marks=pytest.mark.slow) for value in values]


def mouth(up: bool, seed: int, size: int = 48, mode: str = "L") -> Image.Image:
    """Return a round face whose mouth bends up or down, in a random place and random light."""
    rng = np.random.default_rng(seed)
    light = int(rng.integers(60, 200))
    shift = rng.integers(-4, 5, 2)
    image = Image.new("L", (48, 48), light // 2)
    draw = ImageDraw.Draw(image)
    x, y = 24 + shift
    draw.ellipse((x - 18, y - 20, x + 18, y + 20), fill=light)
    for eye in (-7, 7):
        draw.ellipse((x + eye - 2, y - 8, x + eye + 2, y - 4), fill=20)
    if up:
        draw.arc((x - 10, y - 4, x + 10, y + 12), 20, 160, fill=20, width=3)
    else:
        draw.arc((x - 10, y + 6, x + 10, y + 22), 200, 340, fill=20, width=3)
    noisy = np.asarray(image, float) + rng.normal(0, 6, (48, 48))
    image = Image.fromarray(noisy.clip(0, 255).astype("uint8")).resize((size, size))
    return image.convert(mode)


def fill(
    folder: Path, classes: dict[str, int], size: int = 48, mode: str = "L", seed: int = 0
) -> Path:
    """Write `classes[name]` pictures to folder/name; every other class smiles, the first does."""
    for k, (name, n) in enumerate(classes.items()):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for i in range(n):
            picture = mouth(k % 2 == 0, seed * 10_000 + k * 1_000 + i, size, mode)
            picture.save(folder / name / f"{i:03}.png")
    return folder


@pytest.fixture
def faces_folder(tmp_path: Path) -> Path:
    """40 smiling and 40 frowning faces."""
    return fill(tmp_path / "faces", {"happy": 40, "sad": 40})


def small_model(size: int = 48, classes: int = 1) -> keras.Sequential:
    """Return an untrained network with one convolution, the same each time."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input((size, size, 1)),
            layers.Rescaling(1 / 64, offset=-2),
            layers.Conv2D(8, 5, strides=4, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(classes, activation="sigmoid" if classes == 1 else "softmax"),
        ]
    )


def photo(seed: int, size: int = 64) -> Image.Image:
    """Return a soft random picture: no two seeds look alike."""
    coarse = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8)
    return Image.fromarray(coarse).resize((size, size), Image.Resampling.BICUBIC)


def save(path: Path, image: Image.Image, kind: str | None = None, **options: Any) -> Path:
    """Save a picture, with the folders above it; return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, kind, **options)
    return path


def write(path: Path, content: bytes) -> Path:
    """Write a file, with the folders above it; return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def make_zip(path: Path, files: dict[str, bytes], **options: Any) -> Path:
    """Write a zip of files, given by name; return its path."""
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def below(folder: Path) -> list[str]:
    """Return the path of each file in a folder, relative to it."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def one_sentence(error: pytest.ExceptionInfo, *words: str) -> None:
    """Check that an error is one sentence with these words."""
    text = str(error.value)
    assert "\n" not in text and text.endswith((".", "fer2013.zip"))
    for word in words:
        assert word in text
