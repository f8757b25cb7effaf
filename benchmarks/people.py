"""What the benchmarks share about people: FER2013's pictures with ten people's votes for each.

The votes are those of FER+ (`emolib.data.ferplus_votes`). They are counted for a model's own
classes: "neither" gets all votes that no other class gets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emolib.data import examples, ferplus_votes, open_folder, scan, split

# what people could choose from (FERPLUS_EMOTIONS), as FER2013 spells it; NF: not a face
CHOICES = "neutral happy surprise sad angry disgust fear contempt unknown NF".split()
NEITHER = "neither"
ENOUGH = 8  # votes that a picture needs to count


@dataclass(frozen=True)
class Faces:
    """The pictures of one split of FER2013.

    Attributes:
        images: uint8 (n, 48, 48, 1), 0-255.
        labels: str (n,), FER2013's emotions.
        votes: int (n, 10), how many people chose each of `CHOICES`.
    """

    images: np.ndarray
    labels: np.ndarray
    votes: np.ndarray

    def labeled(self, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return which pictures have one of these labels, bool (n,), and their labels, int (m,)."""
        known = np.isin(self.labels, names)
        return known, np.array([names.index(label) for label in self.labels[known]])


@dataclass(frozen=True)
class People:
    """What people say about n pictures, in k classes.

    Attributes:
        votes: int (n, k).
        shares: float (n, k), the share of all who voted; they may have chosen none of the classes.
        enough: bool (n,), whether the picture has enough votes.
        choice: int (n,), the class that more than half of enough people chose; -1: there is none.
    """

    votes: np.ndarray
    shares: np.ndarray
    enough: np.ndarray
    choice: np.ndarray


def load_faces(folder: str, part: str) -> Faces:
    """Load FER2013's "validation" (PublicTest) or "test" pictures (PrivateTest)."""
    dataset = split(scan(open_folder(folder)))
    images, labels = examples(dataset, part, dataset.class_names)
    votes = ferplus_votes(dataset)[[row.split == part for row in dataset.rows]]
    return Faces(images, np.array(dataset.class_names)[labels], votes)


def grouped(values: np.ndarray, columns: Sequence[str], names: Sequence[str]) -> np.ndarray:
    """Return the values of each class, (n, columns) -> (n, names); "neither" sums up the rest."""
    rest = [i for i, column in enumerate(columns) if column not in names]
    parts = [rest if name == NEITHER else [columns.index(name)] for name in names]
    return np.stack([values[:, part].sum(axis=1) for part in parts], axis=1)


def opinions(faces: Faces, names: Sequence[str]) -> People:
    """Count people's votes for the classes of a model."""
    votes = grouped(faces.votes, CHOICES, names)
    voted = faces.votes.sum(axis=1)
    enough = voted >= ENOUGH
    shares = votes / np.maximum(voted, 1)[:, None]
    choice = np.where(enough & (shares.max(axis=1) > 0.5), shares.argmax(axis=1), -1)
    return People(votes, shares, enough, choice)
