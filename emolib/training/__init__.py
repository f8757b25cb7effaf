"""Fit a network: callbacks, checkpoints, resume; a folder -> a finished model file."""

from .config import History, TrainConfig, TrainingError
from .fit import compile_model, fit_resumable, targets, train
from .recipe import train_folder, written_files

__all__ = [
    "History",
    "TrainConfig",
    "TrainingError",
    "compile_model",
    "fit_resumable",
    "targets",
    "train",
    "train_folder",
    "written_files",
]
