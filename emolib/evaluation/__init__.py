"""Predictions and labels -> an honest report: scores with intervals, calibration, slices."""

from .calibration import (
    ReliabilityBins,
    SelectiveTable,
    SureThreshold,
    apply_temperature,
    choose_sure_threshold,
    expected_calibration_error,
    fit_bias,
    fit_temperature,
    reliability_bins,
    selective_table,
)
from .metrics import (
    EvaluationError,
    Score,
    Slice,
    accuracy_by_group,
    mcnemar,
    percent,
    wilson_interval,
)
from .people import agreement_with_others, people_shares
from .report import Report, class_gaps, evaluate, summary_text

__all__ = [
    "EvaluationError",
    "ReliabilityBins",
    "Report",
    "Score",
    "SelectiveTable",
    "Slice",
    "SureThreshold",
    "accuracy_by_group",
    "agreement_with_others",
    "apply_temperature",
    "choose_sure_threshold",
    "class_gaps",
    "evaluate",
    "expected_calibration_error",
    "fit_bias",
    "fit_temperature",
    "mcnemar",
    "people_shares",
    "percent",
    "reliability_bins",
    "selective_table",
    "summary_text",
    "wilson_interval",
]
