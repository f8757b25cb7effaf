"""Fit a network: callbacks, checkpoints, resume; a folder -> a finished model file."""

from .config import History, TrainConfig
from .fit import compile_model, fit_resumable, targets, train
from .recipe import train_folder

__all__ = [
    "History",
    "TrainConfig",
    "compile_model",
    "fit_resumable",
    "targets",
    "train",
    "train_folder",
]
