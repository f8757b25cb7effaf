"""Right and wrong answers to the exercises of notebook 10: (exercise, answer[, hint])."""

import lzma
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

import emolib
from emolib.course import course_dir
from emolib.data import load_images, scan
from emolib.inference import RELEASED

FOLDER = Path(tempfile.mkdtemp())
PACKED = FOLDER / "packed.xz"
LARGE = FOLDER / "large.bin"
LARGE.write_bytes(bytes(301_000))
# a file that is small enough, but no network fits into a test: the released one stands in for it
PACKED.write_bytes(lzma.compress(b"happy neither sad"))


def quantize(x):
    low, high = min(0, x.min()), max(0, x.max())
    step = (high - low) / 255 or 1.0
    zero = round(-low / step)
    return np.clip(np.round(x / step) + zero, 0, 255).astype("uint8"), step, zero


def quantize_in_a_list(x):
    q, step, zero = quantize(x)
    return [q, np.float32(step), np.array(zero)]


def truncates(x):
    _, step, zero = quantize(x)
    return np.clip(x / step + zero, 0, 255).astype("uint8"), step, zero


def from_the_smallest(x):
    step = (x.max() - x.min()) / 255 or 1.0
    return np.round((x - x.min()) / step).astype("uint8"), step, -x.min() / step


def symmetric(x):
    step = np.abs(x).max() / 127 or 1.0
    return (np.round(x / step) + 128).astype("uint8"), step, 128


def wraps_around(x):
    step = np.abs(x).max() / 255 or 1.0
    return np.round(x / step).astype(int).astype("uint8"), step, 0


def signed(x):
    q, step, zero = quantize(x)
    return (q.astype(int) - 128).astype("int8"), step, zero - 128


def divides_by_zero(x):
    with np.errstate(all="ignore"):
        step = np.float64(max(0, x.max()) - min(0, x.min())) / 255
        zero = np.nan_to_num(np.round(-min(0, x.min()) / step))
        return np.nan_to_num(np.round(x / step) + zero).astype("uint8"), step, zero


@cache
def some_faces():
    rows = scan(course_dir() / "data" / "rendered").rows
    return load_images(rows[::20]).astype("float32")


def calibration():
    for face in some_faces():
        yield [face[np.newaxis]]


def calibration_by_name():
    return [{"pixels": face[np.newaxis]} for face in some_faces()]


def divided():
    for face in some_faces():
        yield [face[np.newaxis] / 255]


def centered():
    for face in some_faces():
        yield [face[np.newaxis] - 128]


def one_face():
    for _ in range(100):
        yield [some_faces()[:1]]


def zeros():
    for _ in range(100):
        yield [np.zeros((1, 48, 48, 1), "float32")]


def noise():
    rng = np.random.default_rng(0)
    for _ in range(100):
        yield [rng.uniform(0, 255, (1, 48, 48, 1)).astype("float32")]


def bytes_of_faces():
    for face in some_faces():
        yield [face[np.newaxis].astype("uint8")]


def without_a_batch():
    for face in some_faces():
        yield [face]


def without_a_list():
    for face in some_faces():
        yield face[np.newaxis]


def from_file(path, x):
    lzma.open(path).read()
    return emolib.load_classifier(RELEASED).predict_arrays(x)


def without_the_file(path, x):
    return emolib.load_classifier().predict_arrays(x)


def always_happy(path, x):
    path.read_bytes()
    return np.tile([1, 0, 0], (len(x), 1))


def words_only(path, x):
    return from_file(path, x).argmax(axis=1)


RIGHT = [
    ("10.1", quantize),
    ("10.1", quantize_in_a_list),
    ("10.2", calibration),
    ("10.2", calibration_by_name),
    ("10.3", (PACKED, from_file)),
    ("10.3", (str(PACKED), from_file)),
]
MISTAKES = [
    ("10.1", truncates, "What happens to the fractions?"),
    ("10.1", from_the_smallest, "It must be one of the 256 levels"),
    ("10.1", symmetric, "times as large as it needs to be"),
    ("10.1", wraps_around, "Do the levels reach from end to end?"),
    ("10.1", signed, "must be of type uint8, and yours is int8"),
    ("10.1", divides_by_zero, "nothing can be divided by that"),
    ("10.1", lambda x: quantize(x)[0], "Return three things"),
    ("10.1", lambda x: quantize(x.ravel()), "the shape was"),
    ("10.1", lambda x: None, "returns nothing"),
    ("10.1", lambda x: x[9, 9, 9, 9], "stops with an error: IndexError"),
    ("10.2", divided, "The brightest pixel that you show is 1."),
    ("10.2", centered, "not from 0 to 255"),
    ("10.2", one_face, "Only 1 different pictures"),
    ("10.2", zeros, "Only 1 different pictures"),
    ("10.2", noise, "not faces"),
    ("10.2", bytes_of_faces, "float32, and one is uint8"),
    ("10.2", without_a_batch, "must have the shape (1, 48, 48, 1)"),
    ("10.2", without_a_list, "Yield a list with one array"),
    ("10.2", lambda: [], "yields nothing"),
    ("10.2", lambda: None, "does it `yield` something?"),
    ("10.2", lambda: 1 / 0, "stops with an error: ZeroDivisionError"),
    ("10.3", (LARGE, from_file), "301 KB. At most 300 are allowed"),
    ("10.3", (FOLDER / "none.xz", from_file), "none.xz does not exist"),
    ("10.3", (PACKED, without_the_file), "answers without the file"),
    ("10.3", (PACKED, always_happy), "it keeps only"),
    ("10.3", (PACKED, words_only), "Return an array of the shape (400, 3)"),
    ("10.3", (PACKED, lambda path, x: 1 / 0), "stops with an error: ZeroDivisionError"),
]
