"""The mouth: where its corners are, how far it opens, lips, teeth and what is dark inside."""

from __future__ import annotations

import numpy as np

from .canvas import Array, bump, line, step, within
from .head import Head


class Mouth:
    """Curves of a mouth, from its action units; all lengths in half face widths.

    Attributes:
        half_width: From the middle to a corner.
        corner_y: Height of the corners.
        t: Distance from the middle, 1 at the corners.
        line_y: Where the closed lips meet, for each pixel's column.
        upper: Lower edge of the upper lip.
        lower: Upper edge of the lower lip.
        top: Upper edge of the upper lip.
        bottom: Lower edge of the lower lip.
    """

    def __init__(self, head: Head):
        """Lay the curves for a head."""
        look, au, ax = head.look, head.au, head.ax
        smile, sad = au[12], au[15]
        self.half_width = look.mouth_width * (
            1
            + 0.55 * smile
            + 0.28 * au[20]
            - 0.16 * au[23]
            - 0.1 * sad
            - 0.12 * au[26] * (1 - smile)
        )
        self.t = t = ax / self.half_width
        near = np.clip(t, 0, 1.25)
        rise = 0.19 * smile * near**1.7
        # corners are pulled down sharply, at their very end
        fall = 0.11 * sad * near**2.4 + 0.05 * au[20] * near**2
        middle = look.mouth_height + 0.03 * smile - 0.05 * au[17] - 0.03 * au[9]
        wave = 0.012 * np.cos(np.clip(3.2 * t, 0, np.pi)) * (1 - 0.7 * smile)
        self.line_y = middle - rise + fall + wave
        self.corner_y = middle - 0.19 * smile + 0.11 * sad + 0.05 * au[20]
        opening = (0.14 + 0.13 * smile) * au[25] + 0.33 * au[26]
        # pulled sideways, an open mouth is square; else it is round
        power = 0.8 - 0.5 * np.maximum(au[20], 0.6 * sad)
        open_ = opening * np.clip(1 - near**2, 0, 1) ** power
        share = 0.35 - 0.1 * au[26]
        self.upper = self.line_y - share * open_
        self.lower = self.line_y + (1 - share) * open_
        full = look.lip_fullness * (1 - 0.35 * smile) * (1 - 0.55 * au[23])
        end = np.clip(1 - near**2, 0, 1)
        bow = 1 - 0.25 * np.exp(-((ax / 0.06) ** 2))
        self.top = self.upper - 0.1 * full * end**0.8 * bow
        pout = 0.13 * full + 0.05 * au[17] - 0.02 * au[25]
        self.bottom = self.lower + pout * end**0.6

    def relief(self, head: Head) -> Array:
        """How far lips, corners and the parts around them stand out."""
        look, au, ax, y = head.look, head.au, head.ax, head.y
        mid = self.line_y
        shape = 0.06 * bump(ax, y - mid, 0.36, 0.22)
        shape += 0.045 * bump(ax / self.half_width, y - (self.upper + self.top) / 2, 0.55, 0.05)
        lower = (self.lower + self.bottom) / 2
        pout = 0.06 + 0.04 * au[17]
        shape += pout * bump(ax / self.half_width, y - lower, 0.5, 0.06)
        # the hollow below the lower lip, and the furrow above the upper one
        shape -= (0.04 + 0.04 * au[17]) * bump(ax, y - self.bottom - 0.07, 0.24, 0.05)
        shape -= 0.02 * line(ax, 0.05) * within(y, 0.36, self.top, 0.1)
        # corners dig in; pulled-down corners have a bag outside and a fold below
        shape -= (0.02 + 0.06 * au[12] + 0.04 * au[15]) * bump(
            ax - self.half_width - 0.01, y - self.corner_y, 0.09, 0.09
        )
        fold = ax - self.half_width - 0.02 - 0.25 * (y - self.corner_y)
        depth = 0.005 + 0.015 * look.age + 0.04 * au[15] + 0.02 * au[20]
        return shape - depth * line(fold, 0.07) * within(
            y, self.corner_y, self.corner_y + 0.25, 0.1
        )

    def paint(self, head: Head, albedo: Array) -> Array:
        """Paint lips, teeth and the dark inside onto the skin's own brightness."""
        look, y = head.look, head.y
        soft = max(0.035, 1.6 * head.pixel)
        inside_t = step(-self.t, -1.0, 0.12)
        tone = look.skin * (look.lip_tone * (1 - 0.3 * look.makeup))
        lips = within(y, self.top, self.bottom, soft * 1.4) * inside_t
        albedo = albedo + (tone - albedo) * 0.75 * lips
        # the upper lip looks down, the lower one up
        albedo = albedo - 0.08 * lips * step(self.line_y - y, 0, 0.05)
        gap = self.lower - self.upper
        opened = within(y, self.upper, self.lower, soft) * inside_t * step(gap, 0.025, 0.03)
        return albedo + (self._inside(head, gap) - albedo) * opened

    def _inside(self, head: Head, gap: Array) -> Array:
        look, au, y = head.look, head.au, head.y
        # the tongue lies on the floor of the mouth
        dark = 0.1 + 0.25 * bump(head.ax, y - self.lower + 0.04, 0.22, 0.09)
        # smiles show the upper teeth, crying the lower ones too
        show = np.clip(0.35 + au[12] - 0.3 * au[26] * (1 - au[12]), 0, 1)
        below = self.upper + 0.2 * show + 0.02
        upper_teeth = step(below - y, 0, 0.04)
        low = np.clip(au[20] + 0.6 * au[15] - 0.7 * au[12], 0, 1)
        lower_teeth = step(y - self.lower + 0.09 * low, 0, 0.05) * low
        corner = 1 - 0.65 * np.clip(self.t, 0, 1) ** 3
        gaps = 1 - 0.06 * np.cos(head.x * 70) ** 8
        bright = look.teeth * corner * gaps
        teeth = np.maximum(upper_teeth * (show > 0.15), 0.8 * lower_teeth)
        return dark + (bright - dark) * teeth * step(gap, 0.03, 0.05)

    def closed_line(self, head: Head) -> Array:
        """Darkness, 0-1, of the line between closed lips and of the shade in the corners."""
        au = head.au
        width = 0.028 + 0.01 * head.look.age
        seam = line(head.y - self.line_y, width) * step(-self.t, -1.03, 0.1)
        seam = seam * (1 - step(self.lower - self.upper, 0.03, 0.05))
        corners = bump(head.ax - self.half_width + 0.01, head.y - self.corner_y, 0.075, 0.07)
        return np.maximum(0.75 * seam, (0.25 + 0.45 * au[12] + 0.3 * au[15]) * corners)


def cheek_relief(head: Head, mouth: Mouth) -> Array:
    """How far cheeks, folds and chin stand out from the bare head."""
    look, au, ax, y = head.look, head.au, head.ax, head.y
    smile = 0.5 * (au[6] + au[12])
    cheek = 0.06 + 0.15 * smile
    shape = cheek * bump(ax - 0.58, y - 0.16 + 0.08 * smile, 0.22, 0.2)
    # the fold from the nose around the mouth: deep in smiles, in disgust and with age
    top, bottom = 0.14, mouth.corner_y + 0.17
    t = np.clip((y - top) / (bottom - top), 0, 1)
    end = mouth.half_width + 0.12 + 0.02 * au[12]
    fold_x = 0.22 * look.nose_width + (end - 0.22) * t**0.75
    fold = line(ax - fold_x, 0.085) * within(y, top - 0.02, bottom, 0.2)
    depth = 0.006 + 0.015 * look.age + 0.035 * au[12] + 0.035 * au[9] + 0.015 * au[15]
    # what lies beside the fold hangs over it
    shape += depth * (0.8 * line(ax - fold_x - 0.12, 0.12) * within(y, top, bottom, 0.2) - fold)
    # hollow cheeks, and the chin
    shape -= 0.05 * (1 - smile) * bump(ax - 0.68, y - 0.6, 0.15, 0.25)
    chin = look.length - 0.24
    return shape + (0.07 + 0.05 * au[17]) * bump(ax, y - chin, 0.22, 0.14)
