"""Read a network from a file, and check it before it is trusted."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .card import HDF5_FORMATS, KERAS_FORMATS, ModelCard, ModelError, read_card
from .quiet import silent_stderr
from .trial import check_answers, failure

if TYPE_CHECKING:
    import keras

# what Keras raises for files that it cannot read
UNREADABLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    ImportError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


def start_tensorflow() -> None:
    """Load TensorFlow without its log lines at the start, and without its warnings later."""
    with silent_stderr():
        import tensorflow as tf

        tf.config.list_physical_devices()
    # it warns when a reader calls `predict` on several new networks
    logging.getLogger("tensorflow").setLevel(logging.ERROR)


def load_model(
    path: str | os.PathLike, class_names: list[str] | None = None
) -> tuple[keras.Model, ModelCard]:
    """Load a network, to look inside it or to train it further.

    Args:
        path: A `.keras`, `.h5` or `.hdf5` file with its card beside it.
        class_names: For a file without a card: its classes, in the order of its outputs.

    Returns:
        The Keras model, not compiled, and its card.

    Raises:
        ModelError: Not a model, a damaged file, code inside (Lambda layers and the like), a card
            that does not fit, or outputs that are not probabilities.
    """
    path = Path(path)
    _require_network(path)
    card = read_card(path, class_names)
    if path.suffix.lower() not in KERAS_FORMATS:
        raise ModelError(f"{path} can only be used for predictions: give the model's .keras file.")
    start_tensorflow()
    model = _read(path)
    card.check_input(path, getattr(model, "input_shape", None))
    check_answers(path, card, lambda images: model(images, training=False))
    return model, card


def _require_network(path: Path) -> None:
    """Check that an HDF5 file does not hold only weights."""
    content = _metadata(path) if path.suffix.lower() in HDF5_FORMATS else None
    if content is not None and "model_config" not in content:
        raise ModelError(
            f"{path} holds only the weights of a network: load them into the network with "
            'load_weights, save all of it with model.save("mine.keras"), and give that file.'
        )


def _read(path: Path) -> keras.Model:
    import keras
    import tensorflow as tf

    with _ascii_name(path) as file:
        try:
            return keras.saving.load_model(file, compile=False, safe_mode=True)
        except (*UNREADABLE, tf.errors.OpError) as error:
            raise failure(path, error, _why_unreadable(path, error)) from error


@contextlib.contextmanager
def _ascii_name(path: Path) -> Iterator[Path]:
    """Yield a path that compiled libraries can open: of a copy if the file's own will not work.

    Keras knows its formats only by suffixes in lower case.
    """
    if os.fspath(path).isascii() and path.suffix.islower():
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(shutil.copyfile(path, Path(folder, f"model{path.suffix.lower()}")))


def _why_unreadable(path: Path, error: Exception) -> str:
    """Return the sentence that says why Keras cannot read a file, from what Keras says."""
    import keras

    # all that Keras says when it refuses to run what is in a file
    if "passing `safe_mode=False` to" in str(error):
        return (
            f"{path} contains program code, which could do anything to this computer, so it is not "
            "opened: ask for a file made of standard layers."
        )
    version = (_metadata(path) or {}).get("keras_version", "")
    # early versions of Keras 2 wrote bytes
    written_by = version.decode("utf-8", "replace") if isinstance(version, bytes) else str(version)
    if _numbers(written_by) > _numbers(keras.__version__):
        return (
            f"{path} was written by Keras {written_by}, which is newer than {keras.__version__} "
            "here: run pip install --upgrade keras, or save it with the older one."
        )
    if written_by.startswith("2."):
        return (
            f"{path} was written by Keras 2 in a form that Keras 3 cannot read: load it with the "
            "package tf-keras, add a Rescaling layer in front if it does not expect pixel values "
            "from 0 to 255, and convert it to a .tflite file."
        )
    return (
        f"{path} cannot be read as a Keras model: it is damaged, or needs layers that are not part "
        "of Keras."
    )


def _numbers(version: str) -> list[int]:
    return [int(number) for number in version.split(".") if number.isdigit()]


def _metadata(path: Path) -> dict[str, Any] | None:
    """Return what a Keras file says about itself; None for a damaged file."""
    import h5py

    try:
        if path.suffix.lower() not in HDF5_FORMATS:
            with zipfile.ZipFile(path) as archive:
                return dict(json.loads(archive.read("metadata.json")))
        # a file object, because HDF5 cannot open every name
        with open(path, "rb") as file, h5py.File(file) as content:
            return dict(content.attrs)
    except UNREADABLE:
        return None
