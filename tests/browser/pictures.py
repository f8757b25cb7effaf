"""Photos to send, and the search for what may be left of them."""

import base64
import io
import re
from pathlib import Path

from emolib import data, find_faces, load_classifier, open_image

BASE64 = re.compile(rb"[A-Za-z0-9+/]{40,}")
HEAD = 1000  # bytes: many JPEG files begin with the same tables
WINDOW = 20  # bytes


def happy_selfies(n):
    """The paths of n selfies that the released model calls happy, and nothing else."""
    answers = load_classifier().predict_many(data.selfies())
    happy = [photo.file for photo in answers if [face.label for face in photo.faces] == ["happy"]]
    return happy[:n]


def jpeg(image, quality=90):
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()


def file(name, content):
    """A file as a file chooser takes it."""
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


def photo(path, name):
    """A photo as a file chooser takes it, under another name."""
    return file(name, Path(path).read_bytes())


def camera_film(selfie, path):
    """Write what the pretended camera sees: one face, large, in 640 x 480 pixels."""
    image = open_image(selfie)
    left, top, right, bottom = find_faces(image)[0].box
    x, y, width = (left + right) / 2, (top + bottom) / 2, 2.4 * (right - left)
    frame = image.crop((x - width / 2, y - width * 3 / 8, x + width / 2, y + width * 3 / 8))
    path.write_bytes(2 * jpeg(frame.resize((640, 480))))
    return path


def traces(secret, files):
    """The files that hold any 60 bytes of a JPEG, as they are or in base64."""
    secret = secret[HEAD:]
    windows = {secret[at : at + WINDOW] for at in range(len(secret) - WINDOW + 1)}
    # flat parts of all JPEG pictures look alike: few bytes, again and again
    windows = {window for window in windows if len(set(window)) > WINDOW / 2}
    return [path for path in files if any(_holds(text, windows) for text in _texts(path))]


def _holds(text, windows):
    # of 60 bytes in a row, one window that begins at a multiple of 20 is a part
    return any(text[at : at + WINDOW] in windows for at in range(0, len(text), WINDOW))


def _texts(path):
    content = path.read_bytes()
    yield content
    for run in BASE64.findall(content):
        for shift in range(4):
            yield base64.b64decode(run[shift : len(run) - (len(run) - shift) % 4])
