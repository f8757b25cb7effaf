"""Where a network looks, and what changes its mind."""

from .gradcam import grad_cam
from .probing import Probe

__all__ = ["Probe", "grad_cam"]
