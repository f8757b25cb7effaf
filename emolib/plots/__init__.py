"""Every figure of the course, one file per chapter.

The functions return matplotlib figures that need no screen. A notebook shows a figure that ends a
cell; `figure.savefig("name.png")` saves it. Photographs are returned as pictures.
"""

from .data import (
    average_faces,
    brightness_histogram,
    gallery,
    pixel_numbers,
    share_curves,
)
from .evaluation import (
    confusion_matrix,
    coverage_curve,
    interval_coverage,
    reliability_diagram,
    roc_curve,
    save_report_figures,
    slice_intervals,
)
from .inference import found_faces, photo
from .inspection import bars, damage_curves, feature_maps, filters, heat_maps
from .live import live_curve
from .many import LiveCount, speedup_curve
from .model import convolution_steps, named_maps
from .style import PlotError
from .training import learning_curves, loss_curve, runs_by_side, runs_together, size_curve
from .transfer import few_pictures

__all__ = [
    "LiveCount",
    "PlotError",
    "average_faces",
    "bars",
    "brightness_histogram",
    "confusion_matrix",
    "convolution_steps",
    "coverage_curve",
    "damage_curves",
    "feature_maps",
    "few_pictures",
    "filters",
    "found_faces",
    "gallery",
    "heat_maps",
    "interval_coverage",
    "learning_curves",
    "live_curve",
    "loss_curve",
    "named_maps",
    "photo",
    "pixel_numbers",
    "reliability_diagram",
    "roc_curve",
    "runs_by_side",
    "runs_together",
    "save_report_figures",
    "share_curves",
    "size_curve",
    "slice_intervals",
    "speedup_curve",
]
