"""Folders of pictures become examples: fetched, scanned, split without leaks, batched.

All that a data set needs is asked for here (`emolib.data.scan`); each step has a file of its own.
Notebook 01 explains them.
"""

from .archives import open_folder
from .download import download_fer2013
from .loading import batches, examples, load_images
from .scanning import DataError, Dataset, Row, class_names_in, files_in, scan
from .sources import Portrait, portraits, selfies
from .splitting import split, without_leaks

__all__ = [
    "DataError",
    "Dataset",
    "Portrait",
    "Row",
    "batches",
    "class_names_in",
    "download_fer2013",
    "examples",
    "files_in",
    "load_images",
    "open_folder",
    "portraits",
    "scan",
    "selfies",
    "split",
    "without_leaks",
]
