"""A network and its card: build, save, load and export them.

A model is a file (`.keras`, `.h5`, `.hdf5`, `.onnx` or `.tflite`) and, beside it, a card of the
same name in JSON: class names, image size, calibration, and what the network was trained on.
"""

from .build import build_cnn, build_deep_cnn
from .card import FORMATS, KERAS_FORMATS, ModelCard, ModelError, file_digest, read_card
from .export import export_model
from .files import load_model, start_tensorflow
from .quiet import silent_output, silent_stderr

__all__ = [
    "FORMATS",
    "KERAS_FORMATS",
    "ModelCard",
    "ModelError",
    "build_cnn",
    "build_deep_cnn",
    "export_model",
    "file_digest",
    "load_model",
    "read_card",
    "silent_output",
    "silent_stderr",
    "start_tensorflow",
]
