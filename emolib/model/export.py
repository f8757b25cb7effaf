"""Write a trained network in the formats that other programs read."""

from __future__ import annotations

import importlib.util
import logging
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..files import new_folders
from .card import ModelCard, ModelError, file_digest
from .files import load_model
from .quiet import silent_output

if TYPE_CHECKING:
    import keras

EXPORT_FORMATS = {
    "keras": ".keras",
    "h5": ".h5",
    "savedmodel": "_savedmodel",
    "tflite": ".tflite",
    "tflite-dynamic-range": ".tflite",
    "onnx": ".onnx",
}


def export_model(
    path: str | os.PathLike,
    to: str,
    out: str | os.PathLike | None = None,
    class_names: list[str] | None = None,
) -> Path:
    """Write a model in a different format, with its card beside it unless it is a folder.

    Args:
        path: A `.keras`, `.h5` or `.hdf5` file with its card.
        to: "keras", "h5", "savedmodel", "tflite", "tflite-dynamic-range" (weights quantized to 8
            bits, a quarter of the size) or "onnx".
        out: The file to write, which must not exist; by default beside the model, with its name.
        class_names: For a file without a card: its classes, in the order of its outputs.

    Returns:
        The file or folder written.

    Raises:
        ModelError: Unknown format, missing package, a target that exists, or a bad model.
    """
    path = Path(path)
    suffix = _available(to)
    target = Path(out) if out else path.with_name(path.stem + suffix)
    # one card serves the files of one name in one folder
    shared = (target.parent.resolve(), target.stem) == (path.parent.resolve(), path.stem)
    for new in [target] if shared else [target, target.with_suffix(".json")]:
        if new.exists():
            raise ModelError(f"{new} already exists: give a different --out.")
    if not target.parent.is_dir():
        raise ModelError(f"{target.parent} is not a folder: create it, or give a different --out.")
    if suffix.startswith(".") and target.suffix != suffix:
        raise ModelError(f"{target} does not end in {suffix}: rename it.")
    model, card = load_model(path, class_names)
    write_format(model, card, to, target)
    if target.is_file():
        # a shared card may be new, made from class names
        card.files = card.files | {path.name: file_digest(path)} if shared else {}
        card.write(target)
    return target


def _available(to: str) -> str:
    """Return the suffix of a format, if it is one and its packages are installed."""
    if to not in EXPORT_FORMATS:
        raise ModelError(f"{to} is not an export format: choose from {', '.join(EXPORT_FORMATS)}.")
    packages = ("tf2onnx", "onnx") if to == "onnx" else ()
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    if missing:
        raise ModelError(
            f"Writing {to} needs {' and '.join(missing)}: run pip install {' '.join(missing)}"
        )
    return EXPORT_FORMATS[to]


def write_format(model: keras.Model, card: ModelCard, to: str, target: Path) -> None:
    """Write a Keras model in one of `EXPORT_FORMATS`, whose packages must be installed."""
    # exporters look up what the network was last called with
    model(np.zeros((1, *card.image_size, card.channels), "float32"))
    with tempfile.TemporaryDirectory() as folder:
        # a name of plain letters: not every exporter can write to every name
        written = Path(folder, f"model{EXPORT_FORMATS[to]}")
        with silent_output():
            _write(model, to, written)
        with new_folders(target.parent) as scratch:
            shutil.move(written, scratch / target.name)


def _write(model: keras.Model, to: str, target: Path) -> None:
    if to in ("keras", "h5"):
        # Keras advises against .h5; anyone who asks for it has a reason
        logging.getLogger("absl").setLevel(logging.ERROR)
        model.save(target)
    elif to == "tflite-dynamic-range":
        import tensorflow as tf

        converter = tf.lite.TFLiteConverter.from_keras_model(model)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        target.write_bytes(converter.convert())
    else:
        formats = {"savedmodel": "tf_saved_model", "tflite": "litert"}
        model.export(str(target), format=formats.get(to, to), verbose=False)
