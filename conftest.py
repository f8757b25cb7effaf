"""Settings for all tests and for the kernels that nbval starts: solutions run, nothing is kept."""

import gc
import os
import tempfile
from pathlib import Path

# deleted when the tests end; the reader's own networks are not touched
_MODELS = tempfile.TemporaryDirectory(prefix="emolib-")
os.environ["EMOLIB_MODELS"] = str(Path(_MODELS.name, "models"))
os.environ["EMOLIB_SOLUTIONS"] = "1"


def pytest_collection_finish(session):
    """Spare the garbage collector what the imports have left: a quarter of the tests' time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
