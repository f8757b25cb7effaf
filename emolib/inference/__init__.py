"""A photo -> who is happy, who is sad, and how sure; no TensorFlow needed."""

from .annotate import annotate_image
from .classifier import RELEASED, Classifier, load_classifier
from .photo import Photo, Prediction

__all__ = ["RELEASED", "Classifier", "Photo", "Prediction", "annotate_image", "load_classifier"]
