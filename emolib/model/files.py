"""Read a network from a file, and check it before it is trusted."""

from __future__ import annotations

import contextlib
import json
import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .card import KERAS_FORMATS, ModelCard, ModelError, read_card

if TYPE_CHECKING:
    import keras


def start_tensorflow() -> None:
    """Load TensorFlow without the log lines that it writes when it starts."""
    with silent_stderr():
        import tensorflow as tf

        tf.config.list_physical_devices()


@contextlib.contextmanager
def silent_stderr() -> Iterator[None]:
    """Silence what compiled libraries write to stderr, past Python's own `sys.stderr`."""
    stderr = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)


def load_model(
    path: str | os.PathLike, class_names: list[str] | None = None
) -> tuple[keras.Model, ModelCard]:
    """Load a network, to look into it or to train it further.

    Args:
        path: A `.keras` or `.h5` file with its card beside it.
        class_names: For a file without a card: its classes, in the order of its outputs.

    Returns:
        The Keras model, not compiled, and its card.

    Raises:
        ModelError: Not a model, a damaged file, code inside (Lambda layers and the like), or a
            card that does not fit.
    """
    path = Path(path)
    card = read_card(path, class_names)
    if path.suffix.lower() not in KERAS_FORMATS:
        raise ModelError(f"{path} can only answer, not learn: give the model's .keras file.")
    start_tensorflow()
    import keras

    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:
        # Keras raises many kinds of errors here
        raise ModelError(_why_unreadable(path, str(error))) from error
    _check_shapes(path, model, card)
    return model, card


def _why_unreadable(path: Path, error: str) -> str:
    """Return the sentence that says why Keras cannot read a file, from what Keras says."""
    import keras

    if any(word in error for word in ("unsafe", "safe_mode", "lambda", "Lambda")):
        return (
            f"{path} contains program code, which could do anything to this computer, so it is not "
            "opened: ask for a file made of standard layers."
        )
    written_by = _keras_version(path)
    if written_by and _numbers(written_by) > _numbers(keras.__version__):
        return (
            f"{path} was written by Keras {written_by}, which is newer than {keras.__version__} "
            "here: pip install --upgrade keras, or write it with the older one."
        )
    return (
        f"{path} cannot be read as a Keras model: it is damaged, or needs layers that are not part "
        "of Keras."
    )


def _keras_version(path: Path) -> str | None:
    try:
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read("metadata.json"))["keras_version"]
    except (zipfile.BadZipFile, KeyError, ValueError, OSError):
        return None


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)[:3]]


def _check_shapes(path: Path, model: keras.Model, card: ModelCard) -> None:
    shape = model.input_shape[1:]
    outputs = model.output_shape[1:]
    if len(shape) != 3 or len(outputs) != 1 or shape[2] not in (1, 3):
        raise ModelError(f"{path} does not take pictures and give class probabilities.")
    if card.image_size == (0, 0):
        card.image_size = shape[:2]
        card.channels = shape[2]
    wanted = (*card.image_size, card.channels)
    if shape != wanted:
        raise ModelError(f"{path} takes pictures of shape {shape}, but its card says {wanted}.")
    card.check_outputs(path, outputs[0])
