"""Right and wrong answers to the exercises of notebook 09: (exercise, answer[, hint])."""

from functools import cache

import cv2
import keras
import numpy as np

from emolib.inference.classifier import RELEASED
from emolib.model import load_model


def by_person(person, share, seed):
    people = np.random.default_rng(seed).permutation(np.unique(person))
    return np.isin(person, people[: round(share * len(people))])


def by_person_in_a_loop(person, share, seed):
    people = sorted(set(person.tolist()))
    np.random.default_rng(seed).shuffle(people)
    chosen = set(people[: round(share * len(people))])
    return [who in chosen for who in person.tolist()]


def by_picture(person, share, seed):
    order = np.random.default_rng(seed).permutation(len(person))
    return np.isin(np.arange(len(person)), order[: round(share * len(person))])


def counts_pictures(person, share, seed):
    mask = np.full(len(person), False)
    for who in np.random.default_rng(seed).permutation(np.unique(person)):
        if mask.mean() < share:
            mask |= person == who
    return mask


def no_seed(person, share, seed):
    return by_person(person, share, 0)


def never_the_same(person, share, seed):
    return by_person(person, share, None)


def numbers(person, share, seed):
    return np.flatnonzero(by_person(person, share, seed))


class Network:
    """Frozen or not, trained or not: stands in for a Keras network, and trains in no time."""

    def __init__(self, first=1.0, right=True, outputs=2):
        self.first, self.right, self.outputs = first, right, outputs

    def get_weights(self):
        weights = [weight.copy() for weight in _released().get_weights()]
        weights[0] *= self.first
        return weights

    def __call__(self, photos, training=False):
        answers = _new_head()(_body()(photos))
        answers = answers if self.right else answers[:, ::-1]
        return np.asarray(answers)[:, : self.outputs]


@cache
def _released():
    return load_model(RELEASED.with_suffix(".keras"))[0]


@cache
def _body():
    return keras.Sequential(_released().layers[:-1])


@cache
def _new_head():
    """A head that tells the portraits apart: angry or surprised."""
    from sklearn.linear_model import LogisticRegression

    from emolib.course.exercises.notebook_09 import _portraits

    photos, truth = _portraits()
    head = LogisticRegression(C=10).fit(_body().predict(photos, verbose=0), truth)
    return lambda features: head.predict_proba(np.asarray(features))


def roundness(x):
    found = []
    for picture in x[..., 0]:
        away = np.abs(cv2.GaussianBlur(picture, (0, 0), 1.5) - np.median(picture[:3]))
        rows, columns = np.nonzero(away > away.max() / 2)
        radius = np.hypot(rows - rows.mean(), columns - columns.mean())
        found.append(len(rows) / (np.pi * np.percentile(radius, 99) ** 2))
    return np.array(found)


def by_roundness(x, y, x_new):
    found = roundness(x)
    bar = (found[y == 0].mean() + found[y == 1].mean()) / 2
    return (roundness(x_new) < bar).astype(int)


def by_the_body(x, y, x_new):
    from sklearn.linear_model import LogisticRegression

    head = LogisticRegression(C=10, max_iter=1000).fit(_body().predict(x, verbose=0), y)
    return head.predict(_body().predict(x_new, verbose=0))


RIGHT = [
    ("09.1", by_person),
    ("09.1", by_person_in_a_loop),
    ("09.2", Network()),
    ("09.3", by_roundness),
]
MISTAKES = [
    ("09.1", by_picture, "are on both sides"),
    ("09.1", counts_pictures, "Do you count people or pictures?"),
    ("09.1", no_seed, "use the seed"),
    ("09.1", never_the_same, "The same seed puts different people"),
    ("09.1", numbers, "True or False for each picture"),
    ("09.1", lambda person, share, seed: None, "returns nothing"),
    ("09.1", lambda person, share, seed: person[999], "stops with an error: IndexError"),
    ("09.2", Network(first=1.01), "no longer those of the released network"),
    ("09.2", Network(right=False), "Has the loss come down yet?"),
    ("09.2", Network(outputs=1), "not two numbers per face"),
    ("09.3", lambda x, y, x_new: 1 - by_roundness(x, y, x_new), "the wrong way around"),
    ("09.3", by_the_body, "75% are needed"),
    ("09.3", lambda x, y, x_new: np.zeros(len(x_new), int), "as good as guessing"),
    ("09.3", lambda x, y, x_new: np.zeros((len(x_new), 2)), "one label, 0 or 1"),
    ("09.3", lambda x, y, x_new: None, "returns nothing"),
    ("09.3", lambda x, y, x_new: 1 / 0, "stops with an error: ZeroDivisionError"),
]
