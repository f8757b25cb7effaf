"""A photo -> who is happy, who is sad, and how sure the model is; no TensorFlow needed."""

from typing import Any

from .annotate import annotate_image
from .classifier import RELEASED, Classifier, load_classifier
from .photo import Photo, Prediction

__all__ = [
    "RELEASED",
    "Classifier",
    "Photo",
    "Prediction",
    "annotate_image",
    "load_classifier",
    "predict_on_cluster",
]


def __getattr__(name: str) -> Any:
    """Load what needs Dask, an extra, on first use."""
    if name == "predict_on_cluster":
        from .cluster import predict_on_cluster

        return predict_on_cluster
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
